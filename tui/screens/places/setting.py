"""What is set once: a resource of one object, shown at once over the whole place instead of a list of one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.places.listing.screen import ResourceScreen
from tui.widgets.base.bars import WAY
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from tui.live.lists.collection import Delta
    from tui.resources.language.objects import Record
    from tui.widgets.base.bars import KeyHint
    from tui.widgets.base.freshness import Parts

_OF_LISTS = frozenset({
    *("attention", "beside", "choose_columns", "enter", "filter", "full", "load_all"),
    *("other_pane", "page_detail", "pane", "resize"),
})  # fmt: skip


class SettingScreen(ResourceScreen):
    """Shows the one object that a resource has, or why there is none."""

    SLASH = ""

    def find_detail_place(self) -> str:
        """Return `off`: the detail has no place until the object is there."""
        return "off"

    def arrange_detail(self) -> None:
        """Give the whole place to the object, or to the page that says why there is none."""
        where = "instead" if self.record else "off"
        if where != self.detail_at:
            self.put_detail(where)

    async def update_detail(self) -> None:
        """Show the object, and let its keys work; what is typed into the prompt stays there."""
        await super().update_detail()
        is_list_focused = self.focused is None or isinstance(self.focused, LiveTable)
        if self.detail_at == "instead" and is_list_focused:
            self.detail.focus_body()

    def _name_split(self, record: Record | None) -> None:
        """Say nothing: the line above names it."""

    def _apply_delta(self, delta: Delta) -> None:
        super()._apply_delta(delta)
        self.arrange_detail()

    def headline(self) -> tuple[Parts, Parts]:
        """Return what is shown, without a count."""
        trail = [(f" {WAY.join((*self.location.trail, ''))}".rstrip(), "dim")] if self.location.trail else []
        return [*trail, (f" {self.resource.name.replace('-', ' ')}", "strong")], []

    def keys(self) -> list[KeyHint]:
        """Return none: what enter opens is shown already."""
        return []

    def focus_home(self) -> None:
        """Focus the object."""
        self.detail.focus_body()

    def leave_detail(self) -> bool:
        """Return False: there is no list to go back to."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off the keys of lists."""
        return False if action in _OF_LISTS else super().check_action(action, parameters)
