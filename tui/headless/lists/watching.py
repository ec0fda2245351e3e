"""A list watched without a screen: its newest page, then every change as it comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest
from tui.api.requests import order_ids
from tui.export import add_parents, csv_lines, export_chosen_lines, export_chosen_object, json_object, name_path
from tui.headless.lists.listing import table_rows
from tui.headless.lists.selection import find_columns, leave_out
from tui.live.combined.rows import add_profile, add_profile_column, merge_newest
from tui.live.polling.tail import Tail
from tui.resources.language.reading.amounts import dump_json
from tui.resources.registry import REGISTRY
from tui.text import cell_width, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.headless.lists.selection import Selection
    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_CHANGE = 7  # cells of the column that says what has changed


@dataclass(slots=True)
class ListWatch:
    """Watches a list until it is stopped, or the platform refuses it for good.

    Of several profiles each row names its own; one that is refused or silent is told, and leaves the others.
    """

    platforms: Mapping[str, Platform]
    """By the names of their profiles."""
    resource: Resource
    scope: Mapping[str, str]
    selection: Selection
    form: str
    write: Callable[[str], None]
    """Hears each line of output."""
    say: Callable[[str], None]
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: dict[tuple[str, str], Record] = field(default_factory=dict)
    """What was printed and is there, by profile and id."""
    _widths: list[int] = field(default_factory=list)
    _errors: dict[str, ApiError | None] = field(default_factory=dict)
    """What is wrong now, by profile."""
    _refused: set[str] = field(default_factory=set)
    """The profiles that are asked no more."""

    async def run(self) -> None:
        """Print the newest page and what changes. Raises ApiError and WrongUse."""
        if self.resource.list is None:
            raise BadRequest(f"The API does not list {self.resource.name}: `o9s wait` waits for one.")
        running = [asyncio.create_task(platform.run()) for platform in self.platforms.values()]
        sources = {profile: self._open(platform) for profile, platform in self.platforms.items()}
        ends: list[Callable[[], object]] = [task.cancel for task in running]
        try:
            await asyncio.gather(*(source.refresh() for source in sources.values()))
            self._begin(sources)
            for profile, source in sources.items():
                ends += [self._subscribe(profile, source), source.stop]
                source.start()
            await self.stopped.wait()
        finally:
            for end in ends:
                end()
        if self._is_over:
            raise next(filter(None, self._errors.values()))

    def _open(self, platform: Platform) -> Watch | Tail:
        if grows(self.resource):
            return platform.tail(self.resource, self.scope, lambda: True)
        return platform.watch(self.resource, self.scope)

    def _subscribe(self, profile: str, source: Watch | Tail) -> Callable[[], None]:
        """Print what changes from now on. Return what ends that."""
        hear = partial(self._hear, profile)
        if isinstance(source, Tail):
            return source.subscribe(lambda new, _: self._print(profile, new, "added"), hear)
        records = source.collection.records

        def take(delta: Delta) -> None:
            gone = ((profile, id_) for id_ in delta.removed)
            self._print(profile, [records[id_] for id_ in delta.added if id_ in records], "added")
            self._print(profile, [records[id_] for id_ in delta.changed if id_ in records], "changed")
            self._print(profile, [self._shown[key] for key in gone if key in self._shown], "removed")

        return source.subscribe(take, hear)

    def _begin(self, sources: Mapping[str, Watch | Tail]) -> None:
        """Print what there is. Raises ApiError where nothing could be read, and WrongUse."""
        errors = [source.health.error for source in sources.values()]
        if errors[0] and all(errors):
            raise errors[0]
        for profile, source in sources.items():
            self._hear(profile, source.health)
        lists = [
            self._place(
                profile,
                source.entries if isinstance(source, Tail) else list(source.collection.records.values()),
            )
            for profile, source in sources.items()
        ]
        now = max(platform.now() for platform in self.platforms.values())
        found = lists[0] if len(lists) == 1 else merge_newest(self.resource, lists)
        found = self.selection.select(self._combined, found, now)
        wanted = set(map(id, found))
        for profile, records in zip(sources, lists, strict=True):
            self._shown |= {(profile, record.id): record for record in records if id(record) in wanted}
        for line in self._draw(found, "", now, first=True):
            self.write(line)

    @property
    def _combined(self) -> Resource:
        """The resource, whose rows name their profile where there are several."""
        resource = self.resource if self.selection.columns else leave_out(self.resource, ())
        return add_profile_column(resource) if len(self.platforms) > 1 else resource

    def _place(self, profile: str, records: Sequence[Record]) -> list[Record]:
        """Return records with what they are in, and of which of several profiles."""
        placed = [add_parents(self.resource, record, self.scope) for record in records]
        if len(self.platforms) == 1:
            return placed
        return [self.resource.record(add_profile(record.raw, profile)) for record in placed]

    def _print(self, profile: str, records: Sequence[Record], change: str) -> None:
        """Print the records that are wanted, with what has changed of them."""
        now = self.platforms[profile].now
        placed = self._place(profile, records)
        wanted = self.selection.bind(self._combined, placed, now)
        found = [record for record in placed if change == "removed" or wanted(record)]
        for record in found:
            if change == "removed":
                self._shown.pop((profile, record.id), None)
            else:
                self._shown[profile, record.id] = record
        for line in self._draw(found, change, now()):
            self.write(line)

    @property
    def _is_over(self) -> bool:
        """Whether no profile is asked any more."""
        return len(self._refused) == len(self.platforms)

    def _hear(self, profile: str, health: Health) -> None:
        """Tell of a fault once, and end where asking again would help with none."""
        error, known = health.error, self._errors.get(profile)
        self._errors[profile] = error
        if error and health.state == "refused":
            self._refused.add(profile)
        if self._is_over:
            self.stopped.set()
        elif error and str(error) != str(known):
            whose = f"{profile}: " if len(self.platforms) > 1 else ""
            self.say(f"{whose}{self.resource.name}: {error}")

    def _draw(self, records: Sequence[Record], change: str, now: float, *, first: bool = False) -> list[str]:
        """Return the lines of records in the form that is wanted; the `first` ones with a header."""
        resource = self._combined
        chosen = find_columns(resource, self.selection.columns, records or list(self._shown.values()))
        match self.form:
            case "ids":
                left = () if change == "removed" else records
                return [name for record in left if (name := name_path(resource, record))]
            case "csv":
                header, *rows = csv_lines(resource, records, now)
                if chosen:
                    header, *rows = export_chosen_lines(resource, chosen, records, now)
                lines = [f"change,{header}", *(f"{change},{row}" for row in rows)]
                return [line.rstrip("\n") for line in (lines if first else lines[1:])]
            case "table":
                return self._draw_table(table_rows(resource, records, now, chosen), change, first=first)
        objects: list[dict[str, Any]] = [
            export_chosen_object(resource, chosen, record, now) if chosen else json_object(resource, record, now)
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
