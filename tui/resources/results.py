"""Results of a batch: its requests, each with what became of it. They come from files, not from a list.

https://platform.openai.com/docs/guides/batch
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.resources.base import Action, Cell, Column, Field, Look, Resource, Section
from tui.resources.cells import NOTHING, count, gist, own, paragraphs, status_cell
from tui.resources.contents import called, said
from tui.resources.files import CONTENT
from tui.resources.objects import Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.objects import Record

OK, FAILED, EXPIRED, NEVER_RAN = "ok", "failed", "expired", "never_ran"
OUTCOMES = (OK, FAILED, EXPIRED, NEVER_RAN)


class Result(Object):
    """A request of a batch and what became of it. `request` and `response` are read when somebody looks."""

    custom_id: str = ""
    outcome: str = ""
    code: int | None = None
    error: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    text: str | None = None
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None


# What requests and answers say.


def asked(body: Any) -> str:
    """What a request says to the model, whichever endpoint it is for."""
    if not isinstance(body, dict):
        return ""
    turns = body.get("messages") or body.get("input") or body.get("prompt")
    if isinstance(turns, str):
        text = turns
    elif isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns):
        text = "\n".join(f"{turn.get('role') or turn.get('type')}: {said(turn.get('content'))}" for turn in turns)
    elif turns:
        text = said(turns)
    else:
        return json.dumps(body, ensure_ascii=False)
    instructions = body.get("instructions")
    return f"{instructions}\n{text}" if isinstance(instructions, str) else text


def answered(body: Any) -> str:
    """What an answer says, whichever endpoint it is of."""
    if not isinstance(body, dict):
        return ""
    if isinstance(choices := body.get("choices"), list):
        return "\n".join(filter(None, map(_choice, choices)))
    if isinstance(output := body.get("output"), list):
        return "\n".join(filter(None, map(_item, output)))
    if isinstance(results := body.get("results"), list):
        return "\n".join(map(_moderated, results))
    if isinstance(data := body.get("data"), list):
        return "\n".join(map(_datum, data))
    return json.dumps(body, ensure_ascii=False)


def _choice(choice: Any) -> str:
    if not isinstance(choice, dict):
        return ""
    message = choice.get("message")
    if not isinstance(message, dict):
        return said(choice.get("text"))
    calls = message.get("tool_calls")
    spoken = said(message.get("content")) or said(message.get("refusal"))
    return "\n".join(filter(None, [spoken, *map(called, calls if isinstance(calls, list) else ())]))


def _item(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    kind = str(item.get("type") or "message")
    return called(item) if kind.endswith("_call") else said(item.get("content"))


def _moderated(result: Any) -> str:
    categories = result.get("categories") if isinstance(result, dict) else None
    flagged = [name for name, on in categories.items() if on] if isinstance(categories, dict) else []
    return f"flagged: {', '.join(flagged)}" if flagged else "not flagged"


def _datum(datum: Any) -> str:
    vector = datum.get("embedding") if isinstance(datum, dict) else None
    if isinstance(vector, list):
        return f"an embedding of {len(vector):,} numbers"
    return f"an embedding in base64 of {len(vector):,} characters" if isinstance(vector, str) else said(datum)


# How they read.


def _outcome(value: Any, _record: Record, _look: Look) -> Cell:
    return status_cell("cancelled", "never ran") if value == NEVER_RAN else status_cell(str(value))


def _code(value: Any, _record: Record, _look: Look) -> Cell:
    if value is None:
        return NOTHING
    return Cell(str(value), "dim" if isinstance(value, int) and 200 <= value < 300 else "bad")


def _words(value: Any, record: Record, look: Look) -> Cell:
    """The beginning of the answer, or of why there is none."""
    told = gist(value, record, look)
    return told if record.raw.get("outcome") == OK else told._replace(tone="dim")


def _headline(result: Result, _look: Look) -> Sequence[tuple[str, Cell]]:
    """Whose request it is, and why there is no good answer."""
    told = [("", Cell(result.custom_id))]
    if result.outcome == OK:
        return told
    response = result.response or {}
    trouble = response.get("error") or ((response.get("response") or {}).get("body") or {}).get("error") or {}
    reason = result.error or result.outcome.replace("_", " ")
    words = ": ".join(filter(None, (reason, trouble.get("message"))))
    return [*told, ("", Cell(words, "bad" if result.outcome == FAILED else "warn"))]


def _request(result: Result, _look: Look) -> Sequence[tuple[str, Cell]]:
    return paragraphs(asked((result.request or {}).get("body")))


def _answer(result: Result, _look: Look) -> Sequence[tuple[str, Cell]]:
    body = ((result.response or {}).get("response") or {}).get("body")
    return paragraphs(answered(body)) if result.outcome == OK else ()


RESULTS = Resource(
    name="results",
    singular="result",
    family="Batch",
    model=Result,
    parent="batches",
    title="custom_id",
    columns=(
        Column("OUTCOME", "outcome", _outcome, 11),
        Column("CUSTOM ID", "custom_id", own, 20, grow=True),
        Column("CODE", "code", _code, 4, align="right"),
        Column("ERROR", "error", width=20, rank=4),
        Column("IN", "input_tokens", count, 6, align="right", rank=3, first="down"),
        Column("OUT", "output_tokens", count, 6, align="right", rank=2, first="down"),
        Column("ANSWER", "text", _words, 24, grow=True),
    ),
    detail=(
        Section("", lines=_headline),
        Section("Request", lines=_request),
        Section("Answer", lines=_answer),
        Section(
            "Result",
            (
                Field("outcome", "outcome", _outcome),
                Field("code", "code", _code),
                Field("model", "response.response.body.model"),
                Field("request id", "response.response.request_id"),
                Field("tokens in", "input_tokens", count),
                Field("tokens out", "output_tokens", count),
            ),
        ),
    ),
    # Both are about files on this machine; what they send they ask for by the batches' own action.
    actions=(
        Action("retry", "R", "send again", CONTENT, whole=True, screen="results"),
        Action("causes", "E", "causes", CONTENT, whole=True, screen="results"),
    ),
    empty="The batch has no requests.",
    screen="results",
)
