"""Entries one reads from top to bottom: what was said in a thread, what a search found, items side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding
from textual.message import Message

from tui.text import clean, clean_lines
from tui.widgets.base.tones import Part
from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import LineSource, MemoryLines
from tui.widgets.text.painted import Painted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from tui.widgets.text.painted import Span

Parts = tuple[Part, ...]

_TONES = {"accent": "info", "strong": "title"}  # elsewhere "accent" is something to follow, and underlined


class Entry(NamedTuple):
    """A headline and what stands below it, as `(text, tone)` each. `key` is what it is known by."""

    key: str
    head: Parts
    body: Parts = ()
    indent: int = 2  # cells the body stands from the left
    space: bool = True  # whether a blank line follows


class _Line(NamedTuple):
    entry: str
    number: int  # within its entry
    parts: Parts
    indent: int


def _list_lines(entry: Entry) -> Iterable[_Line]:
    yield _Line(entry.key, 0, entry.head, 0)
    body = [(line, tone) for text, tone in entry.body for line in clean_lines(text)]
    for number, part in enumerate(body, 1):
        yield _Line(entry.key, number, (part,), entry.indent)
    if entry.space:
        yield _Line(entry.key, len(body) + 1, (), 0)


class Conversation(LineView):
    """Shows entries and keeps the cursor on its own while others come and go. Only what changed is drawn again."""

    BINDINGS = [
        Binding("enter", "choose", "open", id="entries.open", show=False),
        Binding("right_curly_bracket", "entry(1)", "next entry", id="entries.next", key_display="}"),
        Binding("left_curly_bracket", "entry(-1)", "previous entry", id="entries.previous", key_display="{"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--title", "line-view--info"}
    DEFAULT_CSS = """
    Conversation > .line-view--title { text-style: bold; }
    Conversation > .line-view--info { color: $text-accent; }
    """

    @dataclass
    class Chosen(Message):
        """The user opened the entry of this key."""

        view: Conversation
        key: str

    def __init__(self, *, empty: str = "Nothing here.", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, wrapped=True, empty=empty)
        self._entry_lines: list[_Line] = []
        self._lit: re.Pattern[str] | None = None

    def light(self, words: Iterable[str]) -> None:
        """Point out these words in what entries say from now on."""
        found = [re.escape(word) for word in words]
        self._lit = re.compile(rf"\b(?:{'|'.join(found)})", re.IGNORECASE) if found else None
        self.refresh_rows()

    def show(self, entries: Iterable[Entry], empty: str = "") -> None:
        """Show these instead, or `empty` where there are none."""
        if empty not in ("", self.empty):
            self.empty = empty
            self.refresh()
        before, now = self._entry_lines, [line for entry in entries for line in _list_lines(entry)]
        while now and not now[-1].parts:
            now.pop()  # nothing follows: the end is the last line that says something
        if now == before:
            return
        same = next((at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old != new), None)
        first = min(len(before), len(now)) if same is None else same
        following, at = self.following, before[self.cursor] if before else None
        self._entry_lines = now
        # Rows above the first one that is new stay as they are drawn.
        self.refresh_rows(first)
        if following and before:
            self.action_last()
        elif at and (self.cursor >= len(now) or now[self.cursor][:2] != at[:2]):
            self.move_to(next((row for row, line in enumerate(now) if line[:2] == at[:2]), self.cursor))

    @property
    def key(self) -> str:
        """The key of the entry under the cursor."""
        return self._entry_lines[self.cursor].entry if self._entry_lines else ""

    def move_to_entry(self, key: str) -> None:
        """Put the cursor on an entry's headline."""
        row = next((row for row, line in enumerate(self._entry_lines) if line.entry == key), None)
        if row is not None:
            self.reveal(row)

    def action_entry(self, by: int) -> None:
        """Go to the next or previous headline."""
        heads = [row for row, line in enumerate(self._entry_lines) if not line.number]
        ahead = [row for row in (heads if by > 0 else reversed(heads)) if (row - self.cursor) * by > 0]
        if ahead:
            self.reveal(ahead[0])

    def action_choose(self) -> None:
        """Open the entry under the cursor."""
        if self.key:
            self.post_message(self.Chosen(self, self.key))

    def count(self) -> int:
        """Return the number of lines."""
        return len(self._entry_lines)

    def paint(self, row: int) -> Painted:
        """Return the parts of a line in their tones."""
        line = self._entry_lines[row]
        spans: list[Span] = []
        text = " " * line.indent
        for part, tone in line.parts:
            start, text = len(text), text + clean(part, limit=4_000)
            if tone and len(text) > start:
                spans.append((start, len(text), _TONES.get(tone, tone)))
        if self._lit and line.number and not spans:
            spans = [(*found.span(), _TONES["strong"]) for found in self._lit.finditer(text)]
        return Painted(text, spans, line.indent)

    def raw(self, row: int) -> str:
        """Return the line to copy."""
        return "".join(text for text, _ in self._entry_lines[row].parts)

    def searchable(self) -> LineSource:
        """Return all lines as text."""
        return MemoryLines([self.raw(row) for row in range(self.count())])

    def on_click(self, event: events.Click) -> None:
        """Move to the line; a double click opens its entry."""
        super().on_click(event)
        if event.chain == 2:
            self.action_choose()
