"""Responses: the whole object, as it will be once the model has finished."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tui.sandbox.answers.responses.bodies import (
    AllowedChoice,
    CustomTool,
    FunctionTool,
    NamedChoice,
    PlainFormat,
    StructuredFormat,
)
from tui.sandbox.answers.responses.hosted_tools import awaits_caller, make_hosted_calls
from tui.sandbox.answers.words import MARK, log_probabilities, text_of, tokens
from tui.sandbox.answers.writer import Ask, Output, Tool, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.answers.responses.bodies import CompactBody, ResponseBody
    from tui.sandbox.answers.responses.items import Input
    from tui.sandbox.world import JSON

_IMAGE_TOKENS = 85
_REPEATED = (
    *("instructions", "max_output_tokens", "max_tool_calls", "previous_response_id", "prompt"),
    *("prompt_cache_key", "safety_identifier"),
)
_PREFIXES = {"message": "msg_", "function_call": "fc_", "function_call_output": "fco_", "custom_tool_call": "ctc_"}
_PREFIXES |= {"custom_tool_call_output": "ctco_", "reasoning": "rs_", "compaction": "cmp_"}


def complete_items(given: Input | None, key: str) -> list[JSON]:
    """Return the input as items: each complete, with an id."""
    if given is None:
        return []
    if isinstance(given, str):
        content = [{"type": "input_text", "text": given}]
        return [
            {"id": f"msg_{key}0", "type": "message", "status": "completed", "role": "user", "content": content}
        ]
    found = []
    for number, item in enumerate(given):
        shown = item.model_dump(exclude_none=True)
        kind = shown["type"]
        shown.setdefault("id", f"{_PREFIXES.get(kind, 'item_')}{key}{number:x}")
        if kind in _PREFIXES and kind not in ("reasoning", "compaction"):
            shown.setdefault("status", "completed")
        if kind == "message" and isinstance(shown["content"], str):
            part: JSON = {"type": "input_text", "text": shown["content"]}
            if shown["role"] == "assistant":
                part = {"type": "output_text", "text": shown["content"], "annotations": [], "logprobs": []}
            shown["content"] = [part]
        found.append(shown)
    return found


def build_ask(body: ResponseBody, key: str, context: Sequence[JSON]) -> Ask:
    """Return the question to the model after all the items of `context`, the last of which are the input."""
    last = next((item for item in reversed(context) if item["type"] != "reasoning"), {"type": "message"})
    said = (item for item in reversed(context) if item["type"] == "message" and item["role"] == "user")
    tools, choice = _tools(body)
    format_ = body.text.format if body.text else None
    parts = [part for item in context if isinstance(item.get("content"), list) for part in item["content"]]
    seen = sum(part.get("type") in ("input_image", "input_file") for part in parts if isinstance(part, dict))
    return Ask(
        key=key,
        model=body.model,
        prompt=text_of([body.instructions or "", *context]),
        param="input",
        last="" if last["type"].endswith("_output") else text_of(next(said, "")),
        tools=tools,
        choice=choice,
        parallel=body.parallel_tool_calls is not False,
        schema=format_.schema_ if isinstance(format_, StructuredFormat) else None,
        json=isinstance(format_, PlainFormat) and format_.type == "json_object",
        limit=body.max_output_tokens,
        effort=body.effort,
        verbosity=body.text.verbosity if body.text else None,
        extra=3 * len(context) + _IMAGE_TOKENS * seen + sum(8 for _ in body.tools or ()),
    )


def _tools(body: ResponseBody) -> tuple[tuple[Tool, ...], str]:
    """Return the tools that may be called, and which have to be."""
    tools = tuple(
        Tool(tool.name, tool.parameters) if isinstance(tool, FunctionTool) else Tool(tool.name, custom=True)
        for tool in body.tools or ()
        if isinstance(tool, FunctionTool | CustomTool)
    )
    match body.tool_choice:
        case NamedChoice(name=name):
            return tools, name
        case AllowedChoice(mode=mode, tools=allowed):
            names = [tool.get("name") for tool in allowed]
            return tuple(tool for tool in tools if tool.name in names), mode
        case str(choice):
            return tools, choice
    return tools, "auto"


def conversation_of(body: ResponseBody) -> str | None:
    """Return the conversation that a response goes on with."""
    return body.conversation if isinstance(body.conversation, str | None) else body.conversation.id


def build_response(body: ResponseBody, key: str, context: Sequence[JSON], *, id_: str, created: int) -> JSON:
    """Return the response as it will be when it is complete, or as far as its limits let it come."""
    asked = build_ask(body, key, context)
    output = write(asked)
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(output.finish)
    suffix = id_.partition("_")[2]
    return {
        **_repeat_settings(body),
        "id": id_,
        "object": "response",
        "created_at": created,
        "completed_at": None if reason else created,
        "status": "incomplete" if reason else "completed",
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": _with_calls(
            _build_items(body, key, output, suffix, reason is None),
            make_hosted_calls(body, context, asked.last, suffix),
        ),
        "usage": _usage(output.read, output.written, output.reasoned),
    }


def _with_calls(output: list[JSON], calls: list[JSON]) -> list[JSON]:
    """Put calls of hosted tools between the thoughts and the text; instead of it where the caller has to act."""
    if not calls or any(item["type"] in ("function_call", "custom_tool_call") for item in output):
        return output
    thoughts = [item for item in output if item["type"] == "reasoning"]
    return [*thoughts, *calls, *([] if awaits_caller(calls) else output[len(thoughts) :])]


def _repeat_settings(body: ResponseBody) -> JSON:
    """Return the fields that a response repeats of its request."""
    plain = body.model_dump(exclude_none=True, by_alias=True)
    conversation = conversation_of(body)
    tools = plain.get("tools", [])
    for tool in tools:
        if tool["type"] == "function":
            tool |= {"parameters": tool.get("parameters"), "strict": tool.get("strict", True)}
    text: JSON = {"format": {"type": "text"}, "verbosity": "medium", **plain.get("text", {})}
    if text["format"]["type"] == "json_schema":
        text["format"] = {"strict": False, **text["format"]}
    thinks = body.effort != "none"
    return {
        **{name: plain.get(name) for name in _REPEATED},
        "background": bool(body.background),
        "conversation": {"id": conversation} if conversation else None,
        "metadata": body.metadata or {},
        "model": body.model,
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "reasoning": {
            "effort": body.effort if thinks else None,
            "summary": plain.get("reasoning", {}).get("summary"),
        },
        "service_tier": "default" if body.service_tier in (None, "auto") else body.service_tier,
        "store": body.store is not False,
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "text": text,
        "tool_choice": plain.get("tool_choice", "auto"),
        "tools": tools,
        "top_logprobs": body.top_logprobs or 0,
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "truncation": body.truncation or "disabled",
        **({"user": body.user} if body.user else {}),
    }


def _build_items(body: ResponseBody, key: str, output: Output, suffix: str, whole: bool) -> list[JSON]:
    """Return the items that the model writes."""
    found: list[JSON] = []
    status, include = "completed" if whole else "incomplete", body.include or ()
    if output.reasoned:
        summary = body.reasoning and (body.reasoning.summary or body.reasoning.generate_summary)
        parts = [{"type": "summary_text", "text": output.thought}] if summary else []
        item: JSON = {"id": f"rs_{suffix}", "type": "reasoning", "summary": parts}
        if "reasoning.encrypted_content" in include:
            item["encrypted_content"] = _seal(output.thought)
        found.append(item)
    for number, call in enumerate(output.calls):
        field = "input" if call.tool.custom else "arguments"
        kind = "custom_tool_call" if call.tool.custom else "function_call"
        item = {
            "id": f"{_PREFIXES[kind]}{suffix}{number}",
            "type": kind,
            "call_id": f"call_{suffix[-23:]}{number}",
        }
        found.append({**item, "name": call.tool.name, field: call.arguments, "status": status})
    said: JSON | None = None
    if output.refusal is not None:
        said = {"type": "refusal", "refusal": output.refusal}
    elif output.text or not (output.calls or output.finish == "length"):
        shown = "message.output_text.logprobs" in include or body.top_logprobs
        logprobs = list(log_probabilities(output.text, body.top_logprobs or 0, key)) if shown else []
        said = {"type": "output_text", "text": output.text, "annotations": [], "logprobs": logprobs}
    if said:
        head = {"id": f"msg_{suffix}", "type": "message", "status": status, "role": "assistant"}
        found.append({**head, "content": [said]})
    return found


def _usage(read: int, written: int, reasoned: int = 0) -> JSON:
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": reasoned},
        "total_tokens": read + written,
    }


def build_compaction(body: CompactBody, context: Sequence[JSON], *, id_: str, created: int) -> JSON:
    """Return a compacted conversation: the user's messages, and one sealed item for all the rest."""
    kept = [item for item in context if item["type"] == "message" and item["role"] == "user"]
    text = text_of([body.instructions or "", *context])
    summary = f"{MARK} {len(context)} items, {tokens(text)} tokens: {text[:400]}"
    sealed = {"id": f"cmp_{id_.partition('_')[2]}", "type": "compaction", "encrypted_content": _seal(summary)}
    usage: Any = _usage(max(tokens(text), 1), tokens(summary))
    return {
        "id": id_,
        "object": "response.compaction",
        "output": [*kept, sealed],
        "created_at": created,
        "usage": usage,
    }


def _seal(text: str) -> str:
    """Return a stand-in for encrypted content."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode()
