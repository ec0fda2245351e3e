"""Assistants, threads, messages, runs and steps: with the official client as an oracle, and case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import openai
import pytest
from openai.types.beta import Assistant, AssistantDeleted, Thread, ThreadDeleted
from openai.types.beta.threads import Message, MessageDeleted, Run
from openai.types.beta.threads.runs import RunStep
from pydantic import BaseModel

from tests.sandbox.conftest import Steer, get, upload
from tests.sandbox.contract import check_event, hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.serving.child import Sandbox

M = TypeVar("M", bound=BaseModel)
pytestmark = pytest.mark.filterwarnings("ignore:(The Assistants API is )?deprecated:DeprecationWarning")
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a place",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer"},
            },
            "required": ["place"],
        },
    },
}
CLOCK: Any = {"type": "function", "function": {"name": "get_time"}}


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    http = openai.DefaultHttpxClient(event_hooks={"response": [hook]})
    with openai.OpenAI(api_key="sk-test", base_url=sandbox.url, max_retries=0, http_client=http) as official:
        yield official


@pytest.fixture
def assistant(client: openai.OpenAI) -> Assistant:
    return client.beta.assistants.create(model="gpt-4.1", tools=[WEATHER, CLOCK], instructions="Be brief.")


def sound(kind: type[M], found: BaseModel) -> bool:
    """Whether an object is complete and of the right types: the client itself takes anything."""
    assert isinstance(found, kind)
    return bool(kind.model_validate(found.model_dump(by_alias=True)))


def say(client: openai.OpenAI, text: str) -> str:
    """A new thread that says so; its id."""
    return str(client.beta.threads.create(messages=[{"role": "user", "content": text}]).id)


def answer_of(client: openai.OpenAI, run: Run) -> str:
    (message,) = client.beta.threads.messages.list(run.thread_id, run_id=run.id)
    assert sound(Message, message)
    part = message.content[0]
    assert part.type == "text"
    return str(part.text.value)


# -- the official client


def test_an_assistant_lives_and_dies(client: openai.OpenAI) -> None:
    made = client.beta.assistants.create(
        model="gpt-4o", name="Tester", tools=[{"type": "code_interpreter"}, WEATHER], metadata={"k": "v"}
    )
    assert sound(Assistant, made)
    assert (made.temperature, made.response_format, made.description) == (1.0, "auto", None)
    changed = client.beta.assistants.update(made.id, name="Renamed", temperature=0.2)
    assert (changed.name, changed.temperature, changed.tools, changed.metadata) == (
        "Renamed",
        0.2,
        made.tools,
        {"k": "v"},
    )
    assert client.beta.assistants.retrieve(made.id) == changed
    assert client.beta.assistants.delete(made.id) == AssistantDeleted(
        id=made.id, deleted=True, object="assistant.deleted"
    )
    with pytest.raises(openai.NotFoundError, match="No assistant found with id"):
        client.beta.assistants.retrieve(made.id)


def test_assistants_page_both_ways(client: openai.OpenAI) -> None:
    listed = list(client.beta.assistants.list(limit=2))
    assert all(sound(Assistant, item) for item in listed)
    ids = [item.id for item in listed]
    assert len(set(ids)) == len(ids) >= 6
    assert [item.created_at for item in listed] == sorted((item.created_at for item in listed), reverse=True)
    assert [item.id for item in client.beta.assistants.list(order="asc", limit=100)] == ids[::-1]
    back = client.beta.assistants.list(before=ids[4], limit=2)
    assert [item.id for item in back.data] == ids[2:4]
    assert back.has_more
    assert not client.beta.assistants.list(before=ids[2], limit=2).has_more


def test_a_thread_and_its_messages(client: openai.OpenAI, api: httpx.Client) -> None:
    file_id = upload(api, b"a,b\n1,2\n", "assistants", "table.csv")
    thread = client.beta.threads.create(
        messages=[
            {"role": "user", "content": "First"},
            {"role": "assistant", "content": [{"type": "text", "text": "Second"}], "metadata": {"n": "2"}},
        ],
        metadata={"customer": "7"},
    )
    assert sound(Thread, thread)
    third = client.beta.threads.messages.create(
        thread.id,
        role="user",
        content=[
            {"type": "text", "text": "Third"},
            {"type": "image_file", "image_file": {"file_id": file_id}},
            {"type": "image_url", "image_url": {"url": "https://example.invalid/a.png", "detail": "low"}},
        ],
        attachments=[{"file_id": file_id, "tools": [{"type": "code_interpreter"}]}],
    )
    assert sound(Message, third)
    thread = client.beta.threads.retrieve(thread.id)
    assert thread.tool_resources
    assert thread.tool_resources.code_interpreter
    assert thread.tool_resources.code_interpreter.file_ids == [file_id]
    messages = list(client.beta.threads.messages.list(thread.id, limit=1))
    assert all(sound(Message, message) for message in messages)
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert messages[0] == third
    changed = client.beta.threads.messages.update(messages[1].id, thread_id=thread.id, metadata={"x": "y"})
    assert changed.metadata == {"x": "y"}
    assert client.beta.threads.messages.retrieve(changed.id, thread_id=thread.id) == changed
    assert client.beta.threads.messages.delete(changed.id, thread_id=thread.id) == MessageDeleted(
        id=changed.id, deleted=True, object="thread.message.deleted"
    )
    assert len(list(client.beta.threads.messages.list(thread.id))) == 2
    assert client.beta.threads.update(thread.id, metadata={"customer": "8"}).metadata == {"customer": "8"}
    assert client.beta.threads.delete(thread.id) == ThreadDeleted(
        id=thread.id, deleted=True, object="thread.deleted"
    )
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.messages.list(thread.id)


def test_a_run_answers(client: openai.OpenAI, assistant: Assistant, steer: Steer) -> None:
    thread_id = say(client, "Why is the parcel late?")
    run = client.beta.threads.runs.create(
        thread_id,
        assistant_id=assistant.id,
        additional_instructions="Name the carrier.",
        additional_messages=[{"role": "user", "content": "It is about the river kayak."}],
        metadata={"k": "v"},
    )
    assert sound(Run, run)
    assert (run.status, run.instructions, run.usage, run.model) == (
        "queued",
        "Be brief.\nName the carrier.",
        None,
        "gpt-4.1",
    )
    assert run.expires_at == run.created_at + 600
    with pytest.raises(openai.BadRequestError, match="already has an active run"):
        client.beta.threads.runs.create(thread_id, assistant_id=assistant.id)
    with pytest.raises(openai.BadRequestError, match="while a run"):
        client.beta.threads.messages.create(thread_id, role="user", content="Wait")
    steer("clock", advance=1.8)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
    assert run.status == "in_progress"
    (growing,) = client.beta.threads.messages.list(thread_id, run_id=run.id)
    assert growing.status == "in_progress"
    (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread_id)
    assert (step.status, step.usage) == ("in_progress", None)
    client.beta.threads.messages.update(growing.id, thread_id=thread_id, metadata={"mark": "1"})
    steer("clock", advance=60)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
    assert sound(Run, run)
    assert (run.status, run.expires_at, run.metadata) == ("completed", None, {"k": "v"})
    assert run.usage
    assert run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens > 0
    text = answer_of(client, run)
    assert text.startswith("[simulated]")
    part = growing.content[0] if growing.content else None
    assert part is None or (part.type == "text" and text.startswith(part.text.value))
    newest = next(iter(client.beta.threads.messages.list(thread_id)))
    assert (newest.status, newest.metadata, newest.assistant_id) == ("completed", {"mark": "1"}, assistant.id)
    (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread_id)
    assert sound(RunStep, step)
    assert step.step_details.type == "message_creation"
    assert step.step_details.message_creation.message_id == newest.id
    assert client.beta.threads.runs.steps.retrieve(step.id, thread_id=thread_id, run_id=run.id) == step
    assert client.beta.threads.runs.update(run.id, thread_id=thread_id, metadata={}).metadata == {}
    assert [item.id for item in client.beta.threads.runs.list(thread_id)] == [run.id]
    with pytest.raises(openai.BadRequestError, match="Cannot cancel run with status 'completed'"):
        client.beta.threads.runs.cancel(run.id, thread_id=thread_id)


def test_functions_are_asked_for_together(client: openai.OpenAI, assistant: Assistant, steer: Steer) -> None:
    thread_id = say(client, "Use get_weather for 3 days in fahrenheit and get time, please")
    run = client.beta.threads.runs.create(thread_id, assistant_id=assistant.id)
    steer("clock", advance=10)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
    assert sound(Run, run)
    assert run.status == "requires_action"
    assert run.required_action
    calls = run.required_action.submit_tool_outputs.tool_calls
    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    assert '"unit": "fahrenheit", "days": 3' in calls[0].function.arguments
    one = [{"tool_call_id": calls[0].id, "output": "sunny"}]
    with pytest.raises(openai.BadRequestError, match="Expected tool outputs"):
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread_id, tool_outputs=one)
    both = [*one, {"tool_call_id": calls[1].id, "output": "noon"}]
    with pytest.raises(openai.BadRequestError, match="Unexpected tool outputs"):
        client.beta.threads.runs.submit_tool_outputs(
            run.id,
            thread_id=thread_id,
            tool_outputs=[*both, {"tool_call_id": "call_none", "output": ""}],
        )
    run = client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread_id, tool_outputs=both)
    assert (run.status, run.required_action) == ("queued", None)
    with pytest.raises(openai.BadRequestError, match="do not accept tool outputs"):
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread_id, tool_outputs=both)
    steer("clock", advance=60)
    assert client.beta.threads.runs.retrieve(run.id, thread_id=thread_id).status == "completed"
    written, asked = client.beta.threads.runs.steps.list(run.id, thread_id=thread_id)
    assert sound(RunStep, asked)
    assert (written.type, asked.type, asked.status) == ("message_creation", "tool_calls", "completed")
    assert asked.step_details.type == "tool_calls"
    assert [call.function.output for call in asked.step_details.tool_calls if call.type == "function"] == [
        "sunny",
        "noon",
    ]


def test_functions_one_after_another(client: openai.OpenAI, assistant: Assistant, steer: Steer) -> None:
    thread_id = say(client, "get_weather and get_time")
    run = client.beta.threads.runs.create(thread_id, assistant_id=assistant.id, parallel_tool_calls=False)
    for name in ("get_weather", "get_time"):
        steer("clock", advance=10)
        run = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
        assert run.required_action
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        assert call.function.name == name
        run = client.beta.threads.runs.submit_tool_outputs(
            run.id, thread_id=thread_id, tool_outputs=[{"tool_call_id": call.id, "output": "x"}]
        )
    steer("clock", advance=60)
    assert client.beta.threads.runs.retrieve(run.id, thread_id=thread_id).status == "completed"
    assert len(list(client.beta.threads.runs.steps.list(run.id, thread_id=thread_id))) == 3


def test_code_is_computed_and_files_are_found(client: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    made = client.beta.assistants.create(
        model="gpt-4.1", tools=[{"type": "code_interpreter"}, {"type": "file_search"}]
    )
    kayak = upload(api, "The river kayak floats and weighs 21 kg. " * 3, "assistants", "kayak.txt")
    stove = upload(api, "The summit stove burns gas. " * 3, "assistants", "stove.txt")
    search: Any = [{"type": "file_search"}]
    thread = client.beta.threads.create(
        messages=[
            {
                "role": "user",
                "content": "How much do 12 * (3 + 4) river kayaks weigh?",
                "attachments": [{"file_id": file_id, "tools": search} for file_id in (stove, kayak)],
            }
        ]
    )
    run = client.beta.threads.runs.create(thread.id, assistant_id=made.id)
    steer("clock", advance=60)
    text = answer_of(client, run)
    assert "The result is 84." in text
    written, found, computed = client.beta.threads.runs.steps.list(
        run.id, thread_id=thread.id, include=["step_details.tool_calls[*].file_search.results[*].content"]
    )
    assert all(sound(RunStep, step) for step in (written, found, computed))
    assert computed.step_details.type == "tool_calls"
    (call,) = computed.step_details.tool_calls
    assert call.type == "code_interpreter"
    assert call.code_interpreter.input == "print(12 * (3 + 4))"
    assert found.step_details.type == "tool_calls"
    (hits,) = found.step_details.tool_calls
    assert hits.type == "file_search"
    assert hits.file_search.results
    assert [hit.file_name for hit in hits.file_search.results] == ["kayak.txt", "stove.txt"]
    assert hits.file_search.results[0].content
    (message,) = client.beta.threads.messages.list(thread.id, run_id=run.id)
    part = message.content[0]
    assert part.type == "text"
    (note,) = part.text.annotations
    assert note.type == "file_citation"
    assert note.file_citation.file_id == kayak
    assert part.text.value[note.start_index : note.end_index] == note.text
    bare = client.beta.threads.runs.steps.retrieve(found.id, thread_id=thread.id, run_id=run.id)
    assert bare.step_details.type == "tool_calls"
    (hits,) = bare.step_details.tool_calls
    assert hits.type == "file_search"
    assert hits.file_search.results
    assert not hits.file_search.results[0].content


ANSWERED = [
    *("thread.run.created", "thread.run.queued", "thread.run.in_progress"),
    *("thread.run.step.created", "thread.run.step.in_progress", "thread.message.created"),
    *("thread.message.in_progress", "thread.message.delta", "thread.message.completed"),
    *("thread.run.step.completed", "thread.run.completed", "done"),
]
ASKED = [
    *("thread.created", "thread.run.created", "thread.run.queued", "thread.run.in_progress"),
    *("thread.run.step.created", "thread.run.step.in_progress", "thread.run.step.delta"),
    *("thread.run.requires_action", "done"),
]
WENT_ON = ["thread.run.step.completed", *ANSWERED[1:]]


def names(events: list[Any]) -> list[str]:
    """The names of events, runs of deltas as one."""
    told = [event.event for event in events]
    return [name for name, before in zip(told, [None, *told], strict=False) if name != before]


def test_a_streamed_run_ends_as_a_polled_one(
    client: openai.OpenAI, assistant: Assistant, steer: Steer, api: httpx.Client
) -> None:
    thread_id = say(client, "Why?")
    events = list(client.beta.threads.runs.create(thread_id, assistant_id=assistant.id, stream=True))
    assert names(events) == ANSWERED[:-1]
    for event in events:
        check_event("POST", f"/threads/{thread_id}/runs", event.to_dict())
    last = events[-1].data
    assert isinstance(last, Run)
    assert client.beta.threads.runs.retrieve(last.id, thread_id=thread_id) == last
    pieces = [
        block.text.value or ""
        for event in events
        if event.event == "thread.message.delta"
        for block in event.data.delta.content or []
        if block.type == "text" and block.text
    ]
    assert len(pieces) > 5
    assert "".join(pieces) == answer_of(client, last)
    polled = client.beta.threads.runs.create(say(client, "Why?"), assistant_id=assistant.id)
    steer("clock", advance=60)
    polled = client.beta.threads.runs.retrieve(polled.id, thread_id=polled.thread_id)
    fixed = {"id", "thread_id", "created_at", "started_at", "completed_at"}
    assert polled.model_dump(exclude=fixed) == last.model_dump(exclude=fixed)
    assert answer_of(client, polled) == answer_of(client, last)


def test_a_stream_stops_for_functions_and_goes_on(client: openai.OpenAI, assistant: Assistant) -> None:
    with client.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "get_weather in Oslo"}]}
    ) as stream:
        events = list(stream)
    assert names(events) == ASKED[:-1]
    run = events[-1].data
    assert isinstance(run, Run)
    for event in events:
        check_event("POST", "/threads/runs", event.to_dict())
    assert run.required_action
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": call.id, "output": "snow"}]
    ) as stream:
        events = list(stream)
        (message,) = stream.get_final_messages()
    assert names(events) == WENT_ON[:-1]
    assert message == client.beta.threads.messages.retrieve(message.id, thread_id=run.thread_id)
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id)
    assert [step.status for step in steps] == ["completed", "completed"]
    assert client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id).status == "completed"


def test_a_stream_on_the_wire(api: httpx.Client, client: openai.OpenAI, assistant: Assistant) -> None:
    body = {"assistant_id": assistant.id, "stream": True}
    with api.stream("POST", "/threads/runs", json=body) as answer:
        text = "".join(answer.iter_text())
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    blocks = text.split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("event: ") and block.count("\ndata: ") == 1 for block in blocks)
    assert blocks[-1] == "event: done\ndata: [DONE]"


def test_stores_are_made_on_the_way(client: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    file_id = upload(api, "A climbing rope is never returned.", "assistants", "ropes.txt")
    made = client.beta.assistants.create(
        model="gpt-4.1",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file_id], "metadata": {"k": "v"}}]}},
    )
    assert made.tool_resources
    assert made.tool_resources.file_search
    (store_id,) = made.tool_resources.file_search.vector_store_ids or []
    assert client.vector_stores.retrieve(store_id).metadata == {"k": "v"}
    run = client.beta.threads.runs.create(say(client, "Can I return a rope?"), assistant_id=made.id)
    steer("clock", advance=60)
    assert answer_of(client, run).endswith("【4:0†ropes.txt】")
    for given, code in (({"vector_store_ids": ["vs_none"]}, 404), ({"vector_store_ids": [store_id]}, 200)):
        answer = api.post(f"/assistants/{made.id}", json={"tool_resources": {"file_search": given}})
        assert answer.status_code == code, answer.text
    both = {"vector_store_ids": [store_id], "vector_stores": [{}]}
    assert api.post("/threads", json={"tool_resources": {"file_search": both}}).status_code == 400


def test_only_the_last_messages_are_read(api: httpx.Client, assistant: Assistant, steer: Steer) -> None:
    read = []
    for strategy in ({"type": "auto"}, {"type": "last_messages", "last_messages": 1}):
        said = [{"role": "user", "content": text} for text in ("word " * 400, "Why?")]
        body = {"assistant_id": assistant.id, "thread": {"messages": said}, "truncation_strategy": strategy}
        run = api.post("/threads/runs", json=body).json()
        steer("clock", advance=60)
        read.append(get(api, f"/threads/{run['thread_id']}/runs/{run['id']}")["usage"]["prompt_tokens"])
    assert read[0] > 400 > read[1]


# -- ends other than completed


@pytest.mark.parametrize(
    ("fate", "message", "reason"),
    [
        ("failed", "incomplete", "run_failed"),
        ("incomplete", "incomplete", "max_tokens"),
        ("expired", "incomplete", "run_expired"),
    ],
)
def test_runs_that_do_not_complete(
    api: httpx.Client, assistant: Assistant, steer: Steer, fate: str, message: str, reason: str
) -> None:
    body = {"assistant_id": assistant.id, "metadata": {"simulate": fate}}
    run = api.post("/threads/runs", json=body).json()
    steer("clock", advance=700)
    path = f"/threads/{run['thread_id']}"
    run = get(api, f"{path}/runs/{run['id']}")
    assert run["status"] == fate
    assert (run["last_error"] is not None) == (fate == "failed")
    assert run["incomplete_details"] == ({"reason": "max_completion_tokens"} if fate == "incomplete" else None)
    (told,) = get(api, f"{path}/messages")["data"]
    assert (told["status"], told["incomplete_details"]) == (message, {"reason": reason})
    (step,) = get(api, f"{path}/runs/{run['id']}/steps")["data"]
    assert step["status"] == ("completed" if fate == "incomplete" else fate)


def test_a_prompt_may_be_too_long(api: httpx.Client, assistant: Assistant, steer: Steer) -> None:
    long = {"messages": [{"role": "user", "content": "word " * 1000}]}
    body = {"assistant_id": assistant.id, "thread": long, "max_prompt_tokens": 256}
    run = api.post("/threads/runs", json=body).json()
    steer("clock", advance=60)
    run = get(api, f"/threads/{run['thread_id']}/runs/{run['id']}")
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    assert get(api, f"/threads/{run['thread_id']}/runs/{run['id']}/steps")["data"] == []


@pytest.mark.parametrize("wait", [0.5, 1.6, 9.0])
def test_cancelling(client: openai.OpenAI, assistant: Assistant, steer: Steer, wait: float) -> None:
    words = "get_weather" if wait == 9.0 else "Why?"
    run = client.beta.threads.runs.create(say(client, words), assistant_id=assistant.id)
    steer("clock", advance=wait)
    run = client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert (run.status, run.cancelled_at) == ("cancelling", None)
    with pytest.raises(openai.BadRequestError):
        client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    steer("clock", advance=30)
    run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
    assert run.status == "cancelled"
    assert run.cancelled_at
    steps = list(client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id))
    assert [step.status for step in steps] == ([] if wait == 0.5 else ["cancelled"])
    client.beta.threads.messages.create(run.thread_id, role="user", content="Again")


def test_nobody_answers_the_functions(api: httpx.Client, assistant: Assistant, steer: Steer) -> None:
    run = api.post("/threads/runs", json={"assistant_id": assistant.id, "tool_choice": "required"}).json()
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    steer("clock", advance=599)
    assert get(api, path)["status"] == "requires_action"
    steer("clock", advance=2)
    assert get(api, path)["status"] == "expired"


def test_a_thread_goes_with_its_run(api: httpx.Client, assistant: Assistant, steer: Steer) -> None:
    run = api.post("/threads/runs", json={"assistant_id": assistant.id}).json()
    assert api.delete(f"/threads/{run['thread_id']}").json()["deleted"]
    steer("clock", advance=60)
    assert api.get(f"/threads/{run['thread_id']}/runs/{run['id']}").status_code == 404


# -- what is refused


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"assistant_id": None}, "assistant_id"),
        ({"model": "gpt-none"}, "model"),
        ({"surprise": 1}, "surprise"),
        ({"max_prompt_tokens": 255}, "max_prompt_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"truncation_strategy": {"type": "last_messages"}}, "truncation_strategy.last_messages"),
        (
            {"truncation_strategy": {"type": "last_messages", "last_messages": 0}},
            "truncation_strategy.last_messages",
        ),
        ({"truncation_strategy": {"type": "half"}}, "truncation_strategy.type"),
        ({"parallel_tool_calls": None}, "parallel_tool_calls"),
        ({"tool_choice": {"type": "function", "function": {"name": "none"}}}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function"),
        ({"tool_choice": "required", "tools": []}, "tool_choice"),
        ({"tools": [{"type": "hammer"}]}, "tools[0].type"),
        ({"tools": [CLOCK] * 21}, "tools"),
        ({"temperature": 2.1}, "temperature"),
        ({"metadata": {"k": 1}}, "metadata.k"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"additional_messages": [{"role": "system", "content": "x"}]}, "additional_messages[0].role"),
        ({"additional_messages": [{"role": "user", "content": []}]}, "additional_messages[0].content"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_runs_are_checked(
    api: httpx.Client, client: openai.OpenAI, assistant: Assistant, body: dict[str, Any], param: str
) -> None:
    thread_id = say(client, "Why?")
    answer = api.post(f"/threads/{thread_id}/runs", json={"assistant_id": assistant.id} | body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param, answer.text
    assert get(api, f"/threads/{thread_id}/runs")["data"] == []
    assert len(get(api, f"/threads/{thread_id}/messages")["data"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/assistants", {}, 400),
        ("/assistants", {"model": "gpt-none"}, 400),
        ("/assistants", {"model": "gpt-4o", "name": "n" * 257}, 400),
        (
            "/assistants",
            {"model": "gpt-4o", "tools": [{"type": "function", "function": {"name": "no good"}}]},
            400,
        ),
        ("/assistants", {"model": "gpt-4o", "tools": [CLOCK] * 129}, 400),
        ("/assistants", {"model": "gpt-4o", "top_p": 1.1}, 400),
        ("/assistants/asst_none", {"name": "x"}, 404),
        ("/threads", {"messages": [{"role": "user", "content": ""}]}, 400),
        ("/threads", {"messages": [{"role": "user", "content": [{"type": "sound"}]}]}, 400),
        ("/threads", {"tool_resources": {"code_interpreter": {"file_ids": ["file-none"]}}}, 404),
        ("/threads/thread_none/messages", {"role": "user", "content": "x"}, 404),
        ("/threads/thread_none/runs", {"assistant_id": "asst_none"}, 404),
        ("/threads/runs", {"assistant_id": "asst_none"}, 404),
    ],
)
def test_bodies_are_checked(api: httpx.Client, path: str, body: dict[str, Any], status: int) -> None:
    answer = api.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_the_retired_api_can_be_played(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="404@/assistants,404@/threads")
    for path in ("/assistants", "/threads/thread_x"):
        assert api.get(path).status_code == 404
    assert api.get("/files?limit=1").status_code == 200


def test_threads_can_be_found(sandbox: Sandbox, client: openai.OpenAI) -> None:
    thread_id = say(client, "Find me")
    answer = httpx.get(sandbox.url.removesuffix("/v1") + "/_sandbox/threads", trust_env=False)
    assert answer.json()["data"][0]["id"] == thread_id
