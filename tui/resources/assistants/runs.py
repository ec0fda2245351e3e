"""Runs of assistants on threads, and the steps they take.

https://platform.openai.com/docs/api-reference/runs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.assistants.assistants import ENDED, RETIRED, RunSettings
from tui.resources.generation.contents import describe_call
from tui.resources.language.action import Action, Open
from tui.resources.language.asking.inputs import EditMetadata, Effort, LongText, More
from tui.resources.language.cells import (
    NO_VALUE,
    age,
    alert_lines,
    count,
    excerpt,
    id_link,
    instant,
    moment,
    name_link,
    own_id,
    paragraphs,
    span,
    status,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import (
    META,
    METADATA,
    TOKENS,
    Trouble,
    cancel,
    create,
    describe_cut,
    edit,
)
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Child, Resource
from tui.resources.language.work import TimedWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record


class Outputs(Object):
    """The tool calls that wait for their outputs."""

    tool_calls: list[dict[str, Any]] | None = None


class RequiredAction(Object):
    """What a run waits for."""

    type: str | None = None
    submit_tool_outputs: Outputs | None = None


class AssistantWork(TimedWork):
    """What runs and their steps have in common."""

    started_at: Time = None
    last_error: Trouble | None = None

    @property
    def trouble(self) -> str | None:
        """What went wrong."""
        return self.last_error.words if self.last_error else None


class Run(AssistantWork):
    """A run of an assistant on a thread."""

    thread_id: Id = None
    assistant_id: Id = None
    model: str | None = None
    instructions: str | None = None
    required_action: RequiredAction | None = None
    incomplete_details: Trouble | None = None
    expires_at: Time = None

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """The tool calls it waits for."""
        outputs = self.required_action.submit_tool_outputs if self.required_action else None
        return (outputs.tool_calls or []) if outputs else []


class RunStep(AssistantWork):
    """A step of a run: it wrote a message, or called tools."""

    run_id: Id = None
    type: str | None = None
    step_details: dict[str, Any] | None = None

    @property
    def calls(self) -> list[str]:
        """The tools it called."""
        found = (self.step_details or {}).get("tool_calls")
        return [describe_call(call) for call in found] if isinstance(found, list) else []

    @property
    def message_id(self) -> str | None:
        """The message it wrote."""
        made = (self.step_details or {}).get("message_creation")
        return made.get("message_id") if isinstance(made, dict) else None

    @property
    def summary(self) -> str:
        """What it did, on one line."""
        return " · ".join(self.calls) or self.message_id or self.type or ""


class CreateRun(RunSettings):
    """The request that starts a run on a thread."""

    additional_instructions: Annotated[str | None, LongText(), More()] = Input(
        None, title="instructions to add", description="After its own."
    )
    additional_messages: list[dict[str, Any]] | None = Input(
        None,
        title="messages to add",
        description='JSON list, such as [{"role": "user", "content": "Hello"}].',
    )
    reasoning_effort: Annotated[Effort | None, More()] = Input(None, description="Only for models that reason.")


class SubmitOutputs(Request):
    """The request that answers all tool calls a run waits for, at once."""

    tool_outputs: list[dict[str, Any]] = Input(
        title="outputs",
        min_length=1,
        description='A JSON list with one for each call: [{"tool_call_id": "…", "output": "…"}].',
    )


def _attention(run: Run, _context: CellContext) -> str | None:
    match run.status:
        case "requires_action":
            return f"waits for the output of {', '.join(map(describe_call, run.waiting)) or 'a tool'}"
        case "failed":
            return run.trouble or "failed"
        case "incomplete":
            return describe_cut(run.incomplete_details)
        case "expired":
            return "expired before it was done"
    return None


def _time_taken(_value: Any, record: Record, context: CellContext) -> Cell:
    work: AssistantWork = record.object
    begun = work.started_at or work.created_at
    end = work.ended_at or (context.now if work.running else None)
    return Cell(span(end - begun)) if begun and end else NO_VALUE


def _times(work: AssistantWork, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    names = ("created", "started", "completed", "failed", "cancelled", "expired")
    known = ((name, getattr(work, f"{name}_at")) for name in names)
    return [(name, Cell(moment(at))) for name, at in known if at]


def _waiting_calls(run: Run, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [(word_of(call.get("id") or ""), Cell(describe_call(call), "warn")) for call in run.waiting]


def _empty_outputs(run: Run) -> dict[str, Any]:
    return {"tool_outputs": [{"tool_call_id": call.get("id"), "output": ""} for call in run.waiting]}


_RUN = "/threads/{thread_id}/runs/{run_id}"

RUNS: Resource[Run] = Resource(
    name="runs",
    singular="run",
    family="Assistants",
    model=Run,
    aliases=("run",),
    prefixes=("run_",),
    parent="threads",
    list=Operation("listRuns", "GET", "/threads/{thread_id}/runs"),
    get=Operation("getRun", "GET", _RUN),
    columns=(
        Column("STATUS", "status", status, 17),
        Column("MODEL", "model", width=14, drop_order=2),
        Column("ASSISTANT", "assistant_id", name_link, 15, drop_order=4, sort_by_text=True),
        Column("TOKENS", "usage.total_tokens", count, 7, align="right", drop_order=3, first_sort="down"),
        Column("TOOK", "", _time_taken, 7, align="right", drop_order=1),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        META,
        Column("ID", "id", own_id, 15, grow=True),
    ),
    active=lambda run: run.running,
    attention=_attention,
    detail=(
        Section("", lines=alert_lines(lambda work, _: work.trouble)),
        Section("Waits for the output of", lines=_waiting_calls),
        Section(
            "Run",
            (
                Field("id", "id", own_id),
                Field("status", "status", status),
                Field("why", "incomplete_details.reason"),
                Field("thread", "thread_id", id_link),
                Field("assistant", "assistant_id", id_link),
                Field("model", "model"),
                Field("expires", lambda run: run.expires_at if run.running else None, instant),
            ),
        ),
        Section("Times", lines=_times),
        TOKENS,
        Section("Instructions", lines=lambda run, _: paragraphs(run.instructions)),
        METADATA,
    ),
    actions=(
        create(Operation("createRun", "POST", "/threads/{thread_id}/runs", body=CreateRun), "new run"),
        Action(
            "submit",
            "s",
            "answer its tool calls",
            Open(
                "tool_outputs",
                Operation("submitToolOuputsToRun", "POST", f"{_RUN}/submit_tool_outputs", body=SubmitOutputs),
                fill=_empty_outputs,
            ),
            refuse=lambda run: None if run.status == "requires_action" else "it waits for no tool output",
        ),
        edit(Operation("modifyRun", "POST", _RUN, body=EditMetadata), "edit metadata"),
        cancel(Operation("cancelRun", "POST", f"{_RUN}/cancel"), "What it has said so far stays in the thread."),
    ),
    children=(Child("steps", key="l"),),
    enter="steps",
    empty="No runs yet. Press n to run an assistant on this thread.",
    notice=RETIRED,
    ends=ENDED,
)

STEPS: Resource[RunStep] = Resource(
    name="steps",
    singular="step",
    family="Assistants",
    model=RunStep,
    aliases=("st", "step", "run-steps"),
    prefixes=("step_",),
    parent="runs",
    list=Operation("listRunSteps", "GET", f"{_RUN}/steps"),
    get=Operation("getRunStep", "GET", f"{_RUN}/steps/{{step_id}}"),
    query={"order": "asc"},
    columns=(
        Column("STATUS", "status", status, 13),
        Column("TYPE", lambda step: (step.type or "").replace("_", " "), width=16, drop_order=2),
        Column("WHAT", lambda step: step.summary, excerpt, 24, grow=True),
        Column("TOKENS", "usage.total_tokens", count, 7, align="right", drop_order=3, first_sort="down"),
        Column("TOOK", "", _time_taken, 7, align="right", drop_order=1),
        Column("AGE", "created_at", age, 5, align="right", drop_order=4, first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=5),
    ),
    active=lambda step: step.running,
    attention=lambda step, _: (step.trouble or "failed") if step.status == "failed" else None,
    detail=(
        Section("", lines=alert_lines(lambda work, _: work.trouble)),
        Section(
            "Step",
            (
                Field("id", "id", own_id),
                Field("status", "status", status),
                Field("type", "type"),
                Field("message", lambda step: step.message_id, id_link),
                Field("run", "run_id", id_link),
            ),
        ),
        Section("Calls", lines=lambda step, _: [pair for call in step.calls for pair in paragraphs(call)]),
        Section("Times", lines=_times),
        TOKENS,
        METADATA,
    ),
    empty="No steps yet.",
    notice=RETIRED,
    ends=ENDED,
)
