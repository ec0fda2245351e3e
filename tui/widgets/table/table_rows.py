"""The lines of a table: records drawn as strips, in columns fitted to a width."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.live.combined.rows import make_key, split_key
from tui.resources.language.cells import BAR
from tui.text import cell_width, clean, fit
from tui.widgets.table.fitting import GAP, GUTTER, Slot, lay_out, measure_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui.resources.language.column import Cell, CellContext, Column, Tone
    from tui.resources.language.objects import Record

MARK = "▍"
NEWS = "•"
WHY = "   └ "
_BRIGHT = Style(bold=True)
_CACHED_ROWS = 512
_NAMES = ("NAME", "FILENAME", "TITLE")  # headers of what objects are told apart by
_TELLING = ("ID", "KEY")  # of columns in which no two objects are alike
_KEPT_NAMES = 5_000
_TAIL = 6  # cells of an id behind a name that another object has, too


def is_name(text: str) -> bool:
    """Return whether a text is the name of a file or a model, told by its end too, maybe behind a verb."""
    last = text.rpartition(" ")[2]
    return 2 * len(last) > len(text) and "@" not in last and last[:1].isalpha()


@dataclass(slots=True)
class _Drawn:
    """A record's cells as wide as their columns, which of them are bright, and the strips made of them."""

    record: Record
    cells: tuple[tuple[str, Tone], ...]
    bright: frozenset[int] = frozenset()
    strips: dict[tuple[bool, bool, bool], Strip] = field(default_factory=dict)


