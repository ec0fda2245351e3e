"""The settings as JSON schema, by which editors complete and check the config file."""

from __future__ import annotations

from typing import Any

from tui.config.kinds import ByName, Kind, Rows, Table, settings_of
from tui.config.settings import Config


def build_schema() -> dict[str, Any]:
    """Return the JSON schema of the config file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The config file of o9s"}
    return {**head, **_describe_table(Config)}


def _describe_table(kind: type) -> dict[str, Any]:
    declared = settings_of(kind).values()
    properties: dict[str, Any] = {}
    for each in declared:
        properties[each.name] = {"description": each.about, **_describe(each.kind)}
        if isinstance(each.kind, Kind) and each.default not in (None, ()):
            default = each.default
            properties[each.name]["default"] = list(default) if isinstance(default, tuple) else default
    required = [each.name for each in declared if each.is_required]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _describe(kind: Kind | Table | ByName | Rows | type) -> dict[str, Any]:
    if isinstance(kind, Kind):
        return dict(kind.schema)
    if isinstance(kind, Table):
        return _describe_table(kind.of)
    if isinstance(kind, ByName):
        return {"type": "object", "additionalProperties": _describe(kind.of)}
    if isinstance(kind, Rows):
        return {"type": "array", "items": _describe_table(kind.of)}
    return _describe_table(kind)
