"""Tools and items of messages as each endpoint wants them, from either way of writing them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator

JSON = dict[str, Any]


def convert_tool_for_chat(tool: JSON) -> JSON:
    """Return a tool as chat completions and assistants want it: its settings under its type."""
    kind = tool.get("type", "function")
    if kind not in ("function", "custom") or kind in tool:
        return tool
    return {"type": kind, kind: {name: value for name, value in tool.items() if name != "type"}}


def convert_tool_for_response(tool: JSON) -> JSON:
    """Return a tool as responses want it: flat; a function says its parameters and whether they are enforced."""
    kind = tool.get("type", "function")
    inner = tool.get(kind)
    flat = {"type": kind, **inner} if kind in ("function", "custom") and isinstance(inner, dict) else tool
    return {"type": kind, "parameters": None, "strict": False, **flat} if kind == "function" else flat


def convert_item_for_response(item: JSON) -> JSON:
    """Return an item with the detail of its images, which responses demand."""
    parts = item.get("content")
    if not isinstance(parts, list):
        return item
    return {**item, "content": [_with_detail(part) if isinstance(part, dict) else part for part in parts]}


def _with_detail(part: JSON) -> JSON:
    return {"detail": "auto", **part} if part.get("type") == "input_image" else part


ChatTools = Annotated[list[JSON], AfterValidator(lambda tools: [convert_tool_for_chat(tool) for tool in tools])]
ResponseTools = Annotated[
    list[JSON], AfterValidator(lambda tools: [convert_tool_for_response(tool) for tool in tools])
]
ResponseItems = Annotated[
    list[JSON], AfterValidator(lambda items: [convert_item_for_response(item) for item in items])
]
