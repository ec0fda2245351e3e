"""Files and batches as a client sees them, on a clock the tests move."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.conftest import NOW, Steer, get, upload
from tests.support import nursery
from tui.sandbox.answers import generate
from tui.sandbox.families import KINDS
from tui.sandbox.families.batches import work as batch_work
from tui.sandbox.families.files import add_file
from tui.sandbox.families.models import add_model
from tui.sandbox.serving.asgi import Platform
from tui.sandbox.serving.faults import Faults
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHAT = "/v1/chat/completions"


def lines(count: int, flaw: int = 0) -> str:
    """Input lines of which every `flaw`th asks for a temperature, which the model does not take."""
    found = []
    for number in range(count):
        body: dict[str, Any] = {
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": f"question {number}"}],
        }
        if flaw and number % flaw == 0:
            body["temperature"] = 0.2
        found.append(json.dumps({"custom_id": f"r{number}", "method": "POST", "url": CHAT, "body": body}))
    return "\n".join(found) + "\n"


def begin(api: httpx.Client, content: str | bytes, **extra: Any) -> dict[str, Any]:
    body = {"input_file_id": upload(api, content), "endpoint": CHAT, "completion_window": "24h", **extra}
    answer = api.post("/batches", json=body)
    assert answer.status_code == 200, answer.text
    batch: dict[str, Any] = answer.json()
    return batch


def content(api: httpx.Client, file_id: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in api.get(f"/files/{file_id}/content").text.splitlines()]


# -- files


def test_bytes_come_back_as_they_went(api: httpx.Client) -> None:
    data = bytes(range(256)) * 5000
    file_id = upload(api, data, "batch")
    assert get(api, f"/files/{file_id}")["bytes"] == len(data)
    assert api.get(f"/files/{file_id}/content").content == data
    part = api.get(f"/files/{file_id}/content", headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, data[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(data)}"


def test_names_of_any_script_survive(api: httpx.Client) -> None:
    for name in ("日本語.jsonl", "naïve file.jsonl", "rtl-\u202e.jsonl"):
        assert get(api, f"/files/{upload(api, '{}', name=name)}")["filename"] == name


@pytest.mark.parametrize(
    ("name", "purpose", "data", "message"),
    [
        ("a.txt", "batch", b"x", ".jsonl"),
        ("a.txt", "fine-tune", b"x", ".jsonl"),
        ("a.jsonl", "batch", b"", "empty"),
        ("a.jsonl", "batch_output", b"x", "Supported values"),
        ("a.jsonl", None, b"x", "purpose"),
    ],
)
def test_uploads_are_checked(api: httpx.Client, name: str, purpose: str | None, data: bytes, message: str) -> None:
    fields = {"purpose": purpose} if purpose else {}
    answer = api.post("/files", data=fields, files={"file": (name, data)})
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


def test_an_upload_that_is_no_form(api: httpx.Client) -> None:
    assert api.post("/files", json={"purpose": "batch"}).status_code == 400
    assert api.post("/files", data={"purpose": "batch", "file": "text"}, files={}).status_code == 400


@pytest.mark.parametrize("purpose", ["user_data", "assistants", "vision"])
def test_some_purposes_refuse_download(api: httpx.Client, purpose: str) -> None:
    answer = api.get(f"/files/{upload(api, 'x', purpose)}/content")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"Not allowed to download files of purpose: {purpose}"


def test_a_deleted_file_is_gone(api: httpx.Client) -> None:
    file_id = upload(api, "x", "evals")
    assert api.delete(f"/files/{file_id}").json() == {"object": "file", "id": file_id, "deleted": True}
    for path in (f"/files/{file_id}", f"/files/{file_id}/content"):
        assert api.get(path).status_code == 404
    assert api.delete(f"/files/{file_id}").json()["error"]["message"] == f"No such File object: {file_id}"


def test_files_expire(api: httpx.Client, steer: Steer) -> None:
    fields = {"purpose": "user_data", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    file = api.post("/files", data=fields, files={"file": ("a.txt", b"x")}).json()
    assert file["expires_at"] == file["created_at"] + 3600
    assert get(api, f"/files/{upload(api, '{}')}")["expires_at"] == pytest.approx(NOW + 30 * 86400, abs=10**6)
    steer("clock", advance=3601)
    assert api.get(f"/files/{file['id']}").status_code == 404


def test_lists_filter_and_turn_round(api: httpx.Client) -> None:
    newest = get(api, "/files?purpose=fine-tune")["data"]
    oldest = get(api, "/files?purpose=fine-tune&order=asc")["data"]
    assert newest == oldest[::-1]
    assert {file["purpose"] for file in newest} == {"fine-tune"}


def test_upload_parts_must_add_up(api: httpx.Client, steer: Steer) -> None:
    def start() -> str:
        body = {"filename": "a.jsonl", "purpose": "batch", "bytes": 6, "mime_type": "text/jsonl"}
        upload_id: str = api.post("/uploads", json=body).json()["id"]
        return upload_id

    def add(to: str, data: bytes) -> str:
        part_id: str = api.post(f"/uploads/{to}/parts", files={"data": ("p", data)}).json()["id"]
        return part_id

    def end(of: str, *parts: str, **more: str) -> httpx.Response:
        return api.post(f"/uploads/{of}/complete", json={"part_ids": parts, **more})

    one = start()
    first, second = add(one, b"abc"), add(one, b"def")
    assert end(one, first).json()["error"]["code"] == "bytes_mismatch"
    assert end(one, first, first).status_code == 400
    assert end(one, first, "part_none").status_code == 400
    assert end(one, second, first, md5="0" * 32).json()["error"]["code"] == "checksum_mismatch"
    done = end(one, second, first).json()
    assert done["status"] == "completed"
    assert api.get(f"/files/{done['file']['id']}/content").content == b"defabc"
    assert api.post(f"/uploads/{one}/parts", files={"data": ("p", b"x")}).status_code == 400
    two = start()
    assert api.post(f"/uploads/{two}/cancel").json()["status"] == "cancelled"
    three = start()
    steer("clock", advance=3601)
    assert "expired" in api.post(f"/uploads/{three}/cancel").json()["error"]["message"]


# -- batches


def test_a_batch_answers_every_line(api: httpx.Client, steer: Steer) -> None:
    batch = begin(api, lines(200, flaw=10), metadata={"run": "x"})
    assert (batch["status"], batch["request_counts"]["total"]) == ("validating", 0)
    seen = []
    while batch["status"] in ("validating", "in_progress", "finalizing"):
        steer("clock", advance=1)
        batch = get(api, f"/batches/{batch['id']}")
        seen.append((batch["status"], batch["request_counts"]["completed"], batch["request_counts"]["failed"]))
        assert len(seen) < 60, "it does not end"
    assert [status for status, *_ in seen] == sorted(
        (status for status, *_ in seen), key=["validating", "in_progress", "finalizing", "completed"].index
    )
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert batch["request_counts"] == {"total": 200, "completed": 180, "failed": 20}
    output, errors = content(api, batch["output_file_id"]), content(api, batch["error_file_id"])
    assert {line["custom_id"] for line in output + errors} == {f"r{number}" for number in range(200)}
    assert {line["response"]["status_code"] for line in output} == {200}
    assert {line["custom_id"] for line in errors} == {f"r{number}" for number in range(0, 200, 10)}
    assert all(line["response"]["body"]["error"]["code"] == "unsupported_value" for line in errors)
    assert [line["custom_id"] for line in output] != sorted(line["custom_id"] for line in output)
    used = sum(line["response"]["body"]["usage"]["total_tokens"] for line in output)
    assert batch["usage"]["total_tokens"] == used > 0
    assert batch["in_progress_at"] < batch["finalizing_at"] < batch["completed_at"]
    file = get(api, f"/files/{batch['output_file_id']}")
    assert (file["purpose"], file["created_at"]) == ("batch_output", batch["completed_at"])
    assert file["id"] in [item["id"] for item in get(api, "/files?purpose=batch_output")["data"]]
    refused = api.post(f"/batches/{batch['id']}/cancel")
    assert (refused.status_code, refused.headers["x-should-retry"]) == (409, "false")


def test_a_bad_input_fails_with_line_numbers(api: httpx.Client, steer: Steer) -> None:
    batch = begin(api, lines(3) + "oops\n" + lines(1))
    assert batch["errors"] is None
    steer("clock", advance=5)
    batch = get(api, f"/batches/{batch['id']}")
    assert batch["status"] == "failed"
    assert [(error["line"], error["code"]) for error in batch["errors"]["data"]] == [
        (4, "invalid_json_line"),
        (5, "duplicate_custom_id"),
    ]
    assert batch["output_file_id"] is batch["error_file_id"] is None


def test_when_all_lines_fail_the_batch_still_completes(api: httpx.Client, steer: Steer) -> None:
    batch = begin(api, lines(5, flaw=1))
    steer("clock", advance=60)
    batch = get(api, f"/batches/{batch['id']}")
    assert (batch["status"], batch["output_file_id"]) == ("completed", None)
    assert batch["request_counts"] == {"total": 5, "completed": 0, "failed": 5}


def test_a_cancelled_batch_keeps_what_it_did(api: httpx.Client, steer: Steer) -> None:
    batch = begin(api, lines(1000))
    steer("clock", advance=13)
    cancelled = api.post(f"/batches/{batch['id']}/cancel").json()
    assert cancelled["status"] == "cancelling"
    steer("clock", advance=7)
    batch = get(api, f"/batches/{batch['id']}")
    assert batch["status"] == "cancelled"
    assert batch["request_counts"] == cancelled["request_counts"]
    done = batch["request_counts"]["completed"]
    assert 0 < done < 1000
    assert len(content(api, batch["output_file_id"])) == done


def test_a_batch_without_its_input_fails(api: httpx.Client, steer: Steer) -> None:
    batch = begin(api, lines(10))
    api.delete(f"/files/{batch['input_file_id']}")
    steer("clock", advance=60)
    batch = get(api, f"/batches/{batch['id']}")
    assert (batch["status"], batch["errors"]["data"][0]["code"]) == ("failed", "file_not_found")


def test_long_work_is_done_in_steps(tmp_path: Path) -> None:
    world = World(tmp_path, kinds=KINDS, now=NOW)
    add_model(world, "gpt-5-mini", owner="openai", created=NOW)
    file = add_file(world, filename="in.jsonl", purpose="batch", content=lines(50).encode())
    row = batch_work.begin(world, file["id"], CHAT)
    world.advance(1000)
    seen: list[str] = []
    left = True
    while left:
        left = world.settle(steps=10)
        seen.append(json.loads(world.text(world.find("batch", row.id) or row))["status"])
        assert len(seen) < 20, "it does not end"
    world.close()
    assert seen == sorted(seen, key=["validating", "finalizing", "completed"].index), "history was rewritten"
    assert "validating" in seen
    assert seen.count("finalizing") >= 5


class Counted:
    """Answers of simulated models and checks of requests, counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for name in ("answer", "check"):
            monkeypatch.setattr(generate, name, self._counted(getattr(generate, name)))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **more: Any) -> Any:
            self.count += 1
            return function(*given, **more)

        return counted


