"""The frame of every place: the lines at its edges, and being live while it is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.screen import Screen

from tui.live.listeners import combine_ends
from tui.resources.tasks import TASKS
from tui.screens.actions.permissions import find_action, find_refusal
from tui.screens.places.header import build_header
from tui.toolkit.presenting import is_presenting
from tui.toolkit.remembering import Remembering
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, NoticeBar, TitleBar, list_marks
from tui.widgets.base.freshness import Parts, describe_freshness, format_clock
from tui.widgets.base.layout import BELOW, TICK
from tui.widgets.base.places_bar import PlacesBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.live.platform import Platform
    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.toolkit.drawing.kept_lines import KeptLines
    from tui.workflows.plan.run import PlanRun


class PlaceSource(Protocol):
    """What a place shows, as far as it is kept fresh: a poller, or several together."""

    @property
    def health(self) -> Health:
        """How fresh it is."""

    @property
    def unread(self) -> str:
        """The part that could not be read, and behind a colon why; "" for none."""

    def start(self) -> None:
        """Keep it fresh from now on."""

    def stop(self) -> None:
        """Undo one `start`."""

    async def refresh(self) -> None:
        """Ask now and wait for the answer."""


class Frame(Screen[None]):
    """A screen that shows a location under a header, title and notice and above a footer, kept up to date."""

    AUTO_FOCUS = None
    SLASH: ClassVar[str] = "filter"  # what `/` does here, if anything
    _let_go: Callable[[], object] = staticmethod(lambda: None)  # a screen may be gone before it was mounted
    _end_listening: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__()
        self.navigator = navigator
        self.location = location
        self.list_watch = self.make_watch()
        self.source: PlaceSource = self.list_watch
        """What is kept fresh while the place is shown: the list, unless a subclass shows something else."""
        self._end_tasks: Callable[[], None] = lambda: None
        self._picture: KeptLines | None = None

    # The accounts that are shown, and the one that keys act on.

    @property
    def account(self) -> Account:
        """The account that keys act on: where several are shown, that of the row under the cursor."""
        return self.navigator.find_account(self.location.at[0])

    @property
    def platform(self) -> Platform:
        """The platform of the account that keys act on."""
        return self.account.platform

    @property
    def accounts(self) -> Sequence[Account]:
        """The accounts that the place shows."""
        return self.navigator.list_accounts(self.location)

    @property
    def acting_accounts(self) -> Sequence[Account]:
        """The accounts that keys act in which are for no object: those shown, unless one of them was chosen."""
        return self.accounts

    # What a subclass says.

    def make_watch(self) -> Watch:
        """Return what keeps the list of the place fresh."""
        return self.navigator.make_watch(self.location, self.watch_of)

    def watch_of(self, account: Account) -> Watch:
        """Return what keeps the list of an account fresh."""
        return account.platform.watch(self.location.resource, self.location.scope)

    @property
    def record(self) -> Record | None:
        """The object that keys act on."""
        raise NotImplementedError

    @property
    def acting(self) -> tuple[Record | None, Platform]:
        """The first object that keys act on, and its platform."""
        return self.record, self.platform

    @property
    def resource(self) -> Resource:
        """The resource of the objects that keys act on."""
        return self.location.resource

    @property
    def scope(self) -> Mapping[str, str]:
        """The path parameters of the list that holds the objects that keys act on."""
        return self.location.scope

    def headline(self) -> tuple[Parts, Parts]:
        """Return what the title line says, from the left and from the right."""
        raise NotImplementedError

    @property
    def is_remembered(self) -> bool:
        """Whether the next start shows what this showed, until the platform has answered."""
        return False

    @property
    def is_read(self) -> bool:
        """Whether anything of it was read since the start."""
        return bool(self.source.health.since)

    def find_remembered(self) -> Widget | None:
        """Return the part that the next start shows until the platform has answered, if any."""
        return None

    def keys(self) -> list[KeyHint]:
        """Return what the footer names first: the key, what it does, and whether it can act."""
        return []

    # Shown, hidden, gone.

    def compose_top(self) -> ComposeResult:
        """Yield the lines above what is shown: header, places, title, notice."""
        yield HeaderBar(lambda: self.header(self.source.health))
        yield PlacesBar()
        yield TitleBar()
        yield NoticeBar()

    def compose_picture(self) -> ComposeResult:
        """Yield the picture of what was last seen, where nothing was read since the start."""
        if self.is_remembered and not self.is_read and isinstance(self.app, Remembering):
            self._picture = self.app.find_picture(self.location.resource.name)
            if self._picture:
                yield self._picture

    @property
    def picture(self) -> KeptLines | None:
        """The picture of what was last seen, while it is shown; else None."""
        stands = self.is_remembered and not self.is_read and not is_presenting(self.app)
        return self._picture if stands else None

    def on_mount(self) -> None:
        """Fill the lines, and look at the clock now and then."""
        self.set_interval(TICK, self.tick)
        self._end_listening = combine_ends(
            *(each.platform.names.subscribe(lambda: self.call_later(self.show_names)) for each in self.accounts),
            *(each.platform.scheduler.listen(lambda: self.call_later(self.say)) for each in self.accounts),
        )
        self.say()

    def on_resize(self) -> None:
        """Show the row of places where there is room, and in header, title and footer what there is room for."""
        for places in self.query(PlacesBar):
            places.display = self.size.height >= BELOW and bool(self.navigator.places)
        self.say()

    def on_screen_resume(self) -> None:
        """Keep fresh what is shown."""
        self.navigator.find_acting = lambda: self.account
        self.source.start()
        self._end_tasks()
        self._end_tasks = combine_ends(*(each.platform.tasks.subscribe(self.say) for each in self.accounts))
        self.say()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        self.source.stop()
        self._end_tasks()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._end_listening()
        self._end_tasks()

    def tick(self) -> None:
        """Show how time has passed."""
        self.say()

    def show_names(self) -> None:
        """Show names that came to be known."""
        self.tick()

    # The lines at the edges.

    def say(self) -> None:
        """Bring header, title, notice and footer up to date."""
        bar = self.query_one_optional(HeaderBar) if self.is_mounted else None
        if bar is None:
            return
        self.navigator.compare_clocks()
        if self._picture:
            self._picture.display = self.picture is not None
        bar.show(*self.header(self.source.health))
        navigator = self.navigator
        for places in self.query(PlacesBar):
            places.show_places(navigator.places, navigator.find_place(self.location), navigator.find_absent())
        self.query_one(TitleBar).show(*self.headline())
        self.query_one(NoticeBar).show(self.notice(self.source.health))
        self.say_keys()

    def say_keys(self) -> None:
        """Bring the footer up to date: of all lines the only one that another object changes."""
        if not self.is_mounted:
            return
        keys = [
            KeyHint(action.key, action.label, self.find_obstacle(action) is None)
            for action in sorted(
                self._actions_by_key(*self.acting), key=lambda each: each.name not in self.resource.mends
            )
            if action.key and action.key != "enter"
        ]
        general = [KeyHint("/", self.SLASH), KeyHint(":", "go"), KeyHint("a", "actions"), KeyHint("?", "help")]
        self.query_one(FooterBar).show_keys([*self.keys(), *keys, *(hint for hint in general if hint.label)])

    def find_obstacle(self, action: Action) -> str | None:
        """Return the reason why an action cannot be done here now, or None."""
        return find_refusal(action, *self.acting)

    def header(self, health: Health) -> tuple[Parts, Parts]:
        """Return whose it is and what goes on for the left; freshness and the rate of requests for the right."""
        picture = self.picture
        is_silent = any(each.platform.scheduler.is_silent for each in self.accounts)
        freshness = describe_freshness(health, is_silent=is_silent)
        if picture:
            freshness = [(f"▲ {picture.as_of}", "warn")]
        width = self.app.size.width
        at_fault = [account for account, each in self.find_healths().items() if each.error]
        acting = self.acting_accounts
        chosen = acting[0].name if len(acting) < len(self.accounts) else ""
        return build_header(self.accounts, self.resource, freshness, list_marks(self.app), width, at_fault, chosen)

    def notice(self, health: Health) -> Parts:
        """Return how far an action on many objects is; else why what is shown is old, and what to do."""
        if (run := self._find_run()) and self.resource is not TASKS:
            end = "stopping…" if run.stopping else "esc stops" if self.own_run() is run else ":tasks"
            return [("◐ ", "accent"), (f"{run.what}  ", "dim"), (f"{run.progress} · {end}", "strong")]
        if len(healths := self.find_healths()) > 1:
            return self.tell_faults(healths)
        return describe_fault(health, self.source.unread)

    def find_healths(self) -> Mapping[str, Health]:
        """Return how fresh the list of each account is that the place shows."""
        return {account: each.health for account, each in self.list_watch.by_account.items()}

    def is_list_of(self, run: PlanRun) -> bool:
        """Return whether the objects that an action is done to are listed here."""
        here = self.location
        return not here.id and run.is_of(here.resource, here.scope)

    def tell_faults(self, healths: Mapping[str, Health]) -> Parts:
        """Return why what is shown of accounts is old or missing: a sentence for each that is at fault."""
        told: Parts = []
        for account, health in healths.items():
            if health.error:
                told += [("   " if told else "", ""), (f"▲ {account}: ", "warn"), (health.error.sentence, "")]
                told.append((f" {describe_remedy(health)}", "dim"))
        return told or ([("▲ ", "warn"), (self.source.unread, "")] if self.source.unread else [])

    def _find_run(
        self, wanted: Callable[[PlanRun], bool] = lambda _: True, accounts: Sequence[Account] = ()
    ) -> PlanRun | None:
        """Return an action on many objects that is under way in one of some accounts, else of those shown here."""
        if not any(each.platform.tasks.all for each in self.accounts):
            return None
        from tui.workflows.plan.run import find_run

        runs = (find_run(each.platform) for each in accounts or self.accounts)
        return next((run for run in runs if run and run.is_under_way and wanted(run)), None)

    def own_run(self) -> PlanRun | None:
        """Return the action on many objects of the list that keys act in that is under way."""
        return self._find_run(self.is_list_of, self.acting_accounts)

    def _actions_by_key(self, record: Record | None, platform: Platform) -> list[Action]:
        """Return one action for each key: of several the first that can be done to an object."""
        resource = self.resource
        keys = dict.fromkeys(action.key for action in resource.actions)
        found = (find_action(resource, key, record, platform) for key in keys)
        return [action for action in found if action]


def describe_fault(health: Health, unread: str) -> Parts:
    """Return why what is shown is old and what helps, else which part of it is `unread`."""
    if error := health.error:
        return [("▲ ", "warn"), (error.sentence, ""), (f" {describe_remedy(health)}", "dim")]
    return [("▲ ", "warn"), (unread, "")] if unread else []


def describe_remedy(health: Health) -> str:
    """Return what helps against an error, and who tries again: this program at a time, or `r`."""
    hint = health.error.hint if health.error else ""
    if health.retry_at and health.retry_at <= time.time():
        return f"Trying again now. {hint}".rstrip()
    if health.retry_at:
        return f"Trying again at {format_clock(health.retry_at)}. {hint}".rstrip()
    return f"{hint} r tries again.".lstrip()
