"""Chat completions: asked by the official client, held against the description of the API, kept and changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.sandbox.conftest import get, upload
from tests.sandbox.contract import check_event

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
NOTE: Any = {"type": "custom", "custom": {"name": "take_note"}}


def said(text: str, **more: Any) -> dict[str, Any]:
    """A request body that asks this."""
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": text}], **more}


def joined(chunks: Iterable[ChatCompletionChunk], index: int = 0) -> tuple[str, str | None]:
    """The text of one choice of a stream, and why it ended."""
    text, finish = "", None
    for chunk in chunks:
        check_event("POST", "/chat/completions", chunk.to_dict())
        for choice in chunk.choices:
            if choice.index == index:
                text += choice.delta.content or choice.delta.refusal or ""
                finish = choice.finish_reason or finish
    return text, finish


def test_the_same_question_gets_the_same_answer(official: openai.OpenAI) -> None:
    first, again = (official.chat.completions.create(**said("Where is my parcel?")) for _ in range(2))
    other = official.chat.completions.create(**said("Where is my parcel?", seed=7))
    assert ChatCompletion.model_validate(first.model_dump())
    texts = [answer.choices[0].message.content for answer in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0]
    assert texts[0].startswith("[simulated]")
    assert "parcel" in texts[0]
    assert first.id != again.id
    assert first.usage
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens > 10


def test_a_stream_adds_up_to_the_answer(official: openai.OpenAI) -> None:
    whole = official.chat.completions.create(**said("Tell me of kettles", n=2))
    chunks = list(
        official.chat.completions.create(
            **said("Tell me of kettles", n=2), stream=True, stream_options={"include_usage": True}
        )
    )
    for choice in whole.choices:
        assert joined(chunks, choice.index) == (choice.message.content, "stop")
    assert whole.choices[0].message.content != whole.choices[1].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert not any(chunk.usage for chunk in chunks[:-1])
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_is_framed_as_the_platform_frames_it(api: httpx.Client) -> None:
    answer = api.post("/chat/completions", json=said("hello", stream=True))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = answer.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    assert all(event.startswith("data: {") for event in events[:-2])
    plain = api.post(
        "/chat/completions", json=said("hello", stream=True, stream_options={"include_obfuscation": False})
    )
    assert ("obfuscation" in answer.text, "obfuscation" in plain.text) == (True, False)


def test_limits_and_stops_cut_the_same_text(official: openai.OpenAI) -> None:
    whole = official.chat.completions.create(**said("Tell me of lamps")).choices[0].message.content or ""
    short = official.chat.completions.create(**said("Tell me of lamps", max_completion_tokens=9))
    assert short.choices[0].finish_reason == "length"
    assert short.choices[0].message.content
    assert whole.startswith(short.choices[0].message.content)
    assert short.usage
    assert short.usage.completion_tokens == 9
    ended = official.chat.completions.create(**said("Tell me of lamps", stop=[":", "never said"]))
    assert (ended.choices[0].message.content, ended.choices[0].finish_reason) == (whole.split(":")[0], "stop")


def test_a_model_that_reasons_may_run_out_of_tokens(official: openai.OpenAI) -> None:
    body = said("Think hard", model="gpt-5", reasoning_effort="high")
    answer = official.chat.completions.create(**body)
    assert answer.usage
    assert answer.usage.completion_tokens_details
    reasoned = answer.usage.completion_tokens_details.reasoning_tokens or 0
    assert 0 < reasoned < answer.usage.completion_tokens
    cut = official.chat.completions.create(**body, max_completion_tokens=20)
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("", "length")


@pytest.mark.parametrize("choice", ["required", "auto", WEATHER["type"]])
def test_tools_are_called_with_arguments_of_their_schema(official: openai.OpenAI, choice: str) -> None:
    picked: Any = {"type": "function", "function": {"name": "get_weather"}} if choice == "function" else choice
    text = "What does get_weather say?" if choice == "auto" else "Will it rain?"
    body = said(text, tools=[WEATHER, NOTE], tool_choice=picked)
    answer = official.chat.completions.create(**body)
    message = answer.choices[0].message
    assert message.content is None
    assert message.tool_calls
    (call,) = message.tool_calls
    assert call.type == "function"
    arguments = json.loads(call.function.arguments)
    assert set(arguments) == {"city", "days"}
    assert 1 <= arguments["days"] <= 7
    assert answer.choices[0].finish_reason == ("stop" if choice == "function" else "tool_calls")
    deltas = [chunk.choices[0].delta for chunk in official.chat.completions.create(**body, stream=True)]
    parts = [part for delta in deltas for part in delta.tool_calls or []]
    assert (parts[0].id, parts[0].function and parts[0].function.name) == (call.id, "get_weather")
    assert "".join(part.function.arguments or "" for part in parts if part.function) == call.function.arguments
    assert len(parts) > 3
    turns: Any = [
        *body["messages"],
        message.to_dict(),
        {"role": "tool", "tool_call_id": call.id, "content": "sun"},
    ]
    after = official.chat.completions.create(model="gpt-4.1-mini", messages=turns, tools=[WEATHER])
    assert after.choices[0].message.content


def test_several_tools_unless_told_not_to(official: openai.OpenAI) -> None:
    body = said("get_weather, then take_note", tools=[WEATHER, NOTE])
    calls = official.chat.completions.create(**body).choices[0].message.tool_calls or []
    assert [call.type for call in calls] == ["function", "custom"]
    alone = official.chat.completions.create(**body, parallel_tool_calls=False).choices[0].message.tool_calls or []
    assert len(alone) == 1
    none = official.chat.completions.create(**{**body, "tool_choice": "none"}).choices[0].message
    assert (none.tool_calls, bool(none.content)) == (None, True)


def test_marks_bring_rare_endings(official: openai.OpenAI) -> None:
    refused = official.chat.completions.create(**said("Do it [refuse]")).choices[0].message
    assert (refused.content, bool(refused.refusal)) == (None, True)
    assert joined(official.chat.completions.create(**said("Do it [refuse]"), stream=True)) == (
        refused.refusal,
        "stop",
    )
    hostile = official.chat.completions.create(**said("[hostile]")).choices[0].message.content or ""
    assert "\x1b]52" in hostile
    assert joined(official.chat.completions.create(**said("[hostile]"), stream=True)) == (hostile, "stop")
    filtered = official.chat.completions.create(**said("Do it [content-filter]")).choices[0]
    assert filtered.finish_reason == "content_filter"
    broken = official.chat.completions.create(**said("get_weather [broken-arguments]", tools=[WEATHER])).choices[0]
    assert broken.message.tool_calls
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(broken.message.tool_calls[0].function.arguments)
    with pytest.raises(openai.InternalServerError):
        official.chat.completions.create(**said("[stream-error]"))
    seen = []
    with pytest.raises(openai.APIError, match="simulated"):
        seen.extend(official.chat.completions.create(**said("[stream-error]"), stream=True))
    assert len(seen) > 3


def test_structured_output_keeps_to_its_schema(official: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
        "required": ["name", "kind"],
        "additionalProperties": False,
    }
    format_: Any = {"type": "json_schema", "json_schema": {"name": "thing", "strict": True, "schema": schema}}
    text = official.chat.completions.create(**said("A thing", response_format=format_)).choices[0].message.content
    found = json.loads(text or "")
    assert found["kind"] in ("a", "b")
    assert found["name"].startswith("[simulated]")
    loose = official.chat.completions.create(**said("As JSON please", response_format={"type": "json_object"}))
    assert json.loads(loose.choices[0].message.content or "")["simulated"] is True


def test_log_probabilities_are_those_of_the_text(official: openai.OpenAI) -> None:
    body = said("Tell me of lamps", logprobs=True, top_logprobs=3)
    choice = official.chat.completions.create(**body).choices[0]
    assert choice.logprobs
    assert choice.logprobs.content
    assert "".join(item.token for item in choice.logprobs.content) == choice.message.content
    for item in choice.logprobs.content:
        assert item.top_logprobs[0].token == item.token
        assert [top.logprob for top in item.top_logprobs] == sorted(
            (t.logprob for t in item.top_logprobs), reverse=True
        )
        assert len(item.top_logprobs) == 3
    streamed = [chunk.choices[0] for chunk in official.chat.completions.create(**body, stream=True)]
    told = [part.logprobs.content[0] for part in streamed if part.logprobs and part.logprobs.content]
    assert told == choice.logprobs.content


def test_fine_tuned_models_and_their_checkpoints_answer(official: openai.OpenAI) -> None:
    job = next(job for job in official.fine_tuning.jobs.list() if job.status == "succeeded")
    points = official.fine_tuning.jobs.checkpoints.list(job.id)
    names = [point.fine_tuned_model_checkpoint for point in points]
    assert any(":ckpt-step-" in name for name in names)
    for name in names:
        answer = official.chat.completions.create(**said("hello", model=name)).choices[0].message.content or ""
        assert answer.startswith(f"[simulated] As {name}:")
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        official.chat.completions.create(**said("hello", model=f"{job.fine_tuned_model}:ckpt-step-9999"))


def test_images_and_files_are_looked_at(api: httpx.Client) -> None:
    def ask(**part: Any) -> httpx.Response:
        content = [{"type": "text", "text": "What is this?"}, part]
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
        return api.post("/chat/completions", json=body)

    plain = api.post("/chat/completions", json=said("What is this?", model="gpt-4o")).json()
    seen = ask(type="image_url", image_url={"url": "data:image/png;base64,aGVsbG8="})
    assert seen.json()["usage"]["prompt_tokens"] > plain["usage"]["prompt_tokens"] + 50
    for url in ("ftp://x/y.png", "data:image/png;base64,%%%", "data:image/png,raw"):
        refused = ask(type="image_url", image_url={"url": url})
        assert refused.json()["error"]["param"] == "messages[0].content[1].image_url.url"
    file_id = upload(api, b"%PDF", "user_data", "a.pdf")
    assert ask(type="file", file={"file_id": file_id}).status_code == 200
    assert ask(type="file", file={"file_id": "file-none"}).json()["error"]["code"] == "file_not_found"
    assert ask(type="file", file={}).status_code == 400


def test_what_is_stored_can_be_found_changed_and_deleted(official: openai.OpenAI) -> None:
    body = said("Keep this", store=True, metadata={"run": "x", "n": "1"})
    made = official.chat.completions.create(**body)
    dropped = official.chat.completions.create(**said("Keep this not"))
    with pytest.raises(openai.NotFoundError):
        official.chat.completions.retrieve(dropped.id)
    kept = official.chat.completions.retrieve(made.id)
    assert (kept.id, kept.choices) == (made.id, made.choices)
    assert [found.id for found in official.chat.completions.list(metadata={"run": "x"})] == [made.id]
    assert [found.id for found in official.chat.completions.list(metadata={"run": "y"})] == []
    changed = official.chat.completions.update(made.id, metadata={"run": "y"})
    assert changed.metadata == {"run": "y"}
    assert [found.id for found in official.chat.completions.list(metadata={"run": "y"})] == [made.id]
    turns = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}]},
        {"role": "assistant", "content": "Three"},
        {"role": "user", "content": "Four"},
    ]
    long: Any = {"model": "gpt-4.1", "messages": turns, "store": True}
    talk = official.chat.completions.create(**long)
    messages = list(official.chat.completions.messages.list(talk.id, limit=3))
    assert [message.content for message in messages] == ["Be brief.", "One\nTwo", "Three", "Four"]
    assert len({message.id for message in messages}) == 4
    backwards = list(official.chat.completions.messages.list(talk.id, order="desc", limit=1))
    assert [message.id for message in backwards] == [message.id for message in messages][::-1]
    gone = official.chat.completions.delete(made.id)
    assert (gone.id, gone.deleted) == (made.id, True)
    with pytest.raises(openai.NotFoundError):
        official.chat.completions.messages.list(made.id)


def test_the_list_is_oldest_first_and_pages(official: openai.OpenAI) -> None:
    found = list(official.chat.completions.list(limit=3))
    assert len({completion.id for completion in found}) == len(found) >= 8
    assert [completion.created for completion in found] == sorted(completion.created for completion in found)
    newest = list(official.chat.completions.list(limit=3, order="desc"))
    assert [completion.id for completion in newest] == [completion.id for completion in found][::-1]
    of_one = list(official.chat.completions.list(model="gpt-5-mini"))
    assert {completion.model for completion in of_one} == {"gpt-5-mini"}


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"model": "gpt-none"}, "model", "model_not_found"),
        ({"model": "text-embedding-3-small"}, "model", None),
        ({"messages": []}, "messages", "array_below_min_length"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "call_1"}]}, "messages[0].role", None),
        ({"wizardry": 1}, "wizardry", "unknown_parameter"),
        ({"temperature": 2.5}, "temperature", "decimal_above_max_value"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"top_p": -1}, "top_p", "integer_below_min_value"),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"n": 129}, "n", "integer_above_max_value"),
        ({"top_logprobs": 2}, "top_logprobs", None),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "invalid_value"),
        ({"max_completion_tokens": 99_999}, "max_completion_tokens", "invalid_value"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"metadata": {"a": "b"}}, "metadata", None),
        ({"store": True, "metadata": {"a": "b" * 513}}, "metadata.a", "string_above_max_length"),
        ({"store": True, "metadata": {str(n): "" for n in range(17)}}, "metadata", "object_above_max_length"),
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"tools": []}, "tools", "array_below_min_length"),
        (
            {"tools": [{"type": "function", "function": {"name": "a b"}}]},
            "tools[0].function.name",
            "invalid_value",
        ),
        (
            {"tools": [NOTE], "tool_choice": {"type": "function", "function": {"name": "x"}}},
            "tool_choice",
            "invalid_value",
        ),
        ({"response_format": {"type": "json_object"}}, "messages", None),
        (
            {"response_format": {"type": "json_schema"}},
            "response_format.json_schema",
            "missing_required_parameter",
        ),
        ({"response_format": {"type": "yaml"}}, "response_format.type", "invalid_value"),
        ({"reasoning_effort": "low"}, "reasoning_effort", "unsupported_parameter"),
        ({"model": "o3", "reasoning_effort": "minimal"}, "reasoning_effort", "unsupported_value"),
        ({"model": "gpt-5", "temperature": 0.5}, "temperature", "unsupported_value"),
        ({"model": "gpt-5", "max_tokens": 50}, "max_tokens", "unsupported_parameter"),
        ({"model": "gpt-5", "logprobs": True}, "logprobs", "unsupported_parameter"),
        (
            {"model": "gpt-4o", "messages": [{"role": "user", "content": "a " * 129_000}]},
            "messages",
            "context_length_exceeded",
        ),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    api: httpx.Client, change: dict[str, Any], param: str, code: str | None
) -> None:
    answer = api.post("/chat/completions", json=said("hello") | change)
    error = answer.json()["error"]
    assert (answer.status_code in (400, 404), error["param"], error["code"]) == (True, param, code), error


def test_a_schema_that_cannot_be_kept_to_is_refused(api: httpx.Client) -> None:
    def refusal(strict: bool, **schema: Any) -> str:
        named = {"name": "x", "strict": strict, "schema": schema}
        body = said("hello", response_format={"type": "json_schema", "json_schema": named})
        answer = api.post("/chat/completions", json=body)
        return str(answer.json()["error"]["message"]) if answer.status_code == 400 else ""

    part = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert not refusal(False, **part)
    assert "additionalProperties" in refusal(True, **part)
    assert "Missing 'a'" in refusal(True, **part, additionalProperties=False)
    assert "not valid" in refusal(False, type="text")
    assert "can not be resolved" in refusal(False, **{"$ref": "#/$defs/none"})


def test_a_cut_stream_is_an_error(official: openai.OpenAI, steer: Any) -> None:
    steer("faults", spec="cut@POST /chat x1")
    with pytest.raises(openai.APIConnectionError):
        list(official.chat.completions.create(**said("Tell me of lamps"), stream=True))


def test_in_the_list_are_believable_completions(api: httpx.Client) -> None:
    shown = get(api, "/chat/completions?limit=100")["data"]
    assert {"triage", "lookup"} <= {(completion["metadata"] or {}).get("task") for completion in shown}
    assert any(completion["choices"][0]["message"].get("tool_calls") for completion in shown)
