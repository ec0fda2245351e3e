"""What was spent or used in the forms of a command: a table, JSON or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.export import write_csv_line
from tui.headless.lists.listing import align
from tui.headless.spending import name_days
from tui.resources.language.reading.amounts import Amount, dump_json, format_amount
from tui.resources.usage import NAME_SOURCES, name_dimension
from tui.text import clean
from tui.workflows.overview.money import METHOD, export_money, find_change, format_change
from tui.workflows.overview.money_text import describe_alerts, describe_change, describe_end, describe_spent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.headless.spending import Figures, Spending
    from tui.live.totals import Group
    from tui.workflows.overview.money import Money


def spending_lines(form: str, spending: Spending) -> Iterator[str]:
    """Yield the lines of `table`, `json` or `csv`."""
    match form:
        case "json":
            yield dump_json(_json_object(spending), indent=2)
        case "csv":
            yield from _csv_rows(spending)
        case _:
            yield from _draw_table(spending)


def _json_object(spending: Spending) -> dict[str, object]:
    """Return what was spent as the object that is printed as JSON."""
    kind = spending.question.kind
    measures = [measure.path for measure in kind.measures]
    return {
        "kind": kind.name,
        "start_time": spending.start,
        "end_time": spending.end,
        "partial": spending.now < spending.end,
        "whole": not spending.missing,
        "total": dict(zip(measures, spending.total, strict=True)),
        "unreadable": _count_unread(spending.total),
        **_export_beside(spending),
        "groups": [
            {
                **(ids := dict(zip(spending.question.by, group, strict=True))),
                **{
                    f"{name_dimension(name)}_name": spending.names.get(str(ids[name]))
                    for name in ids
                    if name in NAME_SOURCES
                },
                **dict(zip(measures, figures, strict=True)),
                "unreadable": _count_unread(figures),
                **({"before": spending.compared.before.get(group, Amount())} if spending.compared else {}),
            }
            for group, figures in spending.groups
        ],
    }


def _export_beside(spending: Spending) -> dict[str, object]:
    """Return what stands beside costs: as many days before those that are over, and the month."""
    beside: dict[str, object] = {}
    if compared := spending.compared:
        over, before = compared.totals
        beside["compared"] = {
            "start_time": compared.start,
            "end_time": spending.start,
            "total": before,
            "with_end_time": compared.end,
            "with_total": over,
            "change": find_change(over, before),
        }
    if spending.money:
        beside["month"] = export_money(spending.money)
    return beside


def _count_unread(figures: Figures) -> int:
    """Return how many parts of some sums cannot be read."""
    return sum(figure.unread for figure in figures)


def _csv_rows(spending: Spending) -> Iterator[str]:
    by, kind = spending.question.by, spending.question.kind
    named = [name for name in by if name in NAME_SOURCES]
    rows: list[list[object]] = [
        [*by, *(f"{name_dimension(name)}_name" for name in named), *(measure.path for measure in kind.measures)]
    ]
    for group, figures in spending.groups:
        ids = dict(zip(by, group, strict=True))
        rows.append([*group, *(spending.names.get(str(ids[name])) for name in named), *figures])
    if _count_unread(spending.total):
        rows[0].append("unreadable")
        for row, (_, figures) in zip(rows[1:], spending.groups, strict=True):
            row.append(_count_unread(figures))
    for row in rows:
        yield write_csv_line(row, end="")


def _draw_table(spending: Spending) -> Iterator[str]:
    """Yield the lines of the table, with what came before beside costs."""
    by, measures = spending.question.by, spending.question.kind.measures
    headers = [name_dimension(name).replace("_", " ").upper() for name in by] + [
        each.label.upper() for each in measures
    ]

    compared = spending.compared

    def row(words: list[str], figures: Figures, group: tuple[Group, ...] | None) -> list[str]:
        read = [format_amount(value, each.unit) for value, each in zip(figures, measures, strict=True)]
        if compared and group is not None:
            read += [format_amount(compared.before.get(group, Amount()), "$"), compared.change(group)]
        elif compared:
            read += [format_amount(compared.totals[1], "$"), format_change(*compared.totals)]
        return [*words, *read]

    def word(value: Group, dimension: str) -> str:
        return (
            f"(no {name_dimension(dimension)})" if value is None else clean(spending.names.get(value, value), 60)
        )

    rows = [
        row([word(value, name) for value, name in zip(group, by, strict=True)], figures, group)
        for group, figures in spending.groups
    ]
    if by:
        rows.append(row(["total", *[""] * (len(by) - 1)], spending.total, None))
    if compared:
        headers += ["BEFORE", "CHANGE"]
    yield f"{spending.question.kind.name}, {spending.period}"
    yield from align(headers, rows, ["left"] * len(by) + ["right"] * (len(headers) - len(by)))
    if compared:
        yield ""
        before, after = name_days(compared.start, spending.start), name_days(spending.start, compared.end)
        yield f"BEFORE is {before}; CHANGE is {after} against it."
    if money := spending.money:
        yield ""
        yield from _month_lines(money)


def _month_lines(money: Money) -> Iterator[str]:
    """Yield what the month comes to, and how its end is reckoned."""
    yield f"{money.month_name}: {describe_spent(money)[0]}"
    if end := describe_end(money, "at its end")[0]:
        yield f"  {end}: an estimate, with {METHOD}"
    if not money.are_alerts_known:
        yield "  alerts: not known"
    elif alerts := describe_alerts(money)[0]:
        yield f"  alerts: {alerts}"
    if change := describe_change(money):
        yield f"  {change}"
