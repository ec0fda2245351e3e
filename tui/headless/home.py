"""Home without a screen, read once: what needs its owner, what is in flight, money and storage, as values."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.export import format_iso_time
from tui.headless.lists.several import read_each
from tui.live.combined.rows import PROFILE
from tui.live.fan_out.at_once import read_all_rows
from tui.live.fan_out.sweep import FanOut
from tui.live.platform import Platform
from tui.live.polling.watch import Watch
from tui.live.shortfall import describe_lists
from tui.resources.language.reading.amounts import describe_unread
from tui.resources.registry import REGISTRY
from tui.system.state_file import StateFile
from tui.workflows.kept_tasks import show_rotations
from tui.workflows.overview.combined import CombinedOverview
from tui.workflows.overview.money import export_money
from tui.workflows.overview.overview import Overview, describe_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.live.polling.poller import Poller
    from tui.workflows.overview.attention import InFlight, Need

    _Seen = tuple[Overview, list[str]]

Home = dict[str, Any]


def read_home(connections: Sequence[Connection], reporter: Reporter) -> Home:
    """Read everything that home shows, as it is exported. `reporter` hears what could not be read.

    Raises ApiError where not even the lists of a project can be read.
    """

    async def read(connection: Connection, heard: Reporter) -> _Seen:
        platform = Platform(Client(connection), REGISTRY)
        try:
            return await _read(platform, heard)
        finally:
            await platform.aclose()

    seen = asyncio.run(read_each(connections, read, reporter))
    names = [each.profile for each in connections]
    return export_homes(names, seen) if len(names) > 1 else export_home(*seen[names[0]])


async def _read(platform: Platform, reporter: Reporter) -> _Seen:
    """Return what is read, and the names of the lists that could not be."""
    show_rotations(platform)
    overview = Overview(platform, StateFile())
    parts = _name_parts(overview)
    faults = await asyncio.gather(*(fill_part(platform, part, reporter) for _, part in parts))
    unread = {name: error for (name, _), error in zip(parts, faults, strict=True) if error}
    lists = [watch.collection.resource for watch in overview.watches]
    if all(resource.name in unread for resource in lists if not resource.listed_per):
        raise next(iter(unread.values()))
    if not overview.admin:
        reporter.note(overview.missing_key(Key.ADMIN))
    for sentence, error in describe_lists(unread):
        (reporter.note if error.permanent else reporter.missing)(sentence)
    for name, part in parts:
        if part.unread:
            reporter.missing(f"{name}: {part.unread}")
    for name, checked in overview.bounds.items():
        if name not in unread:
            reporter.note(describe_bound(name, checked))
    for sentence in _describe_gaps(overview):
        reporter.missing(sentence)
    return overview, sorted(unread)


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


async def fill_part(platform: Platform, part: Poller, reporter: Reporter) -> ApiError | None:
    """Read one part once; a list that is read from many parents, whole. Return why it could not be read."""
    if not isinstance(part, FanOut):
        await part.poll()
        return part.health.error
    resource = part.collection.resource
    parent = REGISTRY[resource.listed_per]
    try:
        raws = await read_all_rows(platform.client, resource, parent, reporter.progress, reporter.missing)
    except ApiError as error:
        return error
    part.collection.apply(raws, after=None, has_more=False, next=None, now=platform.now())
    return None


def export_home(overview: Overview, unread: list[str]) -> Home:
    """Return what home shows as plain values; parts that are not known are null.

    `unread` names the lists that could not be read.
    """
    return {
        "not_read": unread,
        "checked": _export_bounds(overview, {}),
        **_export_objects(overview),
        "headroom": _export_headroom(overview, {}),
        "money": _export_money(overview),
        "storage": _export_storage(overview),
    }


def export_homes(names: Sequence[str], seen: Mapping[str, _Seen]) -> Home:
    """Return what home shows of several profiles: all is lists, in which each part names its profile.

    Of a profile that was not `seen` nothing could be read: no resource is named beside it.
    """

    def list_parts(export: Callable[[Overview], Home | None]) -> list[Home]:
        found = ((name, export(overview)) for name, (overview, _) in seen.items())
        return [{PROFILE: name, **part} for name, part in found if part]

    return {
        "not_read": [
            {PROFILE: name, "resource": each}
            for name in names
            for each in (seen[name][1] if name in seen else [None])
        ],
        "checked": [
            each for name, (overview, _) in seen.items() for each in _export_bounds(overview, {PROFILE: name})
        ],
        **_export_objects(CombinedOverview({name: overview for name, (overview, _) in seen.items()})),
        "headroom": [
            each
            for name, (overview, _) in seen.items()
            for each in _export_headroom(overview, {PROFILE: name}) or ()
        ],
        "money": list_parts(_export_money),
        "storage": list_parts(_export_storage),
    }


def _export_bounds(overview: Overview, whose: Home) -> list[Home]:
    """Return the lists of which no more than the newest are checked for what needs its owner."""
    return [{**whose, "resource": name, "newest": checked} for name, checked in overview.bounds.items()]


def _export_objects(overview: Overview | CombinedOverview) -> Home:
    """Return the rows of objects; those of several profiles name theirs."""
    return {
        "needs_you": [
            {
                **_name_profile(need),
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
                **_name_profile(each),
                "resource": each.resource.name,
                "id": each.record.id,
                "name": each.name,
                "status": each.state.text[2:] or None,
                "done": each.progress and each.progress.done,
                "failed": each.progress and each.progress.failed,
                "total": each.progress and each.progress.total,
                "due": None if each.due is None else format_iso_time(each.due),
            }
            for each in overview.in_flight()
        ],
        "ends": [
            {**end.raw, "ends_at": format_iso_time(end.raw["ends_at"]), "requests": end.raw.get("requests")}
            for end in overview.ends()
        ],
    }


def _name_profile(row: Need | InFlight) -> dict[str, str]:
    return {PROFILE: row.account} if row.account else {}


def _export_headroom(overview: Overview, whose: dict[str, str]) -> list[Home] | None:
    """Return how near the rate limits are, each with `whose` it is; None where that is not known."""
    if overview.headroom.nearest is None:
        return None
    return [
        {
            **whose,
            "project_id": each.project,
            "model": each.model,
            "measure": each.what,
            "busiest_minute": each.peak,
            "unreadable": each.peak.unread,
            "limit": each.limit,
        }
        for each in overview.headroom.nearest
    ]


def _export_money(overview: Overview) -> Home | None:
    money = overview.money()
    return money and export_money(money)


def _export_storage(overview: Overview) -> Home | None:
    storage = overview.storage()
    if storage is None:
        return None
    return {
        "files": storage.total.files,
        "bytes": storage.total.size,
        "whole": storage.whole and not storage.total.size.unread,
        "unreadable": storage.total.size.unread,
        "by_purpose": {
            purpose: {"files": held.files, "bytes": held.size, "unreadable": held.size.unread}
            for purpose, held in storage.largest
        },
    }
