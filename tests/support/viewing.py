"""What the tests of the views share: an app with one widget, and waiting for a condition."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot
    from textual.strip import Strip
    from textual.widget import Widget


M = TypeVar("M", bound=Message)


class Host(App[None]):
    """An app that holds one widget and nothing else."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


class Stage:
    """A widget on the screen: its keys, what it shows, the messages it posts and the lines it draws."""

    def __init__(self, pilot: Pilot[None], widget: Widget, messages: list[Message]) -> None:
        self.pilot = pilot
        self.widget = widget
        self.messages = messages
        self.drawn: list[int] = []
        draw = widget.render_line

        def counted(y: int) -> Strip:
            self.drawn.append(y)
            return draw(y)

        widget.render_line = counted  # type: ignore[method-assign]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def settle(self) -> None:
        await self.pilot.pause()
        self.drawn.clear()

    async def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 40  # of a busy machine
        while not condition():
            assert time.monotonic() < deadline, f"never came true: {what}"
            await self.pilot.pause()

    def text(self) -> list[str]:
        """The lines shown, without their padding and what a scrollbar covers."""
        width = self.widget.scrollable_content_region.width
        lines = [self.widget.render_line(y) for y in range(self.widget.size.height)]
        return [line.crop(0, width).text.rstrip() for line in lines]

    def of(self, kind: type[M]) -> list[M]:
        """The messages of a kind, each once: the hook sees a message at every widget it bubbles through."""
        return list({id(message): message for message in self.messages if isinstance(message, kind)}.values())


@asynccontextmanager
async def staged(widget: Widget, *, width: int = 80, height: int = 24) -> AsyncIterator[Stage]:
    """Run an app that shows `widget`, focused if it can be."""
    messages: list[Message] = []
    async with Host(widget).run_test(size=(width, height), message_hook=messages.append) as pilot:
        if widget.can_focus:
            widget.focus()
        await pilot.pause()
        yield Stage(pilot, widget, messages)
