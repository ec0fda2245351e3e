"""Reading for somebody who waits: again where it was cut or refused for haste, and several together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from tui.api.errors import ApiError, BadAnswer, LinkError, LocalFileError, RateLimited, ServerError
from tui.api.retries import backoff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

Found = TypeVar("Found")

TRIES = 5  # times in a row that something is cut
CROWDED = 5.0  # seconds to wait where the server refuses for haste and does not say how long
LONGEST = 600.0  # seconds that are waited at once; who is to wait longer is told so
TURNS = 60  # times that something is refused for haste


async def insist(
    read: Callable[[], Awaitable[Found]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    *,
    tries: int = TRIES,
) -> Found:
    """Return what `read` gives, in as many tries as are worth it; `tries` at the most are cut. Raises ApiError."""
    cuts = refusals = 0
    while True:
        try:
            return await read()
        except RateLimited as error:
            refusals += 1
            if refusals > TURNS or (error.retry_after or 0) > LONGEST:
                raise
            await sleep(error.retry_after or CROWDED)
        except ApiError as error:
            cuts += 1
            if cuts >= tries or not is_cut(error):
                raise
            await sleep(backoff(cuts, CROWDED))


def is_cut(error: BaseException | None) -> bool:
    """Return whether the link was at fault, or an answer ended too early."""
    return isinstance(error, LinkError) or (isinstance(error, BadAnswer) and error.reason == "cut")


def may_pass(error: BaseException | None) -> bool:
    """Return whether the same may succeed later: the link, the server or this machine was at fault."""
    return is_cut(error) or isinstance(error, ServerError | RateLimited | LocalFileError)


async def run_together(workers: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run workers together. Raises the first ApiError of one, once the others have stopped."""
    try:
        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(worker)
    except BaseExceptionGroup as faults:
        fault = next((each for each in faults.exceptions if isinstance(each, ApiError)), None)
        if fault is None:
            raise
        raise fault from None
