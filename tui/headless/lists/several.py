"""Reading the same of several profiles at once: what one of them does not give costs itself alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import ApiError
from tui.headless.lists.listing import Reporter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tui.api.credentials.connection import Connection

T = TypeVar("T")


async def read_each(
    connections: Sequence[Connection], read: Callable[[Connection, Reporter], Awaitable[T]], reporter: Reporter
) -> dict[str, T]:
    """Return what is read of each profile, by its name. `reporter` hears of faults, each with its profile.

    Raises ApiError where none gives anything.
    """
    if len(connections) == 1:
        return {connections[0].profile: await read(connections[0], reporter)}
    found: dict[str, T] = {}
    faults: dict[str, ApiError] = {}

    async def read_one(connection: Connection) -> None:
        name = connection.profile
        heard = Reporter(reporter.progress, lambda sentence: reporter.note(f"{name}: {sentence}"))
        try:
            found[name] = await read(connection, heard)
        except ApiError as error:
            faults[name] = error
        reporter.whole &= heard.whole

    await asyncio.gather(*map(read_one, connections))
    if not found:
        raise next(iter(faults.values()))
    for name, error in faults.items():
        reporter.missing(f"{name}: {error}")
    return {each.profile: found[each.profile] for each in connections if each.profile in found}