@pytest.mark.parametrize("more_models", [False, True])
def test_lines_are_checked_again_at_the_end_if_models_came_or_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more_models: bool
) -> None:
    world = World(tmp_path, kinds=KINDS, now=NOW)
    add_model(world, "gpt-5-mini", owner="openai", created=NOW)
    file = add_file(world, filename="in.jsonl", purpose="batch", content=lines(50).encode())
    work = Counted(monkeypatch)
    row = batch_work.begin(world, file["id"], CHAT)
    while not work.count or not (world.find("batch", row.id) or row).known["validated"]:
        world.advance(1)
        world.settle(math.inf)
    assert work.count == 50
    if more_models:
        add_model(world, "gpt-6", owner="openai", created=NOW)
    world.advance(1000)
    world.settle(math.inf)
    assert json.loads(world.text(world.find("batch", row.id) or row))["status"] == "completed"
    world.close()
    assert work.count == 50 + 50 * more_models + 100, "each line is answered, which checks it"


async def test_a_request_after_a_long_silence_waits_for_little_of_what_was_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with nursery.world(scenario="busy", now=NOW) as folder:
        world = World(folder, kinds=KINDS, now=NOW)
        transport = httpx.ASGITransport(Platform(world, Faults()))
        headers = {"authorization": "Bearer sk-test"}
        clock = "http://127.0.0.1/_sandbox/clock"
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1/v1", headers=headers
        ) as client:

            async def listed() -> list[dict[str, Any]]:
                found: list[dict[str, Any]] = (await client.get("/batches?limit=100")).json()["data"]
                return found

            seeded = len(await listed())
            world.advance(600)
            work = Counted(monkeypatch)
            most = 0
            while True:
                before = work.count
                batches = await listed()
                most = max(most, work.count - before)
                names = {(batch["metadata"] or {}).get("run"): batch for batch in batches}
                if names["nightly-tickets"]["status"] == "completed":
                    break
                await asyncio.sleep(0)  # in which a slice of the work is done
            await client.post(clock, json={"advance": 0, "settle": True})
            assert seeded + 3 < len(await listed()) < seeded + 15, "of the new work, which comes with time"
            assert work.count > 5_000, "there was a lot to do"
            await client.post(clock, json={"advance": 365 * 86400, "settle": True})
            assert len(await listed()) < seeded + 40, "what nobody looked at for a year was made up for"
        world.close()
        lines_ = world.content(names["nightly-tickets"]["output_file_id"]).read_bytes().count(b"\n")
    assert most < 1_000, "a request waited for it"
    assert lines_ == names["nightly-tickets"]["request_counts"]["completed"] == 3000


