"""A list watched without a screen: its newest page, then every change as it comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest
from tui.api.requests import order_ids
from tui.export import chosen_lines, chosen_object, csv_lines, json_object, name_path, with_parents
from tui.headless.lists.listing import table_rows
from tui.headless.lists.selection import find_columns
from tui.resources.language.reading.amounts import dump_json
from tui.resources.registry import REGISTRY
from tui.text import cell_width, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.headless.lists.selection import Selection
    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.live.polling.poller import Health
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_CHANGE = 7  # cells of the column that says what has changed


@dataclass(slots=True)
class ListWatch:
    """Watches a list until it is stopped, or the platform refuses it for good."""

    platform: Platform
    resource: Resource
    scope: Mapping[str, str]
    selection: Selection
    form: str
    write: Callable[[str], None]
    """Hears each line of output."""
    say: Callable[[str], None]
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: dict[str, Record] = field(default_factory=dict)
    _widths: list[int] = field(default_factory=list)
    _error: ApiError | None = None

    async def run(self) -> None:
        """Print the newest page and what changes. Raises ApiError and WrongUse."""
        if self.resource.list is None:
            raise BadRequest(f"The API does not list {self.resource.name}; `o9s wait` waits for one.")
        running = asyncio.create_task(self.platform.run())
        try:
            await (self._follow() if grows(self.resource) else self._watch())
        finally:
            running.cancel()
        if self._error:
            raise self._error

    async def _watch(self) -> None:
        watch = self.platform.watch(self.resource, self.scope)
        await watch.refresh()
        self._begin(watch.health, list(watch.collection.records.values()))

        def changed(delta: Delta) -> None:
            records = watch.collection.records
            self._print([records[id_] for id_ in delta.added if id_ in records], "added")
            self._print([records[id_] for id_ in delta.changed if id_ in records], "changed")
            self._print([self._shown[id_] for id_ in delta.removed if id_ in self._shown], "removed")

        end = watch.subscribe(changed, self._hear)
        watch.start()
        try:
            await self.stopped.wait()
        finally:
            end()
            watch.stop()

    async def _follow(self) -> None:
        tail = self.platform.tail(self.resource, self.scope, lambda: True)
        await tail.refresh()
        self._begin(tail.health, tail.entries)
        end = tail.subscribe(lambda new, _: self._print(new, "added"), self._hear)
        tail.start()
        try:
            await self.stopped.wait()
        finally:
            end()
            tail.stop()

    def _begin(self, health: Health, records: Sequence[Record]) -> None:
        """Print what there is. Raises ApiError where it could not be read, and WrongUse."""
        if health.error:
            raise health.error
        placed = [with_parents(self.resource, record, self.scope) for record in records]
        placed = self.selection.select(self.resource, placed, self.platform.now())
        self._shown = {record.id: record for record in placed}
        for line in self._draw(placed, "", first=True):
            self.write(line)

    def _print(self, records: Sequence[Record], change: str) -> None:
        """Print the records that are wanted, with what has changed of them."""
        wanted = self.selection.bind(self.resource, records, self.platform.now)
        placed = [with_parents(self.resource, record, self.scope) for record in records]
        found = [record for record in placed if change == "removed" or wanted(record)]
        for record in found:
            if change == "removed":
                self._shown.pop(record.id, None)
            else:
                self._shown[record.id] = record
        for line in self._draw(found, change):
            self.write(line)

    def _hear(self, health: Health) -> None:
        """Tell of a fault once, and end where asking again would not help."""
        error = health.error
        if error and health.state == "refused":
            self._error = error
            self.stopped.set()
        elif error and str(error) != str(self._error):
            self.say(f"{self.resource.name}: {error}")
        self._error = error

    def _draw(self, records: Sequence[Record], change: str, *, first: bool = False) -> list[str]:
        """Return the lines of records in the form that is wanted; the `first` ones with a header."""
        now = self.platform.now()
        chosen = find_columns(self.resource, self.selection.columns, records or list(self._shown.values()))
        match self.form:
            case "ids":
                left = () if change == "removed" else records
                return [name for record in left if (name := name_path(self.resource, record))]
            case "csv":
                header, *rows = csv_lines(self.resource, records, now)
                if chosen:
                    header, *rows = chosen_lines(self.resource, chosen, records, now)
                lines = [f"change,{header}", *(f"{change},{row}" for row in rows)]
                return [line.rstrip("\n") for line in (lines if first else lines[1:])]
            case "table":
                return self._draw_table(table_rows(self.resource, records, now, chosen), change, first=first)
        objects: list[dict[str, Any]] = [
            chosen_object(self.resource, chosen, record, now)
            if chosen
            else json_object(self.resource, record, now)
            for record in records
        ]
        return [dump_json({"change": change or "listed", **each}) for each in objects]

    def _draw_table(
        self, table: tuple[list[str], list[list[str]], list[Any]], change: str, *, first: bool
    ) -> list[str]:
        headers, rows, aligns = table
        if first:
            self._widths = [max(map(cell_width, column)) for column in zip(headers, *rows, strict=True)]
        lines = [("CHANGE", headers)] if first else []
        lines += [(change, row) for row in rows]
        drawn = []
        for said, row in lines:
            cells = [
                fit(cell, max(width, 5), align)
                for cell, width, align in zip(row, self._widths, aligns, strict=True)
            ]
            drawn.append("  ".join((said.ljust(_CHANGE), *cells[:-1], row[-1])).rstrip())
        return drawn


def grows(resource: Resource) -> bool:
    """Return whether a list only grows: events and the audit log are followed, entry by entry."""
    parent = REGISTRY.get(resource.parent)
    child = parent.child(resource.name) if parent else None
    return bool(child and child.tail) or resource.screen == "audit"


def place_of(resource: Resource, parents: Sequence[str]) -> dict[str, str]:
    """Return the path of a list from the ids of what it is in. Raises BadRequest."""
    if resource.list is None or (resource.listed_per and not parents):
        return {}
    return order_ids(resource.list, parents)
