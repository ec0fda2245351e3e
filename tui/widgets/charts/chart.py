"""Curves over steps, drawn in braille: two by four dots to a cell.

textual-plot was tried and left: at 40x8 its margins leave one row for the plot and its legend covers that, it
binds keys that mean something else here, reads labels as markup and brings numpy (13 MB).
"""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.strip import Strip
from textual.widget import Widget

from tui.text import clean, fit
from tui.widgets.charts.points import keep_finite_points, smooth_points, thin_points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.style import Style

    from tui.widgets.charts.points import Point

SERIES = 5
"""How many series have a colour and a stroke of their own; further ones take them again."""
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # bits of a braille cell by column and row
# How the legend shows a curve, and how many dots of how many are set: colour is not all that tells them apart.
_STROKES = (("━━", 1, 1), ("╍╍", 4, 6), ("┄┄", 1, 3), ("─╌", 9, 12), ("··", 1, 6))
MARK = "◆"  # what stands on the axis of x at a marked value
MIN_WIDTH, MIN_HEIGHT = 16, 4
_GROUP_HEIGHT = 8  # lines a group of curves needs where several stand one below the other


class Scale(NamedTuple):
    """The values an axis goes from and to, and those it names."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float, room: int) -> int:
        """Return which of `room` cells from the low end `value` falls on."""
        return min(room - 1, max(0, round((value - self.low) / (self.high - self.low) * (room - 1))))


def scale_of(low: float, high: float, ticks: int, *, whole: bool = False) -> Scale:
    """Return a scale from `low` to `high` with at least `ticks` round (or `whole`) ticks, if it can be."""
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-290):
        pad = abs(low) / 2 if abs(low) > 1e-290 else 1.0
        low, high = low - pad, high + pad
    power = math.floor(math.log10(high - low))
    steps = [factor * 10.0**exponent for exponent in (power, power - 1, power - 2) for factor in (5, 2, 1)]
    found: tuple[float, ...] = ()
    for step in [step for step in steps if step >= 1] or [1.0] if whole else steps:
        found = tuple(
            index * step for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        )
        if len(found) >= ticks:
            break
    return Scale(low, high, found)


class Plot(NamedTuple):
    """Curves in the making: points by series, the name of x, and the style of each component."""

    series: Mapping[str, Sequence[Point]]
    x_label: str
    style: Callable[[str], Style]
    marks: Sequence[float] = ()
    """Values of x that are marked on its axis."""
    lettered: bool = False
    """Whether the first letter of each name stands at the end of its curve."""

    def lines(self, width: int, height: int) -> list[list[Segment]]:
        """Draw the chart in `height` lines of `width` cells."""
        xs = [x for points in self.series.values() for x, _ in (points[0], points[-1])]
        ys = [y for points in self.series.values() for _, y in points]
        rows = height - 2  # the x axis and its numbers
        y_scale = scale_of(min(ys), max(ys), max(2, min(5, rows // 5)))
        y_labels = dict(
            zip((y_scale.at(tick, rows) for tick in y_scale.ticks), format_numbers(y_scale.ticks), strict=True)
        )
        margin = max(cell_len(label) for label in y_labels.values())
        columns = width - margin - 3
        whole = all(x.is_integer() for x in xs)
        x_scale = scale_of(min(xs), max(xs), max(2, columns // 16), whole=whole)
        axis = self.style("axis")
        body = self._cells(columns, rows, x_scale, y_scale)
        self._put_legend(body, columns)
        lines = []
        for row in range(rows):
            label = y_labels.get(rows - 1 - row, "")
            lines.append([Segment(f"{label:>{margin}} {'┤' if label else '│'}", axis), *body[row]])
        lines += [[Segment(text, axis)] for text in self._x_axis(margin, columns, x_scale)]
        return lines

    def _cells(self, columns: int, rows: int, x_scale: Scale, y_scale: Scale) -> list[list[Segment]]:
        """Draw the curves in cells. Where two meet their dots share a cell, in the colour of the later one."""
        bits = [[0] * columns for _ in range(rows)]
        owner = [[0] * columns for _ in range(rows)]
        for index, points in enumerate(self.series.values()):
            spots = [
                (x_scale.at(x, columns * 2), rows * 4 - 1 - y_scale.at(y, rows * 4))
                for x, y in thin_points(points, columns * 2)
            ]
            _, dots, period = _STROKES[index % len(_STROKES)]
            lines = (draw_line(*ends) for ends in (pairwise(spots) if len(spots) > 1 else [(spots[0], spots[0])]))
            for count, (x, y) in enumerate(chain.from_iterable(lines)):
                if count % period < dots:
                    bits[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
                    owner[y // 4][x // 2] = index % SERIES
        tones = [self.style(f"series-{number}") for number in range(SERIES)]
        cells = [
            [
                Segment(chr(0x2800 + cell), tones[own]) if cell else Segment(" ")
                for cell, own in zip(*both, strict=True)
            ]
            for both in zip(bits, owner, strict=True)
        ]
        for index, (name, points) in enumerate(self.series.items() if self.lettered else ()):
            last_x, last_y = points[-1]
            row = (rows * 4 - 1 - y_scale.at(last_y, rows * 4)) // 4
            cells[row][x_scale.at(last_x, columns * 2) // 2] = Segment(clean(name)[:1], tones[index % SERIES])
        return cells

    def _put_legend(self, body: list[list[Segment]], columns: int) -> None:
        """Name the series with their latest values, in the corner that covers least of the curves."""
        values = [format_number(points[-1][1]) for points in self.series.values()]
        room = max(map(len, values))
        wide = min(24, max(cell_len(clean(name)) for name in self.series), max(4, columns - room - 6))
        entries = [f" {fit(name, wide)} {value:>{room}} " for name, value in zip(self.series, values, strict=True)]
        del entries[max(1, len(body) - 1) :]
        span = wide + room + 6
        if span > columns:
            return
        corners = [(top, left) for top in (0, len(body) - len(entries)) for left in (columns - span, 0)]

        def count_covered(corner: tuple[int, int]) -> int:
            top, left = corner
            return sum(
                cell.text != " " for line in body[top : top + len(entries)] for cell in line[left : left + span]
            )

        top, left = min(corners, key=count_covered)
        for index, text in enumerate(entries):
            stroke = f" {stroke_of(index)}"
            label = [Segment(stroke, self.style(f"series-{index % SERIES}")), Segment(text)]
            body[top + index][left : left + span] = label

    def _x_axis(self, margin: int, columns: int, scale: Scale) -> tuple[str, str]:
        marks = [" "] * (columns + margin + 3)
        rule = ["─"] * columns
        free = 0
        for tick, label in zip(scale.ticks, format_numbers(scale.ticks), strict=True):
            place = scale.at(tick, columns)
            begin = margin + 2 + place - len(label) // 2
            if begin < free or begin + len(label) > len(marks):
                continue
            rule[place] = "┬"
            marks[begin : begin + len(label)] = label
            free = begin + len(label) + 2
        name = clean(self.x_label, limit=20)
        if free + len(name) <= len(marks) - 1:
            marks[len(marks) - 1 - len(name) : -1] = name
        for mark in self.marks:
            if scale.low <= mark <= scale.high:
                rule[scale.at(mark, columns)] = MARK
        return f"{' ' * margin} ┼{''.join(rule)}", "".join(marks)


class CurveChart(Widget):
    """Curves of several series over a common x, with axes and a legend. Draws only when they change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "curve-chart--axis",
        *(f"curve-chart--series-{number}" for number in range(SERIES)),
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
        most: int = 1_000,
        lettered: bool = False,
    ) -> None:
        """`empty` is what the chart says when there is nothing to draw; at `most` so many groups are drawn.

        `lettered` puts the first letter of its name at the end of each curve.
        """
        super().__init__(id=id, classes=classes)
        self._empty, self._most, self._lettered = empty, most, lettered
        self._groups: dict[str, dict[str, list[Point]]] = {}
        self._x_label = "step"
        self._marks: tuple[str, tuple[float, ...]] = ("", ())
        self._weight = 0.0
        self._drawn: list[Strip] = []
        self._drawn_size = (0, 0)

    def show(self, series: Mapping[str, Sequence[tuple[float, float]]], x_label: str = "step") -> None:
        """Draw `series` by name, each (x, y) points in any order. What is no finite number is left out."""
        self.show_groups({"": series}, x_label)

    def show_groups(
        self, groups: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]], x_label: str = "step"
    ) -> None:
        """Draw groups of series by title, each with axes of its own, one below the other as far as they fit."""
        read: dict[str, dict[str, list[Point]]] = {}
        for title, series in groups.items():
            found = {name: keep_finite_points(points) for name, points in series.items()}
            if found := {name: points for name, points in found.items() if points}:
                read[title] = found
        if (read, x_label) != (self._groups, self._x_label):
            self._groups, self._x_label = read, x_label
            self._drawn = []
            self.refresh()

    def show_marks(self, name: str, marks: Sequence[float]) -> None:
        """Mark values of x on its axis; `name` is what one of them is."""
        self._draw_with((name, tuple(marks)), self._weight)

    def smooth(self, weight: float) -> None:
        """Draw moving averages, in which what came before weighs `weight` of all; 0 draws what was measured."""
        self._draw_with(self._marks, weight)

    def _draw_with(self, marks: tuple[str, tuple[float, ...]], weight: float) -> None:
        if (marks, weight) != (self._marks, self._weight):
            self._marks, self._weight = marks, weight
            self._drawn = []
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the colours of before."""
        super().notify_style_update()
        self._drawn = []

    def render_line(self, y: int) -> Strip:
        """Draw a line of the chart."""
        if not self._drawn or self._drawn_size != (self.size.width, self.size.height):
            self._drawn_size = (self.size.width, self.size.height)
            self._drawn = self._draw(*self._drawn_size)
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width, self.rich_style)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"curve-chart--{name}", partial=True)

    def _draw(self, width: int, height: int) -> list[Strip]:
        if not self._groups or width < MIN_WIDTH or height < MIN_HEIGHT:
            text = "Too small for a chart." if self._groups else self._empty
            lines = [[Segment("")], [Segment(f"  {text}", self._style("axis"))]][-max(1, min(2, height)) :]
        else:
            lines = self._plots(width, height)
        return [
            Strip(line).crop_extend(0, width, NULL_STYLE).apply_style(self.rich_style).simplify() for line in lines
        ]

    def _plots(self, width: int, height: int) -> list[list[Segment]]:
        """Draw as many groups as fit, each below what it measures and how it is drawn."""
        fitting = max(1, min(self._most, len(self._groups), height // _GROUP_HEIGHT))
        lines: list[list[Segment]] = []
        for index, (title, series) in enumerate(list(self._groups.items())[:fitting]):
            rows = (height - len(lines)) // (fitting - index)
            if (caption := self._caption(title)) and rows > MIN_HEIGHT:
                lines.append([Segment(fit(f" {caption}", width), self._style("axis"))])
                rows -= 1
            curves = {name: smooth_points(points, self._weight) for name, points in series.items()}
            lines += Plot(curves, self._x_label, self._style, self._marks[1], self._lettered).lines(width, rows)
        return lines

    def _caption(self, title: str) -> str:
        name, marks = self._marks
        measured = f"{clean(title)} by {clean(self._x_label, limit=20)}" if title else ""
        smoothed = f"smoothed {self._weight:g}" if self._weight else ""
        return "  ·  ".join(filter(None, [measured, smoothed, f"{MARK} {name}" if marks else ""]))


def stroke_of(series: int) -> str:
    """Return how a legend shows the curve of a series, by its number from 0."""
    return _STROKES[series % len(_STROKES)][0]


def draw_line(start: tuple[int, int], stop: tuple[int, int]) -> Iterable[tuple[int, int]]:
    """Return the dots from `start` to `stop`, both included."""
    (x, y), (x_end, y_end) = start, stop
    steps = max(abs(x_end - x), abs(y_end - y), 1)
    return (
        (x + round((x_end - x) * step / steps), y + round((y_end - y) * step / steps)) for step in range(steps + 1)
    )


def format_number(value: float) -> str:
    """Return a number as an axis shows it: short, and free of the noise of binary fractions."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-4:
        return f"{value:.2g}"
    for bound, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= bound:
            return f"{value / bound if bound > 1e4 else value / 1e3:.4g}{unit}"
    return f"{value:.4g}"


def format_numbers(values: Sequence[float]) -> list[str]:
    """Return the numbers of one axis, with equally many decimals where they have any."""
    labels = [format_number(value) for value in values]
    if any(label[-1].isalpha() or "e" in label for label in labels):
        return labels
    decimals = max((len(label.partition(".")[2]) for label in labels), default=0)
    return [f"{value:.{decimals}f}" for value in values]
