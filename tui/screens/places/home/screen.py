"""Home: what needs you, what is in flight, money and storage, on one screen. Rows are objects to act on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Container, Vertical

from tui.api.errors import ApiError
from tui.resources.due import DUE
from tui.resources.language.cells import moment
from tui.screens.actions.permissions import find_refusal
from tui.screens.navigation.history import Location
from tui.screens.places.home import rows
from tui.screens.places.home.panels import LOW, OBJECTS, PANELS, SUMS, TITLES, choose_panels
from tui.screens.places.home.sums import HomeSums
from tui.text import cell_width
from tui.toolkit.keys.key_names import show_key
from tui.widgets.base.bars import FooterBar, KeyHint
from tui.widgets.base.layout import BESIDE
from tui.widgets.input.prompt import Prompt
from tui.workflows.labels import fetch_names, find_loaded_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.navigator import Navigator
    from tui.screens.places.home.objects import HomeItem
    from tui.widgets.base.freshness import Parts
    from tui.workflows.overview.attention import Need

TOGETHER = 0.25  # seconds in which changes are drawn together


class HomeScreen(HomeSums):
    """Shows what matters now. Keys act on the object under the cursor as they do in its own list."""

    SLASH = ""
    REASONS = {"beside": "Home shows all accounts together: | is for lists, such as :batches."}
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
        self.source = self._overview
        self._items: dict[tuple[str, Any], HomeItem] = {}  # what rows stand for, by their panel and key
        self._waiting = False  # for more to come before it is drawn
        self._is_drawn = False  # whether it was drawn since there are answers
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
        """Yield header, title, panels, prompt, keys."""
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
        """Bring the lines up to date; the panels give way to what was last seen while nothing is known.

        Header and panels count the same: what is drawn soon changes neither before.
        """
        if self._waiting:
            self.say_keys()
            return
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
        """Return the panels, while they show what is known, or was a moment ago."""
        is_whole = self.source.health.state == "live" and self._is_drawn
        return self.query_one_optional("#body") if is_whole else None

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_resize(self) -> None:
        """Put panels beside each other where there is room, and leave out the sums where there is none."""
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
        # The place may have been left meanwhile, or is being closed.
        if self.is_attached and self.query("#running"):
            self._show()

    def _show(self) -> None:
        """Draw what is known."""
        self._waiting = False
        self._is_drawn = self.source.health.state == "live"
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

    def _return_cursor(self) -> None:
        """Put the cursor on the row it was on when the user left, once that is there."""
        view = self._views[PANELS[0]]
        if not self._returned and (row := view.row_of_id(str(self.location.cursor))) is not None:
            self._returned = True
            view.move_to(row)

    def _describe_silence(self, silent: Sequence[str]) -> str:
        """Return which lists have not answered yet; "" where all have."""
        health = self.source.health
        if health.state == "refused" and health.error:  # each of them is
            return str(health.error)
        if not silent:
            return ""
        if not health.error:
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

    def headline(self) -> tuple[Parts, Parts]:
        """Return the name of the place, and what it cannot show."""
        left: Parts = [(" home", "strong")]
        right: Parts = [(f"{sentence} ", "dim") for sentence in self._overview.missing()[:1]]
        if (before := self._overview.before) and (news := self._overview.tell_news()):
            told: Parts = [(f"since {moment(before.at)[:-3]}: ", "dim"), (f"{news} ", "accent")]
            cells = sum(cell_width(words) for words, _ in (*left, *told, *right))
            right = [*told, *right] if cells < self.size.width else told  # half a sentence tells nothing
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
