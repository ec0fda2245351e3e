"""Moving about: places, history, ids to follow, and the `:` commands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tui.live.combined.rows import make_key
from tui.resources.language.cells import with_article
from tui.resources.language.resource import title_of
from tui.resources.registry import REGISTRY, UnknownResource, lookup
from tui.screens.navigation.accounts.accounts import Accounts
from tui.screens.navigation.accounts.session import Own
from tui.screens.navigation.command import CommandError
from tui.screens.navigation.completion import complete_line, find_command, names_of
from tui.screens.navigation.history import History, Location
from tui.text import fit
from tui.toolkit.keys.screen_order import wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.app import App

    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.command import Command
    from tui.screens.navigation.picking import Picking
    from tui.screens.navigation.routes import Routes
    from tui.widgets.input.prompt import Suggestion
    from tui.workflows.overview.overview import Overview

_CRUMB = 20  # cells an object takes in the way here


class Navigator(Accounts):
    """Keeps the current location and opens others. There is one for each connection."""

    def __init__(
        self,
        app: App[Any],
        accounts: Sequence[Account],
        routes: Routes[Navigator],
        history: History | None = None,
        places: Sequence[str] = (),
        tell_fault: Callable[[str], object] = lambda _: None,
        make_commands: Callable[[Navigator], Iterable[Command]] = lambda _: (),
    ) -> None:
        """`accounts` are those in use, one at least.

        `places` are those that digits jump to, as `:` takes them. `tell_fault` hears of what cannot be used.
        `make_commands` gives what `:` takes besides resources, once something asks for it.
        """
        super().__init__(accounts, tell_fault)
        self.app = app
        self.routes = routes
        self.history = history or History()
        self.places = places
        self.picking: Picking | None = None
        """What the program was opened to choose; None where it was not."""
        self.own = Own()
        """What the user has added."""
        self._make_commands = make_commands
        self._last: Location | None = None

    # Moving.

    def find_source(self, location: Location) -> Watch | Overview | None:
        """Return what is kept fresh where a location is shown, as far as that is known without opening it."""
        if location.resource.screen == "home":
            return self.kept.overview
        if location.resource.screen or location.query:
            return None
        return self.platform.watch(location.resource, location.scope)

    def find_top(self, *, combined: bool) -> Location:
        """Return the list that the place shown is of, as it is looked at, of whichever accounts are in use then.

        `combined` says that they are several, so that the cursor stands on the key of a row.
        """
        here = self.history.current or Location(REGISTRY["batches"])
        while here.id or here.scope:
            here = here.up or self._list_of(here.resource, {})
        owner, id_ = here.at
        cursor = make_key(owner or self.accounts[0].name, id_) if combined and id_ else id_ or None
        return replace(here, up=None, trail=(), account="", cursor=cursor, query=dict(here.query))

    def go(self, location: Location) -> None:
        """Go to a place; what lies ahead in the history is forgotten."""
        self._last = self.history.current
        self.history.visit(location)
        self._show(location)

    def keep_place(self) -> None:
        """Keep which list by itself the user is in, or came from, for the next start."""
        here = self.history.current
        while here and (here.id or here.scope):
            here = here.up
        if here:
            self.session.layout.last = here.line
            with suppress(OSError):  # the next start then opens elsewhere
                self.session.layout.keep()

    def find_place(self, location: Location) -> int | None:
        """Return the index among `places` of a location: of its line, else of a list that stands by itself."""
        if location.line in self.places:
            return self.places.index(location.line)
        if location.id or location.scope:
            return None
        names = names_of(location.resource)
        return next((index for index, place in enumerate(self.places) if place.lower() in names), None)

    def describe_absence(self, resource: Resource) -> str:
        """Return why none of the accounts in use has a list; "" where one may."""
        whys = [each.platform.describe_absence(resource) for each in self.accounts]
        return whys[0] if whys and all(whys) else ""

    def find_absent(self) -> set[int]:
        """Return the indices among `places` of those that lead nowhere, or to what the server does not have."""
        absent = {index for index, place in enumerate(self.places) if place in self.own.dead_ends}
        if not all(
            each.platform.client.absences.any_known for each in self.accounts
        ):  # most have all, and no declaration need be read for this
            return absent
        resources = ((index, REGISTRY.find(place)) for index, place in enumerate(self.places))
        return absent | {index for index, name in resources if name and self.describe_absence(REGISTRY[name])}

    def step(self, by: int) -> bool:
        """Go back (-1) or forward (1) in the history. Returns whether there is such a place."""
        current = self.history.current
        location = self.history.step(by)
        if location:
            self._last = current
            self._show(location)
        return location is not None

    def last(self) -> bool:
        """Go to where the user was before; again comes back. Returns whether there is such a place."""
        if self._last:
            self.go(self._last)
            return True
        return False

    def up(self) -> bool:
        """Go to what the current place is part of. Returns whether there is such a thing."""
        current = self.history.current
        if current is None or current.up is None:
            return False
        self._last = current
        self._show(self.history.go_up(current.up))
        return True

    def _show(self, location: Location) -> None:
        """Open a place.

        One that cannot show several accounts shows the one that keys act on, unless it says whose it is.
        """
        if self.combines and not location.account and not self.routes.can_combine(location):
            location.account = self.owner
        screen = self.routes.screen_of(location)(self, location)
        # Whatever lies over the place, such as help or a viewer, goes with it.
        while len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        if len(self.app.screen_stack) == 2:
            self.app.switch_screen(screen)
        else:
            self.app.push_screen(screen)

    def enter(self, here: Location, record: Record, tab: str = "") -> None:
        """Open one object of the place `here` by itself."""
        trail = (*here.trail, here.resource.name)
        owner = here.account or self.owner
        self.go(Location(here.resource, here.scope, record.id, trail, up=here, tab=tab, account=owner))

    def into(self, here: Location, record: Record, child: Child, cursor: str | None = None) -> None:
        """Open the list of a child of an object, the cursor on one of that."""
        platform = self.find_account(here.account or self.owner).platform
        scope = platform.child_scope(here.resource, here.scope, record, child)
        trail = (*here.trail, here.resource.name, _shorten_name(title_of(here.resource, record) or record.id))
        owner = here.account or self.owner
        self.go(Location(REGISTRY[child.resource], scope, account=owner, trail=trail, up=here, cursor=cursor))

    def open_resource(self, resource: Resource, filter_: str = "") -> None:
        """Open the list of a resource that stands by itself."""
        self.go(Location(resource, filter=filter_))

    async def open_id(
        self, ids: str, *, is_followed: bool = False, account: str = "", named: Resource | None = None
    ) -> None:
        """Open an object by its id; one that is read through others also by theirs before it.

        From one that `is_followed` from what names it one goes back to that, from others to their list. Without an
        `account` it is looked for in all; where several have it, the user chooses. One that does not begin as the
        platform's ids do is of the resource that was `named`. Raises CommandError when it cannot be found.
        """
        *parents, id_ = ids.split()
        resource = self.platform.find(id_) or named
        if resource is None:
            raise CommandError(
                f"{id_} is no id of the platform (batch_…, file-…), nor in a list that was read: "
                f"name what it is, such as :files {id_}."
            )
        if resource.get is None:
            what = with_article(resource.singular).capitalize()
            raise CommandError(f"{what} is read through its {resource.parent}; open that first.")
        owner, scope, record = await self._find(resource, id_, parents, account)
        await wait_for_turn(self.app)
        here = self.history.current
        there = here and here.resource is resource and not here.id and scope.items() <= here.scope.items()
        listed = here if here and there else self._list_of(resource, scope)
        up = here if here and is_followed else listed
        trail = (*listed.trail, resource.name)
        self.go(Location(resource, scope, record.id, account=owner.platform.account, trail=trail, up=up))

    async def _find(
        self, resource: Resource, id_: str, parents: Sequence[str], account: str
    ) -> tuple[Account, Mapping[str, str], Record]:
        """Return an object with its account and scope. Raises CommandError."""
        from tui.screens.navigation.object_search import choose_owner, find_object

        here = self.history.current
        if account or not self.combines:
            owner = self.find_account(account) if account else self.account
            return (owner, *await find_object(owner.platform, here, resource, id_, parents))
        return await choose_owner(self.app, self.accounts, here, resource, id_, parents)

    def _list_of(self, resource: Resource, scope: Mapping[str, str]) -> Location:
        """Return the location of a resource's list in a scope, with its trail."""
        if not resource.parent:
            return Location(resource)
        up = self._list_of(REGISTRY[resource.parent], scope)
        parent_id = scope.get(resource.within[-1], "")
        called = _shorten_name(self.platform.names.of(parent_id) or parent_id)
        return Location(resource, scope, trail=(*up.trail, up.resource.name, called), up=up)

    async def choose_account(self, question: str) -> Account:
        """Return the account that a `:` line is for: where several are shown, the one that is chosen.

        Raises CommandError where none is.
        """
        here = self.history.current
        shown = self.list_accounts(here) if here else self.accounts
        if len(shown) == 1:
            return shown[0]
        from tui.screens.navigation.accounts.choosing import choose_account

        if chosen := await choose_account(self.app, question, shown, self.account):
            return chosen
        raise CommandError("No account was chosen.")

    # Commands.

    @cached_property
    def commands(self) -> dict[str, Command]:
        """The commands by name."""
        return {command.name: command for command in self._make_commands(self)}

    def add(self, *commands: Command) -> None:
        """Add commands."""
        for command in commands:
            self.commands[command.name] = command

    def complete(self, text: str) -> list[Suggestion]:
        """Return the ways to go on from a `:` line."""
        return complete_line(self.commands, text, self.describe_absence, self.own.aliases)

    def asks_server(self, line: str) -> bool:
        """Return whether a `:` line is one that asks the server before it does anything."""
        head, _, tail = self.own.expand_line(line).strip().partition(" ")
        if command := find_command(self.commands, head):
            return command.asks_server
        return bool(tail.strip() and not tail.strip().startswith("/")) or self.platform.find(head) is not None

    async def run(self, line: str) -> None:
        """Do a `:` line: a resource with a `/filter` or a parent's id, or a command. Raises CommandError."""
        self.lines.add(line)
        await self._run(self.own.expand_line(line))

    async def jump(self, index: int) -> None:
        """Go to one of the user's places. Raises CommandError."""
        if index >= len(self.places):
            raise CommandError(f"There is no place {index + 1}: `places` in the config says which there are.")
        await self.run(self.places[index])

    async def _run(self, line: str) -> None:
        """Do a `:` line: a command, a resource with what follows it, or an id. Raises CommandError."""
        head, _, tail = line.strip().partition(" ")
        tail = tail.strip()
        if not head:
            return
        if command := find_command(self.commands, head):
            await command.run(tail)
            return
        try:
            resource = lookup(head)
        except UnknownResource as error:
            begun = [name for name in REGISTRY if name.startswith(head.lower())]
            if len(begun) == 1:
                await self._run(f"{begun[0]} {tail}")
                return
            if self.platform.find(head):
                await self.open_id(head)
                return
            hint = f": {error.hint}" if error.hint else ". An empty : lists all there is."
            raise CommandError(f"There is nothing called {head!r}{hint}") from None
        if tail and not tail.startswith("/") and self.platform.find(tail.split()[-1]) is resource:
            await self.open_id(tail)
            return
        if not resource.parent:
            if tail and not tail.startswith("/"):
                # Other servers have ids of their own making.
                await self.open_id(tail, named=None if self.platform.client.connection.official else resource)
                return
            self.open_resource(resource, tail.removeprefix("/"))
            return
        await self._open_child(resource, tail)

    async def _open_child(self, resource: Resource, parent_id: str) -> None:
        parent, owner = REGISTRY[resource.parent], ""
        if not parent_id:
            here = self.history.current
            if here and here.resource is parent and here.at[1]:
                owner, parent_id = here.at
            else:
                raise CommandError(
                    f"{resource.name} belong to {with_article(parent.singular)}: give its id after the name."
                )
        child = parent.child(resource.name)
        if child is None or parent.get is None:
            raise CommandError(f"Open the {parent.singular} first; its {resource.name} are there.")
        *parents, parent_id = parent_id.split()
        account, scope, record = await self._find(parent, parent_id, parents, owner)
        await wait_for_turn(self.app)
        location = self._list_of(parent, scope)
        location.account = account.platform.account
        if child.tail:
            self.enter(location, record, tab=resource.name)
        else:
            self.into(location, record, child)


def _shorten_name(name: str) -> str:
    """Return the name of an object, short enough for the trail."""
    return fit(name, _CRUMB, middle=True).strip()
