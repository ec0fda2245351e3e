"""Results of a batch: its requests, each with what became of it. They come from files, not from a list.

https://platform.openai.com/docs/guides/batch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.batch.answers import (
    EXPIRED,
    FAILED,
    NEVER_RAN,
    OK,
    UNSURE,
    body_of,
    read_answer_text,
    read_request_text,
    trouble_of,
    words_of,
)
from tui.resources.files import CONTENT
from tui.resources.language.action import Action, Open
from tui.resources.language.cells import NO_VALUE, count, excerpt, own_id, paragraphs, status_cell
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

UNPAIRED = "unpaired"
"""The outcome of an answer that no request can be found for."""
OUTCOMES = (OK, FAILED, EXPIRED, NEVER_RAN, UNSURE, UNPAIRED)

# How a row came together, which the joined files tell in a column of this name.
PAIRED = "paired"  # the one request and the one answer with this custom_id
NO_ANSWER = "no answer"
NO_REQUEST = "no request"
REPEATED = "repeated custom_id"  # several requests or answers share it: which belong together is not known
NO_ID = "no usable custom_id"  # missing, null, empty, an object or a list


class Result(Object):
    """A request of a batch and what became of it. `request` and `response` are read when somebody looks."""

    custom_id: str = ""
    outcome: str = ""
    pairing: str = ""
    code: int | None = None
    error: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    text: str | None = None
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None


# Formatters.


def _outcome(value: Any, _record: Record, _context: CellContext) -> Cell:
    kind = {NEVER_RAN: "cancelled", UNPAIRED: UNSURE}.get(str(value), str(value))
    return status_cell(kind, words_of(str(value)))


def _code(value: Any, _record: Record, _context: CellContext) -> Cell:
    if value is None:
        return NO_VALUE
    return Cell(str(value), "dim" if isinstance(value, int) and 200 <= value < 300 else "bad")


def _words(value: Any, record: Record, context: CellContext) -> Cell:
    """Show the beginning of the answer, or of the reason why there is none."""
    told = excerpt(value or record.raw.get("error"), record, context)
    return told if record.raw.get("outcome") == OK else told._replace(tone="dim")


def _headline(result: Result, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    """Return whose request it is, and why there is no good answer."""
    told = [("", Cell(result.custom_id))]
    if result.outcome == OK:
        return told
    _, message = trouble_of(result.response or {}) or (None, None)
    name = result.error or result.outcome.replace("_", " ")
    words = message if message and message.startswith(name) else ": ".join(filter(None, (name, message)))
    return [*told, ("", Cell(words, "bad" if result.outcome == FAILED else "warn"))]


def _request(result: Result, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return paragraphs(read_request_text((result.request or {}).get("body")))


def _answer(result: Result, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    shown = result.outcome in (OK, UNSURE, UNPAIRED) and result.response
    return paragraphs(read_answer_text(body_of(result.response or {}))) if shown else ()


RESULTS: Resource[Result] = Resource(
    name="results",
    singular="result",
    family="Batch",
    model=Result,
    parent="batches",
    title="custom_id",
    columns=(
        Column("OUTCOME", "outcome", _outcome, 11),
        Column("CUSTOM ID", "custom_id", own_id, 20, grow=True),
        Column("CODE", "code", _code, 4, align="right"),
        Column("ERROR", "error", width=20, drop_order=4),
        Column("IN", "input_tokens", count, 6, align="right", drop_order=3, first_sort="down"),
        Column("OUT", "output_tokens", count, 6, align="right", drop_order=2, first_sort="down"),
        Column("ANSWER", "text", _words, 36, grow=True),
    ),
    detail=(
        Section("", lines=_headline),
        Section("Request", lines=_request),
        Section("Answer", lines=_answer),
        Section(
            "Result",
            (
                Field("outcome", "outcome", _outcome),
                Field("pairing", "pairing"),
                Field("code", "code", _code),
                Field("model", lambda result: body_of(result.response or {})["model"]),
                Field("request id", "response.response.request_id"),
                Field("tokens in", "input_tokens", count),
                Field("tokens out", "output_tokens", count),
            ),
        ),
    ),
    # Both are about files on this machine; what they send they ask for by the batches' own action.
    actions=(
        Action("retry", "R", "send again", Open("results", CONTENT), on="list"),
        Action("causes", "E", "causes", Open("results", CONTENT), on="list"),
    ),
    empty="No request and no answer could be read.",
    screen="results",
)
