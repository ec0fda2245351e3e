"""A conversation as it grows: texts under their speakers, wrapped once, followed at the end."""

from __future__ import annotations

import sys
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip

from tui.text import cell_width, clean
from tui.widgets.frugal import FrugalView
from tui.widgets.painted import Painted, Span, cuts, json_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style

_SEAL = 2_000  # characters of one line that are laid out again when it grows
_MARGIN = Segment(" ")  # drawn, as a frugal view has no padding
_INDENT = 2


class Block(NamedTuple):
    """Something said: by whom, in which tone, and what. The text is raw.

    `tokens` are its pieces with the tone of each, where these are known. `json` colours it as JSON.
    """

    label: str
    tone: str
    text: str
    note: str = ""
    json: bool = False
    tokens: Sequence[tuple[str, str]] = ()


class _Flow:
    """The rows of a growing text. What has become whole rows is never looked at again."""

    def __init__(self, width: int) -> None:
        self.rows: list[Painted] = []
        self._width = max(1, width)
        self._sealed = 0
        self._carry = ""  # the last row of what was laid out for good, to which the text goes on
        self._tail = ""  # raw: only a whole line can be cleaned right, and this one is not whole

    def feed(self, piece: str, *, json: bool = False) -> None:
        """Go on with the text."""
        *whole, last = (self._tail + piece).split("\n")
        del self.rows[self._sealed :]
        for line in whole:
            self._wrap(line, json=json)
            self._carry = ""
        self._sealed = len(self.rows)
        self._wrap(last, json=json)
        self._tail = last
        if len(last) > _SEAL:
            self._sealed, self._carry, self._tail = len(self.rows) - 1, self.rows[-1].text, ""

    def _wrap(self, line: str, *, json: bool) -> None:
        text = self._carry + clean(line.removesuffix("\r").expandtabs(4), sys.maxsize)
        for start, end in pairwise(cuts(text, self._width)) if text else [(0, 0)]:
            row = text[start:end]
            self.rows.append(Painted(row, json_spans(row) if json else ()))


def _token_rows(tokens: Iterable[tuple[str, str]], width: int) -> list[Painted]:
    """Rows of pieces that each have a tone."""
    rows: list[tuple[str, list[Span]]] = [("", [])]
    for token, tone in tokens:
        for number, raw in enumerate(token.split("\n")):
            piece = clean(raw)
            if number or (rows[-1][0] and cell_width(rows[-1][0] + piece) > width):
                rows.append(("", []))
            text, spans = rows[-1]
            spans.append((len(text), len(text) + len(piece), tone))
            rows[-1] = text + piece, spans
    return [Painted(text, spans) for text, spans in rows]


class _Laid:
    """A block as it lies in rows: its head, its text, a note, a blank line."""

    def __init__(self, block: Block, width: int) -> None:
        self.block = block
        self._width = width - _INDENT
        self._flow = _Flow(self._width)
        self._note = self._noted()
        if block.tokens:
            self._flow.rows = _token_rows(block.tokens, width - _INDENT)
        else:
            self._flow.feed(block.text, json=block.json)

    def grow(self, block: Block) -> bool:
        """Become `block`, if that is this one with more text."""
        old = self.block
        if block.tokens or old[:2] != block[:2] or old.json != block.json or not block.text.startswith(old.text):
            return False
        self.block = block
        self._note = self._noted()
        self._flow.feed(block.text[len(old.text) :], json=block.json)
        return True

    def _noted(self) -> list[str]:
        """The note in rows."""
        note = clean(self.block.note)
        return [note[start:end] for start, end in pairwise(cuts(note, max(1, self._width)))] if note else []

    def __len__(self) -> int:
        return 2 + (len(self._flow.rows) if self.block.text else 0) + len(self._note)

    def row(self, number: int) -> tuple[Painted, str]:
        """A row and the tone of all of it."""
        label = clean(self.block.label)
        if number == 0:
            return Painted(label, [(0, len(label), self.block.tone)]), "strong"
        body = self._flow.rows if self.block.text else []
        if number <= len(body):
            row = body[number - 1]
            return row._replace(
                text=" " * _INDENT + row.text, spans=[(a + _INDENT, b + _INDENT, tone) for a, b, tone in row.spans]
            ), "dim" if self.block.tone == "dim" else ""
        if number - 1 - len(body) < len(self._note):
            note = " " * _INDENT + self._note[number - 1 - len(body)]
            return Painted(note, [(0, len(note), "warn")]), ""
        return Painted(""), ""