def test_a_large_batch_is_accepted_before_its_lines_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, kinds=KINDS, now=NOW)
    add_model(world, "gpt-5-mini", owner="openai", created=NOW)
    file = add_file(world, filename="in.jsonl", purpose="batch", content=lines(3000).encode())
    work = Counted(monkeypatch)
    batch_work.begin(world, file["id"], CHAT)
    world.close()
    assert work.count == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"model": "gpt-5"}, "model_mismatch"),
        ({}, "missing_required_parameter"),
        ({"model": None}, "missing_required_parameter"),
        ({"model": 5}, "invalid_type"),
    ],
)
def test_all_lines_of_a_batch_are_for_one_model(
    api: httpx.Client, steer: Steer, line: dict[str, Any], code: str
) -> None:
    body = {"messages": [{"role": "user", "content": "Say hi"}], **line}
    odd = json.dumps({"custom_id": "odd", "method": "POST", "url": CHAT, "body": body})
    batch = begin(api, lines(2) + odd + "\n")
    steer("clock", advance=5)
    batch = get(api, f"/batches/{batch['id']}")
    assert batch["status"] == "failed"
    (error,) = batch["errors"]["data"]
    assert (error["line"], error["code"], error["param"]) == (3, code, "body.model")


@pytest.mark.parametrize("endpoint", ["/v1/moderations", "/v1/responses"])
def test_where_a_model_is_optional_a_line_needs_none(api: httpx.Client, steer: Steer, endpoint: str) -> None:
    body = {"input": "hi"} | ({"prompt": {"id": "pmpt_1"}} if endpoint == "/v1/responses" else {})
    line = json.dumps({"custom_id": "a", "method": "POST", "url": endpoint, "body": body})
    batch = api.post(
        "/batches",
        json={"input_file_id": upload(api, line), "endpoint": endpoint, "completion_window": "24h"},
    ).json()
    steer("clock", advance=5)
    assert get(api, f"/batches/{batch['id']}")["status"] == "in_progress"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + lines(1).encode(),
        lines(1).encode("utf-16"),
        lines(1).replace('"gpt-5-mini"', '"gpt-5-mini", "top_p": NaN').encode(),
        lines(1).replace('"gpt-5-mini"', '"gpt-5-mini", "top_p": -Infinity').encode(),
        b"[" + lines(1).strip().encode() + b"]",
        lines(1).strip().encode() + b",",
        lines(1).encode("latin-1").replace(b"question", b"question \xe9"),
    ],
    ids=["bom", "utf-16", "nan", "infinity", "array", "comma", "latin-1"],
)
def test_a_line_that_is_no_json_object_fails_the_batch(api: httpx.Client, steer: Steer, content: bytes) -> None:
    batch = begin(api, content)
    steer("clock", advance=5)
    batch = get(api, f"/batches/{batch['id']}")
    assert batch["status"] == "failed"
    assert batch["errors"]["data"][0]["code"] == "invalid_json_line"
    assert batch["errors"]["data"][0]["line"] == 1


def test_a_batch_wants_an_input_of_its_purpose(api: httpx.Client) -> None:
    body = {"input_file_id": "file-none", "endpoint": CHAT, "completion_window": "24h"}
    assert api.post("/batches", json=body).status_code == 404
    body["input_file_id"] = upload(api, lines(1), "fine-tune")
    assert api.post("/batches", json=body).json()["error"]["code"] == "invalid_file_purpose"
