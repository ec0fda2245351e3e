"""A view whose lines can be searched: `/` of the screen gives the text, `n` and `N` go from match to match."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from tui.widgets.text.lines import Finder, SearchQuery, read_query

if TYPE_CHECKING:
    import re

    from tui.widgets.text.lines import LineSource


class SearchView(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor, and a search over all that they may show.

    What is searched is numbered in units: lines of a file, nodes of a value. Rows are what of it is shown.
    """

    BINDINGS = [
        Binding("n", "find_next(True)", "next match", id="text.search_next"),
        Binding("N", "find_next(False)", "previous match", id="text.search_previous", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """The row the cursor is on."""

    @dataclass
    class Searched(Message, namespace="line_view"):  # all messages of a view go by one name
        """The standing of a search: match `rank` of `total` (so far, until `done`) and a `note`, or ""."""

        view: SearchView
        rank: int
        total: int
        done: bool
        note: str = ""

        @property
        def words(self) -> str:
            """The standing as it is shown."""
            more = "" if self.done else "+"
            counted = f"match {self.rank:,}/{self.total:,}{more}" if self.total else ""
            return f"{counted} {self.note}".strip()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._finder: Finder | None = None
        self._seeking = False  # the first match is still to be gone to

    # What a subclass says.

    def count(self) -> int:
        """Return the number of rows."""
        raise NotImplementedError

    def reveal(self, row: int) -> None:
        """Put the cursor on `row` and bring it well into view."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw all rows again, as what matches is other text now."""
        raise NotImplementedError

    def searchable(self) -> LineSource:
        """Return the lines to search. Threads read them, so they must not change under them."""
        raise NotImplementedError

    def row_of(self, unit: int) -> int:
        """Return the row that shows `unit`, made visible if need be."""
        return unit

    def unit_of(self, row: int) -> int:
        """Return the unit that `row` shows."""
        return row

    # Searching.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of a search to the screen while nothing is searched for."""
        if action == "find_next" and self._finder is None:
            return False
        return super().check_action(action, parameters)

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern searched for."""
        return self._finder.query.pattern if self._finder is not None else None

    def search(self, text: str) -> None:
        """Look for `text`, from the cursor on and round; "" ends it. Raises ValueError for a bad pattern."""
        self._find(read_query(text) if text else None, seeking=True)
        self.redraw()

    def search_again(self) -> None:
        """Search what is now there for the same, without moving."""
        if self._finder is not None:
            self._find(self._finder.query, seeking=False)

    def action_find_next(self, forward: bool) -> None:
        """Go to the next or previous match."""
        if self._finder is None:
            return
        unit = self._unit()
        hit = self._finder.step(unit, forward=forward)
        if hit is None:
            self._report(f"no match for {self._finder.query.text}" if self._finder.done else "still searching")
        else:
            self._go_to_match(hit, forward=forward, since=unit)

    def _find(self, query: SearchQuery | None, *, seeking: bool) -> None:
        self._seeking = seeking
        self._finder = Finder(query, self.searchable(), self._unit()) if query else None
        if self._finder is not None:
            self._look(self._finder)

    @work(group="search", exclusive=True)
    async def _look(self, finder: Finder) -> None:
        """Search to the end, a slice at a time in a thread."""
        while not finder.done:
            try:
                moved = await asyncio.to_thread(finder.advance)
            except (OSError, ValueError) as error:  # the file went away, or was closed
                self.post_message(self.Searched(self, 0, len(finder), True, f"cannot search: {error}"))
                return
            if finder is not self._finder:
                return
            hit = finder.first()
            if self._seeking and hit is not None:
                self._seeking = False
                self._go_to_match(hit, forward=True, since=self._unit() - 1)
            else:
                self._report(f"no match for {finder.query.text}" if self._seeking and finder.done else "")
            if not moved and not finder.done:
                await asyncio.sleep(0.05)  # the source itself is still being read

    def _go_to_match(self, unit: int, *, forward: bool, since: int) -> None:
        round_trip = unit <= since if forward else unit >= since
        self.reveal(self.row_of(unit))
        self._report(f"went round to the {'top' if forward else 'end'}" if round_trip else "")

    def _report(self, note: str = "") -> None:
        if self._finder is not None:
            rank = self._finder.rank(self._unit())
            self.post_message(self.Searched(self, rank, len(self._finder), self._finder.done, note))

    def _unit(self) -> int:
        return self.unit_of(self.cursor) if self.count() else 0
