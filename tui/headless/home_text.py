"""Home as text: needs, what is in flight and what ends as tables, sums in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.headless.lists.listing import align
from tui.live.combined.rows import PROFILE
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import dump_json, format_amount
from tui.resources.registry import REGISTRY
from tui.text import clean, fit
from tui.workflows.overview.money import METHOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.headless.home import Home


def home_lines(form: str, home: Home) -> Iterator[str]:
    """Yield the lines of the output in a form: `table` or `json`."""
    if form == "json":
        yield dump_json(home, indent=2)
        return
    if home["not_read"]:
        yield f"not read: {', '.join(map(_name_list, home['not_read']))}"
        yield ""
    more = "+" if home["not_read"] else ""
    yield f"needs you: {sum(len(need['ids']) for need in home['needs_you']):,}{more}"
    needs = [(need, [_names(need["names"]), clean(need["reason"], 80)]) for need in home["needs_you"]]
    yield from _draw_table(needs, ("NAME", "WHY"))
    yield ""
    flights = [
        (
            each,
            [
                _fit(each["name"]),
                clean(each["status"] or "", 30),
                f"{each['done']:,}/{each['total']:,}" if each["total"] else "",
            ],
        )
        for each in home["in_flight"]
    ]
    yield f"in flight: {len(flights):,}{more}"
    yield from _draw_table(flights, ("NAME", "STATUS", "DONE"), last="right")
    yield ""
    yield f"ends within 30 days: {len(home['ends']):,}{more}"
    ends = [(each, [_fit(each["name"]), each["ends_at"]]) for each in home["ends"]]
    yield from _draw_table(ends, ("NAME", "ENDS AT"))
    for money in _list_parts(home["money"]):
        yield ""
        yield from _tell_money(money)
    for storage in _list_parts(home["storage"]):
        more = "" if storage["whole"] else " and more"
        size = format_amount(storage["bytes"], "B")
        yield f"storage{_name_owner(storage)}: {size} in {pluralize(storage['files'], 'file')}{more}"


def _list_parts(parts: Home | list[Home] | None) -> list[Home]:
    """Return a part of home of one profile as those of several are: a list."""
    return parts if isinstance(parts, list) else [parts] if parts else []


def _name_owner(part: Home) -> str:
    return f" of {part[PROFILE]}" if PROFILE in part else ""


def _name_list(unread: str | Home) -> str:
    return unread if isinstance(unread, str) else f"{unread['resource'] or 'all'}{_name_owner(unread)}"


def _draw_table(
    rows: Sequence[tuple[Home, list[str]]], headers: Sequence[str], last: str = "left"
) -> Iterator[str]:
    """Yield the lines of objects with their cells: what they are, and of which profile, stands before these."""
    if not rows:
        return
    own = [PROFILE] if PROFILE in rows[0][0] else []
    cells = [
        [*(clean(each[name]) for name in own), REGISTRY[each["resource"]].singular, *shown] for each, shown in rows
    ]
    named = (*map(str.upper, own), "RESOURCE", *headers)
    yield from align(named, cells, [*["left"] * (len(named) - 1), last])


def _tell_money(money: Home) -> Iterator[str]:
    limit = f" of {format_amount(money['month_limit'], '$')}" if money["month_limit"] else ""
    today, month = (format_amount(money[name], "$") for name in ("today", "month_to_date"))
    yield f"money{_name_owner(money)}: {today} today, {month}{limit} this month"
    if money["month_forecast"] is not None:
        yield f"  ≈ {format_amount(money['month_forecast'], '$')} at its end: an estimate, with {METHOD}"
    if money["change"] is not None:
        days = pluralize(money["days_over"], "day")
        yield f"  {100 * money['change']:+.0f} % on as many days of the month before ({days})"
    if money["next_alert"] is not None:
        yield f"  next alert at {format_amount(money['next_alert'], '$')}"


def _names(names: list[str]) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return _fit(names[0]) + more


def _fit(name: str) -> str:
    """Return a name of at most 40 cells, cut in its middle."""
    return fit(name, 40, middle=True).rstrip()
