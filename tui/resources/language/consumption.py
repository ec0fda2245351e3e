"""Kinds of usage: what can be counted over time, by which dimensions, and how to ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Operation


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A figure of a bucket. `unit` is "", "$", "B" or "s"; a `level` is how much there was, not how much came."""

    path: str
    label: str
    unit: str = ""
    level: bool = False

    @property
    def noun(self) -> str:
        """What one figure of it is called where it cannot be read."""
        return "amount" if self.unit == "$" else "count"


@dataclass(frozen=True, slots=True, eq=False)
class UsageKind:
    """A kind of usage: what it is called, its call, figures, dimensions to group by, and its caps.

    `buckets` are the most a request may ask for, by their width in seconds. `since` says for which dimensions the
    API answers only from that moment on.
    """

    name: str
    operation: Operation
    measures: tuple[Measure, ...]
    dimensions: tuple[str, ...]
    buckets: Mapping[int, int]
    since: Mapping[str, int]
