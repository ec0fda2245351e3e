"""Functions that the organization's families share: finding and changing objects, pages, ids of seeds."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from tui.sandbox.lists import list_computed
from tui.sandbox.protocol import Answer, Fields, Listing, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.sandbox.world import JSON, Row, World

DAY = 86400

Order = Literal["asc", "desc"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]
# `x=a` arrives as text, `x[]=a` as a list: both are lists here.
Strings = Annotated[list[str], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]


class Both(Listing):
    """The query of a list that can be read in both directions."""

    before: str | None = None


class Next(Fields):
    """The query of a list whose answer says in `next` where it goes on."""

    after: str | None = None
    limit: Annotated[int, Field(ge=0, le=1000)] = 1000
    order: Order = "asc"


def id_of_name(world: World, prefix: str, name: str) -> str:
    """Return the id of something the sandbox starts with: known by its name, so that others can refer to it."""
    return prefix + hashlib.blake2b(f"{world.seed}/{prefix}{name}".encode(), digest_size=12).hexdigest()


def chance(*of: object) -> float:
    """Return a number in [0, 1), always the same for the same values."""
    return int.from_bytes(hashlib.blake2b(repr(of).encode(), digest_size=6).digest(), "big") / 2**48


# Objects.


def find_row(world: World, kind: str, id_: str, *, parent: str = "", noun: str = "") -> Row:
    """Return the object of this id. Raises `Problem` (404) when there is none below `parent`."""
    row = world.find(kind, id_)
    if not row or row.parent != parent:
        shown = id_.rpartition("/")[2]
        raise Problem(
            f"No {noun or kind.replace('_', ' ')} found with id '{shown}'.", status=404, code="not_found"
        )
    return row


def look(world: World, row: Row) -> JSON:
    """Return an object as it looks now."""
    object_: JSON = json.loads(world.text(row))
    return object_


def objects(world: World, kind: str, parent: str = "") -> Iterator[JSON]:
    """Yield all objects of a kind below `parent`, oldest first."""
    return (look(world, row) for row in world.rows(kind, parent=parent))


def change(world: World, row: Row, **changes: Any) -> JSON:
    """Change fields of a stored object; as it looks then."""
    object_ = look(world, row) | changes
    world.finish(row, object_)
    return object_


# Projects.


def project(world: World, project_id: str, *, alive: bool = False) -> JSON:
    """Return a project. Raises `Problem` when there is none or, with `alive`, when it is archived."""
    object_ = look(world, find_row(world, "project", project_id))
    if alive and object_.get("status") == "archived":
        message = f"Project '{project_id}' is archived and cannot be used or updated."
        raise Problem(message, code="project_archived", param="project_id")
    return object_


# Pages.


def page(items: Sequence[JSON], query: Any, *, key: str = "id") -> Answer:
    """Return a page with `first_id` and `last_id`. Raises `Problem` when a cursor is none of the items."""
    items = _order(items, query)
    before = getattr(query, "before", None)
    ids = [str(item.get(key)) for item in items]
    return list_computed(ids, items.__getitem__, after=query.after, before=before, limit=query.limit)


def next_page(items: Sequence[JSON], query: Any, *, key: str = "id") -> Answer:
    """Return a page of a list with `next`, the cursor to go on with. Raises `Problem` as above."""
    items = _order(items, query)
    ids = [item.get(key) for item in items]
    if query.after and query.after not in ids:
        message = f"Invalid 'after': no object found with id '{query.after}'."
        raise Problem(message, param="after", code="invalid_value")
    start = ids.index(query.after) + 1 if query.after else 0
    shown, more = items[start : start + query.limit], start + query.limit < len(items)
    return {
        "object": "list",
        "data": shown,
        "has_more": more,
        "next": shown[-1].get(key) if more and shown else None,
    }


def _order(items: Sequence[JSON], query: Any) -> Sequence[JSON]:
    """Return items that stand oldest first, as a query wants them."""
    return items[::-1] if getattr(query, "order", "asc") == "desc" else items
