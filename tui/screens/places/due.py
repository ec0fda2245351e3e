"""The list of what ends, and who uses it: enter opens the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.due import DUE, ROTATED
from tui.resources.tasks import TASKS
from tui.screens.navigation.history import Location
from tui.screens.places.base import NO_OBJECT
from tui.screens.places.listing.screen import ResourceScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account


class DueScreen(ResourceScreen):
    """Lists what ends."""

    def watch_of(self, account: Account) -> Watch:
        """Return what gathers it, for home too."""
        return account.kept.overview.due

    def find_objects(
        self, account: Account, records: Sequence[Record]
    ) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return the objects that end: what copies, watches and looks for uses is about them."""
        found = []
        for end in records:
            resource = account.platform.registry[str(end.at("resource"))]
            if resource.parent:  # lists inside other objects are not gathered
                continue
            watch = account.platform.watch(resource)
            if record := watch.collection.records.get(str(end.at("object_id"))):
                found.append((resource, watch.collection.scope, record))
        return found

    def action_enter(self) -> None:
        """Open the object that ends, or the list of a family that does."""
        record = self.record
        if record is None:
            self.actor.say(NO_OBJECT)
            return
        if record.at("kind") == ROTATED:
            self.navigator.open_resource(TASKS)
            return
        resource = self.platform.registry[str(record.at("resource"))]
        id_ = record.at("object_id")
        if not id_:
            self.navigator.open_resource(resource)
            return
        trail = (DUE.name, resource.name)
        self.navigator.go(Location(resource, {}, str(id_), trail, up=self.location))

    def action_full(self) -> None:
        """Open it likewise: a row of this list is no object by itself."""
        self.action_enter()
