"""Answers gathered from streams: however they are cut, what is shown is what came, and never a wrong text."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.api.errors import ApiError
from tui.api.streams import read_server_events
from tui.workflows.generation import answer_parts, generation
from tui.workflows.generation.answer_parts import TokensSpent
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Take = "Callable[[Answer, dict[str, Any], float], None]"

WORDS = ["Ein ", "é", "漢字 ", "👩‍🚀", "\u2028", "\n", "data: x\n\n", " and", " so", " on", "."]
TEXT = "".join(WORDS)


def response_stream() -> list[dict[str, Any]]:
    """Some forty events of a response that thinks, speaks and calls a tool."""
    said = {"type": "message", "content": [{"type": "output_text", "text": TEXT}]}
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"at": "é"}'}
    whole = {"id": "resp_1", "model": "m", "status": "completed", "output": [{"type": "reasoning"}, said, call]}
    usage = {"input_tokens": 3, "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 7}}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}},
    ]
    thought = {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0}
    events += [{**thought, "delta": piece} for piece in "Hmmm…"]
    events.append({"type": "response.output_item.added", "output_index": 1, "item": {"type": "message"}})
    place = {"output_index": 1, "content_index": 0}
    events += [{"type": "response.output_text.delta", **place, "delta": word} for word in WORDS]
    events.append({"type": "response.output_text.done", **place, "text": TEXT})
    begun = {**call, "arguments": ""}
    events.append({"type": "response.output_item.added", "output_index": 2, "item": begun})
    arguments = {"type": "response.function_call_arguments.delta", "output_index": 2}
    events += [{**arguments, "delta": piece} for piece in '{"at": "é"}']
    events.append({"type": "response.output_item.done", "output_index": 2, "item": call})
    events += [{"type": "response.something.new", "delta": "?"}] * 6
    events.append({"type": "response.completed", "response": {**whole, "usage": usage}})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def chat_stream() -> list[dict[str, Any]]:
    """Some forty chunks of a completion."""
    head = {"id": "chatcmpl-1", "model": "m"}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    chunks = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": word}) for word in WORDS)]
    function = {"name": "look", "arguments": ""}
    chunks.append(chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}))
    calls = ([{"index": 0, "function": {"arguments": piece}}] for piece in '{"at": "é"}')
    chunks += [chunk({"tool_calls": call}) for call in calls]
    chunks += [chunk({})] * 14
    chunks.append(chunk({}, "tool_calls"))
    usage = {"prompt_tokens": 3, "completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 7}}
    return [*chunks, {**head, "choices": [], "usage": usage}]


def wire(events: list[dict[str, Any]]) -> bytes:
    return b"".join(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n" for event in events)


class Chunks(httpx.AsyncByteStream):
    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


async def followed(
    take: Callable[[Answer, dict[str, Any], float], None], *chunks: bytes, begun: Answer | None = None
) -> tuple[Answer, list[str]]:
    """The answer that a stream gives, and each text that was shown on the way; it may have begun already."""
    answer, shown, trouble = begun or Answer(), [], ""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Chunks(*chunks))
    try:
        async for event in read_server_events(response):
            take(answer, event.data, 1.0)
            shown.append(answer.text)
    except ApiError as error:
        trouble = str(error)
    answer.end(2.0, trouble)
    return answer, shown


KINDS = [
    pytest.param(Answer.take_response, response_stream(), id="responses"),
    pytest.param(Answer.take_chat, chat_stream(), id="chat"),
]


@pytest.mark.parametrize(("take", "events"), KINDS)
async def test_a_stream_in_single_bytes_gives_the_whole_answer(take: Any, events: list[dict[str, Any]]) -> None:
    assert len(events) >= 40
    answer, shown = await followed(take, *(bytes([byte]) for byte in wire(events)))
    assert (answer.text, answer.is_whole, answer.outcome, answer.model) == (TEXT, True, "", "m")
    assert all(TEXT.startswith(text) for text in shown)
    assert [(call.name, call.call_id, call.text) for call in answer.calls] == [("look", "call_1", '{"at": "é"}')]
    assert answer.usage == TokensSpent(3, 30, 7)


@pytest.mark.parametrize(("take", "events"), KINDS)
async def test_a_stream_cut_off_at_any_byte_shows_nothing_wrong(take: Any, events: list[dict[str, Any]]) -> None:
    begun, complete, last = Answer(), b"", 0
    for number, event in enumerate(events):
        sent = wire([event])
        for cut in range(len(sent)):
            # Of what was whole before, the last event is read once more each time, and the ones before it once.
            answer, shown = await followed(take, complete + sent[:cut], begun=deepcopy(begun))
            at = f"when cut at byte {cut} of event {number}"
            assert TEXT.startswith(answer.text), f"a wrong text {at}"
            assert len(answer.text) >= last, f"less than before {at}"
            last = len(answer.text)
            assert not shown or shown[-1] == answer.text
            assert answer.is_whole or answer.outcome, f"a broken stream looks like a whole one {at}"
            assert not answer.calls or answer.calls[0].text == '{"at": "é"}', f"half the arguments of a call {at}"
        if number:
            take(begun, events[number - 1], 1.0)
        complete = sent
    assert last == len(TEXT)


def test_events_told_twice_count_once() -> None:
    """A response in the background is taken up from some event on; servers may send it again."""
    answer, events = Answer(), response_stream()
    for event in [*events[:20], *events[10:]]:
        answer.take_response(event, 1.0)
    assert (answer.text, answer.sequence) == (TEXT, len(events) - 1)


def test_what_the_platform_says_in_full_wins_over_lost_pieces() -> None:
    answer = Answer()
    for event in response_stream():
        if event.get("delta") != "漢字 ":
            answer.take_response(event, 1.0)
    assert answer.text == TEXT


@pytest.mark.parametrize("take", [Answer.take_response, Answer.take_chat, Answer.take_completion])
@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"choices": None, "usage": 7, "type": 3, "sequence_number": "x"},
        {"choices": [None, 1, {"delta": [], "message": "x"}]},
        {"choices": [{"delta": {"content": 5, "tool_calls": [{"function": None, "index": []}, 3]}}]},
        {"choices": [{"text": None, "logprobs": {"tokens": [1, "a"], "token_logprobs": [None]}}]},
        {"type": "response.completed", "response": None},
        {"type": "response.completed", "response": {"status": "completed", "output": [None, {"type": "message"}]}},
        {"type": "response.failed", "response": {"status": "failed", "error": "no"}},
        {"type": "response.output_text.delta", "delta": None, "output_index": {}},
        {"type": "response.output_text.delta", "delta": "x", "output_index": ["not", "a", "number"]},
        {"type": "response.output_item.added", "item": []},
    ],
)
def test_odd_events_do_no_harm(take: Any, odd: dict[str, Any]) -> None:
    answer = Answer()
    take(answer, odd, 1.0)
    answer.end(2.0)
    assert answer.is_over


@pytest.mark.parametrize(
    ("reason", "words"),
    [("max_output_tokens", "limit of tokens"), ("content_filter", "filter"), (None, "cut short")],
)
def test_an_answer_cut_short_says_why(reason: str | None, words: str) -> None:
    details = {"reason": reason} if reason else None
    answer = Answer()
    answer.take_response({"response": {"status": "incomplete", "incomplete_details": details}}, 1.0)
    answer.end(2.0)
    assert answer.is_whole
    assert words in answer.outcome


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_parts, "MAX_TEXT", 100)
    answer = Answer()
    for _ in range(50):
        answer.take_chat({"choices": [{"delta": {"content": "seven77"}}]}, 1.0)
    assert (len(answer.text), answer.parts[0].dropped) == (100, 250)


async def test_one_event_that_is_none_costs_no_other_and_is_told() -> None:
    def said(text: str) -> bytes:
        return wire([{"choices": [{"delta": {"content": text}}]}])

    for take, odd in (
        (Answer.take_chat, b"{broken"),
        (Answer.take_response, b"[]"),
        (Answer.take_completion, b"5"),
    ):
        answer, _ = await followed(take, wire([{"usage": {}}]), b"data: " + odd + b"\n\ndata: null\n\n")
        (part,) = [part for part in answer.parts if "no JSON object" in part.name]
        assert odd.decode() in part.text, "what came is kept"
    answer, _ = await followed(
        Answer.take_chat,
        said("a"),
        b"data: {broken\n\n",
        said("b"),
        b"data: [1]\n\n",
        said("c"),
        b"data: [DONE]\n\n",
    )
    assert (answer.text, answer.is_whole, answer.outcome) == ("abc", True, ""), "[DONE] is an end"
    assert answer.parts[-1].name == "2 events of the stream, which are no JSON objects"


def test_choices_are_kept_apart_and_the_first_is_the_answer() -> None:
    answer = Answer()
    for index, text in ((1, "two "), (0, "one "), (1, "more"), (0, "only")):
        answer.take_chat({"choices": [{"index": index, "delta": {"content": text}, "finish_reason": "stop"}]}, 1.0)
    answer.end(2.0)
    assert [part.text for part in answer.parts] == ["one only", "two more"]
    assert (answer.text, answer.is_whole) == ("one only", True)
    assert "choice 2" in answer.parts[1].name
    alone = Answer()
    alone.take_chat({"choices": [{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}]}, 1.0)
    alone.end(2.0)
    assert (alone.text, alone.is_whole) == ("x", True), "a server that counts from 1"


def test_tokens_that_are_not_told_are_not_none() -> None:
    answer = Answer()
    answer.take_chat({"usage": {"prompt_tokens": "3", "completion_tokens": None, "total_tokens": -1}}, 1.0)
    assert answer.usage == TokensSpent(3, None, 0)
    answer.end(2.0)
    assert answer.tokens_per_second(3.0) is None


def test_times_are_told() -> None:
    answer = Answer(began=10.0)
    answer.take_chat({"choices": [{"delta": {"content": "a"}}]}, 10.5)
    answer.take_chat({"usage": {"prompt_tokens": 1, "completion_tokens": 20}, "choices": []}, 12.5)
    answer.take_chat({"choices": [{"delta": {}, "finish_reason": "stop"}]}, 12.5)
    answer.end(12.5)
    assert (answer.latency, answer.tokens_per_second(99.0)) == (0.5, 10.0)


def chat(*deltas: dict[str, Any]) -> Answer:
    """What comes of these deltas, one a second, the first after a second."""
    answer = Answer()
    for now, delta in enumerate(deltas, 1):
        answer.take_chat({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta}]}, float(now))
    return answer


@pytest.mark.parametrize(
    "thought",
    [
        {"reasoning": "Hm."},
        {"reasoning_content": "Hm.", "content": ""},
        {"reasoning": "Hm.", "reasoning_content": "Hm.", "content": None},
        {"thinking": "Hm."},
        {"reasoning": {"text": "Hm."}},
        {"reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]},
    ],
)
def test_thoughts_of_a_chat_are_thoughts_and_the_first_of_the_answer(thought: dict[str, Any]) -> None:
    answer = chat({"role": "assistant", "content": ""}, thought, thought, {"content": "42"})
    assert [(part.kind, part.text) for part in answer.parts] == [("reasoning", "Hm.Hm."), ("text", "42")]
    assert answer.text == "42"
    assert answer.first == 2.0


@pytest.mark.parametrize("take", [Answer.take_chat, Answer.take_completion])
@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"finish_reason": "error", "error": {"message": "no room", "code": 502}}, "no room"),
        ({"finish_reason": "stop", "error": "no room"}, "no room"),
        ({"finish_reason": "error"}, "does not say why"),
    ],
)
def test_a_choice_that_ends_with_an_error_is_no_whole_answer(take: Any, choice: dict[str, Any], told: str) -> None:
    answer = Answer()
    take(answer, {"choices": [{"index": 0, "delta": {"content": "Wel"}, "text": "Wel"}]}, 1.0)
    take(answer, {"choices": [{"index": 0, "delta": {}, **choice}]}, 2.0)
    answer.end(3.0)
    assert told in answer.outcome
    assert not answer.is_whole
    assert answer.text == "Wel"


def test_the_words_of_a_completion_are_those_of_a_chat() -> None:
    answer = Answer()
    answer.take_chat({"choices": [{"index": 0, "text": "hi", "finish_reason": "stop"}]}, 1.0)
    assert answer.text == "hi"


def test_thoughts_of_a_whole_chat_are_thoughts() -> None:
    answer = Answer()
    message = {"role": "assistant", "content": "42", "reasoning_content": "Hm."}
    answer.take_chat({"choices": [{"message": message, "finish_reason": "stop"}]}, 1.0)
    assert [(part.kind, part.text) for part in answer.parts] == [("reasoning", "Hm."), ("text", "42")]


def test_a_function_call_of_old_is_a_call() -> None:
    answer = chat({"function_call": {"name": "look", "arguments": ""}}, {"function_call": {"arguments": "{}"}})
    assert [(part.kind, part.name, part.text) for part in answer.parts] == [("call", "look", "{}")]


def test_what_nobody_has_heard_of_is_kept_by_its_name() -> None:
    answer = chat({"content": "Hi", "mood": {"joy": 1}}, {"content": "!"})
    answer.take_chat({"type": "weather.report", "sky": "blue"}, 9.0)
    answer.take_chat({"object": "keepalive"}, 9.0)
    found = {part.name: part.text for part in answer.parts if part.kind == "other"}
    assert found == {"mood": '{"joy": 1}', "weather.report": '{"type": "weather.report", "sky": "blue"}'}
    assert answer.text == "Hi!"
    answer = Answer()
    for number, kind in enumerate(["response.brand_new.thing", "keepalive", "response.keep_alive", "ping"]):
        answer.take_response({"type": kind, "sequence_number": number, "payload": {"a": 1}}, 1.0)
    assert [(part.name, part.text) for part in answer.parts] == [
        ("response.brand_new.thing", '{"payload": {"a": 1}}')
    ]
    assert answer.first is None, "it is no part of the answer"


def test_what_nobody_has_heard_of_is_kept_within_bounds() -> None:
    answer = Answer()
    for number in range(5_000):
        answer.take_response({"type": "x.y.delta", "sequence_number": number, "delta": "z" * 100}, 1.0)
    (part,) = answer.parts
    assert len(part.text) < 3 * generation.MAX_OTHER


KEYS = [
    "type",
    "id",
    "model",
    "choices",
    "delta",
    "message",
    "content",
    "refusal",
    "tool_calls",
    "function_call",
    "reasoning",
    "reasoning_content",
    "item",
    "response",
    "output_index",
    "content_index",
    "sequence_number",
    "usage",
    "status",
    "output",
    "index",
    "finish_reason",
    "text",
    "logprobs",
]
ANYTHING = st.recursive(
    st.sampled_from(
        [None, True, 0, -1, 1.5, 10**30, "", "text", "response.output_text.delta", "function", "\x1b[31m"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4), max_size=6))
def test_any_events_are_taken_and_none_is_lost(events: list[dict[str, Any]]) -> None:
    for take in (Answer.take_chat, Answer.take_response, Answer.take_completion):
        answer = Answer()
        for event in events:
            take(answer, event, 1.0)
            take(answer, {"choices": [{"delta": event}]}, 1.0)
        assert isinstance(answer.text, str)
    answer = Answer()
    names = {f"new.{number}" for number, _ in enumerate(events)}
    for number, event in enumerate(events):
        answer.take_response({**event, "type": f"new.{number}", "sequence_number": number}, 1.0)
    for name in names:
        answer.take_response({"type": name, "told": 1}, 1.0)
    assert names <= {part.name for part in answer.parts}
