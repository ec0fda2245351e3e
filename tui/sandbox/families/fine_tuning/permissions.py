"""Permissions of projects to use a checkpoint. Only an admin key may touch them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.fine_tuning.work import checkpoints_of
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, wrap_list
from tui.sandbox.protocol import Answer, Body, Listing, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

family = Family()


class CreatePermissions(Body):
    """The projects to allow."""

    project_ids: Annotated[list[str], Field(min_length=1)]


class PermissionQuery(Listing):
    """The query of the list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    order: Literal["ascending", "descending"] = "descending"
    project_id: str | None = None


@family.route("GET", "/fine_tuning/checkpoints/{checkpoint}/permissions", query=PermissionQuery)
def list_permissions(world: World, checkpoint: str, query: PermissionQuery) -> Answer:
    """List a checkpoint's permissions."""
    _check(world, checkpoint)
    found = [json.loads(world.text(row)) for row in world.rows("permission", parent=checkpoint)]
    found = [item for item in found if query.project_id in (None, item["project_id"])]
    found = found if query.order == "ascending" else found[::-1]
    ids = [item["id"] for item in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit)


@family.route("POST", "/fine_tuning/checkpoints/{checkpoint}/permissions", body=CreatePermissions)
def create_permissions(world: World, checkpoint: str, body: CreatePermissions) -> Answer:
    """Allow projects to use a checkpoint."""
    _check(world, checkpoint)
    created = []
    for project in dict.fromkeys(body.project_ids):
        permission: JSON = {
            "object": "checkpoint.permission",
            "id": world.new_id("cp_"),
            "created_at": int(world.now()),
            "project_id": project,
        }
        world.put("permission", permission, parent=checkpoint)
        created.append(permission)
    return wrap_list([json.dumps(item) for item in created], (created[0]["id"], created[-1]["id"]), False)


@family.route("DELETE", "/fine_tuning/checkpoints/{checkpoint}/permissions/{permission_id}")
def delete_permission(world: World, checkpoint: str, permission_id: str) -> Answer:
    """Take a permission back."""
    row = world.find("permission", permission_id)
    if not row or row.parent != checkpoint:
        raise Problem(f"No permission found with id '{permission_id}'.", status=404, param="permission_id")
    world.remove(row)
    return {"object": "checkpoint.permission", "id": permission_id, "deleted": True}


def _check(world: World, checkpoint: str) -> None:
    """Raise `Problem` unless some job made this checkpoint."""
    for row in world.rows("job"):
        if checkpoint.startswith(row.known.get("model", "\0")):
            made = checkpoints_of(row, world.now())
            if any(item["fine_tuned_model_checkpoint"] == checkpoint for item in made):
                return
    message = f"The checkpoint '{checkpoint}' does not exist."
    raise Problem(message, status=404, param="fine_tuned_model_checkpoint", code="checkpoint_not_found")
