"""Whose objects a command means that names several profiles: a write goes to the one account that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.credentials.several import list_choices
from tui.api.errors import ApiError, NotFound, NotServed
from tui.headless.writes.connected import connect
from tui.headless.writes.targets import WrongUse, find_targets, read_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.writes.orders import Order


class NoOwner(WrongUse):
    """Objects that no account has."""


async def find_owner(connections: Sequence[Connection], order: Order) -> Connection:
    """Return the connection of the one account that has all objects of an order; nothing is written.

    Raises NoOwner, WrongUse where several have them, as ids may be the same in two accounts, and ApiError where
    that is not known.
    """
    names = [each.profile for each in connections]
    choices = list_choices(names)
    if not order.ids:
        raise WrongUse(f"{order.action.label.capitalize()} is for one profile: give {choices}.")
    owners: dict[str, list[str]] = {}
    for connection in connections:
        targets = find_targets(order.resource, order.action, order.parents, order.ids)
        async with connect(connection) as platform:
            try:
                await read_targets(platform, order.resource, targets)
            except ApiError as error:
                raise error.with_words(f"{connection.profile}:") from None
        for target in targets:
            found = owners.setdefault(target.name, [])
            if target.record:
                found.append(connection.profile)
            elif target.error and not isinstance(target.error, NotFound | NotServed):
                unknown = f"It is not known whether {target.name} is in {connection.profile}"
                raise target.error.with_words(f"{unknown}:", f"Or give {choices}.")
    for name, found in owners.items():
        if len(found) > 1:
            raise WrongUse(f"{name} is in {' and in '.join(found)}: give {list_choices(found)}.")
        if not found:
            raise NoOwner(f"{name} is in none of {', '.join(names)}.")
    chosen = dict.fromkeys(found[0] for found in owners.values())
    if len(chosen) > 1:
        told = ", ".join(f"{name} is in {found[0]}" for name, found in owners.items())
        raise WrongUse(f"{told}: a command writes to one profile. Give each {list_choices(list(chosen))}.")
    return next(each for each in connections if each.profile in chosen)
