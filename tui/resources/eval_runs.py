"""Runs of evals, and what became of each of their items.

https://platform.openai.com/docs/api-reference/evals/getRuns
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.base import (
    Action,
    Cell,
    Child,
    Column,
    Field,
    Look,
    Progress,
    Resource,
    Section,
    ServerFilter,
    Tone,
)
from tui.resources.cells import (
    NOTHING,
    age,
    alert,
    failures,
    gist,
    ident,
    instant,
    own,
    paragraphs,
    progress,
    short_count,
    status,
)
from tui.resources.contents import said
from tui.resources.evals import ENDING, ENDS
from tui.resources.inputs import Name, Pairs
from tui.resources.objects import Id, Metadata, Object, Request
from tui.resources.parts import META, METADATA, Trouble, cancel, create, delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.objects import Record

TERMINAL = ("completed", "canceled", "failed")


class ResultCounts(Object):
    """How the items tried so far came out; `total` is not the size of the data."""

    total: int = 0
    passed: int = 0
    failed: int = 0
    errored: int = 0


class CriterionResult(Object):
    """How one grader judged."""

    testing_criteria: str | None = None
    passed: int | None = None
    failed: int | None = None


class ModelUsage(Object):
    """What one model has used."""

    model_name: str | None = None
    invocation_count: int | None = None
    total_tokens: int | None = None


class EvalRun(Object):
    """A run of an eval."""

    created_at: float | None = None
    eval_id: Id = None
    status: str | None = None
    model: str | None = None
    name: str | None = None
    report_url: str | None = None
    result_counts: ResultCounts | None = None
    per_model_usage: list[ModelUsage] | None = None
    per_testing_criteria_results: list[CriterionResult] | None = None
    data_source: dict[str, Any] | None = None
    error: Trouble | None = None
    metadata: Metadata | None = None

    @property
    def running(self) -> bool:
        """Whether it may still change."""
        return self.status not in TERMINAL

    @property
    def passed(self) -> Progress | None:
        """Items passed, and not, of those tried."""
        counts = self.result_counts
        return Progress(counts.passed, counts.failed + counts.errored, counts.total) if counts else None

    @property
    def tried(self) -> Progress | None:
        """Items tried. Their number in all is not told, so this shows a rate and no end."""
        counts = self.result_counts
        return Progress(counts.total, counts.failed + counts.errored, counts.total) if counts else None


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

    created_at: float | None = None
    run_id: Id = None
    eval_id: Id = None
    status: str | None = None
    datasource_item_id: int | None = None
    datasource_item: dict[str, Any] | None = None
    results: list[Verdict] | None = None
    sample: Sample | None = None

    @property
    def said(self) -> str:
        """What the model said."""
        return _conversation(self.sample.output) if self.sample else ""

    @property
    def item(self) -> str:
        """The item of the data, on one line."""
        return "  ".join(f"{key}: {value}" for key, value in (self.datasource_item or {}).items())

    @property
    def score(self) -> float | None:
        """The mean score of its graders."""
        scores = [verdict.score for verdict in self.results or [] if verdict.score is not None]
        return sum(scores) / len(scores) if scores else None


def _conversation(messages: list[Any] | None) -> str:
    contents = (message.get("content") if isinstance(message, dict) else message for message in messages or [])
    return "\n".join(filter(None, map(said, contents)))


class CreateEvalRun(Request):
    """The request that runs an eval."""

    name: Name = None
    data_source: dict[str, Any] = Input(
        examples=[
            {
                "type": "completions",
                "model": "gpt-5-mini",
                "source": {"type": "file_id", "id": "file-…"},
                "input_messages": {
                    "type": "template",
                    "template": [{"role": "user", "content": "{{item.question}}"}],
                },
            }
        ],
        description="JSON of type jsonl for answers that exist already, completions or responses to have a model "
        "answer. The source is a file_id, file_content or stored_completions.",
    )
    metadata: Pairs = None


def _tone(run: EvalRun) -> Tone:
    counts = run.result_counts or ResultCounts()
    if run.running:
        return "accent"
    return "good" if counts.passed == counts.total else "bad" if not counts.passed else "warn"


def _share(run: EvalRun) -> float | None:
    return run.passed.done / run.passed.total if run.passed and run.passed.total else None


def _attention(run: EvalRun) -> str | None:
    error, counts = run.error, run.result_counts or ResultCounts()
    if run.status == "failed":
        return error.words if error else "failed"
    return f"{counts.errored:,} of {counts.total:,} items ended in an error" if counts.errored else None


def _headline(run: EvalRun, look: Look) -> Sequence[tuple[str, Cell]]:
    counts = run.result_counts or ResultCounts()
    words = f"{counts.passed:,} passed · {counts.failed:,} failed · {counts.errored:,} errors"
    lines = [("", Cell(words, _tone(run)))]
    if look.rate and run.running:
        lines.append(("", Cell(f"{short_count(look.rate * 60)}/min")))
    if reason := _attention(run):
        lines.append(("", Cell(reason, "bad")))
    return lines


def _criteria(run: EvalRun, _look: Look) -> Sequence[tuple[str, Cell]]:
    return [
        (result.testing_criteria or "?", Cell(f"{result.passed or 0:,} passed · {result.failed or 0:,} failed"))
        for result in run.per_testing_criteria_results or []
    ]


def _models(run: EvalRun, _look: Look) -> Sequence[tuple[str, Cell]]:
    return [
        (
            usage.model_name or "?",
            Cell(f"{usage.invocation_count or 0:,} calls · {usage.total_tokens or 0:,} tokens"),
        )
        for usage in run.per_model_usage or []
    ]


def _verdicts(item: EvalItem, _look: Look) -> Sequence[tuple[str, Cell]]:
    lines = []
    for verdict in item.results or []:
        score = "" if verdict.score is None else f"  score {verdict.score:.4g}"
        judged = Cell(f"passed{score}", "good") if verdict.passed else Cell(f"failed{score}", "bad")
        lines.append((verdict.name or "?", judged))
    return lines


def _item_trouble(item: EvalItem) -> str | None:
    error = item.sample.error if item.sample else None
    return error.words if error and (error.code or error.message) else None


def _score(value: Any, _record: Record, _look: Look) -> Cell:
    return NOTHING if value is None else Cell(f"{value:.3f}")


_RUN = "/evals/{eval_id}/runs/{run_id}"
_ITEMS = Operation("getEvalRunOutputItems", "GET", f"{_RUN}/output_items")

EVAL_RUNS = Resource(
    name="eval-runs",
    singular="eval run",
    family="Evals",
    model=EvalRun,
    aliases=("er", "eval-run"),
    prefixes=("evalrun_",),
    parent="evals",
    list=Operation("getEvalRuns", "GET", "/evals/{eval_id}/runs"),
    get=Operation("getEvalRun", "GET", _RUN),
    query={"order": "desc"},
    filters=(ServerFilter("status", ("queued", "in_progress", *TERMINAL)),),
    title="name",
    columns=(
        Column("STATUS", "status", status, 13),
        Column("NAME", "name", width=14, grow=True),
        Column("MODEL", "model", width=14, rank=2),
        Column("PASSED", _share, progress(lambda run: run.passed, _tone, 5), 23, first="down"),
        Column("ERRORS", "result_counts.errored", failures, 6, align="right", rank=3, first="down"),
        Column("AGE", "created_at", age, 5, align="right", rank=1, first="down"),
        Column("ID", "id", own, 15, rank=6),
        META,
    ),
    active=lambda run: run.running,
    attention=_attention,
    progress=lambda run: run.tried,
    detail=(
        Section("", lines=_headline),
        Section(
            "Run",
            (
                Field("id", "id", own),
                Field("name", "name"),
                Field("status", "status", status),
                Field("model", "model"),
                Field("data", "data_source.type"),
                Field("file", "data_source.source.id", ident),
                Field("created", "created_at", instant),
                Field("report", "report_url"),
            ),
        ),
        Section("Graders", lines=_criteria),
        Section("Models", lines=_models),
        METADATA,
    ),
    actions=(
        create(Operation("createEvalRun", "POST", "/evals/{eval_id}/runs", body=CreateEvalRun), "new run"),
        Action("compare", "=", "compare", _ITEMS, bulk=True, screen="compare"),
        cancel(Operation("cancelEvalRun", "POST", _RUN), "It cannot be resumed. Results so far stay."),
        delete(Operation("deleteEvalRun", "DELETE", _RUN), "Its results go with it. This cannot be undone."),
    ),
    children=(Child("eval-items", key="l"),),
    enter="eval-items",
    empty="This eval has not been run. Press n to run it.",
    notice=ENDING,
    ends=ENDS,
)

EVAL_ITEMS = Resource(
    name="eval-items",
    singular="output item",
    family="Evals",
    model=EvalItem,
    aliases=("ei", "output-items", "eval-item"),
    prefixes=("outputitem_",),
    parent="eval-runs",
    list=_ITEMS,
    get=Operation("getEvalRunOutputItem", "GET", f"{_RUN}/output_items/{{output_item_id}}"),
    filters=(ServerFilter("status", ("fail", "pass")),),
    columns=(
        Column("RESULT", "status", status, 8),
        Column("ITEM", "datasource_item_id", width=5, align="right", rank=3),
        Column("SCORE", lambda item: item.score, _score, 6, align="right", rank=1, first="down"),
        Column("DATA", lambda item: item.item, gist, 20, grow=True, rank=2),
        Column("ANSWER", lambda item: item.said, gist, 24, grow=True),
        Column("ID", "id", own, 15, rank=5),
    ),
    attention=_item_trouble,
    detail=(
        Section("Graders", lines=_verdicts),
        Section("", lines=alert(_item_trouble)),
        Section("Answer", lines=lambda item, _: paragraphs(item.said)),
        Section("Asked", lines=lambda item, _: paragraphs(_conversation(item.sample.input))),
        Section(
            "Data",
            lines=lambda item, _: [(str(key), Cell(str(value))) for key, value in item.datasource_item.items()],
        ),
        Section(
            "Item",
            (
                Field("id", "id", own),
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