class Painter:
    """Draws records as strips and remembers them until the record, the columns, the styles or the time change.

    `style` gives the style of a part: "" for plain text, a tone, "cursor", "mark", "header" or "chosen".
    """

    def __init__(self, style: Callable[[str], Style]) -> None:
        self.slots: tuple[Slot, ...] = ()
        self._make_style = style
        self._styles: dict[str, Style] = {}
        self._room = 0
        self._needs: dict[str, int] = {}  # by header, the cells that the content of a column takes
        self._names: dict[str, str] = {}  # the names as they are drawn, and the id of the first that has each
        self.lacking = 0
        """How many cells more the columns would fill than there are."""
        self._told_below: dict[str, str] = {}
        self.tone_of: Callable[[Record], Tone] | None = None
        """Gives the tone of a whole row, for cells that have none; "" for no tone."""
        self.grown = False
        """Whether some column has more to show than when the columns were arranged last."""
        self._read_cells: dict[str, tuple[Record, CellContext, dict[str, Cell]]] = {}  # by header; the newest last
        self._drawn: dict[str, _Drawn] = {}  # the newest last
        self._bright: set[str] = set()

    @property
    def width(self) -> int:
        """The cells that all columns take."""
        return self.slots[-1].x + self.slots[-1].width if self.slots else 0

    def arrange(
        self, columns: Sequence[Column], room: int, wide: bool, keeps: Callable[[Column], bool] = lambda _: False
    ) -> None:
        """Draw these columns from now on, in lines of at least `room` cells. All that it `keeps` are there."""
        self.grown = False
        self.lacking = (
            measure_whole((each for each in columns if keeps(each) or not each.wide), self._needs) - room
        )
        slots = lay_out(columns, room, wide, self._needs, keeps)
        if slots != self.slots or room != self._room:
            self.slots, self._room = slots, room
            self._names.clear()
            self._drawn.clear()
            self._bright.clear()

    @property
    def knows_content(self) -> bool:
        """Whether rows were measured."""
        return bool(self._needs)

    def measure(
        self, columns: Sequence[Column], records: Iterable[Record], context_of: Callable[[Record], CellContext]
    ) -> None:
        """Learn how many cells the content of columns takes, from some records."""
        for record in records:
            for column in columns:
                self._read(record, column, context_of)

    def forget_content(self) -> None:
        """Forget how much columns hold: other rows are shown."""
        self._needs.clear()

    def forget(self) -> None:
        """Draw everything anew: time has passed."""
        self._read_cells.clear()
        self._drawn.clear()
        self._bright.clear()

    def restyle(self) -> None:
        """Draw the same in other styles."""
        self._styles.clear()
        for drawn in self._drawn.values():
            drawn.strips.clear()

    def calm(self) -> None:
        """Draw brightened cells in their usual style again."""
        for id_ in self._bright:
            if drawn := self._drawn.get(id_):
                drawn.bright = frozenset()
                drawn.strips.clear()
        self._bright.clear()

    def brighten(self, record: Record, context_of: Callable[[Record], CellContext]) -> None:
        """Draw those cells of a changed record bright that read differently than when they were last drawn."""
        if (before := self._drawn.get(record.id)) is None:
            return
        after = self._fit(record, context_of)
        pairs = enumerate(zip(before.cells, after.cells, strict=True))
        after.bright = frozenset(index for index, (old, new) in pairs if old != new)
        self._bright.add(record.id)

    def row(
        self,
        record: Record,
        context_of: Callable[[Record], CellContext],
        cursor: bool,
        marked: bool,
        news: bool = False,
    ) -> Strip:
        """Draw a record, over the whole of the columns' width; `news` are pointed out."""
        drawn = self._fit(record, context_of)
        if (strip := drawn.strips.get((cursor, marked, news))) is not None:
            return strip
        sign = MARK if marked else NEWS if news else " "
        parts = [(sign * GUTTER, self._style("cursor" if cursor else "mark"))]
        for index, (text, tone) in enumerate(drawn.cells):
            # The cursor's row has one style: its words and glyphs say what tones do, in half the bytes.
            style = self._style("cursor" if cursor else tone or ("mark" if marked else ""))
            parts.append((text, style + _BRIGHT if index in drawn.bright else style))
            parts.append((" " * GAP, style))
        drawn.strips[cursor, marked, news] = strip = _join(self._pad(parts))
        return strip

    def why(self, reason: str, width: int) -> Strip:
        """Draw why the row above needs somebody."""
        return Strip([Segment(fit(f"{WHY}{clean(reason)}", width), self._style("dim"))])

    def tells(self, record: Record, context_of: Callable[[Record], CellContext], reason: str) -> bool:
        """Return whether a record's row has the words of a reason already."""
        shown = " ".join(text for text, _ in self._fit(record, context_of).cells)
        headers = " ".join(slot.column.header for slot in self.slots)
        return set(reason.lower().split()) <= set(f"{shown} {headers}".lower().split())

    def tell_below(self, reasons: dict[str, str]) -> None:
        """Leave out of rows, by their ids, what is cut there of the reasons that stand below them."""
        if reasons != self._told_below:
            for id_ in {*reasons, *self._told_below}:
                self._drawn.pop(id_, None)
            self._told_below = reasons

    def header(self, sort: str, chosen: Column | None) -> Strip:
        """Draw the headers, with an arrow at the column sorted by and a line under the `chosen` one."""
        parts = [(" " * GUTTER, self._style("header"))]
        for column, _, width in self.slots:
            arrow = {column.header: "↑", f"-{column.header}": "↓"}.get(sort, "")
            room = min(width - len(arrow), cell_width(column.header))
            label = fit(column.header, room, middle="." in column.header) + arrow
            blank = " " * (width - cell_width(label))
            style = self._style("chosen" if column is chosen else "header")
            cells = [(blank, self._style("header")), (label, style)]
            parts += cells if column.align == "right" else reversed(cells)
            parts.append((" " * GAP, self._style("header")))
        return Strip([Segment(text, style) for text, style in self._pad(parts) if text])

    def crop(self, strip: Strip, left: int, width: int) -> Strip:
        """Return the part of a line that is in sight. The cell at the edge is cut like any other."""
        edge = left + width
        slot = next((slot for slot in self.slots if slot.x < edge < slot.x + slot.width), None)
        if slot is None or slot.x < left:
            return strip.crop(left, edge)
        cell = strip.crop(slot.x, slot.x + slot.width)
        style = next((segment.style for segment in cell if not segment.text.isspace()), None)
        return Strip.join(
            [strip.crop(left, slot.x), Strip([Segment(fit(cell.text.strip(), edge - slot.x), style)])]
        )

    def _style(self, part: str) -> Style:
        if (style := self._styles.get(part)) is None:
            style = self._styles[part] = self._make_style(part)
        return style

    def _pad(self, parts: list[tuple[str, Style]]) -> list[tuple[str, Style]]:
        """Return the parts of a line, the gap behind the last column widened to fill the line."""
        _, style = parts[-1]
        return [*parts[:-1], (" " * max(0, self._room - self.width), style)]

    def _fit(self, record: Record, context_of: Callable[[Record], CellContext]) -> _Drawn:
        """Return a record's cells, clean and as wide as their columns."""
        drawn = self._drawn.get(record.id)
        if drawn is None or drawn.record is not record:
            cells = tuple(self._cell(slot, record, context_of) for slot in self.slots)
            if self.tone_of and (whole := self.tone_of(record)):
                cells = tuple((text, tone or whole) for text, tone in cells)
            drawn = _Drawn(record, cells)
            self._drawn.pop(record.id, None)
            self._drawn[record.id] = drawn
            if len(self._drawn) > _CACHED_ROWS:
                del self._drawn[next(iter(self._drawn))]
        return drawn

    def _read(self, record: Record, column: Column, context_of: Callable[[Record], CellContext]) -> Cell:
        """Return what a column shows of a record, and learn how many cells that takes."""
        kept = self._read_cells.pop(record.id, None)
        if kept is None or kept[0] is not record:
            kept = record, context_of(record), {}
            if len(self._read_cells) > _CACHED_ROWS:
                del self._read_cells[next(iter(self._read_cells))]
        self._read_cells[record.id] = kept
        _, context, cells = kept
        if (cell := cells.get(column.header)) is None:
            cell = cells[column.header] = column.cell(record, context)
        width = len(cell.text) if cell.text.isascii() else cell_width(clean(cell.text))
        if width > self._needs.get(column.header, -1):
            self._needs[column.header] = width
            self.grown = True
        return cell

    def _cell(self, slot: Slot, record: Record, context_of: Callable[[Record], CellContext]) -> tuple[str, Tone]:
        """Return the text of a cell, clean and as wide as its column, and its tone."""
        column, _, width = slot
        cell = self._read(record, column, context_of)
        told = cell.text
        if cell_width(clean(told)) > width and told in self._told_below.get(record.id, ""):
            return " " * width, ""
        if cell.short and cell_width(clean(told)) > width:
            told = cell.short if cell_width(cell.short) <= width else cell.short.lstrip(BAR)
        middle = bool(cell.ref) or column.header == "ID" or is_name(told)
        text = fit(told, width, column.align, middle=middle)
        if column.header in _NAMES and not any(slot.column.header in _TELLING for slot in self.slots):
            if len(self._names) > _KEPT_NAMES:
                self._names.clear()
            name = make_key(split_key(record.id)[0], text)  # two accounts may use the same names
            if self._names.setdefault(name, record.id) != record.id:  # told apart by the end of the id
                tail = fit(f"…{record.id[-_TAIL:]}", _TAIL + 2, "right")
                text = fit(fit(cell.text, min(width, self._needs[column.header]) - len(tail)) + tail, width)
        return text, cell.tone


def _join(parts: Iterable[tuple[str, Style]]) -> Strip:
    """Return one strip with as few changes of style as can be: each is some 40 bytes on the wire.

    Blanks take the style beside them, as all styles of a row share its background.
    """
    joined: list[tuple[str, Style]] = []
    for text, style in parts:
        if joined and (joined[-1][1] == style or joined[-1][0].isspace()):
            joined[-1] = (joined[-1][0] + text, style)
            continue
        rest = text.lstrip(" ") if joined else text
        if joined:
            joined[-1] = (joined[-1][0] + " " * (len(text) - len(rest)), joined[-1][1])
        if rest:
            joined.append((rest, style))
    return Strip([Segment(text, style) for text, style in joined])
