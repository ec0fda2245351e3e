"""The events of a response, each with its moment: a stream sends them, a response is read off them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.answers.words import make_padding, pieces
from tui.sandbox.answers.writer import make_failure
from tui.sandbox.streams import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.world import JSON

_STEPS = {
    "delta": 1,
    "searching": 20,
    "interpreting": 20,
    "generating": 40,
}  # what takes time before it is told, in tokens
TERMINAL = ("response.completed", "response.incomplete", "response.failed", "error")


class ResponseCourse(NamedTuple):
    """Seconds until a response begins and from token to token, and how it fails, if it does."""

    queued: float
    pace: float
    fails: str | None = None


def fail_response(whole: JSON) -> JSON:
    """Return the response as it looks when the model broke."""
    error = make_failure().error
    told = {"code": error["code"], "message": error["message"]}
    return {**_blank_response(whole), "status": "failed", "error": told}


def list_events(whole: JSON, course: ResponseCourse) -> list[Event]:
    """Return all events of a response that will be `whole`, in order and numbered."""
    found = list(_plan_events(whole, course))
    if course.fails:
        # The beginning always comes: a stream that fails has at least something to lose.
        found = found[: max(len(found) // 2, 3)]
        end: JSON = {"type": "error", "code": "server_error", "message": str(make_failure()), "param": None}
        if course.fails == "failed":
            end = {"type": "response.failed", "response": fail_response(whole)}
        found.append((found[-1][0], end))
    return [
        Event(due, {**event, "sequence_number": number}, event["type"])
        for number, (due, event) in enumerate(found)
    ]


def response_at(whole: JSON, told: list[Event], elapsed: float) -> JSON:
    """Return the response as it looks so many seconds after its beginning."""
    past = [event for event in told if event.due <= elapsed]
    if past and past[-1].name == "error":
        return fail_response(whole)
    if past and past[-1].name in TERMINAL:
        ended: JSON = past[-1].data["response"]
        return ended
    names = {event.name for event in past}
    done = [event.data["item"] for event in past if event.name == "response.output_item.done"]
    return {
        **_blank_response(whole),
        "status": "in_progress" if "response.in_progress" in names else "queued",
        "output": done,
    }


def _blank_response(whole: JSON) -> JSON:
    """Return a response before anything came of it."""
    empty: JSON = {"completed_at": None, "incomplete_details": None, "error": None, "output": [], "usage": None}
    return {**whole, **empty}


def _plan_events(whole: JSON, course: ResponseCourse) -> Iterator[tuple[float, JSON]]:
    first = {**_blank_response(whole), "status": "queued" if course.queued else "in_progress"}
    yield 0.0, {"type": "response.created", "response": first}
    if course.queued:
        yield 0.0, {"type": "response.queued", "response": first}
    now = course.queued
    yield now, {"type": "response.in_progress", "response": {**first, "status": "in_progress"}}
    reasoned = whole["usage"]["output_tokens_details"]["reasoning_tokens"]
    for index, item in enumerate(whole["output"]):
        yield now, {"type": "response.output_item.added", "output_index": index, "item": _blank_item(item)}
        if item["type"] == "reasoning":
            now += reasoned * course.pace / 8  # thoughts are fast
        for event in _write_item(item):
            now += course.pace * _STEPS.get(event["type"].rpartition(".")[2], 0)
            yield now, {**event, "item_id": item["id"], "output_index": index}
        yield now, {"type": "response.output_item.done", "output_index": index, "item": item}
    ended = whole if whole["completed_at"] is None else {**whole, "completed_at": int(whole["created_at"] + now)}
    yield now, {"type": f"response.{whole['status']}", "response": ended}


def _blank_item(item: JSON) -> JSON:
    """Return an item of which nothing is written yet."""
    empty: dict[str, Any] = {"content": [], "summary": [], "arguments": "", "input": "", "status": "in_progress"}
    empty |= {"results": None, "code": "", "outputs": None, "result": None, "output": None, "tools": []}
    return item | {name: value for name, value in empty.items() if name in item}


def _write_item(item: JSON) -> Iterator[JSON]:
    """Yield the events in which an item is written."""
    match item["type"]:
        case "reasoning":
            for index, part in enumerate(item["summary"]):
                at_ = {"summary_index": index}
                yield {"type": "response.reasoning_summary_part.added", **at_, "part": {**part, "text": ""}}
                yield from _write_text("response.reasoning_summary_text", "text", part["text"], at_)
                yield {"type": "response.reasoning_summary_part.done", **at_, "part": part}
        case "message":
            for index, part in enumerate(item["content"]):
                yield from _write_part(part, {"content_index": index})
        case "function_call":
            kind = "response.function_call_arguments"
            yield from _write_text(kind, "arguments", item["arguments"], {}, {"name": item["name"]})
        case "file_search_call" | "web_search_call" | "image_generation_call" | "mcp_list_tools" as kind:
            work = {"image_generation_call": ("generating",), "mcp_list_tools": ()}.get(kind, ("searching",))
            for state in ("in_progress", *work, "completed"):
                yield {"type": f"response.{kind}.{state}"}
        case "code_interpreter_call":
            yield {"type": "response.code_interpreter_call.in_progress"}
            yield from _write_text("response.code_interpreter_call_code", "code", item["code"], {})
            yield {"type": "response.code_interpreter_call.interpreting"}
            yield {"type": "response.code_interpreter_call.completed"}
        case "mcp_call":
            yield {"type": "response.mcp_call.in_progress"}
            yield from _write_text("response.mcp_call_arguments", "arguments", item["arguments"], {})
            yield {"type": "response.mcp_call.completed"}
        case "custom_tool_call":
            yield from _write_text("response.custom_tool_call_input", "input", item["input"], {})


def _write_part(part: JSON, at_: JSON) -> Iterator[JSON]:
    field = "refusal" if part["type"] == "refusal" else "text"
    empty = {**part, field: ""} | ({"logprobs": [], "annotations": []} if field == "text" else {})
    yield {"type": "response.content_part.added", **at_, "part": empty}
    if field == "refusal":
        yield from _write_text("response.refusal", field, part[field], at_)
    else:
        told = [{name: value for name, value in item.items() if name != "bytes"} for item in part["logprobs"]]
        for number, event in enumerate(
            _write_text("response.output_text", field, part[field], at_, {"logprobs": told})
        ):
            if "delta" in event:
                event["logprobs"] = told[number : number + 1]
            yield event
        for number, note in enumerate(part["annotations"]):
            told_of = {"annotation_index": number, "annotation": note}
            yield {"type": "response.output_text.annotation.added", **at_, **told_of}
    yield {"type": "response.content_part.done", **at_, "part": part}


def _write_text(kind: str, field: str, text: str, at_: JSON, last: JSON | None = None) -> Iterator[JSON]:
    """Yield a text in pieces, and then as a whole."""
    for piece in pieces(text):
        yield {"type": f"{kind}.delta", **at_, "delta": piece, "obfuscation": make_padding(piece)}
    yield {"type": f"{kind}.done", **at_, field: text, **(last or {})}
