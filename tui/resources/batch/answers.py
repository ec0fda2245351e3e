"""Reading the outcome of a request from a line of a batch's output or error file.

The platform writes `{"custom_id", "response": {"status_code", "body"}, "error"}`. Other servers write the body as
a JSON text, the status as text or not at all, and errors as bare texts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.resources.generation.contents import describe_call, read_content_text
from tui.resources.language.reading.amounts import read_count
from tui.resources.language.reading.statuses import ACTIVE, OVER, normalize_status

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, FAILED, EXPIRED, NEVER_RAN = "ok", "failed", "expired", "never_ran"
UNSURE = "unsure"
"""The outcome of a request that may have been answered, or whose answer cannot be understood."""
_WORDS = {NEVER_RAN: "not run"}
GIST_LENGTH = 120  # characters of an answer that are kept
_SHORT = 60  # characters of a message that stands for an error without a name
# The lists that answers of the endpoints consist of.
_CONTENT = ("choices", "output", "data", "results")
_OTHER_STATUS = ("statusCode", "status")  # where other servers tell a request's `status_code`
# The statuses of an answer that nothing more comes to.
_WHOLE = ("completed", "incomplete", "succeeded")
_PLAIN = (None, *_WHOLE)
# How the platform names a request that it did not get to.
_UNTRIED = {"batch_expired": EXPIRED, "batch_cancelled": NEVER_RAN, "batch_canceled": NEVER_RAN}


def words_of(outcome: str) -> str:
    """Return an outcome as it is shown: `not run`."""
    return _WORDS.get(outcome, outcome.replace("_", " "))


def _decode(value: Any) -> Any:
    """Return a value; for a text that holds a JSON object, that object."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, dict) else value
    return value


def has_content(value: Any) -> bool:
    """Return whether this is an answer with something in it."""
    if isinstance(value, dict):
        for name in _CONTENT:  # a loop, as it is asked of each of many lines
            found = value.get(name)
            if found and isinstance(found, list):
                return True
    return False


def is_sound(body: Mapping[str, Any]) -> bool:
    """Return whether an answer has something in it and nothing that tells of a failure, itself or in a choice."""
    if body.get("error") or body.get("status") not in _PLAIN:
        return False
    choices = body.get("choices")
    if choices and isinstance(choices, list):
        for choice in choices:  # a loop, too
            if type(choice) is dict and (choice.get("finish_reason") == "error" or choice.get("error")):
                return False
        return True
    return has_content(body)


def body_of(line: Mapping[str, Any]) -> Any:
    """Return what a request was answered with: an object, a text or anything else; None for nothing."""
    response = _decode(line.get("response"))
    for place in (response, line):
        if isinstance(place, dict):
            if place.get("body") not in (None, ""):
                return _decode(place["body"])
            if has_content(place):
                return place
    return response if isinstance(response, str) else None


def status_of(line: Mapping[str, Any]) -> int | None:
    """Return the HTTP status a request was answered with, also one written as text; None if none is told."""
    for place in (_decode(line.get("response")), line):
        if not isinstance(place, dict):
            continue
        value = place.get("status_code")
        if value is None:
            value = next((place[name] for name in _OTHER_STATUS if place.get(name) is not None), None)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
            value = int(value.strip()[:9])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def trouble_of(line: Mapping[str, Any]) -> tuple[str | None, str | None] | None:
    """Return name and message of a request's error; None if no error is told."""
    return _find_trouble(line, body_of(line), status_of(line))


def is_mute(line: Mapping[str, Any]) -> bool:
    """Return whether a line tells neither a status nor an error: its request may have been answered."""
    body = body_of(line)
    told = _find_trouble(line, body if isinstance(body, dict) else None, None)
    return status_of(line) is None and told is None


def _find_trouble(line: Mapping[str, Any], body: Any, code: int | None) -> tuple[str | None, str | None] | None:
    for value in (line.get("error"), body.get("error") if isinstance(body, dict) else None):
        if value and (found := _read_trouble(_decode(value))):
            return found
    if isinstance(body, dict) and body and not is_sound(body) and (found := _find_failure(body)):
        return found
    if (code is not None and 200 <= code < 300) or not body or has_content(body):
        return None
    # A refusal that is no error object: its text is all there is to know.
    return _read_trouble(body) if code is not None or isinstance(body, str) else None


def _find_failure(body: dict[str, Any]) -> tuple[str | None, str | None] | None:
    """Return name and message of an error that a body tells in no `error` of its own; None for none."""
    from tui.api.refusals import is_error

    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("error") and (found := _read_trouble(_decode(choice["error"]))):
            return found
        if isinstance(choice, dict) and choice.get("finish_reason") == "error":
            return "finish_reason error", None
    if has_content(body) or not is_error(body, reading=True):
        status = normalize_status(body.get("status"))
        return (f"status {status}", None) if status in OVER.difference(_WHOLE) else None
    return _read_trouble(body)


