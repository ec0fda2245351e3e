"""Reading texts and reasoning out of the chunks of streams, wherever servers put them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tui.resources.language.reading.amounts import read_count

if TYPE_CHECKING:
    from collections.abc import Iterator

# Events of the progress of an item, which is shown itself; so are those of calls.
OF_ITEMS = frozenset(
    [
        "content_part",
        "reasoning_summary_part",
        "reasoning_summary",
        "mcp_list_tools",
        "output_text.annotation",
        "audio",
        "audio.transcript",
    ]
)
BEATS = frozenset({"keepalive", "heartbeat", "ping"})  # say no more than that the stream lives
# What the delta of a chat chunk may hold that is shown as a part of its own, or says nothing to people.
SAID = frozenset(
    [
        "role",
        "content",
        "refusal",
        "tool_calls",
        "function_call",
        "reasoning",
        "reasoning_content",
        "thinking",
        "reasoning_details",
        "annotations",
        "audio",
        "name",
        "tool_call_id",
    ]
)


def thoughts_of(said: dict[str, Any]) -> Iterator[object]:
    """Yield what a model thinks, from wherever servers put it; several places may hold the same."""
    yield from (said.get(name) for name in ("reasoning_content", "reasoning", "thinking", "reasoning_details"))


def text_of(value: object) -> str:
    """Return the text in a text, in an object of one, or in a list of these."""
    if isinstance(value, list):
        return "".join(map(text_of, value))
    if isinstance(value, dict):
        return next(
            filter(None, (text_of(value.get(name)) for name in ("text", "content", "thinking", "summary"))), ""
        )
    return value if isinstance(value, str) else ""


def split_content(content: object) -> Iterator[tuple[Literal["text", "reasoning"], str]]:
    """Yield what the content of a chunk says: texts and thoughts."""
    for piece in content if isinstance(content, list) else [content]:
        thought = isinstance(piece, dict) and piece.get("type") in ("thinking", "reasoning")
        yield ("reasoning" if thought else "text"), text_of(piece)


def as_text(value: object) -> str:
    """Return a text, "" for anything else."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int | None:
    """Return a number of things, written as a number or a text; None for anything else."""
    found = read_count(value)
    return None if found is None or found < 0 else int(found)


def as_number(value: object) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) else None


def as_dict(value: object) -> dict[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list; none for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
