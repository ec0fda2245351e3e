"""Talking to models: one conversation, or two side by side on the same prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea

from tui.live.generation import Answer
from tui.screens.bench.dialects import Said
from tui.screens.bench.pane import Pane
from tui.screens.bench.picking import ModelPicker
from tui.screens.copying import copy
from tui.text import clean
from tui.widgets.bars import FooterBar, TitleBar
from tui.widgets.prompt import Prompt
from tui.widgets.transcript import Transcript
from tui.widgets.working import Working

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.screens.bench.dialects import Dialect, Turn


class Line(TextArea):
    """Where one writes: enter sends, alt+enter begins a new line."""

    class Sent(Message):
        """What was written is to be sent."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Sent(self.text))
        elif event.key in ("alt+enter", "shift+enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self.insert("\n")
        else:
            await super()._on_key(event)


class Talk(Working, Screen[None]):
    """A bench for an endpoint that writes."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "unwind", "stop or back", id="bench.back"),
        Binding("q", "leave", "back", id="bench.leave"),
        Binding("i,enter", "write", "write", id="bench.write"),
        Binding("r,ctrl+r", "retry", "try again", id="bench.retry"),
        Binding("m,ctrl+t", "model", "model", id="bench.model"),
        Binding("p,ctrl+o", "settings", "parameters", id="bench.settings"),
        Binding("vertical_line,ctrl+b", "beside", "side by side", key_display="|", id="bench.beside"),
        Binding("ctrl+e", "edit", "write in $EDITOR", id="bench.editor", priority=True),
        Binding("ctrl+s", "save", "save", id="bench.save"),
        Binding("ctrl+x", "cancel", "cancel in the background", id="bench.cancel"),
        Binding("ctrl+n", "clear", "new conversation", id="bench.clear"),
        Binding("c", "copy", "copy the answer", id="bench.copy"),
        Binding("tab", "other", "next pane", id="bench.other", priority=True),
        Binding("pageup", "scroll(-1)", "back in the conversation", show=False, id="bench.page_up"),
        Binding("pagedown", "scroll(1)", "on in the conversation", show=False, id="bench.page_down"),
    ]

    DEFAULT_CSS = """
    Talk #panes { height: 1fr; }
    Talk Line { height: auto; min-height: 1; max-height: 8; border: none; padding: 0 1; background: $boost; }
    Talk Line:focus { background: $primary 20%; }
    Talk #asks { background: $surface; }
    """

    def __init__(
        self, platform: Platform, dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn] = ()
    ) -> None:
        super().__init__()
        self._platform, self._dialect = platform, dialect
        self._current = Pane(platform, dialect, settings)
        self._current.turns += turns
        self._models = ModelPicker(platform)

    def compose(self) -> ComposeResult:
        """Title, conversations, the line to write in, keys."""
        yield TitleBar(id="title")
        with Horizontal(id="panes"):
            yield self._current
        yield TitleBar(id="asks")
        line = Line(tab_behavior="focus", compact=True, soft_wrap=True)
        line.cursor_blink = False
        yield line
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Start writing."""
        operation = self._dialect.operation
        self.query_one("#title", TitleBar).show(
            [(f" {self._dialect.name}", "strong"), ("  try a model", "")],
            [(f"{operation.method} {operation.path} ", "dim")],
        )
        self.set_focus(self.query_one(Line))
        self._say()
        self._models.load(self)

    # How things stand.

    @property
    def panes(self) -> list[Pane]:
        """The conversations, from the left."""
        return list(self.query(Pane))

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return any(pane.busy for pane in self.panes)

    def _writing(self) -> bool:
        return isinstance(self.focused, Line)

    def _asking(self) -> Pane | None:
        """The conversation whose model waits for what a tool gives."""
        return next((pane for pane in self.panes if pane.calls), None)

    def _say(self) -> None:
        asking = self._asking()
        if asking:
            call, *others = asking.calls
            more = f"  {len(others)} more after it" if others else ""
            said = [(f" What does {call.name} give?", "warn"), (f"  {call.call_id}{more}", "dim")]
        else:
            said = [(" You", "accent")]
        self.query_one("#asks", TitleBar).show(said)
        busy, keys = self.busy, list[tuple[str, str, bool]]()
        if busy:
            keys.append(("esc", "stop", True))
        if any(pane.failed for pane in self.panes):
            keys.append(("^r" if self._writing() else "r", "try again", not busy))
        if self._writing():
            keys += [("enter", "send", not busy), ("^t", "model", True), ("^o", "parameters", True)]
            keys += [("^b", "side by side", True), ("^s", "save", True), ("^e", "$EDITOR", True)]
            keys += [] if busy else [("esc", "keys", True)]
        else:
            keys += [("i", "write", True), ("m", "model", True), ("p", "parameters", True)]
            keys += [("|", "side by side", True), ("c", "copy", True), ("^s", "save", True), ("^n", "new", True)]
            keys += [] if busy else [("esc", "back", True)]
        self.query_one(FooterBar).show_keys(keys)

    def on_pane_changed(self) -> None:
        """An answer began or ended; one that broke off is one key from another try."""
        pane = next((each for each in self.panes if each.failed), None)
        line = self.query_one(Line)
        if pane and not self.busy and self._writing() and not line.text:
            self.set_focus(pane.query_one(Transcript))
        self._say()

    def on_descendant_focus(self) -> None:
        """Other keys work now, and on another conversation."""
        found = [pane for pane in self.panes if pane.has_focus_within]
        self._current = found[0] if found else self._current
        self._say()

    # Asking.

    @on(Line.Sent)
    async def _sent(self, event: Line.Sent) -> None:
        text = event.text
        if self.busy:
            self.notify("An answer is on its way; esc stops it.", severity="warning", markup=False)
            return
        asking = self._asking()
        if asking:
            call = asking.calls[0]
            said = Said(text, "tool", call.call_id, call.custom)
            panes = [asking]
        elif text.strip():
            from tui.screens.bench.attaching import BadAttachment, attached

            try:
                said = await attached(text)
            except BadAttachment as error:
                self.notify(clean(error), severity="error", markup=False)
                return
            panes = self.panes
        else:
            return
        self.query_one(Line).text = ""
        for pane in panes:
            pane.say(said)
        self._say()

    def action_retry(self) -> None:
        """Ask again what failed, or else everything."""
        panes = [pane for pane in self.panes if pane.failed] or [self._current]
        for pane in panes:
            pane.retry()

    def action_edit(self) -> None:
        """Write in the user's own editor."""
        from tui.screens.editor import edit

        line = self.query_one(Line)
        written = edit(self.app, line.text, ".md")
        if written is not None:
            line.text = written.rstrip("\n")
            line.move_cursor(line.document.end)

    def action_clear(self) -> None:
        """Forget what was said."""
        for pane in self.panes:
            pane.clear()
        self._say()

    def action_cancel(self) -> None:
        """Cancel what goes on in the background."""
        self._current.cancel()

    # Settings.

    def action_model(self) -> None:
        """Choose another model."""
        pane = self._current

        def chosen(model: str) -> bool:
            self._close_prompt()
            pane.settings["model"] = model.strip() or pane.settings["model"]
            pane.paint()
            return True

        self._ask_model(chosen)

    def _ask_model(self, chosen: Any) -> None:
        self.query_one(Prompt).open("m", "", self._models.complete(self._dialect.operation.path), chosen)

    def _close_prompt(self) -> None:
        self.query_one(Prompt).close()
        self.set_focus(self.query_one(Line))

    def on_prompt_closed(self) -> None:
        """Back to writing."""
        self.set_focus(self.query_one(Line))

    @work(exclusive=True, group="settings")
    async def action_settings(self) -> None:
        """Change the parameters."""
        from tui.screens.bench.settings import ask

        pane = self._current
        settings = await ask(self.app, self._platform, self._dialect.operation, pane.settings)
        if settings is not None:
            pane.settings = settings
            pane.paint()

    # Panes.

    def action_beside(self) -> None:
        """Open a second conversation that gets the same prompts, or close it."""
        panes = self.panes
        if len(panes) > 1:
            second = panes[1]
            self._current = panes[0]
            self.set_focus(self.query_one(Line))
            second.stop()
            second.remove()
            self.call_after_refresh(self._say)
            return

        def chosen(model: str) -> bool:
            self._close_prompt()
            self._beside(model.strip())
            return True

        self._ask_model(chosen)

    @work(exclusive=True, group="beside")
    async def _beside(self, model: str) -> None:
        """Mount the second conversation; what was asked last is asked there too."""
        first = self._current
        second = Pane(self._platform, self._dialect, {**first.settings, **({"model": model} if model else {})})
        second.add_class("-beside")
        await self.query_one("#panes").mount(second)
        asked = [n for n, turn in enumerate(first.turns) if isinstance(turn, Said) and turn.role == "user"]
        if asked:
            last = first.turns[asked[-1]]
            second.turns = first.turns[: asked[-1]]
            if isinstance(last, Said):
                second.say(last)
        self._say()

    def action_other(self) -> None:
        """From the line to the conversations and back."""
        stops = [self.query_one(Line), *(pane.query_one(Transcript) for pane in self.panes)]
        at = next((n for n, stop in enumerate(stops) if stop is self.focused), -1)
        self.set_focus(stops[(at + 1) % len(stops)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a model is chosen, tab and ctrl+e belong to the prompt."""
        if action in ("other", "edit") and self.query_one(Prompt).is_open:
            return False
        return super().check_action(action, parameters)

    def action_scroll(self, step: int) -> None:
        """Page through the conversation from the line."""
        self._current.query_one(Transcript).action_page(step)

    def action_write(self) -> None:
        """Back to writing."""
        self.set_focus(self.query_one(Line))

    def action_unwind(self) -> None:
        """Stop what is on its way; else leave the line; else leave."""
        if self.busy:
            for pane in self.panes:
                if pane.busy:
                    pane.stop()
        elif self._writing():
            self.set_focus(self._current.query_one(Transcript))
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave; what is on its way is stopped."""
        for pane in self.panes:
            pane.stop()
        self.dismiss(None)

    # What was said, elsewhere.

    def action_copy(self) -> None:
        """Copy the last answer."""
        answer = self._current.answer
        if isinstance(answer, Answer):
            copy(self.app, answer.text or answer.refusal or "\n".join(call.text for call in answer.calls))

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Write the conversation to a file, as what its name ends in."""
        from tui.screens.ask import Ask
        from tui.screens.bench.exports import save

        pane = self._current
        name = await self.app.push_screen_wait(
            Ask("Save as .md, .json, .sh (curl) or .py", f"{pane.dialect.name}.md")
        )
        if name:
            said = save(name, pane.dialect, pane.settings, pane.turns, self._platform.client.connection.base_url)
            self.notify(clean(said), markup=False, timeout=5)
