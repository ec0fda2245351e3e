"""Lines of requests and of answers, taken apart where they are so that they can be copied byte by byte.

Nearly all are written in one way, and of those only what is inside is read. All others are read whole and written
anew, to the same end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from tui.resources.batch.answers import FAILED, OK, is_mute, is_sound, read_outcome
from tui.resources.language.json_lines import read_object_to_copy
from tui.workflows.batch_results.changes import dump
from tui.workflows.batch_results.results import group_of
from tui.workflows.campaigns.sending import LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.workflows.batch_results.lines import Line, LineFile

    # What the line of an answer tells: whose it is (None where that is no text), the letter of what became of the
    # request (see `sending.LETTERS`) or `MUTE`, the outcome, and where the response begins and ends on the line
    # if it can be copied (else 0 and 0). A tuple without names, as one is made of each of many lines.
    Answer = tuple[str | None, str, str, int, int]

MUTE = "m"
"""The letter, while it is not known yet, of what tells neither a status nor an error."""

_REQUEST = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*("[^"\\]*")\s*,\s*')
_ANSWER = re.compile(
    rb'[ \t]*\{[ \t]*"id"[ \t]*:[ \t]*"[^"\\\x00-\x1f\x80-\xff]*"[ \t]*,'
    rb'[ \t]*"custom_id"[ \t]*:[ \t]*"([^"\\\x00-\x1f]*)"[ \t]*,[ \t]*"response"[ \t]*:[ \t]*'
)
_ANSWER_END = re.compile(rb',[ \t]*"error"[ \t]*:[ \t]*null[ \t]*\}[ \t\r\n]*\Z')
_NAMES = re.compile(rb'"(custom_id|response|status_code|error)"')  # of keys that must not come twice
_USUAL_END = b', "error": null}\n'
_ANSWER_FIELDS = ["id", "custom_id", "response", "error"]
_TAIL = 80  # bytes in which the end of an answer is looked for


def read_id(line: bytes) -> str:
    """Return the custom_id of a request."""
    if match := _REQUEST.match(line):
        return match[1][1:-1].decode()
    return str((read_object_to_copy(line) or {}).get("custom_id", ""))


def read_request(line: bytes) -> tuple[bytes, bytes]:
    """Return the custom_id of a request as it is written, and the rest of the request after its brace."""
    if match := _REQUEST.match(line):
        return match[1], line[match.end() : -1] if line.endswith(b"}\n") else line[match.end() :].rstrip()
    request = read_object_to_copy(line) or {}
    return dump(request.pop("custom_id", "")), dump(request)[1:]


def read_answer(line: Line, file: LineFile) -> Answer | None:
    """Return what the line of an answer tells, read whole; None, and `file` takes note, if it cannot be read."""
    if (value := file.object_on(line)) is None:
        return None
    id_ = value.get("custom_id")
    start, end = _find_response(line.text, value)
    return id_ if isinstance(id_, str) else None, *judge(value), start, end


def read_usual(text: bytes) -> Answer | None:
    """Return what a line tells that is written as nearly all are; None for any other.

    What stands around the response is known byte by byte then, and that is read as JSON: so the line is JSON, too,
    and no key of it or of the response is there twice.
    """
    begin = _ANSWER.match(text)
    if begin is None:
        return None
    start = begin.end()
    end = _find_end(text, start)
    names = _NAMES.findall(text, start)
    if not end or b"custom_id" in names or b"response" in names or names.count(b"status_code") > 1:
        return None
    try:
        id_ = begin[1].decode()
        response = from_json(text[start:end], allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    if type(response) is not dict:
        return None
    body = response.get("body")
    if type(body) is not dict or names.count(b"error") != 1 + ("error" in body):
        return None
    if response.get("status_code") == 200 and is_sound(body):
        return id_, "o", OK, start, end
    return id_, *judge({"custom_id": id_, "response": response, "error": None}), start, end


def _find_end(text: bytes, start: int) -> int:
    """Return where the response of an answer ends, if no error follows it; else 0."""
    if text.endswith(_USUAL_END):
        return len(text) - len(_USUAL_END)
    end = _ANSWER_END.search(text, max(start, len(text) - _TAIL))
    return end.start() if end else 0


def judge(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return the letter and the outcome of an answer."""
    found = read_outcome(value)
    outcome, code = found["outcome"], found["code"]
    if outcome == OK:
        return "o", OK
    if outcome == FAILED and code is None and is_mute(value):
        return MUTE, FAILED
    return LETTERS[group_of(outcome, code)], outcome


def _find_response(text: bytes, value: Mapping[str, Any]) -> tuple[int, int]:
    """Return where the response stands on the line of an answer that was read; (0, 0) if it cannot be copied."""
    if list(value) != _ANSWER_FIELDS or value["error"] is not None or b"NaN" in text or b"Infinity" in text:
        return 0, 0  # constants are no JSON
    begin = _ANSWER.match(text)
    end = _find_end(text, begin.end()) if begin else 0
    return (begin.end(), end) if begin and end else (0, 0)


def rewrite(text: bytes) -> tuple[bytes, bytes]:
    """Return the response and the error of an answer, written anew."""
    answer = read_object_to_copy(text) or {}
    return dump(answer.get("response")), dump(answer.get("error"))
