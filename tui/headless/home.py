"""Home without a screen: what needs its owner, what is in flight, money and storage, read once."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.headless.lists.listing import align
from tui.live.fan_out.at_once import read_all_rows
from tui.live.fan_out.sweep import FanOut
from tui.live.platform import Platform
from tui.live.polling.watch import Watch
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import describe_unread, dump_json, format_amount
from tui.resources.registry import REGISTRY
from tui.system.state_file import StateFile
from tui.text import clean, fit
from tui.workflows.kept_tasks import show_rotations
from tui.workflows.overview.money import METHOD, export_money
from tui.workflows.overview.overview import Overview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.live.polling.poller import Poller

Home = dict[str, Any]


def read_home(connection: Connection, reporter: Reporter) -> Home:
    """Read everything that home shows, as it is exported. `reporter` hears what could not be read.

    Raises ApiError where not even the lists of the project can be read.
    """

    async def read() -> Home:
        platform = Platform(Client(connection), REGISTRY)
        try:
            return await _read(platform, reporter)
        finally:
            await platform.aclose()

    return asyncio.run(read())


async def _read(platform: Platform, reporter: Reporter) -> Home:
    show_rotations(platform)
    overview = Overview(platform, StateFile())
    await asyncio.gather(*(fill_part(platform, part, reporter) for part in overview.parts))
    unread = {name: error for name, part in _name_parts(overview) if (error := part.health.error)}
    lists = [watch.collection.resource for watch in overview.watches]
    if all(resource.name in unread for resource in lists if not resource.listed_per):
        raise next(iter(unread.values()))
    if not overview.admin:
        reporter.note(overview.missing_key(Key.ADMIN))
    for name, error in unread.items():
        (reporter.note if error.permanent else reporter.missing)(f"No {name}: {error.sentence}")
    for name, part in _name_parts(overview):
        if part.unread:
            reporter.missing(f"{name}: {part.unread}")
        if isinstance(part, Watch) and part.health.since and not part.collection.complete:
            reporter.missing(f"Of the {name} only the first {len(part.collection.records):,} are looked at.")
    for sentence in _describe_gaps(overview):
        reporter.missing(sentence)
    return export_home(overview, sorted(unread))


def _name_parts(overview: Overview) -> list[tuple[str, Poller]]:
    """Return what home reads, each with its name."""
    names: dict[int, str] = {
        id(overview.stored): "storage",
        id(overview.costs): "costs",
        id(overview.spending.settings): "limit and alerts of spending",
        id(overview.headroom): "headroom",
        **{id(part): "who uses what ends" for part in overview.due.parts},
    }
    return [
        (part.collection.resource.name if isinstance(part, Watch) else names[id(part)], part)
        for part in overview.parts
    ]


def _describe_gaps(overview: Overview) -> list[str]:
    """Return sentences on what the sums lack."""
    money, storage = overview.money(), overview.storage()
    found = []
    if money and (lacking := describe_unread(money.month)):
        found.append(f"{lacking}: the sums of money are without them.")
    if storage and (lacking := describe_unread(storage.total.size, "size")):
        found.append(f"{lacking}: the sums of storage are without them.")
    if storage and not storage.whole:
        found.append("There are more files than were read: the sums of storage are without them.")
    return found


async def fill_part(platform: Platform, part: Any, reporter: Reporter) -> None:
    """Read one part once; a list that is read from many parents, whole."""
    if not isinstance(part, FanOut):
        await part.poll()
        return
    resource = part.collection.resource
    parent = REGISTRY[resource.listed_per]
    try:
        raws = await read_all_rows(platform.client, resource, parent, reporter.progress, reporter.missing)
    except ApiError as error:
        reporter.missing(f"No {resource.name}: {error}")
        return
    part.collection.apply(raws, after=None, has_more=False, next=None, now=platform.now())


def export_home(overview: Overview, unread: list[str]) -> Home:
    """Return what home shows as plain values; parts that are not known are null.

    `unread` names the lists that could not be read.
    """
    money, storage = overview.money(), overview.storage()
    return {
        "not_read": unread,
        "needs_you": [
            {
                "resource": need.resource.name,
                "ids": [record.id for record in need.records],
                "names": list(need.names),
                "status": need.state.text[2:] or None,
                "reason": need.reason,
            }
            for need in overview.needs()
        ],
        "in_flight": [
            {
                "resource": each.resource.name,
                "id": each.record.id,
                "name": each.name,
                "status": each.state.text[2:] or None,
                "done": each.progress and each.progress.done,
                "failed": each.progress and each.progress.failed,
                "total": each.progress and each.progress.total,
                "due": None if each.due is None else iso_time(each.due),
            }
            for each in overview.in_flight()
        ],
        "ends": [
            {**end.raw, "ends_at": iso_time(end.raw["ends_at"]), "requests": end.raw.get("requests")}
            for end in overview.ends()
        ],
        "headroom": overview.headroom.nearest
        and [
            {
                "project_id": each.project,
                "model": each.model,
                "measure": each.what,
                "busiest_minute": each.peak,
                "unreadable": each.peak.unread,
                "limit": each.limit,
            }
            for each in overview.headroom.nearest
        ],
        "money": money and export_money(money),
        "storage": storage
        and {
            "files": storage.total.files,
            "bytes": storage.total.size,
            "whole": storage.whole and not storage.total.size.unread,
            "unreadable": storage.total.size.unread,
            "by_purpose": {
                purpose: {"files": held.files, "bytes": held.size, "unreadable": held.size.unread}
                for purpose, held in storage.largest
            },
        },
    }


def home_lines(form: str, home: Home) -> Iterator[str]:
    """Yield the lines of the output in a form: `table` or `json`."""
    if form == "json":
        yield dump_json(home, indent=2)
        return
    needs = [
        [_kind(need["resource"]), _names(need["names"]), clean(need["reason"], 80)] for need in home["needs_you"]
    ]
    if home["not_read"]:
        yield f"not read: {', '.join(home['not_read'])}"
        yield ""
    more = "+" if home["not_read"] else ""
    yield f"needs you: {sum(len(need['ids']) for need in home['needs_you']):,}{more}"
    yield from align(("RESOURCE", "NAME", "WHY"), needs, ["left"] * 3) if needs else ()
    yield ""
    flights = [
        [
            _kind(each["resource"]),
            _fit(each["name"]),
            clean(each["status"] or "", 30),
            f"{each['done']:,}/{each['total']:,}" if each["total"] else "",
        ]
        for each in home["in_flight"]
    ]
    yield f"in flight: {len(flights):,}{more}"
    yield from (
        align(("RESOURCE", "NAME", "STATUS", "DONE"), flights, ["left", "left", "left", "right"])
        if flights
        else ()
    )
    yield ""
    yield f"ends within 30 days: {len(home['ends']):,}{more}"
    ends = [[_kind(each["resource"]), _fit(each["name"]), each["ends_at"]] for each in home["ends"]]
    yield from align(("RESOURCE", "NAME", "ENDS AT"), ends, ["left"] * 3) if ends else ()
    if money := home["money"]:
        limit = f" of {format_amount(money['month_limit'], '$')}" if money["month_limit"] else ""
        yield ""
        today, month = (format_amount(money[name], "$") for name in ("today", "month_to_date"))
        yield f"money: {today} today, {month}{limit} this month"
        if money["month_forecast"] is not None:
            yield f"  ≈ {format_amount(money['month_forecast'], '$')} at its end: an estimate, with {METHOD}"
        if money["change"] is not None:
            days = pluralize(money["days_over"], "day")
            yield f"  {100 * money['change']:+.0f} % on as many days of the month before ({days})"
        if money["next_alert"] is not None:
            yield f"  next alert at {format_amount(money['next_alert'], '$')}"
    if storage := home["storage"]:
        more = "" if storage["whole"] else " and more"
        yield f"storage: {format_amount(storage['bytes'], 'B')} in {storage['files']:,} files{more}"


def _names(names: list[str]) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return _fit(names[0]) + more


def _fit(name: str) -> str:
    """Return a name of at most 40 cells, cut in its middle."""
    return fit(name, 40, middle=True).rstrip()


def _kind(resource: str) -> str:
    return REGISTRY[resource].singular


def iso_time(moment: float) -> str:
    """Return a moment (unix seconds) as ISO 8601 writes it, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
