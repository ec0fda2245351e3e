"""What a table cannot show: searches compared, threads gone on with, eval runs compared, uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Server, opened, served
from tui.screens.forms.form import Form
from tui.screens.workflows.store_search import SearchBench
from tui.screens.workflows.threads.thread import ThreadScreen
from tui.widgets.text.cells_view import CellsView
from tui.widgets.text.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox where nothing moves but what a test makes, and that fast."""
    with served(scenario="calm", speed=50.0) as server:
        yield server


def uploaded(server: Server, name: str, content: str, purpose: str = "assistants") -> str:
    files = {"file": (name, content.encode())}
    return str(server.call("POST", "/files", files=files, data={"purpose": purpose})["id"])


def store_of(server: Server, *texts: str) -> str:
    files = [uploaded(server, f"{text.split()[0]}.txt", text) for text in texts]
    made = server.call("POST", "/vector_stores", json={"name": "zoo", "file_ids": files})
    return str(made["id"])


@pytest.mark.opens("SearchBench", "Ask")
async def test_one_query_under_two_settings_side_by_side_and_saved(server: Server, tmp_path: Path) -> None:
    id_ = store_of(server, "cats sleep all day", "dogs bark at cats all night")
    async with opened(server, "vector-stores") as drive:
        await drive.until(lambda: drive.record.id == id_, "the store")
        await drive.until(lambda: server.call("GET", f"/vector_stores/{id_}")["status"] == "completed", "all read")
        await drive.press("F")
        await drive.until(lambda: isinstance(drive.app.screen, SearchBench), "the bench")
        await drive.press("enter")
        assert not [seen for seen in server.requests() if seen["path"].endswith("/search")], "asked for nothing"
        await drive.type("when do cats sleep")
        await drive.press("ctrl+t")
        await drive.press("ctrl+u")
        await drive.type("1")
        await drive.press("enter")
        await drive.sees("max num results")
        await drive.sees("1 found")
        await drive.sees("2 found")
        await drive.sees("there #1")
        found = drive.app.screen.query(Conversation).first()
        row = next(row for row in range(found.count()) if "cats sleep" in found.raw(row))
        painted = found.paint(row)
        lit = {painted.text[start:end] for start, end, _ in painted.spans}
        assert {"cats", "sleep"} <= lit, "the words of the query are pointed out"
        await drive.sees("not there")
        asked = [seen for seen in server.requests() if seen["path"].endswith("/search")]
        assert len(asked) == 2
        await drive.press("D")
        await drive.sees("Save as Markdown to")
        await drive.press("ctrl+u")
        target = tmp_path / "found.md"
        await drive.type(str(target))
        await drive.press("enter")
        await drive.until(target.exists, "the file")
        text = target.read_text()
        assert "> cats sleep all day" in text
        assert "## B: max num results 1" in text


@pytest.mark.opens("WriteMessage", "ThreadScreen")
async def test_an_assistant_is_written_to_and_answers(server: Server) -> None:
    helper = server.call("POST", "/assistants", json={"model": "gpt-4.1", "name": "Helper"})["id"]
    async with opened(server, "assistants", size=(80, 24)) as drive:
        await drive.until(lambda: drive.record and drive.record.id == helper, "the new assistant")
        await drive.press("enter")
        await drive.sees("To Helper, on a new thread")
        await drive.press("enter")  # nothing is written: nothing is sent
        await drive.type("What is a thread?")
        server.control("faults", spec="400@POST /threads/runs")
        await drive.press("ctrl+s")
        await drive.sees("400")
        await drive.sees("What is a thread?")  # not lost
        server.control("faults", spec="")
        await drive.press("escape")
        await drive.until(lambda: drive.table, "the list")
        await drive.press("R")
        await drive.sees("first message")
        assert drive.app.screen.focused is drive.app.screen._fields["thread.messages"].control  # type: ignore[attr-defined]
        await drive.press("escape", "enter")
        await drive.sees("What is a thread?")  # nor now
        await drive.press("ctrl+s")
        await drive.until(lambda: isinstance(drive.app.screen, ThreadScreen), "the conversation")
        await drive.sees("✓ completed")
        thread = drive.app.screen._thread.id  # type: ignore[attr-defined]
        await drive.press("n")
        await drive.sees("─ To Helper ─")
        await drive.type("And a run?")
        await drive.press("ctrl+j")
        await drive.type("In two lines.")
        await drive.press("enter")
        answered = f"/threads/{thread}/messages"
        await drive.until(lambda: len(server.call("GET", answered)["data"]) == 4, "the second answer")
        said = [each["content"][0]["text"]["value"] for each in server.call("GET", answered)["data"]]
        assert (said[3], said[1]) == ("What is a thread?", "And a run?\nIn two lines.")
        await drive.sees("And a run?")
        await drive.press("escape")
        await drive.sees("TOOLS")
        await drive.press("f")
        await drive.sees("temperature")  # enter writes to it; f opens it


