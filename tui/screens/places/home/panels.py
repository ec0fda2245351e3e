"""The panels of home: what they are called, how their columns behave, and which there is room for."""

from __future__ import annotations

from typing import NamedTuple

OBJECTS, SUMS = ("needs", "flight", "ends"), ("money", "headroom", "storage")
PANELS = (*OBJECTS, *SUMS)
TITLES = dict(zip(PANELS, ("needs you", "in flight", "ends soon", *SUMS), strict=True))
LOW = 20  # lines of a terminal in which the sums have no room ...
HIGH = 34  # ... and from which on what ends has its lines below what is in flight
FEW = 7  # lines that what ends soon has at least


class Columns(NamedTuple):
    """How the columns of a panel behave, each by its index."""

    grow: int
    """The one that takes the room that is left."""
    right: tuple[int, ...]
    """Those aligned to the right."""
    drop: tuple[int, ...]
    """Those left out where it is narrow, in this order."""
    names: tuple[int, ...] = ()
    """Those that hold names."""

    def behind_account(self) -> Columns:
        """Return them behind a column that says whose a row is."""
        right, drop, names = (tuple(at + 1 for at in each) for each in (self.right, self.drop, self.names))
        return Columns(self.grow + 1, right, drop, names)


COLUMNS = {
    "needs": Columns(3, (), (1,)),
    "flight": Columns(1, (3, 4, 5), (5, 3, 0), (1,)),
    "ends": Columns(2, (0,), (3, 1), (2,)),
    "money": Columns(1, (), ()),
    "headroom": Columns(0, (3,), (1, 2), (0,)),
    "storage": Columns(0, (2, 3), (1, 3)),
}


def choose_panels(at: str, height: int, *, beside: bool) -> set[str]:
    """Return the panels there is room for in so many lines, and in any case the one that the focus is `at`.

    `beside` says whether objects stand beside each other, and so do sums.
    """
    low, both = height < LOW, beside or height >= HIGH  # both: what is in flight, and what ends soon
    shown = {
        "needs": not low or at in OBJECTS,
        "flight": (both or at != "ends") and not (low and at in SUMS),
        "ends": both and not (low and at in SUMS),
        "money": not low and (beside or at != "headroom"),
        "headroom": not low and beside,
        "storage": not low,
    }
    return {at, *(name for name, there in shown.items() if there)}


def share_lines(room: int, flights: int, ends: int) -> int:
    """Return the lines of `room` that what ends soon gets: those that what is in flight does not need."""
    return max(FEW, min(ends + 1, room - max(flights + 1, FEW)))
