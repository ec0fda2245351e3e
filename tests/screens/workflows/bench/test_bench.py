"""Trying models from the keyboard, with what the server made of it checked."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.benching import ask, bench, leave, panes, posted
from tests.support.driving import Server, opened, served
from tui.resources.generation import endpoints as generation
from tui.screens.workflows.bench.exports import build_last_request
from tui.screens.workflows.bench.pane import FRAME
from tui.widgets.input.line import Line
from tui.workflows.generation import answer_parts
from tui.workflows.generation import generation as gathered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.api.operation import Operation
    from tui.screens.workflows.bench.pane import Pane

WEATHER = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}


def last_request(pane: Pane) -> dict[str, Any]:
    """The request that the last answer came from, as it is saved."""
    return build_last_request(pane.dialect, pane.settings, pane.turns)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox whose models write ten times as fast as real."""
    with served(scenario="calm", speed=10.0) as server:
        yield server


async def test_responses_go_on_and_show_what_the_server_stored(server: Server) -> None:
    async with opened(server) as drive:
        await drive.command("respond")
        await drive.sees("POST /responses")
        for text in ("Why is the sky blue?", "And at dusk?"):
            await ask(drive, text)
        await drive.sees("✓ complete")
        (pane,) = panes(drive)
        answers = [turn for turn in pane.turns if isinstance(turn, gathered.Answer)]
        stored = [server.call("GET", f"/responses/{answer.id}") for answer in answers]
        assert stored[1]["previous_response_id"] == answers[0].id
        for answer, response in zip(answers, stored, strict=True):
            told = [part["text"] for item in response["output"] for part in item.get("content") or ()]
            assert answer.text == "".join(told)
            assert answer.usage and answer.usage.written == response["usage"]["output_tokens"]
            assert answer.text[:40] in drive.text()
        assert answers[1].request_id.startswith("req_")
        assert answers[1].request_id[:12] in drive.text()


async def test_a_chat_with_parameters_from_the_form_is_stored(server: Server) -> None:
    async with opened(server) as drive:
        await drive.command("chat gpt-4.1")
        await drive.press("ctrl+o")
        await drive.sees("longest answer")
        await drive.press("tab")
        await drive.type("Be brief.")
        await drive.press("tab")
        await drive.type("0.5")
        await drive.press("ctrl+t", *["tab"] * 5, "space", "ctrl+s")
        await drive.sees("temperature 0.5 · store on")
        await ask(drive, "Hello\nthere")
        (pane,) = panes(drive)
        assert pane.answer
        stored = server.call("GET", f"/chat/completions/{pane.answer.id}")
        assert stored["model"] == "gpt-4.1"
        assert stored["choices"][0]["message"]["content"] == pane.answer.text != ""
        messages = server.call("GET", f"/chat/completions/{pane.answer.id}/messages")["data"]
        said = [(message["role"], message["content"]) for message in messages]
        assert said == [("developer", "Be brief."), ("user", "Hello\nthere")]


async def test_a_stopped_answer_stays_and_one_key_tries_again(slow: Server) -> None:
    async with opened(slow) as drive:
        pane = await bench(drive, generation.CHAT, model="gpt-4.1")
        await drive.type("Tell me a lot")
        await drive.press("enter")
        begun = await drive.until(lambda: pane.answer and pane.answer.text, "the first of it", 40)
        before = posted(slow, "/chat/completions")
        await drive.press("escape")
        await drive.sees("■ stopped")
        assert pane.answer
        assert pane.answer.text.startswith(begun)
        assert pane.answer.text[:8] in drive.text()
        await drive.press("r")
        await drive.until(lambda: pane.answer and not pane.answer.is_over, "another try")
        await drive.until(lambda: posted(slow, "/chat/completions") == before + 1, "one more request")
        await drive.press("escape", "escape")
        await drive.until(lambda: not panes(drive), "the way back")


