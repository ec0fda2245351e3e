"""The choice of tools by an assistant, and the arguments of its calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    JSON = dict[str, Any]

_SUM = re.compile(r"\(*\d[\d.\s)]*(?:[-+*/][\s(]*\d[\d.\s)]*)+")
_READ = 2000  # characters in which a sum is looked for
_CODING = re.compile(r"\b(calculate|compute|plot|python|code|sum|average)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"\b[\w-]*\d[\w-]*\b")


def choose_tools(tools: Sequence[JSON], choice: Any, text: str) -> list[JSON]:
    """Return the tools an assistant uses for a message: those it mentions, or what `tool_choice` demands."""
    if choice == "none":
        return []
    if isinstance(choice, dict):
        name = (choice.get("function") or {}).get("name")
        return [tool for tool in tools if tool["type"] == choice["type"] and name in (None, _name(tool))][:1]
    spoken = [tool for tool in tools if _is_asked(tool, text)]
    return spoken or (list(tools[:1]) if choice == "required" else [])


def _name(tool: JSON) -> str | None:
    return tool["function"]["name"] if tool["type"] == "function" else None


def _is_asked(tool: JSON, text: str) -> bool:
    if name := _name(tool):
        return name.lower().replace("_", " ") in text.lower().replace("_", " ")
    return tool["type"] == "file_search" or bool(_SUM.search(text[:_READ]) or _CODING.search(text))


def find_sum(text: str) -> str:
    """Return the first sum in a text, or nothing."""
    found = _SUM.search(text[:_READ])
    return found[0].rstrip(". ") if found else ""


def make_arguments(schema: JSON | None, text: str) -> JSON:
    """Make arguments that fit a function's schema, taken from a message as far as it offers any."""
    value = _value(schema or {"type": "object"}, "", text)
    return value if isinstance(value, dict) else {}


def _value(schema: Any, name: str, text: str, levels: int = 8) -> Any:
    """Make a value that fits a schema, down to a few levels."""
    if not isinstance(schema, dict) or not levels:
        return text[:80]
    if isinstance(choices := schema.get("enum"), list) and choices:
        return next((value for value in choices if str(value).lower() in text.lower()), choices[0])
    kind = schema.get("type", "object" if "properties" in schema else None)
    kind = next((item for item in kind if item != "null"), None) if isinstance(kind, list) else kind
    number = _NUMBER.search(text)
    match kind:
        case "object":
            properties = schema.get("properties")
            parts = properties.items() if isinstance(properties, dict) else ()
            return {key: _value(part, key, text, levels - 1) for key, part in parts}
        case "array":
            return [_value(schema.get("items", {}), name, text, levels - 1)]
        case "integer":
            return int(float(number[0])) if number else 1
        case "number":
            return float(number[0]) if number else 1.0
        case "boolean":
            return True
    word = _WORD.search(text)
    return word[0] if word and name.endswith("id") else text[:80]
