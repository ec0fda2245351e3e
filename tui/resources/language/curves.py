"""Measurements of a job's events, sorted into curves: one group for each quantity, whatever it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Chart

Points = list[tuple[Any, Any]]

MAX_GROUPS, MAX_CURVES = 12, 5
# What a quantity was measured on: it stands before its name, as in full_valid_loss.
_SETS = ("full_valid", "train", "valid", "eval", "test")


def read_figure(value: Any) -> float | None:
    """Return a number, also one written as text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def find_figures(data: Mapping[Any, Any], within: str = "") -> dict[str, float]:
    """Return the numbers in a measurement by name; those of objects in it by dotted names."""
    found: dict[str, float] = {}
    for key, value in data.items():
        name = f"{within}{key}"
        if isinstance(value, dict):
            found |= find_figures(value, f"{name}.")
        elif (number := read_figure(value)) is not None:
            found[name] = number
    return found


def sort_curves(chart: Chart, records: Iterable[Record]) -> dict[str, dict[str, Points]]:
    """Return the curves by quantity (loss, mean reward …) and within it by the set they were measured on.

    Quantities with a word of `chart.first` come first. Without a step, measurements are numbered as they come.
    """
    groups: dict[str, dict[str, Points]] = {}
    for number, record in enumerate(records, 1):
        data = record.at(chart.data)
        if not isinstance(data, dict):
            continue
        found = find_figures(data)
        x = found.pop(chart.x, number)
        for name, y in found.items():
            if name in chart.without:
                continue
            over, quantity = _split_name(name)
            group = groups.setdefault(quantity, {})
            if over in group or len(group) < MAX_CURVES:
                group.setdefault(over, []).append((x, y))

    def rank(quantity: str) -> int:
        return next((at for at, word in enumerate(chart.first) if word in quantity), len(chart.first))

    return {quantity: groups[quantity] for quantity in sorted(groups, key=rank)[:MAX_GROUPS]}


def _split_name(name: str) -> tuple[str, str]:
    """Return the set a figure was measured on (its own name if it says none), and its quantity, in words."""
    over = next((one for one in _SETS if name.startswith(f"{one}_")), "")
    quantity = name.removeprefix(f"{over}_").replace("_", " ")
    return over.replace("_", " ") or quantity, quantity