def _read_trouble(value: Any) -> tuple[str | None, str | None] | None:
    if isinstance(value, dict):
        if all(each in (None, "") for each in value.values()):
            return None
        named = (value.get(name) for name in ("code", "type"))
        name = next((str(each) for each in named if isinstance(each, str | int | float) and each != ""), None)
        texts = (value.get(name) for name in ("message", "detail", "error"))
        message = next((each for each in texts if isinstance(each, str) and each), None)
        if not message:
            from tui.api.refusals import read_refusal

            found = read_refusal(value)
            name, message = name or found.code or found.type or None, found.message
        return name, message or (None if name else _json(value))
    if isinstance(value, str):
        return None if value.strip() in ("", "null", "None") else (None, value)
    return (None, _json(value)) if value else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(value: str | None) -> str | None:
    return value[:GIST_LENGTH] if value else None


def _read_tokens(usage: Mapping[str, Any], *names: str) -> int | None:
    """Return the first count of tokens under one of the names that can be read."""
    for name in names:
        value = usage.get(name)
        if type(value) is int and value >= 0:  # as in nearly all of a million lines
            return value
        if value is not None and (count := read_count(value)) is not None:
            return int(count)
    return None


def read_outcome(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row that an answer's line tells: outcome, code, error, tokens, begin of the text.

    `ok` is a status of 2xx, or none, with an answer of the endpoint and no error. What was answered otherwise is
    `unsure`.
    """
    body, code = body_of(line), status_of(line)
    sound = isinstance(body, dict) and is_sound(body)
    trouble = None if sound and not line.get("error") else _find_trouble(line, body, code)
    accepted, content = code is not None and 200 <= code < 300, sound or has_content(body)
    answered = (accepted or code is None) and isinstance(body, dict) and (sound or _is_answer(body))
    if trouble is None and answered:
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return {
            "outcome": OK,
            "code": code,
            "error": None,
            "input_tokens": _read_tokens(usage, "input_tokens", "prompt_tokens"),
            "output_tokens": _read_tokens(usage, "output_tokens", "completion_tokens"),
            "text": _text(read_answer_text(body)),
        }
    name, message = trouble or (None, None)
    error = name or " ".join((message or "").split())[:_SHORT] or None
    content = content and (trouble is None or bool(read_answer_text(body).strip()))
    if content or (not trouble and (accepted or body)):
        error = "an answer and an error" if trouble else "no answer that can be read"
        return {"outcome": UNSURE, "code": code, "error": error, "text": _text(message or read_answer_text(body))}
    outcome = _UNTRIED.get((name or "").casefold(), FAILED)
    return {"outcome": outcome, "code": code, "error": error or "no answer", "text": _text(message)}


def _is_answer(body: dict[str, Any]) -> bool:
    """Return whether a body is an answer that is whole; with nothing in it, it is one if it says so."""
    word = normalize_status(body.get("status"))
    if has_content(body):
        return word not in ACTIVE
    # As of a transcription, or of a server of another kind.
    return word in _WHOLE if word else bool(body.get("text") or body.get("content"))


def read_request_text(body: Any) -> str:
    """Return what a request says to the model, whichever endpoint it is for."""
    if not isinstance(body, dict):
        return ""
    turns = body.get("messages") or body.get("input") or body.get("prompt")
    if isinstance(turns, str):
        text = turns
    elif isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns):
        text = "\n".join(
            f"{turn.get('role') or turn.get('type')}: {read_content_text(turn.get('content'))}" for turn in turns
        )
    elif turns:
        text = read_content_text(turns)
    else:
        return json.dumps(body, ensure_ascii=False)
    instructions = body.get("instructions")
    return f"{instructions}\n{text}" if isinstance(instructions, str) else text


def read_answer_text(body: Any) -> str:
    """Return what an answer says, whichever endpoint it is of; a bare text as it is."""
    if not isinstance(body, dict):
        return body if isinstance(body, str) else ""
    if isinstance(choices := body.get("choices"), list):
        return "\n".join(filter(None, map(_text_of_choice, choices)))
    if isinstance(output := body.get("output"), list):
        return "\n".join(filter(None, map(_text_of_item, output)))
    if isinstance(results := body.get("results"), list):
        return "\n".join(map(_describe_moderation, results))
    if isinstance(data := body.get("data"), list):
        return "\n".join(map(_describe_embedding, data))
    return json.dumps(body, ensure_ascii=False)


def _text_of_choice(choice: Any) -> str:
    if not isinstance(choice, dict):
        return ""
    message = choice.get("message")
    if not isinstance(message, dict):
        return read_content_text(choice.get("text"))
    calls = message.get("tool_calls")
    spoken = read_content_text(message.get("content")) or read_content_text(message.get("refusal"))
    return "\n".join(filter(None, [spoken, *map(describe_call, calls if isinstance(calls, list) else ())]))


def _text_of_item(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    kind = str(item.get("type") or "message")
    return describe_call(item) if kind.endswith("_call") else read_content_text(item.get("content"))


def _describe_moderation(result: Any) -> str:
    categories = result.get("categories") if isinstance(result, dict) else None
    flagged = [name for name, on in categories.items() if on] if isinstance(categories, dict) else []
    return f"flagged: {', '.join(flagged)}" if flagged else "not flagged"


def _describe_embedding(datum: Any) -> str:
    vector = datum.get("embedding") if isinstance(datum, dict) else None
    if isinstance(vector, list):
        return f"an embedding of {len(vector):,} numbers"
    return (
        f"an embedding in base64 of {len(vector):,} characters"
        if isinstance(vector, str)
        else read_content_text(datum)
    )
