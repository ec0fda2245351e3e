"""The reasons why an action cannot be done now, and the choice of one among those of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def find_refusal(action: Action, record: Record | None, platform: Platform) -> str | None:
    """Return the reason why an action cannot be done now, or None."""
    if platform.client.read_only and not action.operation.reads_only:
        return platform.client.why_read_only
    if action.on == "list":
        return None
    if record is None:
        return "there is nothing to do it to"
    return action.find_refusal(record)


def find_action(resource: Resource, key: str, record: Record | None, platform: Platform) -> Action | None:
    """Return the action that a key stands for: of several, the first that can be done."""
    candidates = [action for action in resource.actions if action.key == key]
    able = (action for action in candidates if find_refusal(action, record, platform) is None)
    return next(able, candidates[0] if candidates else None)
