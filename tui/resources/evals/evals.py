"""Evals: data and graders to test models with.

https://platform.openai.com/docs/api-reference/evals
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.asking.inputs import Kept, Name, Pairs
from tui.resources.language.cells import NO_VALUE, age, draw_column, instant, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Metadata, Object, Request, Time
from tui.resources.language.parts import META, METADATA, create, delete, edit
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Child, Peek, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

ENDS = "2026-11-30"
ENDING = "OpenAI made evals read-only on 2026-10-31 and ends them on 2026-11-30; other servers may keep them."


class Eval(Object):
    """An eval: where its data comes from, and what its graders look for."""

    created_at: Time = None
    name: str | None = None
    data_source_config: dict[str, Any] | None = None
    testing_criteria: list[dict[str, Any]] | None = None
    metadata: Metadata | None = None
    passes: list[float] | None = None
    """The shares of items passed in its newest runs, the oldest first, once they were read."""

    @property
    def criteria(self) -> list[str]:
        """The names of its graders."""
        return [word_of(grader.get("name") or grader.get("type") or "?") for grader in self.testing_criteria or []]


class CreateEval(Request):
    """The request that creates an eval."""

    name: Name = None
    data_source_config: dict[str, Any] = Input(
        title="items",
        examples=[
            {
                "type": "custom",
                "item_schema": {
                    "type": "object",
                    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                    "required": ["question", "answer"],
                },
                "include_sample_schema": True,
            }
        ],
        description='JSON of type custom with the schema of an item, or {"type": "logs", "metadata": {…}}.',
    )
    testing_criteria: list[dict[str, Any]] = Input(
        title="graders",
        min_length=1,
        examples=[
            [
                {
                    "type": "string_check",
                    "name": "same answer",
                    "input": "{{sample.output_text}}",
                    "operation": "ilike",
                    "reference": "{{item.answer}}",
                }
            ]
        ],
        description="JSON list of graders: string_check, text_similarity, label_model, score_model or python.",
    )
    metadata: Pairs = None


class EditEval(Request):
    """The request that changes an eval."""

    name: Annotated[Name, Kept()] = None
    metadata: Pairs = None


def _copy_values(subject: Eval) -> dict[str, Any]:
    """Return the values of a form for an eval like this one: of its schema the parts, not the whole."""
    if not (config := subject.data_source_config):
        return {}
    if config.get("type") != "custom":
        return {"data_source_config": {name: config[name] for name in ("type", "metadata") if config.get(name)}}
    parts = (config.get("schema") or {}).get("properties") or {}
    sampled = {"include_sample_schema": True} if "sample" in parts else {}
    return {"data_source_config": {"type": "custom", "item_schema": parts.get("item") or {}, **sampled}}


def _read_passes(runs: Sequence[Any], _more: bool) -> list[float]:
    """Return the shares of items passed in the newest runs that are over, the oldest of them first."""
    shares = []
    for run in runs:
        counts = run.get("result_counts") or {}
        if run.get("status") == "completed" and counts.get("total"):
            shares.append(counts["passed"] / counts["total"])
    return shares[::-1]


def _trend(_value: Any, record: Record, _context: CellContext) -> Cell:
    """Show the shares passed in the newest runs as columns, and the last of them as a number."""
    shares: list[float] = record.object.passes or []
    if not shares:
        return NO_VALUE
    columns = "".join(map(draw_column, shares))
    last, before = shares[-1], shares[-2] if len(shares) > 1 else shares[-1]
    percent = 100 if last >= 1 else min(99, round(100 * last))
    return Cell(f"{columns} {percent} %", "warn" if last < before else "good")


def _fields(subject: Eval, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    schema = (subject.data_source_config or {}).get("schema") or {}
    properties = schema.get("properties") or {}
    item = (properties.get("item") or {}).get("properties") or {}
    return [(str(name), Cell(word_of(part.get("type") or "anything"))) for name, part in item.items()]


def _graders(subject: Eval, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    lines = []
    for grader in subject.testing_criteria or []:
        parts = [grader.get("operation") or grader.get("evaluation_metric"), grader.get("reference")]
        parts += [grader.get("model"), grader.get("pass_threshold")]
        rest = " ".join(word_of(part) for part in parts if part not in (None, ""))
        lines.append(
            (word_of(grader.get("type") or "?"), Cell(f"{word_of(grader.get('name') or '')}  {rest}".strip()))
        )
    return lines


EVALS: Resource[Eval] = Resource(
    name="evals",
    singular="eval",
    family="Evals",
    model=Eval,
    aliases=("eval",),
    prefixes=("eval_",),
    list=Operation("listEvals", "GET", "/evals"),
    get=Operation("getEval", "GET", "/evals/{eval_id}"),
    query={"order": "desc"},
    title="name",
    columns=(
        Column("NAME", "name", width=18, grow=True),
        Column(
            "PASSED",
            lambda subject: subject.passes[-1] if subject.passes else None,
            _trend,
            14,
            drop_order=1,
            first_sort="down",
            beside="passes",
        ),
        Column("DATA", "data_source_config.type", width=18, drop_order=4),
        Column("GRADERS", lambda subject: ", ".join(subject.criteria), width=20, grow=True, drop_order=2),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        META,
        Column("ID", "id", own_id, 15, drop_order=3),
    ),
    peeks=(Peek("passes", "eval-runs", _read_passes, 8),),
    detail=(
        Section(
            "Eval",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("created", "created_at", instant),
                Field("data", "data_source_config.type"),
            ),
        ),
        Section("An item has", lines=_fields),
        Section("Graders", lines=_graders),
        METADATA,
    ),
    actions=(
        create(Operation("createEval", "POST", "/evals", body=CreateEval), "new eval", fill=_copy_values),
        edit(Operation("updateEval", "POST", "/evals/{eval_id}", body=EditEval)),
        delete(
            Operation("deleteEval", "DELETE", "/evals/{eval_id}"),
            "Its runs and their results go with it. This cannot be undone.",
        ),
    ),
    children=(Child("eval-runs"),),
    enter="eval-runs",
    empty="No evals. Press n to make one.",
    notice=ENDING,
    ends=ENDS,
)
