"""Runs of evals.

https://platform.openai.com/docs/api-reference/evals/getRuns
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.evals.evals import ENDING, ENDS
from tui.resources.evals.items import ITEMS, RUN
from tui.resources.language.action import Action, Open
from tui.resources.language.asking.inputs import Name, ObjectId, Pairs
from tui.resources.language.cells import (
    age,
    error_count,
    id_link,
    instant,
    own_id,
    pluralize,
    progress,
    short_count,
    status,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Progress,
    Section,
    Tone,
    share_of,
)
from tui.resources.language.objects import Id, Object, Request
from tui.resources.language.parts import META, METADATA, Trouble, cancel, create, delete
from tui.resources.language.resource import Child, Resource, ServerFilter
from tui.resources.language.work import Work

if TYPE_CHECKING:
    from collections.abc import Sequence


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


class EvalRun(Work):
    """A run of an eval."""

    eval_id: Id = None
    model: str | None = None
    name: str | None = None
    report_url: str | None = None
    result_counts: ResultCounts | None = None
    per_model_usage: list[ModelUsage] | None = None
    per_testing_criteria_results: list[CriterionResult] | None = None
    data_source: dict[str, Any] | None = None
    error: Trouble | None = None

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


class CreateEvalRun(Request):
    """The request that runs an eval."""

    name: Name = None
    data_source: Annotated[dict[str, Any], ObjectId("files")] = Input(
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


def _attention(run: EvalRun, _context: CellContext) -> str | None:
    error, counts = run.error, run.result_counts or ResultCounts()
    if run.status == "failed":
        return error.words if error else "failed"
    return f"{counts.errored:,} of {counts.total:,} items ended in an error" if counts.errored else None


def _headline(run: EvalRun, context: CellContext) -> Sequence[tuple[str, Cell]]:
    counts = run.result_counts or ResultCounts()
    words = f"{counts.passed:,} passed · {counts.failed:,} failed · {pluralize(counts.errored, 'error')}"
    lines = [("", Cell(words, _tone(run)))]
    if context.rate and run.running:
        lines.append(("", Cell(f"{short_count(context.rate * 60)}/min")))
    if reason := _attention(run, context):
        lines.append(("", Cell(reason, "bad")))
    return lines


def _criteria(run: EvalRun, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [
        (result.testing_criteria or "?", Cell(f"{result.passed or 0:,} passed · {result.failed or 0:,} failed"))
        for result in run.per_testing_criteria_results or []
    ]


def _models(run: EvalRun, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [
        (
            usage.model_name or "?",
            Cell(
                f"{pluralize(usage.invocation_count or 0, 'call')} · {pluralize(usage.total_tokens or 0, 'token')}"
            ),
        )
        for usage in run.per_model_usage or []
    ]


EVAL_RUNS: Resource[EvalRun] = Resource(
    name="eval-runs",
    singular="eval run",
    family="Evals",
    model=EvalRun,
    aliases=("er", "eval-run"),
    prefixes=("evalrun_",),
    parent="evals",
    list=Operation("getEvalRuns", "GET", "/evals/{eval_id}/runs"),
    get=Operation("getEvalRun", "GET", RUN),
    query={"order": "desc"},
    filters=(ServerFilter("status", ("queued", "in_progress", "completed", "canceled", "failed")),),
    title="name",
    columns=(
        Column("STATUS", "status", status, 13),
        Column("NAME", "name", width=14, grow=True),
        Column("MODEL", "model", width=14, drop_order=2),
        Column(
            "PASSED",
            lambda run: share_of(run.passed),
            progress(lambda run: run.passed, _tone, 5),
            23,
            first_sort="down",
        ),
        Column("ERRORS", "result_counts.errored", error_count, 6, align="right", drop_order=3, first_sort="down"),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        META,
        Column("ID", "id", own_id, 15, drop_order=6),
    ),
    active=lambda run: run.running,
    attention=_attention,
    progress=lambda run: run.tried,
    detail=(
        Section("", lines=_headline),
        Section(
            "Run",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("status", "status", status),
                Field("model", "model"),
                Field("data", "data_source.type"),
                Field("file", "data_source.source.id", id_link),
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
        Action("compare", "=", "compare", Open("compare", ITEMS), on="many"),
        cancel(Operation("cancelEvalRun", "POST", RUN), "It cannot be resumed. Results so far stay."),
        delete(Operation("deleteEvalRun", "DELETE", RUN), "Its results go with it. This cannot be undone."),
    ),
    children=(Child("eval-items", key="l"),),
    enter="eval-items",
    empty="This eval has not been run. Press n to run it.",
    notice=ENDING,
    ends=ENDS,
)
