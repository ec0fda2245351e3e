"""Placement of the detail of the object under the cursor: beside its list, below it, or in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.resources.language.column import CellContext
from tui.resources.language.resource import title_of
from tui.screens.places.base import PlaceScreen
from tui.text import cell_width, clean, fit
from tui.widgets.base.bars import Bar
from tui.widgets.base.layout import BELOW, BESIDE, ROOMY, SETTLE
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.detail.split import Split

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.resources.language.objects import Record
    from tui.widgets.base.freshness import Parts

_LINE: Parts = [(" p", "key"), (" detail  ", "dim")]  # how the line in the place of the detail begins
_PLACES = ("right", "below", "line", "instead")
_STEP = 5  # percent that a key moves the split
_NARROWEST = 43  # cells of a detail that gives way to its list
_MOST = 40  # cells of a name or an id in the split


def find_place(wanted: str, width: int, height: int) -> str:
    """Return where a terminal of this size has the detail: where the user wants it, else where there is room.

    On the right from 150 cells on, or from 110 if it is wanted there, else below; where that has no room either,
    a line tells the most important.
    """
    if wanted == "off" or (wanted == "below" and height >= BELOW):
        return wanted
    if width >= (BESIDE if wanted == "right" else ROOMY):
        return "right"
    return "below" if height >= BELOW else "line"


def _shorten(text: str) -> str:
    """Return a name or an id as it stands in the split."""
    return fit(text, min(_MOST, cell_width(clean(text))), middle=True)


class DetailBeside(PlaceScreen):
    """A place that lists objects, and shows the one under the cursor in a `DetailPane`.

    The list is what has the id `list`, and lies in `#body` with a `Split` and the pane; a bar `#line` stands for
    the pane where that has no room. A class of the screen says where the detail is: `-right`, `-below`, `-line`,
    or `-instead` of the list; without one it is off.
    """

    BINDINGS = [
        Binding("p", "pane", "detail right, below, off", id="detail.pane"),
        Binding("plus", "resize(1)", "larger detail", id="detail.larger", key_display="+"),
        Binding("underscore", "resize(-1)", "smaller detail", id="detail.smaller", key_display="_"),
    ]
    DEFAULT_CSS = """
    DetailBeside #body { layout: horizontal; height: 1fr; }
    DetailBeside.-below #body { layout: vertical; }
    DetailBeside #list { width: 1fr; height: 1fr; }
    DetailBeside #line, DetailBeside Split, DetailBeside DetailPane { display: none; }
    DetailBeside.-line #line { display: block; background: $panel; }
    DetailBeside.-right Split { display: block; width: 1; height: 1fr; }
    DetailBeside.-below Split { display: block; }
    DetailBeside.-right DetailPane, DetailBeside.-below DetailPane { display: block; }
    DetailBeside.-instead DetailPane { display: block; width: 1fr; height: 1fr; }
    DetailBeside.-instead #list { display: none; }
    """

    _left_out = False
    _placed = "off"  # where the detail was put last
    _narrowed = 0  # the cells that it has at most, as its list needs the others; 0 where it does not

    def compose_top(self) -> ComposeResult:
        """Yield what stands above the list. It is known first where the detail will be: all is styled once."""
        if (where := self.find_detail_place()) != "off":
            self.add_class(f"-{where}", update=False)
        yield from super().compose_top()

    @property
    def detail(self) -> DetailPane:
        """The pane that shows the detail."""
        return self.query_one(DetailPane)

    @property
    def detail_at(self) -> str:
        """The place of the detail: `right`, `below`, `instead`, `line` or `off`."""
        return next((name for name in _PLACES if self.has_class(f"-{name}")), "off")

    def read_whole(self, record: Record) -> Record:
        """Return an object with all that its detail shows, where the list does not hold that."""
        return record

    def context_of(self, record: Record | None) -> CellContext:  # noqa: ARG002
        """Return what the detail's cells are made with."""
        return CellContext(self.platform.now(), name=self.platform.names.of)

    def tell_in_line(self, record: Record, room: int) -> Parts:  # noqa: ARG002
        """Return what the line in the place of the detail says of an object in so many cells."""
        return []

    def on_resize(self) -> None:
        """Put the detail where there is room."""
        self._narrowed = 0
        self.arrange_detail()
        if self.detail_at == "line":
            self.show_soon()

    def find_detail_place(self) -> str:
        """Return where the detail shall be, unless it is opened in the list's place."""
        return find_place(self.navigator.session.layout.detail, *self.app.size)

    def arrange_detail(self) -> None:
        """Put the detail where it shall be, unless it was opened in the list's place."""
        if self.detail_at != "instead":
            self.put_detail(self.find_detail_place())

    def put_detail(self, where: str) -> None:
        """Put the detail somewhere, or with `off` nowhere."""
        before, self._placed = self._placed, where
        for name in _PLACES:
            self.set_class(name == where, f"-{name}")
        self.leave_out_detail(self._left_out)
        self._size_detail()
        if where in ("off", "line"):
            self.detail.release()
        if where not in ("off", before):
            self.show_soon()

    def leave_out_detail(self, left_out: bool) -> None:
        """Leave the place beside the list to the list while there is nothing to detail, or no longer."""
        self._left_out = left_out
        hidden = left_out and self.detail_at in ("right", "below", "line")
        find = self.query_one_optional
        for part in filter(None, (find(DetailPane), find(Split), find("#line"))):  # gone as a place is left
            if hidden != part.styles.inline.has_rule("display"):  # not a class: that styles all in it anew
                if hidden:
                    part.styles.display = "none"
                else:
                    part.styles.clear_rule("display")
                    part.refresh(layout=True)

    @property
    def _is_narrowed(self) -> bool:
        """Whether the detail gives way to the list, as the user has not said how much of the place is whose."""
        is_sized = self.navigator.session.layout.is_sized("right")
        return self.detail_at == "right" and self._narrowed > 0 and not is_sized

    def _size_detail(self) -> None:
        """Give the detail the share of the place that the user wants."""
        where, styles = self.detail_at, self.detail.styles
        for rule in ("width", "max_width", "height"):
            styles.clear_rule(rule)
        if where in ("right", "below"):
            share = f"{self.navigator.session.layout.share(where, self.app.size.width)}%"
            styles.width, styles.height = (share, "1fr") if where == "right" else ("1fr", share)
            if self._is_narrowed:
                styles.max_width = self._narrowed

    def yield_to_list(self, lacking: int) -> None:
        """Give the list cells it lacks for what it holds, unless the user said how much of the place is whose."""
        if self.detail_at == "right" and lacking > 0 and self.detail.outer_size.width > _NARROWEST:
            self._narrowed = max(_NARROWEST, self.detail.outer_size.width - lacking)
            self._size_detail()

    def leave_detail(self) -> bool:
        """Go from the detail back to the list. Returns whether the user was in the detail."""
        if self.detail_at != "instead" and not self.detail.has_focus_within:
            return False
        self.remove_class("-instead")
        self.arrange_detail()
        self.focus_home()
        return True

    def follow_cursor(self) -> None:
        """Show the object under the cursor once the cursor rests, and its keys at once."""
        if self.detail_at != "off":
            self.set_timer(SETTLE, self.show_soon)
        self.call_later(self.say_keys)

    @work(group="detail", exclusive=True, exit_on_error=False)
    async def show_soon(self) -> None:
        """Show the object under the cursor, in a worker: opening a tab takes a moment."""
        await self.update_detail()

    async def update_detail(self) -> None:
        """Show the object under the cursor, or that there is none."""
        record = self.read_whole(self.record) if self.record else None
        where = self.detail_at
        if where == "line":
            told: Parts = []
            if record:
                room = self.app.size.width - cell_width("".join(text for text, _ in _LINE)) - 1
                told = [*_LINE, *self.tell_in_line(record, room)]
            self.query_one("#line", Bar).show(told)
            return
        self._name_split(record)
        await self.detail.lay_sections(side_by_side=where == "below")
        self.detail.use(self.platform)
        await self.detail.show(self.resource, self.location.scope, record, self.context_of(record))

    def _name_split(self, record: Record | None) -> None:
        """Say over the detail which object it shows: below its row by name and id, else by the name."""
        hints: Parts = [("_ +", "key"), (" or drag ", "dim")]
        below = self.detail_at == "below"
        name = title_of(self.resource, record) if record else ""
        self.detail.name_object(name or record.id if record and not below else "")
        told: Parts = []
        if record and below:
            told = [(f" {_shorten(name)} ", "")] if name else []
            told.append((f" {_shorten(record.id)}", "dim"))
        self.query_one(Split).show(told, hints if below else [])

    async def show_detail(self) -> None:
        """Make the detail visible, in the list's place when there is no other."""
        if self.detail_at in ("off", "line"):
            self.put_detail("instead")
        await self.update_detail()
        if self.detail_at == "instead":
            self.detail.focus_body()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off the keys for the size of a detail that is not beside the list."""
        if action == "resize" and self.detail_at not in ("right", "below"):
            return None
        return super().check_action(action, parameters)

    async def action_other_pane(self) -> None:
        """Move the focus between the list and the detail."""
        if self.detail_at in ("off", "line"):
            await self.show_detail()
        elif not self.leave_detail():
            self.detail.focus_body()

    def action_pane(self) -> None:
        """Move the detail: right, below, off; on a small terminal a line, in the list's place, or off."""
        found = dict.fromkeys(find_place(wanted, *self.size) for wanted in ("right", "below", "off"))
        choices = [place for each in found for place in ((each, "instead") if each == "line" else (each,))]
        now = self.detail_at
        where = choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]
        self.navigator.session.layout.detail = "" if where in ("line", "instead") else where
        self.keep_layout()
        self.put_detail(where)
        if where == "instead":
            self.detail.focus_body()
        else:
            self.focus_home()

    def action_resize(self, by: int) -> None:
        """Give the detail more or less of the place."""
        layout, where = self.navigator.session.layout, self.detail_at
        if where in ("right", "below"):
            share = layout.share(where, self.app.size.width)
            if self._is_narrowed:
                share = min(share, 100 * self._narrowed // self.app.size.width)
            layout.resize(where, share + by * _STEP)
            self._size_detail()
            self.keep_layout()

    def on_split_dragged(self, event: Split.Dragged) -> None:
        """Give the detail what lies beyond the mouse."""
        where, body = self.detail_at, self.query_one("#body").region
        if where in ("right", "below"):
            rest = (
                (body.right - event.x - 1) / body.width
                if where == "right"
                else (body.bottom - event.y - 1) / body.height
            )
            self.navigator.session.layout.resize(where, round(100 * rest))
            self._size_detail()
            if event.over:
                self.keep_layout()

    def keep_layout(self) -> None:
        """Keep how lists are laid out, or say why that cannot be."""
        try:
            self.navigator.session.layout.keep()
        except OSError as error:
            self.actor.say(f"How lists are laid out cannot be kept: {error.strerror or error}.", bad=True)
