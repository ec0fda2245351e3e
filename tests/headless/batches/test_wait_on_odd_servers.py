"""Waiting for a batch on any server ends or says why it does not, with a code that is never better than known."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.driving import PROJECT_KEY
from tests.support.odd_server import odd_server, with_batch
from tui.cli.main import cli
from tui.cli.output import StatusLine

if TYPE_CHECKING:
    from pathlib import Path

ALL_OK = {"total": 2, "completed": 2, "failed": 0}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again at once, and what lasts is over soon."""
    monkeypatch.setattr("tui.headless.waiting.object_wait.PACE", (0.01, 0.02))
    monkeypatch.setattr("tui.headless.waiting.object_wait.FAULTS", (0.2, 0.4))
    monkeypatch.setattr("tui.headless.waiting.object_wait.STRANGE", 0.2)


def wait(url: str, *arguments: str) -> Result:
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    return CliRunner().invoke(cli, ["batch", "--base-url", url, "wait", "batch_1", *arguments], env=env)


def waited(batch: dict[str, Any], *arguments: str, **files: bytes) -> Result:
    with odd_server(with_batch(batch, **files)) as url:
        return wait(url, *arguments)


def lines(*objects: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def parse_question(*ids: Any) -> bytes:
    return lines(*({"custom_id": id_, "method": "POST", "url": "/v1/responses", "body": {}} for id_ in ids))


def answered(*ids: Any) -> bytes:
    body = {"output": [{"type": "message", "content": "hi"}]}
    return lines(*({"custom_id": id_, "response": {"status_code": 200, "body": body}} for id_ in ids))


@pytest.mark.parametrize(
    ("batch", "code", "told"),
    [
        ({"request_counts": ALL_OK}, 0, "ok: 2 ok, 0 failed\n"),
        ({"request_counts": ALL_OK, "status": "ENDED"}, 0, "ok: 2 ok"),
        ({"request_counts": {"total": 0, "completed": 0, "failed": 0}}, 4, "nothing ran"),
        ({"request_counts": {"total": 2, "completed": 2, "failed": -1}}, 7, "completed ?: its counts cannot"),
        ({"request_counts": {"total": 2, "completed": 1, "failed": 0}}, 7, "1 not accounted for"),
        ({"request_counts": None}, 7, "completed ?: no counts"),
        ({"status": "canceled", "request_counts": ALL_OK}, 5, "cancelled partial"),
        ({"status": "Error", "errors": "the queue is full"}, 4, "the queue is full\n"),
        ({"status": "of tomorrow", "failed_at": 1_760_000_000}, 4, "invalid"),
        ({"status": "failed", "errors": None, "error": {"message": "no room"}}, 4, "no room\n"),
        ({"status": None, "object": "file"}, 1, "something that is no batch"),
        (
            {
                "status": "failed",
                "errors": {"data": [{"code": "bad", "message": "No.", "line": n} for n in (3, 7)]},
            },
            4,
            "line 3: bad: No.\nline 7: bad: No.\n",
        ),
    ],
)
def test_the_code_and_the_words_tell_what_is_known(batch: dict[str, Any], code: int, told: str) -> None:
    result = waited(batch)
    assert (result.exit_code, told in result.output) == (code, True), result.output


@pytest.mark.parametrize(
    ("requests", "output", "code", "good"),
    [
        (parse_question(1, 2), answered(2.0, 1), 0, 2),
        (parse_question("a", "b"), b"\xef\xbb\xbf" + answered("b", "a") + b"  \r\n", 0, 2),
        (parse_question("a", "b"), answered(None, None), 7, 0),
        (parse_question("a", "a"), answered("a", "a"), 7, 0),
        (parse_question("a", "b"), answered("a", "b") + b"{broken\n", 7, 2),
        (parse_question("a", "b"), answered("a"), 7, 1),  # the batch counts both answered
    ],
)
def test_results_are_told_apart_by_how_sure_they_are(
    tmp_path: Path, requests: bytes, output: bytes, code: int, good: int
) -> None:
    batch = {"request_counts": ALL_OK}
    result = waited(batch, "--salvage", "--out", str(tmp_path), input=requests, output=output)
    assert result.exit_code == code, result.output
    kept = [json.loads(line) for line in (tmp_path / "batch_1.joined.jsonl").read_text().splitlines()]
    assert sum(line["outcome"] == "ok" and line["pairing"] == "paired" for line in kept) == good
    assert not (tmp_path / "batch_1.retry.jsonl").exists(), "what may be answered is not sent again"
    assert ("pairing" in (tmp_path / "batch_1.joined.csv").read_text().splitlines()[0]) is True


def test_answered_requests_are_not_sent_again_when_their_answers_are_lost(tmp_path: Path) -> None:
    error = lines({"custom_id": "b", "error": {"code": "slow", "message": "no"}})
    batch = {"request_counts": {"total": 3, "completed": 2, "failed": 1}, "output_file_id": "file-gone"}
    result = waited(batch, "--salvage", "--out", str(tmp_path), input=parse_question("a", "b", "c"), error=error)
    assert result.exit_code == 7, result.output
    assert (tmp_path / "batch_1.retry.jsonl").read_bytes() == parse_question("b")
    assert "Not in the file to retry: 2 that may have been answered." in result.output
    assert "1 request (failed for now 1)" in result.output


def test_the_verdict_of_the_first_time_is_that_of_the_second(tmp_path: Path) -> None:
    batch = {"status": "expired", "request_counts": {"total": 3, "completed": 2, "failed": 0}}
    files = {"input": parse_question("a", "b", "c"), "output": answered("a", "b")}
    arguments = ("--salvage", "--out", str(tmp_path))
    assert waited(batch, *arguments, **files).exit_code == 5
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(kept) == 3
    (tmp_path / "batch_1.joined.csv").write_text("mine")
    again = waited(batch, *arguments, **files)
    assert (again.exit_code, again.output.count("exists already and is kept")) == (5, 3)
    assert (tmp_path / "batch_1.joined.csv").read_text() == "mine"
    assert waited(batch, *arguments, "--force", **files).exit_code == 5
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    assert waited(batch, "--force").exit_code == 2
    whole = {**batch, "status": "completed", "request_counts": {"total": 3, "completed": 3, "failed": 0}}
    better = {**files, "output": answered("a", "b", "c")}
    assert waited(whole, *arguments, "--force", **better).exit_code == 0
    assert not (tmp_path / "batch_1.retry.jsonl").exists(), "it would be paid for twice"


def test_a_server_that_is_not_there_is_given_up_with_its_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = wait(f"http://127.0.0.1:{port}/v1")
    assert result.exit_code == 1
    assert "refuses the connection" in result.stderr.splitlines()[0]
    assert "Trying again for" in result.stderr.splitlines()[0], "the first fault is told at once"
    assert "refuses the connection" in result.stderr.splitlines()[-1]


def test_a_certificate_that_is_not_right_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.headless.waiting.object_wait.FAULTS", (1e9, 1e9))
    with odd_server({}) as url:
        result = wait(url.replace("http:", "https:"))
    assert (result.exit_code, "secure connection" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": "No batch found with this id.", "type": "invalid_request_error"}},
        {"error": "No batch found with this id."},
        {},
        [],
        b"<html>No batch found with this id.</html>",
        404,
        401,
    ],
)
def test_what_is_no_batch_ends_it_at_once(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.headless.waiting.object_wait.FAULTS", (1e9, 1e9))
    with odd_server({"/batches/batch_1": answer}) as url:
        result = wait(url)
    is_told_gone = answer == 404 or (isinstance(answer, dict) and isinstance(answer.get("error"), dict))
    assert (result.exit_code, bool(result.stderr)) == (3 if is_told_gone else 1, True)
    if isinstance(answer, dict) and answer:
        assert "No batch found with this id." in result.stderr


def test_faults_on_the_way_are_waited_out_but_not_for_ever() -> None:
    running = {
        "id": "batch_1",
        "status": "in_progress",
        "request_counts": {"total": 2, "completed": 1, "failed": 0},
    }
    over = {**running, "status": "completed", "request_counts": ALL_OK}
    seen = iter([running, 503, 503, 503, running, 429, over])
    with odd_server({"/batches/batch_1": lambda _: next(seen)}) as url:
        result = wait(url)
    assert result.exit_code == 0, result.output
    assert "batch_1 running: 1 ok, 0 failed, 1 to go." in result.stderr.splitlines()[0]
    with odd_server({"/batches/batch_1": 503}) as url:
        result = wait(url)
    assert (result.exit_code, "503" in result.stderr) == (1, True)


@pytest.mark.parametrize("status", ["of tomorrow", None, 7])
def test_a_state_nobody_has_heard_of_ends_it_after_a_while(status: Any) -> None:
    result = waited({"status": status, "request_counts": ALL_OK})
    assert result.exit_code == 7
    assert "not known here" in result.stderr
    assert "none that is known here" in result.stdout


def test_an_end_in_a_state_nobody_has_heard_of_is_no_good_end(tmp_path: Path) -> None:
    batch = {"status": "of tomorrow", "completed_at": 1_790_000_000, "request_counts": ALL_OK}
    for more in ((), ("--salvage", "--out", str(tmp_path))):
        result = waited(batch, *more)
        assert (result.exit_code, "none that is known here" in result.stdout) == (7, True), result.output
        assert "of_tomorrow" in result.stdout


@pytest.mark.parametrize("status", ["in_progress", "validating", "Queued", "cancelling"])
def test_it_waits_no_longer_than_it_was_told(status: str) -> None:
    result = waited({"status": status}, "--timeout", "0.3")
    assert (result.exit_code, "not over after" in result.output) == (8, True)
    assert waited({}, "--timeout", "soon").exit_code == 2
    with odd_server({"/batches/batch_1": 503}) as url:
        assert wait(url, "--timeout", "0.1s").exit_code == 1


def test_without_a_terminal_a_line_a_minute_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [1000.0]
    monkeypatch.setattr("tui.cli.output.time.monotonic", lambda: now[0])
    line = StatusLine()
    line.note("lasting")
    for second in range(180):
        now[0] = 1000.0 + second
        line.progress(f"second {second}")
        line.progress("")
    assert capsys.readouterr().err.splitlines() == ["lasting", "second 60", "second 120"]


@pytest.mark.parametrize(
    "files",
    [
        {
            "input": parse_question("a", "b").replace(b"\n", b"\r"),
            "output": answered("a", "b").replace(b"\n", b"\r"),
        },
        {"input": parse_question("a").decode().encode("utf-16"), "output": b"\n"},
        {"input": b"<html>Sign in</html>", "output": b"<html>Sign in</html>"},
    ],
    ids=["lines that end with a carriage return", "UTF-16", "web pages"],
)
def test_files_of_which_nothing_can_be_read_are_no_success(tmp_path: Path, files: dict[str, bytes]) -> None:
    told = waited({"request_counts": ALL_OK}, "--salvage", "--out", str(tmp_path), **files)
    assert told.exit_code == 7, told.output
    assert "cannot be read" in told.output


def test_files_without_a_line_are_no_success(tmp_path: Path) -> None:
    for counts, code in (ALL_OK, 7), ({"total": 0, "completed": 0, "failed": 0}, 4):
        batch, folder = {"request_counts": counts}, tmp_path / str(code)
        told = waited(batch, "--salvage", "--out", str(folder), input=b"\n", output=b"\n")
        assert told.exit_code == code, told.output


def count(total: int, completed: int, failed: int) -> dict[str, Any]:
    return {"request_counts": {"total": total, "completed": completed, "failed": failed}}


def refused(*ids: str) -> bytes:
    return lines(*({"custom_id": id_, "error": {"code": "slow"}} for id_ in ids))


@pytest.mark.parametrize(
    ("batch", "code", "told"),
    [
        (count(2, 2, 0), 7, "2 answers are counted, but there is no output file."),
        ({**count(2, 2, 0), "output_file_id": ""}, 7, "2 answers are counted, but there is no output file."),
        ({**count(2, 2, 0), "output_file_id": ["f"]}, 7, "2 answers are counted, but there is no output file."),
        ({**count(2, 1, 0), "status": "expired"}, 7, "1 answer is counted, but there is no output file."),
        ({**count(2, 2, 0), "status": "cancelled"}, 7, "2 answers are counted, but there is no output file."),
        (count(2, 0, 2), 7, "2 failures are counted, but there is no error file."),
        ({**count(2, 0, 2), "status": "failed"}, 4, "invalid"),
        ({**count(2, 0, 0), "status": "cancelled"}, 5, "cancelled"),
    ],
)
def test_answers_that_are_counted_but_in_no_file_are_no_success(
    tmp_path: Path, batch: dict[str, Any], code: int, told: str
) -> None:
    result = waited(batch, "--salvage", "--out", str(tmp_path))
    assert (result.exit_code, told in result.output) == (code, True), result.output


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (count(5, 5, 0), "The batch counts 5 ok and 0 failed of 5; its files hold 2 ok and 0 failed of 2."),
        (count(1, 1, 0), "The batch counts 1 ok and 0 failed of 1; its files hold 2 ok"),
        (count(2, 0, 2), "The batch counts 0 ok and 2 failed of 2; its files hold 2 ok"),
        (count(0, 0, 0), "The batch counts 0 ok and 0 failed of 0; its files hold 2 ok"),
        (count(2, 3, -1), "The counts of the batch cannot be read; its files hold 2 ok"),
        ({**count(2, 3, -1), "status": "expired"}, "The counts of the batch cannot be read; its files hold 2 ok"),
        (
            {**count(3, 3, 0), "status": "cancelled"},
            "The batch counts 3 ok and 0 failed of 3; its files hold 2 ok",
        ),
        ({"request_counts": None}, "The counts of the batch cannot be read; its files hold 2 ok"),
        ({**count(2, 2, 0), "status": "failed"}, "said to have failed, but its files hold an answer to every"),
    ],
)
def test_a_batch_that_its_files_contradict_is_not_sure(tmp_path: Path, batch: dict[str, Any], told: str) -> None:
    files = {"input": parse_question("a", "b"), "output": answered("a", "b")}
    result = waited(batch, "--salvage", "--out", str(tmp_path), **files)
    assert (result.exit_code, told in result.output) == (7, True), result.output
    first = result.output.splitlines()[0]
    assert "2 ok" in first, "it says what the files show"
    assert not any(word in first for word in ("all failed", "nothing ran", " ok:"))


