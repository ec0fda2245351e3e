"""The connected platform: what screens ask, watch and act through."""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadRequest, NotFound
from tui.api.requests import fill_path
from tui.live.addresses import Addresses
from tui.live.bill import Bill
from tui.live.listeners import guard
from tui.live.lists.collection import Collection
from tui.live.memory import Memory
from tui.live.names import Names
from tui.live.polling.joined import Joined
from tui.live.polling.peeks import Peeks
from tui.live.polling.pollers import AnyPoller, Pollers
from tui.live.polling.read_one import read_one
from tui.live.polling.scheduler import Scheduler
from tui.live.polling.tail import Tail
from tui.live.polling.watch import Watch
from tui.live.references.references import References
from tui.live.tasks.tasks import Tasks
from tui.live.writes.writes import Writes
from tui.resources.files import FILES
from tui.resources.language.action import Call
from tui.resources.language.cells import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.ledger import Ledger
    from tui.live.polling.poller import Health
    from tui.live.polling.used_by import UsedBy
    from tui.live.use import Use
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource
    from tui.system.last_read import LastRead, Part

BUDGET = 30  # requests a minute, unless the connection says otherwise
NO_SCOPE: Mapping[str, str] = MappingProxyType({})
NO_PARTS: Mapping[str, Part] = MappingProxyType({})


