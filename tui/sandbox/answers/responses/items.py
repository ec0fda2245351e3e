"""The items that a response is made from: messages with text, images and files, calls and what they gave."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag

from tui.sandbox.answers.bodies import FileIds, check_base64, check_url
from tui.sandbox.protocol import Body, Problem

Status = Literal["in_progress", "completed", "incomplete"]


class InputText(Body):
    """Text of a message."""

    type: Literal["input_text"]
    text: str
    prompt_cache_breakpoint: dict[str, Any] | None = None


class OutputText(Body):
    """Text that the model wrote before."""

    type: Literal["output_text"]
    text: str
    annotations: list[Any] = []
    logprobs: list[Any] = []


class RefusalPart(Body):
    """Refusal of an earlier message of the model."""

    type: Literal["refusal"]
    refusal: str


class InputImage(Body):
    """An image: by address, inside the request, or uploaded."""

    type: Literal["input_image"]
    detail: Literal["auto", "low", "high", "original"] = "auto"
    image_url: str | None = None
    file_id: str | None = None
    prompt_cache_breakpoint: dict[str, Any] | None = None


class InputFile(Body):
    """A file: by address, inside the request, or uploaded."""

    type: Literal["input_file"]
    file_id: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    detail: Literal["auto", "low", "high"] | None = None
    prompt_cache_breakpoint: dict[str, Any] | None = None


Part = Annotated[InputText | OutputText | RefusalPart | InputImage | InputFile, Field(discriminator="type")]


class MessageItem(Body):
    """A message of anybody."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Part]
    id: str | None = None
    status: Status | None = None
    phase: Literal["commentary", "final_answer"] | None = None


class CallItem(Body):
    """A call that the model made."""

    type: Literal["function_call", "custom_tool_call"]
    call_id: str
    name: str
    arguments: str | None = None
    input: str | None = None
    id: str | None = None
    status: Status | None = None
    namespace: str | None = None
    caller: dict[str, Any] | None = None


class CallOutput(Body):
    """The output of a call."""

    type: Literal["function_call_output", "custom_tool_call_output"]
    call_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    output: str | list[Part]
    id: str | None = None
    status: Status | None = None
    caller: dict[str, Any] | None = None


class ItemReference(Body):
    """An item that the platform has already."""

    type: Literal["item_reference"]
    id: str


class OtherItem(Body):
    """An item that this simulation hands on without looking inside."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "reasoning", "compaction", "compaction_trigger", "additional_tools", "program", "program_output",
        "file_search_call", "web_search_call", "computer_call", "computer_call_output", "image_generation_call",
        "code_interpreter_call", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output",
        "apply_patch_call", "apply_patch_call_output", "mcp_call", "mcp_list_tools", "mcp_approval_request",
        "mcp_approval_response", "tool_search_call", "tool_search_output",
    ]  # fmt: skip
    id: str | None = None


def _item_kind(item: Any) -> str:
    kind = item.get("type", "message") if isinstance(item, dict) else getattr(item, "type", "message")
    kinds = {
        "message": "message",
        "function_call": "call",
        "custom_tool_call": "call",
        "item_reference": "reference",
    }
    kinds |= {"function_call_output": "output", "custom_tool_call_output": "output"}
    return kinds.get(kind, "other") if isinstance(kind, str) else "other"


Item = Annotated[
    Annotated[MessageItem, Tag("message")]
    | Annotated[CallItem, Tag("call")]
    | Annotated[CallOutput, Tag("output")]
    | Annotated[ItemReference, Tag("reference")]
    | Annotated[OtherItem, Tag("other")],
    Discriminator(_item_kind),
]
Input = str | list[Item]


def check_input(given: Input | None) -> None:
    """Raise `Problem` for images and files that cannot be had."""
    for number, item in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(item, MessageItem) or isinstance(item.content, str):
            continue
        for place, part in enumerate(item.content):
            here = f"input[{number}].content[{place}]"
            if isinstance(part, InputImage):
                _one_of(here, image_url=part.image_url, file_id=part.file_id)
                if part.image_url:
                    check_url(part.image_url, f"{here}.image_url")
            elif isinstance(part, InputFile):
                _one_of(here, file_id=part.file_id, file_data=part.file_data, file_url=part.file_url)
                if part.file_url:
                    check_url(part.file_url, f"{here}.file_url")
                if part.file_data:
                    check_base64(part.file_data.partition(";base64,")[2] or part.file_data, f"{here}.file_data")


def _one_of(param: str, **choices: str | None) -> None:
    if sum(value is not None for value in choices.values()) != 1:
        names = ", ".join(f"'{name}'" for name in choices)
        raise Problem(f"Invalid '{param}': expected exactly one of {names}.", param=param, code="invalid_value")


def find_files(given: Input | None) -> FileIds:
    """Return the files that an input shows."""
    return [
        (part.file_id, f"input[{number}].content[{place}].file_id")
        for number, item in enumerate(given if isinstance(given, list) else ())
        if isinstance(item, MessageItem) and isinstance(item.content, list)
        for place, part in enumerate(item.content)
        if isinstance(part, InputImage | InputFile) and part.file_id
    ]
