"""The search bench of a vector store: one query under one setting or two, and what each finds, side by side."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from tui.api.errors import ApiError
from tui.resources.language.asking.forms import FaultyAnswers, build_body
from tui.resources.language.asking.questions import Question, list_questions
from tui.resources.language.resource import title_of
from tui.screens.navigation.follow import follow
from tui.screens.workflows.search_outcomes import (
    Hit,
    SearchOutcome,
    build_entries,
    describe_setting,
    format_markdown,
    read_hits,
)
from tui.text import safe_name
from tui.toolkit.controls import Checkbox, Input, Select
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import Bar, FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.base.tones import build_line
from tui.widgets.input.form_field import FormField
from tui.widgets.text.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel
    from textual.app import ComposeResult

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.widgets.text.line_view import LineView

MOST_LIT = 30  # words of a query that are pointed out in what it found


async def open_search(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Open the bench on a vector store."""
    if record is not None:
        await actor.app.push_screen(SearchBench(actor, action, record))


class Side(Vertical):
    """One setting and what it found."""

    DEFAULT_CSS = """
    Side { width: 1fr; height: 1fr; }
    Side .settings { height: auto; }
    Side FormField { padding: 0; }
    Side FormField .label { width: 18; padding-left: 1; }
    Side FormField .below { padding-left: 19; }
    Side FormField TextArea { height: 2; min-height: 2; }
    Side Bar { background: $panel; }
    """

    def __init__(self, name: str, model: type[BaseModel]) -> None:
        super().__init__()
        self.letter, self._model = name, model
        self.outcome: SearchOutcome | None = None
        self._query, *settings = list_questions(model)
        self._fields: dict[Question, FormField] = {
            question: FormField(question, is_close=True) for question in settings
        }

    def compose(self) -> ComposeResult:
        """Yield the settings, a line on what they gave, and the results."""
        with Vertical(classes="settings"):
            yield from self._fields.values()
        yield Bar()
        yield Conversation(empty="enter searches")

    @property
    def results(self) -> Conversation:
        """The list of what was found."""
        return self.query_one(Conversation)

    def request(self, query: str) -> dict[str, Any] | None:
        """Return the request, or None after saying beside the fields what is wrong."""
        answers: dict[Question, Any] = {self._query: query}
        faults: dict[str, str] = {}
        for question, field in self._fields.items():
            try:
                answers[question] = field.answer()
            except ValueError as error:
                faults[question.name] = str(error)
        try:
            body = build_body(self._model, answers) if not faults else None
        except FaultyAnswers as faulty:
            faults, body = faulty.faults, None
        for question, field in self._fields.items():
            field.fault(faults.get(question.name, ""))
        return body

    def copy_from(self, other: Side) -> None:
        """Start from what the other setting is."""
        for question, field in self._fields.items():
            mine, theirs = field.control, other._fields[question].control
            if isinstance(mine, Select | Checkbox) and isinstance(theirs, Select | Checkbox):
                mine.value = theirs.value
            else:
                field.write(other._fields[question].text())

    def show(self, other: SearchOutcome | None) -> None:
        """Show what was found, beside what the other setting found."""
        outcome = self.outcome
        if outcome is None:
            return
        found = [(f" {self.letter} ", "badge")]
        if outcome.error:
            found.append((f" {outcome.error}", "bad"))
        else:
            found += [(f" {len(outcome.hits)} found", "strong"), (f"  {outcome.setting}", "dim")]
            if outcome.rewritten:
                found.append((f"  as “{outcome.rewritten}”", "accent"))
        self.query_one(Bar).show(found, [(f"{outcome.seconds:.2f} s ", "dim")])
        nothing = "ctrl+s asks again" if outcome.error else "Nothing is near enough."
        self.results.show(build_entries(outcome, other), nothing)