class Platform:
    """A client and a scheduler, with all that is known of the platform through them.

    Its parts: addresses (paths and ids), pollers (what is kept fresh), memory (what is known beyond the lists),
    writes (what an action changes) and names.
    """

    def __init__(
        self,
        client: Client,
        registry: Mapping[str, Resource],
        *,
        ledger: Ledger | None = None,
        last_read: LastRead | None = None,
        clock: Callable[[], float] = time.time,
        failed_share: float = 0.0,
        budget: int = BUDGET,
    ) -> None:
        """`budget` is of requests a minute, unless the connection has the user's own figure."""
        self.client = client
        self.registry = registry
        self.scheduler = Scheduler(
            requests_last_minute=lambda: self.requests_last_minute,
            budget=client.connection.requests_per_minute or budget,
            binds_all=client.connection.requests_per_minute is not None,
            find_silence=lambda: client.exchanges.silence.lasts,
        )
        self.account = ""
        """What its account is called where several are in use; "" where it is the only one."""
        self.drafts: dict[tuple[str, ...], Any] = {}
        """What was written and not sent, by where it was, until it is sent; in memory alone."""
        self.tasks = Tasks(self.now)
        """What goes on in the background."""
        self._last_read = last_read
        self._clock = clock
        self._failed_share = failed_share
        self._addresses = Addresses(registry)
        self._pollers = Pollers()
        self.references = References(client, registry, self.child_scope, self.now)
        """Which objects name which files."""
        client.on_answer = guard(self.references.note)
        self._memory = Memory(registry, self._pollers, ledger, self.references)
        self._writes = Writes(client, self._addresses, self._pollers, self._memory)
        self.names = Names(self)
        self.bill = Bill(client, self.scheduler, self.now)

    async def run(self) -> None:
        """Keep fresh what is visible, until cancelled."""
        await self.scheduler.run()

    async def aclose(self) -> None:
        """Stop all that is under way, and close the client."""
        await self.tasks.aclose()
        self.names.close()
        self.bill.close()
        self._pollers.stop()
        self._keep_read()
        self.references.write()
        await self.client.aclose()

    def _keep_read(self) -> None:
        """Keep for the next start what takes minutes to read."""
        if self._last_read:
            for watch in self._pollers.of_kind(Watch):
                self._last_read.note(watch.collection.resource.name, watch.to_keep)
            self._last_read.write()

    # State.

    @property
    def whose(self) -> str:
        """What goes behind what is its own, in words: ` of acme` where several accounts are in use, else ""."""
        return f" of {self.account}" if self.account else ""

    def now(self) -> float:
        """Return the server's time, in unix seconds."""
        return self._clock() + self.client.skew

    @property
    def health(self) -> Health:
        """The worst health of all that is visible."""
        return self._pollers.health

    @property
    def requests_last_minute(self) -> int:
        """How many requests left in the last minute, whoever wanted them."""
        return self.client.exchanges.requests_last_minute(self._clock())

    @property
    def budget(self) -> int:
        """How many requests a minute polls may bring it to; where the user has set that, many writes, too."""
        return self.scheduler.budget

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when `health` may have changed. Return what ends that."""
        return self._pollers.subscribe(listener)

    @property
    def ledger(self) -> Ledger | None:
        """The objects seen before, where they are kept."""
        return self._memory.ledger

    @property
    def uses(self) -> dict[str, dict[str, Use]]:
        """By an object's id, what was found to use it, by the user's id."""
        return self._memory.uses

    def listen_gone(self, listener: Callable[[Resource, str], None]) -> Callable[[], None]:
        """Call `listener` with the resource and id of each object that is found gone. Return what ends that."""
        return self._memory.gone.add(listener)

    # Lists.

    def watch(self, resource: Resource, scope: Mapping[str, str] = NO_SCOPE) -> Watch:
        """Return what keeps the list of a place fresh: the same object again while it is kept."""

        return self.keep(Watch, resource, scope, lambda: self._make_watch(resource, scope))

    def _make_watch(self, resource: Resource, scope: Mapping[str, str]) -> Watch:
        collection = Collection(resource, scope, failed_share=self._failed_share, prices=self.bill.prices_of)
        watch: Watch
        if resource.listed_per:
            from tui.live.fan_out.sweep import FanOut  # few places need it

            parent = self.registry[resource.listed_per]
            kept = self._last_read.of(resource.name) if self._last_read and not scope else NO_PARTS
            watch = FanOut(self.client, collection, self.scheduler, parent, clock=self._clock, kept=kept)
        else:
            watch = Watch(self.client, collection, self.scheduler, clock=self._clock, ledger=self.ledger)
        if resource.join:
            watch.attach(Joined(self.client, self.scheduler, collection, resource.join, self._clock))
        if resource.peeks:
            scope_of = self.child_scope
            watch.peeks = Peeks(self.client, self.scheduler, collection, self.registry, scope_of, self._clock)
        return watch

    def watch_whole(self, resource: Resource, scope: Mapping[str, str] = NO_SCOPE) -> Watch:
        """Return the list of a place with all its objects, even while its screen has the server filter it.

        Whatever is no such screen itself asks here: pickers, lists within a detail, what looks for something.
        """
        watch = self.watch(resource, scope)
        return self.list_apart(resource, scope, {}) if watch.is_filtered else watch

    def describe_absence(self, resource: Resource) -> str:
        """Return a sentence that the server lacks a list, and how that is known; "" where it may have it."""
        known = self.client.absences.find(resource.list) if resource.list else None
        if known is None:
            return ""
        return f"not on this server ({known.status})" if known.was_sent else "not on this server"

    def ask_again(self, resource: Resource) -> None:
        """Ask for a list once more that the server did not have."""
        if resource.list:
            self.client.absences.ask_again(resource.list)

    def list_apart(self, resource: Resource, scope: Mapping[str, str], query: Mapping[str, Any]) -> Watch:
        """Return the list of a place, beside the one that is shown. It is read when it is asked to."""
        watch = self._make_watch(resource, scope)
        watch.set_query(query)
        return watch

    def used_by(self) -> UsedBy:
        """Return what keeps in the files what uses them: the same object again while it is kept."""

        def files() -> Collection | None:
            watch = self._pollers.watch_of(FILES, NO_SCOPE)
            return watch.collection if watch else None

        from tui.live.polling.used_by import UsedBy  # few places need it

        def make() -> UsedBy:
            return UsedBy(self.scheduler, files, self.references, self._clock)

        return self.keep(UsedBy, FILES, NO_SCOPE, make)

    def tail(self, resource: Resource, scope: Mapping[str, str], active: Callable[[], bool]) -> Tail:
        """Return what follows the entries of a place: the same while it is kept, with `active` replaced."""

        def make() -> Tail:
            return Tail(self.client, resource, scope, self.scheduler, active=active, clock=self._clock)

        tail = self.keep(Tail, resource, scope, make)
        tail.active = active
        return tail

    def keep(
        self, kind: type[AnyPoller], resource: Resource, scope: Mapping[str, str], make: Callable[[], AnyPoller]
    ) -> AnyPoller:
        """Return the poller of a place, made if it is not kept."""
        return self._pollers.keep(kind, resource, scope, make)

    def loaded(self) -> Iterator[Collection]:
        """Return the collections in memory, shown or not."""
        return self._pollers.collections()

    # Addresses.

    def find(self, id: str) -> Resource | None:  # noqa: A002
        """Return the resource whose ids begin like this one, else the one in whose list in memory it is."""
        return self._addresses.find(id) or self._find_listed(id)

    def _find_listed(self, id_: str) -> Resource | None:
        """Return what an id of a server's own making is of: best what stands by itself."""
        found = (each.resource for each in self.loaded() if id_ in each.records)
        return min(found, key=lambda resource: bool(resource.parent), default=None)

    def path(
        self, operation: Operation, record: Record | None, resource: Resource, scope: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the parameters of an operation on an object, or (no record) on the place. Raises BadRequest."""
        return self._addresses.path(operation, record, resource, scope)

    def child_scope(
        self, resource: Resource, scope: Mapping[str, str], record: Record, child: Child
    ) -> dict[str, str]:
        """Return the scope of a child of an object. Raises BadRequest if the object lacks what the child needs."""
        return self._addresses.child_scope(resource, scope, record, child)

    def origin(self, resource: Resource, record: Record) -> dict[str, str]:
        """Return the parameter that names the parent in whose list a row stands."""
        return self._addresses.origin(resource, record)

    # Asking and acting.

    async def get(self, resource: Resource, scope: Mapping[str, str], id: str) -> Record:  # noqa: A002
        """Read one object; the list that holds it shows the answer too. Raises ApiError."""
        if resource.get is None:
            raise BadRequest(f"{with_article(resource.singular).capitalize()} cannot be read by its id.")
        watch = self._pollers.watch_of(resource, scope)
        generation = watch.generation if watch else 0
        try:
            raw = await read_one(self.client, resource, fill_path(resource.get, scope, id))
        except NotFound:
            self._memory.drop(resource, scope, id)
            raise
        self._memory.note(resource, scope, raw)
        if resource.ledger:
            if watch:
                watch.put(raw)
            return resource.record(raw)
        # An object deep in the list is not brought to its front, nor is a newer state overwritten.
        if watch and watch.generation == generation and id in watch.collection.records:
            watch.put(raw)
        return resource.record(raw)

    async def act(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        record: Record | None,
        action: Action,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Do an action to an object, or to the list, and show what it changed. Returns the platform's answer.

        Raises ApiError. After one that leaves the object's state open the list is refreshed.
        """
        together = isinstance(action.does, Call) and action.does.ids
        target = None if action.on == "list" or together else record
        path = self.path(action.operation, target, resource, scope)
        return await self._writes.write(resource, scope, target.id if target else None, action, path, body)

    def note_made(
        self, resource: Resource, answer: Mapping[str, Any], scope: Mapping[str, str] = NO_SCOPE
    ) -> None:
        """Show in the lists an object that was made otherwise than by an action."""
        self._writes.note(resource, scope, None, answer)
