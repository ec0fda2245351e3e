"""The cursor of a list that changes meanwhile, with its screen and range of marks, kept by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.live.lists.view import View


class ListCursor:
    """The cursor and what is in sight of a view, kept by id, never by row number.

    `cursor` is the id of the object the cursor stands on, `row` its row; `wanted` is an object it is to go to once
    that is listed. Rows in sight are counted from `top`.
    """

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.wanted: str | None = None
        self.row = 0
        self.seen: list[str] = []
        self._range: tuple[str, frozenset[str]] | None = None  # where it starts, and what was marked before
        self._sticky = False

    def look_around(self, view: View, top: int, page: int) -> None:
        """Remember what is in sight: `page` rows from `top` on. By that the place is found again."""
        self.seen = list(view.ids[top : top + page])

    def move(self, view: View, row: int) -> bool:
        """Move the cursor to a row, or the nearest there is. Returns whether that is another object."""
        was = self.cursor
        self.wanted = None
        self.row = max(0, min(row, len(view) - 1))
        self.cursor = view.ids[self.row] if len(view) else None
        return self.cursor != was

    def reveal(self, top: int, page: int) -> int:
        """Return the first row in sight after scrolling as little as brings the cursor into sight."""
        return min(max(top, self.row - page + 1), self.row)

    def follow(self, view: View, top: int, page: int) -> tuple[int, bool]:
        """Find the place again after rows moved, came or went.

        The cursor stays on its object, or goes to the neighbour below or above when that is gone. The cursor's
        line, or the first line in sight when the cursor is out of it, stays where it was on the screen. At the
        head of the list new objects come into sight as long as they do not push the cursor out of it.

        Returns:
            The first row in sight, and whether the cursor stands on another object.
        """
        if self.wanted and (row := view.index(self.wanted)) is not None:
            moved = self.move(view, row)
            return self.reveal(top, page), moved
        wanted, was, seen = self.wanted, self.cursor, self.seen
        at = seen.index(was) if was in seen else None
        row = view.index(was) if was else None
        if row is None and at is not None:
            row = _first_row(view, [*seen[at + 1 :], *reversed(seen[:at])])
        moved = self.move(view, self.row if row is None else row)
        self.wanted = wanted
        held = self.cursor if at is not None and self.cursor in seen else None
        anchor = held or next((id_ for id_ in seen if view.index(id_) is not None), None)
        if anchor is None:
            return self.reveal(top, page), moved
        if top or self.row >= page:
            top = (view.index(anchor) or 0) - seen.index(anchor)
        return (self.reveal(top, page) if moved and was else top), moved

    # A range of marks.

    def start_range(self, view: View, *, sticky: bool) -> None:
        """Mark from the cursor on as it moves; until `end_range`, or just until a plain move."""
        if self.cursor is not None and self._range is None:
            self._range = (self.cursor, frozenset(view.marks))
        self._sticky = sticky

    def end_range(self, *, sticky: bool = True) -> bool:
        """Stop marking; with `sticky` false only what a plain move ends. Returns whether it was on."""
        if self._range is None or (self._sticky and not sticky):
            return False
        self._range = None
        return True

    @property
    def ranging(self) -> bool:
        """Whether `v` was pressed and moving marks."""
        return self._range is not None and self._sticky

    def range_marks(self, view: View) -> set[str] | None:
        """Return what should be marked now: the range, beside what was marked before. None without a range."""
        if self._range is None or (row := view.index(self._range[0])) is None:
            self._range = None
            return None
        low, high = sorted((row, self.row))
        return {*self._range[1], *view.ids[low : high + 1]}


def _first_row(view: View, ids: list[str]) -> int | None:
    """Return the row of the first of the ids that is shown."""
    return next((row for id_ in ids if (row := view.index(id_)) is not None), None)
