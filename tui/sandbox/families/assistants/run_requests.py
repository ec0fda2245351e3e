"""The settings of a run: its body, and its assistant where the body says nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.families.assistants.bodies import AssistantChoice, CreateAssistant
from tui.sandbox.families.assistants.routes import check_model, find_assistant
from tui.sandbox.protocol import Problem, parse

if TYPE_CHECKING:
    from tui.sandbox.families.assistants.bodies import RunSettings
    from tui.sandbox.world import JSON, World

_INHERITED = ("model", "instructions", "tools", "temperature", "top_p", "response_format")


def build_request(world: World, thread_id: str, body: RunSettings) -> JSON:
    """Return the fields of a run that follow from its body and its assistant. Raises `Problem`."""
    whole: JSON = json.loads(world.text(find_assistant(world, body.assistant_id)))
    # Parsed again, so that an odd assistant is refused here.
    own = parse(CreateAssistant, {name: whole[name] for name in _INHERITED if name in whole})
    assistant = own.model_dump(by_alias=True, exclude_unset=True)
    given = body.model_dump(by_alias=True, exclude_unset=True)

    def chosen(name: str, default: object) -> object:
        value = given.get(name)
        value = assistant.get(name) if value is None else value
        return default if value is None else value

    model = str(chosen("model", ""))
    check_model(world, model)
    truncation: JSON = given.get("truncation_strategy") or {"type": "auto"}
    if truncation["type"] == "last_messages" and not truncation.get("last_messages"):
        message = "Missing required parameter: 'truncation_strategy.last_messages'."
        raise Problem(message, param="truncation_strategy.last_messages", code="missing_required_parameter")
    request: JSON = {
        "thread_id": thread_id,
        "assistant_id": body.assistant_id,
        "model": model,
        "instructions": chosen("instructions", ""),
        "tools": chosen("tools", []),
        "metadata": body.metadata or {},
        "temperature": chosen("temperature", 1.0),
        "top_p": chosen("top_p", 1.0),
        "max_prompt_tokens": body.max_prompt_tokens,
        "max_completion_tokens": body.max_completion_tokens,
        "truncation_strategy": {"last_messages": None, **truncation},
        "tool_choice": given.get("tool_choice") or "auto",
        "parallel_tool_calls": body.parallel_tool_calls,
        "response_format": chosen("response_format", "auto"),
    }
    _check_choice(body, request["tools"])
    return request


def _check_choice(body: RunSettings, tools: list[JSON]) -> None:
    """Raise `Problem` when `tool_choice` demands a tool the run does not have."""
    choice = body.tool_choice
    if choice == "required" and not tools:
        raise Problem("'tool_choice' is 'required', but there are no tools.", param="tool_choice")
    if not isinstance(choice, AssistantChoice):
        return
    if choice.type == "function" and not choice.function:
        message = "Missing required parameter: 'tool_choice.function'."
        raise Problem(message, param="tool_choice.function", code="missing_required_parameter")
    wanted = choice.function.name if choice.type == "function" and choice.function else choice.type
    if wanted not in [tool["function"]["name"] if tool["type"] == "function" else tool["type"] for tool in tools]:
        raise Problem(f"Tool choice '{wanted}' is not among the tools of the run.", param="tool_choice")
