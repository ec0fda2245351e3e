"""The pre-flight check of training files: chats, preferences and prompts to be graded.

https://platform.openai.com/docs/guides/supervised-fine-tuning, …/direct-preference-optimization,
…/reinforcement-fine-tuning
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.fine_tuning.training_messages import check_each, check_tools
from tui.resources.language.asking.inputs import Report
from tui.resources.language.cells import pluralize
from tui.resources.language.checks import FILE_BYTES, check_bounds
from tui.resources.language.json_lines import read_objects
from tui.resources.language.request_contents import name_json_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.resources.language.asking.inputs import Source

MIN_EXAMPLES = 10
_OWN = ("messages", "preferred_output", "prompt", "completion")  # keys of examples
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
    for number, example in read_objects(file, report, _OWN, "one to train on"):
        kind = kind or guess_kind(example)
        if fault := _JUDGES.get(kind, _check_chat)(example):
            report.fault(number, fault, "example")
    if report.lines < MIN_EXAMPLES and not any(fault.line == 0 for fault in report.faults):
        report.fault(0, f"{pluralize(report.lines, 'example')}; training takes at least {MIN_EXAMPLES}")
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
        return f"has an input that is {name_json_kind(asked)}: it must be an object with messages"
    if fault := _check_messages(asked):
        return f"{fault} (in its input)"
    if asked["messages"][-1]["role"] == "assistant":
        return "has an input that ends with a message of the assistant: its outputs are what is said next"
    if example.get("tools"):
        return "has tools beside its input: they belong into it"
    for name in ("preferred_output", "non_preferred_output"):
        if fault := _check_output(example[name]):
            return f"{fault} (in its {name})"
    if example["preferred_output"] == example["non_preferred_output"]:
        return "has the same preferred_output and non_preferred_output: neither is better"
    return ""


def _check_output(said: Any) -> str:
    """Return what is wrong with one of the two outputs of a preference, or "": each is one message."""
    if not isinstance(said, list) or not said:
        return "has no messages"
    if fault := check_each(said, None):
        return fault
    if len(said) > 1:
        return f"has {len(said)} messages: an output is one message"
    if said[0]["role"] != "assistant":
        return f"has a message of the {said[0]['role']}: it is the assistant's"
    return "has a message with a weight: a preference has none" if "weight" in said[0] else ""


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
    if fault := check_tools(example.get("tools")):
        return fault
    if example.get("tools") and example.get("functions"):
        return "has both tools and functions: its messages call one of them"
    if not isinstance(example.get("parallel_tool_calls", True), bool):
        return "has parallel_tool_calls that is not true or false"
    tools = example.get("tools")
    names = {tool["function"]["name"] for tool in tools} if tools else None
    return check_each(messages, names)
