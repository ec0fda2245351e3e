"""The connected platform: what screens ask, watch and act through."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from tui.api.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    Unknown,
)
from tui.api.requests import fill
from tui.api.retries import retry_when_rate_limited
from tui.live.bulk import Bulk, BulkStep
from tui.live.fanout import FanOut
from tui.live.joined import Joined
from tui.live.listeners import Listeners, guarded
from tui.live.lists.collection import Collection
from tui.live.names import Names
from tui.live.poller import Health, Poller
from tui.live.read_one import read_one
from tui.live.scheduler import Scheduler
from tui.live.tail import Tail
from tui.live.watch import Watch
from tui.resources.language.action import Ask, Call
from tui.resources.language.cells import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.ledger import Ledger
    from tui.live.use import Use
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource

HIDDEN = 20  # collections and tails kept while nobody looks, so that going back shows them at once
PAUSE = 0.2  # seconds between looks at whether a bulk action shall go on
AT_ONCE = 4  # writes of a bulk action on their way together
BUDGET = 30  # requests a minute, unless the connection says otherwise
NO_SCOPE: Mapping[str, str] = MappingProxyType({})
SEVERITY = ("live", "loading", "held", "stale", "refused")

AnyPoller = TypeVar("AnyPoller", bound=Poller)


class _StoppedError(Exception):
    """A bulk action was stopped while it waited for a call's next try: nothing was sent."""


