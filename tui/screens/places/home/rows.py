"""The lines of home: what needs you, what is in flight, money and storage, as rows of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.live.combined.rows import split_key
from tui.resources.due import DUE, ROTATED, USED_DAYS, format_requests
from tui.resources.language.cells import draw_bar, duration, pluralize, short_count
from tui.resources.language.column import CellContext
from tui.resources.language.reading.amounts import describe_unread, format_amount
from tui.text import cell_width, fit
from tui.widgets.charts.bars_chart import draw_sparkline
from tui.widgets.text.cells_view import CellRow
from tui.workflows.overview.money import day_of
from tui.workflows.overview.money_text import describe_alerts, describe_change, describe_end, describe_spent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from tui.resources.due import End
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.base.tones import Part
    from tui.workflows.overview.attention import InFlight, Need
    from tui.workflows.overview.headroom import Headroom
    from tui.workflows.overview.money import Money
    from tui.workflows.overview.storage import Storage

_BAR, _SHORTEST_BAR = 8, 3  # cells
_NAMES = (20, 24)  # most cells of a name before the reason, and where there is room for both
_ROOM = 90  # cells of a panel from which on there is
_WARN_SHARE = 0.8  # of the limit, from which on the month is marked


def build_need_rows(needs: Sequence[Need], key_of: Callable[[Need], str], width: int) -> Iterator[CellRow]:
    """Yield a row for each need: status, kind, names, reason, and the key that mends it as `key_of` tells it.

    `width` are the cells that there are.
    """
    most = _NAMES[width >= _ROOM]
    for need in needs:
        yield CellRow(
            need.key,
            (
                (need.state.text[:1], need.state.tone or "warn"),
                (_name_kind(need.resource), "dim"),
                (_list_names(need.names, most), ""),
                (need.reason, need.state.tone),
                (key_of(need), "key"),
            ),
        )


def build_flight_rows(flights: Sequence[InFlight], now: float) -> Iterator[CellRow]:
    """Yield a row for each object in progress: kind, name, bar, failures, time left and when it is due."""
    for each in flights:
        seen = each.progress
        if seen and seen.total:
            share = seen.done / seen.total
            percent = 100 if seen.done >= seen.total else min(99, round(100 * share))
            far: Part = (f"{draw_bar(share, _BAR)} {percent:3} %", "accent")
        else:
            far = (each.state.text, each.state.tone)
        failed = (f"{short_count(seen.failed)} failed", "bad") if seen and seen.failed else ("", "")
        left = duration(each.seconds_left) if each.seconds_left is not None else ""
        due = f"due {duration(each.due - now)}" if each.due and each.due > now else ""
        yield CellRow(
            each.key,
            ((_name_kind(each.resource), "dim"), (each.name, ""), far, failed, (left, ""), (due, "dim")),
        )


def build_money_rows(money: Money, names: Mapping[str, str], width: int) -> Iterator[CellRow]:
    """Yield the lines on money: the month, its end, alerts, what stands out, today, and the days as blocks."""
    text, tone = describe_spent(money)
    room = min(_BAR, width - cell_width(text) - 2)
    bar = f"  {draw_bar(float(money.month / money.limit), room)}" if money.limit and room >= _SHORTEST_BAR else ""
    yield _line("month", money.month_name, text + bar, tone)
    for key, label, (text, tone) in (
        ("forecast", "month's end", describe_end(money)),
        ("alerts", "alerts", describe_alerts(money)),
    ):
        if text:
            yield _line(key, label, text, tone)
    for moment, found in sorted(money.standouts.items())[-1:]:
        who = names.get(str(found.group), str(found.group or ""))
        words = f"{found.times:.1f}× the usual; mostly {who}" if found.times else f"first spending of {who}"
        yield _line("standout", day_of(moment), f"▲ {words}", "warn")
    yield _line("today", "today", f"{format_amount(money.today, '$')}{_compare_day(money.today, money.usual)}", "")
    if change := describe_change(money):
        yield _line("before", "compared", change, "")
    days = [float(day) for day in money.days]
    yield _line("days", pluralize(len(days), "day"), draw_sparkline(days, max(8, width)), "good")
    whole = sum(float(value) for value in money.days if value > 0)
    shares = [
        f"{names.get(str(group), str(group or 'no project'))} {format_amount(float(value) / whole, '%')}"
        for group, value in money.groups
        if whole
    ]
    if shares:
        yield _line("groups", "projects", "  ".join(shares), "dim")
    if words := describe_unread(money.month):
        yield _line("missing", "▲", f"{words}: not in the sums", "warn")


def mark_accounts(lines: Iterable[CellRow], accounts: Iterable[str], tones: Mapping[str, str]) -> list[CellRow]:
    """Return the lines with whose each is before them, in the tone of that account."""
    return [
        row._replace(cells=((account, tones[account]), *row.cells))
        for row, account in zip(lines, accounts, strict=True)
    ]


def build_account_money(account: str, tone: str, money: Money | None, reason: str) -> CellRow:
    """Return the line on the money of an account: the month against the limit, and today; or why it has none."""
    text, worth = reason, "dim"
    if money:
        share = float(money.month / money.limit) if money.limit else 0.0
        worth = "bad" if share >= 1 else "warn" if share >= _WARN_SHARE else ""
        limit = f" of {format_amount(money.limit, '$')}  {format_amount(share, '%')}" if money.limit else ""
        today = f"{format_amount(money.today, '$')} today{_compare_day(money.today, money.usual)}"
        text = f"{format_amount(money.month, '$')}{limit} · {today}"
    return CellRow(("account", account), ((account, tone), (text, worth)))


def build_account_storage(account: str, tone: str, storage: Storage | None, whole: float, reason: str) -> CellRow:
    """Return the line on what an account stores, as a part of the `whole` of all; or why that is not known."""
    cells: tuple[Part, ...] = ((reason, "dim"), ("", ""), ("", ""))
    if storage:
        bar = draw_bar(float(storage.total.size) / whole, _BAR) if whole else ""
        size, more = format_amount(storage.total.size, "B"), "" if storage.whole else "+"
        cells = ((bar, "accent"), (f"{size}{more}", ""), (f"{storage.total.files:,}", "dim"))
    return CellRow(("account", account), ((account, tone), *cells))


def build_storage_rows(storage: Storage) -> Iterator[CellRow]:
    """Yield the lines on storage: a bar for each purpose, and what expires soon."""
    whole = float(storage.total.size) or 1.0
    for purpose, held in storage.largest:
        size = format_amount(held.size, "B")
        yield CellRow(
            purpose,
            (
                (purpose, ""),
                (f"{draw_bar(float(held.size) / whole, _BAR)}", "accent"),
                (size, ""),
                (f"{held.files:,}", "dim"),
            ),
        )
    if storage.soon.files:
        size = format_amount(storage.soon.size, "B")
        yield CellRow("", (("expire in 7 d", "dim"), ("", ""), (size, "dim"), (f"{storage.soon.files:,}", "dim")))


def build_headroom_rows(nearest: Iterable[Headroom], names: Mapping[str, str]) -> Iterator[CellRow]:
    """Yield a line for each limit that was used in the last hour: how near its busiest minute came."""
    for each in nearest:
        tone = "bad" if each.share >= 1 else "warn" if each.share >= _WARN_SHARE else "accent"
        missing = " +?" if each.peak.unread else ""
        yield CellRow(
            (each.project, each.model, each.what),
            (
                (f"{each.model}  {names.get(each.project, each.project)}", ""),
                (each.what, "dim"),
                (draw_bar(each.share, _BAR), tone),
                (f"{format_amount(each.share, '%')}{missing}", tone if tone != "accent" else ""),
            ),
        )


def group_ends(ends: Iterable[Record[End]], now: float) -> list[list[Record[End]]]:
    """Return what ends, together what is of one kind and account, ends in the same time, and is not in use."""
    groups: dict[Hashable, list[Record[End]]] = {}
    for each in ends:
        alike = (split_key(each.id)[0], each.raw["kind"], duration(_count_left(each, now)))
        is_alone = DUE.attention(each.object, CellContext(now)) or each.raw["kind"] == ROTATED
        groups.setdefault(each.id if is_alone else alike, []).append(each)
    return list(groups.values())


def build_end_rows(groups: Iterable[Sequence[Record[End]]], now: float, width: int) -> Iterator[CellRow]:
    """Yield a line for each group of what ends: in how long, what it is, its names, and how much it was used.

    `width` are the cells that there are.
    """
    most = max(_NAMES[0], width // 2)
    for group in groups:
        each = group[0]
        reason = DUE.attention(each.object, CellContext(now))
        used = f"{USED_DAYS} d: {format_requests(each.object.requests)} requests" if reason else ""
        if each.raw["kind"] == ROTATED:
            used = reason or ""
        yield CellRow(
            ("due", each.id),
            (
                (duration(_count_left(each, now)), "bad" if reason else "warn"),
                (each.raw["kind"].rpartition(" ")[2], "dim"),
                (_list_names([one.raw["name"] for one in group], most) if group[1:] else each.raw["name"], ""),
                (used, "warn"),
            ),
        )


def _count_left(end: Record[End], now: float) -> float:
    """Return the seconds that are left."""
    return max(0.0, (end.object.ends_at or now) - now)


def _line(key: str, label: str, text: str, tone: str) -> CellRow:
    return CellRow(key, ((label, "dim"), (text, tone)))


def _name_kind(resource: Resource) -> str:
    """Return the last word of what one object is called: `store` for a vector store."""
    return resource.singular.rpartition(" ")[2]


def _list_names(names: Sequence[str], most: int) -> str:
    """Return what objects are called, in so many cells: the first, and how many more."""
    first, more = names[0], len(names) - 1
    room = most - (len(f" +{more}") if more else 0)
    name = first if cell_width(first) <= room else fit(first, room, middle=True)
    return f"{name} +{more}" if more else name


def _compare_day(today: Decimal, usual: Decimal) -> str:
    """Return how today stands to the usual day; it is not over, so less says nothing."""
    if usual <= 0 or today <= usual:
        return f" so far; usual day {format_amount(usual, '$')}" if usual > 0 else ""
    return f" so far, {100 * float(today / usual - 1):+.0f} % on a usual day"
