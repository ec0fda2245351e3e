"""Faults on demand, to see how a client takes them.

A specification is a comma separated list of faults, each `name[=value][@[METHOD ]path-prefix][xN]`:

    latency=300ms            wait before each answer (ms or s)
    429, 500=0.1, 401        answer with this status, always or with this probability
    rpm=60, rpm=60/2s        answer 429 to more requests than that in a minute (or in this time)
    html                     answer 200 with a page of HTML
    bad-json                 answer 200 with JSON that stops in the middle
    cut                      promise the whole body, send half of it and hang up
    drip=50ms                send the body in 16 pieces, waiting before each
    stall                    send half of the body, then nothing more until the client hangs up
    drop                     hang up without reading the request
    drop-after               do what is asked, then hang up without an answer
    redirect=http://host/    answer 307 with this address
    gzip-bomb=64             answer so many MiB of spaces (64 if not given), compressed to almost nothing
    batch-errors=0.03        in new batches, answer this share of the requests with an error that passes
    batch-expiry=0.05        let new batches expire before this share of their requests is tried

`@` limits a fault to paths below /v1 that begin so, and to a method if given; `xN` to its first N times.
Example: `latency=300ms,429=0.2,drop-after@POST /batches x1`.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
import zlib
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from tui.sandbox.protocol import Problem
from tui.sandbox.world import SHARES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Effect = Callable[[str, ASGIApp, Scope, Receive, Send], Awaitable[None]]

_SPEC = re.compile(
    r"(?P<name>[a-z0-9-]+?)(=(?P<value>[^@]+?))?(@((?P<method>[A-Z]+) )?(?P<path>/\S*?))?( ?x(?P<times>\d+))?"
)
_USUAL_LIMIT, _TOKEN_LIMIT = "5000", "2000000"  # a minute, as models answer
_REASONS = {
    401: ("Incorrect API key provided: sk-sand****box.", "invalid_request_error", "invalid_api_key"),
    403: ("You have insufficient permissions for this operation.", "invalid_request_error", None),
    404: ("The requested resource was not found.", "invalid_request_error", None),
    429: ("Rate limit reached for requests. Please try again in 1s.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request. Sorry about that!", "server_error", None),
    503: ("The server is currently overloaded. Please try again later.", "server_error", "server_is_overloaded"),
}


class BadFault(ValueError):
    """A fault specification that cannot be understood. Its text says why."""


@dataclass(slots=True)
class Fault:
    """One fault: what it does, how often, and to which requests. `times` left; None without end."""

    effect: Effect
    value: str = ""
    chance: float = 1.0
    method: str = ""
    path: str = ""
    times: int | None = None
    served: deque[float] | None = None

    def hits(self, method: str, path: str, chance: float) -> bool:
        """Return whether the fault befalls this request, and count it if so."""
        if self.times == 0 or chance >= self.chance or self.method not in ("", method):
            return False
        if not path.startswith(self.path):
            return False
        if self.served is not None and not self._is_full(self.served):
            return False
        if self.times:
            self.times -= 1
        return True

    def refusal(self) -> str:
        """Return the limit and the whole seconds until the next request will be served, as `60/12`."""
        limit, window = _parse_pace(self.value)
        return f"{limit}/{math.ceil((self.served or (0.0,))[0] + window - time.monotonic()) or 1}"

    def _is_full(self, served: deque[float]) -> bool:
        """Return whether the limit of requests is used up; count this one if not."""
        now, (limit, window) = time.monotonic(), _parse_pace(self.value)
        while served and served[0] <= now - window:
            served.popleft()
        if len(served) < limit:
            served.append(now)
            return False
        return True


class Faults:
    """The faults in force. Raises `BadFault` when `spec` is not understood."""

    def __init__(self, spec: str = "", seed: int = 1) -> None:
        self.spec = spec
        parts = [part.strip() for part in spec.split(",") if part.strip()]
        self.shares = dict(_parse_share(part) for part in parts if part.startswith(SHARES))
        """Which share of the requests of new batches goes wrong, by the name of the fault."""
        self._faults = [_parse_fault(part) for part in parts if not part.startswith(SHARES)]
        self._random = random.Random(seed)

    def around(self, app: ASGIApp, method: str, path: str) -> ASGIApp:
        """Return `app` wrapped in the faults that this request meets. `path` is the one below /v1."""
        met: list[Fault] = []
        for fault in self._faults:
            if fault.hits(method, path, self._random.random()):
                met.append(fault if fault.served is None else replace(fault, value=fault.refusal()))
                if fault.effect in _FINAL:
                    break
        for fault in reversed(met):
            app = _wrap(fault, app)
        return app


def _wrap(fault: Fault, app: ASGIApp) -> ASGIApp:
    async def apply(scope: Scope, receive: Receive, send: Send) -> None:
        await fault.effect(fault.value, app, scope, receive, send)

    return apply


def _parse_share(part: str) -> tuple[str, float]:
    name, _, value = part.partition("=")
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if name not in SHARES or not 0 <= share <= 1:
        raise BadFault(f"'{part}': expected a share from 0 to 1, such as {SHARES[0]}=0.03")
    return name, share


def _parse_fault(part: str) -> Fault:
    match = _SPEC.fullmatch(part)
    if not match:
        raise BadFault(f"cannot read the fault '{part}': expected name[=value][@[METHOD ]/path][xN]")
    name, value = match["name"], match["value"] or ""
    times = int(match["times"]) if match["times"] else None
    effect, chance = _EFFECTS.get(name), 1.0
    if re.fullmatch(r"[45]\d\d", name):
        effect = _status
        try:
            chance, value = float(value or 1), name
        except ValueError:
            raise BadFault(f"'{part}': {value} is no probability") from None
    if effect is None:
        raise BadFault(
            f"unknown fault '{name}': use a status (400-599) or one of {', '.join(sorted((*_EFFECTS, *SHARES)))}"
        )
    try:
        if name in ("latency", "drip"):
            _parse_seconds(value or "50ms")
        elif name == "rpm":
            _parse_pace(value)
        elif name == "gzip-bomb":
            int(value or 64)
    except ValueError as error:
        raise BadFault(f"'{part}': {error}") from None
    return Fault(
        effect,
        value,
        chance,
        match["method"] or "",
        match["path"] or "",
        times,
        deque() if name == "rpm" else None,
    )


def _parse_seconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(ms|s)", text)
    if not match:
        raise ValueError(f"{text} is no duration such as 300ms or 2s")
    return float(match[1]) * (0.001 if match[2] == "ms" else 1)


def _parse_pace(text: str) -> tuple[int, float]:
    """Parse "60" or "60/2s" to a number of requests and a time in seconds. Raises ValueError."""
    count, _, window = text.partition("/")
    if not count.isdecimal() or not int(count):
        raise ValueError(f"{text} is no pace such as 60 or 60/2s")
    return int(count), _parse_seconds(window or "60s")


async def _latency(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(_parse_seconds(value or "50ms"))
    await app(scope, receive, send)


async def _status(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    status = int(value)
    message, kind, code = _REASONS.get(status, _REASONS[500 if status >= 500 else 403])
    headers = _limits(_USUAL_LIMIT, "1") if status == 429 else {"retry-after": "1"} if status == 503 else None
    await Problem(message, status=status, type=kind, code=code, headers=headers).response()(scope, receive, send)


async def _too_many(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    message, kind, code = _REASONS[429]
    limit, _, seconds = value.partition("/")
    headers = _limits(limit, seconds)
    problem = Problem(message.replace("1s", f"{seconds}s"), status=429, type=kind, code=code, headers=headers)
    await problem.response()(scope, receive, send)


def _limits(limit: str, seconds: str) -> dict[str, str]:
    """Return the headers of an answer 429: a limit of requests a minute, used up for so many seconds."""
    return {
        "retry-after": seconds,
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": f"{seconds}s",
        "x-ratelimit-limit-tokens": _TOKEN_LIMIT,
        "x-ratelimit-remaining-tokens": _TOKEN_LIMIT,
        "x-ratelimit-reset-tokens": "0s",
    }


async def _html(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    page = "<!doctype html><html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>"
    await HTMLResponse(page)(scope, receive, send)


async def _bad_json(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await Response('{"object":"list","data":[{"id":"ba', media_type="application/json")(scope, receive, send)


async def _redirect(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=307, headers={"location": value or "/"})(scope, receive, send)


async def _bomb(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    squeeze = zlib.compressobj(9, wbits=31)
    mebibyte = b" " * 2**20
    body = b"".join(squeeze.compress(mebibyte) for _ in range(int(value or 64))) + squeeze.flush()
    await Response(body, headers={"content-encoding": "gzip"}, media_type="application/json")(scope, receive, send)


async def _drop(_value: str, _app: ASGIApp, scope: Scope, _receive: Receive, _send: Send) -> None:
    await _hang_up(scope)


async def _drop_after(_value: str, app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    async def into_the_void(_message: Message) -> None: ...

    await app(scope, receive, into_the_void)
    await _hang_up(scope)


async def _cut(_value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    messages = await _record(app, scope, receive)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    await send(messages[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _hang_up(scope, soft=True)


async def _drip(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    messages = await _record(app, scope, receive)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    await send(messages[0])
    size = len(body) // 16 + 1
    for start in range(0, len(body), size):
        await asyncio.sleep(_parse_seconds(value or "50ms"))
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body"})


async def _stall(_value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    messages = await _record(app, scope, receive)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    await send(messages[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def _record(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    messages: list[Message] = []

    async def record(message: Message) -> None:
        messages.append(message)

    # Without this extension a file answers in plain messages, which can be recorded.
    await app({**scope, "extensions": {}}, receive, record)
    return messages


async def _hang_up(scope: Scope, *, soft: bool = False) -> None:
    """Close the client's connection: once what was sent is out (soft), or at once."""
    scope["state"]["hang_up"](soft)
    await asyncio.sleep(0.01)  # lets the server notice, or it would still try to answer


_FINAL = (
    _status,
    _too_many,
    _html,
    _bad_json,
    _redirect,
    _bomb,
    _drop,
)  # the application is not asked, nor another fault
_EFFECTS: dict[str, Effect] = {
    "latency": _latency,
    "rpm": _too_many,
    "html": _html,
    "bad-json": _bad_json,
    "cut": _cut,
    "drip": _drip,
    "drop": _drop,
    "drop-after": _drop_after,
    "redirect": _redirect,
    "stall": _stall,
    "gzip-bomb": _bomb,
}
