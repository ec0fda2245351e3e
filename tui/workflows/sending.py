"""The sending of a request, with the file of this machine that goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.asking.inputs import LocalFile
from tui.resources.language.asking.questions import list_questions
from tui.system.paths import read_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

    Upload = Callable[[Path, str, int | None], Awaitable[dict[str, Any]]]


async def send(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    record: Record | None,
    action: Action,
    body: dict[str, Any],
    upload: Upload,
) -> dict[str, Any]:
    """Send a request, and return the platform's answer. A file goes with it, or before it in parts.

    `upload` sends a file of a purpose that is deleted after some seconds (None: never). Raises ApiError.
    """
    operation = action.operation
    questions = list_questions(operation.body) if operation.body and operation.multipart else ()
    local = next((each.name for each in questions if each.mark(LocalFile)), None)
    if local is None:
        return await platform.act(resource, scope, record, action, body)
    path = read_path(body.pop(local))
    if len(action.operations) == 1:  # it knows no way in parts: the file goes with the request
        return await platform.act(resource, scope, record, action, {**body, local: path})
    expiry = body.get("expires_after") or {}
    return await upload(path, body["purpose"], expiry.get("seconds"))
