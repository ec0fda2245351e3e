"""Memory of objects beyond their lists: in the ledger, and by what they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.ledger import Ledger
    from tui.live.polling.pollers import Pollers
    from tui.live.references.references import References
    from tui.live.use import Use
    from tui.resources.language.resource import Resource


class Memory:
    """Notes objects as they are read or made, and drops them everywhere once they are gone."""

    def __init__(
        self, registry: Mapping[str, Resource], pollers: Pollers, ledger: Ledger | None, references: References
    ) -> None:
        self.ledger = ledger
        self.uses: dict[str, dict[str, Use]] = {}
        """By an object's id, what was found to use it, by the user's id."""
        self.gone: Listeners[[Resource, str]] = Listeners()
        """Are told each object that is gone: its resource and its id."""
        self._registry = registry
        self._pollers = pollers
        self._references = references

    def drop(self, resource: Resource, scope: Mapping[str, str], id_: str) -> None:
        """Take an object that is gone out of its list, the ledger and the uses."""
        if watch := self._pollers.watch_of(resource, scope):
            watch.drop(id_)
        if self.ledger and resource.ledger:
            self.ledger.forget(resource, scope, id_)
        for users in self.uses.values():
            users.pop(id_, None)
        self._references.forget(resource, scope, id_)
        self.gone.tell(resource, id_)

    def note(self, resource: Resource, scope: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
        """Put an object into the ledger that no list has, or that is found through its parents; those, too."""
        place = {name: str(scope.get(name) or "") for name in resource.within}
        found_by_id = resource.ledger or (resource.parent and resource.prefixes)
        if self.ledger is None or not found_by_id or not all(place.values()):
            return
        self.ledger.note(resource, place, raw)
        parent = self._registry.get(resource.parent)
        if parent and parent.ledger and not self.ledger.places(parent, id_ := place[resource.within[-1]]):
            self.ledger.note(parent, place, {parent.identify: id_})
