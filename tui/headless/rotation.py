"""Rotating a key without a screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, ReadOnly
from tui.export import format_iso_time
from tui.headless.writes.connected import connect
from tui.headless.writes.orders import Consent
from tui.headless.writes.targets import check_kinds, find_targets, read_targets
from tui.resources.language.cells import duration
from tui.resources.language.resource import title_of
from tui.workflows.consequences.consequences import find_users
from tui.workflows.rotation import describe_new_owner, describe_old_owner, find_subject, rotate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.writes.orders import Hearing
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource


def rotate_key(
    connection: Connection,
    resource: Resource,
    action: Action,
    parents: Sequence[str],
    id_: str,
    overlap: float,
    hearing: Hearing,
) -> dict[str, Any] | None:
    """Put a new key in the place of one, and return the line to print; None where that was not agreed to.

    The old one stays until it has been unused for `overlap` seconds and its deletion is agreed to. Raises WrongUse
    and ApiError.
    """

    async def go() -> dict[str, Any] | None:
        async with connect(connection) as platform:
            if platform.client.read_only:
                raise ReadOnly(platform.client.connection.read_only_by)
            (target,) = find_targets(resource, action, parents, (id_,))
            check_kinds(platform, resource, [target])
            await read_targets(platform, resource, [target])
            if target.error or target.record is None:
                raise target.error or ApiError(f"{target.name} cannot be read.")
            if refusal := action.find_refusal(target.record):
                raise ApiError(f"Cannot rotate it: {refusal}.")
            kind, scope, record = await find_subject(platform, resource, target.scope, target.record)
            delete = next(each for each in kind.actions if each.removes)
            users, _ = await find_users(platform, kind, delete, [record], scope)
            name = title_of(kind, record)
            words = (
                "A new one of this name is made now, and its secret told once. The old one stays until it has "
                f"been unused for {duration(overlap)} and you delete it: o9s due and o9s tasks have it."
            )
            warnings = [words, *filter(None, [describe_old_owner(kind, record)]), *users.values()]
            question = Consent(f"Rotate this {kind.singular}?", [(record.id, name)], warnings, 1, "rotate")
            if not hearing.agree(question):
                return None
            answer, rotation = await rotate(platform, kind, scope, record, overlap)
            if owner := describe_new_owner(kind, answer):
                hearing.say(owner)
            return {
                "resource": kind.name,
                "action": "rotate",
                **scope,
                "id": answer.get("id"),
                "outcome": "done",
                "old": record.id,
                "task": rotation.id,
                "due": format_iso_time(rotation.due_at),
                "object": answer,
            }

    return asyncio.run(go())
