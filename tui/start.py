"""The start: whom to connect as, by the command line, the environment, the config and the first page."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.api.credentials.several import split_profiles

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from textual.app import App

    from tui.api.credentials.connection import Connection
    from tui.api.recording.recorder import Recorder
    from tui.config.settings import Config
    from tui.live.platform import Platform
    from tui.sandbox.serving.child import Sandbox
    from tui.screens.dialogs.welcome import WelcomeChoice
    from tui.screens.navigation.history import Location


# What says in the environment whose account is looked at.
_ACCOUNT = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
LOCAL_BUDGET = 120  # requests a minute to a server on this machine, which nobody else waits for


@dataclass(frozen=True, slots=True)
class Start:
    """The start that the command line asks for. `sandbox` names a scenario; no resource is the config's.

    `replay` is the folder of a recording to open, `recorder` what keeps all that is asked and answered.
    """

    resource: str = ""
    sandbox: str = ""
    replay: Path | None = None
    speed: float = 1.0
    seed: int = 1
    faults: str = ""
    profile: str | None = None
    base_url: str | None = None
    read_only: bool = False
    present: bool = False
    now: float | None = None
    recorder: Recorder | None = None
    scope: Mapping[str, str] = field(default_factory=dict)
    """The ids that the first list is in, by the parameters of its path."""
    filter: str = ""
    """The filter that the first list opens with."""
    looks_out: bool = True
    """Whether home's counts come by themselves, wherever the program is opened."""
    is_pick: bool = False
    """Whether the program is opened for the ids of what is chosen in `resource`."""


class Connector:
    """Finds out whom to connect as, and keeps the sandbox if it is that.

    It imports what is heavy and asks the keyring: call it in a thread. Raises ApiError, and RuntimeError where the
    sandbox does not start.
    """

    def __init__(self, start: Start, config: Config) -> None:
        self.start = start
        self._config = config
        self._sandbox: Sandbox | None = None
        self._starting: subprocess.Popen[bytes] | None = None
        self._closed = False

    @property
    def names(self) -> list[str | None]:
        """The profiles that the start asks for; None is the usual one."""
        return [None] if self.start.sandbox else split_profiles(self.start.profile, self._config.profiles)

    @property
    def owner(self) -> str:
        """Who sees what this start shows, as far as that is known without asking anybody; "" for the sandbox."""
        start, env = self.start, os.environ
        if start.sandbox or start.replay or self._sandbox:
            return ""
        own: list[object] = []
        for name in self.names:
            profile = self._config.profile(name or self._config.default_profile)
            own += [profile.name, profile.base_url, profile.organization, profile.project, *profile.key_command]
        given = [env.get(name, "") for name in _ACCOUNT]
        return "\n".join(map(str, [*own, start.base_url, *given]))

    def resolve(self, name: str | None = None) -> Connection:
        """Return the connection that the start asks for, of several the one of a name; it may lack a key."""
        if self.start.sandbox or self.start.replay:
            return self._connect_sandbox(self.start.sandbox or "busy")
        return self._resolve(name or self.names[0], os.environ)

    def _resolve(self, name: str | None, env: Mapping[str, str]) -> Connection:
        from tui.api.credentials.resolve import resolve

        return resolve(
            profile=name,
            base_url=self.start.base_url,
            read_only=self.start.read_only,
            env=env,
            config=self._config,
        )

    def choose(self, choice: WelcomeChoice, connection: Connection | None) -> Connection:
        """Return the connection that the first page chose, in the place of one without a key.

        Where there is none, it is the one that the profile says by itself. Raises as `resolve`.
        """
        from tui.api.credentials.connection import host_of
        from tui.api.credentials.resolve import login

        if choice.kind == "sandbox" or choice.key is None:
            return self._connect_sandbox("busy")
        if connection is None:
            connection = self._resolve(self.names[0], {})
        if choice.keep:
            login(connection.profile, choice.key.reveal(), host_of(connection.base_url))
        return connection.with_key(choice.key, "keyring" if choice.keep else "this session")

    def _connect_sandbox(self, scenario: str) -> Connection:
        """Start the sandbox, unless it runs, and return the connection to it."""
        from tui.headless.lists.listing import connect_to_sandbox
        from tui.sandbox.serving.child import Sandbox

        start = self.start
        if self._sandbox is None:
            self._sandbox = Sandbox.start(
                scenario=scenario,
                speed=start.speed,
                seed=start.seed,
                faults=start.faults,
                now=start.now,
                data=start.replay,
                begun=self._note_sandbox,
            )
        connection = connect_to_sandbox(self._sandbox.url, read_only=start.read_only)
        if start.replay is None:
            return connection
        from tui.sandbox.recordings import read_end

        ends, notes = read_end(start.replay), tuple(self._sandbox.notes)
        return replace(connection, is_replay=True, replay_ends=ends, notes=notes)

    def _note_sandbox(self, process: subprocess.Popen[bytes]) -> None:
        """Note that the sandbox is starting; it ends again where the program has ended by now."""
        self._starting = process
        if self._closed:
            process.terminate()

    def tell_replay(self, words: str) -> None:
        """Say how time is to pass in the replay that is shown: `pause`, `go on`, or `speed` with a number."""
        if self._sandbox:
            self._sandbox.tell(words)

    def close(self) -> None:
        """End the sandbox, also one that is still starting."""
        self._closed = True
        if self._sandbox:
            self._sandbox.stop()
        elif self._starting:
            self._starting.terminate()


