"""The request body of a response."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from tui.sandbox.answers.abilities import check_effort, check_limit, check_reasoning, check_use
from tui.sandbox.answers.bodies import (
    Effort,
    FileIds,
    Function,
    Settings,
    Share,
    StreamOptions,
    Structure,
    Verbosity,
    check_choice,
    check_json_word,
)
from tui.sandbox.answers.responses.items import Input, check_input, find_files
from tui.sandbox.answers.words import text_of
from tui.sandbox.protocol import Body, Fields, Listing, Problem

Include = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]


Includes = Annotated[list[Include], BeforeValidator(lambda given: given if isinstance(given, list) else [given])]
"""What else to tell; a query may name a single one without brackets."""


class FunctionTool(Function):
    """A function that the caller runs."""

    type: Literal["function"]
    output_schema: dict[str, Any] | None = None
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None


class CustomTool(Body):
    """A tool of the caller that takes any text."""

    type: Literal["custom"]
    name: str
    description: str | None = None
    format: dict[str, Any] | None = None
    defer_loading: bool | None = None


class Ranking(Body):
    """Ranking of what a search finds."""

    ranker: Literal["auto", "default-2024-11-15", "none"] = "auto"
    score_threshold: Share = 0
    hybrid_search: dict[str, Any] | None = None


class FileSearch(Body):
    """A search in vector stores."""

    type: Literal["file_search"]
    vector_store_ids: Annotated[list[str], Field(min_length=1)]
    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: Ranking | None = None
    filters: dict[str, Any] | None = None


class HostedTool(Body):
    """A tool that the platform runs, or whose calls it knows."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "computer", "computer_use_preview", "web_search", "web_search_2025_08_26", "web_search_preview",
        "web_search_preview_2025_03_11", "mcp", "code_interpreter", "programmatic_tool_calling",
        "image_generation", "local_shell", "shell", "namespace", "tool_search", "apply_patch",
    ]  # fmt: skip


AnyTool = Annotated[FunctionTool | CustomTool | FileSearch | HostedTool, Field(discriminator="type")]


class NamedChoice(Body):
    """One tool of the caller, and no other."""

    type: Literal["function", "custom"]
    name: str


class AllowedChoice(Body):
    """Only some of the tools."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class HostedChoice(Body):
    """One tool of the platform."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "file_search", "web_search_preview", "computer", "computer_use_preview", "web_search_preview_2025_03_11",
        "image_generation", "code_interpreter", "mcp", "apply_patch", "shell", "programmatic_tool_calling",
    ]  # fmt: skip


Choice = (
    Literal["none", "auto", "required"]
    | Annotated[NamedChoice | AllowedChoice | HostedChoice, Field(discriminator="type")]
)


class PlainFormat(Body):
    """Text, or any JSON."""

    type: Literal["text", "json_object"]


class StructuredFormat(Structure):
    """JSON of a schema."""

    type: Literal["json_schema"]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]


class TextSettings(Body):
    """Format and verbosity of the text."""

    format: Annotated[PlainFormat | StructuredFormat, Field(discriminator="type")] | None = None
    verbosity: Verbosity | None = None


class ReasoningSettings(Body):
    """Effort and summary of the reasoning."""

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    context: Literal["auto", "current_turn", "all_turns"] | None = None
    mode: str | None = None


class StoredPrompt(Body):
    """A stored prompt."""

    id: str
    version: str | None = None
    variables: dict[str, Any] | None = None


class ConversationReference(Body):
    """A conversation to go on with."""

    id: str


class CompactionSettings(Body):
    """The size from which on a context is compacted."""

    type: str
    compact_threshold: Annotated[int, Field(ge=1000)] | None = None


class ResponseBody(Settings):
    """A response to make."""

    input: Input | None = None
    instructions: str | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: str | ConversationReference | None = None
    include: list[Include] | None = None
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    max_tool_calls: Annotated[int, Field(ge=1)] | None = None
    text: TextSettings | None = None
    tools: list[AnyTool] | None = None
    tool_choice: Choice | None = None
    truncation: Literal["auto", "disabled"] | None = None
    reasoning: ReasoningSettings | None = None
    prompt: StoredPrompt | None = None
    stream_options: StreamOptions | None = None
    context_management: Annotated[list[CompactionSettings], Field(min_length=1)] | None = None

    @property
    def effort(self) -> str:
        """The reasoning effort. Raises `Problem` when the model does not have it."""
        return check_effort(self.model, self.reasoning.effort if self.reasoning else None, "reasoning.effort")

    def check(self) -> None:
        """Raise `Problem` for what cannot be asked of this model, or contradicts itself."""
        check_use(self.model, "chat", "v1/responses")
        check_limit(self.model, self.max_output_tokens, "max_output_tokens")
        check_reasoning(self.effort, self, ("top_logprobs",))
        if not self.input and not self.prompt and not self.previous_response_id and not self.conversation:
            message = "Missing required parameter: 'input'."
            raise Problem(message, param="input", code="missing_required_parameter")
        if self.previous_response_id and self.conversation:
            message = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'."
            raise Problem(message, param="previous_response_id", code="mutually_exclusive_parameters")
        if self.background and self.store is False:
            raise Problem("Background mode requires 'store' to be true.", param="background", code="invalid_value")
        if self.stream_options and not self.stream:
            message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            raise Problem(message, param="stream_options")
        check_input(self.input)
        self._check_tools()
        format_ = self.text.format if self.text else None
        if isinstance(format_, StructuredFormat):
            format_.check("text.format.schema")
        elif format_ and format_.type == "json_object":
            said = text_of(self.model_dump(include={"input"})["input"]) + (self.instructions or "")
            check_json_word(said, "input", "text.format")

    def _check_tools(self) -> None:
        for number, tool in enumerate(self.tools or ()):
            if isinstance(tool, FunctionTool):
                tool.check(f"tools[{number}].parameters")
        names = {tool.name for tool in self.tools or () if isinstance(tool, FunctionTool | CustomTool)}
        if isinstance(self.tool_choice, NamedChoice):
            check_choice(names, self.tool_choice.name, self.tools)
        elif self.tool_choice == "required":
            check_choice(names, self.tool_choice, self.tools)

    def files(self) -> FileIds:
        """Return the files its input shows."""
        return find_files(self.input)


class CountBody(ResponseBody):
    """Tokens to count: what a response would read."""

    model: str = "gpt-5"
    personality: str | None = None


class CompactBody(Body):
    """A conversation to shorten."""

    model: str | None
    input: Input | None = None
    previous_response_id: str | None = None
    instructions: str | None = None
    prompt_cache_key: Annotated[str, StringConstraints(max_length=64)] | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    prompt_cache_options: dict[str, Any] | None = None
    service_tier: str | None = None


class RetrieveQuery(Fields):
    """The query of one response: the whole, or its stream after an event."""

    include: Includes = []
    stream: bool = False
    starting_after: Annotated[int, Field(ge=0)] | None = None
    include_obfuscation: bool = True


class ItemsQuery(Listing):
    """The query of a response's input items."""

    order: Literal["asc", "desc"] = "desc"
    include: Includes = []