class Transcript(FrugalView, can_focus=True, inherit_bindings=False):
    """Shows blocks. What has not changed is neither laid out nor drawn again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transcript--{name}"
        for name in ("strong", "dim", "key", "string", "number", "word", "accent", "good", "warn", "bad")
    }

    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        & > .transcript--strong { text-style: bold; }
        & > .transcript--dim { text-style: dim; }
        & > .transcript--key { color: $text-primary; }
        & > .transcript--number { color: $text-success; }
        & > .transcript--word { color: $text-success; }
        & > .transcript--accent { color: $text-accent; }
        & > .transcript--good { color: $text-success; }
        & > .transcript--warn { color: $text-warning; }
        & > .transcript--bad { color: $text-error; }
    }
    """

    BINDINGS = [
        Binding("down,j", "scroll(1)", "Down", show=False, id="transcript.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="transcript.up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="transcript.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="transcript.page_up"),
        Binding("home,g", "to(0)", "First line", show=False, id="transcript.first"),
        Binding("end,G", "to(1)", "Last line", show=False, id="transcript.last"),
    ]

    class Moved(Message):
        """It was scrolled, or has other rows."""

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        """`empty` is what it says while there are no blocks."""
        super().__init__(id=id)
        self.following = True
        self.empty = empty
        self._blocks: Sequence[Block] = ()
        self._laid: list[_Laid] = []
        self._starts: list[int] = []
        self._across = 0
        self._styles: dict[str, Style] = {}

    def show(self, blocks: Sequence[Block]) -> None:
        """Show these blocks, of which the first are mostly those shown before."""
        self._blocks = blocks
        width = self.size.width
        if not width:
            return
        if width != self._across:
            self._across, self._laid = width, []
        for number, block in enumerate(blocks):
            laid = self._laid[number] if number < len(self._laid) else None
            if laid is None or (laid.block != block and not laid.grow(block)):
                self._laid[number:] = [_Laid(block, width - 2)]
        del self._laid[len(blocks) :]
        self._starts = list(accumulate((len(laid) for laid in self._laid), initial=0))
        self.measure(width, self._starts[-1])
        if self.following or self.scroll_offset.y > self.max_scroll_y:
            self._go(self.max_scroll_y)
        self.sync()
        self.post_message(self.Moved())

    @property
    def below(self) -> int:
        """How many rows there are below the view."""
        return max(0, self.max_scroll_y - self.scroll_offset.y)

    def _go(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.show(self._blocks)

    def action_scroll(self, step: int) -> None:
        """Move by rows."""
        self._go(max(0, min(self.scroll_offset.y + step, self.max_scroll_y)))

    def action_page(self, step: int) -> None:
        """Move by views."""
        self.action_scroll(step * max(1, self.size.height - 1))

    def action_to(self, end: int) -> None:
        """Move to the first or last row; the last is followed."""
        self._go(self.max_scroll_y if end else 0)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end while one is there."""
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y
        if round(old_value) != round(new_value):
            self.post_message(self.Moved())

    def restyle(self) -> None:
        """Forget the styles of before."""
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            found = self.get_component_rich_style(f"transcript--{name}", partial=True) if name else NULL_STYLE
            self._styles[name] = found
        return self._styles[name]

    def line(self, y: int) -> Strip:
        """One line of the view."""
        width, base = self.size.width, self.rich_style
        at = self.scroll_offset.y + y
        if not self._laid:
            words = Segment(clean(self.empty) if y == 0 else "", self._style("dim"))
            return Strip([_MARGIN, words]).crop_extend(0, width, None).apply_style(base)
        if at >= self._starts[-1]:
            return Strip.blank(width, base)
        number = bisect_right(self._starts, at) - 1
        painted, tone = self._laid[number].row(at - self._starts[number])
        strip = painted.strips(0, self._style, None)[0].apply_style(self._style(tone))
        return Strip([_MARGIN, *strip]).crop_extend(0, width, None).apply_style(base).simplify()