class Platform:
    """A client, a scheduler, and the collections and tails kept fresh with them, one for each place.

    A place is a resource and the part of its scope, the path parameters of its parents, that its list needs.
    """

    def __init__(
        self,
        client: Client,
        registry: Mapping[str, Resource],
        *,
        ledger: Ledger | None = None,
        clock: Callable[[], float] = time.time,
        failed_share: float = 0.0,
    ) -> None:
        self.client = client
        self.registry = registry
        self.ledger = ledger
        self.scheduler = Scheduler(
            requests_last_minute=lambda: self.requests_last_minute,
            budget=client.connection.requests_per_minute or BUDGET,
        )
        self.names = Names(self)
        self.bulk: Bulk | None = None
        """The action on many objects that is under way, or was last."""
        self.uses: dict[str, dict[str, Use]] = {}
        """By an object's id, what was found to use it, by the user's id."""
        self._clock = clock
        self._failed_share = failed_share
        self._pollers: OrderedDict[tuple[object, ...], Poller] = OrderedDict()
        self._listeners: Listeners[[]] = Listeners()
        prefixes = [(prefix, resource) for resource in registry.values() for prefix in resource.prefixes]
        self._prefixes = sorted(prefixes, key=lambda pair: -len(pair[0]))

    async def run(self) -> None:
        """Keep fresh what is visible, until cancelled."""
        await self.scheduler.run()

    async def aclose(self) -> None:
        """Stop asking and close the client."""
        self.names.close()
        for poller in self._pollers.values():
            while poller.visible:
                poller.stop()
        await self.client.aclose()

    # How it is

    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._clock() + self.client.skew

    @property
    def health(self) -> Health:
        """The worst of all that is visible."""
        visible = (poller.health for poller in self._pollers.values() if poller.visible)
        return max(visible, key=lambda health: (SEVERITY.index(health.state), -health.since), default=Health())

    @property
    def requests_last_minute(self) -> int:
        """How many requests left in the last minute, whoever wanted them."""
        return self.client.exchanges.requests_last_minute(self._clock())

    @property
    def budget(self) -> int:
        """How many requests a minute background polls may bring it to."""
        return self.scheduler.budget

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear that `health` may have changed. Returns what ends it."""
        return self._listeners.add(listener)

    # What is kept fresh

    def watch(self, resource: Resource, scope: Mapping[str, str] = NO_SCOPE) -> Watch:
        """What keeps the list of a place fresh: the same object again while it is kept."""

        def make() -> Watch:
            collection = Collection(resource, scope, failed_share=self._failed_share)
            watch: Watch
            if resource.listed_per:
                parent = self.registry[resource.listed_per]
                watch = FanOut(self.client, collection, self.scheduler, parent, clock=self._clock)
            else:
                watch = Watch(self.client, collection, self.scheduler, clock=self._clock, ledger=self.ledger)
            if resource.join:
                watch.attach(Joined(self.client, self.scheduler, collection, resource.join, self._clock))
            return watch

        return self.keep(Watch, resource, scope, make)

    def tail(self, resource: Resource, scope: Mapping[str, str], active: Callable[[], bool]) -> Tail:
        """What follows the entries of a place: the same object again while it is kept, with `active` replaced."""

        def make() -> Tail:
            return Tail(self.client, resource, scope, self.scheduler, active=active, clock=self._clock)

        tail = self.keep(Tail, resource, scope, make)
        tail.active = active
        return tail

    def loaded(self) -> Iterator[Collection]:
        """The collections there are in memory, whoever looked at them."""
        return (poller.collection for poller in tuple(self._pollers.values()) if isinstance(poller, Watch))

    def find(self, id: str) -> Resource | None:  # noqa: A002
        """The resource whose ids begin like this one; the longest beginning wins."""
        return next((resource for prefix, resource in self._prefixes if id.startswith(prefix)), None)

    # Paths

    def path(
        self, operation: Operation, record: Record | None, resource: Resource, scope: Mapping[str, str]
    ) -> dict[str, str]:
        """The parameters of an operation on an object of `resource`, or (no record) on the place itself.

        The last one comes from the object: its id, or what its child asks for if the operation lists one. The
        others stand in `scope`. Raises BadRequest naming the one that is missing.
        """
        if record is None or resource.single:
            return fill(operation, scope)
        if resource.listed_per:
            scope = {**scope, **self.origin(resource, record)}
        lists = (child for child in resource.children if self.registry[child.resource].list == operation)
        child = next(lists, None)
        return fill(operation, scope, self._named(resource, record, child) if child else record.id)

    def child_scope(
        self, resource: Resource, scope: Mapping[str, str], record: Record, child: Child
    ) -> dict[str, str]:
        """The scope of a child of an object. Raises BadRequest if the object lacks what the child needs."""
        still_open = [name for name in self.registry[child.resource].within if name not in scope]
        return {**scope, **{name: self._named(resource, record, child) for name in still_open[-1:]}}

    # Asking and acting

    async def get(self, resource: Resource, scope: Mapping[str, str], id: str) -> Record:  # noqa: A002
        """Read one object; the list that holds it shows the answer too. Raises ApiError."""
        if resource.get is None:
            raise BadRequest(f"{with_article(resource.singular).capitalize()} cannot be read by its id.")
        watch = self._kept(resource, scope)
        generation = watch.generation if watch else 0
        try:
            raw = await read_one(self.client, resource, fill(resource.get, scope, id))
        except NotFound:
            self._gone(resource, scope, id)
            raise
        self._remember(resource, scope, raw)
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
        return await self._write(resource, scope, target.id if target else None, action, path, body)

    def begin_bulk(self, resource: Resource, scope: Mapping[str, str], ids: Sequence[str], action: Action) -> Bulk:
        """Make ready to do an action to many objects; it begins when it is run."""
        self.bulk = Bulk(resource, action, ids, partial(self.act_on, resource, scope, tuple(ids), action))
        return self.bulk

    async def act_on(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        ids: Sequence[str],
        action: Action,
        on_step: Callable[[BulkStep], None] = lambda _: None,
        *,
        go_on: Callable[[], bool] = lambda: True,
    ) -> list[BulkStep]:
        """Do an action to many objects, a few at once, and tell what became of each, as it happens and in the end.

        What is refused for haste is done again later. Being refused for want of a right skips the rest. No further
        object is begun once `go_on` says no; those are not told of. Cancelling stops at once: what is on its way
        is told as `unknown`, the rest is not touched.
        """
        steps: dict[str, BulkStep] = {}
        told = guarded(on_step)
        pending = iter(dict.fromkeys(ids))
        refusal: ApiError | None = None
        watch = self._kept(resource, scope) if resource.listed_per else None
        known = watch.collection.records if watch else {}
        origins = {id_: self.origin(resource, known[id_]) for id_ in ids if id_ in known}

        def settle(step: BulkStep) -> None:
            steps[step.id] = step
            told(step)

        async def pause(seconds: float) -> None:
            """Wait for a call's next try, unless there shall be none."""
            while seconds > 0 and go_on():
                await asyncio.sleep(min(seconds, PAUSE))
                seconds -= PAUSE
            if not go_on():
                raise _StoppedError

        async def work() -> None:
            nonlocal refusal
            for id_ in pending:
                if not go_on():
                    return
                if refusal:
                    settle(BulkStep(id_, "skipped", refusal))
                    continue
                try:
                    path = fill(action.operation, {**scope, **origins.get(id_, {})}, id_)
                    write = partial(self._write, resource, scope, id_, action, path, None)
                    await retry_when_rate_limited(write, pause)
                except _StoppedError:
                    return
                except asyncio.CancelledError:
                    settle(BulkStep(id_, "unknown"))
                    raise
                except NotFound as error:
                    settle(BulkStep(id_, "gone", error))
                except Unknown as error:
                    settle(BulkStep(id_, "unknown", error))
                except ApiError as error:
                    refusal = error if error.about_caller or isinstance(error, Forbidden) else refusal
                    settle(BulkStep(id_, "failed", error))
                else:
                    settle(BulkStep(id_, "done"))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(ids))):
                group.create_task(work())
        return [steps[id_] for id_ in dict.fromkeys(ids) if id_ in steps]

    # The machinery

    async def _write(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        id_: str | None,
        action: Action,
        path: Mapping[str, str],
        body: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        watch = self._kept(resource, scope)
        try:
            answer = await self.client.call(action.operation, path, body=body)
        except NotFound:
            if id_:
                self._gone(resource, scope, id_)
            raise
        except (Conflict, Unknown):
            if watch:
                watch.outdate()
            raise
        if action.operation.reads_only:
            return answer
        if isinstance(action.does, Ask) and action.does.secret:  # no list may hold it
            if watch:
                watch.outdate()
            return answer
        if action.removes and id_:
            self._gone(resource, scope, id_)
            return answer
        made = self.find(str(answer.get("id")))
        if made and made is not resource:  # such as the run of an assistant, or the batch of files of a store
            self._remember(made, {**answer, **scope}, answer)
        elif self._is_one(resource, id_, answer):
            self._remember(resource, scope, answer)
        if watch is None:
            return answer
        if self._is_one(resource, id_, answer) and (id_ or not watch.query):  # filters may not let a new one in
            watch.put(answer)
        else:
            watch.outdate()
        return answer

    def _gone(self, resource: Resource, scope: Mapping[str, str], id_: str) -> None:
        """Take an object that is gone out of its list, and out of the ledger."""
        if watch := self._kept(resource, scope):
            watch.drop(id_)
        if self.ledger and resource.ledger:
            self.ledger.forget(resource, scope, id_)
        for users in self.uses.values():
            users.pop(id_, None)

    def _remember(self, resource: Resource, scope: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
        """Note an object that no list tells of, or that is only found through its parents, and those with it."""
        place = {name: str(scope.get(name) or "") for name in resource.within}
        found_by_id = resource.ledger or (resource.parent and resource.prefixes)
        if self.ledger is None or not found_by_id or not all(place.values()):
            return
        self.ledger.note(resource, place, raw)
        parent = self.registry.get(resource.parent)
        if parent and parent.ledger and not self.ledger.places(parent, id_ := place[resource.within[-1]]):
            self.ledger.note(parent, place, {parent.identify: id_})

    @staticmethod
    def _is_one(resource: Resource, id_: str | None, answer: Mapping[str, Any]) -> bool:
        """Whether an answer is an object of the resource: the one acted on, or a new one by the look of its id."""
        found = answer.get(resource.identify)
        return isinstance(found, str) and (found == id_ if id_ else found.startswith(resource.prefixes or ("\0",)))

    def origin(self, resource: Resource, record: Record) -> dict[str, str]:
        """The parameter that says of which object's list a row of a list across many is."""
        if resource.list is None:
            return {}
        found = record.at(f"{self.registry[resource.listed_per].singular}.id")
        return {resource.list.placeholders[-1]: str(found or "")}

    @staticmethod
    def _named(resource: Resource, record: Record, child: Child) -> str:
        """What a child is found by."""
        value = record.id if child.field == "id" else record.at(child.field)
        if not isinstance(value, str) or not value:
            raise BadRequest(
                f"This {resource.singular} has no {child.field.replace('_', ' ')} to find {child.resource} by."
            )
        return value

    @staticmethod
    def _place(resource: Resource, scope: Mapping[str, str]) -> tuple[str, ...]:
        asked = repr(resource.query) if resource.query else ""  # other filters find other objects
        return (resource.name, asked, *(scope.get(name, "") for name in resource.within))

    def _kept(self, resource: Resource, scope: Mapping[str, str]) -> Watch | None:
        poller = self._pollers.get((Watch, *self._place(resource, scope)))
        return poller if isinstance(poller, Watch) else None

    def keep(
        self, kind: type[AnyPoller], resource: Resource, scope: Mapping[str, str], make: Callable[[], AnyPoller]
    ) -> AnyPoller:
        """The poller of a place, made if it is not kept; those hidden for longest are let go."""
        key = (kind, *self._place(resource, scope))
        poller = self._pollers.get(key)
        if not isinstance(poller, kind):
            poller = make()
            poller.listen(lambda _: self._listeners.tell())
            self._pollers[key] = poller
        self._pollers.move_to_end(key)
        hidden = [key for key, kept in self._pollers.items() if not kept.visible]
        for old in hidden[:-HIDDEN]:
            del self._pollers[old]
        return poller
