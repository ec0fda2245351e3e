"""Responses: asked by the official client, streamed, made in the background, and held against the description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.responses import Response

from tests.sandbox.conftest import get, upload
from tests.sandbox.contract import check_event

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx
    from openai.types.responses import ResponseStreamEvent

    from tests.sandbox.conftest import Steer

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
NOTE: Any = {"type": "custom", "name": "take_note"}


def ask(question: Any, /, **more: Any) -> dict[str, Any]:
    """A request body that asks this."""
    return {"model": "gpt-4.1-mini", "input": question, **more}


def told(stream: Iterable[ResponseStreamEvent]) -> list[Any]:
    """The events of a stream, each held against the description."""
    found: list[Any] = []
    for event in stream:
        check_event("POST", "/responses", event.to_dict())
        found.append(event)
    return found


def test_an_answer_is_kept_and_can_be_deleted(official: openai.OpenAI) -> None:
    made = official.responses.create(**ask("Where is my parcel?", metadata={"run": "x"}, instructions="Be brief."))
    assert Response.model_validate(made.model_dump())
    assert made.status == "completed"
    assert made.output_text.startswith("[simulated]")
    assert (made.metadata, made.instructions) == ({"run": "x"}, "Be brief.")
    assert made.usage
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    assert official.responses.retrieve(made.id) == made
    official.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        official.responses.retrieve(made.id)
    unkept = official.responses.create(**ask("Where is my parcel?", store=False))
    assert unkept.output_text
    with pytest.raises(openai.NotFoundError):
        official.responses.retrieve(unkept.id)


def test_the_same_question_gets_the_same_answer(official: openai.OpenAI) -> None:
    texts = [official.responses.create(**ask(text)).output_text for text in ("kettles", "kettles", "lamps")]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"model": "gpt-5", "reasoning": {"effort": "low", "summary": "auto"}},
        {"tools": [WEATHER, NOTE], "input": "get_weather and take_note"},
        {"input": "Do it [refuse]"},
        {"max_output_tokens": 16},
        {"model": "gpt-4.1", "top_logprobs": 2, "include": ["message.output_text.logprobs"]},
        {"input": "[content-filter] and more of it"},
    ],
    ids=lambda more: next(iter(more), "plain"),
)
def test_a_stream_is_complete_and_in_order(official: openai.OpenAI, more: dict[str, Any]) -> None:
    body = ask("Tell me of kettles") | more
    whole = official.responses.create(**body)
    events = told(official.responses.create(**body, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == f"response.{whole.status}"
    final = events[-1].response
    assert [item.type for item in final.output] == [item.type for item in whole.output]
    assert (final.output_text, final.usage) == (whole.output_text, whole.usage)
    assert official.responses.retrieve(final.id) == final
    for index, item in enumerate(final.output):
        own = [event for event in events if getattr(event, "output_index", None) == index]
        assert (own[0].type, own[-1].type) == ("response.output_item.added", "response.output_item.done")
        assert own[0].item.id == own[-1].item.id == item.id
        deltas = [event for event in own if event.type.endswith(".delta")]
        ends = [
            event
            for event in own
            if event.type.endswith(("_text.done", "refusal.done", "arguments.done", "input.done"))
        ]
        for end in ends:
            name = next(name for name in ("text", "refusal", "arguments", "input") if hasattr(end, name))
            assert "".join(event.delta for event in deltas) == getattr(end, name)
        assert bool(deltas) == bool(ends)
        assert all(event.item_id == item.id for event in deltas)
        opened = sum(event.type.endswith("part.added") for event in own)
        assert opened == sum(event.type.endswith("part.done") for event in own)


def test_a_stream_is_framed_as_the_platform_frames_it(api: httpx.Client) -> None:
    answer = api.post("/responses", json=ask("hello", stream=True))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "[DONE]" not in answer.text
    *events, end = answer.text.split("\n\n")
    assert end == ""
    for event in events:
        name, data = event.split("\n")
        assert name == f"event: {json.loads(data.removeprefix('data: '))['type']}"
    plain = api.post("/responses", json=ask("hello", stream=True, stream_options={"include_obfuscation": False}))
    assert ("obfuscation" in answer.text, "obfuscation" in plain.text) == (True, False)


def test_limits_tell_why_the_answer_ends(official: openai.OpenAI) -> None:
    whole = official.responses.create(**ask("Tell me of lamps"))
    short = official.responses.create(**ask("Tell me of lamps", max_output_tokens=16))
    assert (short.status, short.incomplete_details and short.incomplete_details.reason) == (
        "incomplete",
        "max_output_tokens",
    )
    assert short.output_text
    assert whole.output_text.startswith(short.output_text)
    thinker = official.responses.create(**ask("Think", model="o3", max_output_tokens=16))
    assert [item.type for item in thinker.output] == ["reasoning"]
    filtered = official.responses.create(**ask("x [content-filter]"))
    assert filtered.incomplete_details
    assert filtered.incomplete_details.reason == "content_filter"


def test_tools_are_called_and_answered(official: openai.OpenAI) -> None:
    made = official.responses.create(**ask("Will it rain?", tools=[WEATHER], tool_choice="required"))
    (call,) = made.output
    assert call.type == "function_call"
    assert set(json.loads(call.arguments)) == {"city"}
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "sun"}
    chained = official.responses.create(**ask([output], previous_response_id=made.id, tools=[WEATHER]))
    assert chained.output_text
    again: Any = [{"role": "user", "content": "Will it rain?"}, *made.output, output]
    assert official.responses.create(**ask(again, tools=[WEATHER])).output_text
    with pytest.raises(openai.BadRequestError, match="No tool output found"):
        official.responses.create(**ask("and now?", previous_response_id=made.id))
    with pytest.raises(openai.BadRequestError, match="No tool call found"):
        official.responses.create(**ask([output]))
    named = official.responses.create(
        **ask("x", tools=[WEATHER, NOTE], tool_choice={"type": "custom", "name": "take_note"})
    )
    assert [item.type for item in named.output] == ["custom_tool_call"]


def test_structured_output_keeps_to_its_schema(official: openai.OpenAI) -> None:
    format_: Any = {"type": "json_schema", "name": "x", "strict": True, "schema": WEATHER["parameters"]}
    made = official.responses.create(**ask("A city", text={"format": format_}))
    assert set(json.loads(made.output_text)) == {"city"}
    loose = official.responses.create(**ask("A city as JSON", text={"format": {"type": "json_object"}}))
    assert json.loads(loose.output_text)["simulated"] is True


def test_files_are_really_searched_and_cited(official: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    texts = {"tents.md": "A tent can be returned within thirty days.", "lamps.md": "Lamps take two batteries."}
    ids = {name: upload(api, text, "assistants", name) for name, text in texts.items()}
    store = official.vector_stores.create(file_ids=list(ids.values()))
    steer("clock", advance=60)
    body = ask("When can a tent be returned?", tools=[{"type": "file_search", "vector_store_ids": [store.id]}])
    made = official.responses.create(**body, include=["file_search_call.results"])
    search, message = made.output
    assert search.type == "file_search_call"
    assert search.results
    assert [result.filename for result in search.results] == ["tents.md", "lamps.md"]
    assert search.results[0].text == texts["tents.md"]
    assert message.type == "message"
    (note,) = message.content[0].annotations
    assert (note.type, note.file_id) == ("file_citation", ids["tents.md"])
    events = told(official.responses.create(**body, stream=True))
    kinds = [event.type.removeprefix("response.") for event in events]
    assert [kind for kind in kinds if "search" in kind] == [
        f"file_search_call.{state}" for state in ("in_progress", "searching", "completed")
    ]
    assert "output_text.annotation.added" in kinds
    assert events[-1].response.output[0].results is None
    with pytest.raises(openai.NotFoundError, match="vs_none"):
        official.responses.create(**ask("x", tools=[{"type": "file_search", "vector_store_ids": ["vs_none"]}]))


def test_a_conversation_goes_on(official: openai.OpenAI) -> None:
    first = official.responses.create(**ask("One"))
    second = official.responses.create(**ask("Two", previous_response_id=first.id))
    items: list[Any] = list(official.responses.input_items.list(second.id, order="asc", limit=2))
    assert [(item.role, item.content[0].text) for item in items] == [
        ("user", "One"),
        ("assistant", first.output_text),
        ("user", "Two"),
    ]
    newest = list(official.responses.input_items.list(second.id, limit=1))
    assert [item.id for item in newest] == [item.id for item in items][::-1]
    talk = official.conversations.create(items=[{"type": "message", "role": "user", "content": "Zero"}])
    made = official.responses.create(**ask("One", conversation=talk.id))
    assert made.conversation
    assert made.conversation.id == talk.id
    told(official.responses.create(**ask("Two", conversation={"id": talk.id}, stream=True)))
    said: list[Any] = list(official.conversations.items.list(talk.id, order="asc"))
    assert [item.content[0].text for item in said][:4] == ["Zero", "One", made.output_text, "Two"]
    assert [item.role for item in said] == ["user", "user", "assistant", "user", "assistant"]


def test_a_background_response_advances_with_time(official: openai.OpenAI, steer: Steer) -> None:
    made = official.responses.create(**ask("A report", model="gpt-5", background=True))
    assert (made.status, made.output, made.background) == ("queued", [], True)
    seen = []
    while made.status in ("queued", "in_progress"):
        steer("clock", advance=0.4)
        made = official.responses.retrieve(made.id)
        seen.append(made.status)
        assert len(seen) < 100, "it does not end"
    assert list(dict.fromkeys(seen)) == ["queued", "in_progress", "completed"]
    assert made.output_text.startswith("[simulated]")
    assert made.completed_at
    assert made.completed_at > made.created_at


def test_a_background_response_can_be_followed_again(official: openai.OpenAI) -> None:
    stream = official.responses.create(**ask("A report", background=True, stream=True))
    begun = []
    for event in stream:
        begun.append(event)
        if len(begun) == 9:
            stream.close()
            break
    assert [event.type for event in begun[:3]] == ["response.created", "response.queued", "response.in_progress"]
    id_ = begun[0].response.id
    after = begun[-1].sequence_number
    rest = told(official.responses.retrieve(id_, stream=True, starting_after=after))
    assert [event.sequence_number for event in rest] == list(range(after + 1, after + 1 + len(rest)))
    assert rest[-1].type == "response.completed"
    text = "".join(getattr(event, "delta", "") for event in [*begun, *rest])
    assert text == rest[-1].response.output_text == official.responses.retrieve(id_).output_text
    assert told(official.responses.retrieve(id_, stream=True))[after + 1 :] == rest
    assert list(official.responses.retrieve(id_, stream=True, starting_after=rest[-1].sequence_number)) == []
    with pytest.raises(openai.BadRequestError):
        official.responses.retrieve(id_, stream=True, starting_after=10_000)
    with pytest.raises(openai.BadRequestError, match="background=true"):
        official.responses.retrieve(official.responses.create(**ask("x")).id, stream=True)


def test_a_background_response_can_be_cancelled(official: openai.OpenAI, steer: Steer) -> None:
    made = official.responses.create(**ask("A report [flood 3000]", background=True))
    steer("clock", advance=2.15)
    assert official.responses.retrieve(made.id).status == "in_progress"
    stopped = official.responses.cancel(made.id)
    assert stopped.status == "cancelled"
    assert official.responses.cancel(made.id) == stopped
    steer("clock", advance=60)
    assert official.responses.retrieve(made.id).status == "cancelled"
    # What had been told by then is told again, and nothing after it.
    deltas = sum(event.type.endswith(".delta") for event in official.responses.retrieve(made.id, stream=True))
    assert 1_000 < deltas < 2_900
    done = official.responses.create(**ask("x"))
    with pytest.raises(openai.BadRequestError, match="synchronous"):
        official.responses.cancel(done.id)


def test_a_response_may_fail(official: openai.OpenAI, steer: Steer) -> None:
    made = official.responses.create(**ask("x [fail]", background=True))
    steer("clock", advance=60)
    made = official.responses.retrieve(made.id)
    assert (made.status, made.error and made.error.code) == ("failed", "server_error")
    events = told(official.responses.create(**ask("x [fail]", stream=True)))
    assert events[-1].type == "response.failed"
    assert any(event.type.endswith(".delta") for event in events)
    seen: list[Any] = []
    seen.extend(told(official.responses.create(**ask("x [stream-error]", stream=True))))
    assert (seen[-1].type, seen[-1].code) == ("error", "server_error")
    assert official.responses.retrieve(seen[0].response.id).status == "failed"
    with pytest.raises(openai.InternalServerError):
        official.responses.create(**ask("x [fail]"))


def test_a_flood_comes_whole(official: openai.OpenAI) -> None:
    deltas = [
        event for event in official.responses.create(**ask("[flood 3000]", stream=True)) if "delta" in event.type
    ]
    assert len(deltas) == 3000


def test_reasoning_is_summarized_and_sealed_when_asked(official: openai.OpenAI) -> None:
    plain = official.responses.create(**ask("Why?", model="o4-mini")).output[0]
    assert plain.type == "reasoning"
    assert (plain.summary, plain.encrypted_content) == ([], None)
    full = official.responses.create(
        **ask("Why?", model="o4-mini", reasoning={"summary": "auto"}, include=["reasoning.encrypted_content"])
    ).output[0]
    assert full.type == "reasoning"
    assert full.summary[0].text.startswith("[simulated]")
    assert full.encrypted_content
    silent = official.responses.create(**ask("Why?", model="gpt-5.4"))
    assert [item.type for item in silent.output] == ["message"]


def test_input_is_counted_and_compacted(official: openai.OpenAI) -> None:
    short, long = (
        official.responses.input_tokens.count(model="gpt-5", input=text) for text in ("a b", "a b " * 100)
    )
    assert 0 < short.input_tokens < 200 <= long.input_tokens
    made = official.responses.create(**ask("a b"))
    assert made.usage
    counted = official.responses.input_tokens.count(model="gpt-4.1-mini", input="a b")
    assert counted.input_tokens == made.usage.input_tokens
    compacted = official.responses.compact(model="gpt-5", input="c", previous_response_id=made.id)
    assert [item.type for item in compacted.output] == ["message", "message", "compaction"]
    assert compacted.usage.input_tokens > 0
    sealed: Any = [item.to_dict(warnings=False) for item in compacted.output]
    assert official.responses.create(**ask([*sealed, {"role": "user", "content": "go on"}])).output_text
    with pytest.raises(openai.BadRequestError):
        official.responses.compact(model="gpt-5")


def test_images_files_and_items_are_looked_at(official: openai.OpenAI, api: httpx.Client) -> None:
    def refusal(**part: Any) -> Any:
        answer = api.post("/responses", json=ask([{"role": "user", "content": [part]}]))
        return answer.json()["error"] and answer.json()["error"]["param"]

    image = {"type": "input_image", "detail": "auto"}
    assert refusal(**image, image_url="data:image/png;base64,aGVsbG8=") is None
    assert refusal(**image, image_url="nowhere") == "input[0].content[0].image_url"
    assert refusal(**image) == "input[0].content[0]"
    file_id = upload(api, b"%PDF", "user_data", "a.pdf")
    assert refusal(type="input_file", file_id=file_id) is None
    assert refusal(type="input_file", file_id="file-none") == "input[0].content[0].file_id"
    assert refusal(type="input_file", file_data="%%%", filename="a.pdf") == "input[0].content[0].file_data"
    made = official.responses.create(**ask("One"))
    reference: Any = {"type": "item_reference", "id": made.output[0].id}
    referring = official.responses.create(**ask([reference, {"role": "user", "content": "Two"}]))
    items = list(official.responses.input_items.list(referring.id, order="asc"))
    assert items[0].id == made.output[0].id
    with pytest.raises(openai.NotFoundError):
        official.responses.create(**ask([{"type": "item_reference", "id": "msg_none"}]))


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"model": "gpt-none"}, "model", "model_not_found"),
        ({"model": "text-embedding-3-small"}, "model", None),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": [{"role": "wizard", "content": "x"}]}, "input[0].role", "invalid_value"),
        ({"input": [{"type": "telepathy"}]}, "input[0].type", "invalid_value"),
        (
            {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
            "input[0].content[0].type",
            "invalid_value",
        ),
        ({"messages": []}, "messages", "unknown_parameter"),
        ({"temperature": 3}, "temperature", "integer_above_max_value"),
        ({"top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
        ({"max_output_tokens": 5}, "max_output_tokens", "integer_below_min_value"),
        ({"background": True, "store": False}, "background", "invalid_value"),
        ({"previous_response_id": "resp_none"}, "previous_response_id", "previous_response_not_found"),
        (
            {"previous_response_id": "a", "conversation": "b"},
            "previous_response_id",
            "mutually_exclusive_parameters",
        ),
        ({"include": ["everything"]}, "include[0]", "invalid_value"),
        ({"tools": [{"type": "crystal_ball"}]}, "tools[0].type", "invalid_value"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].vector_store_ids", "missing_required_parameter"),
        ({"tools": [NOTE], "tool_choice": {"type": "custom", "name": "x"}}, "tool_choice", "invalid_value"),
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"text": {"format": {"type": "json_object"}}}, "input", None),
        ({"text": {"verbosity": "endless"}}, "text.verbosity", "invalid_value"),
        ({"reasoning": {"effort": "low"}}, "reasoning.effort", "unsupported_parameter"),
        ({"model": "gpt-5", "reasoning": {"effort": "none"}}, "reasoning.effort", "unsupported_value"),
        ({"model": "o3", "temperature": 0.1}, "temperature", "unsupported_value"),
        ({"stream_options": {"include_obfuscation": False}}, "stream_options", None),
        ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    api: httpx.Client, change: dict[str, Any], param: str, code: str | None
) -> None:
    answer = api.post("/responses", json=ask("hello") | change)
    error = answer.json()["error"]
    assert (answer.status_code in (400, 404), error["param"], error["code"]) == (True, param, code), error


def test_there_are_responses_to_begin_with(api: httpx.Client, sandbox: Any) -> None:
    listed = api.get(sandbox.url.removesuffix("/v1") + "/_sandbox/responses?limit=100").json()["data"]
    kept = [get(api, f"/responses/{found['id']}") for found in listed]
    assert {"completed", "incomplete"} <= {found["status"] for found in kept}


# -- tools that the platform runs

MCP: dict[str, Any] = {"type": "mcp", "server_label": "docs", "server_url": "https://example.com/mcp"}
HOSTED: list[tuple[dict[str, Any], list[str]]] = [
    ({"type": "web_search"}, ["web_search_call", "message"]),
    ({"type": "web_search_preview"}, ["web_search_call", "message"]),
    ({"type": "code_interpreter", "container": {"type": "auto"}}, ["code_interpreter_call", "message"]),
    ({"type": "image_generation"}, ["image_generation_call", "message"]),
    ({**MCP, "require_approval": "never"}, ["mcp_list_tools", "mcp_call", "message"]),
    (MCP, ["mcp_list_tools", "mcp_approval_request"]),
    ({"type": "shell"}, ["shell_call"]),
    ({"type": "apply_patch"}, ["apply_patch_call"]),
    ({"type": "local_shell"}, ["local_shell_call"]),
    ({"type": "computer"}, ["computer_call"]),
]
MENTION = "Use the local_shell, the shell, the computer or apply_patch: where is my parcel?"


@pytest.mark.parametrize(("tool", "items"), HOSTED, ids=[tool["type"] + str(len(tool)) for tool, _ in HOSTED])
def test_hosted_tools_leave_their_items(official: openai.OpenAI, tool: dict[str, Any], items: list[str]) -> None:
    made = official.responses.create(**ask(MENTION, tools=[tool]))
    assert [item.type for item in made.output] == items
    events = told(official.responses.create(**ask(MENTION, tools=[tool], stream=True)))
    done = [event.item.type for event in events if event.type == "response.output_item.done"]
    assert done == [item.type for item in events[-1].response.output] == items
    silent = official.responses.create(**ask(MENTION, tools=[tool], tool_choice="none"))
    assert [item.type for item in silent.output] == ["message"]


def test_the_outputs_of_hosted_tools_are_included_on_demand(official: openai.OpenAI) -> None:
    include: Any = ["web_search_call.action.sources", "code_interpreter_call.outputs"]
    tools = [{"type": "web_search"}, {"type": "code_interpreter", "container": "cntr_mine"}]
    made: Any = official.responses.create(**ask("Where is my parcel?", tools=tools, include=include))
    search, code, _ = made.output
    assert search.action.query == "Where is my parcel?"
    assert search.action.sources
    assert (code.container_id, code.outputs[0].logs) == ("cntr_mine", "42\n")
    one = official.responses.create(**ask("Where is my parcel?", tools=tools, max_tool_calls=1))
    assert [item.type for item in one.output] == ["web_search_call", "message"]


@pytest.mark.parametrize("approve", [True, False])
def test_a_call_of_a_server_can_be_approved(official: openai.OpenAI, approve: bool) -> None:
    first: Any = official.responses.create(**ask("Where is my parcel?", tools=[MCP]))
    request = first.output[-1]
    answer = {"type": "mcp_approval_response", "approval_request_id": request.id, "approve": approve}
    second: Any = official.responses.create(**ask([answer], tools=[MCP], previous_response_id=first.id))
    assert [item.type for item in second.output] == (["mcp_call", "message"] if approve else ["message"])
    if approve:
        assert second.output[0].approval_request_id == request.id


def test_a_shell_is_answered_by_its_caller(official: openai.OpenAI) -> None:
    first: Any = official.responses.create(**ask(MENTION, tools=[{"type": "shell"}]))
    result = {"stdout": "a.txt", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
    output = {"type": "shell_call_output", "call_id": first.output[0].call_id, "output": [result]}
    second = official.responses.create(**ask([output], tools=[{"type": "shell"}], previous_response_id=first.id))
    assert [item.type for item in second.output] == ["message"]
