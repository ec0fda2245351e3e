"""Home: what needs you, what is in flight, money and storage, on one screen. Rows are objects to act on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.css.scalar import Scalar

from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.live.combined.rows import split_key
from tui.resources.due import DUE
from tui.resources.language.cells import moment, pluralize
from tui.resources.language.reading.amounts import format_amount, sum_amounts
from tui.screens.actions.permissions import find_refusal
from tui.screens.navigation.history import Location
from tui.screens.places.home import rows
from tui.screens.places.home.objects import HomeItem, ObjectRows
from tui.screens.places.home.panels import COLUMNS, LOW, OBJECTS, PANELS, SUMS, TITLES, choose_panels, share_lines
from tui.toolkit.keys.key_names import show_key
from tui.widgets.base.bars import Bar, FooterBar, KeyHint
from tui.widgets.base.layout import BESIDE
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.cells_view import CellRow, CellsView
from tui.workflows.labels import fetch_names, find_loaded_names
from tui.workflows.overview.combined import CombinedOverview

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.screens.navigation.account import Account
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts
    from tui.workflows.overview.attention import Need
    from tui.workflows.overview.headroom import Headroom

WITH_ACCOUNT = (*OBJECTS, "headroom")
"""The panels whose rows say whose they are, where several accounts are shown; the sums have a row for each."""
TOGETHER = 0.25  # seconds in which changes are drawn together


class HomeScreen(ObjectRows):
    """Shows what matters now. Keys act on the object under the cursor as they do in its own list."""

    SLASH = ""
    BINDINGS = [
        Binding("enter", "enter", "open", id="go.into"),
        Binding("tab", "panel(1)", "next panel", id="detail.focus"),
        Binding("shift+tab", "panel(-1)", "previous panel", id="home.previous_panel", show=False),
    ]
    DEFAULT_CSS = """
    HomeScreen #body { height: 1fr; }
    HomeScreen #objects { height: 1fr; layout: vertical; }
    HomeScreen #running { height: 2fr; }
    HomeScreen #sums { height: 6; layout: horizontal; }
    HomeScreen #needs { height: 3fr; }
    HomeScreen #flight { height: 1fr; }
    HomeScreen #ends { height: 7; }
    HomeScreen #money { width: 3fr; }
    HomeScreen #storage { width: 2fr; max-width: 42; border-left: vkey $panel; }
    HomeScreen #headroom { width: 2fr; border-left: vkey $panel; }
    HomeScreen .panel > Bar { background: $surface; }
    HomeScreen.-beside #objects { layout: horizontal; }
    HomeScreen.-beside #sums { height: 10; }
    HomeScreen.-beside #needs { width: 3fr; height: 1fr; }
    HomeScreen.-beside #running { width: 2fr; height: 1fr; border-left: vkey $panel; }
    HomeScreen.-low #sums { height: 1fr; }
    HomeScreen.-low #sums .panel { max-width: 100%; border-left: none; }
    """

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        overviews = {account.name: account.kept.overview for account in self.accounts}
        self._tones = {account.name: account.tone for account in self.accounts} if len(overviews) > 1 else {}
        self._overviews = overviews
        self._overview = CombinedOverview(overviews) if self._tones else next(iter(overviews.values()))
        self.source = self._overview
        self._captions = {name: Bar(id=f"{name}-caption") for name in PANELS}
        self._views = {
            name: CellsView(each.grow, right=each.right, drop=each.drop, names=each.names, id=f"{name}-rows")
            for name, columns in COLUMNS.items()
            for each in [columns.behind_account() if self._tones and name in WITH_ACCOUNT else columns]
        }
        self._whose: dict[tuple[str, Any], str] = {}  # the accounts of rows, by their panel and key
        self._items: dict[tuple[str, Any], HomeItem] = {}  # what rows stand for, by their panel and key
        self._names: dict[str, str] = {}
        self._hidden: list[str] = []  # the panels that there is no room for
        self._last = "flight"  # the panel that says so
        self._waiting = False  # for more to come before it is drawn
        self._returned = location.cursor is None  # whether the cursor is where it was when the user left

    def make_watch(self) -> Watch:
        """Return the list that stands for the place: the first that it looks at."""
        return self.accounts[0].kept.overview.watches[0]

    @property
    def account(self) -> Account:
        """The account of the row under the cursor."""
        return self.navigator.find_account(self._whose.get((self._panel, self._row_key)) or super().account.name)

    def find_healths(self) -> Mapping[str, Health]:
        """Return how fresh the lists of each account are."""
        return {account: each.health for account, each in self._overviews.items()}

    def compose(self) -> ComposeResult:
        """Header, title, panels, prompt, keys."""
        yield from self.compose_top()
        with Container(id="body"):
            with Container(id="objects"):
                yield self._panel_of("needs")
                with Vertical(id="running"):
                    yield self._panel_of("flight")
                    yield self._panel_of("ends")
            with Container(id="sums"):
                yield from map(self._panel_of, SUMS)
        yield from self.compose_picture()
        yield Prompt()
        yield FooterBar()

    def _panel_of(self, name: str) -> Vertical:
        return Vertical(self._captions[name], self._views[name], id=name, classes="panel")

    def on_mount(self) -> None:
        """Show what is known already."""
        self._let_go = self._overview.subscribe(self._show_soon)
        self.on_resize()
        self.focus_home()
        if self._overview.admin:
            self._learn_names()

    is_remembered = True

    @property
    def is_read(self) -> bool:
        """Whether any list was read since the start."""
        return any(watch.health.since for watch in self._overview.watches)

    def say(self) -> None:
        """Bring the lines up to date; the panels give way to what was last seen while nothing is known."""
        super().say()
        body = self.query_one_optional("#body") if self.is_mounted else None
        if body is not None and body.display != (self.picture is None):
            body.display = self.picture is None
            if body.display:
                self.focus_home()

    def notice(self, health: Health) -> Parts:
        """Return why what is shown is old; of lists that are all refused, why the first is."""
        return super().notice(self.list_watch.health if self.picture and not health.error else health)

    def find_remembered(self) -> Widget | None:
        """Return the panels, while they show what is known."""
        is_whole = self.source.health.state == "live" and not self._waiting
        return self.query_one_optional("#body") if is_whole else None

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_resize(self) -> None:
        """Panels beside each other where there is room, and no sums where there is none."""
        self.set_class(self.size.width >= BESIDE, "-beside")
        self.set_class(self.size.height < LOW, "-low")
        self._lay_out(self._panel)
        if self.is_mounted:
            self._show()

    def _lay_out(self, at: str) -> None:
        """Show the panels there is room for, and in any case the one that the focus is `at`."""
        shown = choose_panels(at, self.size.height, beside=self.has_class("-beside"))
        for name in PANELS:
            self.query_one(f"#{name}").display = name in shown
        self.query_one("#objects").display = not shown.isdisjoint(OBJECTS)
        self.query_one("#sums").display = not shown.isdisjoint(SUMS)
        self._hidden = [TITLES[name] for name in PANELS if name not in shown]
        self._last = next(name for name in ("flight", "ends", *SUMS) if name in shown)

    # What is shown.

    def _show_soon(self) -> None:
        """Draw once for what comes at about the same time."""
        if not self._waiting:
            self._waiting = True
            self.set_timer(TOGETHER, self._show_what_came)

    def _show_what_came(self) -> None:
        self._waiting = False
        if self.is_attached and self.query("#running"):  # and not left meanwhile, nor being left
            self._show()

    def _show(self) -> None:
        """Draw what is known."""
        overview = self._overview
        more = "" if overview.is_whole else "+"
        part = ", as far as the lists were read" if more else ""
        waiting = self._describe_silence(overview.silent)
        needs, flights = overview.needs(), overview.in_flight()
        panels = ("needs", needs), ("flight", flights)
        self._items = {(panel, item.key): item for panel, items in panels for item in items}
        view = self._views["needs"]
        lines = rows.build_need_rows(needs, self._key_of, view.text_width)
        view.show(
            self._mark("needs", lines, [need.account for need in needs]), waiting or f"Nothing needs you{part}."
        )
        self._return_cursor()
        lines = rows.build_flight_rows(flights, self.platform.now())
        self._views["flight"].show(
            self._mark("flight", lines, [flight.account for flight in flights]),
            waiting or f"Nothing is in progress{part}.",
        )
        self._caption("needs", f"{sum(len(need.records) for need in needs):,}{more}")
        self._caption("flight", f"{len(flights):,}{more}")
        self._show_ends()
        self._show_money()
        self._show_headroom()
        self._show_storage()
        self.say()

    def _mark(self, panel: str, lines: Iterable[CellRow], accounts: Sequence[str]) -> Iterable[CellRow]:
        """Return the lines of a panel with whose each is, where several accounts are shown; that is remembered."""
        if not self._tones:
            return lines
        marked = rows.mark_accounts(lines, accounts, self._tones)
        self._whose |= {(panel, row.key): account for row, account in zip(marked, accounts, strict=True)}
        return marked

    def _return_cursor(self) -> None:
        """Put the cursor on the row it was on when the user left, once that is there."""
        view = self._views[PANELS[0]]
        if not self._returned and (row := view.row_of_id(str(self.location.cursor))) is not None:
            self._returned = True
            view.move_to(row)

    def _describe_silence(self, silent: Sequence[str]) -> str:
        """Return which lists have not answered yet; "" where all have."""
        if not silent:
            return ""
        if not self.source.health.error:
            return "Loading…"
        return f"Not known: {', '.join(silent[:3])}{' …' if len(silent) > 3 else ''} did not answer yet."

    def _key_of(self, need: Need) -> str:
        """Return the key that mends what needs somebody; of several the one that opens their list."""
        record, resource = need.records[0], need.resource
        actions = (resource.action(name) for name in resource.mends if len(need.records) == 1)
        platform = (
            self.navigator.find_account(need.account).platform if need.account else self.accounts[0].platform
        )
        able = (each.key for each in actions if each and find_refusal(each, record, platform) is None)
        key = show_key(self, next(able, "enter"))
        return "⏎" if key == "enter" else key

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
        ends, now = self._overview.ends(), self.platform.now()
        waiting = "Loading…" if self._overview.ends_progress else ""
        lines = self._mark("ends", rows.build_end_rows(ends, now), [split_key(each.id)[0] for each in ends])
        self._views["ends"].show(lines, waiting or "Nothing ends within 30 days.")
        self._caption("ends", f"{len(ends):,}")
        self._share_room(len(self._views["flight"].rows), len(ends))

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
        self._caption("storage")
        if known:
            more = "" if all(each and each.whole for each in found.values()) else " and more"
            size = format_amount(sum_amounts(each.total.size for each in known), "B")
            files = sum(each.total.files for each in known)
            self._caption("storage", pluralize(files, "file"), f" {size}{more}")
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

    def headline(self) -> tuple[Parts, Parts]:
        """Return the name of the place, and what it cannot show."""
        left: Parts = [(" home", "strong")]
        right: Parts = [(f"{sentence} ", "dim") for sentence in self._overview.missing()[:1]]
        if (before := self._overview.before) and (news := self._overview.news()):
            right = [(f"since {moment(before.at)[:-3]}: ", "dim"), (f"{news} ", "accent"), *right]
        return left, right

    def keys(self) -> list[KeyHint]:
        """Return what enter and tab do."""
        return [KeyHint("enter", "open", self._row_key is not None), KeyHint("tab", "next panel")]

    def tick(self) -> None:
        """Show how time has passed."""
        self._show()

    @work(group="names", exclusive=True, exit_on_error=False)
    async def _learn_names(self) -> None:
        """Find out what people call the projects that money went to; without an answer they stay ids."""
        for account in self.accounts:
            self._names |= find_loaded_names(account.platform, "project_id")
            with suppress(ApiError):
                async for found in fetch_names(account.platform.client, "project_id", ()):
                    self._names |= found
                    self._show()

    # The rows under the cursor.

    @property
    def _panel(self) -> str:
        """The panel that has the focus."""
        focused = self.focused.id if self.focused else None
        return next((name for name in PANELS if f"{name}-rows" == focused), PANELS[0])

    @property
    def _row_key(self) -> Any:
        row = self._views[self._panel].row
        return row.key if row else None

    @property
    def item(self) -> HomeItem | None:
        """The object under the cursor, or several alike."""
        return self._items.get((self._panel, self._row_key))

    def action_panel(self, by: int) -> None:
        """Move the focus to another panel."""
        self._go_to(PANELS[(PANELS.index(self._panel) + by) % len(PANELS)])

    def _go_to(self, panel: str) -> None:
        """Move the focus to a panel, which is shown if it was not."""
        self._lay_out(panel)
        self.set_focus(self._views[panel])
        self._show()

    def open_part(self) -> None:
        """Open what the panel sums up: of money the costs, of storage the files."""
        if self._panel == "money":
            self.navigator.open_resource(self.platform.registry["costs"])
        elif self._panel == "headroom":
            self.navigator.open_resource(self.platform.registry["limits"])
        elif self._panel == "ends" and self._row_key:
            self.navigator.go(Location(DUE, up=self.location, cursor=self._row_key[1]))
        elif self._panel == "storage" and self._row_key is not None:
            chosen = f"purpose:{self._row_key}" if self._row_key else "expires<7d"
            if self._tones:
                chosen = f"profile:{self.account.name}"
            self.navigator.open_resource(self.platform.registry["files"], chosen)

    def focus_home(self) -> None:
        """Focus what needs somebody."""
        self._go_to(PANELS[0])

    def on_line_view_moved(self) -> None:
        """Name the keys of the object under the cursor, and remember it for the way back."""
        if self._panel == PANELS[0] and self._row_key and self._returned:
            self.location.cursor = self._row_key[1]
        self.say()
