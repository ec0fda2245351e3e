"""Lock-outs: what shuts o9s or the last owner out of the platform, found before it is agreed to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.api.credentials.keys import Secret
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.consequences.uses import Unseen

_HIDDEN = re.compile(r"(?P<head>[^*.…•]*)[*.…•]+(?P<tail>[^*.…•]{3,})")  # a redacted key: `sk-…abcd`
_NO_SCOPE: Mapping[str, str] = {}
_THIS = "It is the {} key that o9s uses: nothing can be asked with it afterwards."
_THEIRS = "The {} key that o9s uses is theirs, and may stop working."
_LAST = "No other owner was found: nobody could run the organization afterwards."
_INSIDE = "The project key that o9s uses is of this project, and stops working."
# The actions after which somebody may be shut out.
_GRAVE = {
    ("admin-keys", "delete"),
    ("keys", "delete"),
    ("project-keys", "delete"),
    ("project-users", "delete"),
    ("projects", "archive"),
    ("service-accounts", "delete"),
    ("users", "delete"),
}


def may_lock_out(resource: Resource, action: Action) -> bool:
    """Return whether somebody may be shut out by an action."""
    return (resource.name, action.name) in _GRAVE


async def find_lockouts(
    platform: Platform,
    resource: Resource,
    action: Action,
    records: Sequence[Record],
    scope: Mapping[str, str],
    unseen: Unseen,
) -> dict[str, str]:
    """Return a sentence for each object after whose loss o9s or the last owner would be shut out.

    It reads a page of the lists that tell, and adds to `unseen` what they leave open.
    """
    connection = platform.client.connection
    ids = {record.id for record in records}

    async def read(name: str, within: Mapping[str, str] = _NO_SCOPE) -> list[Record]:
        return await _read_list(platform, name, within, unseen)

    match resource.name, action.name:
        case "admin-keys", "delete":
            own = _find_own(connection.admin_key, await read("admin-keys"))
            return {key.id: _THIS.format("admin") for key in own if key.id in ids}
        case "keys" | "project-keys", "delete":
            listed = await read("project-keys", scope) if scope else []
            own = _find_own(connection.project_key, [*records, *listed])
            return {key.id: _THIS.format("project") for key in own if key.id in ids}
        case "users", "delete" | "edit":
            own = _find_own(connection.admin_key, await read("admin-keys")) if action.removes else []
            found = {str(key.at("owner.id")): _THEIRS.format("admin") for key in own}
            owners = {user.id for user in await read("users") if user.at("role") == "owner"}
            found |= dict.fromkeys(owners if owners <= ids else (), _LAST)
        case "project-users" | "service-accounts", "delete":
            own = _find_own(connection.project_key, await read("project-keys", scope))
            holder = "owner.user.id" if resource.name == "project-users" else "owner.service_account.id"
            found = {str(key.at(holder)): _THEIRS.format("project") for key in own}
        case "projects", "archive":
            found = dict.fromkeys([connection.project or ""], _INSIDE)
            for id_ in ids - set(found) if connection.project_key else ():
                if _find_own(connection.project_key, await read("project-keys", {"project_id": id_})):
                    found[id_] = _INSIDE
        case _:
            found = {}
    return {id_: words for id_, words in found.items() if id_ in ids}


async def _read_list(platform: Platform, name: str, scope: Mapping[str, str], unseen: Unseen) -> list[Record]:
    """Return the objects of a list that are known, or a page of them."""
    watch = platform.watch(platform.registry[name], scope)
    if watch.health.state != "live":
        await watch.refresh()
    if watch.health.state != "live":
        unseen.failed.append(name)
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
