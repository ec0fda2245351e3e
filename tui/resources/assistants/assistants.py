"""Assistants: a model with instructions and tools. OpenAI has retired them; other servers may not have.

https://platform.openai.com/docs/api-reference/assistants
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.generation.endpoints import RESPOND, try_it
from tui.resources.generation.tools import ChatTools
from tui.resources.language.action import Action, Ask, Open
from tui.resources.language.asking.inputs import (
    Effort,
    Longest,
    LongText,
    More,
    Name,
    ObjectId,
    Pairs,
    Said,
    Temperature,
    TopP,
    When,
)
from tui.resources.language.cells import age, excerpt, instant, own_id, paragraphs
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
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDED = "2026-08-26"
RETIRED = "OpenAI retired the Assistants API on 2026-08-26; other servers may still have it."

# What an assistant may use, and a run or a thread may use instead.
TOOLS = 'JSON list, such as [{"type": "code_interpreter"}, {"type": "file_search"}, {"type": "function", …}].'
Resources = Annotated[
    dict[str, Any] | None,
    More(),
    ObjectId("vector-stores"),
    Input(
        title="files for tools",
        description='JSON of the files for tools, such as {"file_search": {"vector_store_ids": ["vs_…"]}} '
        'or {"code_interpreter": {"file_ids": ["file-…"]}}.',
    ),
]
Format = Annotated[
    Literal["auto"] | dict[str, Any] | None,
    More(),
    Input(
        title="form of the answer",
        description='auto, or JSON such as {"type": "json_object"} or {"type": "json_schema", …}.',
    ),
]
Instructions = Annotated[str | None, LongText(), Input(max_length=256_000, description="How it should act.")]


class Assistant(Object):
    """An assistant."""

    created_at: Time = None
    name: str | None = None
    description: str | None = None
    model: str | None = None
    instructions: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_resources: dict[str, Any] | None = None
    metadata: Metadata | None = None
    temperature: float | None = None
    top_p: float | None = None
    reasoning_effort: str | None = None

    @property
    def tool_names(self) -> list[str]:
        """Its tools; functions by their names."""
        return [name_tool(tool) for tool in self.tools or []]


def name_tool(tool: dict[str, Any]) -> str:
    """Return the name of a tool: of a function its own, of others their type."""
    function = tool.get("function")
    named = function.get("name") if isinstance(function, dict) else None
    return word_of(named or tool.get("type") or "unknown")


def resource_lines(source: Any, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    """Return lines with the files and vector stores that tools may use; they can be followed."""
    lines = []
    for tool, resources in (source.tool_resources or {}).items():
        for ids in (resources or {}).values() if isinstance(resources, dict) else ():
            lines += [(tool.replace("_", " "), Cell(id_, ref=id_)) for id_ in ids or () if isinstance(id_, str)]
    return lines


class AssistantBody(Request):
    """The request that creates or changes an assistant."""

    model: Annotated[str, ObjectId("models")] = Input(examples=["gpt-4.1"], description="The model that answers.")
    name: Name = None
    description: Annotated[str | None, More()] = Input(None, max_length=512, description="What it is for.")
    instructions: Instructions = None
    tools: ChatTools = Input([], max_length=128, description=TOOLS)
    tool_resources: Resources = None
    reasoning_effort: Annotated[Effort | None, More()] = Input(None, description="Only for models that reason.")
    temperature: Temperature = None
    top_p: TopP = None
    response_format: Format = None
    metadata: Pairs = None


class NewThread(Request):
    """The thread a run is started on."""

    messages: Annotated[list[dict[str, Any]] | None, Said()] = Input(
        None,
        title="first message",
        description='In words, or a JSON list such as [{"role": "user", "content": "Hello"}].',
    )
    tool_resources: Resources = None
    metadata: Pairs = None


class Truncation(Request):
    """How much of a thread the model sees."""

    type: Literal["auto", "last_messages"] = Input(
        "auto", title="when too long", description="auto drops from the middle."
    )
    last_messages: Annotated[int | None, When("truncation_strategy.type", "last_messages")] = Input(
        None, ge=1, title="latest messages", description="How many of them it sees."
    )


class FirstThread(NewThread):
    """The thread that is made with its first run."""

    tool_resources: Resources = Input(None, title="thread's tool files")
    metadata: Pairs = Input(None, title="thread's metadata")


class FirstRun(Request):
    """What is nearly always said of a run on a thread of its own."""

    assistant_id: Annotated[str, ObjectId("assistants")] = Input(description="The assistant that runs.")
    thread: FirstThread | None = None


class RunSettings(Request):
    """What a run may do differently from its assistant."""

    assistant_id: Annotated[str, ObjectId("assistants")] = Input(description="The assistant that runs.")
    model: Annotated[str | None, ObjectId("models"), More()] = Input(
        None, description="Instead of the assistant's."
    )
    instructions: Instructions = None
    tools: Annotated[ChatTools | None, More()] = Input(None, max_length=20, description=TOOLS)
    tool_choice: Annotated[Literal["none", "auto", "required"] | dict[str, Any] | None, More()] = Input(
        None, description='none, auto, required, or JSON such as {"type": "file_search"}.'
    )
    parallel_tool_calls: Annotated[bool, More()] = Input(
        True, title="tools at the same time", description="Whether it may call several tools at once."
    )
    temperature: Temperature = None
    top_p: TopP = None
    max_prompt_tokens: Annotated[int | None, More()] = Input(
        None, ge=256, title="longest prompt", description="In tokens."
    )
    max_completion_tokens: Longest = Input(None, ge=256)
    truncation_strategy: Annotated[Truncation | None, More()] = None
    response_format: Format = None
    metadata: Pairs = None


class CreateThreadAndRun(RunSettings, FirstRun):  # fields stand in the order of the last base first
    """The request that starts a run on a thread of its own."""

    tool_resources: Resources = None


def _as_settings(assistant: Assistant) -> dict[str, Any]:
    """Return an assistant as the settings of a response; of its tools those that the caller runs."""
    kept = ("model", "instructions", "temperature", "top_p", "reasoning_effort")
    functions = [tool for tool in assistant.tools or () if tool.get("type") == "function"]
    return {**{name: getattr(assistant, name) for name in kept}, "tools": functions}


_RUN = Operation("createThreadAndRun", "POST", "/threads/runs", body=CreateThreadAndRun)

ASSISTANTS: Resource[Assistant] = Resource(
    name="assistants",
    singular="assistant",
    family="Assistants",
    model=Assistant,
    aliases=("as", "assistant"),
    prefixes=("asst_",),
    list=Operation("listAssistants", "GET", "/assistants"),
    get=Operation("getAssistant", "GET", "/assistants/{assistant_id}"),
    title="name",
    columns=(
        Column("NAME", "name", width=18, grow=True),
        Column("MODEL", "model", width=14),
        Column("TOOLS", lambda assistant: ", ".join(assistant.tool_names), width=20, grow=True, drop_order=1),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        Column("INSTRUCTIONS", "instructions", excerpt, 24, drop_order=8, wide=True),
        META,
        Column("ID", "id", own_id, 15, drop_order=2),
    ),
    detail=(
        Section(
            "Assistant",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("about", "description"),
                Field("model", "model"),
                Field("tools", lambda assistant: ", ".join(assistant.tool_names)),
                Field("effort", "reasoning_effort"),
                Field("temperature", "temperature"),
                Field("top p", "top_p"),
                Field("created", "created_at", instant),
            ),
        ),
        Section("Instructions", lines=lambda assistant, _: paragraphs(assistant.instructions)),
        Section("Files of tools", lines=resource_lines),
        METADATA,
    ),
    actions=(
        Action("talk", "enter", "message", Open("talk", _RUN)),
        create(Operation("createAssistant", "POST", "/assistants", body=AssistantBody), "new assistant"),
        edit(Operation("modifyAssistant", "POST", "/assistants/{assistant_id}", body=AssistantBody)),
        Action(
            "run",
            "R",
            "run on a new thread",
            Ask(
                _RUN,
                fill=lambda assistant: {"assistant_id": assistant.id},
            ),
        ),
        try_it(RESPOND, _as_settings),
        delete(
            Operation("deleteAssistant", "DELETE", "/assistants/{assistant_id}"),
            "New runs with it fail. Its threads stay. This cannot be undone.",
        ),
    ),
    enter="talk",
    empty="No assistants. Press n to make one.",
    notice=RETIRED,
    ends=ENDED,
)
