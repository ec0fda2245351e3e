"""Two objects of a kind side by side: the fields in which they differ, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.screen import Screen

from tui.resources.language.cells import pluralize
from tui.resources.language.resource import title_of
from tui.screens.dialogs.viewer import Viewer
from tui.text import cell_width, clean, fit
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.text.cells_view import CellRow, CellsView
from tui.widgets.text.text_view import MemoryLines, TextView
from tui.workflows.difference import compare_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.actions.actor import Actor
    from tui.workflows.difference import Field

_PATH = 30  # most cells of the path of a field


async def open_difference(
    actor: Actor, _action: Action | None, first: Record, second: Record, owners: Sequence[str] = ("", "")
) -> None:
    """Show how two objects differ, of the accounts of these names if several are in use."""
    await actor.app.push_screen(Difference(actor.resource, (first, second), owners))


class Difference(Screen[None]):
    """Shows two objects field by field."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="difference.back"),
        Binding("exclamation_mark", "all", "all, or what differs", id="difference.all", key_display="!"),
        Binding("x", "swap", "swap them", id="difference.swap"),
        Binding("c", "copy", "copy", id="difference.copy"),
        Binding("enter", "open", "both values whole", id="difference.open"),
    ]

    def __init__(self, resource: Resource, pair: Sequence[Record], owners: Sequence[str]) -> None:
        super().__init__()
        self._pair = list(pair)
        titles = [title_of(resource, each) or each.id for each in pair]
        self._names = [
            f"{owner}: {title}" if owner else title for owner, title in zip(owners, titles, strict=True)
        ]
        self._resource = resource
        self._shows_all = False
        self._fields: list[Field] = []
        self._view = CellsView(2)

    def compose(self) -> ComposeResult:
        """Yield header, title, the fields, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield self._view
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what differs."""
        self.set_focus(self._view)
        self._show()

    def on_resize(self) -> None:
        """Share the room anew."""
        self._show()

    def _show(self) -> None:
        first, second = self._pair
        every = compare_fields(first.raw, second.raw)
        differing = [field for field in every if field.differs]
        self._fields = every if self._shows_all else differing
        self._view.show(self._rows(), "They are the same in every field.")
        left = [
            (f" {self._resource.name}", "strong"),
            (f"  {self._names[0]}", "bad"),
            ("  beside", "dim"),
            (f"  {self._names[1]}", "good"),
        ]
        self.query_one(TitleBar).show(
            left, [(f"{len(differing):,} of {pluralize(len(every), 'field')} differ ", "dim")]
        )
        shown = "only what differs" if self._shows_all else "all fields"
        keys = [KeyHint("enter", "both values"), KeyHint("!", shown), KeyHint("x", "swap"), KeyHint("c", "copy")]
        self.query_one(FooterBar).show_keys([*keys, KeyHint(":", "go"), KeyHint("esc", "back")])

    def _rows(self) -> Iterator[CellRow]:
        """Yield a row for each field: path, a value of each in half of the room or what the other leaves."""
        paths = max((min(_PATH, cell_width(field.path)) for field in self._fields), default=0)
        room = max(24, self.size.width - paths - 8)
        wanted = [max((cell_width(clean(each or "")) for each in side), default=0) for side in self._sides()]
        rooms = [max(room // 2, room - each) for each in reversed(wanted)]
        for field in self._fields:
            tones = ("bad", "good") if field.differs else ("dim", "dim")
            values = [_shorten(*each) for each in zip((field.first, field.second), rooms, strict=True)]
            yield CellRow(
                field.path,
                ((_shorten(field.path, _PATH), "dim"), *zip(values, tones, strict=True)),
            )

    def _sides(self) -> tuple[list[str | None], list[str | None]]:
        """Return the values of both."""
        return [field.first for field in self._fields], [field.second for field in self._fields]

    def action_all(self) -> None:
        """Show every field, or only those that differ."""
        self._shows_all = not self._shows_all
        self._show()

    def action_swap(self) -> None:
        """Put the first at the right."""
        self._pair.reverse()
        self._names.reverse()
        self._show()

    @property
    def _field(self) -> Field | None:
        """The field under the cursor."""
        row = self._view.row
        return next((each for each in self._fields if row and each.path == row.key), None)

    def action_copy(self) -> None:
        """Copy a field with both values."""
        if field := self._field:
            copy(self.app, f"{field.path}\t{field.first or ''}\t{field.second or ''}")

    def action_open(self) -> None:
        """Show both values of a field whole."""
        field = self._field
        if field is None:
            return
        lines = []
        for name, value in zip(self._names, (field.first, field.second), strict=True):
            lines += [name, value or "not there", ""]
        self.app.push_screen(Viewer(field.path, TextView(MemoryLines(lines))))

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)


def _shorten(value: str | None, room: int) -> str:
    return "·" if value is None else fit(value, room, middle=True).rstrip()
