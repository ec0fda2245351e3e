"""The content of messages and the items of responses, as text.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import excerpt, own_id, paragraphs, status
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.reading.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_content_text(content: Any) -> str:
    """Return the text of a message's content, from any API; what is no text is named in brackets."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return "\n".join(filter(None, map(_describe_part, parts)))


def _describe_part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    text = part.get("text") or part.get("refusal") or part.get("transcript")
    if isinstance(text, dict):
        text = text.get("value")
    if isinstance(text, str):
        return text
    kind = word_of(part.get("type") or "part")
    inner = part.get(kind)
    where = inner if isinstance(inner, dict) else part
    named = (where.get(key) for key in ("file_id", "filename", "url", "image_url"))
    found = next((name for name in named if isinstance(name, str) and name), "")
    return f"[{kind} {found}]" if found else f"[{kind}]"


def describe_call(call: Any) -> str:
    """Return a tool call as it would be written: `name(arguments)`, or what a built-in tool was asked."""
    if not isinstance(call, dict):
        return ""
    kind = word_of(call.get("type") or "call")
    inner = call.get(kind)
    inside = inner if isinstance(inner, dict) else call
    if name := inside.get("name"):
        return f"{word_of(name)}({word_of(inside.get('arguments') or inside.get('input') or '')})"
    asked = inside.get("input") or inside.get("code") or inside.get("queries") or inside.get("action")
    return (
        f"{kind}: {asked if isinstance(asked, str) else json.dumps(asked, ensure_ascii=False)}" if asked else kind
    )


class Item(Object):
    """Something in a conversation: a message, a thought, a call of a tool or what it gave back."""

    type: str | None = None
    role: str | None = None
    status: Status = None
    call_id: str | None = None
    """The call that it is, or answers."""
    content: str | list[Any] | None = None

    @property
    def speaker(self) -> str:
        """The role of a message; of other items their kind."""
        return (self.role if self.type in ("message", None) else self.type) or "unknown"

    @property
    def text(self) -> str:
        """What it says. A kind nobody has heard of is shown as it came."""
        rest = {"call_id": self.call_id} if self.call_id is not None else {}
        rest |= self.model_extra or {}
        kind = self.type or "message"
        if kind == "message":
            return read_content_text(self.content)
        if kind == "reasoning":
            return read_content_text(rest.get("summary")) or read_content_text(self.content)
        if kind.endswith("_output"):
            output = rest.get("output")
            return (
                output
                if isinstance(output, str)
                else read_content_text(output) or json.dumps(output, ensure_ascii=False)
            )
        if kind.endswith("_call"):
            return describe_call({"type": kind, **rest})
        return json.dumps(rest, ensure_ascii=False) if rest else ""


def item_lines(item: Item, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    """Return all that an item says, line by line."""
    return paragraphs(item.text)


ITEM_COLUMNS = (
    Column("WHO", lambda item: item.speaker.replace("_", " "), width=14),
    Column("TEXT", lambda item: item.text, excerpt, 30, grow=True),
    Column("STATUS", "status", status, 13, drop_order=3),
    Column("ID", "id", own_id, 15, drop_order=4),
)

ITEM_DETAIL = (
    Section("", lines=item_lines),
    Section(
        "Item",
        (
            Field("id", "id", own_id),
            Field("type", "type"),
            Field("role", "role"),
            Field("status", "status", status),
            Field("call", "call_id"),
        ),
    ),
)
