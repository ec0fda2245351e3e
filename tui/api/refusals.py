"""Refusals: what an answer says went wrong, in whatever shape its server puts it, and the typed error for it.

The API says `{"error": {"message", "type", "param", "code"}}`. Gateways and other servers say it bare, nested, as
`detail`, as `errors`, as plain text or as a web page; some say it under a good status.
"""

from __future__ import annotations

import ast
import html
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotRecorded,
    NotServed,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH = 6  # objects looked into, one inside the other
_MOST = 10  # messages of a list that are told
# Where the main message may stand, and what adds to it. Names are compared without case and underscores.
_MAIN = (
    *("message", "msg", "errordescription", "errormessage", "errormsg", "errmsg", "statusmessage", "statusmsg"),
    *("error", "err", "faultstring", "fault", "exception"),
)
_MORE = ("detail", "errors")
_LAST = ("reason", "title", "description")
_CODES = ("code", "errorcode", "errcode", "errno", "statuscode", "status")
# What an error may be wrapped in.
_WRAPPERS = ("error", "response", "baseresp")
# An answer of nothing but these tells of an error. They are no fields of an object of the API.
_AROUND = (
    "object type errortype stack stacktrace param success ok data baseresp requestid traceid logid path timestamp "
    "instance details response"
)
_WORDS = frozenset((*_MAIN, *_MORE, *_LAST, *_CODES, *_AROUND.split()))
_EVENT = re.compile(r"(?:event|data|id|retry):")  # how a stream of events begins
_TRACE = "Traceback (most recent call last)"
_PYTHON = 10_000  # characters that are read as Python writes a value down
_LEGIBLE = 20  # of so many characters one that cannot be read is borne
_HEADING = re.compile(r"<(title|h1|message)\b[^>]*>(.*?)</", re.IGNORECASE | re.DOTALL)


class Refusal(NamedTuple):
    """What a server says of an error; "" for what it does not say."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""


def read_refusal(body: object) -> Refusal:
    """Read what a body, as text or as parsed JSON, says of an error."""
    return _read(body, _DEPTH)


def is_error(body: object, *, reading: bool) -> bool:
    """Return whether a parsed body under a good status tells of an error: it holds no object and no items.

    Runs, jobs and responses have an `error` of their own. Of an answer to a read (`reading`) nothing but a
    message is an error, too; to a write it may be the answer.
    """
    if not isinstance(body, dict):
        return False
    if body.get("object") == "error":
        return True
    if body.get("id") or body.get("object") not in (None, "", "list") or body.get("data"):
        return False
    fields = _simplify_names(body)
    if any(_says_something(body.get(name)) for name in ("error", "errors")):
        return True
    if any(fields.get(name) is False for name in ("success", "issuccess", "succeeded", "ok")):
        return True
    found, names = _read(body, _DEPTH), set(fields)
    if found.message and str(fields.get("status")).casefold() in ("error", "fail", "failed", "failure"):
        return True
    if not found.message or not names <= _WORDS:
        return False
    return bool(find_status(found)) or (reading and "data" not in names)


def find_status(found: Refusal) -> int | None:
    """Return the status that an error tells as its code, if it does."""
    return int(found.code) if re.fullmatch(r"[45]\d\d", found.code) else None


def _read(body: object, depth: int) -> Refusal:
    """Read a body, looking into `depth` objects one inside the other."""
    if not isinstance(body, dict):
        return Refusal(_find_text(body, depth))
    fields = _simplify_names(body)
    # The innermost object knows best; what it does not say may stand around it.
    wrapped = (fields[name] for name in _WRAPPERS if isinstance(fields.get(name), dict | list))
    nested = next(wrapped, None)
    inner = _read(nested, depth - 1) if nested is not None and depth else Refusal()
    texts = {name: _find_text(fields.get(name), depth - 1) for name in (*_MAIN, *_MORE, *_LAST)}
    main = inner.message or next((texts[name] for name in _MAIN if texts[name]), "")
    more = next((texts[name] for name in _MORE if texts[name]), "")
    if main and more and more not in main:
        main = f"{main.rstrip('.:')}: {more}"
    message = main or more or next((texts[name] for name in _LAST if texts[name]), "")
    code = next(filter(None, (_write_plain(fields.get(name)) for name in _CODES)), "")
    type_, param = _write_plain(fields.get("type")), _write_plain(fields.get("param"))
    return Refusal(message, inner.code or code, inner.type or type_, inner.param or param)


def _find_text(value: object, depth: int) -> str:
    """Return the words of a message: a text, a web page, JSON in a text, or a list or object of messages."""
    if depth <= 0:
        return ""
    if isinstance(value, str):
        return _unwrap(value.strip(), depth)
    if isinstance(value, list):
        return "; ".join(filter(None, (_find_text(each, depth - 1) for each in value[:_MOST])))
    if not isinstance(value, dict):
        return ""
    at = value.get("loc")
    if isinstance(at, list) and isinstance(value.get("msg"), str):
        return ": ".join(filter(None, (".".join(map(str, at)), value["msg"].strip())))
    if message := _read(value, depth - 1).message:
        return message
    # Fields by name, each with what is wrong with it.
    texts = {
        name: _find_text(inner, depth - 1)
        for name, inner in value.items()
        if isinstance(inner, str | list) and name not in ("code", "param", "type")
    }
    return "; ".join(f"{name}: {text}" for name, text in texts.items() if text)


def _unwrap(text: str, depth: int) -> str:
    """Return a text without the JSON, the events or the web page around its message; "" for what are no words."""
    if "\x00" in text or text.count("\ufffd") > len(text) / _LEGIBLE:
        return ""
    text = text.partition(_TRACE)[0].rstrip() or text
    if _EVENT.match(text):
        text = "\n".join(line[5:].strip() for line in text.splitlines() if line.startswith("data:"))
    if re.match(r"\{|\[\s*[{\[\"']", text):
        try:
            return _read(_parse(text), depth - 1).message
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return ""  # a part of something
    if text[:1] == "<":
        found = _HEADING.search(text)
        words = re.sub(r"<[^>]*>", " ", found[2]) if found else ""
        return " ".join(html.unescape(words).split())
    return text


def _parse(text: str) -> object:
    """Return what stands in a text as JSON, or as Python writes it down. Raises what `json` and `ast` raise."""
    try:
        return json.loads(text)
    except ValueError:
        return ast.literal_eval(text[:_PYTHON])


def _simplify_names(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body by its names without case and underscores."""
    return {str(name).lower().replace("_", ""): value for name, value in body.items()}


