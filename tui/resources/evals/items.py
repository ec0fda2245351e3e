"""The items of an eval run: each with its answer and the verdicts of its graders.

https://platform.openai.com/docs/api-reference/evals/getRunOutputItems
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.evals.evals import ENDING, ENDS
from tui.resources.generation.contents import read_content_text
from tui.resources.language.cells import NO_VALUE, alert_lines, excerpt, own_id, paragraphs, status
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Object, Time
from tui.resources.language.parts import Trouble
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Resource, ServerFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record


class Sample(Object):
    """What the model was asked and what it said."""

    input: list[Any] | None = None
    output: list[Any] | None = None
    finish_reason: str | None = None
    model: str | None = None
    error: Trouble | None = None


class Verdict(Object):
    """What one grader said of an item."""

    name: str | None = None
    type: str | None = None
    score: float | None = None
    passed: bool | None = None


class EvalItem(Object):
    """An item of the data with the sample made from it and what the graders said."""

    created_at: Time = None
    run_id: Id = None
    eval_id: Id = None
    status: Status = None
    datasource_item_id: int | None = None
    datasource_item: dict[str, Any] | None = None
    results: list[Verdict] | None = None
    sample: Sample | None = None

    @property
    def answer(self) -> str:
        """What the model said."""
        return _conversation(self.sample.output) if self.sample else ""

    @property
    def item(self) -> str:
        """The item of the data, on one line."""
        return "  ".join(f"{key}: {word_of(value)}" for key, value in (self.datasource_item or {}).items())

    @property
    def parts(self) -> str:
        """The item of the data with its short fields first: what is expected is mostly one of them."""
        fields = sorted((self.datasource_item or {}).items(), key=lambda field: len(str(field[1])))
        return "  ".join(f"{key}: {word_of(value)}" for key, value in fields)

    @property
    def score(self) -> float | None:
        """The mean score of its graders."""
        scores = [verdict.score for verdict in self.results or [] if verdict.score is not None]
        return sum(scores) / len(scores) if scores else None


def _conversation(messages: list[Any] | None) -> str:
    contents = (message.get("content") if isinstance(message, dict) else message for message in messages or [])
    return "\n".join(filter(None, map(read_content_text, contents)))


def _verdicts(item: EvalItem, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    lines = []
    for verdict in item.results or []:
        score = "" if verdict.score is None else f"  score {verdict.score:.4g}"
        judged = Cell(f"passed{score}", "good") if verdict.passed else Cell(f"failed{score}", "bad")
        lines.append((verdict.name or "?", judged))
    return lines


def _item_trouble(item: EvalItem, _context: CellContext) -> str | None:
    error = item.sample.error if item.sample else None
    return error.words if error and (error.code or error.message) else None


def _score(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if value is None else Cell(f"{value:.3f}")


RUN = "/evals/{eval_id}/runs/{run_id}"
ITEMS = Operation("getEvalRunOutputItems", "GET", f"{RUN}/output_items")

EVAL_ITEMS: Resource[EvalItem] = Resource(
    name="eval-items",
    singular="output item",
    family="Evals",
    model=EvalItem,
    aliases=("ei", "output-items", "eval-item"),
    prefixes=("outputitem_",),
    parent="eval-runs",
    list=ITEMS,
    get=Operation("getEvalRunOutputItem", "GET", f"{RUN}/output_items/{{output_item_id}}"),
    filters=(ServerFilter("status", ("fail", "pass")),),
    columns=(
        Column("RESULT", "status", status, 8),
        Column("ITEM", "datasource_item_id", width=5, align="right", drop_order=3),
        Column("SCORE", lambda item: item.score, _score, 6, align="right", drop_order=1, first_sort="down"),
        Column("DATA", lambda item: item.parts, excerpt, 20, grow=True, drop_order=2),
        Column("ANSWER", lambda item: item.answer, excerpt, 24, grow=True),
        Column("ID", "id", own_id, 15, drop_order=5),
    ),
    attention=_item_trouble,
    detail=(
        Section("Graders", lines=_verdicts),
        Section("", lines=alert_lines(_item_trouble)),
        Section("Answer", lines=lambda item, _: paragraphs(item.answer)),
        Section(
            "Asked", lines=lambda item, _: paragraphs(_conversation(item.sample.input if item.sample else None))
        ),
        Section(
            "Data",
            lines=lambda item, _: [
                (str(key), Cell(word_of(value))) for key, value in (item.datasource_item or {}).items()
            ],
        ),
        Section(
            "Item",
            (
                Field("id", "id", own_id),
                Field("number", "datasource_item_id"),
                Field("status", "status", status),
                Field("model", "sample.model"),
                Field("finished", "sample.finish_reason"),
            ),
        ),
    ),
    empty="No results yet.",
    notice=ENDING,
    ends=ENDS,
)