@pytest.mark.opens("ThreadScreen", "ToolOutputs", "Form")
async def test_a_run_is_streamed_its_calls_answered_and_the_thread_read(server: Server) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    helper = server.call("POST", "/assistants", json={"model": "gpt-4.1", "tools": tools})["id"]
    thread = server.call("POST", "/threads", json={})["id"]
    async with opened(server, "threads") as drive:
        await drive.sees("The API has no list of them")
        await drive.command(f"thread {thread}")
        await drive.until(lambda: drive.record and drive.record.id == thread, "the thread")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, ThreadScreen), "the conversation")
        await drive.sees("No messages yet. Press n")
        await drive.press("N")
        await drive.sees("content")
        await drive.press("tab")
        await drive.type("How is the weather in Paris?")
        await drive.press("ctrl+s")
        await drive.sees("▌ user")
        await drive.press("R")
        await drive.sees("assistant *")
        await drive.type("asst_wrong")
        await drive.press("ctrl+s")
        await drive.sees("No assistant found")
        await drive.press("ctrl+u")
        await drive.type(helper)
        await drive.press("ctrl+s")
        await drive.sees("waits for weather(")
        await drive.press("s")
        await drive.sees("output weather 1")
        await drive.type("Sunny, 21 degrees")
        await drive.press("ctrl+s")
        await drive.sees("→ Sunny, 21 degrees")
        await drive.sees("▌ assistant")
        await drive.sees("✓ completed")
        messages = server.call("GET", f"/threads/{thread}/messages")["data"]
        said = messages[0]["content"][0]["text"]["value"]
        await drive.sees(said[:40])
        runs = server.call("GET", f"/threads/{thread}/runs")["data"]
        assert [run["status"] for run in runs] == ["completed"]
        await drive.press("escape")
        await drive.command("threads")
        await drive.until(lambda: drive.record and drive.record.id == thread, "the thread among those seen")


def run_of(server: Server, eval_: str, answers: list[str], name: str) -> str:
    rows = [
        {"item": {"question": f"Capital {n}?", "answer": "Bern"}, "sample": {"output_text": answer}}
        for n, answer in enumerate(answers)
    ]
    content = [{"type": "file_content", "content": rows}]
    body = {"name": name, "data_source": {"type": "jsonl", "source": content[0]}}
    return str(server.call("POST", f"/evals/{eval_}/runs", json=body)["id"])


