"""Lists as the platform sends them: pages of stored objects, or of objects made on demand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.protocol import Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.responses import Response

    from tui.sandbox.world import JSON, World


def wrap_list(texts: Sequence[str], ends: tuple[str | None, str | None] | None, more: bool) -> Response:
    """Return a list as the platform sends it, made of JSON texts. Some lists have no `first_id` and `last_id`."""
    told = f'"first_id":{json.dumps(ends[0])},"last_id":{json.dumps(ends[1])},' if ends else ""
    return json_response(f'{{"object":"list","data":[{",".join(texts)}],{told}"has_more":{json.dumps(more)}}}')


def list_stored(
    world: World,
    kind: str,
    *,
    after: str | None,
    limit: int,
    before: str | None = None,
    newest: bool = True,
    parent: str = "",
    tag: str = "",
    ends: bool = True,
) -> Response:
    """Return a page of stored objects: those next to `after`, or those just ahead of `before`.

    Raises `Problem` when the cursor is none of them.
    """
    name, id_ = ("before", before) if before and not after else ("after", after)
    cursor = world.find(kind, id_) if id_ else None
    if id_ and (cursor is None or cursor.parent != parent):
        raise _refuse_cursor(id_, name)
    back = name == "before"
    rows = world.page(kind, parent=parent, tag=tag, after=cursor, limit=limit + 1, newest=newest != back)
    shown = rows[limit - 1 :: -1] if back else rows[:limit]
    told = (shown[0].id, shown[-1].id) if shown else (None, None)
    return wrap_list([world.text(row) for row in shown], told if ends else None, len(rows) > limit)


def list_computed(
    ids: Sequence[str],
    make: Callable[[int], JSON],
    *,
    after: str | None,
    limit: int,
    before: str | None = None,
    ends: bool = True,
) -> Response:
    """Return a page of objects that are not stored: `make(i)` makes the one with `ids[i]`."""
    name, id_ = ("before", before) if before and not after else ("after", after)
    if id_ and id_ not in ids:
        raise _refuse_cursor(id_, name)
    if id_ and name == "before":
        stop = ids.index(id_)
        start, more = max(stop - limit, 0), stop > limit
    else:
        start = ids.index(id_) + 1 if id_ else 0
        stop, more = min(start + limit, len(ids)), start + limit < len(ids)
    shown = ids[start:stop]
    told = (shown[0], shown[-1]) if shown else (None, None)
    return wrap_list([json.dumps(make(index)) for index in range(start, stop)], told if ends else None, more)


def _refuse_cursor(id_: str, param: str) -> Problem:
    return Problem(f"Invalid '{param}': no object found with id '{id_}'.", param=param, code="invalid_value")
