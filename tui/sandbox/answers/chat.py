"""Chat completions: the whole object, and the same in chunks."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from tui.sandbox.answers.chat_bodies import (
    AllowedChoice,
    ChatBody,
    CustomChoice,
    FunctionChoice,
    FunctionTool,
    Named,
    PlainFormat,
    StructuredFormat,
)
from tui.sandbox.answers.chat_messages import FunctionMessage, ToolMessage, UserMessage
from tui.sandbox.answers.words import log_probabilities, make_padding, pieces, text_of
from tui.sandbox.answers.writer import Ask, Call, Output, Tool, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.world import JSON

_IMAGE_TOKENS = 85


def build_ask(body: ChatBody, key: str, index: int = 0) -> Ask:
    """Return the question to the model for choice `index`."""
    messages = [message.model_dump(exclude_none=True) for message in body.messages]
    answered = isinstance(body.messages[-1], ToolMessage | FunctionMessage)
    said = (message for message in reversed(body.messages) if isinstance(message, UserMessage))
    user = next(said, body.messages[-1])
    contents = [message["content"] for message in messages if isinstance(message.get("content"), list)]
    shown = sum(part["type"] not in ("text", "refusal") for content in contents for part in content)
    tools, choice = _tools(body)
    format_, stop = body.response_format, body.stop
    return Ask(
        key=f"{key}/{index}",
        model=body.model,
        prompt=text_of(messages),
        param="messages",
        last="" if answered else text_of(user.content),
        tools=tools,
        choice=choice,
        parallel=body.parallel_tool_calls is not False and not body.functions,
        schema=format_.json_schema.schema_ or {"type": "object"}
        if isinstance(format_, StructuredFormat)
        else None,
        json=isinstance(format_, PlainFormat) and format_.type == "json_object",
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        limit=body.max_completion_tokens or body.max_tokens,
        effort=body.effort,
        verbosity=body.verbosity,
        extra=3 * len(messages) + _IMAGE_TOKENS * shown,
    )


def _tools(body: ChatBody) -> tuple[tuple[Tool, ...], str]:
    """Return the tools that may be called, and which have to be."""
    if body.functions:
        old = body.function_call
        tools = tuple(Tool(function.name, function.parameters) for function in body.functions)
        return tools, old.name if isinstance(old, Named) else old or "auto"
    tools = tuple(
        Tool(tool.function.name, tool.function.parameters)
        if isinstance(tool, FunctionTool)
        else Tool(tool.custom.name, custom=True)
        for tool in body.tools or ()
    )
    match body.tool_choice:
        case FunctionChoice(function=named) | CustomChoice(custom=named):
            return tools, named.name
        case AllowedChoice(allowed_tools=allowed):
            names = [tool.get("function", tool.get("custom", {})).get("name") for tool in allowed.tools]
            return tuple(tool for tool in tools if tool.name in names), allowed.mode
        case choice:
            return tools, choice or "auto"


def build_completion(body: ChatBody, key: str, *, id_: str, created: int) -> JSON:
    """Return the answer as a whole. A choice that failed is none: see `writer.fails`."""
    outputs = [write(build_ask(body, key, index)) for index in range(body.n or 1)]
    return {
        "id": id_,
        "object": "chat.completion",
        "created": created,
        "model": body.model,
        "choices": [_choice(body, key, index, output) for index, output in enumerate(outputs)],
        "usage": _usage(outputs),
        "service_tier": "default" if body.service_tier in (None, "auto") else body.service_tier,
        "system_fingerprint": "fp_simulated",
        **({"metadata": body.metadata or {}} if body.store else {}),
    }


def _choice(body: ChatBody, key: str, index: int, output: Output) -> JSON:
    """Return one choice of a completion."""
    silent = bool(output.calls) or output.refusal is not None
    message: JSON = {
        "role": "assistant",
        "content": None if silent else output.text,
        "refusal": output.refusal,
        "annotations": [],
    }
    finish: str = output.finish
    if output.calls and body.functions:
        message["function_call"] = {"name": output.calls[0].tool.name, "arguments": output.calls[0].arguments}
        finish = "function_call" if finish == "tool_calls" else finish
    elif output.calls:
        message["tool_calls"] = [_call(call, f"{key}{index}{n}") for n, call in enumerate(output.calls)]
        if isinstance(body.tool_choice, FunctionChoice | CustomChoice):
            finish = "stop" if finish == "tool_calls" else finish  # as the platform: a forced call is no choice
    logprobs = None
    if body.logprobs:
        found = {
            name: _logprobs(text, body, key)
            for name, text in (("content", message["content"]), ("refusal", output.refusal))
        }
        logprobs = found
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": finish}


def _logprobs(text: str | None, body: ChatBody, key: str) -> list[JSON] | None:
    return None if text is None else list(log_probabilities(text, body.top_logprobs or 0, key))


def _call(call: Call, key: str) -> JSON:
    id_ = f"call_{key[-24:]}"
    if call.tool.custom:
        return {"id": id_, "type": "custom", "custom": {"name": call.tool.name, "input": call.arguments}}
    return {"id": id_, "type": "function", "function": {"name": call.tool.name, "arguments": call.arguments}}


def _usage(outputs: list[Output]) -> JSON:
    read, written = outputs[0].read, sum(output.written for output in outputs)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": sum(output.reasoned for output in outputs),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def stored_messages(body: ChatBody, completion_id: str) -> list[JSON]:
    """Return the messages of a stored completion, as its list of them shows them."""
    found = []
    for number, message in enumerate(body.messages):
        plain = message.model_dump(exclude_none=True)
        content = plain.get("content")
        parts = None if isinstance(content, str | None) else content
        text = text_of(content) if parts else content
        shown = {"id": f"{completion_id}-{number}", **plain, "content": text, "content_parts": parts}
        found.append({"refusal": None, "name": None, **shown})
    return found


def split_chunks(whole: JSON, body: ChatBody) -> Iterator[tuple[JSON, bool]]:
    """Yield a completion in chunks, each with whether it took the model a step to write it."""
    options = body.stream_options
    counted = bool(options and options.include_usage)
    head = {name: whole[name] for name in ("id", "created", "model", "service_tier", "system_fingerprint")}
    head["object"] = "chat.completion.chunk"
    veiled = not (options and options.include_obfuscation is False)

    def chunk(choices: list[JSON], step: bool = False) -> tuple[JSON, bool]:
        made: JSON = {**head, "choices": choices}
        if counted:
            made["usage"] = None
        if veiled and step:
            made["obfuscation"] = make_padding(str(choices[0]["delta"]))
        return made, step

    deltas = [list(_split_deltas(choice)) for choice in whole["choices"]]
    for row in zip_longest(*deltas):
        for index, delta in enumerate(row):
            if delta is not None:
                said, logprob = delta
                made = {"index": index, "delta": said, "logprobs": logprob, "finish_reason": None}
                yield chunk([made], "role" not in said)
    for choice in whole["choices"]:
        end = {"index": choice["index"], "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}
        yield chunk([end])
    if counted:
        made, _ = chunk([])
        yield {**made, "usage": whole["usage"]}, False


def _split_deltas(choice: JSON) -> Iterator[tuple[JSON, Any]]:
    """Yield the deltas of one choice, each with its log probabilities."""
    message, told = choice["message"], choice["logprobs"]
    yield {"role": "assistant", "content": None if "tool_calls" in message else "", "refusal": None}, None
    for name in ("content", "refusal"):
        probable = iter((told or {}).get(name) or ())
        for piece in pieces(message[name] or ""):
            logprobs = {"content": None, "refusal": None, name: [next(probable)]} if told else None
            yield {name: piece}, logprobs
    if "function_call" in message:
        call = message["function_call"]
        yield {"function_call": {"name": call["name"], "arguments": ""}}, None
        for piece in pieces(call["arguments"]):
            yield {"function_call": {"arguments": piece}}, None
    yield from chain.from_iterable(_call_deltas(n, call) for n, call in enumerate(message.get("tool_calls", ())))


def _call_deltas(index: int, call: JSON) -> Iterator[tuple[JSON, Any]]:
    kind = call["type"]
    field = "arguments" if kind == "function" else "input"
    inner = call[kind]
    first = {"index": index, "id": call["id"], "type": kind, kind: {"name": inner["name"], field: ""}}
    yield {"tool_calls": [first]}, None
    for piece in pieces(inner[field]):
        yield {"tool_calls": [{"index": index, kind: {field: piece}}]}, None
