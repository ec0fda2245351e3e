"""Beginning what a file is meant for: a batch of its requests, or a fine-tuning job with its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.registry import REGISTRY
from tui.screens.forms.form import Form
from tui.screens.navigation.follow import follow

if TYPE_CHECKING:
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor

# By the purpose of a file what begins with it, and the field that names the file.
BEGUN = {"batch": ("batches", "input_file_id"), "fine-tune": ("fine-tuning", "training_file")}


async def begin_with_file(actor: Actor, _action: Action, record: Record | None = None) -> None:
    """Ask for the rest of a batch or job with this file, make it, and go there."""
    if record is None:
        return
    name, field = BEGUN[str(record.at("purpose"))]
    resource = REGISTRY[name]
    create = resource.action("create")
    assert create
    form = Form(actor.platform, resource, {}, create, start={field: record.id})
    answer = await actor.app.push_screen_wait(form)
    if answer:
        id_ = str(answer.get(resource.identify) or "")
        actor.say(f"Created {resource.singular} {actor.name(resource.record(answer), resource)}.")
        follow(actor.app, id_, actor.platform.account)