@pytest.mark.parametrize("operation", [generation.RESPOND, generation.CHAT])
async def test_calls_are_answered_by_hand(server: Server, operation: Operation) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, operation, model="gpt-4.1", tools=[WEATHER], store=True)
        await ask(drive, "How is the weather?")
        await drive.sees("What does weather give?")
        before = posted(server, operation.path)
        (call,) = pane.calls
        await ask(drive, "Rain")
        await drive.until(lambda: pane.answer and pane.answer.text, "an answer in words")
        assert posted(server, operation.path) == before + 1
        assert not pane.calls
        assert pane.answer
        if operation is generation.RESPOND:
            items = server.call("GET", f"/responses/{pane.answer.id}/input_items")["data"]
            outputs = [(item["call_id"], item["output"]) for item in items if item["type"].endswith("call_output")]
        else:
            items = server.call("GET", f"/chat/completions/{pane.answer.id}/messages")["data"]
            outputs = [(item["tool_call_id"], item["content"]) for item in items if item["role"] == "tool"]
        assert outputs == [(call.call_id, "Rain")]


async def test_broken_arguments_and_structured_answers_are_told_apart(server: Server) -> None:
    schema = {
        "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
        "additionalProperties": False,
    }  # fmt: skip
    tool = {**WEATHER, "parameters": schema}
    async with opened(server) as drive:
        await bench(drive, generation.CHAT, model="gpt-4.1", tools=[tool])
        await ask(drive, "The weather with [broken-arguments]")
        await drive.sees("its arguments are no JSON")
        await leave(drive)
        await bench(drive, generation.RESPOND, model="gpt-4.1", json_schema=schema)
        await ask(drive, "Who is it?")
        await drive.sees('    "name": ')


async def test_a_flood_is_painted_fifteen_times_a_second_at_most(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_parts, "MAX_TEXT", 50_000)
    async with opened(server, size=(80, 24)) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1", store=False)
        before = pane.frames
        await drive.type("[flood 12000]")
        await drive.press("enter")
        await drive.until(lambda: pane.answer and pane.answer.text, "the first of it")
        answer = pane.answer
        assert answer
        await drive.press(*"typed")
        assert drive.app.screen.query_one(Line).text == "typed"
        await drive.until(lambda: answer.is_over, "the end of it", 60)
        assert answer.ended is not None
        took = answer.ended - answer.began
        assert pane.frames - before <= took / FRAME + 4
        assert answer.usage and (answer.usage.written or 0) >= 12_000
        assert len(answer.text) == 50_000, "memory grows with the stream"
        await drive.sees("characters more, not kept")


async def test_two_models_side_by_side_on_the_same_prompts(server: Server) -> None:
    async with opened(server) as drive:
        first = await bench(drive, generation.RESPOND, model="gpt-4.1")
        await ask(drive, "Which is better?")
        await drive.press("ctrl+b")
        await drive.sees("until 2027")
        await drive.type("gpt-5-nano")
        await drive.press("enter")
        second = await drive.until(lambda: panes(drive)[1], "the second conversation")
        await drive.until(lambda: second.answer and second.answer.is_over, "its answer")
        await ask(drive, "Why?")
        ids = [pane.answer.id for pane in (first, second) if pane.answer]
        models = [server.call("GET", f"/responses/{id_}")["model"] for id_ in ids]
        assert models == ["gpt-4.1", "gpt-5-nano"]
        assert [len(pane.turns) for pane in (first, second)] == [4, 4]
        await drive.press("ctrl+b")
        await drive.until(lambda: len(panes(drive)) == 1, "one conversation")


async def test_a_response_in_the_background_is_taken_up_again(slow: Server) -> None:
    async with opened(slow) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1", background=True)
        await drive.type("Take your time")
        await drive.press("enter")
        await drive.until(lambda: pane.answer and pane.answer.id, "its beginning")
        slow.control("clock", advance=19)  # it need not queue for long
        await drive.until(lambda: pane.answer and pane.answer.text, "the first of it")
        answer = pane.answer
        assert answer
        before = posted(slow, "/responses")
        await drive.press("escape")
        await drive.sees("■ stopped")
        await drive.sees("take it up again")
        await drive.sees("ctrl+x cancel")
        seen = answer.text
        assert slow.call("GET", f"/responses/{answer.id}")["status"] == "in_progress"
        await drive.press("r")
        await drive.until(lambda: len(answer.text) > len(seen), "more of it", 60)
        assert answer.text.startswith(seen)
        assert pane.answer is answer
        assert posted(slow, "/responses") == before
        await drive.press("escape", "ctrl+x")
        await drive.sees("cancelled")
        assert slow.call("GET", f"/responses/{answer.id}")["status"] == "cancelled"


