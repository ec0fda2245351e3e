"""The application as far as it is connected: its accounts, opened, kept fresh and closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work

from tui.screens.actions.notices import Notices
from tui.start import Connector, find_connections, find_first_place, open_platforms
from tui.system.private_files import directories
from tui.toolkit.garbage import ScreensReleased
from tui.toolkit.presenting import Presenting
from tui.toolkit.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen
    from textual.worker import Worker

    from tui.api.credentials.connection import Connection
    from tui.config.settings import Config
    from tui.live.platform import Platform
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.command import Command
    from tui.screens.navigation.navigator import Navigator
    from tui.start import Start


LOOKS_OUT = 3.0  # seconds after the first place until home's counts are looked for: what is shown comes first


class Connected(Remembering, ScreensReleased, Presenting):
    """An application that connects as the start says, as one profile or several."""

    def __init__(self, *, start: Start, config: Config, **options: Any) -> None:
        super().__init__(**options)
        self.is_opening = True
        self.config = config
        self.connector = Connector(start, config)
        self._asking: Screen[Any] | None = None
        """The question, asked last, whether to end what is under way."""
        self.navigator: Navigator | None = None
        self.connection: Connection | None = None
        """That of the first account in use; None while it is not known."""
        self._keeping_fresh: dict[Platform, Worker[None]] = {}
        """What keeps the platforms of the accounts in use fresh."""
        self.notices = Notices(self)
        """What could not be used, such as a line of the config; `:faults` shows it."""
        self.picked: Sequence[str] = ()
        self.picked_note = ""
        """The ids that were chosen, where the program was opened for that."""
        self.own_keys: dict[str, str] = {}
        """The keys that the user has in the place of others, by the binding's id, with commas."""

    def make_commands(self, navigator: Navigator) -> list[Command]:
        """Return what `:` takes besides resources."""
        raise NotImplementedError

    def remember_for_connector(self) -> None:
        """Keep pictures of places, from now on, for whom the user connects as."""
        self.remember_for(self.connector.owner if self.config.remember else "")

    # Connecting.

    @work(group="connect", exclusive=True)
    async def connect(self) -> None:
        """Connect as the start says, or begin anew with another profile."""
        self.connection = None  # a key that is given now is for this profile, not for the one before
        connections, trouble = await find_connections(self, self.connector, self.notices.waiting)
        self.connection = connections[0]
        self.remember_for_connector()  # it may be another whom the user chose
        if connections[0].sandbox:
            self.drop_picture()
        await self._open(connections)
        self.release_screens()
        if trouble:
            self.notify(trouble, severity="warning", markup=False, timeout=10)

    async def _open(self, connections: Sequence[Connection]) -> None:
        """Open the platforms of connections, on their first place or where the user was with others."""
        from tui.commands.routes import ROUTES
        from tui.screens.actions.ends import follow_ends, offer_left
        from tui.screens.navigation.accounts.account import make_accounts
        from tui.screens.navigation.accounts.session import Session
        from tui.screens.navigation.layout import Layout
        from tui.screens.navigation.navigator import Navigator

        before = self.navigator
        known = before.accounts if before else ()
        platforms = open_platforms(connections, self.config, [each.platform for each in known], self._owner)
        await self._close([each for each in known if each.platform not in platforms])
        if before:
            session = before.accounts[0].session
        else:
            session = Session(Layout(directories().state / "layout.json"))
            self.notices.add(session.layout.fault)
        accounts = make_accounts(platforms, session, known, self.notices.tell)
        if not before:
            accounts[0].record(self.connector.start.recorder)
            accounts[0].session.pace.speed = self.connector.start.speed
        self.navigator = navigator = Navigator(
            self,
            accounts,
            ROUTES,
            places=before.places if before else session.layout.find_places(self.config.places),
            tell_fault=self.notices.tell,
            make_commands=self.make_commands,
        )
        for private in (part for connection in connections for part in connection.account):
            self.mask.add(private)
        faults = await self._take_own(self.navigator)
        if self.connector.start.is_pick:
            from tui.screens.navigation.picking import Picking

            self.navigator.picking = Picking(self._take_picked, partial(self.exit, return_code=1))
        for account in accounts:
            if account.platform not in self._keeping_fresh:
                self.notices.add(account.platform.ledger.fault if account.platform.ledger else "")
                account.platform.client.hear = self.hear
                self._keeping_fresh[account.platform] = self._run(account.platform)
                follow_ends(self, account, self.config.notify.exec)
                self.run_worker(offer_left(self, account), group="tasks", exit_on_error=False)
        if before:
            location = before.find_top(combined=self.navigator.combines)
        else:
            location, fault = find_first_place(self.connector.start, self.config, session.layout.last)
            self.notices.add(fault)
        source = self.navigator.find_source(location)
        load = partial(ROUTES.screen_of, location)

        def go() -> None:
            self.is_opening = False
            navigator.go(location)

        await self.open_first(source, load, go)
        if self.connector.start.looks_out and not self.connector.start.is_pick:
            for account in accounts:
                self.run_worker(self._look_out(account), group="lookout", exit_on_error=False)
        self.notices.tell_waiting([*(note for each in connections for note in each.notes), *faults])

    async def _look_out(self, account: Account) -> None:
        """Have home's counts stand in every header, once the first place stands and was read."""
        await asyncio.sleep(LOOKS_OUT)
        while account.platform.health.state == "loading":
            await asyncio.sleep(LOOKS_OUT)
        if account.platform in self._keeping_fresh:
            await account.kept.look_out(self._say_counts)

    def _say_counts(self) -> None:
        from tui.screens.places.frame import Frame

        for screen in self.screen_stack:
            if isinstance(screen, Frame):
                screen.say()

    async def _take_own(self, navigator: Navigator) -> list[str]:
        """Use what the user has added. Returns sentences on what cannot be used."""
        if self.config == type(self.config)():
            return []  # and most of it need not be imported
        from tui.commands.own_settings import OwnSettings

        # In a thread: it imports every screen there is.
        found = await asyncio.to_thread(OwnSettings, self.config)
        self.own_keys, navigator.own = found.keymap, found.own
        self.set_keymap(self.own_keys)
        return found.notices

    def _take_picked(self, ids: Sequence[str], note: str) -> None:
        """End with what was chosen, and a sentence to print beside it."""
        self.picked, self.picked_note = ids, note
        self.exit()

    @work(group="platform")
    async def _run(self, platform: Platform) -> None:
        await platform.run()

    @property
    def platform(self) -> Platform | None:
        """The connected platform."""
        return self.navigator.platform if self.navigator else None

    async def _close(self, accounts: Sequence[Account]) -> None:
        for account in accounts:
            if overview := account.session.overview:
                overview.news.remember()
            if running := self._keeping_fresh.pop(account.platform, None):
                running.cancel()
            await account.platform.aclose()
            if recorder := account.session.recorder:
                recorder.close()

    def connect_as(self, profile: str) -> None:
        """Connect as other profiles, named with commas between them, once what is under way may end.

        Raises UnknownProfile, and stays as it is, for a name that no profile has.
        """

        def go() -> None:
            connector = self.connector
            connector.start = replace(connector.start, profile=profile, sandbox="", replay=None, base_url=None)
            self.connect()

        from tui.api.credentials.several import require_profile, split_profiles

        staying = split_profiles(profile, self.config.profiles)
        for name in filter(None, staying):
            require_profile(name, self.config)
        leaving = [each for each in self.accounts if each.name not in staying]
        self.end_tasks(f"Connect as {profile}?", leaving, go)

    @property
    def accounts(self) -> Sequence[Account]:
        """The accounts in use."""
        return self.navigator.accounts if self.navigator else ()

    def end_tasks(self, question: str, accounts: Sequence[Account], go: Callable[[], None]) -> None:
        """Do what ends all tasks of accounts; where some are under way the `question` is asked, once."""
        under_way = [task for account in accounts for task in account.platform.tasks.under_way]
        if not under_way or self.screen is self._asking:
            go()
            return
        from tui.screens.dialogs.confirm import Confirm

        things = [(task.what, f"{task.state}, {task.far}") for task in under_way]
        is_kept = all(account.platform.tasks.store for account in accounts)
        kept = "what is left is kept, and offered at the next start" if is_kept else "nothing of it is kept"
        self._asking = Confirm(question, things, f"What is under way stops; {kept}.", verb="stop it")
        self.push_screen(self._asking, lambda agreed: go() if agreed else None)

    async def on_unmount(self) -> None:
        """Close the connections, and end the sandbox and what is recorded."""
        if self.navigator and self.config.start == "last":
            self.navigator.keep_place()
        await self._close(self.accounts)
        await asyncio.to_thread(self.connector.close)

    def on_app_blur(self) -> None:
        """Poll less often: the terminal has lost the focus."""
        for account in self.accounts:
            account.platform.scheduler.blurred = True

    def on_app_focus(self) -> None:
        """Poll as often as before: the terminal has the focus again."""
        for account in self.accounts:
            account.platform.scheduler.blurred = False
