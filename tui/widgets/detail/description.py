"""The description of an object, its sections side by side where the view is wider than high."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal

from tui.widgets.detail.columns import Column, arrange, find_height, find_title, split_sections, take_up
from tui.widgets.detail.summary import Summary, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.detail.summary import SummaryRow

_MOST = 3  # sections beside each other


class Description(Horizontal):
    """Describes one object in one column of sections, or with `side_by_side` in as many as have room."""

    BINDINGS = [
        Binding("left", "step(-1)", "sections to the left", id="summary.left", show=False),
        Binding("right", "step(1)", "sections to the right", id="summary.right", show=False),
    ]
    DEFAULT_CSS = """
    Description > .parted { border-left: vkey $panel; }
    Description > .column { width: 1fr; scrollbar-size: 0 0; }
    Description > .followed { padding: 0 1; }
    Description > .column:blur > .line-view--cursor { background: $background; }
    """

    def __init__(self, *, side_by_side: bool = False) -> None:
        super().__init__()
        self._side_by_side = side_by_side
        self._rows: list[SummaryRow] = []
        self._columns: Sequence[Column] = ()
        self._places: dict[str, int] = {}  # of sections by title: the numbers of their columns
        self._resource: Resource | None = None
        self._room = (0, 0)

    def compose(self) -> ComposeResult:
        """Yield the columns."""
        if self._side_by_side:
            yield Summary(classes="column")
            for _ in range(_MOST - 1):
                yield Summary(classes="column parted")
        else:
            yield Summary()

    def show(self, resource: Resource, record: Record, context: CellContext) -> None:
        """Describe `record` as it is now."""
        rows = list(describe(resource, record, context))
        if resource is not self._resource:
            self._resource, self._columns = resource, ()
        if rows != self._rows:
            self._rows = rows
            self._share_out()

    def on_resize(self) -> None:
        """Use as many columns as have room."""
        self._share_out()

    def _share_out(self) -> None:
        """Give each column its sections and its width; those stay from object to object while all can be read."""
        shown, sections = list(self.query(Summary)), split_sections(self._rows)
        if not self._side_by_side:
            for widget in shown[:1]:  # it may be closed already
                widget.show_rows(self._rows)
            return
        if not self.size.width:  # its columns are not known before
            return
        kept = take_up(self._columns, sections, self._places) if self._room == self.size else None
        self._room = self.size
        if kept is None or find_height(kept) > self.size.height:
            best = arrange(sections, self.size.width, _MOST)
            if kept is None or find_height(best) < find_height(kept):
                kept, self._places = best, {}
        self._columns = kept
        self._places |= {find_title(each): at for at, column in enumerate(kept) for each in column.sections}
        for at, widget in enumerate(shown):
            widget.display = at < len(kept)
            widget.set_class(at + 1 < len(kept), "followed")
            if at < len(kept):
                widget.styles.width = kept[at].width if at + 1 < len(kept) else "1fr"
            widget.show_rows(kept[at].rows if at < len(kept) else [])

    def action_step(self, by: int) -> None:
        """Move the focus to another column."""
        columns = [column for column in self.query(Summary) if column.display]
        at = next((at for at, column in enumerate(columns) if column.has_focus), 0)
        self.screen.set_focus(columns[max(0, min(at + by, len(columns) - 1))])
