from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.style import Style

from tests.support.viewing import Stage, staged
from tui.widgets.charts.chart import (
    MIN_HEIGHT,
    MIN_WIDTH,
    CurveChart,
    Plot,
    format_number,
    format_numbers,
    scale_of,
)
from tui.widgets.charts.points import keep_finite_points, smooth_points, thin_points

LOSS = [(float(step), 2.4 * math.exp(-step / 200) + 0.3) for step in range(1, 900)]
BRAILLE = re.compile("[\u2801-\u28ff]")

anything = st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=3), st.booleans())


def curve(stage: Stage) -> list[str]:
    return [line for line in stage.text() if BRAILLE.search(line)]


@given(st.lists(st.tuples(anything, anything)))
def test_only_finite_points_are_used_in_order_of_x(points: list[tuple[object, object]]) -> None:
    found = keep_finite_points(points)
    assert found == sorted(found)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in found)


spread = st.tuples(st.floats(-1e290, 1e290), st.floats(-1e290, 1e290), st.just(False))
steps = st.tuples(st.integers(0, 10**9).map(float), st.integers(0, 10**9).map(float), st.just(True))


@given(spread | steps, st.integers(1, 8))
def test_a_scale_spans_its_values_and_its_ticks_lie_within(ends: tuple[float, float, bool], ticks: int) -> None:
    low, high, whole = min(ends[:2]), max(ends[:2]), ends[2]
    scale = scale_of(low, high, ticks, whole=whole)
    slack = (scale.high - scale.low) * 1e-6
    assert scale.low <= low <= high <= scale.high
    assert scale.low < scale.high
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in scale.ticks)
    assert len(scale.ticks) <= 40
    assert 0 <= scale.at(low, 10) <= scale.at(high, 10) < 10


def test_ticks_are_round_numbers() -> None:
    assert scale_of(0.31, 2.69, 4).ticks == (0.5, 1.0, 1.5, 2.0, 2.5)
    assert scale_of(1, 899, 4, whole=True).ticks == (200, 400, 600, 800)
    assert scale_of(1, 3, 2, whole=True).ticks == (1, 2, 3)


def test_thinning_keeps_the_ends_and_the_peaks() -> None:
    points = [(float(x), math.sin(x)) for x in range(100_000)]
    points[70_000] = (70_000.0, 50.0)
    kept = thin_points(points, 80)
    assert len(kept) <= 81 * 4
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert (70_000.0, 50.0) in kept
    assert kept == sorted(kept)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (0.5, "0.5"), (900, "900"), (12_500, "12.5k"), (3e6, "3M"), (1e-9, "1e-09"), (1e300, "1e+300")],
)
def test_numbers_are_short(value: float, expected: str) -> None:
    assert format_number(value) == expected


def test_numbers_of_an_axis_have_equally_many_decimals() -> None:
    assert format_numbers((0.5, 1.0, 1.5)) == ["0.5", "1.0", "1.5"]


@pytest.mark.parametrize(("width", "height"), [(40, 8), (80, 24), (120, 40), (160, 40)])
async def test_a_falling_loss_falls_at_every_size(width: int, height: int) -> None:
    chart = CurveChart()
    async with staged(chart, width=width, height=height) as stage:
        chart.show({"train": LOSS, "valid": LOSS[::50]})
        await stage.pilot.pause()
        lines = stage.text()
        assert all(len(line) <= width for line in lines)
        assert BRAILLE.search(lines[0]).start() < width / 3  # type: ignore[union-attr]
        starts = [BRAILLE.search(line).start() for line in curve(stage)]  # type: ignore[union-attr]
        assert starts == sorted(starts)
        assert len(curve(stage)) == height - 2
        assert "┤" in "".join(lines)
        assert "┬" in lines[-2]
        assert "800" in lines[-1]
        assert "train" in "".join(lines)
        assert "valid" in "".join(lines)


def test_a_moving_average_follows_and_starts_with_what_was_measured() -> None:
    points = [(float(x), 1.0 if x % 2 else 3.0) for x in range(1, 200)]
    smoothed = smooth_points(points, 0.9)
    assert [x for x, _ in smoothed] == [x for x, _ in points]
    assert smoothed[0] == points[0]
    assert all(1.8 < y < 2.2 for _, y in smoothed[-20:])
    assert smooth_points(points, 0.0) == points


