"""What ends, without a screen: as a table, JSON, Markdown or a calendar."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError, LinkError, NotServed, RateLimited
from tui.export import format_iso_time
from tui.headless.home import fill_part
from tui.headless.lists.listing import align
from tui.headless.lists.several import read_each
from tui.live.combined.rows import PROFILE, Row, split_key
from tui.live.fan_out.sweep import FanOut
from tui.live.patience import insist, is_cut
from tui.live.platform import Platform
from tui.live.shortfall import describe_absent, describe_lists
from tui.resources.due import by_project, format_requests, is_ahead
from tui.resources.language.cells import duration
from tui.resources.language.reading.amounts import dump_json
from tui.resources.registry import REGISTRY
from tui.text import clean
from tui.workflows.due import DueWatch
from tui.workflows.kept_tasks import show_rotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.live.polling.watch import Watch
    from tui.resources.due import End
    from tui.resources.language.objects import Record

_FOLD = 73  # bytes of a line of a calendar, before it goes on in the next


def read_ends(
    connections: Sequence[Connection], within: float, reporter: Reporter
) -> tuple[list[Record[End]], float]:
    """Read what ends within so many seconds, soonest first, and the server's time (unix seconds).

    Those of several profiles name theirs. `reporter` hears of lists that could not be read. Raises ApiError where
    none could.
    """

    async def read(connection: Connection, heard: Reporter) -> tuple[list[Record[End]], float]:
        platform = Platform(Client(connection), REGISTRY)
        try:
            return await _read(platform, within, heard)
        finally:
            await platform.aclose()

    found = asyncio.run(read_each(connections, read, reporter))
    ends = [Row(name, end) if len(connections) > 1 else end for name, (ends, _) in found.items() for end in ends]
    return sorted(ends, key=lambda each: each.raw["ends_at"]), max(now for _, now in found.values())


async def _read(platform: Platform, within: float, reporter: Reporter) -> tuple[list[Record[End]], float]:
    """Read what ends within so many seconds, and the server's time (unix seconds). Raises ApiError."""
    show_rotations(platform)
    due = DueWatch(platform)
    faults = await asyncio.gather(*(fill_part(platform, part, reporter) for part in due.parts))
    if faults[0] and all(isinstance(fault, LinkError) for fault in faults):
        raise faults[0]  # there is no link: nothing is gained by more patience
    await _read_on(platform, due, reporter)
    swept = {
        part.collection.resource.name: fault
        for part, fault in zip(due.parts, faults, strict=True)
        if isinstance(part, FanOut) and fault
    }
    errors = [part.health.error for part in due.parts if not isinstance(part, FanOut)]
    if (first := next(filter(None, errors), None)) and all(errors):
        raise first
    absent = [name for name, fault in swept.items() if isinstance(fault, NotServed)]
    if absent:
        reporter.note(describe_absent(absent))
    for sentence, _ in describe_lists({name: fault for name, fault in swept.items() if name not in absent}):
        reporter.missing(sentence)
    may_be_read_later = any(error and not error.permanent for error in errors)
    if due.unread and may_be_read_later:
        reporter.missing(due.unread)
    elif due.unread:
        reporter.note(due.unread)
    now = platform.now()
    known = due.collection.records.values()
    return [each for each in known if is_ahead(each, now) and each.raw["ends_at"] <= now + within], now


async def _read_on(platform: Platform, due: DueWatch, reporter: Reporter) -> None:
    """Read the lists to their ends, again later where that is refused or cut; other faults are in their health."""
    platform.scheduler.budget = sys.maxsize  # the budget is for polls in the background: here somebody waits

    async def read_whole(watch: Watch) -> None:
        async def read() -> None:
            await watch.load_more(all=True)
            error = watch.health.error
            if isinstance(error, RateLimited) or (error and is_cut(error)):
                raise error

        with suppress(ApiError):
            await insist(read)

    def tell(_: object) -> None:
        reporter.progress(due.progress)

    ends = [watch.subscribe(tell, tell) for watch in due.watches]
    await asyncio.gather(*map(read_whole, due.watches))
    for end in ends:
        end()
    reporter.progress("")


def is_used(end: Record[End]) -> bool:
    """Return whether somebody used it in the last days, as far as that is known."""
    requests = end.object.requests
    return bool(requests or getattr(requests, "unread", 0))


def end_lines(form: str, ends: Sequence[Record[End]], now: float) -> Iterator[str]:
    """Yield the lines of the output in a form: `table`, `json`, `md` or `ics`."""
    match form:
        case "json":
            yield dump_json(
                [{**each.raw, "ends_at": format_iso_time(each.raw["ends_at"])} for each in ends], indent=2
            )
        case "ics":
            yield from _write_calendar(ends, now)
        case "md":
            yield _format_row(
                [name.lower() if name != "USED 7D" else "used, 7 days" for name in _build_headers(ends)]
            )
            yield f"|{'---|' * len(_build_headers(ends))}"
            yield from (_format_row(_build_cells(each, now)) for each in ends)
        case _:
            headers, rows = _build_headers(ends), [_build_cells(each, now) for each in ends]
            aligns = ["right" if name in ("IN", "USED 7D") else "left" for name in headers]
            yield from align(headers, rows, aligns) if rows else ["Nothing that was read ends by then."]


def _build_headers(ends: Sequence[Record[End]]) -> list[str]:
    own = [PROFILE.upper()] if any(PROFILE in each.raw for each in ends) else []
    return [*own, "IN", "ENDS AT", "KIND", "NAME", "ID", "USED 7D", "USED BY"]


def _format_row(cells: Sequence[str]) -> str:
    """Return a line of a table in Markdown."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _build_cells(end: Record[End], now: float) -> list[str]:
    found = end.object
    used = "" if found.used_by is None else format_requests(found.requests)
    users = ", ".join(by_project(found)) if found.used_by else ""
    left = duration(max(0.0, float(found.ends_at or 0) - now))
    own = [end.raw[PROFILE]] if PROFILE in end.raw else []
    told = (*own, left, format_iso_time(found.ends_at or 0), found.kind, found.name, found.object_id, used, users)
    return [clean(str(each or ""), 200) for each in told]


def _write_calendar(ends: Sequence[Record[End]], now: float) -> Iterator[str]:
    """Yield the lines of an iCalendar file (RFC 5545), without their line ends."""
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//o9s//due//EN")
    for each in ends:
        found = each.object
        users = ", ".join(by_project(found))
        told = (found.object_id, each.raw.get(PROFILE), users and f"Used in the last 7 days by {users}.")
        about = " ".join(filter(None, told))
        yield "BEGIN:VEVENT"
        yield from _fold(f"UID:{_escape('/'.join(filter(None, split_key(each.id))))}@o9s")
        yield f"DTSTAMP:{_format_stamp(now)}"
        yield f"DTSTART:{_format_stamp(found.ends_at or 0)}"
        yield from _fold(f"SUMMARY:{_escape(f'{found.kind} {found.name} ends')}")
        yield from _fold(f"DESCRIPTION:{_escape(about)}")
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _escape(text: Any) -> str:
    escaped = clean(str(text), 500).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most so many bytes; those after the first begin with a blank."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > _FOLD:
            yield piece
            piece = " "
        piece += character
    yield piece


def _format_stamp(moment: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
