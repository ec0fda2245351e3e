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
    check_base64,
    check_choice,
    check_json_word,
    check_url,
)
from tui.sandbox.answers.words import text_of
from tui.sandbox.protocol import Body, Problem


class TextPart(Body):
    """Text of a message."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: dict[str, Any] | None = None


class RefusalPart(Body):
    """Refusal of an assistant's message."""

    type: Literal["refusal"]
    refusal: str


class ChatImage(Body):
    """Address of an image, and in how much detail to look at it."""

    url: str
    detail: Literal["auto", "low", "high", "original"] = "auto"


class ImagePart(Body):
    """An image of a message."""

    type: Literal["image_url"]
    image_url: ChatImage
    prompt_cache_breakpoint: dict[str, Any] | None = None


class Sound(Body):
    """Recorded speech."""

    data: str
    format: Literal["wav", "mp3"]


class SoundPart(Body):
    """Speech of a message."""

    type: Literal["input_audio"]
    input_audio: Sound
    prompt_cache_breakpoint: dict[str, Any] | None = None


class File(Body):
    """A file: uploaded or inside the request."""

    file_id: str | None = None
    file_data: str | None = None
    filename: str | None = None


class FilePart(Body):
    """A file of a message."""

    type: Literal["file"]
    file: File
    prompt_cache_breakpoint: dict[str, Any] | None = None


Texts = Annotated[list[TextPart], Field(min_length=1)]
UserParts = Annotated[
    list[Annotated[TextPart | ImagePart | SoundPart | FilePart, Field(discriminator="type")]], Field(min_length=1)
]


class Instruction(Body):
    """A message of the developer."""

    role: Literal["developer", "system"]
    content: str | Texts
    name: str | None = None


class UserMessage(Body):
    """A message of the user."""

    role: Literal["user"]
    content: str | UserParts
    name: str | None = None


class CalledFunction(Body):
    """The function of a call."""

    name: str
    arguments: str


class CalledCustom(Body):
    """The custom tool of a call."""

    name: str
    input: str


class FunctionCall(Body):
    """A call of a function."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class CustomCall(Body):
    """A call of a custom tool."""

    id: str
    type: Literal["custom"]
    custom: CalledCustom


class AssistantMessage(Body):
    """An earlier message of the assistant. Answers can be sent back as they came, `annotations` included."""

    role: Literal["assistant"]
    content: str | list[Annotated[TextPart | RefusalPart, Field(discriminator="type")]] | None = None
    refusal: str | None = None
    name: str | None = None
    audio: dict[str, Any] | None = None
    annotations: list[Any] | None = None
    tool_calls: list[Annotated[FunctionCall | CustomCall, Field(discriminator="type")]] | None = None
    function_call: CalledFunction | None = None


class ToolMessage(Body):
    """The output of a tool call."""

    role: Literal["tool"]
    content: str | Texts
    tool_call_id: str


class FunctionMessage(Body):
    """The output of a function, in the deprecated form."""

    role: Literal["function"]
    content: str | None
    name: str


Message = Annotated[
    Instruction | UserMessage | AssistantMessage | ToolMessage | FunctionMessage, Field(discriminator="role")
]


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
        self._check_turns()

    def _check_formats(self) -> None:
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

    def _check_turns(self) -> None:
        """Tool calls and their answers must belong together."""
        open_: set[str] = set()
        for number, message in enumerate(self.messages):
            param = f"messages[{number}]"
            if isinstance(message, ToolMessage):
                if message.tool_call_id not in open_:
                    words = (
                        "Invalid parameter: messages with role 'tool' must be a response to a preceding message "
                    )
                    raise Problem(f"{words}with 'tool_calls'.", param=f"{param}.role")
                open_.discard(message.tool_call_id)
                continue
            _check_open(open_, param)
            if isinstance(message, AssistantMessage):
                open_ = {call.id for call in message.tool_calls or ()}
                if not (message.content or message.tool_calls or message.function_call or message.refusal):
                    words = f"Invalid value for '{param}.content': expected a string, but got null."
                    raise Problem(words, param=f"{param}.content", code="invalid_value")
            elif isinstance(message, UserMessage) and not isinstance(message.content, str):
                _check_parts(message.content, f"{param}.content")
        _check_open(open_, "messages")

    def files(self) -> FileIds:
        """Return the files its messages show."""
        return [
            (part.file.file_id, f"messages[{number}].content[{place}].file.file_id")
            for number, message in enumerate(self.messages)
            if isinstance(message, UserMessage) and not isinstance(message.content, str)
            for place, part in enumerate(message.content)
            if isinstance(part, FilePart) and part.file.file_id
        ]


def _check_open(open_: set[str], param: str) -> None:
    if open_:
        words = "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        ids = ", ".join(sorted(open_))
        raise Problem(
            f"{words}'tool_call_id'. These tool_call_ids did not have response messages: {ids}", param=param
        )


def _check_parts(parts: list[Any], param: str) -> None:
    for number, part in enumerate(parts):
        here = f"{param}[{number}]"
        if isinstance(part, ImagePart):
            check_url(part.image_url.url, f"{here}.image_url.url")
        elif isinstance(part, SoundPart):
            check_base64(part.input_audio.data, f"{here}.input_audio.data")
        elif isinstance(part, FilePart):
            if bool(part.file.file_id) == bool(part.file.file_data):
                message = f"Invalid '{here}.file': expected either 'file_id' or 'file_data'."
                raise Problem(message, param=f"{here}.file", code="invalid_value")
            if part.file.file_data:
                check_url(part.file.file_data, f"{here}.file.file_data")