def test_a_cancelled_batch_without_counts_is_one_that_was_cancelled(tmp_path: Path) -> None:
    files = {"input": parse_question("a", "b"), "output": answered("a")}
    batch = {"status": "cancelled", "request_counts": None}
    assert waited(batch, "--salvage", "--out", str(tmp_path), **files).exit_code == 5


@pytest.mark.parametrize("status", ["completed", "expired"])
@pytest.mark.parametrize(
    ("input_", "told"), [("file-gone", "The input file is gone: "), (None, "The batch names no input file: ")]
)
def test_answers_without_their_requests_are_not_sure(
    tmp_path: Path, status: str, input_: str | None, told: str
) -> None:
    batch = {**count(2, 2, 0), "status": status, "input_file_id": input_}
    result = waited(batch, "--salvage", "--out", str(tmp_path), output=answered("a", "b"))
    assert (result.exit_code, told in result.output) == (7, True), result.output


@pytest.mark.parametrize(
    ("batch", "files", "again"),
    [
        (count(2, 2, 0), {"output": answered("a") + lines({"custom_id": "b", "response": "hi"})}, b""),
        (count(2, 2, 0), {"output": answered("a") + lines({"custom_id": "b", "response": None})}, b""),
        (count(2, 2, 0), {"output": answered("a") + lines({"custom_id": "b"})}, b""),
        (count(2, 1, 0), {"output": answered("a")}, b""),  # nor does the batch say what became of the other
        (count(2, 0, 2), {"error": refused("a")}, parse_question("a")),
        (count(2, 1, 1), {"output": answered("a")}, b""),
    ],
)
def test_a_request_that_may_have_been_answered_is_not_sent_again(
    tmp_path: Path, batch: dict[str, Any], files: dict[str, bytes], again: bytes
) -> None:
    result = waited(batch, "--salvage", "--out", str(tmp_path), input=parse_question("a", "b"), **files)
    assert result.exit_code == 7, result.output
    kept = [json.loads(line) for line in (tmp_path / "batch_1.joined.jsonl").read_text().splitlines()]
    assert {line["custom_id"]: line["outcome"] for line in kept}["b"] == "unsure"
    retry = tmp_path / "batch_1.retry.jsonl"
    assert (retry.read_bytes() if retry.exists() else b"") == again