class SearchBench(Screen[None]):
    """Asks one query of a vector store under one or two settings."""

    BINDINGS = [
        Binding("escape", "back", "back", id="bench.back"),
        Binding("q", "back", "back", show=False, id="bench.quit"),
        Binding("ctrl+s", "search", "search", id="bench.search"),
        Binding("ctrl+t", "second", "second setting", id="bench.second"),
        Binding("f", "file", "go to its file", id="bench.file"),
        Binding("D", "save", "save as Markdown", id="search.save"),
    ]

    DEFAULT_CSS = """
    SearchBench #ask { height: 1; }
    SearchBench #ask Static { width: 9; padding-left: 1; color: $text-muted; }
    SearchBench #ask Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    SearchBench #ask Input:focus { background: $primary 30%; }
    SearchBench .second { display: none; border-left: solid $panel; }
    SearchBench.-two .second { display: block; }
    SearchBench.-reading .settings { display: none; }
    """

    def __init__(self, actor: Actor, action: Action, record: Record) -> None:
        super().__init__()
        if action.operation.body is None:
            raise TypeError(f"{action.operation.name} has no body to ask for")
        self._actor, self._action, self._record = actor, action, record
        self._model = action.operation.body
        self._sides = [Side(name, self._model) for name in "AB"]
        self._sides[1].add_class("second")
        self._asked = ""

    def compose(self) -> ComposeResult:
        """Yield header, title, query, the two sides, keys."""
        yield HeaderBar()
        yield TitleBar()
        with Horizontal(id="ask"):
            yield Static(build_line([("query", "")]))
            yield Input(id="query", placeholder="What to look for", compact=True)
        with Horizontal():
            yield from self._sides
        yield FooterBar()

    def on_mount(self) -> None:
        """Start at the query."""
        record = self._record
        self.query_one(TitleBar).show(
            [(" search in ", "dim"), (title_of(self._actor.resource, record) or record.id, "strong")],
            [(f"{record.id} ", "dim")],
        )
        self.set_focus(self.query_one("#query"))

    def on_descendant_focus(self) -> None:
        """Give results the room of the settings while they are read."""
        reading = isinstance(self.focused, Conversation)
        self.set_class(reading, "-reading")
        keys = [KeyHint("enter", "chunk"), KeyHint("f", "file"), KeyHint("D", "save")]
        asking = [KeyHint("enter", "search"), KeyHint("tab", "settings")]
        second = KeyHint("ctrl+t", "one setting" if self.has_class("-two") else "second setting")
        general = [second, KeyHint("esc", "query" if reading else "back")]
        self.query_one(FooterBar).show_keys([*(keys if reading else asking), *general])

    @property
    def _sides_shown(self) -> list[Side]:
        return self._sides if self.has_class("-two") else self._sides[:1]

    # Asking the query.

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_search()

    def action_search(self) -> None:
        """Ask under each setting shown."""
        query = self.query_one("#query", Input).value.strip()
        if not query:
            self._actor.say("Say what to look for first.", bad=True)
            self.set_focus(self.query_one("#query"))
            return
        bodies = [side.request(query) for side in self._sides_shown]
        if None in bodies:
            self.remove_class("-reading")
            self._actor.say("A setting needs a change. Nothing was sent.", bad=True)
            return
        self._asked = query
        for side in self._sides_shown:
            side.results.light(re.findall(r"\w{3,}", query)[:MOST_LIT])
        self._search([body for body in bodies if body is not None])

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _search(self, bodies: Sequence[dict[str, Any]]) -> None:
        outcomes = await asyncio.gather(*map(self._outcome, bodies))
        if len(outcomes) < 2:
            self._sides[1].outcome = None
        for side, outcome in zip(self._sides_shown, outcomes, strict=False):
            side.outcome = outcome
        for side, other in zip(self._sides, reversed(self._sides), strict=True):
            side.show(other.outcome)
        best = next((side for side in self._sides_shown if side.outcome and side.outcome.hits), None)
        if best:
            best.results.action_first()
            self.set_focus(best.results)

    async def _outcome(self, body: dict[str, Any]) -> SearchOutcome:
        actor, began = self._actor, time.monotonic()
        words = describe_setting(self._model, body)
        try:
            answer = await actor.platform.act(actor.resource, actor.scope, self._record, self._action, body)
        except ApiError as error:
            return SearchOutcome(words, error=f"{error}")
        queries = answer.get("search_query")
        asked = " / ".join(map(str, queries)) if isinstance(queries, list) else ""
        return SearchOutcome(
            words, read_hits(answer), asked if asked != body["query"] else "", time.monotonic() - began
        )

    def action_second(self) -> None:
        """Ask under a second setting too, that starts as the first; or no longer."""
        self.toggle_class("-two")
        first, second = self._sides
        if self.has_class("-two"):
            if second.outcome is None:
                second.copy_from(first)
            self.remove_class("-reading")
            self.set_focus(second.query_one(FormField).control)
        else:
            second.outcome = None
            first.show(None)
            self.set_focus(self.query_one("#query"))

    # Reading the results.

    def _hit(self) -> Hit | None:
        side = next((side for side in self._sides if side.results.has_focus), None)
        key = side.results.key if side else ""
        return side.outcome.hits[int(key) - 1] if side and side.outcome and key else None

    def on_conversation_chosen(self) -> None:
        """Show the chunk whole."""
        from tui.screens.dialogs.viewer import Viewer
        from tui.widgets.text.text_view import MemoryLines, TextView

        if hit := self._hit():
            view = TextView(MemoryLines(hit.text.splitlines()), wrapped=True)
            self.app.push_screen(Viewer(hit.name or hit.file, view, note=f"{hit.score:.3f} · {hit.file}"))

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line."""
        copy(self.app, event.text)

    def action_file(self) -> None:
        """Open the file that the chunk is of."""
        if hit := self._hit():
            follow(self.app, hit.file)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write query, settings and results to a file."""
        from tui.export import write_text
        from tui.screens.dialogs.ask import Ask

        outcomes = [side.outcome for side in self._sides_shown if side.outcome]
        if not outcomes:
            self._actor.say("There is nothing to save yet.", bad=True)
            return
        title = title_of(self._actor.resource, self._record) or self._record.id
        name = await self.app.push_screen_wait(Ask("Save as Markdown to", safe_name("search", f"{title}.md")))
        if name:
            text = format_markdown(title, self._asked, outcomes)
            self._actor.say(write_text(Path(name), [text], "what was found"))

    def action_back(self) -> None:
        """Go from the results to the query, and from there back."""
        if isinstance(self.focused, Conversation):
            self.set_focus(self.query_one("#query"))
        else:
            self.dismiss(None)
