"""Talking to models: one conversation, or two side by side on the same prompts."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal

from tui.api.errors import ApiError
from tui.screens.workflows.bench.base import Bench
from tui.screens.workflows.bench.pane import Pane
from tui.text import clean
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.input.line import Line
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.transcript import Transcript
from tui.workflows.generation.dialects import NotExpressible, UserTurn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.workflows.generation.dialects import Dialect, Turn

_MOMENT = 0.4  # seconds in which esc meant to stop what has just ended


class Talk(Bench):
    """A bench for an endpoint that writes."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("vertical_line,ctrl+b", "beside", "side by side", key_display="|", id="bench.beside"),
        Binding("ctrl+x", "cancel", "cancel in the background", id="bench.cancel"),
        Binding("ctrl+n", "clear", "new conversation", id="bench.clear"),
        Binding("plus", "go_on", "go on with it", key_display="+", id="bench.go_on"),
        Binding("o,ctrl+l", "load", "open a saved one", id="bench.load"),
        Binding("c", "copy", "copy the answer", id="bench.copy"),
        Binding("pageup", "scroll(-1)", "back in the conversation", show=False, id="bench.page_up"),
        Binding("pagedown", "scroll(1)", "on in the conversation", show=False, id="bench.page_down"),
    ]

    DEFAULT_CSS = """
    Talk #panes { height: 1fr; }
    """

    SAVES = ".md, .json, .sh (curl) or .py"

    def __init__(
        self, platform: Platform, dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn] = ()
    ) -> None:
        super().__init__(platform, dialect.operation)
        self._dialect = dialect
        self._current = Pane(platform, dialect, settings)
        self._current.turns += turns

    def compose(self) -> ComposeResult:
        """Yield title, conversations, the line to write in, keys."""
        yield HeaderBar()
        yield TitleBar(id="title")
        with Horizontal(id="panes"):
            yield self._current
        yield TitleBar(id="asks")
        yield Line()
        yield Prompt()
        yield FooterBar()

    # How things stand.

    @property
    def panes(self) -> list[Pane]:
        """The conversations, from the left."""
        return list(self.query(Pane))

    @property
    def holder(self) -> Pane:
        """The conversation that was looked at last."""
        return self._current

    @property
    def busy(self) -> bool:
        """True while an answer is on its way."""
        return any(pane.busy for pane in self.panes)

    @property
    def failed(self) -> bool:
        """True once an answer broke off."""
        return any(pane.failed for pane in self.panes)

    @property
    def retry_label(self) -> str:
        """A response in the background is not asked for twice."""
        return "take it up again" if self._current.goes_on else super().retry_label

    @property
    def may_leave(self) -> bool:
        """False in the moment in which an answer ends by itself: all that was said would go."""
        answers = (pane.answer for pane in self.panes)
        ended = [answer.ended for answer in answers if answer and answer.ended and not answer.stopped]
        return time.monotonic() - max(ended, default=0.0) > _MOMENT

    @property
    def results(self) -> list[Transcript]:
        """The conversations."""
        return [pane.query_one(Transcript) for pane in self.panes]

    def own_keys(self) -> list[KeyHint]:
        """Return the keys for conversations."""
        cancel = [KeyHint("ctrl+x", "cancel")] if self._current.goes_on else []
        go_on = [KeyHint("+", "go on", not self.busy)] if self._current.unfinished else []
        beside = [
            KeyHint("|", "side by side"),
            KeyHint("c", "copy"),
            KeyHint("ctrl+n", "new"),
            KeyHint("o", "open"),
        ]
        return [*cancel, *go_on, *beside]

    def _find_waiting_pane(self) -> Pane | None:
        """Return the conversation whose model waits for what a tool gives."""
        return next((pane for pane in self.panes if pane.calls), None)

    def _say(self) -> None:
        asking = self._find_waiting_pane()
        hint = "   ctrl+j begins a line" + ("  @path adds a file" if self._dialect.talks else "")
        said = [(" You", "accent"), (hint, "dim")]
        if asking:
            call, *others = asking.calls
            more = f"  {len(others)} more after it" if others else ""
            said = [(f" What does {call.name} give?", "warn"), (f"  {call.call_id}{more}", "dim")]
        self.query_one("#asks", TitleBar).show(said)
        super()._say()

    def on_pane_changed(self) -> None:
        """Name the keys anew; an answer that broke off is one key from another try."""
        pane = next((each for each in self.panes if each.failed), None)
        if pane and not self.busy and self.writing and not self.query_one(Line).text:
            self.set_focus(pane.query_one(Transcript))
        self._say()

    def on_descendant_focus(self) -> None:
        """Have keys act on the conversation that has the focus now."""
        found = [pane for pane in self.panes if pane.has_focus_within]
        self._current = found[0] if found else self._current

    # Sending prompts.

    @on(Line.Sent)
    async def _sent(self, event: Line.Sent) -> None:
        """Say it to every conversation; while a call waits, only to that one, as what its tool gives."""
        if self.busy:
            self.notify("An answer is on its way; esc stops it.", severity="warning", markup=False)
            return
        panes, asking = self.panes, self._find_waiting_pane()
        if asking:
            call = asking.calls[0]
            panes, said = [asking], UserTurn(event.text, "tool", call.call_id, call.custom)
        elif event.text.strip():
            from tui.screens.workflows.bench.attachments import BadAttachment, read_with_files

            try:
                said = await read_with_files(event.text, self._platform.client)
                self._dialect.build_body(self._current.settings, [said])
            except (ApiError, BadAttachment, NotExpressible) as error:
                self.notify(clean(error), severity="error", markup=False)
                return
        else:
            return
        self.query_one(Line).text = ""
        for pane in panes:
            pane.say(said)
        self._say()

    def stop(self) -> None:
        """Stop listening; what came stays."""
        for pane in self.panes:
            if pane.busy:
                pane.stop()

    def action_retry(self) -> None:
        """Ask again what failed, or else what was asked last."""
        for pane in [pane for pane in self.panes if pane.failed] or [self._current]:
            pane.retry()

    def action_go_on(self) -> None:
        """Have the model go on with an answer that was cut short or stopped."""
        if not self.busy and self._current.unfinished:
            self._current.say(UserTurn("Go on exactly where you stopped."))

    def action_clear(self) -> None:
        """Forget what was said."""
        for pane in self.panes:
            pane.clear()
        self._say()

    def action_cancel(self) -> None:
        """Cancel what goes on in the background."""
        self._current.cancel()

    # Side by side.

    def action_beside(self) -> None:
        """Open a second conversation that gets the same prompts, or close it."""
        first, *others = self.panes
        if not others:
            self.ask_model(self._beside)
            return
        self._current = first
        self.set_focus(self.query_one(Line))
        for pane in others:
            pane.stop()
            pane.remove()
        self.call_after_refresh(self._say)

    @work(exclusive=True, group="beside")
    async def _beside(self, model: str) -> None:
        """Open the second conversation; what was asked last is asked there too."""
        first = self._current
        second = Pane(self._platform, self._dialect, {**first.settings, **({"model": model} if model else {})})
        second.add_class("-beside")
        await self.query_one("#panes").mount(second)
        asked = [
            (at, turn) for at, turn in enumerate(first.turns) if isinstance(turn, UserTurn) and turn.role == "user"
        ]
        if asked:
            at, last = asked[-1]
            second.turns = first.turns[:at]
            second.say(last)
        self._say()

    # What was said.

    def action_scroll(self, step: int) -> None:
        """Page through the conversation from the line."""
        self._current.query_one(Transcript).action_page(step)

    def action_copy(self) -> None:
        """Copy the last answer."""
        if answer := self._current.answer:
            copy(self.app, answer.text or answer.refusal or "\n".join(call.text for call in answer.calls))

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Go on with a conversation that was saved as JSON."""
        from tui.screens.dialogs.ask import Ask
        from tui.screens.workflows.bench.saved_conversation import NotAConversation, read_conversation

        name = await self.app.push_screen_wait(Ask("A conversation saved as .json"))
        if not name:
            return
        try:
            settings, turns = await asyncio.to_thread(read_conversation, name, self._dialect)
        except NotAConversation as error:
            self.notify(clean(error), severity="error", markup=False)
            return
        self._current.take_up(settings, turns)
        self._say()

    def save(self, name: str) -> str:
        """Write the conversation to a file, as what its name ends in."""
        from tui.screens.workflows.bench.exports import save_conversation

        pane = self._current
        return save_conversation(name, pane.dialect, pane.settings, pane.turns, self._platform.client.connection)
