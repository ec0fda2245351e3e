"""Text of any size: a file's content, a batch's results, an answer."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive

from tui.text import clean
from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import FileLines, GrowingSource, LineSource, MemoryLines
from tui.widgets.text.painted import Painted, find_json_spans, looks_like_json

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FileLines", "LineSource", "MemoryLines", "TextView"]

SHOWN = 4_000  # characters of a line that are drawn


class TextView(LineView):
    """Shows a `LineSource`: line numbers, JSON coloured, search over all of it, following its end."""

    BINDINGS = [
        Binding("enter", "choose", "open line", id="text.open"),
        Binding("space", "follow", "follow the end, or stop", id="text.follow"),
        Binding("b", "brief", "lines briefly, or as they came", id="text.brief"),
        Binding("number_sign", "numbers", "line numbers", key_display="#", id="text.numbers", show=False),
    ]

    numbered: reactive[bool] = reactive(True, repaint=False)
    """Whether line numbers are shown."""

    @dataclass
    class LineChosen(Message):
        """The user opened line `number`, counted from 1. `text` is raw and whole."""

        view: TextView
        number: int
        text: str

    def __init__(
        self,
        source: LineSource | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = False,
        empty: str = "No lines.",
        tell_briefly: Callable[[str], str] | None = None,
    ) -> None:
        """`tell_briefly` returns what tells a line from its neighbours, or "": the user may ask for that."""
        super().__init__(id=id, classes=classes, wrapped=wrapped, empty=empty)
        self.tell_briefly = tell_briefly
        self._is_brief = False
        self._source: LineSource = MemoryLines([]) if source is None else source
        self._seen = 0  # lines there were when last told of growth

    @property
    def source(self) -> LineSource:
        """The lines shown."""
        return self._source

    def on_mount(self) -> None:
        """Start reading what was given to the constructor."""
        self.show(self._source)

    def show(self, source: LineSource) -> None:
        """Show other lines from the first on. A source that grows step by step is read on in a thread."""
        self._source = source
        self._seen = len(source)
        self.search("")
        self.refresh_rows()
        self.move_to(0)
        self.following = False
        if not source.complete and isinstance(source, GrowingSource):
            self._read(source)

    def show_growth(self) -> None:
        """Draw again, as the source has more lines or a longer last line."""
        following = self.following
        # All but the last row stay as drawn, unless wider line numbers leave them less room.
        self.refresh_rows(first=0 if self.wrapped else max(0, self._seen - 1))
        self._seen = len(self._source)
        if following:
            self.action_last()

    def go_to(self, number: int) -> None:
        """Move to line `number`, counted from 1, or the nearest there is."""
        self.reveal(number - 1)
        self.following = False

    @work(group="read", exclusive=True)
    async def _read(self, source: GrowingSource) -> None:
        while not source.complete and source is self._source:
            try:
                await asyncio.to_thread(source.extend)
            except (OSError, ValueError) as error:  # the file went away, or was closed
                self.post_message(self.Searched(self, 0, 0, True, f"cannot read on: {error}"))
                return
            if source is self._source:
                self.show_growth()

    def action_choose(self) -> None:
        """Open the cursor's line."""
        if self.count():
            self.post_message(self.LineChosen(self, self.cursor + 1, self.raw(self.cursor)))

    def action_brief(self) -> None:
        """Tell lines briefly, or show them as they came."""
        self._is_brief = not self._is_brief
        self.refresh_rows()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off what tells lines briefly where nothing does."""
        if action == "brief" and self.tell_briefly is None:
            return None
        return super().check_action(action, parameters)

    def action_numbers(self) -> None:
        """Show line numbers, or hide them."""
        self.numbered = not self.numbered

    def watch_numbered(self) -> None:
        """Lay the rows out anew."""
        self.refresh_rows()

    def count(self) -> int:
        """Return the number of lines known so far."""
        return len(self._source)

    def raw(self, row: int) -> str:
        """Return the whole line, or why it cannot be read."""
        try:
            return self._source.line(row)
        except (OSError, ValueError) as error:
            return f"cannot read this line: {error}"

    def paint(self, row: int) -> Painted:
        """Return the line up to a bound, coloured if it looks like JSON."""
        raw = self.raw(row)
        if self._is_brief and self.tell_briefly and (told := self.tell_briefly(raw)):
            return Painted(clean(told, limit=SHOWN))
        text = clean(raw[:SHOWN], limit=sys.maxsize)
        spans = find_json_spans(text) if looks_like_json(text) else []
        if len(raw) > SHOWN:
            mark = f" … {len(raw) - SHOWN:,} characters more"
            spans.append((len(text), len(text) + len(mark), "dim"))
            text += mark
        return Painted(text, spans)

    def searchable(self) -> LineSource:
        """Return all lines, shown or not."""
        return self._source

    def prefix(self, row: int) -> str:
        """Return the line number."""
        return f"{row + 1:>{max(3, len(str(self.count())))}} │ " if self.numbered else ""
