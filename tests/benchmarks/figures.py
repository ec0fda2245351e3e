"""Figures: what was measured, beside what it is measured by, and whether it keeps its budget."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADERS = ("figure", "measured", "beside", "ratio", "budget", "met")


@dataclass(frozen=True)
class Figure:
    """One figure, with the yardstick that was measured in the same run."""

    name: str
    value: float
    unit: str
    """`ms`, `MB`, `B` … of the value, of the yardstick and of `most`."""
    yardstick: str = ""
    """What the value is compared with, in words."""
    beside: float | None = None
    times: float | None = None
    """The budget as a ratio to the yardstick."""
    most: float | None = None
    """The budget as such."""

    @property
    def ratio(self) -> float | None:
        """How many times the yardstick it is."""
        return self.value / self.beside if self.beside else None

    @property
    def met(self) -> bool | None:
        """Whether it keeps its budget; None where it has none."""
        if self.times is None and self.most is None:
            return None
        ratio = self.ratio or 0.0
        return (self.times is None or ratio <= self.times) and (self.most is None or self.value <= self.most)

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        beside = "" if self.beside is None else f"{_amount(self.beside)} {self.unit}, {self.yardstick}"
        budget = [f"≤ {self.times:g} ×"] if self.times is not None else []
        budget += [f"≤ {_amount(self.most)} {self.unit}"] if self.most is not None else []
        met = {True: "yes", False: "NO", None: ""}[self.met]
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        return self.name, f"{_amount(self.value)} {self.unit}", beside, ratio, " and ".join(budget), met


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def write_table(figures: Iterable[Figure]) -> str:
    """Return figures as a table of Markdown, which reads as well in a terminal."""
    rows = [HEADERS, *(figure.cells for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """Write figures to a file."""
    told = [{**asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in figures]
    path.write_text(json.dumps(told, indent=1) + "\n")
