"""Storage without a screen: what files take, in groups, and the files that nothing uses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from tui.headless.lists.listing import align, fetch
from tui.live.lists.explaining import NOTHING
from tui.live.polling.used_by import NAME as USED_BY
from tui.resources.files import Purpose
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import dump_json, format_amount
from tui.resources.language.reading.times import unix_time
from tui.resources.registry import REGISTRY
from tui.text import clean
from tui.workflows.storage.groups import find_copies, group_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.resources.language.objects import Record
    from tui.workflows.overview.storage import Stored
    from tui.workflows.storage.groups import FileGroup

FILES = REGISTRY["files"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files are wanted; without anything, all of them in groups."""

    unreferenced: bool = False
    older: float | None = None
    """Seconds since they were made, at the least; likewise until they expire, at the most."""
    expiring: float | None = None
    purpose: str = ""
    copies: bool = False
    """Whether those are wanted that have the name and size of a newer one."""

    @property
    def is_any(self) -> bool:
        """Whether something is chosen."""
        return self != Choice()

    def find_fault(self, records: list[Record]) -> str:
        """Return a sentence on a purpose that no file has and the platform does not name, and which was meant."""
        found = {str(record.at("purpose")) for record in records if record.at("purpose")}
        if not self.purpose or self.purpose in found or self.purpose in get_args(Purpose):
            return ""
        known = sorted(found | set(get_args(Purpose)))
        near = get_close_matches(self.purpose.lower(), known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"No file has the purpose {self.purpose!r}.{hint} There are: {', '.join(known)}."

    def select(self, records: list[Record], now: float, note: Callable[[str], object]) -> list[Record]:
        """Return the files that are wanted; `note` hears that there is none."""
        found = find_copies(records) if self.copies else records
        wanted = [record for record in found if self._wants(record, now)]
        if not wanted:
            note(NOTHING)
        return wanted

    def _wants(self, record: Record, now: float) -> bool:
        made, ends = unix_time(record.at("created_at")), unix_time(record.at("expires_at"))
        return (
            (not self.unreferenced or record.at("used_by") == [])
            and (not self.purpose or record.at("purpose") == self.purpose)
            and (self.older is None or (made is not None and now - made >= self.older))
            and (self.expiring is None or (ends is not None and 0 <= ends - now <= self.expiring))
        )


def read_storage(connection: Connection, reporter: Reporter) -> tuple[list[Record], float]:
    """Read all files with what uses them, and the server's time (unix seconds). Raises ApiError.

    Where a list could not be read, nobody knows what is unused: `reporter` hears of it.
    """

    return asyncio.run(fetch(connection, FILES, None, (), None, reporter, figures={USED_BY}))


def storage_lines(form: str, records: list[Record], now: float) -> Iterator[str]:
    """Yield the lines of the groups: `table` or `json`."""
    groups = group_files(records, now)
    total = [group for group in groups if group.kind == "purpose"]
    if form == "json":
        told = {
            "files": len(records),
            "bytes": sum(group.held.size for group in total),
            "groups": [
                {
                    "kind": group.kind,
                    "name": group.name,
                    **_export(group.held),
                    "unused": None if group.unknown else _export(group.unused),
                    "filter": group.filter or None,
                }
                for group in groups
            ],
        }
        yield dump_json(told, indent=2)
        return
    size = format_amount(sum(group.held.size for group in total), "B")
    yield f"{pluralize(len(records), 'file')}, {size}"
    rows = [
        [group.kind, clean(group.name, 60), *_build_cells(group.held), *_describe_unused(group)]
        for group in groups
    ]
    headers = ("BY", "GROUP", "FILES", "SIZE", "UNUSED", "SIZE UNUSED")
    yield from align(headers, rows, ["left", "left", *["right"] * 4]) if rows else ()


def _export(held: Stored) -> dict[str, Any]:
    return {"files": held.files, "bytes": held.size, "unreadable": held.size.unread}


def _describe_unused(group: FileGroup) -> list[str]:
    return ["?", "?"] if group.unknown else _build_cells(group.unused)


def _build_cells(held: Stored) -> list[str]:
    return [f"{held.files:,}", format_amount(held.size, "B")] if held.files else ["0", ""]
