"""Placement of the detail of the object under the cursor: beside its list, below it, or in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.resources.language.column import CellContext
from tui.screens.places.base import PlaceScreen
from tui.widgets.base.layout import BESIDE, SETTLE
from tui.widgets.detail.detail_pane import DetailPane

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

BELOW = 30  # from this many lines it has room below


class DetailBeside(PlaceScreen):
    """A place that lists objects, and shows the one under the cursor in a `DetailPane`.

    The list is what has the id `list`, and both lie in `#body`. A class of the screen says where the detail is:
    `-right`, `-below`, or `-instead` of the list; without one it is off.
    """

    DEFAULT_CSS = """
    DetailBeside #body { layout: horizontal; height: 1fr; }
    DetailBeside #list { width: 1fr; height: 1fr; }
    DetailBeside DetailPane { display: none; }
    DetailBeside.-right DetailPane { display: block; width: 36%; min-width: 43; border-left: vkey $panel; }
    DetailBeside.-below #body { layout: vertical; }
    DetailBeside.-below DetailPane { display: block; height: 45%; border-top: hkey $panel; }
    DetailBeside.-instead DetailPane { display: block; width: 1fr; }
    DetailBeside.-instead #list { display: none; }
    """

    @property
    def detail(self) -> DetailPane:
        """The pane that shows the detail."""
        return self.query_one(DetailPane)

    @property
    def detail_at(self) -> str:
        """The place of the detail: `right`, `below`, `instead` or `off`."""
        return next((name for name in ("right", "below", "instead") if self.has_class(f"-{name}")), "off")

    def wanted_detail(self) -> str:
        """Return where the detail shall be: on the right if there is room."""
        return "right" if self.size.width >= BESIDE else "off"

    def read_whole(self, record: Record) -> Record:
        """Return an object with all that its detail shows, where the list does not hold that."""
        return record

    def context_of(self, record: Record | None) -> CellContext:  # noqa: ARG002
        """Return what the detail's cells are made with."""
        return CellContext(self.platform.now(), name=self.platform.names.of)

    def on_resize(self) -> None:
        """Put the detail where there is room."""
        self.arrange_detail()

    def arrange_detail(self) -> None:
        """Put the detail where it shall be, unless it was opened in the list's place."""
        if self.detail_at != "instead":
            self.put_detail(self.wanted_detail())

    def put_detail(self, where: str) -> None:
        """Put the detail somewhere, or with `off` nowhere."""
        before = self.detail_at
        for name in ("right", "below", "instead"):
            self.set_class(name == where, f"-{name}")
        if where == "off":
            self.detail.release()
        elif before == "off":
            self.show_soon()

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
        self.call_later(self.say)

    @work(group="detail", exclusive=True, exit_on_error=False)
    async def show_soon(self) -> None:
        """Show the object under the cursor, in a worker: opening a tab takes a moment."""
        await self.update_detail()

    async def update_detail(self) -> None:
        """Show the object under the cursor, or that there is none."""
        record = self.read_whole(self.record) if self.record else None
        await self.detail.show(self.resource, self.location.scope, record, self.context_of(record))

    async def show_detail(self) -> None:
        """Make the detail visible, in the list's place when there is no other."""
        if self.detail_at == "off":
            self.put_detail("instead")
        await self.update_detail()
        if self.detail_at == "instead":
            self.detail.focus_body()

    async def action_other_pane(self) -> None:
        """Move the focus between the list and the detail."""
        if self.detail_at == "off":
            await self.show_detail()
        elif not self.leave_detail():
            self.detail.focus_body()

    def action_pane(self) -> None:
        """Move the detail: right, below, off; on a small terminal in the list's place or off."""
        choices = ["off"]
        if self.size.height >= BELOW:
            choices.insert(0, "below")
        if self.size.width >= BESIDE:
            choices.insert(0, "right")
        if len(choices) == 1:
            choices.insert(0, "instead")
        now = self.detail_at
        where = choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]
        self.navigator.session.detail = "" if where == "instead" else where
        self.put_detail(where)
        if where == "instead":
            self.detail.focus_body()
        else:
            self.focus_home()
