"""The parameters of each generating endpoint that its form has no question for: given as JSON, and checked.

https://platform.openai.com/docs/api-reference/responses/create, …/chat/create, …/completions/create
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError
from pydantic import Field as Input

from tui.resources.language.objects import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = dict[str, Any]
Tier = Literal["auto", "default", "flex", "scale", "priority"]
Stop = str | Annotated[list[str], Input(min_length=1, max_length=4)]
Penalty = Annotated[float, Input(ge=-2, le=2)]
Bias = dict[str, Annotated[float, Input(ge=-100, le=100)]]


class _Shared(Request):
    """What responses and chat completions have in common."""

    tool_choice: Literal["none", "auto", "required"] | JSON | None = None
    parallel_tool_calls: bool | None = None
    service_tier: Tier | None = None
    top_logprobs: int | None = Input(None, ge=0, le=20)
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    prompt_cache_options: JSON | None = None
    safety_identifier: str | None = Input(None, max_length=64)
    user: str | None = None
    moderation: JSON | None = None


class ResponseParameters(_Shared):
    """Further parameters of a response."""

    conversation: str | JSON | None = None
    context_management: list[JSON] | None = Input(None, min_length=1)
    include: list[str] | None = None
    max_tool_calls: int | None = Input(None, ge=1)
    prompt: JSON | None = None
    reasoning: JSON | None = None
    text: JSON | None = None
    truncation: Literal["auto", "disabled"] | None = None


class ChatParameters(_Shared):
    """Further parameters of a chat completion."""

    audio: JSON | None = None
    frequency_penalty: Penalty | None = None
    function_call: str | JSON | None = None
    functions: list[JSON] | None = None
    logit_bias: Bias | None = None
    logprobs: bool | None = None
    max_tokens: int | None = Input(None, ge=1)
    modalities: list[Literal["text", "audio"]] | None = None
    n: int | None = Input(None, ge=1, le=128)
    prediction: JSON | None = None
    presence_penalty: Penalty | None = None
    response_format: JSON | None = None
    stop: Stop | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: JSON | None = None


class CompletionParameters(Request):
    """Further parameters of a legacy completion."""

    best_of: int | None = Input(None, ge=0, le=20)
    frequency_penalty: Penalty | None = None
    logit_bias: Bias | None = None
    n: int | None = Input(None, ge=1, le=128)
    presence_penalty: Penalty | None = None
    stop: Stop | None = None
    user: str | None = None


def mark_json_parameters(model: type[Request]) -> tuple[AfterValidator, Any]:
    """Return the marks of a field whose JSON object holds parameters of `model`: they are checked and named."""
    names = ", ".join(sorted(model.model_fields))

    def check(given: JSON | None) -> JSON | None:
        try:
            model.model_validate(given or {})
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False)[0]
            name = str(fault["loc"][0])
            if fault["type"] == "extra_forbidden":
                raise ValueError(f"{name} is no further parameter; there are {names}") from None
            raise ValueError(f"{name}: {fault['msg']}") from None
        return given

    return AfterValidator(check), Input(title="further parameters", description=f"As JSON: {names}.")


def merge_parameters(body: Mapping[str, Any], further: Mapping[str, Any] | None) -> JSON:
    """Return a request with further parameters; what is an object in both is merged."""
    whole = dict(body)
    for name, value in (further or {}).items():
        before = whole.get(name)
        whole[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return whole