async def test_without_streaming_answers_come_whole_and_are_waited_for(server: Server) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1", background=True, stream=False)
        await ask(drive, "Hello")
        assert pane.answer
        stored = server.call("GET", f"/responses/{pane.answer.id}")
        assert stored["status"] == "completed"
        assert stored["output"][0]["content"][0]["text"] == pane.answer.text


async def test_a_conversation_is_saved_in_four_ways_without_the_key(server: Server, tmp_path: Path) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, generation.CHAT, model="gpt-4.1", instructions="Be kind.")
        await ask(drive, "Hello 'you'")
        assert pane.answer
        for suffix in ("md", "json", "sh", "py"):
            path = tmp_path / f"talk.{suffix}"
            await drive.press("ctrl+s")
            await drive.sees("Save as")
            await drive.press("ctrl+u")
            await drive.type(str(path))
            await drive.press("enter")
            await drive.until(path.exists, f"{path.name}")
            text = path.read_text()
            assert "sk-" not in text
            assert "Be kind." in text
            assert "you" in text
        kept = json.loads((tmp_path / "talk.json").read_text())
        assert kept["turns"][1]["parts"] == [{"kind": "text", "text": pane.answer.text}]
        assert "$OPENAI_API_KEY" in (tmp_path / "talk.sh").read_text()
        compile((tmp_path / "talk.py").read_text(), "talk.py", "exec")


async def test_files_are_shown_along_with_a_message(server: Server, tmp_path: Path) -> None:
    image = tmp_path / "dot.png"
    image.write_bytes(b"\x89PNG not really")
    async with opened(server) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1")
        before = posted(server, "/responses")
        await drive.type(f"What is @{tmp_path}/none.png")
        await drive.press("enter")
        await drive.sees("There is no file")
        assert posted(server, "/responses") == before
        await drive.press("ctrl+u")
        await ask(drive, f"What is @{image}")
        assert pane.answer
        items = server.call("GET", f"/responses/{pane.answer.id}/input_items")["data"]
        assert [part["type"] for part in items[0]["content"]] == ["input_text", "input_image"]


async def test_a_prompt_is_completed_with_how_likely_each_token_was(server: Server) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, generation.COMPLETE, logprobs=2, max_tokens=8)
        await ask(drive, "Once upon a time")
        assert pane.answer
        (part,) = pane.answer.parts
        assert "".join(token for token, _ in part.tokens) == part.text
        await drive.sees(part.text.strip())
        await drive.sees("cut short by its limit of tokens")


async def test_texts_are_embedded_and_the_nearest_named(server: Server, tmp_path: Path) -> None:
    async with opened(server) as drive:
        await drive.command("embed")
        await drive.type("refund for a broken kettle\nrefunds for broken kettles\nnight trains")
        await drive.press("enter")
        await drive.sees("nearest to 1")
        await drive.press("tab", "down")
        await drive.sees("nearest to 2")
        nearest = drive.text().partition("nearest to 2")[2].splitlines()[1]
        assert "refund for a broken kettle" in nearest
        path = tmp_path / "vectors.json"
        await drive.press("ctrl+s")
        await drive.press("ctrl+u")
        await drive.type(str(path))
        await drive.press("enter")
        await drive.until(path.exists, "the vectors")
        assert [len(item["embedding"]) for item in json.loads(path.read_text())["data"]] == [1536] * 3


