"""Answers are joined to requests as the results of one batch are, copied as they came, and merged in order."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tui.resources.batch.batches import BATCHES
from tui.workflows.batch_results.files import _join_and_doubt
from tui.workflows.batch_results.results import group_of
from tui.workflows.campaigns.answers.answers import write_answers, write_refusal
from tui.workflows.campaigns.answers.chain import Chain
from tui.workflows.campaigns.answers.merge import merge
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.sending import LETTERS, Options, Sending

GOOD = {"choices": [{"message": {"content": "NaN and “text”"}}], "n": 1.50}
BAD = {"error": {"code": "x", "message": "y"}}
BODIES = st.sampled_from(
    [GOOD, {}, {"error": {"code": "x", "message": "y"}}, "text", None, {**GOOD, "error": "e"}]
)
CODES = st.sampled_from([200, 200, 200, 400, 404, 429, 500, None, "200"])


def sending_of(lines: int, generation: int = 0, letters: str = "", file: str = "in.jsonl") -> Sending:
    return Sending(3, generation, file, lines, 0, 0, "", "", "", "", letters, batch_id="batch_1")


@st.composite
def answers(draw: st.DrawFn) -> tuple[int, list[bytes]]:
    """How many requests there are, and the lines of an output file: odd ones, and some that are written oddly."""
    count = draw(st.integers(1, 6))
    ids = draw(st.lists(st.integers(0, count).map(str), max_size=8))
    lines = []
    for id_ in ids:
        response = draw(st.none() | st.fixed_dictionaries({"status_code": CODES, "body": BODIES}))
        line: dict[str, Any] = {"id": "r", "custom_id": id_, "response": response}
        line["error"] = draw(st.sampled_from([None, None, {"code": "batch_expired", "message": "m"}]))
        line = dict(draw(st.permutations(list(line.items())))) if draw(st.booleans()) else line
        indent = draw(st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : ")]))
        lines.append(json.dumps(line, separators=indent).encode() + draw(st.sampled_from([b"\n", b" \r\n"])))
    return count, [*lines, *draw(st.lists(st.sampled_from([b"{\n", b"\n", b"[]\n"]), max_size=1))]


@given(answers(), st.integers(0, 6), st.sampled_from(["completed", "expired", "cancelled"]))
def test_they_are_judged_as_the_results_of_a_batch_are(
    given: tuple[int, list[bytes]], ok: int, status: str
) -> None:
    count, lines = given
    counts = {"total": count, "completed": min(ok, count), "failed": 0}
    batch = BATCHES.record({"id": "batch_1", "status": status, "request_counts": counts}).object
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        request = {"custom_id": "0", "method": "POST", "url": "/v1/x", "body": {"n": 1.50}}
        asked = [json.dumps({**request, "custom_id": str(at)}) + "\n" for at in range(count)]
        (folder / "in.jsonl").write_text("".join(asked))
        (folder / "out.jsonl").write_bytes(b"".join(lines))
        paths = {"output": folder / "out.jsonl"}
        results = _join_and_doubt(batch, {"input": folder / "in.jsonl", **paths}, {"output"})
        found = write_answers(sending_of(count), folder, paths, batch, ())
        sending = sending_of(count)
        sending.counts = found.counts
        merged = [json.loads(line) for line in Chain([sending], folder).lines()]
        wanted = {row["id"]: row for row in results.rows if row["id"] in map(str, range(count))}
        joined = {line["custom_id"]: line for line in map(json.loads, results.joined_lines(wanted))}
    assert [line["custom_id"] for line in merged] == [str(at) for at in range(count)]
    for line in merged:
        row = wanted[line["custom_id"]]
        assert line["outcome"] == row["outcome"], (line, row)
        assert line["request"] == joined[line["custom_id"]]["request"]
        if line["pairing"] == "paired":
            assert (line["response"], line["error"]) == tuple(
                joined[line["custom_id"]][name] for name in ("response", "error")
            )
        else:
            assert line["error"]["message"], "why there is no answer is told"
    letters = [LETTERS[group_of(row["outcome"], row["code"])] for row in wanted.values()]
    assert {letter: letters.count(letter) for letter in set(letters)} == found.counts


def test_the_last_answer_of_each_is_merged_in_the_order_of_the_input(tmp_path: Path) -> None:
    ids = ["a", "b", "c", "d"]
    batch = BATCHES.record(
        {"id": "batch_1", "status": "completed", "request_counts": {"total": 4, "completed": 1, "failed": 3}}
    ).object

    def write(sending: Sending, told: dict[str, int]) -> None:
        bodies = {200: GOOD}
        lines = [
            {"id": "r", "custom_id": id_, "response": {"status_code": code, "body": bodies.get(code, BAD)}}
            for id_, code in reversed(told.items())
        ]
        path = tmp_path / f"{sending.generation}.output"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        sending.counts = write_answers(sending, tmp_path, {"output": path}, batch, ()).counts

    requests = [json.dumps({"body": {"model": "m", "n": 1.50}, "custom_id": id_}) + "\n" for id_ in ids]
    (tmp_path / "in.jsonl").write_text("".join(requests))
    first, second = sending_of(4), sending_of(2, 1, "p", "again.jsonl")
    write(first, {"a": 429, "b": 200, "c": 400, "d": 500})
    again = list(Chain([first], tmp_path).requests("p", {"model": "other", "a.b": [1]}))
    assert [json.loads(line)["custom_id"] for line in again] == ["a", "d"]
    assert json.loads(again[0])["body"] == {"model": "other", "n": 1.5, "a": {"b": [1]}}
    (tmp_path / "again.jsonl").write_bytes(b"".join(again))
    write(second, {"a": 200, "d": 500})
    campaign = Campaign()
    campaign.sendings = {each.key: each for each in (first, second)}
    campaign._latest = {3: second}
    merge(campaign, tmp_path, tmp_path / "merged")
    lines = [json.loads(line) for line in (tmp_path / "merged").read_text().splitlines()]
    told = [(line["custom_id"], line["outcome"], line["generation"], line["part"]) for line in lines]
    assert told == [("a", "ok", 1, 3), ("b", "ok", 0, 3), ("c", "failed", 0, 3), ("d", "failed", 1, 3)]
    assert lines[0]["request"]["body"]["model"] == "other"
    chain = Chain((first, second), tmp_path)
    assert [json.loads(chain.read_line(row)) for row in range(4)] == lines
    campaign.options = Options(retry=2, also="r")
    assert campaign.tally.left == 2, "what was refused in the generation before the last, too"
    for rounds, left in (({"3": 1}, 0), ({"3": 2}, 2), ({"4": 1}, 2)):
        campaign.options = Options(retry=2, also="r", rounds=rounds)
        assert campaign.tally.left == left, "a part has as many rounds as it is given"
    again = list(chain.requests(campaign.options.letters, {}))
    assert [json.loads(line)["custom_id"] for line in again] == ["c", "d"]
    (tmp_path / "third.jsonl").write_bytes(b"".join(again))
    third = sending_of(2, 2, campaign.options.letters, "third.jsonl")
    write(third, {"c": 200, "d": 404})
    lines = [json.loads(line) for line in Chain((first, second, third), tmp_path).lines()]
    assert [(line["outcome"], line["generation"]) for line in lines] == [
        ("ok", 1),
        ("ok", 0),
        ("ok", 2),
        ("failed", 2),
    ]
    assert '"n": 1.5' in (tmp_path / "merged").read_text()


def test_of_a_refused_file_the_lines_that_are_not_named_are_worth_sending_again(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"custom_id": id_}) + "\n" for id_ in "abc"))
    sending = sending_of(3)
    sending.counts = write_refusal(sending, tmp_path, "It was refused: line 2.", [2]).counts
    assert sending.counts == {"n": 2, "r": 1}
    lines = [json.loads(line) for line in Chain([sending], tmp_path).lines()]
    assert [line["outcome"] for line in lines] == ["never_ran"] * 3
    assert [line["error"]["message"] for line in lines][1] == "It was refused: line 2."
    assert [json.loads(line)["custom_id"] for line in Chain([sending], tmp_path).requests("pen", {})] == ["a", "c"]
    assert write_refusal(sending, tmp_path, "It is gone.", (), "u").counts == {"u": 3}
