"""Finding an object by its id, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound
from tui.resources.language.resource import title_of
from tui.resources.registry import REGISTRY
from tui.screens.navigation.command import CommandError
from tui.workflows.locate import find_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.history import Location

MOST_PLACES = 5  # that are looked into for an object that is only read through others


async def find_object(
    platform: Platform, here: Location | None, resource: Resource, id_: str, parents: Sequence[str] = ()
) -> tuple[Mapping[str, str], Record]:
    """Read an object and return it with its scope; `here` is looked at first. Raises CommandError."""
    around: dict[str, str] = dict(here.scope) if here else {}
    at = here.at[1] if here else ""
    if here and at and here.resource.get:
        around[here.resource.get.placeholders[-1]] = at
    missing = False
    for scope in find_scopes(platform, resource, id_, parents, around)[:MOST_PLACES]:
        try:
            return scope, await platform.get(resource, scope, id_)
        except NotFound:
            missing = True
        except ApiError as error:
            raise CommandError(str(error)) from None
    if missing and (parents or not resource.parent):
        raise CommandError(f"No {resource.singular} has this id here.")
    raise CommandError(_where_to_look(resource))


async def choose_owner(
    app: App[Any],
    accounts: Sequence[Account],
    here: Location | None,
    resource: Resource,
    id_: str,
    parents: Sequence[str] = (),
) -> tuple[Account, Mapping[str, str], Record]:
    """Return an object of one of several accounts; where more than one has it, the user chooses.

    Raises CommandError where none has it, and where none is chosen.
    """
    found: dict[str, tuple[Account, Mapping[str, str], Record]] = {}
    faults: list[str] = []
    for account in accounts:
        try:
            scope, record = await find_object(account.platform, here, resource, id_, parents)
        except CommandError as error:
            faults.append(f"{account.name}: {error}")
        else:
            found[account.name] = account, scope, record
    if not found:
        raise CommandError(" ".join(faults))
    if len(found) == 1:
        return next(iter(found.values()))
    from tui.screens.dialogs.pick import Choice, Pick

    choices = [Choice(name, title_of(resource, record) or id_) for name, (_, _, record) in found.items()]
    chosen = await app.push_screen_wait(Pick(f"Which {resource.singular} {id_}?", choices, verb="open"))
    if not chosen:
        raise CommandError(f"Several accounts have {id_}: none was chosen.")
    return found[chosen[0]]


def _where_to_look(resource: Resource) -> str:
    """Return how to open an object whose parents are not known; short, as it stands beside what was typed."""
    chain: list[str] = []
    kind: Resource | None = resource
    while kind:
        chain.insert(0, f"{kind.prefixes[0] if kind.prefixes else kind.singular}…")
        kind = REGISTRY.get(kind.parent)
    return f"Which {REGISTRY[resource.parent].singular} is it in? :open {' '.join(chain)}"
