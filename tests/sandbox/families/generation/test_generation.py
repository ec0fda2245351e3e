"""What simulated models write: texts, values of schemas, vectors, flags; and how fast it comes."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from openai.types import Completion, CreateEmbeddingResponse, ModerationCreateResponse
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from tests.sandbox.conftest import NOW
from tests.support.examples import examples
from tui.sandbox.answers.generate import answer
from tui.sandbox.answers.responses.bodies import ResponseBody
from tui.sandbox.answers.responses.events import ResponseCourse, list_events, response_at
from tui.sandbox.answers.responses.response import build_response, complete_items
from tui.sandbox.answers.schemas import make_value
from tui.sandbox.answers.words import Dice, log_probabilities, pieces
from tui.sandbox.families import KINDS
from tui.sandbox.families.generation import chat, responses
from tui.sandbox.families.models import add_model
from tui.sandbox.protocol import Problem
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.sandbox.conftest import Steer


# -- words and values


@given(st.text())
def test_tokens_are_the_text_in_pieces(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))
    assert "".join(item["token"] for item in log_probabilities(text, 2, "key")) == text


TREE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
        "parent": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["name", "children", "parent"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "numbers": {
        "type": "object",
        "properties": {
            "whole": {"type": "integer", "minimum": -3, "exclusiveMaximum": 5},
            "step": {"type": "number", "multipleOf": 0.25, "minimum": 1, "maximum": 2},
            "even": {"type": "integer", "multipleOf": 2, "exclusiveMinimum": 10},
            "below": {"type": "number", "maximum": -7},
            "between": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        },
        "required": ["whole", "step", "even", "below", "between"],
    },
    "texts": {
        "type": "object",
        "properties": {
            "short": {"type": "string", "maxLength": 4},
            "long": {"type": "string", "minLength": 90, "maxLength": 95},
            "digits": {"type": "string", "pattern": r"^\d{5}$"},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
            "when": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "id": {"type": "string", "format": "uuid"},
            "from": {"type": "string", "format": "ipv4"},
        },
        "required": ["short", "long", "digits", "code", "when", "mail", "id", "from"],
    },
    "choices": {
        "type": "object",
        "properties": {
            "one": {"enum": ["a", 2, None, {"x": 1}]},
            "fixed": {"const": [1, 2]},
            "many": {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 5, "maxItems": 6},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2},
            "maybe": {"type": ["string", "null"]},
            "either": {"oneOf": [{"type": "boolean"}, {"type": "object", "properties": {"z": {"type": "null"}}}]},
        },
        "required": ["one", "fixed", "many", "pair", "maybe", "either"],
    },
    "parts": {
        "$defs": {"base": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
        "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"tag": {"type": "string"}}, "required": ["tag"]}],
    },
    "tree": TREE,
    "list": {"type": "array", "items": {"type": "array", "items": {"type": "boolean"}}, "minItems": 2},
}


@pytest.mark.parametrize("name", SCHEMAS)
@examples(40)
@given(key=st.text(max_size=5))
def test_values_conform_to_their_schema(name: str, key: str) -> None:
    value = make_value(SCHEMAS[name], Dice(key), "[simulated] some text")
    Draft202012Validator(SCHEMAS[name], format_checker=FormatChecker()).validate(value)
    json.dumps(value)


@examples(80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "type",
                        "properties",
                        "required",
                        "items",
                        "enum",
                        "anyOf",
                        "allOf",
                        "$ref",
                        "$defs",
                        "minimum",
                        "pattern",
                    )
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_no_schema_makes_it_fall_over(schema: Any) -> None:
    format_ = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "x"}], "response_format": format_}
    reply = answer("/v1/chat/completions", body, {"gpt-4.1"}, created=1)
    assert reply.status in (200, 400)


def test_a_response_looks_the_same_however_often_one_looks() -> None:
    """Each moment's look follows from the events until then, and none of it is ever taken back."""
    body = ResponseBody.model_validate({"model": "gpt-5", "input": "x", "background": True})
    whole = build_response(body, "k", complete_items("x", "k"), id_="resp_1", created=int(NOW))
    course = ResponseCourse(queued=2, pace=0.02)
    told = list_events(whole, course)
    assert told == list_events(whole, course)
    looks = [response_at(whole, told, moment / 10) for moment in range(80)]
    states = [look["status"] for look in looks]
    assert sorted(states, key=["queued", "in_progress", "completed"].index) == states
    assert set(states) == {"queued", "in_progress", "completed"}
    sizes = [len(look["output"]) for look in looks]
    assert sizes == sorted(sizes)
    assert looks[-1]["output"] == whole["output"]
    assert looks[-1]["completed_at"] == int(NOW + told[-1].due)


