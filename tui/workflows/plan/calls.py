"""One call of many: made again later while that is refused for haste, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from tui.api.errors import ApiError, Forbidden, LinkError, NotFound, OutcomeUnknown
from tui.api.retries import retry_when_rate_limited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LOOK = 60.0  # seconds that are taken, right before calls, to look for what uses their objects
LOOK_BEHIND = 3_600.0  # and where it is shown how far that is, and may be stopped: a budget may want it slow
NOTHING_DONE = "Nothing was done. Try again: the question then says what is not known."
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Answer]):
    """The outcome of one call.

    `gone` is what was deleted by somebody else before, `unknown` what was on its way when it was stopped or the
    answer was lost.
    """

    state: Literal["done", "gone", "failed", "unknown"]
    error: ApiError | None = None
    answer: Answer | None = None


async def attempt(
    call: Callable[[], Awaitable[Answer]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Attempt[Answer]:
    """Make a call, again later while it is answered with 429, and return what became of it."""
    try:
        answer = await retry_when_rate_limited(call, sleep)
    except NotFound as error:
        return Attempt("gone", error)
    except OutcomeUnknown as error:
        return Attempt("unknown", error)
    except ApiError as error:
        return Attempt("failed", error)
    return Attempt("done", answer=answer)


def ends_all(error: ApiError) -> bool:
    """Return whether every other call would fail in the same way: a bad key, or no way to the server."""
    return error.about_caller or (isinstance(error, LinkError) and not error.sent)


def ends_alike(error: ApiError) -> bool:
    """Return whether calls of the same operation would fail in the same way: one may not do that."""
    return ends_all(error) or isinstance(error, Forbidden)