@pytest.mark.opens("Comparison")
async def test_two_runs_of_an_eval_compared_regressions_first(server: Server) -> None:
    schema = {"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}}
    grader = {"type": "string_check", "name": "same", "operation": "eq"}
    grader |= {"input": "{{sample.output_text}}", "reference": "{{item.answer}}"}
    config = {"type": "custom", "item_schema": schema, "include_sample_schema": True}
    body = {"name": "towns", "data_source_config": config, "testing_criteria": [grader]}
    eval_ = server.call("POST", "/evals", json=body)["id"]
    run_of(server, eval_, ["Paris", "Bern", "Bern"], "old")
    run_of(server, eval_, ["Bern", "Rome", "Bern"], "new")
    async with opened(server, "evals") as drive:
        listed = f"/evals/{eval_}/runs"
        await drive.until(
            lambda: all(run["status"] == "completed" for run in server.call("GET", listed)["data"]), "both to end"
        )
        await drive.command(f"eval-runs {eval_}")
        await drive.until(lambda: drive.record and len(drive.table.view) == 2, "both runs")
        await drive.press("space", "space", "equals_sign")
        await drive.sees("1 regressed")
        await drive.sees("1 fixed")
        await drive.sees("1 passed in both")
        await drive.sees(" % passed")
        view = drive.app.screen.query_one(CellsView)
        assert [view.raw(row).split()[1] for row in range(3)] == ["regressed", "fixed", "passed"]
        await drive.sees("passed 1 → failed 0")
        row, detail = (" ".join(line.split()) for line in drive.text().splitlines() if "Rome" in line)
        assert row == "✖ regressed 1 1 → 0 answer: Bern question: Capital 1? Bern Rome"
        assert detail == "B Rome"
        await drive.press("exclamation_mark")
        await drive.until(
            lambda: view.count() and all("passed in both" not in view.raw(row) for row in range(view.count())),
            "the rest",
        )
        await drive.press("x")
        await drive.until(lambda: "  0  " in view.raw(0), "the other way round")


@pytest.mark.opens("UsedBy", "Confirm")
async def test_what_uses_a_file_is_found_followed_and_told_before_it_is_deleted(server: Server) -> None:
    request: dict[str, Any] = {"custom_id": "1", "method": "POST", "url": "/v1/responses"}
    request["body"] = {"model": "gpt-5-mini", "input": "Hello"}
    file = uploaded(server, "used.jsonl", json.dumps(request), "batch")
    body = {"input_file_id": file, "endpoint": "/v1/responses", "completion_window": "24h"}
    batch = server.call("POST", "/batches", json=body)["id"]
    async with opened(server, "files") as drive:
        await drive.command(f"open {file}")
        await drive.until(lambda: drive.record and drive.record.id == file, "the file")
        await drive.press("u")
        await drive.sees(f"used by batch  {batch}")
        await drive.sees("as input file")
        await drive.sees("That is all that was found.", 40)
        await drive.press("escape", "a")
        await drive.type("new batch or job")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form of a batch with it")
        assert drive.app.screen._fields["input_file_id"].held == file  # type: ignore[attr-defined]
        await drive.press("escape", "ctrl+d")
        await drive.sees(f"Used by batch {batch}.")
        await drive.press("escape")
        await drive.press("u")
        await drive.sees(batch)
        await drive.press("enter")
        await drive.until(lambda: drive.record and drive.record.id == batch, "the batch")
        await drive.press("u")  # and the other way
        await drive.sees("uses    file  used.jsonl")
        await drive.sees(f"{file}  as input file")


@pytest.mark.opens("Preview")
async def test_a_form_shows_the_request_before_it_is_sent(server: Server) -> None:
    before = len(server.call("GET", "/vector_stores")["data"])
    async with opened(server, "vector-stores") as drive:
        await drive.press("n")
        await drive.sees("delete after")
        await drive.type("it's mine")
        await drive.press("ctrl+r")
        await drive.sees('"name": "it\'s mine"')
        await drive.sees("Bearer $OPENAI_API_KEY")
        await drive.sees("not sent yet")
        await drive.press("escape")
        await drive.sees("delete after")
    assert len(server.call("GET", "/vector_stores")["data"]) == before


async def test_a_family_the_server_has_not_says_so_and_is_not_asked_again(server: Server) -> None:
    server.control("faults", spec="404@/assistants")
    try:
        async with opened(server, "vector-stores") as drive:
            await drive.command("assistants")
            await drive.sees("Not on this server. OpenAI retired the Assistants API")
            await drive.sees("■ ended 2026-08-26")
            assert drive.app.platform
            watch = drive.app.screen.list_watch  # type: ignore[attr-defined]
            assert watch.health.state == "refused"
            assert watch.health.retry_at is None
    finally:
        server.control("faults", spec="")


async def test_a_run_is_opened_by_its_id_once_its_thread_was_seen_or_is_told(server: Server) -> None:
    helper = server.call("POST", "/assistants", json={"model": "gpt-4.1", "name": "Helper"})["id"]
    body = {"assistant_id": helper, "thread": {"messages": [{"role": "user", "content": "Hello"}]}}
    made = server.call("POST", "/threads/runs", json=body)
    run, thread = made["id"], made["thread_id"]
    async with opened(server, "vector-stores", size=(100, 30)) as drive:
        await drive.command(f"open {run}")
        await drive.sees("Which thread is it in? :open thread_… run_…")
        await drive.press("escape")
        await drive.command(f"open {thread} {run}")
        await drive.until(lambda: drive.record and drive.record.id == run, "the run")
        await drive.sees(f"{helper}  Helper")
        await drive.press("escape")
        await drive.sees(f"threads ▸ {thread[:9]}")
        await drive.command("vector-stores")
        await drive.command(f"open {run}")
        await drive.until(lambda: drive.record and drive.record.id == run, "the run, as its thread was seen")
        await drive.command(f"steps {run}")
        await drive.sees("▸ steps")
        await drive.command("threads")
        await drive.until(lambda: drive.record and drive.record.id == thread, "its thread among those seen")
        await drive.command("assistants")
        await drive.until(lambda: drive.record and drive.record.id == helper, "the assistant")
        await drive.press("R")
        await drive.sees("POST /threads/runs")
        await drive.press("ctrl+s")
        await drive.until(lambda: drive.record and drive.record.id.startswith("run_"), "the new run")
        assert drive.record.raw["thread_id"] != thread


async def test_files_of_a_store_go_by_their_names_and_copies_in_containers_are_found(server: Server) -> None:
    id_ = store_of(server, "herons wait", "otters swim")
    files = [file["id"] for file in server.call("GET", f"/vector_stores/{id_}/files")["data"]]
    box = server.call("POST", "/containers", json={"name": "box", "file_ids": files[:1]})["id"]

    def asked() -> list[str]:
        """What was asked of files themselves."""
        return [seen["path"] for seen in server.requests() if seen["path"].startswith("/v1/files")]

    before = len(asked())
    async with opened(server, "containers") as drive:
        await drive.command(f"store-files {id_}")
        await drive.sees("herons.txt")
        await drive.sees("otters.txt")
        assert set(asked()[before:]) == {f"/v1/files/{file}" for file in files}, "two names are no list"
        await drive.press("d")
        await drive.sees(drive.record.id)
        await drive.command(f"open {files[0]}")
        await drive.until(lambda: drive.record and drive.record.id == files[0], "the file")
        await drive.press("u")
        await drive.sees(f"{box}  as a file of this name, /mnt/data/")