# -- the official client puts streams together


class City(BaseModel):
    name: str
    people: int


def test_streamed_chat_completions_add_up(official: openai.OpenAI) -> None:
    body: Any = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "A city"}], "response_format": City}
    with official.chat.completions.stream(**body) as stream:
        streamed = stream.get_final_completion().choices[0].message.parsed
    assert streamed == official.chat.completions.parse(**body).choices[0].message.parsed
    assert isinstance(streamed, City)


@pytest.mark.parametrize("more", [{"text_format": City}, {"model": "gpt-5", "reasoning": {"summary": "auto"}}])
def test_streamed_responses_add_up(official: openai.OpenAI, more: dict[str, Any]) -> None:
    body: Any = {"model": "gpt-4.1", "input": "A city", **more}
    with official.responses.stream(**body) as stream:
        deltas = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        streamed = stream.get_final_response()
    assert deltas == streamed.output_text == official.responses.parse(**body).output_text
    assert isinstance(streamed.output_parsed, City) == ("text_format" in more)


# -- completions, embeddings, moderations


def test_completions_go_on_and_stream(official: openai.OpenAI) -> None:
    body: Any = {
        "model": "gpt-3.5-turbo-instruct",
        "prompt": ["One day", "One night"],
        "max_tokens": 12,
        "logprobs": 2,
    }
    whole = official.completions.create(**body)
    assert Completion.model_validate(whole.model_dump())
    assert [choice.index for choice in whole.choices] == [0, 1]
    assert whole.choices[0].finish_reason == "length"
    logprobs = whole.choices[0].logprobs
    assert logprobs
    assert "".join(logprobs.tokens or []) == whole.choices[0].text
    assert (
        len(logprobs.tokens or []) == len(logprobs.token_logprobs or []) == len(logprobs.text_offset or []) == 12
    )
    chunks = list(official.completions.create(**body, stream=True, stream_options={"include_usage": True}))
    for choice in whole.choices:
        parts = [part for chunk in chunks for part in chunk.choices if part.index == choice.index]
        assert "".join(part.text for part in parts) == choice.text
        assert parts[-1].finish_reason == "length"
    assert chunks[-1].usage == whole.usage
    echoed = official.completions.create(**body, echo=True)
    assert echoed.choices[0].text == "One day" + whole.choices[0].text


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": "gpt-4o"}, "model"),
        ({"n": 3, "best_of": 2}, "best_of"),
        ({"model": "babbage-002", "suffix": "x"}, "suffix"),
        ({"logprobs": 6}, "logprobs"),
        ({"prompt": []}, "prompt"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"max_tokens": 5000}, "max_tokens"),
    ],
)
def test_bad_completions_are_told(api: httpx.Client, change: dict[str, Any], param: str) -> None:
    reply = api.post("/completions", json={"model": "gpt-3.5-turbo-instruct", "prompt": "x"} | change)
    assert (reply.status_code in (400, 404), reply.json()["error"]["param"]) == (True, param)


