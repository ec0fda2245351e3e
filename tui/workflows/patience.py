"""Writes that the platform refuses for haste: they were not done, so they are made again, later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
PATIENCE = 3  # times a write is made again that was refused for haste
HASTE = 1.0  # seconds before it, unless the platform names more
LONGEST = 60.0  # seconds: whoever is to wait longer is told, and decides


async def patiently(
    write: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> T:
    """Make a write until it is not refused for haste, or patience ends. Raises ApiError.

    Where the platform names a longer time than `LONGEST`, that is told at once.
    """
    for _ in range(PATIENCE):
        try:
            return await write()
        except RateLimited as error:
            if (error.retry_after or 0) > LONGEST:
                raise
            await sleep(max(HASTE, error.retry_after or 0))
    return await write()
