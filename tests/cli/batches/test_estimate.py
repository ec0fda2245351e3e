"""Estimates agree with what the platform counts and with the organization's bill; uploaded files are checked."""

from __future__ import annotations

import builtins
import json
import random
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tui.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = ["alpha", "Beta", "gamma's", "épsilon", "zeta-eta", "1,234", "…", "世界"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def run(*arguments: object, server: Server, command: str = "estimate", admin: str = ADMIN_KEY) -> Result:
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": admin}
    words = ["batch", command, *map(str, arguments), "--base-url", server.url]
    return CliRunner().invoke(cli, words, env=env, prog_name="o9s")


def request(number: int, text: str) -> dict[str, Any]:
    """A chat or a response, of which a batch holds one kind."""
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    body = {"model": "gpt-5-mini", "messages": messages, "max_completion_tokens": 300}
    return {"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}


def test_an_estimate_is_what_the_platform_counts_and_the_bill_tells(server: Server, tmp_path: Path) -> None:
    chance, path = random.Random(1), tmp_path / "b.jsonl"
    texts = [" ".join(chance.choices(WORDS, k=chance.randrange(5, 120))) for _ in range(300)]
    path.write_text("".join(f"{json.dumps(request(at, text))}\n" for at, text in enumerate(texts)))
    sampled = json.loads(run(path, "-o", "json", server=server).stdout)
    exact = json.loads(run(path, "--simulated", "-o", "json", server=server).stdout)

    file = server.call("POST", "/files", data={"purpose": "batch"}, files={"file": ("b.jsonl", path.read_bytes())})
    body = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    uploaded = json.loads(run(file["id"], "--simulated", "-o", "json", server=server).stdout)
    assert uploaded == exact | {"file": file["id"]}
    batch = server.call("POST", "/batches", json=body)
    deadline = time.monotonic() + 60
    while (done := server.call("GET", f"/batches/{batch['id']}"))["status"] != "completed":
        assert time.monotonic() < deadline, done
        server.control("clock", advance=5)
    truth = done["usage"]["input_tokens"]
    assert (done["request_counts"]["completed"], truth > 10_000) == (300, True)
    assert (exact["input_tokens"], exact["error"], exact["counted"]) == (truth, 0, 300)
    assert abs(sampled["input_tokens"] - truth) <= 0.02 * truth
    assert 50 <= sampled["counted"] <= 200 and 0 < sampled["error"] <= 0.02 * truth

    now = int(time.time())
    query = f"start_time={now - 30 * 86_400}&bucket_width=1d&limit=31&group_by=line_item"
    newest = [
        (bucket["start_time"], result)
        for bucket in server.call("GET", f"/organization/costs?{query}", admin=True)["data"]
        for result in bucket["results"]
        if result["line_item"] == sampled["price"]["line_item"]
    ][-1]
    day, told = newest
    rate = Decimal(repr(told["amount"]["value"])) / told["quantity"] * 1_000_000
    assert sampled["price"]["day"] == day
    assert sampled["price"]["dollars_per_million"] == pytest.approx(float(rate))
    assert sampled["input_dollars"] == pytest.approx(float(rate) * sampled["input_tokens"] / 1e6, rel=1e-4)
    assert sampled["output_tokens_at_most"] == 300 * 300

    table = run(path, server=server).stdout
    date = time.strftime("%m-%d", time.gmtime(day))
    for words in (
        "b.jsonl: 300 requests (gpt-5-mini, /v1/chat/completions)",
        "±",
        f"at your price of {date}",
        "at most $",
    ):
        assert words in table
    without = run(path, "--simulated", server=server, admin="")
    assert (without.exit_code, "prices need an admin key (OPENAI_ADMIN_KEY)" in without.stdout) == (0, True)


def test_a_training_is_priced_by_its_epochs(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    messages = [{"role": "user", "content": "hello there"}, {"role": "assistant", "content": "hello"}]
    path.write_text(f"{json.dumps({'messages': messages})}\n" * 12)
    found = json.loads(run(path, "--epochs", 3, "-m", "gpt-4.1-mini", "-o", "json", server=server).stdout)
    assert (found["kind"], found["requests"], found["counted"], found["epochs"]) == ("training", 12, 12, 3)
    table = run(path, "--epochs", 3, "-m", "gpt-4.1-mini", server=server).stdout
    assert f"training: {3 * found['input_tokens']} tokens in 3 epochs" in table
    assert "the bill of the last 30 days has no training of gpt-4.1-mini" in table


def test_what_cannot_be_estimated_says_why(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text("a,b\n1,2\n")
    empty = run(path, server=server)
    assert (empty.exit_code, "holds no request" in empty.stderr) == (3, True)
    path.write_text("".join(json.dumps({"url": "/v1/responses", "body": {"model": m}}) + "\n" for m in "ab"))
    assert "e.jsonl is for several models: a, b." in run(path, server=server).stderr
    path.write_text(json.dumps({"url": "/v1/embeddings", "body": {"model": "m", "input": "i"}}))
    assert "not for /v1/embeddings: --offline counts here." in run(path, server=server).stderr
    bodies = ({"model": "gpt-5-mini", "input": "i"}, {"model": "gpt-5-mini", "input": 7})
    path.write_text("".join(json.dumps({"url": "/v1/responses", "body": body}) + "\n" for body in bodies))
    some = json.loads(run(path, "-o", "json", server=server).stdout)
    assert (some["counted"], some["uncounted"], some["error"]) == (1, 1, None)
    assert some["notes"][0].startswith("1 of 2 requests that were tried is not counted: ")
    path.write_text(json.dumps({"url": "/v1/responses", "body": {"model": "none", "input": "i"}}))
    assert (run(path, server=server).exit_code, run(tmp_path / "none", server=server).exit_code) == (3, 1)

    found = builtins.__import__
    monkeypatch.setattr(
        builtins, "__import__", lambda name, *rest: found("no such" if name == "toktok" else name, *rest)
    )
    offline = run(path, "--offline", server=server)
    assert (offline.exit_code, "pip install 'o9s[tokens]'" in offline.stderr) == (3, True)


def test_uploaded_files_are_checked_too(server: Server, tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"custom_id": "a"}\n')
    content = (tmp_path / "b.jsonl").read_bytes()
    sent = server.call("POST", "/files", data={"purpose": "batch"}, files={"file": ("b.jsonl", content)})
    id_ = sent["id"]
    done = run(id_, tmp_path / "b.jsonl", "-o", "json", server=server, command="check")
    uploaded, local = sorted(map(json.loads, done.stdout.splitlines()), key=lambda told: not told["id"])
    assert done.exit_code == 3
    assert uploaded == local | {"id": id_}
    gone = run("file-none", tmp_path / "b.jsonl", "-o", "json", server=server, command="check")
    assert gone.exit_code == 1, gone.stderr
    assert [(each["file"], "error" in each) for each in map(json.loads, gone.stdout.splitlines())] == [
        ("b.jsonl", False),
        ("file-none", True),
    ]
    assert "No such" in gone.stderr
