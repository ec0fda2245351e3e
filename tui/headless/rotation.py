"""Rotating a key without a screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, ReadOnly
from tui.export import format_iso_time
from tui.headless.writes.connected import connect
from tui.headless.writes.each import run_each
from tui.headless.writes.orders import Consent
from tui.headless.writes.outcomes import DISK, NONE_DONE, UNKNOWN, describe_lost_secret
from tui.headless.writes.targets import check_kinds, find_targets, read_targets, write_deletion
from tui.live.lost_answers import LOOK_AFTER_STOP
from tui.resources.language.cells import duration
from tui.resources.language.resource import title_of
from tui.workflows.consequences.consequences import find_users
from tui.workflows.kept_tasks import show_rotations
from tui.workflows.rotation import (
    LostRotation,
    describe_doubles,
    describe_new_owner,
    describe_old_owner,
    find_rotations,
    find_subject,
    look_for_rotation,
    rotate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.writes.orders import Hearing
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.rotation import Rotation


def rotate_key(
    connection: Connection,
    resource: Resource,
    action: Action,
    parents: Sequence[str],
    id_: str,
    overlap: float,
    hearing: Hearing,
    show: Callable[[dict[str, Any]], None],
) -> int:
    """Put a new key in the place of one, `show` the line to print, and return the exit code.

    The old one stays until it has been unused for `overlap` seconds and its deletion is agreed to.
    Raises WrongUse, ApiError, and OSError where the line cannot be printed.
    """

    async def go() -> int:
        async with connect(connection, hearing.say) as platform:
            if platform.client.read_only:
                raise ReadOnly(platform.client.connection.held_by)
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
                f"been unused for {duration(overlap)} and you delete it."
            )
            doubles = " ".join(await _describe_doubles(platform, kind, scope, record))
            if doubles and not hearing.asks:
                hearing.say(f"{doubles} Nothing was done.")
                return NONE_DONE
            warnings = [words, *filter(None, [describe_old_owner(kind, record), doubles]), *users.values()]
            question = Consent(f"Rotate this {kind.singular}?", [(record.id, name)], warnings, 1, "rotate")
            if not hearing.agree(question):
                hearing.say("Nothing was done.")
                return NONE_DONE
            return await _make(platform, kind, scope, record, overlap, hearing, show)

    return asyncio.run(go())


async def _make(
    platform: Platform,
    kind: Resource,
    scope: Mapping[str, str],
    old: Record,
    overlap: float,
    hearing: Hearing,
    show: Callable[[dict[str, Any]], None],
) -> int:
    """Make the new key, tell what came of it and of the old one, and return the exit code.

    Raises ApiError, and OSError as `show` does.
    """
    line: dict[str, Any] = {"resource": kind.name, "action": "rotate", **scope}
    try:
        (answer, rotation), stopped = await _rotate(platform, kind, scope, old, overlap, hearing)
    except LostRotation as error:
        alike = {"old": old.id, "alike": error.alike, "error": str(error)}
        show({**line, "id": "", "outcome": "unknown", **alike})
        deletion = write_deletion(kind, scope, error.alike[0]) if len(error.alike) == 1 else ""
        hearing.say(f"{error} {deletion}".rstrip())
        return UNKNOWN
    new = str(answer.get("id") or "")
    kept = rotation.is_kept or platform.client.connection.sandbox
    line |= {"id": new, "outcome": "done", "old": old.id}
    if kept:
        line |= {"task": rotation.id, "due": format_iso_time(rotation.due_at)}
    try:
        show({**line, "object": answer})
    except OSError:
        platform.tasks.cancel(rotation)
        await rotation.end.wait()
        platform.tasks.forget(rotation)
        hearing.say(f"{describe_lost_secret(new, write_deletion(kind, scope, new))}. {old.id} stays as it is.")
        raise
    if owner := describe_new_owner(kind, answer):
        hearing.say(owner)
    if kept:
        stays = f"{old.id} stays until you delete it, from {line['due']} on: o9s due and o9s tasks have it."
    else:
        store = platform.tasks.store
        fault = store.fault if store else "What is left of tasks cannot be kept."
        stays = (
            f"{fault} So neither o9s due nor o9s tasks has {old.id}, and it stays: "
            f"once nothing uses it any more, delete it with {write_deletion(kind, scope, old.id)}"
        )
    hearing.say(f"The secret is told this once: keep it. {stays}")
    return stopped or (0 if kept else DISK)


async def _rotate(
    platform: Platform, kind: Resource, scope: Mapping[str, str], old: Record, overlap: float, hearing: Hearing
) -> tuple[tuple[dict[str, Any], Rotation], int]:
    """Make the new key; return it with the exit code of the signal that stopped that too late, 0 for none.

    Raises ApiError: LostRotation where it was stopped before the answer came.
    """
    create = kind.action("create")
    assert create
    made: list[tuple[dict[str, Any], Rotation] | None] = []

    async def make(_: str) -> tuple[dict[str, Any], Rotation]:
        return await rotate(platform, kind, scope, old, overlap)

    run, stopped = await run_each(kind, create, [old.id], make, lambda _, new: made.append(new), hearing)
    if made and made[0]:
        return made[0], stopped
    outcome = run.outcomes.get(old.id)
    if outcome is None:
        raise ApiError("It was stopped before anything was sent.")
    if outcome.error:
        raise outcome.error
    cause = ApiError("It was stopped before the answer came.")
    raise await look_for_rotation(platform, kind, scope, old, cause, patience=LOOK_AFTER_STOP)


async def _describe_doubles(
    platform: Platform, kind: Resource, scope: Mapping[str, str], record: Record
) -> list[str]:
    """Return in sentences that a key is rotated already, or may be. Raises ApiError."""
    show_rotations(platform)
    waiting = [each.id for each in find_rotations(platform.tasks.all) if each.step.record.id == record.id]
    told = [
        f"It is rotated already: task {id_} deletes it once you agree (o9s tasks go-on {id_})." for id_ in waiting
    ]
    return list(filter(None, [*told, await describe_doubles(platform, kind, scope, record)]))