async def find_connections(
    app: App[Any], connector: Connector, faults: Sequence[str] = ()
) -> tuple[list[Connection], str]:
    """Return the connections that the start asks for, and a sentence on what is amiss.

    `faults` is what else could not be used: who is asked for a key is told of it.

    A single one that cannot be used has the user choose. Of several each that cannot be used has the reason as its
    problem, which all its calls raise: the others are as they are.
    """
    from tui.api.credentials.connection import Connection
    from tui.api.errors import ApiError
    from tui.api.operation import Key

    if len(names := connector.names) == 1:
        connection, trouble = await find_connection(app, connector, faults)
        return [connection], trouble
    found, troubles = [], []
    for name in names:
        try:
            connection = await _resolve(app, connector, name)
        except ApiError as error:
            connection = Connection(profile=str(name), problems=dict.fromkeys(Key, error))
        troubles += [f"{name}: {each}" for each in dict.fromkeys(map(str, connection.problems.values()))]
        found.append(connection)
    return found, " ".join(troubles)


async def _resolve(app: App[Any], connector: Connector, name: str | None = None) -> Connection:
    """Return a connection, once the user was asked whether its keys may go to its host. Raises as `resolve`."""
    connection = await asyncio.to_thread(connector.resolve, name)
    if connection.problems:
        from tui.screens.dialogs.trust import ask_for_trust

        if await ask_for_trust(app, connection):
            connection = await asyncio.to_thread(connector.resolve, name)
    return connection


async def find_connection(app: App[Any], connector: Connector, faults: Sequence[str]) -> tuple[Connection, str]:
    """Return the connection that the start asks for, else what the user chooses; and a sentence on what is amiss.

    Imports, the keyring and the sandbox take their time: not the screen's.
    """
    from tui.api.errors import ApiError

    connection: Connection | None = None
    try:
        connection = await _resolve(app, connector)
        trouble = " ".join(dict.fromkeys(map(str, connection.problems.values())))
        if connection.usable:
            return connection, trouble
    except (ApiError, RuntimeError) as error:
        trouble = str(error)
    from tui.screens.dialogs.welcome import Welcome

    while True:
        page = Welcome(trouble, connection.shortest_key if connection else 20, faults)
        choice = await app.push_screen_wait(page)
        try:
            return await asyncio.to_thread(connector.choose, choice, connection), ""
        except (ApiError, RuntimeError) as error:
            trouble = str(error)


def open_platforms(
    connections: Sequence[Connection], config: Config, known: Sequence[Platform], owner: str = ""
) -> list[Platform]:
    """Return the platforms of connections; of those `known` each that is of the same account stays.

    With an `owner` what takes minutes to read is kept for the next start, of each account by itself.
    """

    def of_account(connection: Connection) -> tuple[object, ...]:
        keys = connection.project_key, connection.admin_key
        return (connection.profile, connection.base_url, connection.organization, connection.project, *keys)

    open_ = {of_account(platform.client.connection): platform for platform in known}
    owners = [f"{owner}\n{each.profile}" if owner and len(connections) > 1 else owner for each in connections]
    return [
        open_.get(of_account(each)) or open_platform(each, config, own)
        for each, own in zip(connections, owners, strict=True)
    ]


def open_platform(connection: Connection, config: Config, owner: str = "") -> Platform:
    """Return the platform of a connection, with the journal of its writes and the ledger of its ids.

    With an `owner` what takes minutes to read is kept for the next start.
    """
    from tui.api.client import Client
    from tui.api.credentials.connection import is_loopback
    from tui.api.log.journal import Journal
    from tui.live.ledger import Ledger
    from tui.live.platform import BUDGET, Platform
    from tui.resources.registry import REGISTRY
    from tui.system.last_read import LastRead

    is_local = is_loopback(urlsplit(connection.base_url).hostname or "")
    client = Client(connection, journal=Journal(connection.profile))
    client.absences.expect(connection.server)
    ledger = Ledger(f"{connection.profile} {connection.host}")
    last_read = LastRead(owner)
    return Platform(
        client,
        REGISTRY,
        ledger=ledger,
        last_read=last_read,
        failed_share=config.failed_share,
        budget=LOCAL_BUDGET if is_local else BUDGET,
    )


def find_first_place(start: Start, config: Config, last: str) -> tuple[Location, str]:
    """Return the place to open on, and a sentence where it cannot be the one that is meant; "" where it is.

    `last` is the `:` line of the list where the user was last.
    """
    from tui.resources.language.cells import with_article
    from tui.resources.registry import REGISTRY, UnknownResource, lookup_place
    from tui.screens.navigation.history import Location

    name, filter_, fault = start.resource or config.start, start.filter, ""
    if name == "last":
        name, _, filter_ = (last or "home").partition(" /")
    try:
        resource = lookup_place(name)
    except UnknownResource as error:
        fault = str(error) if start.resource else ""  # of the config that is told with all else of it
        resource = REGISTRY["batches"]
    if start.scope:
        trail = (resource.parent, *start.scope.values())
        return Location(resource, start.scope, trail=trail, filter=filter_), fault
    place = resource
    while place.parent:
        place = REGISTRY[place.parent]
    if place is not resource and start.resource:
        holder = with_article(REGISTRY[resource.parent].singular)
        fault = f"{resource.name} belong to {holder}: open it, and they are there."
    return Location(place, filter=filter_ if place is resource else ""), fault
