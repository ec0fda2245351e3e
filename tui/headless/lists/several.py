"""Reading the same of several profiles at once: what one of them does not give costs itself alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import ApiError, NotFound, NotServed
from tui.headless.lists.listing import Reporter
from tui.live.shortfall import group_alike

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tui.api.credentials.connection import Connection

T = TypeVar("T")
_NOT_THERE = (NotFound, NotServed)


async def read_each(
    connections: Sequence[Connection],
    read: Callable[[Connection, Reporter], Awaitable[T]],
    reporter: Reporter,
    *,
    is_one_object: bool = False,
) -> dict[str, T]:
    """Return what is read of each profile, by its name. `reporter` hears of faults, each with its profile.

    Of one object nothing is missing where another profile has it. Raises ApiError where none gives anything.
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
    groups = group_alike({each.profile: faults[each.profile] for each in connections if each.profile in faults})
    # What may be there, and cannot be read, weighs more than what is not there.
    told = [
        error.with_words(f"{', '.join(names)}:")
        for names, error in sorted(groups, key=lambda group: isinstance(group[1], _NOT_THERE))
    ]
    for error in told if found else told[1:]:
        lacks = is_one_object and isinstance(error, _NOT_THERE)
        (reporter.note if lacks else reporter.missing)(str(error))
    if not found:
        raise told[0]
    return {each.profile: found[each.profile] for each in connections if each.profile in found}
