"""Faults that change what the platform answers: its fields, ids, pages and letters."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders

from tui.sandbox.serving.effects.effect import Effect, record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_VALUES: dict[str, Any] = {
    "null": None,
    "text": "odd",
    "empty": "",
    "number": -1,
    "huge": 10**18,
    "fraction": 0.5,
    "true": True,
    "list": [None, {}, "odd"],
    "object": {"odd": [None]},
    "surrogate": "\ud800",
}
_DROPPED = "dropped"
_ENCODINGS = {"utf-16": "utf-16", "latin-1": "latin-1", "bom": "utf-8-sig", "cp500": "cp500"}
_KEPT = ("id", "object")  # of each object, whatever becomes of its other fields
_CURSORS = itertools.count(1)


def _change(example: str, says: str, change: Callable[[Any, str], Any], *values: str) -> Effect:
    """Return what answers with the platform's JSON after `change`; `values` are those it knows."""

    async def answer(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        head, body = await record(app, scope, receive)
        try:
            found = json.loads(body)
        except ValueError:  # the content of a file, or events
            changed = body
        else:
            changed = json.dumps(change(found, value)).encode() if head["status"] < 400 else body
        await _send(head, changed, send)

    return Effect(answer, example, says, values=values)


async def _encode(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await record(app, scope, receive)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if isinstance(found, dict):
        body = json.dumps({**found, "odd": "\u00e9"}, ensure_ascii=False).encode(_ENCODINGS[value])
    await _send(head, body, send)


async def _mistype(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await record(app, scope, receive)
    MutableHeaders(scope=head)["content-type"] = value or "text/html"
    await _send(head, body, send)


async def _send(head: Message, body: bytes, send: Send) -> None:
    MutableHeaders(scope=head)["content-length"] = str(len(body))
    await send(head)
    await send({"type": "http.response.body", "body": body})


def _change_fields(found: Any, value: str) -> Any:
    """Return an answer whose objects have other values in all fields but those that name them."""
    if isinstance(found, dict) and isinstance(found.get("data"), list):
        return {**found, "data": [_change_fields(each, value) for each in found["data"]]}
    if not isinstance(found, dict):
        return found
    kept = {name: found[name] for name in _KEPT if name in found}
    return kept if value == _DROPPED else {**dict.fromkeys(found, _VALUES[value]), **kept}


def _change_ids(found: Any, value: str) -> Any:
    """Return an answer whose objects have other ids."""
    if isinstance(found, dict) and isinstance(found.get("data"), list):
        return {**found, "data": [_change_ids(each, value) for each in found["data"]]}
    if not isinstance(found, dict):
        return found
    rest = {name: each for name, each in found.items() if name != "id"}
    return rest if value == _DROPPED else {**rest, "id": _VALUES[value]}


def _change_pages(found: Any, value: str) -> Any:
    """Return a page of a list that leads to where it should not."""
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        return found
    cursors = {"loop": "same", "endless": f"cursor-{next(_CURSORS)}", "none": None}
    cursor = cursors.get(value, found.get("last_id"))
    page = {**found, "has_more": True, "last_id": cursor, "next": cursor, "next_page": cursor}
    if value == "empty":
        page["data"] = []
    if value == "doubled":
        page["data"] = [*found["data"], *found["data"]]
    return page


CHANGES: Mapping[str, Effect] = {
    "fields": _change("fields=null", "give all fields but ids another value", _change_fields, *_VALUES, _DROPPED),
    "ids": _change("ids=number", "give ids another value", _change_ids, *_VALUES, _DROPPED),
    "pages": _change(
        "pages=loop",
        "let lists go on for ever: with one cursor (loop), ever new ones (endless), none, empty pages, all twice",
        _change_pages,
        *("loop", "endless", "none", "empty", "doubled"),
    ),
    "encoding": Effect(
        _encode, "encoding=utf-16", "write the answer in another encoding", values=tuple(_ENCODINGS)
    ),
    "type": Effect(_mistype, "type=text/html", "call the answer something else than JSON"),
}
