"""Rotating a key: asked, its new secret shown once, and what is left to do told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import ReadOnly
from tui.resources.language.cells import duration, stamp
from tui.resources.language.resource import title_of
from tui.resources.language.units import Unit
from tui.screens.actions.actor import take_secret
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.secret import SecretScreen
from tui.workflows.consequences.consequences import find_users
from tui.workflows.rotation import (
    OVERLAP,
    describe_doubles,
    describe_new_owner,
    describe_old_owner,
    find_secret_path,
    find_subject,
    rotate,
)

if TYPE_CHECKING:
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor


async def rotate_key(actor: Actor, action: Action, *records: Record) -> None:  # noqa: ARG001
    """Put a new key in the place of the one under the cursor. Raises ApiError."""
    app, platform = actor.app, actor.platform
    if platform.client.read_only:
        raise ReadOnly(platform.client.connection.held_by)
    resource, scope, record = await find_subject(platform, actor.resource, actor.scope, records[0])
    name = title_of(resource, record) or record.id
    question = "Delete the old one when it has been unused for"
    title, start = f"Rotate the {resource.singular} {name}", f"{OVERLAP / 86_400:g}d"
    written = await app.push_screen_wait(Ask(question, start, title=title, read=Unit.SECONDS.read))
    if written is None:
        return
    overlap = float(Unit.SECONDS.read(written))
    delete = next(each for each in resource.actions if each.removes)
    users, _ = await find_users(platform, resource, delete, [record], scope)
    create = resource.action("create")
    warning = create.warn(None) if create else ""
    words = (
        f"A new {resource.singular} of this name is made now, and its secret shown once. The old one stays: "
        f"once it has been unused for {duration(overlap)}, :due and home offer its deletion."
    )
    doubles = await describe_doubles(platform, resource, scope, record)
    told = " ".join(filter(None, (words, describe_old_owner(resource, record), doubles, *users.values(), warning)))
    dialog = Confirm(f"Rotate this {resource.singular}?", [(record.id, name)], told, verb="rotate")
    if not await app.push_screen_wait(dialog):
        return
    answer, rotation = await rotate(platform, resource, scope, record, overlap)
    if secret := take_secret(answer, find_secret_path(resource)):
        await app.push_screen_wait(SecretScreen(name, secret))
    else:
        actor.say("The platform did not tell the new secret: look at what it made before you go on.", bad=True)
    store = platform.tasks.store
    if not (rotation.is_kept or platform.client.connection.sandbox):
        fault = store.fault if store else "What is left of tasks cannot be kept."
        actor.say(f"{fault} Delete the old one, {record.id}, yourself.", bad=True)
    else:
        owner = describe_new_owner(resource, answer)
        actor.say(f"{owner} The old one may go from {stamp(rotation.due_at)} on: :due and :tasks have it.".strip())
