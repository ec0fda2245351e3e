"""Request bodies of assistants, threads, messages and runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from tui.sandbox.families.vector_stores.routes import Strategy
from tui.sandbox.protocol import Body, Fields, Metadata, OrderedListing

Instructions = Annotated[str, StringConstraints(max_length=256_000)]
Temperature = Annotated[float, Field(ge=0, le=2)]
TopP = Annotated[float, Field(ge=0, le=1)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Budget = Annotated[int, Field(ge=256)]
_FoundText = Literal["step_details.tool_calls[*].file_search.results[*].content"]


# Tools.


class CodeInterpreter(Body):
    """The tool that runs code."""

    type: Literal["code_interpreter"]


class AssistantRanking(Body):
    """Ranking of found text."""

    score_threshold: Annotated[float, Field(ge=0, le=1)]
    ranker: Literal["auto", "default_2024_08_21"] = "auto"


class SearchSettings(Body):
    """Settings of a file search."""

    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: AssistantRanking | None = None


class AssistantFileSearch(Body):
    """The tool that searches files."""

    type: Literal["file_search"]
    file_search: SearchSettings | None = None


class AssistantFunction(Body):
    """A function the caller offers to run."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]+$", max_length=64)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class AssistantFunctionTool(Body):
    """The tool that asks for a function's output."""

    type: Literal["function"]
    function: AssistantFunction


Tool = Annotated[CodeInterpreter | AssistantFileSearch | AssistantFunctionTool, Field(discriminator="type")]
Tools = Annotated[list[Tool], Field(max_length=128)]


class CodeFiles(Body):
    """The files that code may read."""

    file_ids: Annotated[list[str], Field(max_length=20)] = []


class SearchStores(Body):
    """The vector stores to search."""

    vector_store_ids: Annotated[list[str], Field(max_length=1)] = []


class Resources(Body):
    """The files and vector stores of the tools."""

    code_interpreter: CodeFiles | None = None
    file_search: SearchStores | None = None


class NewStore(Body):
    """A vector store to make on the way."""

    file_ids: list[str] = []
    chunking_strategy: Strategy | None = None
    metadata: Metadata | None = None


class NewSearchStores(SearchStores):
    """The vector stores to search, or one to make."""

    vector_stores: Annotated[list[NewStore], Field(max_length=1)] = []


class NewResources(Resources):
    """The files and vector stores of the tools of a new assistant or thread."""

    file_search: NewSearchStores | None = None


class NamedFunction(Body):
    """A function by its name."""

    name: str


class AssistantChoice(Body):
    """A tool that must be used."""

    type: Literal["function", "code_interpreter", "file_search"]
    function: NamedFunction | None = None


Choice = Literal["none", "auto", "required"] | AssistantChoice


# What is answered.


class AssistantFormat(Body):
    """Text, or any JSON."""

    type: Literal["text", "json_object"]


class Schema(Body):
    """The shape an answer must have."""

    name: str
    description: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None


class SchemaFormat(Body):
    """JSON of one shape."""

    type: Literal["json_schema"]
    json_schema: Schema


Format = Literal["auto"] | Annotated[AssistantFormat | SchemaFormat, Field(discriminator="type")]


# Assistants.


class ModifyAssistant(Body):
    """Changes to an assistant."""

    model: str | None = None
    name: Annotated[str, StringConstraints(max_length=256)] | None = None
    description: Annotated[str, StringConstraints(max_length=512)] | None = None
    instructions: Instructions | None = None
    tools: Tools = []
    tool_resources: Resources | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    reasoning_effort: Effort | None = None
    response_format: Format | None = None


class CreateAssistant(ModifyAssistant):
    """An assistant to make."""

    model: str
    tool_resources: NewResources | None = None


# Messages and threads.


class ImageFile(Body):
    """An uploaded image."""

    file_id: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageFilePart(Body):
    """A part of a message that is an uploaded image."""

    type: Literal["image_file"]
    image_file: ImageFile


class ImageUrl(Body):
    """An image elsewhere."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageUrlPart(Body):
    """A part of a message that is an image elsewhere."""

    type: Literal["image_url"]
    image_url: ImageUrl


class MessageText(Body):
    """A part of a message that is text."""

    type: Literal["text"]
    text: str


Part = Annotated[ImageFilePart | ImageUrlPart | MessageText, Field(discriminator="type")]


class PlainSearch(Body):
    """File search without settings."""

    type: Literal["file_search"]


class Attachment(Body):
    """A file and the tools that may read it."""

    file_id: str
    tools: list[Annotated[CodeInterpreter | PlainSearch, Field(discriminator="type")]]


class CreateMessage(Body):
    """A message to add."""

    role: Literal["user", "assistant"]
    content: str | Annotated[list[Part], Field(min_length=1)]
    attachments: list[Attachment] | None = None
    metadata: Metadata | None = None


class CreateThread(Body):
    """A thread to begin."""

    messages: list[CreateMessage] = []
    tool_resources: NewResources | None = None
    metadata: Metadata | None = None


class ModifyThread(Body):
    """Changes to a thread."""

    tool_resources: Resources | None = None
    metadata: Metadata | None = None


class ModifyMetadata(Body):
    """Changes to a message or a run."""

    metadata: Metadata | None = None


class MessageQuery(OrderedListing):
    """The query of a thread's messages."""

    run_id: str = ""


# Runs.


class Truncation(Body):
    """The messages of a long thread that are read."""

    type: Literal["auto", "last_messages"]
    last_messages: Annotated[int, Field(ge=1)] | None = None


class RunSettings(Body):
    """The settings of a run; those left out come from the assistant."""

    assistant_id: str
    model: str | None = None
    instructions: Instructions | None = None
    tools: Annotated[list[Tool], Field(max_length=20)] | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    stream: bool | None = None
    max_prompt_tokens: Budget | None = None
    max_completion_tokens: Budget | None = None
    truncation_strategy: Truncation | None = None
    tool_choice: Choice | None = None
    parallel_tool_calls: bool = True
    response_format: Format | None = None


class CreateAssistantRun(RunSettings):
    """A run to begin in a thread."""

    reasoning_effort: Effort | None = None
    additional_instructions: Instructions | None = None
    additional_messages: list[CreateMessage] | None = None


class CreateThreadAndRun(RunSettings):
    """A thread to begin and to run."""

    thread: CreateThread | None = None
    tool_resources: Resources | None = None


class ToolOutput(Body):
    """The output of one function call."""

    tool_call_id: str
    output: str = ""


class SubmitOutputs(Body):
    """The outputs of all function calls that a run waits for."""

    tool_outputs: list[ToolOutput]
    stream: bool | None = None


class StepQuery(OrderedListing):
    """The query of a run's steps. Only `include` tells the text that was found."""

    include: list[_FoundText] | _FoundText = []


class StepInclude(Fields):
    """The query of one step."""

    include: list[_FoundText] | _FoundText = []
