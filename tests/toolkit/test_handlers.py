"""A message finds the handlers that Textual finds for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.containers import Vertical
from textual.widgets import Button, Input

from tui.toolkit.handlers import find_handlers

if TYPE_CHECKING:
    from textual.message import Message


class Plain(Vertical):
    """Handlers of all kinds."""

    def on_mount(self) -> None:
        pass

    def _on_show(self, event: events.Show) -> None:
        pass

    @on(Button.Pressed, "#yes")
    @on(Input.Submitted)
    def agree(self) -> None:
        pass

    @on(Button.Pressed)
    def on_button_pressed(self) -> None:
        pass


class Special(Plain):
    """Handlers beside those it inherits."""

    def on_mount(self) -> None:
        pass

    def on_show(self, event: events.Show) -> None:
        pass

    @on(Button.Pressed, "#no")
    def refuse(self) -> None:
        pass


def found(each: Any) -> list[tuple[type, Any]]:
    return [(owner, method.__func__) for owner, method in each]


def sent(message: Message, sender: Button) -> Message:
    return message.set_sender(sender)


def test_all_handlers_are_found_in_their_order() -> None:
    node, buttons = Special(), [Button(id="yes"), Button(id="no"), Button()]
    messages: list[Message] = [
        events.Mount(),
        events.Idle(),
        events.Compose(),
        events.Blur(),
        events.Key("a", "a"),
    ]
    messages += [sent(Button.Pressed(button), button) for button in buttons]
    messages += [Button.Pressed(buttons[0]), sent(Input.Submitted(Input(), ""), buttons[0])]
    for message in messages * 2:
        usual = found(node._get_dispatch_methods(message.handler_name, message))
        assert found(find_handlers(node, message.handler_name, message)) == usual, message
    pressed = [name for button in buttons for name in _names(node, sent(Button.Pressed(button), button))]
    assert pressed == ["agree", "on_button_pressed", "refuse", "on_button_pressed", "on_button_pressed"]


def _names(node: Special, message: Message) -> list[str]:
    return [method.__name__ for _, method in find_handlers(node, message.handler_name, message)]


def test_a_handler_keeps_those_after_it_from_being_called() -> None:
    node, event = Special(), events.Mount()
    called = []
    for owner, _ in find_handlers(node, event.handler_name, event):
        called.append(owner)
        event.prevent_default()
    assert called == [Special]
