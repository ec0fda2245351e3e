"""The pollers of places: one for each, kept for a while when hidden, so that going back shows them at once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

from tui.api.errors import NotServed
from tui.live.listeners import Listeners
from tui.live.polling.poller import Health, Poller, find_worst
from tui.live.polling.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.live.lists.collection import Collection
    from tui.resources.language.resource import Resource

HIDDEN = 10  # hidden pollers that are kept

AnyPoller = TypeVar("AnyPoller", bound=Poller)


class Pollers:
    """The pollers that are kept, by kind and place; those hidden for longest are let go.

    A place is a resource and the part of its scope, the path parameters of its parents, that its list needs.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Poller] = OrderedDict()
        self._held: WeakValueDictionary[tuple[object, ...], Poller] = WeakValueDictionary()  # by anybody
        self._listeners: Listeners[[]] = Listeners()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(
        self, kind: type[AnyPoller], resource: Resource, scope: Mapping[str, str], make: Callable[[], AnyPoller]
    ) -> AnyPoller:
        """Return the poller of a place, made if nobody holds one: two would ask for all of it twice."""
        key = (kind, *_place_key(resource, scope))
        poller = self._held.get(key)
        if not isinstance(poller, kind):
            poller = make()
            poller.listen(lambda _: self._listeners.tell())
            self._held[key] = poller
        self._kept[key] = poller
        self._kept.move_to_end(key)
        hidden = [key for key, kept in self._kept.items() if not kept.visible]
        for old in hidden[:-HIDDEN]:
            del self._kept[old]
        return poller

    def watch_of(self, resource: Resource, scope: Mapping[str, str]) -> Watch | None:
        """Return the watch of a place, if it is kept."""
        poller = self._kept.get((Watch, *_place_key(resource, scope)))
        return poller if isinstance(poller, Watch) else None

    def of_kind(self, kind: type[AnyPoller]) -> Iterator[AnyPoller]:
        """Return the pollers of a kind that are kept."""
        return (poller for poller in tuple(self._kept.values()) if isinstance(poller, kind))

    def collections(self) -> Iterator[Collection]:
        """Return the collections in memory, shown or not."""
        return (watch.collection for watch in self.of_kind(Watch))

    @property
    def health(self) -> Health:
        """The worst health of all that is visible, but for what only adds to it, or is not on this server."""
        visible = (
            poller.health
            for poller in self._kept.values()
            if poller.visible and not poller.is_beside and not _is_absent(poller.health)
        )
        return find_worst(visible)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when `health` may have changed. Return what ends that."""
        return self._listeners.add(listener)

    def stop(self) -> None:
        """Stop all of them, whoever watches."""
        for poller in self._kept.values():
            while poller.visible:
                poller.stop()


def _is_absent(health: Health) -> bool:
    """Return whether something was never there, which is no fault of the link."""
    return isinstance(health.error, NotServed) and not health.since


def _place_key(resource: Resource, scope: Mapping[str, str]) -> tuple[str, ...]:
    asked = repr(resource.query) if resource.query else ""  # other filters find other objects
    return (resource.name, asked, *(scope.get(name, "") for name in resource.within))
