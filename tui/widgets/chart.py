"""Curves over steps, drawn in braille: two by four dots to a cell.

textual-plot was tried and left: at 40x8 its margins leave one row for the plot and its legend covers that, it binds
keys that mean something else here, reads labels as markup and brings numpy (13 MB).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.strip import Strip
from textual.widget import Widget

from tui.text import clean, fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.style import Style

Point = tuple[float, float]

_SERIES = 5  # tones there are; further series take them again
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # bits of a braille cell by column and row
_MIN_WIDTH, _MIN_HEIGHT = 16, 4


class Scale(NamedTuple):
    """The values an axis goes from and to, and those it names."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float, room: int) -> int:
        """Which of `room` places from the low end `value` falls on."""
        return min(room - 1, max(0, round((value - self.low) / (self.high - self.low) * (room - 1))))


def scale_of(low: float, high: float, ticks: int, *, whole: bool = False) -> Scale:
    """A scale from `low` to `high` with at least `ticks` ticks, if it can be, on round (or `whole`) numbers."""
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-290):
        pad = abs(low) / 2 if abs(low) > 1e-290 else 1.0
        low, high = low - pad, high + pad
    power = math.floor(math.log10(high - low))
    first = last = 0
    step = 1.0
    for step in (factor * 10.0**exponent for exponent in (power, power - 1, power - 2) for factor in (5, 2, 1)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 >= ticks or (whole and step <= 1):
            break
    step, last = (1.0, math.floor(high)) if whole and step < 1 else (step, last)
    return Scale(low, high, tuple(index * step for index in range(math.ceil(low / step - 1e-9), last + 1)))


def thin(points: Sequence[Point], columns: int) -> list[Point]:
    """Of `points` in order of x, those that show on `columns`: first, lowest, highest and last of each column."""
    if len(points) <= 4 * columns:
        return list(points)
    low, high = points[0][0], points[-1][0]
    width = (high - low) / columns or 1.0
    kept: list[Point] = []
    bucket: list[Point] = []
    column = 0
    for point in (*points, (math.inf, 0.0)):
        place = columns if math.isinf(point[0]) else int((point[0] - low) / width)
        if place != column and bucket:
            edge = {
                bucket[0],
                min(bucket, key=lambda item: item[1]),
                max(bucket, key=lambda item: item[1]),
                bucket[-1],
            }
            kept += sorted(edge)
            bucket = []
        column = place
        bucket.append(point)
    return kept


def usable(points: Iterable[tuple[object, object]]) -> list[Point]:
    """The points whose both numbers are finite, in order of x; what else the platform sent is left out."""
    found = []
    for x, y in points:
        if isinstance(x, int | float) and isinstance(y, int | float):
            try:
                point = (float(x), float(y))
            except OverflowError:
                continue
            if math.isfinite(point[0]) and math.isfinite(point[1]):
                found.append(point)
    return sorted(found)


class CurveChart(Widget):
    """Curves of several series over a common x, with axes and a legend. Draws only when told something new."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "curve-chart--axis",
        *(f"curve-chart--series-{number}" for number in range(_SERIES)),
    }

    DEFAULT_CSS = """
    CurveChart {
        height: 1fr;
        & > .curve-chart--axis { text-style: dim; }
        & > .curve-chart--series-0 { color: $text-primary; }
        & > .curve-chart--series-1 { color: $text-warning; }
        & > .curve-chart--series-2 { color: $text-success; }
        & > .curve-chart--series-3 { color: $text-error; }
        & > .curve-chart--series-4 { color: $text-secondary; }
    }
    """

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        empty: str = "No measurements yet.",
    ) -> None:
        """`empty` is what the chart says when there is nothing to draw."""
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._series: dict[str, list[Point]] = {}
        self._x_label = "step"
        self._drawn: list[Strip] = []
        self._drawn_size = (0, 0)

    def show(self, series: Mapping[str, Sequence[tuple[float, float]]], x_label: str = "step") -> None:
        """Draw `series` by name, each (x, y) points in any order. Values that are no finite numbers are left out."""
        read = {name: usable(points) for name, points in series.items()}
        read = {name: points for name, points in read.items() if points}
        if (read, x_label) != (self._series, self._x_label):
            self._series, self._x_label = read, x_label
            self._drawn = []
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the colours of before."""
        super().notify_style_update()
        self._drawn = []

    def render_line(self, y: int) -> Strip:
        """One line of the chart."""
        if not self._drawn or self._drawn_size != (self.size.width, self.size.height):
            self._drawn_size = (self.size.width, self.size.height)
            self._drawn = self._draw(*self._drawn_size)
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"curve-chart--{name}", partial=True)

    def _draw(self, width: int, height: int) -> list[Strip]:
        if not self._series or width < _MIN_WIDTH or height < _MIN_HEIGHT:
            text = "Too small for a chart." if self._series else self._empty
            lines = [[Segment("")], [Segment(f"  {text}", self._style("axis"))]][-max(1, min(2, height)) :]
        else:
            lines = self._plot(width, height)
        return [Strip(line).crop_extend(0, width, NULL_STYLE).apply_style(self.rich_style) for line in lines]

    def _plot(self, width: int, height: int) -> list[list[Segment]]:
        xs = [x for points in self._series.values() for x, _ in (points[0], points[-1])]
        ys = [y for points in self._series.values() for _, y in points]
        rows = height - 2  # the x axis and its numbers
        y_scale = scale_of(min(ys), max(ys), max(1, min(6, rows // 3)))
        y_labels = {y_scale.at(tick, rows): number(tick) for tick in y_scale.ticks}
        margin = max(cell_len(label) for label in y_labels.values())
        columns = width - margin - 3
        whole = all(x.is_integer() for x in xs)
        low, high = min(xs), max(xs)
        ticks = scale_of(low, high, max(1, columns // 12), whole=whole).ticks
        x_scale = Scale(low, high if high > low else low + 1, tuple(tick for tick in ticks if low <= tick <= high))
        axis = self._style("axis")
        body = self._cells(columns, rows, x_scale, y_scale)
        self._put_legend(body, columns)
        lines = []
        for row in range(rows):
            label = y_labels.get(rows - 1 - row, "")
            lines.append([Segment(f"{label:>{margin}} {'┤' if label else '│'}", axis), *body[row]])
        lines += [[Segment(text, axis)] for text in self._x_axis(margin, columns, x_scale)]
        return lines

    def _cells(self, columns: int, rows: int, x_scale: Scale, y_scale: Scale) -> list[list[Segment]]:
        """The curves as cells. Where two meet in a cell their dots share it, in the colour of the later one."""
        bits = [[0] * columns for _ in range(rows)]
        owner = [[0] * columns for _ in range(rows)]
        for index, points in enumerate(self._series.values()):
            spots = [
                (x_scale.at(x, columns * 2), rows * 4 - 1 - y_scale.at(y, rows * 4))
                for x, y in thin(points, columns * 2)
            ]
            for start, stop in zip(spots, spots[1:] or spots, strict=False):
                for x, y in line_between(start, stop):
                    bits[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
                    owner[y // 4][x // 2] = index % _SERIES
        tones = [self._style(f"series-{number}") for number in range(_SERIES)]
        return [
            [Segment(chr(0x2800 + cell) if cell else " ", tones[own]) for cell, own in zip(*both, strict=True)]
            for both in zip(bits, owner, strict=True)
        ]

    def _put_legend(self, body: list[list[Segment]], columns: int) -> None:
        """Name the series with their latest values, in the corner that covers least of the curves."""
        names = [fit(clean(name), min(16, max(cell_len(clean(name)), 1))) for name in self._series]
        wide = max(map(cell_len, names))
        entries = [
            (f" {name}{' ' * (wide - cell_len(name))} {number(points[-1][1]):>6} ", index % _SERIES)
            for index, (name, points) in enumerate(zip(names, self._series.values(), strict=True))
        ][: max(1, len(body) - 1)]
        span = wide + 11
        if span > columns:
            return
        corners = [(top, left) for top in (0, len(body) - len(entries)) for left in (columns - span, 0)]

        def covered(corner: tuple[int, int]) -> int:
            top, left = corner
            return sum(
                cell.text != " " for line in body[top : top + len(entries)] for cell in line[left : left + span]
            )

        top, left = min(corners, key=covered)
        for offset, (text, tone) in enumerate(entries):
            label = [Segment(" ━━", self._style(f"series-{tone}")), Segment(text)]
            body[top + offset][left : left + span] = label

    def _x_axis(self, margin: int, columns: int, scale: Scale) -> tuple[str, str]:
        marks = [" "] * (columns + margin + 3)
        rule = ["─"] * columns
        free = 0
        for tick in scale.ticks:
            place, label = scale.at(tick, columns), number(tick)
            begin = margin + 2 + place - len(label) // 2
            if begin < free or begin + len(label) > len(marks):
                continue
            rule[place] = "┬"
            marks[begin : begin + len(label)] = label
            free = begin + len(label) + 2
        name = clean(self._x_label, limit=20)
        if free + len(name) <= len(marks) - 1:
            marks[len(marks) - 1 - len(name) : -1] = name
        return f"{' ' * margin} ┼{''.join(rule)}", "".join(marks)


def line_between(start: tuple[int, int], stop: tuple[int, int]) -> Iterable[tuple[int, int]]:
    """The dots from `start` to `stop`, both included."""
    (x, y), (x_end, y_end) = start, stop
    steps = max(abs(x_end - x), abs(y_end - y), 1)
    return (
        (x + round((x_end - x) * step / steps), y + round((y_end - y) * step / steps)) for step in range(steps + 1)
    )


def number(value: float) -> str:
    """A number as an axis shows it: short, and free of the noise of binary fractions."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-4:
        return f"{value:.2g}"
    for bound, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= bound:
            return f"{value / bound if bound > 1e4 else value / 1e3:.4g}{unit}"
    return f"{value:.4g}"
