"""Choosing an object by what people call it, where a form asks for its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.resources.base import Look, value_of
from tui.screens.acting import title_of
from tui.text import fit
from tui.widgets.bars import Bar
from tui.widgets.tones import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.resources.base import Resource
    from tui.resources.objects import Record

MOST = 200  # shown at once; typing narrows them down
_NAME = 34  # cells a name takes


class Choose(ModalScreen["str | None"]):
    """Lists the objects of a place, narrowed by what is typed. Dismissed with the id of one, or None."""

    BINDINGS = [
        Binding("escape", "leave", "cancel", id="choose.cancel"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical { width: 76; max-width: 98%; height: 70%; border: round $primary; background: $surface; }
    Choose Input { height: 1; border: none; padding: 0 1; background: $boost; }
    Choose OptionList, Choose OptionList:focus { height: 1fr; border: none; padding: 0 1; background: $surface; }
    """

    def __init__(self, platform: Platform, resource: Resource, scope: Mapping[str, str]) -> None:
        super().__init__()
        self._platform, self._resource = platform, resource
        self._watch = platform.watch(resource, {name: scope.get(name, "") for name in resource.within})
        self._ids: list[str] = []

    def compose(self) -> ComposeResult:
        """What to look for, what there is, and how much of it."""
        with Vertical():
            field = Input(placeholder=f"search {self._resource.name}; enter takes it", compact=True)
            field.cursor_blink = False
            yield field
            yield OptionList(markup=False)
            yield Bar()

    def on_mount(self) -> None:
        """Show what is known, and ask for what there is."""
        self.set_focus(self.query_one(Input))
        self._show()
        self._load()

    @work(exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        await self._watch.refresh()
        self._show()

    def _label(self, record: Record) -> str:
        """What people call an object, or what its list tells most of."""
        if title := title_of(self._resource, record):
            return title
        grown = next((column for column in self._resource.columns if column.grow), None)
        return grown.cell(record, Look(self._platform.now())).text if grown else ""

    def _fits(self, record: Record, words: list[str]) -> bool:
        told = (str(value_of(column.value, record)) for column in self._resource.columns if column.value)
        text = " ".join((record.id, *told)).lower()
        return all(word in text for word in words)

    def _show(self) -> None:
        """List what fits; the chosen one stays chosen."""
        options, words = self.query_one(OptionList), self.query_one(Input).value.lower().split()
        before = self._ids[options.highlighted] if options.highlighted is not None else ""
        records = self._watch.collection.records.values()
        found = [record for record in records if self._fits(record, words)]
        self._ids = [record.id for record in found[:MOST]]
        options.clear_options()
        options.add_options(
            Option(line([(fit(self._label(record), _NAME), ""), ("  ", ""), (record.id, "dim")]))
            for record in found[:MOST]
        )
        if self._ids:
            options.highlighted = self._ids.index(before) if before in self._ids else 0
        self._say(len(found), len(records))

    def _say(self, found: int, known: int) -> None:
        health, name = self._watch.health, self._resource.name
        if health.error:
            words, tone = f"{health.error.sentence} {health.error.next}", "bad"
        elif health.state == "loading":
            words, tone = "Loading…", "dim"
        elif not known:
            words, tone = self._resource.none, "warn"
        else:
            rest = "" if self._watch.collection.complete else "; the server has more, which can be given by id"
            words, tone = f"{found:,} of {known:,} {name}{rest}", "dim"
        self.query_one(Bar).show([(f" {words}", tone)])

    def action_move(self, by: int) -> None:
        """Move the choice."""
        options = self.query_one(OptionList)
        if self._ids:
            options.highlighted = max(0, min(len(self._ids) - 1, (options.highlighted or 0) + by))

    def action_leave(self) -> None:
        """Leave without a choice."""
        self.dismiss(None)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None and index < len(self._ids):
            self.dismiss(self._ids[index])
