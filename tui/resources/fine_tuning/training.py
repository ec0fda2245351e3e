"""The pre-flight check of training files: chats, preferences and prompts to be graded.

https://platform.openai.com/docs/guides/supervised-fine-tuning, …/direct-preference-optimization,
…/reinforcement-fine-tuning
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.resources.language.asking.inputs import Report
from tui.resources.language.checks import FILE_BYTES, ROLES, check_bounds, quote
from tui.resources.language.json_lines import read_objects
from tui.resources.language.request_fields import json_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.resources.language.asking.inputs import Source

MIN_EXAMPLES = 10
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# Models that learn from pairs of prompt and completion instead of chats.
_PAIRED = ("babbage-002", "davinci-002")
_PAIRS = "prompt and completion"  # the kind of examples they learn from


def check_examples(file: Source, values: Mapping[str, Any]) -> Report:
    """Check a training file as the platform would, naming every faulty line.

    One JSON object a line, at least ten of them, each in the shape that the job's method learns from.
    """
    method = values.get("method")
    kind = method.get("type", "supervised") if isinstance(method, dict) else "supervised"
    if kind == "supervised" and any(name in str(values.get("model") or "") for name in _PAIRED):
        kind = _PAIRS
    return _check_lines(file, kind)


def check_any_examples(file: Source, _values: Mapping[str, Any]) -> Report:
    """Check a training file whose job is not known yet, by the method that its first line is made for."""
    return _check_lines(file, "")


def _check_lines(file: Source, kind: str) -> Report:
    """Check the examples of a file by the kind of training they are for; "" for that of the first."""
    report = Report()
    check_bounds(file, report, FILE_BYTES, "training")
    if file.size > FILE_BYTES:
        return report
    for number, example in read_objects(file, report):
        kind = kind or guess_kind(example)
        if fault := _JUDGES.get(kind, _check_chat)(example):
            report.fault(number, fault, "example")
    if report.lines < MIN_EXAMPLES and not any(fault.line == 0 for fault in report.faults):
        report.fault(0, f"{report.lines} examples; training takes at least {MIN_EXAMPLES}")
    report.facts = {"examples": f"{report.lines:,}", "format": kind}
    return report


def guess_kind(example: dict[str, Any]) -> str:
    """Return the kind of training that an example seems to be made for."""
    messages = example.get("messages")
    if "preferred_output" in example or "non_preferred_output" in example:
        return "dpo"
    if messages is None and "prompt" in example and "completion" in example:
        return _PAIRS
    last = messages[-1] if isinstance(messages, list) and messages else None
    return "reinforcement" if isinstance(last, dict) and last.get("role") == "user" else "supervised"


def _pair(example: dict[str, Any]) -> str:
    missing = [name for name in ("prompt", "completion") if not isinstance(example.get(name), str)]
    return f"has no {missing[0]} that is a text" if missing else ""


def _check_chat(example: dict[str, Any]) -> str:
    """Return what is wrong with an example of supervised training, or ""."""
    if fault := _check_messages(example):
        return fault
    messages = example["messages"]
    answers = [message for message in messages if message["role"] == "assistant"]
    if not answers:
        return "has no message of the assistant to learn from"
    if messages[-1]["role"] != "assistant":
        return f"ends with a message of the {messages[-1]['role']}: the last must be the assistant's"
    if not any(message.get("weight", 1) for message in answers):
        return "has weight 0 for every message of the assistant: nothing is left to learn"
    return ""


def _check_reinforcement(example: dict[str, Any]) -> str:
    """Return what is wrong with an example of reinforcement, or ""."""
    if fault := _check_messages(example):
        return fault
    last = example["messages"][-1]["role"]
    return "" if last == "user" else f"ends with a message of the {last}: the last must be the user's"


def _check_preference(example: dict[str, Any]) -> str:
    """Return what is wrong with an example of direct preference optimisation, or ""."""
    for name in ("input", "preferred_output", "non_preferred_output"):
        if name not in example:
            return f"has no {name}"
    asked = example["input"]
    if not isinstance(asked, dict):
        return f"has an input that is {json_kind(asked)}: it must be an object with messages"
    if fault := _check_messages(asked):
        return f"{fault} (in its input)"
    for name in ("preferred_output", "non_preferred_output"):
        said = example[name]
        if not isinstance(said, list) or not said:
            return f"has no messages in its {name}"
        if fault := _check_each(said, set(), None):
            return f"{fault} (in its {name})"
        others = [message["role"] for message in said if message["role"] not in ("assistant", "tool")]
        if others or said[-1]["role"] != "assistant":
            return f"has a message of the {(others or [said[-1]['role']])[0]} in its {name}: it is the assistant's"
    return ""


_JUDGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "dpo": _check_preference,
    "reinforcement": _check_reinforcement,
    _PAIRS: _pair,
}


def _check_messages(example: dict[str, Any]) -> str:
    """Return what is wrong with the messages of an example and the tools they may call, or ""."""
    messages = example.get("messages")
    if not isinstance(messages, list) or not messages:
        pair = "prompt" in example and "completion" in example
        return "has prompt and completion, but a chat model learns from messages" if pair else "has no messages"
    if fault := _check_tools(example.get("tools")):
        return fault
    if not isinstance(example.get("parallel_tool_calls", True), bool):
        return "has parallel_tool_calls that is not true or false"
    tools = example.get("tools")
    names = {tool["function"]["name"] for tool in tools} if tools else None
    return _check_each(messages, set(), names)


def _check_tools(tools: Any) -> str:
    if tools is None:
        return ""
    if not isinstance(tools, list):
        return f"has tools that are {json_kind(tools)}: they must be a list"
    for place, tool in enumerate(tools, 1):
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        if not isinstance(function, dict):
            return f"has a tool {place} that is no function"
        name = function.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return f"has a tool {place} without a name of letters, digits, _ and -, at most 64"
        if not isinstance(function.get("parameters", {}), dict):
            return f"has a tool {name} whose parameters are no object"
    return ""


def _check_each(messages: list[Any], called: set[str], tools: set[str] | None) -> str:
    """Return what is wrong with a message, or ""; `called` takes the ids of its calls, `tools` are known."""
    for place, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            return f"has a message {place} that is {json_kind(message)}: it must be an object"
        role = message.get("role")
        if not isinstance(role, str) or not role:
            return f"has a message {place} without a role"
        if role not in ROLES:
            return f"has a message {place} of the unknown role {quote(role)}: known are {', '.join(ROLES)}"
        fault = (
            _check_weight(message)
            or _check_calls(message, called, tools)
            or _check_content(message)
            or _check_answer(message, called)
        )
        if fault:
            return f"has a message {place} ({role}) {fault}"
    return ""


def _check_weight(message: dict[str, Any]) -> str:
    if "weight" not in message:
        return ""
    weight = message["weight"]
    if message["role"] != "assistant":
        return "with a weight: only those of the assistant have one"
    return "" if type(weight) in (int, float) and weight in (0, 1) else "whose weight is neither 0 nor 1"


def _check_calls(message: dict[str, Any], called: set[str], tools: set[str] | None) -> str:
    calls = message.get("tool_calls")
    if calls is None:
        return ""
    if message["role"] != "assistant":
        return "with tool_calls: only the assistant calls tools"
    if not isinstance(calls, list) or not calls:
        return "whose tool_calls are no list of calls"
    for call in calls:
        function = call.get("function") if isinstance(call, dict) and call.get("type") == "function" else None
        if not isinstance(function, dict):
            return "with a tool call that is no call of a function"
        if not isinstance(call.get("id"), str) or not call["id"]:
            return "with a tool call without an id"
        name = function.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return "with a tool call without a name of letters, digits, _ and -, at most 64"
        if tools is not None and name not in tools:
            return f"that calls {name}, which is not among its tools"
        if not isinstance(function.get("arguments"), str):
            return f"that calls {name} with arguments that are no text of JSON"
        called.add(call["id"])
    return ""


def _check_content(message: dict[str, Any]) -> str:
    content, role = message.get("content"), message["role"]
    if isinstance(content, list) and content:
        for part in content:
            if not isinstance(part, dict) or not isinstance(part.get("type"), str):
                return "with a part of its content that has no type"
            if part["type"] == "text" and not isinstance(part.get("text"), str):
                return "with a part of its content that has no text"
        return ""
    if isinstance(content, str) and (content or role != "assistant"):
        return ""
    acts = role == "assistant" and (message.get("tool_calls") or isinstance(message.get("function_call"), dict))
    if acts and content in (None, ""):
        return ""
    if content in (None, "", []):
        return "without content or tool_calls" if role == "assistant" else "without content"
    return f"whose content is {json_kind(content)}: it must be a text or a list of parts"


def _check_answer(message: dict[str, Any], called: set[str]) -> str:
    """Return what is wrong with the answer of a tool, or "": it must name a call that was made before."""
    if message["role"] != "tool":
        return ""
    id_ = message.get("tool_call_id")
    if not isinstance(id_, str) or not id_:
        return "without a tool_call_id"
    return "" if id_ in called else f"that answers {quote(id_)}, which nothing called"
