"""What the registry declares, for scripts: resources, their operations, and what can be done to their objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.headless.lists.listing import align
from tui.headless.writes.requests import model_of
from tui.resources.language.asking.assignments import list_fields
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.resources.language.action import Action


def _action_facts(action: Action) -> dict[str, Any]:
    """Return what scripts want to know of an action: its name, what it is done to, its call and its fields."""
    model = model_of(action)
    return {
        "name": action.name,
        "label": action.label,
        "on": action.on,
        "risk": action.risk.name.lower(),
        "operation": action.operation.name,
        "fields": list_fields(model) if model else [],
    }


def resource_lines(form: str) -> Iterable[str]:
    """Return every resource with its operations and actions, as lines of a form: `table` or `json`."""
    if form == "json":
        listed = [
            {
                "name": resource.name,
                "aliases": list(resource.aliases),
                "family": resource.family,
                "parent": resource.parent or None,
                "key": str(resource.key),
                "operations": [
                    {
                        "name": operation.name,
                        "method": operation.method,
                        "path": operation.path,
                        "key": str(operation.key),
                        "stream": operation.stream,
                    }
                    for operation in resource.operations
                ],
                "actions": [_action_facts(action) for action in resource.actions],
            }
            for resource in REGISTRY.values()
        ]
        return [json.dumps(listed, indent=2)]
    rows = [
        (
            resource.name,
            ", ".join(resource.aliases),
            operation.name,
            operation.method,
            operation.path,
            operation.key,
        )
        for resource in REGISTRY.values()
        for operation in resource.operations
    ]
    return align(("RESOURCE", "ALIASES", "OPERATION", "METHOD", "PATH", "KEY"), rows, ["left"] * 6)
