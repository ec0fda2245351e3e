"""What home shows below its objects: what ends, money, headroom and storage, of one account or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.css.scalar import Scalar

from tui.api.operation import Key
from tui.live.combined.rows import split_key
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import format_amount, sum_amounts
from tui.screens.places.home import rows
from tui.screens.places.home.objects import ObjectRows
from tui.screens.places.home.panels import COLUMNS, OBJECTS, PANELS, TITLES, share_lines
from tui.widgets.base.bars import Bar
from tui.widgets.text.cells_view import CellRow, CellsView
from tui.workflows.overview.combined import CombinedOverview

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.workflows.overview.headroom import Headroom
    from tui.workflows.overview.overview import Overview

WITH_ACCOUNT = (*OBJECTS, "headroom")
"""The panels whose rows say whose they are, where several accounts are shown; the sums have a row for each."""


class HomeSums(ObjectRows):
    """Has the panels of home, and draws what ends and the sums."""

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._overviews: dict[str, Overview] = {each.name: each.kept.overview for each in self.accounts}
        self._tones = {each.name: each.tone for each in self.accounts} if len(self._overviews) > 1 else {}
        self._overview: Overview | CombinedOverview = next(iter(self._overviews.values()))
        if self._tones:
            self._overview = CombinedOverview(self._overviews)
        self._captions = {name: Bar(id=f"{name}-caption") for name in PANELS}
        self._views = {
            name: CellsView(each.grow, right=each.right, drop=each.drop, names=each.names, id=f"{name}-rows")
            for name, columns in COLUMNS.items()
            for each in [columns.behind_account() if self._tones and name in WITH_ACCOUNT else columns]
        }
        self._whose: dict[tuple[str, Any], str] = {}  # the accounts of rows, by their panel and key
        self._names: dict[str, str] = {}
        self._hidden: list[str] = []  # the panels that there is no room for
        self._last = "flight"  # the panel that says so

    def _mark(self, panel: str, lines: Iterable[CellRow], accounts: Sequence[str]) -> Iterable[CellRow]:
        """Return the lines of a panel with whose each is, where several accounts are shown; that is remembered."""
        if not self._tones:
            return lines
        marked = rows.mark_accounts(lines, accounts, self._tones)
        self._whose |= {(panel, row.key): account for row, account in zip(marked, accounts, strict=True)}
        return marked

    def _show_money(self) -> None:
        """Draw what is spent, or why that is not known."""
        view, lines = self._views["money"], []
        self._caption("money")
        for account, overview in self._overviews.items():
            money, error = overview.money(), overview.costs.health.error
            reason = error.sentence if error else overview.missing_key(Key.ADMIN) or "Loading…"
            if not self._tones:
                view.show(rows.build_money_rows(money, self._names, view.text_width - 14) if money else [], reason)
                return
            lines.append(rows.build_account_money(account, self._tones[account], money, reason))
            self._whose["money", lines[-1].key] = account
        view.show(lines, "")

    def _show_ends(self) -> None:
        """Draw what ends within a month."""
        ends, now, view = self._overview.ends(), self.platform.now(), self._views["ends"]
        errors = [each.due.health.error for each in self._overviews.values()]
        part = "" if self._overview.is_whole else ", as far as the lists were read"
        nothing = errors[0].sentence if errors[0] and all(errors) else f"Nothing ends within 30 days{part}."
        groups = rows.group_ends(ends, now)
        owners = [split_key(group[0].id)[0] for group in groups]
        lines = self._mark("ends", rows.build_end_rows(groups, now, view.text_width), owners)
        view.show(lines, "Loading…" if self._overview.ends_progress else nothing)
        self._caption("ends", f"{len(ends):,}")
        self._share_room(len(self._views["flight"].rows), len(groups))

    def _share_room(self, flights: int, ends: int) -> None:
        """Give what ends soon the lines that what is in flight does not need."""
        room = self.query_one("#running").size.height
        wanted = share_lines(room, flights, ends) if self.query_one("#flight").display else room
        panel = self.query_one("#ends")
        if room and panel.styles.height != Scalar.from_number(wanted):
            panel.styles.height = wanted

    def _show_headroom(self) -> None:
        """Draw how near the rate limits are, or why that is not known."""
        view = self._views["headroom"]
        nearest: list[tuple[Headroom, str]] = []
        reasons: list[str] = []
        self._caption("headroom", "in the last hour")
        for account, overview in self._overviews.items():
            report = overview.headroom
            if report.nearest is None:
                error = report.health.error
                unknown = "Loading…" if overview.admin else "Limits need an admin key."
                reasons.append(error.sentence if error else unknown)
                continue
            reasons.append(
                f"Not known: {report.unread}" if report.unread else "Nothing was used in the last hour."
            )
            nearest += [(each, account) for each in report.nearest]
        nearest.sort(key=lambda pair: -pair[0].share)
        accounts = [account for _, account in nearest]
        lines = list(rows.build_headroom_rows((each for each, _ in nearest), self._names))
        if self._tones:  # two accounts may have limits of the same projects
            lines = [row._replace(key=(whose, *row.key)) for row, whose in zip(lines, accounts, strict=True)]
        view.show(self._mark("headroom", lines, accounts), reasons[0])

    def _show_storage(self) -> None:
        """Draw what is stored, or why that is not known."""
        view, found = self._views["storage"], {name: each.storage() for name, each in self._overviews.items()}
        known = [each for each in found.values() if each]
        if known:
            more = "" if all(each and each.whole for each in found.values()) else " and more"
            size = format_amount(sum_amounts(each.total.size for each in known), "B")
            files = sum(each.total.files for each in known)
            self._caption("storage", pluralize(files, "file"), f" {size}{more}")
        else:
            self._caption("storage")
        reasons = {
            name: error.sentence if (error := each.stored.health.error) else "Loading…"
            for name, each in self._overviews.items()
        }
        if not self._tones:
            view.show(rows.build_storage_rows(known[0]) if known else [], next(iter(reasons.values())))
            return
        whole = sum(float(each.total.size) for each in known)
        lines = [
            rows.build_account_storage(name, self._tones[name], storage, whole, reasons[name])
            for name, storage in found.items()
        ]
        self._whose |= {("storage", row.key): name for row, name in zip(lines, found, strict=True)}
        view.show(lines, "")

    def _caption(self, panel: str, count: str = "", sum_: str = "") -> None:
        """Write the line over a panel; the last with objects says which panels there is no room for, too."""
        hidden = f"tab: {' · '.join(self._hidden)} " if panel == self._last and self._hidden else ""
        title = f" {TITLES[panel].upper()}{sum_}"
        self._captions[panel].show([(title, "strong"), (f"  {count}", "")], [(hidden, "dim")])
