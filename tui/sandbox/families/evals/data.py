"""The data sources of eval runs: items in the request, in a file, or stored completions and responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.families.files import content_of
from tui.sandbox.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.sandbox.world import JSON, World

_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
}


class BadData(ValueError):
    """A data source that cannot be read. The text tells."""


def read_lines(world: World, eval_: JSON, source: JSON) -> list[JSON]:
    """Return the items of a data source, with the answers they may bring. Raises `BadData`."""
    origin = source["source"]
    match origin["type"]:
        case "file_content":
            lines = list(origin["content"])
        case "file_id":
            lines = _file(world, origin["id"])
        case "stored_completions":
            lines = list(_read_stored(world, "chat.completion", origin, _completion_text))
        case _:
            lines = list(_read_stored(world, "response", origin, _response_text))
    if not lines:
        raise BadData("The data source holds no items.")
    for number, line in enumerate(lines, 1):
        if problem := _find_misfit(line["item"], eval_["data_source_config"]):
            raise BadData(f"Item {number} does not match the item schema: {problem}")
    return lines[: origin.get("limit")]


def _file(world: World, file_id: str) -> list[JSON]:
    try:
        content = content_of(world, file_id).read_bytes()
    except FileNotFoundError:
        raise BadData(f"The file {file_id} was deleted.") from None
    lines: list[JSON] = []
    for number, text in enumerate(content.splitlines(), 1):
        try:
            line = parse_json(text) if text.strip() else None
        except ValueError:
            raise BadData(f"Line {number} is not valid JSON.") from None
        if text.strip() and not (isinstance(line, dict) and isinstance(line.get("item"), dict)):
            raise BadData(f"Line {number} has no object 'item'.")
        if line:
            lines.append(line)
    return lines


def _read_stored(world: World, kind: str, origin: JSON, answer: Callable[[JSON], str]) -> Iterator[JSON]:
    """Yield stored objects as items that bring their answers. Those that do not keep to the schema are skipped."""
    for row in world.rows(kind):
        whole: JSON = json.loads(world.text(row))
        try:
            if _matches(origin, whole, row.created):
                known = row.known
                item = {"input": known.get("messages") or known["items"]}
                yield {"item": item, "sample": {"output_text": answer(whole), "model": str(whole["model"])}}
        except (AttributeError, IndexError, KeyError, TypeError):
            continue


def _completion_text(whole: JSON) -> str:
    return whole["choices"][0]["message"].get("content") or ""


def _response_text(whole: JSON) -> str:
    parts = [part for item in whole["output"] for part in item.get("content") or ()]
    return "".join(part.get("text", "") for part in parts)


def _matches(origin: JSON, whole: JSON, created: float) -> bool:
    metadata = (whole.get("metadata") or {}).items()
    return (
        whole.get("status", "completed") == "completed"
        and origin.get("model") in (None, whole.get("model"))
        and set((origin.get("metadata") or {}).items()) <= set(metadata)
        and (origin.get("created_after") or 0) <= created <= (origin.get("created_before") or created)
        and (origin.get("instructions_search") or "") in str(whole.get("instructions") or "")
    )


def _find_misfit(item: JSON, config: JSON) -> str:
    """Return why an item does not fit its schema's first level, or nothing."""
    schema = config["schema"].get("properties", {}).get("item", {}) if config["type"] == "custom" else {}
    properties = schema.get("properties")
    for name in schema.get("required") or ():
        if name not in item:
            return f"'{name}' is missing."
    for name, part in properties.items() if isinstance(properties, dict) else ():
        wanted = part.get("type") if isinstance(part, dict) else None
        kind = _KINDS.get(wanted) if isinstance(wanted, str) else None
        if name in item and kind and not isinstance(item[name], kind):
            return f"'{name}' is not of type {wanted}."
    return ""
