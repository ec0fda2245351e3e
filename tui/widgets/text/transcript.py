"""A conversation as it grows: texts under their speakers, followed at the end, searched."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip

from tui.text import cell_width, clean
from tui.widgets.base.cursor_keys import bind_cursor
from tui.widgets.base.frugal import FrugalView
from tui.widgets.text.lines import find_next_rank, read_query
from tui.widgets.text.transcript_rows import Block, LaidBlock

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from rich.style import Style

_MARGIN = Segment(" ")  # drawn, as a frugal view has no padding
_HERE = Segment("▸")  # the margin of the match one is at
_KEPT = 1_000  # lines as they were drawn


class Transcript(FrugalView, can_focus=True, inherit_bindings=False):
    """Blocks, followed at their end. Unchanged ones are neither laid out nor drawn again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transcript--{name}"
        for name in ("strong", "dim", "match", "key", "string", "number", "word", "accent", "good", "warn", "bad")
    }

    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        & > .transcript--match { background: $warning; color: $background; }
        &:ansi > .transcript--match { background: ansi_yellow; color: ansi_black; }
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
        *bind_cursor(
            "transcript", down="scroll(1)", up="scroll(-1)", page_up="page(-1)", first="to(0)", last="to(1)"
        ),
        Binding("pagedown,space", "page(1)", "page down", show=False, id="transcript.page_down"),
        Binding("n", "find_next(1)", "next match", show=False, id="text.search_next"),
        Binding("N", "find_next(-1)", "previous match", show=False, id="text.search_previous"),
    ]

    class Moved(Message):
        """The view was scrolled, has other rows, or stands at another match."""

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        """`empty` is what it says while there are no blocks."""
        super().__init__(id=id)
        self.following = True
        self.empty = empty
        self._blocks: Sequence[Block] = ()
        self._laid: list[LaidBlock] = []
        self._starts: list[int] = []
        self._across = 0
        self._styles: dict[str, Style] = {}
        self._base: Style | None = None
        self._made: dict[int, Strip] = {}  # lines as they are now: each is asked for to compare and to draw
        self._pattern: re.Pattern[str] | None = None
        self._hit: int | None = None  # the row of the match one is at
        self.found = ""
        """How the search stands, in words."""

    def show(self, blocks: Sequence[Block]) -> None:
        """Show these blocks, of which the first are mostly those shown before."""
        self._blocks = blocks
        width = self.size.width
        if not width:
            return
        if width != self._across:
            self._across, self._laid, self._hit = width, [], None
        for number, block in enumerate(blocks):
            laid = self._laid[number] if number < len(self._laid) else None
            if laid is None or (laid.block != block and not laid.grow(block)):
                self._forget_match(number)
                self._laid[number:] = [LaidBlock(block, width - 2)]
        self._forget_match(len(blocks))
        del self._laid[len(blocks) :]
        self._starts = list(accumulate((len(laid) for laid in self._laid), initial=0))
        self._made.clear()
        self.measure(width, self._starts[-1])
        if self.following or self.scroll_offset.y > self.max_scroll_y:
            self._go(self.max_scroll_y)
        self.sync()
        self.post_message(self.Moved())

    @property
    def below(self) -> int:
        """The number of rows below the view."""
        return max(0, self.max_scroll_y - self.scroll_offset.y)

    def _go(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    # Searching.

    def search(self, text: str) -> None:
        """Look for `text` from the top of the view on; "" ends the search. Raises ValueError for a bad pattern."""
        self._pattern = read_query(text).pattern if text else None
        self._hit, self.found = None, ""
        if text:
            self.action_find_next(1)
        else:
            self._find_shows()

    def action_find_next(self, step: int) -> None:
        """Go to the next or previous match, round at the ends."""
        if self._pattern is None:
            return
        rows: list[int] = []
        for start, laid in zip(self._starts, self._laid, strict=False):
            rows += [start + row for row in laid.matching(self._pattern)]
        if rows:
            at = self.scroll_offset.y - 1 if self._hit is None else self._hit
            rank = find_next_rank(rows, at, step)
            self._hit, self.found = rows[rank], f"match {rank + 1:,}/{len(rows):,}"
            if not 0 <= self._hit - self.scroll_offset.y < self.size.height:
                self._go(max(0, min(self._hit - self.size.height // 2, self.max_scroll_y)))
        else:
            self._hit, self.found = None, "no match"
        self._find_shows()

    def _forget_match(self, number: int) -> None:
        """Leave the match if it was in a block from `number` on: these are others now."""
        if self._hit is not None and number < len(self._laid) and self._hit >= self._starts[number]:
            self._hit, self.found = None, ""

    def _find_shows(self) -> None:
        self._made.clear()
        self.sync()
        self.post_message(self.Moved())

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
        """Follow the end once it is reached, until it is left."""
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y
        if round(old_value) != round(new_value):
            self.post_message(self.Moved())

    def restyle(self) -> None:
        """Forget the styles of before."""
        self._styles.clear()
        self._made.clear()
        self._base = None

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            found = self.get_component_rich_style(f"transcript--{name}", partial=True) if name else NULL_STYLE
            self._styles[name] = found
        return self._styles[name]

    def line(self, y: int) -> Strip:
        """Return one line of the view."""
        at = self.scroll_offset.y + y
        if at not in self._made:
            if len(self._made) > _KEPT:
                self._made.clear()
            self._made[at] = self._line(at, y)
        return self._made[at]

    def _line(self, at: int, y: int) -> Strip:
        if self._base is None:
            self._base = self.rich_style  # worked out from all ancestors: half the time of a frame
        width, base = self.size.width, self._base
        if not self._laid:
            words = Segment(clean(self.empty) if y == 0 else "", self._style("dim"))
            return Strip([_MARGIN, words]).crop_extend(0, width, None).apply_style(base)
        if at >= self._starts[-1]:
            return Strip.blank(width, base)
        number = bisect_right(self._starts, at) - 1
        painted, tone = self._laid[number].row(at - self._starts[number])
        strip = painted.strips(0, self._style, None)[0].apply_style(self._style(tone))
        marks = self._laid[number].marks(at - self._starts[number], self._pattern) if self._pattern else ()
        for start, end in marks:
            left, right = cell_width(painted.text[:start]), cell_width(painted.text[:end])
            marked = Segment.apply_style(strip.crop(left, right), post_style=self._style("match"))
            strip = Strip([*strip.crop(0, left), *marked, *strip.crop(right)])
        margin = _HERE if at == self._hit else _MARGIN
        return Strip([margin, *strip]).crop_extend(0, width, None).apply_style(base).simplify()
