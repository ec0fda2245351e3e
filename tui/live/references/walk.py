"""One walk through all lists whose objects name files, a page at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError, BadAnswer, BadRequest, NotFound, NotServed
from tui.api.paging.pages import Trail
from tui.live.references.naming import HOLDERS, find_files, make_user
from tui.live.shortfall import CLOSED
from tui.resources.language.cells import pluralize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.api.client import Client
    from tui.live.references.naming import Reference, Users
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource

    ScopeOf = Callable[[Resource, Mapping[str, str], Record, Child], dict[str, str]]

_NAMED = {"batches": "input_file_id", "fine-tuning": "training_file", "eval-runs": "data_source"}
"""The field of each object of a list that names a file, where all have one."""


class _Place(NamedTuple):
    """A list to be read. What its objects name is named by `holder`, the object it is in, if there is one."""

    resource: Resource
    scope: Mapping[str, str]
    trail: Trail
    holder: Reference | None = None


class ReferenceWalk:
    """One walk through all lists whose objects name files, a page at a time."""

    def __init__(self, client: Client, registry: Mapping[str, Resource], scope_of: ScopeOf, now: float) -> None:
        self.began_at = now
        self.users: Users = {}
        self.missing: dict[str, ApiError] = {}
        """Why a list could not be read, or not to its end, by its resource."""
        self.read = 0
        """How many lists were read."""
        self._objects = 0  # that were read
        self._client, self._registry, self._scope_of = client, registry, scope_of
        self._left = deque(_Place(registry[name], {}, Trail(identify=registry[name].identify)) for name in HOLDERS)

    @property
    def is_over(self) -> bool:
        """Whether every list was read."""
        return not self._left

    @property
    def progress(self) -> str:
        """How many lists were read, of those known, and how many objects of them: one may be long."""
        return (
            f"{self.read:,}/{pluralize(self.read + len(self._left), 'list')}, {pluralize(self._objects, 'object')}"
        )

    async def step(self) -> None:
        """Read the next page. Raises ApiError where the same page may be read later."""
        place = self._left[0]
        resource = place.resource
        assert resource.list
        try:
            page = await self._client.page(
                resource.list, place.scope, query=resource.query, after=place.trail.next, limit=resource.page_max
            )
        except (NotFound, NotServed):  # what is not there names nothing
            self._end()
            return
        except CLOSED as error:
            self.leave_out(error)
            return
        page = place.trail.take(page)
        if page.is_odd or not _names_something(resource, page.items):
            self.missing[resource.name] = BadAnswer("shape", f"The server answered with odd {resource.name}.")
        if page.cut:
            self.missing[resource.name] = BadRequest(f"The server has more {resource.name} than it gave.")
        self._objects += len(page.items)
        for item in page.items:
            if isinstance(item, dict):
                self._take(place, resource.record(item))
        if page.next is None:
            self._end()

    def leave_out(self, error: ApiError) -> None:
        """Go on without the list that could not be read."""
        self.missing.setdefault(self._left[0].resource.name, error)
        self._end()

    def _end(self) -> None:
        self._left.popleft()
        self.read += 1

    def _take(self, place: _Place, record: Record) -> None:
        """Note what an object names, and queue the list inside it."""
        resource, holder = place.resource, place.holder
        user = holder or make_user(resource, record)
        for id_, reference in find_files(resource, record.raw, user):
            self.users.setdefault(id_, {}).setdefault(user.id, reference)
        inside = self._registry.get(HOLDERS.get(resource.name, ""))
        if inside and not record.id:
            self.missing[resource.name] = BadAnswer("shape", "The server listed something without an id.")
        child = resource.child(inside.name) if inside else None
        if holder is None and inside and inside.list and child and record.id and not child.is_over(record):
            scope = self._scope_of(resource, place.scope, record, child)
            self._left.append(_Place(inside, scope, Trail(identify=inside.identify), user))


def _names_something(resource: Resource, items: list[Any]) -> bool:
    """Return whether any object of a page has the text that each of them has to have."""
    field = _NAMED.get(resource.name)
    return not (field and items) or any(
        isinstance(item, dict) and item.get(field) and isinstance(item[field], str | dict) for item in items
    )
