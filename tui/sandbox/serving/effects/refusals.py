"""Faults that answer with a status: refusals, limits, redirects."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

from tui.sandbox.protocol import Problem
from tui.sandbox.serving.effects.effect import Effect, read_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

_USUAL_LIMIT, _TOKEN_LIMIT = "5000", "2000000"  # a minute, as models answer
_REASONS = {
    401: ("Incorrect API key provided: sk-sand****box.", "invalid_request_error", "invalid_api_key"),
    403: ("You have insufficient permissions for this operation.", "invalid_request_error", None),
    404: ("The requested resource was not found.", "invalid_request_error", None),
    429: ("Rate limit reached for requests. Please try again in 1s.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request. Sorry about that!", "server_error", None),
    503: ("The server is currently overloaded. Please try again later.", "server_error", "server_is_overloaded"),
}
_QUOTA = "You exceeded your current quota, please check your plan and billing details."


def read_pace(text: str) -> tuple[int, float]:
    """Read "60" or "60/2s" as a number of requests and a time in seconds. Raises ValueError."""
    count, _, window = text.partition("/")
    if not count.isdecimal() or not int(count):
        raise ValueError(f"{text} is no pace such as 60 or 60/2s")
    return int(count), read_seconds(window or "60s")


async def answer_status(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the status of this number, from 400 on."""
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


async def _ask_to_wait(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    message, kind, code = _REASONS[429]
    when = formatdate(time.time() + float(value[5:]), usegmt=True) if value.startswith("date+") else value
    headers = {"retry-after": when.encode(errors="replace").decode("latin-1")}
    problem = Problem(message.partition(". ")[0] + ".", status=429, type=kind, code=code, headers=headers)
    await problem.response()(scope, receive, send)


def _check_wait(value: str) -> None:
    if value.startswith("date+"):
        float(value[5:])


async def _spend_quota(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    problem = Problem(_QUOTA, status=429, type="insufficient_quota", code="insufficient_quota")
    await problem.response()(scope, receive, send)


async def _repeat_key(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    given = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
    message = f"Incorrect API key provided: {given}. You can find your API key at https://platform.openai.com."
    problem = Problem(message, status=401, code="invalid_api_key", headers={"x-given-key": given})
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


def _redirect(status: int) -> Effect:
    async def point(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=status, headers={"location": value or "/"})(scope, receive, send)

    example = "redirect=http://host/" if status == 307 else f"redirect-{status}=http://host/"
    return Effect(point, example, f"answer {status} with this address", final=True)


REFUSALS: Mapping[str, Effect] = {
    "rpm": Effect(
        _too_many,
        "rpm=60/2s",
        "answer 429 to more requests than that in a minute, or in this time",
        final=True,
        check=read_pace,
    ),
    "retry-after": Effect(
        _ask_to_wait,
        "retry-after=3600",
        "answer 429 and ask for this wait: seconds, a date so far ahead (date+90), or any text",
        final=True,
        check=_check_wait,
    ),
    "quota": Effect(_spend_quota, "quota", "answer 429, as the account's quota is used up", final=True),
    "echo-key": Effect(_repeat_key, "echo-key", "answer 401 with the key in the message", final=True),
    "redirect": _redirect(307),
    **{f"redirect-{status}": _redirect(status) for status in (301, 302, 303, 308)},
}