async def test_lines_of_a_file_are_moderated_and_what_failed_is_asked_again(
    server: Server, tmp_path: Path
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("".join(f"cup of tea number {number}\n" for number in range(149)) + "I will attack you\n")
    async with opened(server) as drive:
        await drive.command("moderate")
        await drive.sees("nothing asked yet")
        await drive.press("ctrl+l")
        await drive.press("ctrl+u")
        await drive.type(str(lines))
        before = posted(server, "/moderations")
        await drive.press("enter")
        await drive.sees("1 of 150 flagged")
        assert posted(server, "/moderations") == before + 2
        await drive.sees("▲ violence")
        first = next(line for line in drive.text().splitlines() if "flagged" in line)
        assert "I will attack you" in first
        await drive.type("@no-such-image.png")
        await drive.press("enter")
        await drive.sees("There is no file no-such-image.png")


@pytest.mark.parametrize(
    ("model", "title"), [("gpt-4.1", "POST /responses"), ("text-embedding-3-large", "POST /embed")]
)
async def test_a_model_is_tried_from_the_list_on_the_endpoint_it_answers(
    server: Server, model: str, title: str
) -> None:
    async with opened(server, "models") as drive:
        await drive.press("slash")
        await drive.type(f"id:{model}")
        await drive.press("enter")
        await drive.until(lambda: drive.record and drive.record.id.startswith(model), "the model under the cursor")
        await drive.press("t")
        await drive.sees(title)
        await drive.sees(model)


async def test_a_stored_completion_goes_on(server: Server) -> None:
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    stored = server.call(
        "POST", "/chat/completions", json={"model": "gpt-4.1", "store": True, "messages": messages}
    )
    async with opened(server, "completions") as drive:
        await drive.until(lambda: drive.record and drive.record.id == stored["id"], "it under the cursor")
        await drive.press("t")
        await drive.sees("instructions Be brief.")
        await drive.sees(stored["choices"][0]["message"]["content"][:50])
        (pane,) = panes(drive)
        await ask(drive, "Go on")
        assert [message["role"] for message in last_request(pane)["messages"]] == [
            "developer", "user", "assistant", "user",
        ]  # fmt: skip


@pytest.mark.parametrize("operation", [generation.CHAT, generation.COMPLETE, generation.RESPOND])
async def test_the_whole_answer_is_that_of_the_stream(server: Server, operation: Operation) -> None:
    async with opened(server) as drive:
        texts = []
        for stream in (True, False):
            pane = await bench(drive, operation, stream=stream)
            await ask(drive, "Once upon a time")
            assert pane.answer
            assert pane.answer.usage
            assert last_request(pane).get("stream", False) is stream
            texts.append((pane.answer.text, pane.answer.usage.written))
            await drive.press("escape")
            await leave(drive)
        assert texts[0] == texts[1]


async def test_an_assistant_is_tried_with_all_that_makes_it(server: Server) -> None:
    weather = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    body = {"model": "gpt-4.1", "instructions": "Be dry.", "temperature": 0.2, "tools": [weather]}
    id_ = server.call("POST", "/assistants", json=body)["id"]
    async with opened(server, "assistants") as drive:
        await drive.until(lambda: drive.record and drive.record.id == id_, "it under the cursor")
        await drive.press("t")
        await drive.sees("instructions Be dry.")
        await drive.sees("tools (1)")
        await ask(drive, "How is the weather?")
        await drive.sees("What does weather give?")


async def test_an_image_is_moderated_and_vectors_are_a_table(server: Server, tmp_path: Path) -> None:
    image, table = tmp_path / "dot.png", tmp_path / "vectors.csv"
    image.write_bytes(b"\x89PNG not really")
    async with opened(server) as drive:
        await drive.command("moderate")
        await drive.sees("nothing asked yet")
        await drive.type(f"a cup of tea\n@{image}")
        before = posted(server, "/moderations")
        await drive.press("enter")
        await drive.sees("0 of 2 flagged")
        assert posted(server, "/moderations") == before + 2, "what shows an image goes by itself"
        await drive.press("escape", "q")
        await drive.command("embed")
        await drive.sees("nothing asked yet")
        drive.app.screen.settings["dimensions"] = 8  # type: ignore[attr-defined]
        await drive.type("=one\ntwo")
        await drive.press("enter")
        await drive.sees("nearest to 1")
        await drive.press("ctrl+s", "ctrl+u")
        await drive.type(str(table))
        await drive.press("enter")
        await drive.until(table.exists, "the table")
        rows = list(csv.reader(table.read_text().splitlines()))
        assert [len(row) for row in rows] == [9, 9]
        assert not rows[0][0].startswith("="), "a spreadsheet would run it"


async def test_a_checkpoint_is_tried_where_it_is_listed(server: Server) -> None:
    jobs = [job for job in server.call("GET", "/fine_tuning/jobs")["data"] if job["status"] == "succeeded"]
    found = (server.call("GET", f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"] for job in jobs)
    checkpoint = next(each[0] for each in found if each)
    async with opened(server, "fine-tuning") as drive:
        await drive.command(f"checkpoints {checkpoint['fine_tuning_job_id']}")
        await drive.until(lambda: drive.record and drive.record.id == checkpoint["id"], "it under the cursor")
        await drive.press("t")
        await drive.sees("POST /responses")
        (pane,) = panes(drive)
        await ask(drive, "Hello")
        assert pane.answer
        stored = server.call("GET", f"/responses/{pane.answer.id}")
        assert stored["model"] == checkpoint["fine_tuned_model_checkpoint"]
