"""The sides of a list: one table of all accounts, or beside each other one for each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.live.combined.rows import find_own, make_key
from tui.screens.places.detail_beside import DetailBeside
from tui.screens.places.frame import describe_fault
from tui.screens.places.header import CHOSEN, build_badge
from tui.screens.places.listing import text as list_text
from tui.toolkit.keys.key_names import show_key
from tui.widgets.base.freshness import describe_freshness
from tui.widgets.table.live_table import LiveTable
from tui.widgets.table.side import Side, Sides

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.widget import Widget

    from tui.live.lists.view import View
    from tui.live.polling.poller import Health
    from tui.resources.language.column import Column
    from tui.resources.language.objects import Record
    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.freshness import Parts

_ONE = "One account is in use: P ticks several, which | then shows side by side."


class ListSides(DetailBeside):
    """A place whose list is shown in a table, or of several accounts in one for each.

    Beside each other they share filter and order; each has its own cursor and marks. Keys act in the account of
    the side that had the focus last.
    """

    BINDINGS = [
        Binding("vertical_line", "beside", "accounts side by side", id="list.beside", key_display="|"),
        Binding("tab", "other_pane(1)", "next pane", id="detail.focus"),
        Binding("shift+tab", "other_pane(-1)", "pane before", id="detail.focus_before", show=False),
    ]

    sides: Sequence[Side] = ()
    """The tables with what belongs to each, from the left; none while its list is made."""
    side: Side
    """The one that keys act in."""

    # What a subclass says.

    def make_view(self, only: Callable[[Record], bool] | None) -> View:
        """Return the rows of the list, or `only` some of them, filtered and sorted as its location says."""
        raise NotImplementedError

    def find_columns(self) -> tuple[Sequence[Column], bool]:
        """Return the columns of its tables."""
        raise NotImplementedError

    # The sides there are.

    @property
    def view(self) -> View:
        """The rows that keys act on."""
        return self.side.view

    @property
    def table(self) -> LiveTable:
        """The table that keys act in."""
        return self.side.table

    @property
    def is_beside(self) -> bool:
        """Whether each account has a side of its own."""
        return len(self.sides) > 1

    @property
    def acting_accounts(self) -> Sequence[Account]:
        """The account of the side, else all."""
        return [self.navigator.find_account(self.side.account)] if self.is_beside else super().acting_accounts

    def make_sides(self) -> None:
        """Begin with a side for each account where the user wants that, else with one for all."""
        self._take_sides(self._build_sides())

    def _build_sides(self) -> list[Side]:
        lists = self.list_watch.by_account
        if len(lists) == 1 or not self.navigator.session.layout.is_beside(self.resource.name):
            return [Side(self.list_watch, self.make_view(None), LiveTable())]
        return [
            Side(watch, self.make_view(partial(_is_of, account)), LiveTable(), account)
            for account, watch in lists.items()
        ]

    def _take_sides(self, sides: Sequence[Side]) -> None:
        """Show other sides from now on, and have keys act where the cursor is."""
        owner = self.location.at[0]
        self.sides, self.side = sides, next((side for side in sides if side.account == owner), sides[0])

    def show_sides(self) -> None:
        """Show the rows of all sides, each with the cursor where it was."""
        (columns, are_chosen), here = self.find_columns(), self.location
        for side in self.sides:
            side.view.columns, side.view.are_chosen = columns, are_chosen
            side.table.wide = here.wide
            side.show()
            if cursor := here.cursors.get(side.account, "") if side is not self.side else here.cursor:
                side.table.cursor_id = cursor
        self.list_watch.find_seen_by(
            lambda: [key for side in self.sides if side.display for key in side.table.seen_ids]
        )
        self._bring_into_sight()

    def refilter(self) -> None:
        """Follow a change of the views' query, order or marks."""
        for side in self.sides:
            side.table.refilter()

    # The side that keys act in.

    def watch_focused(self, focused: Widget | None) -> None:
        """Have keys act from now on in the side whose table has the focus."""
        side = next((side for side in self.sides if side.table is focused), None)
        if side and side is not self.side:
            self._choose(side)

    def _choose(self, side: Side) -> None:
        """Have keys act in a side from now on."""
        self.location.cursors[self.side.account] = self.table.cursor_id or ""
        self.side = side
        self._bring_into_sight()
        self.say()
        self.follow_cursor()

    def _bring_into_sight(self) -> None:
        """Have the side that keys act in among those that have room."""
        if self.is_beside and self.location.at[0] != self.side.account:  # kept also where it has no rows
            self.location.cursor = self.table.cursor_id or make_key(self.side.account, "")
        self.query_one(Sides).choose(self.side, self.sides)

    def on_sides_fitted(self) -> None:
        """Say how many are in sight."""
        self.say()

    def focus_home(self) -> None:
        """Focus the list."""
        self.set_focus(self.table)

    async def action_other_pane(self, by: int = 1) -> None:
        """Move the focus to the next pane: list and detail, or side by side one account after the other."""
        if not self.is_beside:
            await super().action_other_pane()
            return
        is_over_list, at = self.detail_at == "instead", self.sides.index(self.side) + by
        if self.leave_detail():
            if is_over_list:
                return
            at = 0 if by > 0 else -1
        elif at not in range(len(self.sides)) and self.detail_at in ("right", "below"):
            self.detail.focus_body()
            return
        self._choose(self.sides[at % len(self.sides)])
        self.focus_home()

    # The line over each side.

    def describe_side(self, side: Side) -> Parts:
        """Return how much a side lists, and what is to be said of it; the count stands first."""
        return list_text.describe_list(self.location, side.list_watch, side.view)

    def page(self, side: Side) -> Sequence[Parts]:
        """Return what stands where the rows of a side would, a paragraph each."""
        return list_text.build_empty_page(self.location, side.list_watch, side.view)

    def tell_faults(self, healths: Mapping[str, Health]) -> Parts:
        """Return why what is shown of accounts is old; side by side each says it itself."""
        return [] if self.is_beside else super().tell_faults(healths)

    def say_of(self, side: Side) -> None:
        """Say over the table of an account whose it is, what that one has, how fresh, and what is amiss."""
        account, health = self.navigator.find_account(side.account), side.list_watch.health
        freshness = describe_freshness(health, is_silent=account.platform.scheduler.is_silent)
        mark = CHOSEN if side is self.side else (" ", "")
        notice = describe_fault(health, side.list_watch.unread) if side.list_watch.collection.records else []
        count, *notes = self.describe_side(side)
        marks = list(list_text.describe_marks(side.view))  # marks come first, as there may not be room for all
        left = [mark, build_badge(account), count, *marks, *(note for note in notes if note not in marks)]
        side.say(left, [*freshness, (" ", "")], notice)

    # Side by side, or as one list.

    async def action_beside(self) -> None:
        """Show the accounts side by side, or as one list again."""
        if len(self.accounts) < 2:
            several = "This is of one account: lists that stand by themselves show several."
            self.actor.say(several if self.navigator.combines else _ONE)
            return
        from tui.screens.places.listing.taking_over import take_over

        self.navigator.session.layout.flip_beside(self.resource.name)
        self.keep_layout()
        sides, container = self._build_sides(), self.query_one(Sides)
        with self.app.batch_update():
            await container.mount(*sides)
            before = self.sides  # until now keys acted in these, and only these followed the list
            for side in sides:
                take_over(side, [each.view for each in before])
            self._take_sides(sides)
            self.show_sides()
            self.focus_home()
            await container.remove_children(before)
        self.say()
        self.follow_cursor()

    def on_live_table_last_loaded(self, event: LiveTable.LastLoaded) -> None:
        """Say that the list goes on, and how to get to its end."""
        count = len(event.table.view.collection.records)
        self.actor.say(f"The last of {count:,} loaded: {show_key(self, 'L')} loads all.")


def _is_of(account: str, row: Record) -> bool:
    return find_own(row, account) is not None
