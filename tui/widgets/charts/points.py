"""Points of a curve: which of them can be drawn, which show, and their moving average."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]

SMOOTHING = (0.0, 0.6, 0.9)
"""How much of a moving average is what came before: the steps that a key goes through."""

_LIMIT = 1e300  # beyond it differences overflow


def keep_finite_points(points: Iterable[tuple[object, object]]) -> list[Point]:
    """Return the points whose both numbers are finite, in order of x; the others are left out."""
    found = []
    for x, y in points:
        if isinstance(x, int | float) and isinstance(y, int | float):
            try:
                point = (float(x), float(y))
            except OverflowError:
                continue
            if abs(point[0]) < _LIMIT and abs(point[1]) < _LIMIT:  # which NaN is not either
                found.append(point)
    return sorted(found)


def thin_points(points: Sequence[Point], columns: int) -> list[Point]:
    """Return those of `points`, in order of x, that show: first, lowest, highest and last of each column."""
    if len(points) <= 4 * columns:
        return list(points)
    low, high = points[0][0], points[-1][0]
    width = (high - low) / columns or 1.0
    kept: list[Point] = []
    bucket: list[Point] = []
    column = 0
    for point in (*points, (math.inf, 0.0)):
        place = -1 if math.isinf(point[0]) else int((point[0] - low) / width)
        if place != column and bucket:
            by_height = sorted(bucket, key=lambda item: item[1])
            kept += sorted({bucket[0], by_height[0], by_height[-1], bucket[-1]})
            bucket = []
        column = place
        bucket.append(point)
    return kept


def smooth_points(points: Sequence[Point], weight: float) -> list[Point]:
    """Return `points` with an exponential moving average of their values: `weight` of it is what came before.

    The first values count no more than the others, as they would if the average started with one of them.
    """
    if not weight:
        return list(points)
    smoothed, average, share = [], 0.0, 0.0
    for x, y in points:
        average = weight * average + (1 - weight) * y
        share = weight * share + 1 - weight
        smoothed.append((x, average / share))
    return smoothed


def find_next_smoothing(weight: float) -> float:
    """Return the weight that comes after this one; after the last comes 0."""
    return SMOOTHING[(SMOOTHING.index(weight) + 1) % len(SMOOTHING)]
