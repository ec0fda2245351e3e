"""What an answer says went wrong, in whatever shape its server puts it.

The API says `{"error": {"message", "type", "param", "code"}}`. Gateways and other servers say it bare, nested, as
`detail`, as `errors`, as plain text or as a web page; some say it under a good status.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any, NamedTuple

_DEPTH = 6  # objects looked into, one inside the other
_MOST = 10  # messages of a list that are told
# Where the main message may stand, and what adds to it. Names are compared without case and underscores.
_MAIN = ("message", "msg", "errordescription", "errormessage", "error", "faultstring", "fault")
_MORE = ("detail", "errors")
_LAST = ("reason", "title")
# An answer of nothing but these tells of an error. They are no fields of an object of the API.
_AROUND = (
    "object type code param status statuscode success ok data requestid traceid path timestamp instance details"
)
_WORDS = frozenset((*_MAIN, *_MORE, *_LAST, *_AROUND.split()))
_HEADING = re.compile(r"<(title|h1|message)\b[^>]*>(.*?)</", re.IGNORECASE | re.DOTALL)


class Said(NamedTuple):
    """What was said of an error. "" stands for what was not."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""


def said(body: object) -> Said:
    """What a body, as text or as parsed JSON, says of an error."""
    return _said(body, _DEPTH)


def is_error(body: object, *, reading: bool) -> bool:
    """Whether a parsed body under a good status tells of an error: it says so, and holds no object and no items.

    Runs, jobs and responses have an `error` of their own. Of an answer to a read (`reading`) nothing but a
    message is an error, too; to a write it may be the answer.
    """
    if not isinstance(body, dict):
        return False
    if body.get("object") == "error":
        return True
    if body.get("id") or body.get("object") not in (None, "", "list") or body.get("data"):
        return False
    if any(_filled(body.get(name)) for name in ("error", "errors")) or body.get("success") is False:
        return True
    found = _said(body, _DEPTH)
    names = set(_named(body))
    if not found.message or not names <= _WORDS:
        return False
    return bool(status_in(found)) or (reading and "data" not in names)


def status_in(found: Said) -> int | None:
    """The status of an error that its code tells as a number."""
    return int(found.code) if re.fullmatch(r"[45]\d\d", found.code) else None


def _said(body: object, depth: int) -> Said:
    if not isinstance(body, dict):
        return Said(_text(body, depth))
    fields = _named(body)
    # The innermost object knows best; what it does not say may stand around it.
    nested = fields.get("error")
    inner = _said(nested, depth - 1) if isinstance(nested, dict | list) and depth else Said()
    texts = {name: _text(fields.get(name), depth - 1) for name in (*_MAIN, *_MORE, *_LAST)}
    main = inner.message or next((texts[name] for name in _MAIN if texts[name]), "")
    more = next((texts[name] for name in _MORE if texts[name]), "")
    if main and more and more not in main:
        main = f"{main.rstrip('.:')}: {more}"
    message = main or more or next((texts[name] for name in _LAST if texts[name]), "")
    code = _plain(fields.get("code")) or _plain(fields.get("statuscode")) or _plain(fields.get("status"))
    type_, param = _plain(fields.get("type")), _plain(fields.get("param"))
    return Said(message, inner.code or code, inner.type or type_, inner.param or param)


def _text(value: object, depth: int) -> str:
    """The words of a message that is a text, a web page, JSON in a text, or a list or object of messages."""
    if depth <= 0:
        return ""
    if isinstance(value, str):
        return _unwrapped(value.strip(), depth)
    if isinstance(value, list):
        return "; ".join(filter(None, (_text(each, depth - 1) for each in value[:_MOST])))
    if not isinstance(value, dict):
        return ""
    at = value.get("loc")
    if isinstance(at, list) and isinstance(value.get("msg"), str):
        return ": ".join(filter(None, (".".join(map(str, at)), value["msg"].strip())))
    if message := _said(value, depth - 1).message:
        return message
    # Fields by name, each with what is wrong with it.
    texts = {name: _text(inner, depth - 1) for name, inner in value.items() if isinstance(inner, str | list)}
    return "; ".join(f"{name}: {text}" for name, text in texts.items() if text)


def _unwrapped(text: str, depth: int) -> str:
    """A text without the JSON or the web page around its message."""
    if re.match(r"\{|\[\s*[{\[\"]", text):
        try:
            return _said(json.loads(text), depth - 1).message
        except (ValueError, RecursionError):
            return ""  # a part of something
    if text[:1] == "<":
        found = _HEADING.search(text)
        words = re.sub(r"<[^>]*>", " ", found[2]) if found else ""
        return " ".join(html.unescape(words).split())
    return text


def _named(body: dict[str, Any]) -> dict[str, Any]:
    return {str(name).lower().replace("_", ""): value for name, value in body.items()}


def _plain(value: object) -> str:
    """A code or a type as text."""
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and value is not True else ""


def _filled(value: object) -> bool:
    """Whether an `error` is one: an object of nothing but nulls is none."""
    return any(value.values()) if isinstance(value, dict) else bool(value)
