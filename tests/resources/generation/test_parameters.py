"""What a bench or a form sends beyond what it asks for: further parameters, and what tools and images must say."""

from __future__ import annotations

import pytest

from tests.sandbox.contract import _contract, _fields
from tests.support.filling import action_of, filled
from tui.resources.generation.endpoints import ChatSettings, CompletionSettings, ResponseSettings
from tui.resources.generation.parameters import (
    ChatParameters,
    CompletionParameters,
    ResponseParameters,
    merge_parameters,
)
from tui.resources.generation.tools import (
    convert_item_for_response,
    convert_tool_for_chat,
    convert_tool_for_response,
)
from tui.resources.language.asking.forms import FaultyAnswers
from tui.workflows.generation.dialects import CHAT, COMPLETE, RESPOND, UserTurn

FLAT = {"type": "function", "name": "weather", "parameters": {"type": "object"}}
NESTED = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


@pytest.mark.parametrize("tool", [FLAT, NESTED])
def test_a_function_is_written_as_each_endpoint_wants_it(tool: dict[str, object]) -> None:
    assert convert_tool_for_response(tool) == {**FLAT, "strict": False}
    assert convert_tool_for_chat(tool) == NESTED
    body = filled(action_of("responses", "create"), input="Hello", tools=[tool])
    assert body["tools"] == [{**FLAT, "strict": False}]
    assert filled(action_of("completions", "create"), tools=[tool])["tools"] == [NESTED]
    strict = {**FLAT, "strict": True}
    assert convert_tool_for_response(strict) == strict
    assert convert_tool_for_response({"type": "web_search"}) == {"type": "web_search"}


def test_an_image_says_its_detail() -> None:
    item = {"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}, {"type": "input_text"}]}
    said = convert_item_for_response(item)["content"]
    assert said == [{"type": "input_image", "file_id": "file-1", "detail": "auto"}, {"type": "input_text"}]
    body = RESPOND.build_body(
        {"model": "m"}, [UserTurn("What is it?", files=[("a.png", "data:image/png;base64,AA")])]
    )
    assert body["input"][0]["content"][1]["detail"] == "auto"
    assert filled(action_of("conversations", "create"), items=[item])["items"][0]["content"] == said


def test_further_parameters_go_into_the_request() -> None:
    more = {"tool_choice": "required", "text": {"verbosity": "low"}, "truncation": "auto"}
    body = RESPOND.build_body({"model": "m", "json_schema": {"type": "object"}, "more": more}, [UserTurn("Hello")])
    assert body["tool_choice"] == "required"
    assert body["text"]["verbosity"] == "low"
    assert body["text"]["format"]["schema"] == {"type": "object"}
    assert "more" not in body
    assert CHAT.build_body({"model": "m", "more": {"n": 2}}, [UserTurn("Hello")])["n"] == 2
    assert COMPLETE.build_body({"model": "m", "more": {"best_of": 2}}, [UserTurn("Hello")])["best_of"] == 2
    assert merge_parameters({"a": 1}, None) == {"a": 1}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"temprature": 1}, "temprature is no further parameter"),
        ({"service_tier": "fast"}, "service_tier: Input should be"),
        ({"top_logprobs": 21}, "top_logprobs: Input should be less than or equal to 20"),
    ],
)
def test_further_parameters_are_checked(more: dict[str, object], told: str) -> None:
    with pytest.raises(FaultyAnswers) as caught:
        filled(action_of("models", "try-responses"), more=more)
    assert told in caught.value.faults["more"]


@pytest.mark.parametrize(
    ("path", "settings", "further"),
    [
        ("/responses", ResponseSettings, ResponseParameters),
        ("/chat/completions", ChatSettings, ChatParameters),
        ("/completions", CompletionSettings, CompletionParameters),
    ],
)
def test_every_parameter_of_the_description_can_be_sent(path: str, settings: type, further: type) -> None:
    known = _fields(_contract()["bodies"][f"POST {path}"]["application/json"])
    own = {"input", "messages", "stream_options"} | ({"prompt"} if path == "/completions" else set())
    can = {*settings.model_fields, *further.model_fields, *own}  # type: ignore[attr-defined]
    assert known - can == set()
    assert set(further.model_fields) <= known  # type: ignore[attr-defined]
