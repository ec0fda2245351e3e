"""Rows that are objects of several lists, and what keys do to the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.screens.actions.permissions import find_refusal
from tui.screens.navigation.history import Location
from tui.screens.places.base import NO_OBJECT, PlaceScreen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


class HomeItem(Protocol):
    """What a row stands for: an object of a list, or several of one list that are alike."""

    @property
    def resource(self) -> Resource:
        """The resource of the list."""

    @property
    def scope(self) -> Mapping[str, str]:
        """The path parameters of the list."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The objects."""

    @property
    def account(self) -> str:
        """Whose they are, where several accounts are shown."""

    @property
    def key(self) -> tuple[str, str]:
        """What the row is known by: its list, and the key of the first object's row in that."""


class ObjectRows(PlaceScreen):
    """A place whose rows are objects of several lists: keys act on the one under the cursor as in its own list."""

    # What a subclass says.

    @property
    def item(self) -> HomeItem | None:
        """What the row under the cursor stands for; None for a row without an object, and without rows."""
        raise NotImplementedError

    def open_part(self) -> None:
        """Open what a row without an object is about."""

    # The object under the cursor.

    @property
    def record(self) -> Record | None:
        """The object under the cursor; None for a row that stands for several."""
        item = self.item
        return item.records[0] if item and len(item.records) == 1 else None

    @property
    def resource(self) -> Resource:
        """The resource of the objects under the cursor, else that of the place."""
        return item.resource if (item := self.item) else self.location.resource

    @property
    def scope(self) -> Mapping[str, str]:
        """The path parameters of the list that holds the objects under the cursor."""
        return item.scope if (item := self.item) else self.location.scope

    def _list_of(self, record: Record) -> Location:
        """Return the list that holds an object, with the cursor on it; from there `q` comes back."""
        item = self.item
        return Location(self.resource, self.scope, up=self.location, cursor=item.key[1] if item else record.id)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off the keys for what is not here: a detail, and marks."""
        return False if action in ("next_tab", "compare") else super().check_action(action, parameters)

    async def action_tab(self, tab: str) -> None:
        """Open the object under the cursor on a tab of its detail."""
        if self.record is None:
            self.actor.say(NO_OBJECT)
        else:
            self._open_object(self.record, tab)

    def action_act(self, key: str) -> None:
        """Do what the object under the cursor has on this key."""
        if self.record is None:
            self.actor.say(NO_OBJECT)
        else:
            super().action_act(key)

    def action_enter(self) -> None:
        """Open the object under the cursor as its list does; of several alike their list."""
        item, record = self.item, self.record
        if item is None:
            self.open_part()
        elif record is None:
            here = self.location
            self.navigator.go(Location(item.resource, item.scope, up=here, attention=True, cursor=item.key[1]))
        else:
            resource = item.resource
            action, child = resource.action(resource.enter), resource.child(resource.enter)
            if action and find_refusal(action, record, self.platform) is None:
                self.perform(action)
            elif child:
                self.open_child(child.resource)
            else:
                self._open_object(record)

    def _open_object(self, record: Record, tab: str = "") -> None:
        """Open an object by itself; `q` comes back."""
        trail = (self.location.resource.name, self.resource.name)
        self.navigator.go(Location(self.resource, self.scope, record.id, trail, up=self.location, tab=tab))

    def open_child(self, name: str, cursor: str | None = None) -> None:
        """Open a child of the object under the cursor."""
        record = self.record
        child = self.resource.child(name)
        if record and child and child.tail:
            self._open_object(record, name)
        elif record and child:
            self.navigator.into(self._list_of(record), record, child, cursor)
