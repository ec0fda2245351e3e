"""The order of a list whose pages come in one at a time, and the gaps in it.

A gap is a place behind which objects may be missing, with the cursor that reads on from there. What is not loaded
yet is a gap at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fit(NamedTuple):
    """The change that a page made to the order: ids that came, ids that went, and whether known ones moved."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: bool


class ListOrder:
    """The ids of a list's objects in the server's order."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        # By the id before the gap ("" is the head of the list); the cursor is None where none is known.
        self._gaps: dict[str, str | None] = {"": None}

    @property
    def complete(self) -> bool:
        """Whether the end of the list was reached and no gap is known."""
        return not self._gaps

    @property
    def next(self) -> str | None:
        """The cursor of the first gap that has one. None: all is there, it is `cut`, or only page 1 can tell."""
        return self._gaps[gap] if (gap := self._first_gap()) is not None else None

    @property
    def cut(self) -> bool:
        """Whether the server has more and tells no way to it."""
        return bool(self._gaps and self.ids) and self.next is None

    def before_gap(self) -> Sequence[str]:
        """Return the ids in front of the first gap that can be read on from."""
        gap = self._first_gap()
        return self.ids[: self.ids.index(gap) + 1] if gap else ()

    def prepend(self, id_: str) -> None:
        """Put a new object to the front."""
        self.ids.insert(0, id_)

    def remove(self, id_: str) -> None:
        """Take out an object that is gone."""
        self._bypass(id_)
        self.ids.remove(id_)

    def fit(
        self, page: Sequence[str], known: Sequence[str], after: str | None, has_more: bool, cursor: str | None
    ) -> Fit:
        """Fit the ids of a page into the order and mend the gaps it covers.

        `known` are those of the page that are in the order already, `after` is the cursor the page was asked with
        (None: page 1) and `cursor` the one behind it.
        """
        start, anchored = self._start_of(after, known)
        stop = len(self.ids)
        if has_more:
            ends = (_find(self.ids, id_, start) for id_ in reversed(known))
            stop = 1 + next((end for end in ends if end is not None), start - 1)
        span = self.ids[start:stop]
        inside = set(span)
        strays = {id_ for id_ in known if id_ not in inside}
        if strays:  # they stand elsewhere until now
            start -= sum(id_ in strays for id_ in self.ids[:start])
            for id_ in strays:
                self._bypass(id_)
            self.ids[:] = [id_ for id_ in self.ids if id_ not in strays]
        old, new = set(known), set(page)
        added = tuple(id_ for id_ in page if id_ not in old)

        before = self.ids[start - 1] if start else ""
        last = page[-1] if page else before
        # What is behind the page is known, unless nothing is: then the list has grown at its end.
        joins = bool(span) and last == span[-1] != self.ids[-1] and last not in self._gaps
        for id_ in span:
            self._gaps.pop(id_, None)
        if anchored:
            self._gaps.pop(before, None)
        elif added and added[0] == page[0]:
            self._gaps.setdefault(before, before or None)
        if not has_more:
            self._gaps.pop(last, None)
        elif not joins:
            self._gaps[last] = cursor

        self.ids[start : start + len(span)] = page
        return Fit(
            added,
            removed=tuple(id_ for id_ in span if id_ not in new),
            moved=bool(strays) or [id_ for id_ in span if id_ in new] != known,
        )

    def _start_of(self, after: str | None, known: Sequence[str]) -> tuple[int, bool]:
        """Return where in the order a page begins that holds the `known` ids, and whether that is sure."""
        if after is None:
            return 0, True
        # An id is its own cursor; any other cursor is known while it leads into a gap.
        anchor = next((id_ for id_, cursor in self._gaps.items() if cursor == after), after)
        if anchor == "":
            return 0, True
        if (found := _find(self.ids, anchor)) is not None:
            return found + 1, True
        # The cursor's row went while the page was on its way: begin where the page meets what is known.
        return (self.ids.index(known[0]) if known else len(self.ids)), False

    def _first_gap(self) -> str | None:
        """Return the id before the gap nearest to the front that has a cursor.

        "" stands for the head of the list, None for no such gap.
        """
        if "" in self._gaps:
            return ""
        leading = [id_ for id_, cursor in self._gaps.items() if cursor]
        if len(leading) < 2:
            return leading[0] if leading else None
        return next(id_ for id_ in self.ids if id_ in leading)

    def _bypass(self, id_: str) -> None:
        """Hand the gap behind an object, which is about to leave its place, to the one before it."""
        if id_ not in self._gaps:
            return
        cursor = self._gaps.pop(id_)
        at = self.ids.index(id_)
        before = self.ids[at - 1] if at else ""
        # A cursor that is the id of a gone object may be refused.
        self._gaps.setdefault(before, (before or None) if cursor == id_ else cursor)


def _find(order: Sequence[str], id_: str, start: int = 0) -> int | None:
    """Return the place of an id at or behind `start`. The end is looked at first: there pages are appended."""
    if order and order[-1] == id_:
        return len(order) - 1 if len(order) > start else None
    try:
        return order.index(id_, start)
    except ValueError:
        return None