def test_embeddings_are_near_where_texts_are(official: openai.OpenAI) -> None:
    texts = ["refund for a broken kettle", "refunds for broken kettles", "timetable of the night trains"]
    found = official.embeddings.create(model="text-embedding-3-small", input=texts, encoding_format="float")
    assert CreateEmbeddingResponse.model_validate(found.model_dump())
    one, two, three = (item.embedding for item in found.data)

    def nearness(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert len(one) == 1536
    assert nearness(one, one) == pytest.approx(1, abs=1e-3)
    assert nearness(one, two) > 2 * abs(nearness(one, three))
    plain = official.embeddings.create(
        model="text-embedding-3-large", input=[[1, 2], [3]], dimensions=16, encoding_format="float"
    )
    assert [len(item.embedding) for item in plain.data] == [16, 16]
    assert found.usage.prompt_tokens > plain.usage.prompt_tokens > 0


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": "word " * 8200}, "input"),
        ({"dimensions": 1537}, "dimensions"),
        ({"dimensions": 0}, "dimensions"),
        ({"model": "text-embedding-ada-002", "dimensions": 5}, "dimensions"),
        ({"model": "gpt-4o"}, "model"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_bad_embeddings_are_told(api: httpx.Client, change: dict[str, Any], param: str) -> None:
    reply = api.post("/embeddings", json={"model": "text-embedding-3-small", "input": "x"} | change)
    assert (reply.status_code in (400, 404), reply.json()["error"]["param"]) == (True, param)


def test_moderations_follow_what_is_said_and_shown(official: openai.OpenAI) -> None:
    found = official.moderations.create(input=["I will attack you", "a cup of tea"])
    assert ModerationCreateResponse.model_validate(found.model_dump(by_alias=True))
    assert [result.flagged for result in found.results] == [True, False]
    assert found.results[0].categories.violence
    assert not found.results[0].categories.hate
    assert found.results[0].category_scores.violence > 0.5 > found.results[0].category_scores.hate
    parts: Any = [
        {"type": "text", "text": "a cup of tea"},
        {"type": "image_url", "image_url": {"url": "https://example.com/gore.png"}},
    ]
    (seen,) = official.moderations.create(input=parts).results
    assert (seen.flagged, seen.categories.violence_graphic) == (True, True)
    assert seen.category_applied_input_types.violence == ["text", "image"]
    assert seen.category_applied_input_types.hate == ["text"]
    for bad in ("", [], [*parts, parts[1]]):
        with pytest.raises(openai.BadRequestError):
            official.moderations.create(input=bad)


@pytest.mark.parametrize("path", ["/chat/completions", "/responses", "/completions", "/embeddings"])
def test_answers_tell_what_is_left_of_the_limits(api: httpx.Client, steer: Steer, path: str) -> None:
    models = {"/completions": "babbage-002", "/embeddings": "text-embedding-3-small"}
    field, said = {"/chat/completions": ("messages", [{"role": "user", "content": "x"}])}.get(path, ("input", "x"))
    body = {"model": models.get(path, "gpt-4.1"), "prompt" if path == "/completions" else field: said}
    left = [int(api.post(path, json=body).headers["x-ratelimit-remaining-requests"]) for _ in range(2)]
    assert left[0] - left[1] == 1
    if path != "/embeddings":
        steer("clock", advance=60)
        headers = api.post(path, json=body | {"stream": True}).headers
        assert int(headers["x-ratelimit-remaining-requests"]) > left[1]
        assert int(headers["x-ratelimit-remaining-tokens"]) < int(headers["x-ratelimit-limit-tokens"])
        assert headers["x-ratelimit-reset-tokens"].endswith("s")


# -- time, and what there is at the start


async def test_a_stream_comes_as_time_passes(tmp_path: Path) -> None:
    """What is due by now comes at once; on a running clock that is fast enough, nothing is waited for."""
    world = World(tmp_path, kinds=KINDS, speed=1000)
    add_model(world, "gpt-4.1", owner="system", created=0)
    body = ResponseBody.model_validate({"model": "gpt-4.1", "input": "[flood 5000]", "stream": True})
    answer = responses.create_response(world, body)
    assert isinstance(answer, StreamingResponse)
    parts = [bytes(part) async for part in answer.body_iterator]  # type: ignore[arg-type]
    text = b"".join(parts).decode()
    assert len(parts) < 50
    assert text.count("event: response.output_text.delta\n") == 5_000
    assert text.count("event: response.completed\n") == 1
    world.close()


def test_a_token_takes_its_time() -> None:
    whole = build_response(
        ResponseBody(model="gpt-4.1", input="x"), "k", complete_items("x", "k"), id_="resp_1", created=0
    )
    text = whole["output"][0]["content"][0]["text"]
    assert list_events(whole, ResponseCourse(0, 0.02))[-1].due == pytest.approx(0.02 * len(pieces(text)))


@pytest.fixture
def started(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """What a scenario starts the generating families with."""
    world = World(tmp_path, kinds=KINDS, now=NOW)
    for family in (chat.family, responses.family):
        family.seed(world, request.param)
    world.settle(math.inf)
    yield world
    world.close()


@pytest.mark.parametrize("started", ["busy"], indirect=True)
def test_a_busy_account_has_something_to_look_at(started: World) -> None:
    kept = [json.loads(started.text(row)) for row in started.rows("chat.completion")]
    assert len(kept) == 30
    assert len({completion["model"] for completion in kept}) == 5
    assert {"stop", "length", "tool_calls"} == {completion["choices"][0]["finish_reason"] for completion in kept}
    states = [json.loads(started.text(row))["status"] for row in started.rows("response")]
    assert {"completed", "incomplete", "failed", "in_progress"} == set(states)
    started.advance(3600)
    started.settle(math.inf)
    assert "in_progress" not in [json.loads(started.text(row))["status"] for row in started.rows("response")]


@pytest.mark.parametrize("started", ["nasty"], indirect=True)
def test_a_nasty_account_has_odd_ones(started: World) -> None:
    kept = [json.loads(started.text(row)) for row in started.rows("chat.completion")]
    assert any("\x1b" in str(completion.get("model")) for completion in kept)
    assert any("choices" not in completion for completion in kept)
    states = [json.loads(started.text(row)).get("status") for row in started.rows("response")]
    assert "dreaming" in states
    with pytest.raises(Problem, match="synchronous"):
        responses.cancel_response(started, "resp_odd_bare")