def _write_plain(value: object) -> str:
    """Return a code or a type as text."""
    if isinstance(value, str):
        return "" if value in ("None", "null") else value
    return str(value) if isinstance(value, int) and value is not True else ""


def _says_something(value: object) -> bool:
    """Return whether an `error` is one: an object of nothing but nulls is none."""
    return any(value.values()) if isinstance(value, dict) else bool(value)


_SPENT = frozenset({"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"})
_UNCLEAR = (400, 404, 500)  # which may be about the object, or about the call
NOT_RECORDED = "not_recorded"  # the code by which a replay says that it has no answer
_CLASSES: Mapping[int, type[StatusError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: NotServed,
    409: Conflict,
    429: RateLimited,
    501: NotServed,
}
# Under a status of 200 the words say which one it would have been.
_STATUS_OF: Mapping[str, int] = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_denied": 403,
    "permission_error": 403,
    "not_found": 404,
    "not_found_error": 404,
    "model_not_found": 404,
    "invalid_prompt": 400,
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
}
# What servers say that do not have a call, or are not set up for it, under whatever status.
_NOT_SERVED = re.compile(
    r"\bunexpected endpoint or method\b"  # LM Studio, under 200
    r"|\bonly premium users can use this endpoint\b"  # LiteLLM, under 500
    r"|'custom_llm_provider' must be set\b"
    r"|\b(?:endpoint|route) (?:is )?(?:not (?:yet )?(?:supported|implemented)|unknown)\b"
    r"|\b(?:unknown|unsupported|unrecognized) (?:endpoint|route|request url)\b",
    re.IGNORECASE,
)
_GONE = re.compile(r"\b(?:not found|does not exist|no such \w+|no \w+(?: \w+)? found)\b", re.IGNORECASE)


def make_status_error(
    status: int,
    body: object,
    *,
    request_id: str = "",
    retry_after: float | None = None,
    should_retry: bool | None = None,
    host: str = "",
    implied: bool = False,
) -> StatusError:
    """Return the error for a status and the body that came with it, in any shape `read_refusal` knows."""
    found = read_refusal(body)
    kind = _CLASSES.get(status, ServerError if status >= 500 else Invalid)
    if status in _UNCLEAR and _NOT_SERVED.search(found.message):
        kind = NotServed
    if found.code == NOT_RECORDED:
        kind = NotRecorded
    elif status == 429 and _SPENT & {found.code, found.type}:
        kind = QuotaExceeded
    elif status == 401 and "insufficient permissions" in found.message.lower():
        kind = Forbidden
    return kind(
        status,
        found.message,
        code=found.code,
        type_=found.type,
        param=found.param,
        request_id=request_id,
        retry_after=retry_after,
        should_retry=should_retry,
        host=host,
        implied=implied or kind is NotRecorded,
    )


def make_implied_error(body: object, *, request_id: str = "", host: str = "") -> StatusError:
    """Return the error that a body or an event under a status of 200 tells of; its words say which."""
    found = read_refusal(body)
    words = (_STATUS_OF[word] for word in (found.code, found.type) if word in _STATUS_OF)
    status = find_status(found) or next(words, 500)
    if status == 400 and not found.param and _GONE.search(found.message):
        status = 404
    # Whoever says 200 did not ask to be asked again.
    return make_status_error(status, body, request_id=request_id, should_retry=False, host=host, implied=True)