def test_a_failure_without_a_reason_that_is_counted_is_one(tmp_path: Path) -> None:
    files = {"input": parse_question("a", "b"), "output": answered("a") + lines({"custom_id": "b", "error": {}})}
    assert waited(count(2, 1, 1), "--salvage", "--out", str(tmp_path), **files).exit_code == 3
    assert (tmp_path / "batch_1.retry.jsonl").read_bytes() == parse_question("b")


@pytest.mark.parametrize(("counts", "code"), [(count(2, 2, 0), 3), (count(2, 1, 1), 3), (count(2, 0, 2), 7)])
def test_an_error_in_an_accepted_answer_may_be_counted_as_an_answer(
    tmp_path: Path, counts: dict[str, Any], code: int
) -> None:
    error = {"custom_id": "b", "response": {"status_code": 200, "body": {"error": {"code": "server_error"}}}}
    files = {"input": parse_question("a", "b"), "output": answered("a") + lines(error)}
    result = waited(counts, "--salvage", "--out", str(tmp_path), **files)
    assert result.exit_code == code, result.output
    assert not result.output.startswith(("batch_1 ok", "batch_1 all failed")), "it says what the files show"


@pytest.mark.parametrize("size", [0, -1, 5])
def test_a_size_that_cannot_be_true_is_told_and_the_file_is_used(tmp_path: Path, size: int) -> None:
    output = answered("a", "b")
    routes = with_batch(count(2, 2, 0), input=parse_question("a", "b"), output=output)
    routes["/files/file-output"]["bytes"] = size
    with odd_server(routes) as url:
        result = wait(url, "--salvage", "--out", str(tmp_path / "kept"))
        told = f"The output file cannot be of {size:,} bytes, as it is said to be: {len(output):,} came."
        assert (result.exit_code, told in result.output) == (0, True), result.output
        routes["/files/file-output"]["bytes"] = len(output) + 1
        cut = wait(url, "--salvage", "--out", str(tmp_path / "cut"))
    assert (cut.exit_code, f"but {len(output)} came" in cut.output) == (1, True), "what is cut is no success"


@pytest.mark.parametrize(("id_", "told"), [("batch_9", "batch_9 instead of batch_1"), (None, "that is no batch")])
def test_another_batch_than_the_one_asked_for_is_refused(tmp_path: Path, id_: str | None, told: str) -> None:
    result = waited({**count(2, 2, 0), "id": id_}, "--salvage", "--out", str(tmp_path / "kept"))
    assert (result.exit_code, told in result.output) == (1, True), result.output
    assert not (tmp_path / "kept").exists()
