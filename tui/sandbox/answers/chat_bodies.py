"""The request body of a chat completion."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.answers.abilities import check_effort, check_limit, check_reasoning, check_use, make_refusal
from tui.sandbox.answers.bodies import (
    Effort,
    FileIds,
    Function,
    Name,
    Penalty,
    Settings,
    Stop,
    StreamOptions,
    Structure,
    Verbosity,
    check_choice,
    check_json_word,
)
from tui.sandbox.answers.chat_messages import Message, check_turns, list_files
from tui.sandbox.answers.words import text_of
from tui.sandbox.protocol import Body, Problem


class PlainFormat(Body):
    """Text, or any JSON."""

    type: Literal["text", "json_object"]


class StructuredFormat(Body):
    """JSON of a schema."""

    type: Literal["json_schema"]
    json_schema: Structure


class FunctionTool(Body):
    """A function as a tool."""

    type: Literal["function"]
    function: Function


class CustomText(Body):
    """A tool that takes any text, or text of a grammar."""

    name: Name
    description: str | None = None
    format: dict[str, Any] | None = None


class CustomTool(Body):
    """A custom tool."""

    type: Literal["custom"]
    custom: CustomText


Tools = list[Annotated[FunctionTool | CustomTool, Field(discriminator="type")]]


class Named(Body):
    """A tool by its name."""

    name: str


class FunctionChoice(Body):
    """This function and no other."""

    type: Literal["function"]
    function: Named


class CustomChoice(Body):
    """This custom tool and no other."""

    type: Literal["custom"]
    custom: Named


class Allowed(Body):
    """Some of the tools."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class AllowedChoice(Body):
    """Only some of the tools."""

    type: Literal["allowed_tools"]
    allowed_tools: Allowed


Choice = (
    Literal["none", "auto", "required"]
    | Annotated[FunctionChoice | CustomChoice | AllowedChoice, Field(discriminator="type")]
)


class ChatBody(Settings):
    """A chat completion to make."""

    messages: Annotated[list[Message], Field(min_length=1)]
    stream_options: StreamOptions | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: dict[str, Any] | None = None
    verbosity: Verbosity | None = None
    reasoning_effort: Effort | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    web_search_options: dict[str, Any] | None = None
    response_format: Annotated[PlainFormat | StructuredFormat, Field(discriminator="type")] | None = None
    stop: Stop | None = None
    logit_bias: dict[str, Annotated[int, Field(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    prediction: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    tools: Annotated[Tools, Field(min_length=1, max_length=128)] | None = None
    tool_choice: Choice | None = None
    functions: Annotated[list[Function], Field(min_length=1, max_length=128)] | None = None
    function_call: Literal["none", "auto"] | Named | None = None

    @property
    def effort(self) -> str:
        """The reasoning effort. Raises `Problem` when the model does not have it."""
        return check_effort(self.model, self.reasoning_effort, "reasoning_effort")

    def check(self) -> None:
        """Raise `Problem` for what cannot be asked of this model, or contradicts itself."""
        check_use(self.model, "chat", "v1/chat/completions")
        effort = self.effort
        check_reasoning(effort, self, ("logprobs", "top_logprobs", "logit_bias", "stop"))
        if effort != "none" and self.max_tokens is not None:
            raise make_refusal("max_tokens", " Use 'max_completion_tokens' instead.")
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
            raise Problem(message, param="max_tokens", code="invalid_value")
        check_limit(self.model, self.max_tokens, "max_tokens")
        check_limit(self.model, self.max_completion_tokens, "max_completion_tokens")
        if self.top_logprobs is not None and not self.logprobs:
            raise Problem("'top_logprobs' is only allowed when 'logprobs' is true.", param="top_logprobs")
        if self.stream_options and not self.stream:
            message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            raise Problem(message, param="stream_options")
        if self.metadata and not self.store:
            message = "The 'metadata' parameter is only allowed when 'store' is enabled."
            raise Problem(message, param="metadata")
        if self.modalities and "audio" in self.modalities:
            raise Problem("This model does not support the requested output modalities.", param="modalities")
        self._check_formats()
        check_turns(self.messages)

    def _check_formats(self) -> None:
        """Raise `Problem` for schemas of tools, a choice among tools, or a format that cannot be kept to."""
        for number, tool in enumerate(self.tools or ()):
            if isinstance(tool, FunctionTool):
                tool.function.check(f"tools[{number}].function.parameters")
        for number, function in enumerate(self.functions or ()):
            function.check(f"functions[{number}].parameters")
        names = {
            tool.function.name if isinstance(tool, FunctionTool) else tool.custom.name for tool in self.tools or ()
        }
        choice = self.tool_choice
        if isinstance(choice, FunctionChoice | CustomChoice):
            check_choice(
                names, (choice.function if isinstance(choice, FunctionChoice) else choice.custom).name, names
            )
        elif choice is not None:
            check_choice(names, choice if isinstance(choice, str) else choice.allowed_tools.mode, names)
        if self.parallel_tool_calls is not None and not self.tools:
            message = "'parallel_tool_calls' is only allowed when 'tools' are specified."
            raise Problem(message, param="parallel_tool_calls")
        if isinstance(self.response_format, StructuredFormat):
            self.response_format.json_schema.check("response_format")
        elif self.response_format and self.response_format.type == "json_object":
            check_json_word(
                text_of([text_of(message.model_dump()) for message in self.messages]),
                "messages",
                "response_format",
            )

    def files(self) -> FileIds:
        """Return the files its messages show."""
        return list_files(self.messages)