async def test_a_chart_names_its_axes_and_says_how_it_is_smoothed_and_what_it_marks() -> None:
    chart = CurveChart()
    async with staged(chart, width=60, height=16) as stage:
        chart.show_groups({"loss": {"train": LOSS}})
        chart.show_marks("checkpoint", [300.0, 899.0, 5_000.0])
        chart.smooth(0.6)
        await stage.pilot.pause()
        lines = stage.text()
        assert lines[0] == " loss by step  ·  smoothed 0.6  ·  ◆ checkpoint"
        assert lines[-2].count("◆") == 2
        chart.show_marks("checkpoint", [])
        chart.smooth(0.0)
        await stage.pilot.pause()
        assert stage.text()[0] == " loss by step"


async def test_the_legend_tells_the_latest_value() -> None:
    chart = CurveChart()
    async with staged(chart) as stage:
        chart.show({"train": [(2, 0.25), (1, 3.0)]})
        await stage.pilot.pause()
        assert any(re.search(r"━━ train +0\.25", line) for line in stage.text())


async def test_the_same_points_repaint_nothing_and_new_ones_repaint() -> None:
    chart = CurveChart()
    async with staged(chart) as stage:
        chart.show({"train": LOSS})
        await stage.pilot.pause()
        await stage.settle()
        chart.show({"train": list(LOSS)})
        await stage.pilot.pause()
        assert stage.drawn == []
        chart.show({"train": [*LOSS, (900.0, 0.1)]})
        await stage.pilot.pause()
        assert stage.drawn


async def test_it_says_when_there_is_nothing_to_draw() -> None:
    chart = CurveChart(empty="The job has not started.")
    async with staged(chart) as stage:
        assert stage.text()[1].strip() == "The job has not started."
        chart.show({"train": [(1, math.nan), (2, math.inf)]})
        await stage.pilot.pause()
        assert stage.text()[1].strip() == "The job has not started."


@given(
    series=st.dictionaries(
        st.text(max_size=4), st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=20), max_size=7
    ),
    width=st.integers(MIN_WIDTH, 60),
    height=st.integers(MIN_HEIGHT, 20),
)
def test_no_data_and_no_size_breaks_it(
    series: dict[str, list[tuple[float, float]]], width: int, height: int
) -> None:
    found = {name: keep_finite_points(points) for name, points in series.items()}
    found = {name: points for name, points in found.items() if points}
    assume(found)
    lines = Plot(found, "step", lambda _: Style.null()).lines(width, height)
    assert len(lines) == height
    assert all(sum(segment.cell_length for segment in line) <= width for line in lines)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (15, 24), (80, 3), (80, 1)])
async def test_it_says_when_there_is_no_room(width: int, height: int) -> None:
    chart = CurveChart()
    async with staged(chart, width=width, height=height) as stage:
        chart.show({"train": LOSS})
        await stage.pilot.pause()
        assert curve(stage) == []
        assert "Too small for a chart."[: max(0, width - 2)] in "".join(stage.text())


async def test_names_reach_the_terminal_harmlessly() -> None:
    chart = CurveChart()
    async with staged(chart) as stage:
        chart.show({"\x1b[31m[/x]": [(1, 1), (2, 2)]}, x_label="st\x07ep")
        await stage.pilot.pause()
        assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(stage.text()))
        assert "[/x]" in "".join(stage.text())


async def test_thousands_of_random_points_draw_within_the_frame() -> None:
    chart = CurveChart()
    noise = random.Random(1)
    async with staged(chart, width=40, height=8) as stage:
        chart.show({name: [(float(x), noise.gauss(0, 1)) for x in range(20_000)] for name in ("a", "b")})
        await stage.pilot.pause()
        assert len(stage.text()) == 8
        assert curve(stage)


async def test_groups_stand_one_below_the_other_as_far_as_they_fit() -> None:
    groups: dict[str, dict[str, list[tuple[float, float]]]] = {
        "mean reward": {"train": LOSS},
        "loss": {"train": LOSS, "valid": LOSS},
        "none": {"train": []},
    }
    chart = CurveChart()
    async with staged(chart, height=20) as stage:
        chart.show_groups(groups)
        await stage.pilot.pause()
        text = "\n".join(stage.text())
        assert "mean reward" in text
        assert "loss" in text
        assert text.count("train") == 2
        assert "none" not in text
    chart = CurveChart(most=1)
    async with staged(chart, height=20) as stage:
        chart.show_groups(groups)
        await stage.pilot.pause()
        text = "\n".join(stage.text())
        assert "mean reward" in text
        assert "loss" not in text
