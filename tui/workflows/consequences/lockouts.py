"""Lock-outs: what shuts o9s or the last owner out of the platform, found before it is agreed to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.live.fan_out.at_once import read_patiently
from tui.resources.language.objects import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.api.credentials.keys import Secret
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource
    from tui.workflows.consequences.unseen import Unseen

_HIDDEN = re.compile(r"(?P<head>[^*.…•]*)[*.…•]+(?P<tail>[^*.…•]{3,})")  # a redacted key: `sk-…abcd`
_NO_SCOPE: Mapping[str, str] = {}
_THIS = "It is the {} key that o9s uses: nothing can be asked with it afterwards."
_THEIRS = "The {} key that o9s uses is theirs, and may stop working."
_LAST = "No other owner was found: nobody could run the organization afterwards."
_INSIDE = "The project key that o9s uses is of this project, and stops working."
_Read = Callable[[str, Mapping[str, str]], Awaitable[list[Record]]]


@dataclass(frozen=True, slots=True)
class _Loss:
    """What is about to be taken away, and what can be asked about it."""

    connection: Connection
    records: Sequence[Record]
    scope: Mapping[str, str]
    read: _Read
    """Reads a list, or a page of it, by its name and scope."""

    @property
    def ids(self) -> set[str]:
        """The ids of the objects."""
        return {record.id for record in self.records}


async def _lose_admin_key(loss: _Loss) -> dict[str, str]:
    own = _find_own(loss.connection.admin_key, await loss.read("admin-keys", _NO_SCOPE))
    return {key.id: _THIS.format("admin") for key in own}


async def _lose_project_key(loss: _Loss) -> dict[str, str]:
    listed = await loss.read("project-keys", loss.scope) if loss.scope else []
    own = _find_own(loss.connection.project_key, [*loss.records, *listed])
    return {key.id: _THIS.format("project") for key in own}


async def _lose_user(loss: _Loss) -> dict[str, str]:
    own = _find_own(loss.connection.admin_key, await loss.read("admin-keys", _NO_SCOPE))
    theirs = {str(key.at("owner.id")): _THEIRS.format("admin") for key in own}
    return theirs | await _lose_role(loss)


async def _lose_role(loss: _Loss) -> dict[str, str]:
    owners = {user.id for user in await loss.read("users", _NO_SCOPE) if user.at("role") == "owner"}
    return dict.fromkeys(owners if owners <= loss.ids else (), _LAST)


async def _lose_holder(loss: _Loss, at: str) -> dict[str, str]:
    own = _find_own(loss.connection.project_key, await loss.read("project-keys", loss.scope))
    return {str(key.at(at)): _THEIRS.format("project") for key in own}


async def _lose_project(loss: _Loss) -> dict[str, str]:
    secret = loss.connection.project_key
    found = dict.fromkeys([loss.connection.project or ""], _INSIDE)
    for id_ in loss.ids - set(found) if secret else ():
        if _find_own(secret, await loss.read("project-keys", {"project_id": id_})):
            found[id_] = _INSIDE
    return found


# What finds who is shut out by each action after which somebody may be. Edits are looked at when they are sent.
_LOSSES: Mapping[tuple[str, str], Callable[[_Loss], Awaitable[dict[str, str]]]] = {
    ("admin-keys", "delete"): _lose_admin_key,
    ("keys", "delete"): _lose_project_key,
    ("project-keys", "delete"): _lose_project_key,
    ("project-users", "delete"): partial(_lose_holder, at="owner.user.id"),
    ("projects", "archive"): _lose_project,
    ("service-accounts", "delete"): partial(_lose_holder, at="owner.service_account.id"),
    ("users", "delete"): _lose_user,
    ("users", "edit"): _lose_role,
}


def may_lock_out(resource: Resource, action: Action) -> bool:
    """Return whether somebody may be shut out by an action, whatever is entered in its form."""
    return (resource.name, action.name) in _LOSSES and not action.edits


async def find_lockouts(
    platform: Platform,
    resource: Resource,
    action: Action,
    records: Sequence[Record],
    scope: Mapping[str, str],
    unseen: Unseen,
    *,
    is_last: bool = False,
) -> dict[str, str]:
    """Return a sentence for each object after whose loss o9s or the last owner would be shut out.

    It reads a page of the lists that tell, the whole of them where it `is_last` before that is done, and adds to
    `unseen` what they leave open.
    """
    find = _LOSSES.get((resource.name, action.name))
    if find is None:
        return {}

    async def read(name: str, within: Mapping[str, str]) -> list[Record]:
        return await (_read_whole if is_last else _read_first)(platform, name, within, unseen)

    loss = _Loss(platform.client.connection, records, scope, read)
    return {id_: words for id_, words in (await find(loss)).items() if id_ in loss.ids}


async def _read_whole(platform: Platform, name: str, scope: Mapping[str, str], unseen: Unseen) -> list[Record]:
    """Return all objects of a list."""
    resource = platform.registry[name]
    assert resource.list
    try:
        found = await read_patiently(platform.client, resource.list, scope, resource, asyncio.sleep)
    except ApiError as error:
        unseen.fail(name, error)
        return []
    if found.cut or found.is_odd:
        unseen.failed.append(f"some {name}")
    return [resource.record(item) for item in found.items if isinstance(item, Mapping)]


async def _read_first(platform: Platform, name: str, scope: Mapping[str, str], unseen: Unseen) -> list[Record]:
    """Return the objects of a list: those known, once its first page is read anew."""
    watch = platform.watch_whole(platform.registry[name], scope)
    await watch.refresh()
    if watch.health.error or not watch.health.since:
        unseen.fail(name, watch.health.error)
    elif not watch.collection.complete:
        unseen.beyond.append(f"more {name}")
    return list(watch.collection.records.values())


def _find_own(secret: Secret | None, keys: Iterable[Record]) -> list[Record]:
    """Return the keys that could be this secret."""
    return [key for key in keys if matches_redacted(secret, key.at("redacted_value"))]


def matches_redacted(secret: Secret | None, redacted: object) -> bool:
    """Return whether a redacted value (`sk-…abcd`) could be of this secret."""
    seen = _HIDDEN.fullmatch(redacted) if isinstance(redacted, str) else None
    value = secret.reveal() if secret else ""
    return bool(seen and value.startswith(seen["head"]) and value.endswith(seen["tail"]))
