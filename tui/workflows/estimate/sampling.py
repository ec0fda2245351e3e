"""A sum over all lines of a file from a random sample of them, with the error that it may have."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_LEAST_FOR_LINE = 8  # pairs from which a line is drawn through them; with fewer it goes through 0


class Sampled(NamedTuple):
    """A sum over all, and how far it may be off."""

    total: float
    error: float | None
    """Half the width of the interval that holds the true sum in 19 of 20 cases; None where that is unknown."""

    @property
    def share(self) -> float | None:
        """The error as a share of the sum; None where it is unknown."""
        return None if self.error is None or not self.total else self.error / self.total


class Reservoir(Generic[T]):
    """Keeps a random sample of what comes by, however much that is. The same things give the same sample."""

    def __init__(self, most: int, seed: int = 0) -> None:
        self._most, self._chance = most, random.Random(seed)
        self._kept: list[T] = []
        self._seen = 0

    def take(self, item: T) -> None:
        """Keep the next item, or not."""
        self._seen += 1
        if len(self._kept) < self._most:
            self._kept.append(item)
        elif (place := self._chance.randrange(self._seen)) < self._most:
            self._kept[place] = item

    def items(self) -> list[T]:
        """Return what is kept in random order, so that the first of them are a sample too."""
        found = list(self._kept)
        self._chance.shuffle(found)
        return found


def estimate_total(pairs: Sequence[tuple[float, float]], count: int, sizes: float) -> Sampled:
    """Return the sum of a figure over `count` things, known for some, that grows with their size.

    `pairs` are size and figure of the sample, `sizes` is the sum of the sizes of all. A line through the pairs
    (a regression, with fewer than eight a ratio) gives the figure of each size.
    """
    n = len(pairs)
    if n >= count:
        return Sampled(sum(figure for _, figure in pairs), 0.0)
    size = sum(each for each, _ in pairs) / n
    figure = sum(each for _, each in pairs) / n
    spread = sum((x - size) ** 2 for x, _ in pairs)
    if n >= _LEAST_FOR_LINE:
        slope = sum((x - size) * (y - figure) for x, y in pairs) / spread if spread else 0.0
        free = n - 2
    else:
        slope = figure / size if size else 0.0
        free = n - 1
    total = count * figure + slope * (sizes - count * size)
    if free < 1:
        return Sampled(total, None)
    rest = sum((y - figure - slope * (x - size)) ** 2 for x, y in pairs) / free
    error = count * math.sqrt((1 - n / count) * rest / n)
    return Sampled(total, (1.96 + 2.5 / free) * error)  # Student's t, near enough
