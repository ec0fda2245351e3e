"""Reading a stored completion as a conversation that can be continued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer
from tui.resources.generation.contents import read_content_text
from tui.workflows.generation.dialects import UserTurn
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.resources.language.objects import Record
    from tui.workflows.generation.dialects import Turn


async def read_stored(client: Client, messages: Operation, record: Record) -> tuple[str, list[Turn]]:
    """Return the instructions and the turns that made a stored completion, with its answer. Raises ApiError."""
    (name,) = messages.placeholders
    instructions: list[str] = []
    turns: list[Turn] = []
    async for page in client.pages(messages, {name: record.id}, limit=100):
        for message in page.items:
            if isinstance(message, dict):
                _read_message(message, instructions, turns)
        if page.cut:
            raise BadAnswer("shape", "The server has more of this conversation and gives no more.")
    turns.append(_read_answer(record.raw))
    return "\n".join(instructions), turns


def _read_message(message: dict[str, Any], instructions: list[str], turns: list[Turn]) -> None:
    text = read_content_text(message.get("content"))
    match message.get("role"):
        case "developer" | "system":
            instructions.append(text)
        case "assistant":
            turns.append(_read_answer({"choices": [{"message": message, "finish_reason": "stop"}]}))
        case "tool":
            turns.append(UserTurn(text, "tool", str(message.get("tool_call_id") or "")))
        case _:
            turns.append(UserTurn(text))


def _read_answer(completion: dict[str, Any]) -> Answer:
    """Return an answer that was given before; how long it took is not known."""
    answer = Answer()
    answer.take_chat(completion, 0.0)
    answer.first = None
    answer.end(0.0)
    return answer
