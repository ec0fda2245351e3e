"""The files of a batch joined: every request once, whatever the files hold."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tui.live.lists.collection import Collection
from tui.live.lists.view import View
from tui.resources.batch.answers import read_outcome
from tui.resources.batch.outcomes import Tally
from tui.resources.batch.results import RESULTS
from tui.workflows.batch_results.join import join
from tui.workflows.batch_results.results import PASSING, REFUSED, Results
from tui.workflows.campaigns.answers.lines import judge

if TYPE_CHECKING:
    from pathlib import Path

Lines = list[dict[str, Any] | bytes]


def request(custom_id: Any, text: str = "hello") -> dict[str, Any]:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": text}]}
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}


def good(custom_id: Any, text: str = "hi") -> dict[str, Any]:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    body = {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": usage}
    return {"custom_id": custom_id, "response": {"status_code": 200, "body": body}, "error": None}


def bad(custom_id: Any, status: int = 429, code: str = "rate_limit_exceeded") -> dict[str, Any]:
    body = {"error": {"code": code, "message": "no"}}
    return {"custom_id": custom_id, "response": {"status_code": status, "body": body}, "error": None}


def untried(custom_id: Any, code: str = "batch_expired") -> dict[str, Any]:
    return {"custom_id": custom_id, "response": None, "error": {"code": code, "message": "too late"}}


def joined(folder: Path, **files: Lines) -> Results:
    paths = {}
    for kind, lines in files.items():
        paths[kind] = folder / f"{kind}.jsonl"
        parts = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        paths[kind].write_bytes(b"\n".join(parts) + b"\n")
    return join(paths)


def outcomes(results: Results) -> dict[str, str]:
    return {row["id"]: row["outcome"] for row in results.rows}


def test_every_request_in_its_order_with_what_became_of_it(tmp_path: Path) -> None:
    asked: Lines = [request(name) for name in "abcde"]
    results = joined(
        tmp_path, input=asked, output=[good("d"), good("a")], error=[untried("c"), bad("b")], other=[b"ignored"]
    )
    assert outcomes(results) == {"a": "ok", "b": "failed", "c": "expired", "d": "ok", "e": "never_ran"}
    assert [row["id"] for row in results.rows] == list("abcde")
    assert results.outcomes == {"ok": 2, "failed": 1, "expired": 1, "never_ran": 1}
    assert sorted(f"{cause.words} {count}" for cause, count in results.causes) == [
        "429 rate_limit_exceeded 1",
        "expired 1",
        "not run 1",
    ]
    assert (results.rows[0]["text"], results.rows[0]["input_tokens"], results.rows[0]["output_tokens"]) == (
        "hi",
        7,
        3,
    )
    assert (results.read_request("d"), results.read_answer("d")) == (asked[3], good("d"))
    assert results.read_answer("e") is None
    assert not results.notes
    assert results.describe_mismatch(Tally(total=5, completed=2, failed=1)) == ""
    assert (
        results.describe_mismatch(Tally(total=5, completed=2, failed=2)) == ""
    )  # to whom what expired has failed


def test_a_cause_is_told_once(tmp_path: Path) -> None:
    results = joined(tmp_path, input=[request("a"), request("b")], output=[good("a"), bad("a", 500), bad("b")])
    words = [cause.words for cause, _ in results.causes]
    assert len(words) == len(set(words)) == 3, words
    assert dict(results.causes)[next(cause for cause, _ in results.causes if cause.outcome == "unpaired")] == 2


def test_counts_that_lie_are_told(tmp_path: Path) -> None:
    results = joined(tmp_path, input=[request("a"), request("b")], output=[good("a")])
    told = "The batch counts 2 ok and 0 failed of 2; its files hold 1 ok and 0 failed of 2."
    assert results.describe_mismatch(Tally(total=2, completed=2, failed=0)) == told
    assert "0 ok and 0 failed of 0" in results.describe_mismatch(Tally())


CHOICES = {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}


@pytest.mark.parametrize(
    ("line", "outcome", "error"),
    [
        (bad("a", status=0, code="connection"), "failed", "connection"),
        (
            {"response": {"status_code": 500, "body": {"error": {"type": "server_error"}}}},
            "failed",
            "server_error",
        ),
        (untried("a", "batch_cancelled"), "never_ran", "batch_cancelled"),
        (untried("a", "BATCH_CANCELED"), "never_ran", "BATCH_CANCELED"),
        # Errors that are texts, numbers, or elsewhere.
        ({"response": None, "error": "the worker died"}, "failed", "the worker died"),
        ({"response": {"status_code": 429, "body": "Too Many Requests"}}, "failed", "Too Many Requests"),
        ({"response": {"status_code": 503, "body": {"error": "sorry"}}}, "failed", "sorry"),
        ({"response": {"status_code": 500, "body": '{"error": {"code": "boom"}}'}}, "failed", "boom"),
        ({"response": {"status_code": 422, "body": {"detail": "no such model"}}}, "failed", "no such model"),
        ({"error": {"code": 7}}, "failed", "7"),
        ({"error": {"code": 500, "message": "numeric"}}, "failed", "500"),
        ({"response": None, "error": {}}, "failed", "no answer"),
        ({"response": None, "error": {"code": None, "message": ""}}, "failed", "no answer"),
        ({}, "failed", "no answer"),
        # Answers that look otherwise.
        ({"response": {"status_code": "200", "body": {"output": [], "status": "completed"}}}, "ok", None),
        ({"response": {"status_code": 200.0, "body": CHOICES}, "error": {}}, "ok", None),
        ({"response": {"status_code": 200, "body": {"object": "video", "status": "completed"}}}, "ok", None),
        ({"response": {"status_code": 200, "body": {**CHOICES, "error": None, "status": 200}}}, "ok", None),
        ({"response": {"body": CHOICES}}, "ok", None),
        ({"response": CHOICES}, "ok", None),
        ({"response": {"statusCode": 200, "body": CHOICES}}, "ok", None),
        ({"response": {"status_code": 200, "body": CHOICES}, "error": "null"}, "ok", None),
        ({"response": {"status_code": 200, "body": CHOICES}, "error": "None"}, "ok", None),
        ({"response": {"status_code": 200, "body": json.dumps(CHOICES)}}, "ok", None),
        ({"response": json.dumps({"status_code": 200, "body": CHOICES})}, "ok", None),
        # Answered, but nobody knows what with.
        ({"response": {"status_code": 200, "body": {}}}, "unsure", "no answer that can be read"),
        ({"response": {"status_code": 200, "body": "text"}}, "unsure", "no answer that can be read"),
        ({"response": {"status_code": True, "body": {"id": "x"}}}, "unsure", "no answer that can be read"),
        ({"response": {"status_code": 204}}, "unsure", "no answer that can be read"),
        ({"response": {"status_code": 500, "body": CHOICES}}, "unsure", "no answer that can be read"),
        ({"response": {"statusCode": 500, "body": CHOICES}}, "unsure", "no answer that can be read"),
        ({"response": {"status": "429", "body": CHOICES}}, "unsure", "no answer that can be read"),
        ({"response": {"body": CHOICES}, "error": "late"}, "unsure", "an answer and an error"),
        # An error all the same.
        ({"response": {"status_code": 200, "body": {"error": {"code": "x"}}}}, "failed", "x"),
    ],
)
def test_odd_answers(line: dict[str, Any], outcome: str, error: str | None) -> None:
    found = read_outcome(line)
    assert (found["outcome"], found["error"]) == (outcome, error)


@pytest.mark.parametrize(
    ("usage", "read", "written"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2}, 5, 2),
        ({"input_tokens": "5", "output_tokens": 2.0}, 5, 2),
        ({"input_tokens": None, "prompt_tokens": 5, "output_tokens": None}, 5, None),
        ({"input_tokens": -5, "output_tokens": 0.5}, None, None),
        ({"input_tokens": True, "output_tokens": "many"}, None, None),
        ([5, 2], None, None),
    ],
)
def test_tokens_are_read_in_every_form(usage: Any, read: int | None, written: int | None) -> None:
    found = read_outcome({"response": {"status_code": 200, "body": {**CHOICES, "usage": usage}}})
    assert (found["outcome"], found["input_tokens"], found["output_tokens"]) == ("ok", read, written)


@pytest.mark.parametrize(
    ("body", "outcome", "error"),
    [
        ({"object": "error", "message": "oom", "type": "InternalServerError", "code": 500}, "failed", "500"),
        ({"detail": "Not authenticated"}, "failed", "Not authenticated"),
        ({"message": "oom", "code": 500}, "failed", "500"),
        ({"status": "error", "message": "the worker died"}, "failed", "the worker died"),
        ({"errors": [{"message": "too long"}]}, "failed", "too long"),
        ({"fault": {"faultstring": "quota"}}, "failed", "quota"),
        ({"success": False, "result": None}, "failed", '{"success": false, "result": null}'),
        ({"error": {"error": {"message": "inside", "code": "deep"}}}, "failed", "deep"),
        ({"output": [], "status": "cancelled"}, "failed", "status cancelled"),
        ({"output": [], "status": "FAILED", "id": "resp_1"}, "failed", "status failed"),
        ({"choices": [{"error": {"message": "died"}, "message": {"content": ""}}]}, "failed", "died"),
        ({"choices": [{"finish_reason": "error", "message": {}}]}, "failed", "finish_reason error"),
        (
            {"choices": [{"finish_reason": "error", "message": {"content": "x"}}]},
            "unsure",
            "an answer and an error",
        ),
        ({"choices": None}, "unsure", "no answer that can be read"),
        ({"choices": []}, "unsure", "no answer that can be read"),
        ({"data": [], "object": "list"}, "unsure", "no answer that can be read"),
        ({"error": ""}, "unsure", "no answer that can be read"),
        ({"error": {}}, "unsure", "no answer that can be read"),
        ({"id": "x"}, "unsure", "no answer that can be read"),
        ({"status": "queued"}, "unsure", "no answer that can be read"),
        ({"status": "in_progress", "output": []}, "unsure", "no answer that can be read"),
        ({"status": "in_progress", "output": [{"content": "begun"}]}, "unsure", "no answer that can be read"),
    ],
)
def test_a_good_status_makes_no_answer_of_an_error(
    body: dict[str, Any], outcome: str, error: str, tmp_path: Path
) -> None:
    line = {"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None}
    row = joined(tmp_path, input=[request("a")], output=[line]).rows[0]
    assert (row["outcome"], row["error"]) == (outcome, error)
    assert judge(line)[1] == outcome, "a campaign says the same"


def test_odd_lines_cost_themselves_and_are_told(tmp_path: Path) -> None:
    results = joined(
        tmp_path,
        input=[
            request("a"),
            b"{broken",
            b"",
            b'{"body": {}, "custom_id": "z\\u00e9"}',
            request("b"),
            request(None),
            b"[1]",
        ],
        output=[
            good("a", "first"),
            b"\xff\xfe",
            good("b", "second"),
            good("b", "third"),
            good("stranger"),
            good(5),
        ],
        error=[b"{" * 100_000],
    )
    assert outcomes(results) == {
        "a": "ok",
        "zé": "unsure",  # a line that nobody can read may be its answer
        "b": "unsure",
        "line 6 of the input": "unsure",
        "b (the first answer)": "unpaired",
        "b (line 4 of the output file)": "unpaired",
        "stranger": "unpaired",
        "5": "unpaired",
    }
    assert results.read_answer("a") == good("a", "first")
    assert results.read_answer("b") is None
    assert results.read_answer("b (the first answer)") == good("b", "second")
    assert results.read_answer("b (line 4 of the output file)") == good("b", "third")
    assert results.group_for_retry() == {"unsure": ["zé", "b", "line 6 of the input"]}
    assert results.notes == [
        "2 lines of the input file cannot be read, the first is line 2.",
        "1 line of the output file cannot be read, the first is line 2.",
        "1 line of the error file cannot be read, the first is line 1.",
        "Requests without a usable custom_id: 1, the first is line 6 of the input.",
        "Answers that may be swapped, as their custom_id is repeated: 2, the first is that to b.",
        "Answers without a request: 2, the first is line 5 of the output file.",
    ]
    assert results.unclear_count == 7 + 4


def test_a_line_without_end_is_not_read_to_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.workflows.batch_results.lines.LINE_CAP", 1_000)
    results = joined(tmp_path, output=[good("a"), b"x" * 5_500, good("b")])
    assert outcomes(results) == {"a": "ok", "b": "ok"}
    assert results.read_answer("b") == good("b")
    assert "line 2" in results.notes[0]


def test_without_the_input_there_is_what_was_answered(tmp_path: Path) -> None:
    results = joined(tmp_path, error=[bad("b"), bad("a"), bad("a")])
    assert outcomes(results) == {"b": "failed", "a": "unpaired", "a (line 3 of the error file)": "unpaired"}
    assert not results.has_requests
    assert results.group_for_retry() == {}
    assert results.read_request("a") is None
    told = "Answers that may be swapped, as their custom_id is repeated: 2, the first is that to a."
    assert results.notes == [told]
    assert (
        results.describe_mismatch(Tally(total=9, completed=0, failed=3)) == ""
    )  # how many there were nobody knows


def test_what_is_sent_again_is_as_it_was(tmp_path: Path) -> None:
    asked = [
        b'{"custom_id":  "a", "body": {"x":1.0}}',
        b'{"custom_id": "b"}',
        b'{"custom_id": "c"}\r',
        b'{"custom_id": "d"}',
    ]
    results = joined(
        tmp_path,
        input=list(asked),
        error=[bad("a"), bad("b", 400, "invalid_schema"), untried("d"), bad("stranger", 500)],
    )
    (tmp_path / "input.jsonl").write_bytes(b"\n".join(asked))  # whose last line has no end
    assert results.group_for_retry() == {PASSING: ["a"], "expired": ["d"], "not run": ["c"], REFUSED: ["b"]}
    assert list(results.request_lines(["d", "a"])) == [asked[0] + b"\n", asked[3] + b"\n"]
    with_model = b'{"custom_id": "a", "body": {"x": 1.0, "model": "gpt-5"}}\n'
    assert list(results.request_lines(["d", "a"], {"model": "gpt-5"})) == [with_model, asked[3] + b"\n"]
    assert results.keep_repeatable(["stranger", "a"]) == ["a"]
    assert results.count_request_bytes(["a", "d"]) == len(asked[0]) + len(asked[3]) + 2


def test_together_as_json_and_for_a_spreadsheet(tmp_path: Path) -> None:
    results = joined(
        tmp_path, input=[request("=a"), request("b")], output=[good("=a", "=1+1\nand")], error=[bad("b")]
    )
    lines = [json.loads(line) for line in results.joined_lines(["=a", "b"])]
    assert lines[0]["request"]["body"] == request("=a")["body"]
    assert lines[0]["response"] == good("=a")["response"] | {"body": good("=a", "=1+1\nand")["response"]["body"]}
    assert (lines[1]["outcome"], lines[1]["response"]["status_code"]) == ("failed", 429)
    rows = list(csv.DictReader(io.StringIO(b"".join(results.csv_lines(["=a", "b"])).decode())))
    assert (rows[0]["custom_id"], rows[0]["answer"], rows[0]["request"]) == ("'=a", "'=1+1\nand", "user: hello")
    assert (rows[1]["code"], rows[1]["message"], rows[1]["answer"]) == ("429", "no", "")


def test_a_text_that_looks_like_a_number_is_told_from_it(tmp_path: Path) -> None:
    ids: list[Any] = [1, "1", True, "true", "2", 3]
    requests: list[Any] = [{**request("x"), "custom_id": id_} for id_ in ids]
    results = joined(tmp_path, input=requests, output=[{**good("x"), "custom_id": id_} for id_ in ids[:-1]])
    shown = [row["custom_id"] for row in results.rows]
    assert shown == ["1", '"1"', "true", '"true"', "2", "3"]
    assert [row["outcome"] for row in results.rows] == ["ok"] * 5 + ["never_ran"]
    assert list(results.request_lines([results.rows[1]["id"]])) == [json.dumps(requests[1]).encode() + b"\n"]


@pytest.mark.parametrize(
    "text", ["می\u200cخواهم", "a\ttab", "two\r\nlines", "one\rline", '"quoted", and', "-5", "\x1b[2J", "\u2028"]
)
def test_the_spreadsheet_holds_the_texts_as_they_came(tmp_path: Path, text: str) -> None:
    results = joined(tmp_path, input=[request("a")], output=[good("a", text)])
    (row,) = csv.DictReader(io.StringIO(b"".join(results.csv_lines(["a"])).decode(), newline=""))
    assert row["answer"] == text


def test_half_of_a_character_stops_no_file(tmp_path: Path) -> None:
    results = joined(tmp_path, input=[request("a")], output=[good("a", "half \ud83d")])
    assert "half \ufffd" in b"".join(results.csv_lines(["a"])).decode()
    (line,) = results.joined_lines(["a"])
    assert json.loads(line)["response"] == good("a", "half \ud83d")["response"]


def test_a_cause_finds_its_rows(tmp_path: Path) -> None:
    results = joined(
        tmp_path,
        input=[request(name) for name in "abcde"],
        error=[bad("a"), bad("b", 429, 'with "quotes"'), bad("c", 0, "two words"), untried("d")],
    )
    collection = Collection(RESULTS)
    collection.apply(results.rows, after=None, has_more=False, next=None, now=0.0)
    view = View(collection)
    found = {}
    for cause, _ in results.causes:
        view.set_query(cause.filter)
        found[cause.words] = list(view.ids)
    assert found == {
        "429 rate_limit_exceeded": ["a"],
        '429 with "quotes"': ["a", "b"],
        "0 two words": ["c"],
        "expired": ["d"],
        "not run": ["e"],
    }
