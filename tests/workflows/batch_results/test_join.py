"""Requests and answers are paired as a slow and plain reader would pair them, whatever the files hold."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tui.resources.batch.results import NO_ID, OUTCOMES
from tui.workflows.batch_results.join import join
from tui.workflows.batch_results.results import LEFT_OUT, WORTH_RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.workflows.batch_results.results import Results

ABSENT = object()
BOM = b"\xef\xbb\xbf"


def line(custom_id: Any, text: str, **more: Any) -> dict[str, Any]:
    made = {} if custom_id is ABSENT else {"custom_id": custom_id}
    return {**made, "text": text, **more}


def written(folder: Path, **files: list[bytes]) -> dict[str, Path]:
    paths = {kind: folder / kind for kind in files}
    for kind, lines in files.items():
        paths[kind].write_bytes(b"\n".join(lines))
    return paths


def joined(folder: Path, asked: list[Any], ok: list[Any], failed: list[Any] | None = None) -> Results:
    """Join files with these custom_ids, each of whose texts tells its file and place."""
    answer = {"status_code": 200, "body": {"choices": [{"message": {"content": "x"}}]}}
    files = {
        "input": [json.dumps(line(each, f"input {n}", body={})).encode() for n, each in enumerate(asked)],
        "output": [json.dumps(line(each, f"output {n}", response=answer)).encode() for n, each in enumerate(ok)],
        "error": [json.dumps(line(each, f"error {n}", error="x")).encode() for n, each in enumerate(failed or ())],
    }
    return join(written(folder, **files))


def pairs(results: Results) -> dict[str, str]:
    """The places of the requests that have an answer, with the answer's."""
    found = {}
    for row in results.rows:
        request, answer = results.read_request(row["id"]), results.read_answer(row["id"])
        if request and answer:
            found[request["text"]] = answer["text"]
    return found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda good: good.decode().encode("utf-16"), "The output file is UTF-16; 4 lines of it cannot be read"),
        (lambda good: good.decode().encode("utf-16-be"), "The output file is UTF-16; "),
        (gzip.compress, "The output file is compressed with gzip; "),
        (lambda good: b"[" + b",".join(good.splitlines()) + b"]", "The output file is a JSON array; 1 line of it"),
        (
            lambda _: b"<html><title>Sign in</title></html>",
            "The output file is a page of HTML or XML, not JSON Lines; ",
        ),
        (lambda _: b"custom_id,answer\na,b\n", "The output file reads like CSV, not JSON Lines; "),
        (lambda good: good.replace(b"\n", b"\r"), "The output file ends its lines with carriage returns alone; "),
    ],
)
def test_an_answer_file_that_is_something_else_is_named_and_nothing_is_called_unanswered(
    tmp_path: Path, change: Callable[[bytes], bytes], told: str
) -> None:
    asked = [json.dumps(line(each, "q", body={})).encode() for each in "abc"]
    body = {"status_code": 200, "body": {"choices": [{"message": {"content": "x"}}]}}
    good = b"".join(json.dumps(line(each, "a", response=body)).encode() + b"\n" for each in "abc")
    results = join(written(tmp_path, input=asked, output=[change(good)]))
    assert any(told in note for note in results.notes), results.notes
    assert results.outcomes == {"unsure": 3}
    assert results.unclear_count > 3


def test_numbers_pair_as_numbers_whatever_their_order(tmp_path: Path) -> None:
    results = joined(tmp_path, [1, 2, 3, 4.0, 0, -7], [3, 1.0, 0, 4, -7.0, 2])
    assert pairs(results) == {
        "input 0": "output 1",
        "input 1": "output 5",
        "input 2": "output 0",
        "input 3": "output 3",
        "input 4": "output 2",
        "input 5": "output 4",
    }
    assert results.outcomes == {"ok": 6}
    assert not results.unclear_count
    assert [row["custom_id"] for row in results.rows] == ["1", "2", "3", "4", "0", "-7"]
    kept = [json.loads(each) for each in results.joined_lines([row["id"] for row in results.rows])]
    assert [each["custom_id"] for each in kept] == [1, 2, 3, 4.0, 0, -7]
    assert {each["pairing"] for each in kept} == {"paired"}


def test_what_json_tells_apart_does_not_pair(tmp_path: Path) -> None:
    results = joined(tmp_path, ["1", True, "true", 2], [1, 1.0, "2", False])
    assert pairs(results) == {}
    assert results.outcomes == {"unsure": 4, "unpaired": 4}
    assert set(results.group_for_retry()) == {"unsure"}
    mixed = joined(tmp_path, ["1", 1, True, "true"], [True, "true", 1, "1"])
    assert pairs(mixed) == {
        "input 0": "output 3",
        "input 1": "output 2",
        "input 2": "output 0",
        "input 3": "output 1",
    }


@pytest.mark.parametrize("id_", [None, ABSENT, "", [], [1], {}, {"a": 1}, float("nan"), float("inf"), 1e300])
def test_what_is_no_id_pairs_nothing(tmp_path: Path, id_: Any) -> None:
    results = joined(tmp_path, ["a", id_], [id_, id_])
    assert pairs(results) == {}
    assert results.outcomes == {"unsure": 2, "unpaired": 2}
    assert results.unclear_count == 4
    told = "Answers without a usable custom_id: 2, the first is line 1 of the output file."
    assert told in results.notes


def test_a_repeated_id_pairs_nothing_and_is_told(tmp_path: Path) -> None:
    for asked, ok, unsure, unpaired in (
        (["x", "y", "x"], ["x", "y", "x"], 2, 2),
        (["x", "y", "x"], ["x", "y"], 2, 1),
        (["x", "y"], ["x", "y", "x"], 1, 2),
        (["x", "y"], ["x", "x", "x", "y"], 1, 3),
    ):
        results = joined(tmp_path, asked, ok)
        assert results.outcomes == {"ok": 1, "unsure": unsure, "unpaired": unpaired}
        assert [pair[0] for pair in pairs(results).items()] == ["input 1"]
        assert any("may be swapped" in note for note in results.notes)
        marked = {row["pairing"] for row in results.rows if row["outcome"] != "ok"}
        assert marked == {"repeated custom_id"}
        assert not set(results.group_for_retry()) & set(WORTH_RETRYING)
    both = joined(tmp_path, ["x"], ["x"], ["x"])  # answered and failed
    assert both.outcomes == {"unsure": 1, "unpaired": 2}
    never = joined(tmp_path, ["x", "x", "y"], ["y"])
    assert never.outcomes == {"ok": 1, "never_ran": 2}


FINE = b'"response": {"status_code": 200, "body": {"choices": [1], "error": null}}'


@pytest.mark.parametrize(
    "twice",
    [
        b'{"custom_id": "b", "custom_id": "a", %s, "error": null}' % FINE,
        b'{"custom_id": "a", "response": null, %s, "error": null}' % FINE,
        b'{"custom_id": "a", "error": {"code": "x"}, %s, "error": null}' % FINE,
        b'{"custom_id": "a", %s, "error": null}' % FINE.replace(b": 200", b': 500, "status_code": 200'),
    ],
)
def test_a_line_that_tells_a_thing_twice_pairs_nothing(tmp_path: Path, twice: bytes) -> None:
    asked = [{"custom_id": id_} for id_ in "abc"]
    fine = b'{"custom_id": "c", %s, "error": null}' % FINE
    quoting = b'{"custom_id": "b", "a": {"custom_id": 1, "error": {}}, %s, "error": null}' % FINE
    results = join(
        written(tmp_path, input=[json.dumps(line).encode() for line in asked], output=[twice, fine, quoting])
    )
    assert [row["outcome"] for row in results.rows] == ["unsure", "ok", "ok"]
    assert results.notes == ["1 line of the output file cannot be read, the first is line 1."]
    results = join(
        written(tmp_path, input=[b'{"custom_id": "b", "custom_id": "a"}'], output=[FINE.join([b"{", b"}"])])
    )
    assert (results.unreadable, [row["pairing"] for row in results.rows]) == (1, [NO_ID])


def test_marks_and_blank_lines_are_read_past(tmp_path: Path) -> None:
    a, b = (json.dumps(line(name, name, body={})).encode() for name in "ab")
    content = {"status_code": 200, "body": {"choices": [1]}}
    answers = [json.dumps(line(name, name, response=content)).encode() for name in "ba"]
    results = join(
        written(
            tmp_path,
            input=[BOM + a + b"\r", b"", b"   \r", b"\t", BOM, BOM + b"  ", BOM + b],
            output=[BOM + answers[0], b" ", answers[1] + b"  "],
            error=[BOM],
        )
    )
    assert (results.outcomes, results.notes) == ({"ok": 2}, [])
    assert pairs(results) == {"a": "a", "b": "b"}
    assert list(results.request_lines(["a", "b"])) == [a + b"\r\n", b + b"\n"]


def test_what_is_made_of_odd_lines_is_json(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        input=[b'{"custom_id": "\\ud800", "body": {"temperature": NaN}}'],
        output=[
            b'{"custom_id": "\\ud800", "response": {"status_code": 200, "body": {"choices": [-Infinity], '
            b'"score": 0.10000000000000000555, "huge": 1e400, "small": -1.50E-7, "whole": 123456789012345678901}}}'
        ],
    )
    results = join(paths)
    (made,) = results.joined_lines(row["id"] for row in results.rows)

    def no_json(_: str) -> None:
        raise AssertionError

    kept = json.loads(made.decode("utf-8", "strict"), parse_constant=no_json)
    assert kept["request"]["body"] == {"temperature": "NaN"}
    assert kept["response"]["body"]["choices"] == ["-Infinity"]
    for number in (b"0.10000000000000000555", b"1e400", b"-1.50E-7", b"123456789012345678901"):
        assert b": " + number in made, "a number was written as another"


def test_an_answered_request_is_never_sent_again_unasked(tmp_path: Path) -> None:
    stranger = joined(tmp_path, ["a", "b"], ["B"])
    assert stranger.group_for_retry() == {"unsure": ["a", "b"]}
    refused = joined(tmp_path, ["a", "b"], [], ["A"])  # whichever it was, it was not answered
    assert refused.group_for_retry() == {"not run": ["a", "b"]}
    refused.doubt_unanswered("the output file is missing")
    assert refused.group_for_retry() == {"unsure": ["a", "b"]}
    assert next((cause.words, cause.filter) for cause, _ in refused.causes) == (
        "unsure: the output file is missing",
        'outcome=unsure error="the output file is missing"',
    )


# What an independent reader makes of the same files.


def key_of(value: Any) -> Any:
    """A custom_id as a text that is the same for the same JSON value; None if it pairs nothing."""
    if isinstance(value, bool):
        return f"bool {value}"
    if isinstance(value, str):
        return f"text {value}" if value else None
    if isinstance(value, int):
        return f"number {value}"
    if isinstance(value, float) and abs(value) < 2**53:
        return f"number {int(value) if value == int(value) else value}"
    return None


def parsed(content: bytes) -> list[Any]:
    """The objects on the lines that are not blank, None for what is none."""
    found: list[Any] = []
    for raw in content.split(b"\n"):
        text = raw[3:] if raw.startswith(BOM) else raw
        if not text.strip():
            continue
        try:
            value = json.loads(text.decode("utf-8"))
        except ValueError:
            value = None
        found.append(value if isinstance(value, dict) else None)
    return found


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([0.0, 1.0, 1.5, 1e300]), st.sampled_from("ab1")
)
ids = st.one_of(scalars, st.sampled_from(["", "a", "b", "true", ABSENT, [], {}, ["a"], {"a": 1}, 2**60]))
ANSWERED: list[dict[str, Any]] = [
    {"response": {"status_code": 200, "body": {"choices": [{"message": {"content": "x"}}]}}},
    {"response": {"status_code": "200", "body": '{"output": [1]}'}},
    {"response": {"body": {"choices": [1]}}},
    {"response": {"status_code": 200, "body": {}}},
    {"response": {"status_code": 200, "body": "words"}},
]
REFUSED: list[dict[str, Any]] = [
    {"response": {"status_code": 429, "body": {"error": {"code": "slow"}}}},
    {"response": None, "error": {"code": "batch_expired"}},
    {"response": None, "error": "died"},
    {"response": 5, "error": [1]},
    {"response": [], "error": {}},
]
odd_lines = st.sampled_from(
    [b"", b"   ", b"\t\r", b"{broken", b"[1]", b"null", b'"text"', b"\xff\xfe", BOM, b"\r"]
)


@st.composite
def files(draw: st.DrawFn, kind: str) -> bytes:
    lines: list[bytes] = []
    for number, id_ in enumerate(draw(st.lists(ids, max_size=6))):
        more = {"body": {"model": "m"}} if kind == "input" else draw(st.sampled_from(ANSWERED + REFUSED))
        made = line(id_, f"{kind} {number}", **more)
        if draw(st.booleans()):
            made = dict(reversed(made.items()))
        lines += [BOM * draw(st.booleans()) + json.dumps(made).encode() + b"\r" * draw(st.booleans())]
        lines += draw(st.lists(odd_lines, max_size=1))
    return b"\n".join(lines) + b"\n" * draw(st.booleans())


@examples(60)
@given(files("input"), files("output"), files("error"), st.booleans())
def test_it_pairs_as_a_plain_reader_does(
    tmp_path_factory: pytest.TempPathFactory, asked: bytes, output: bytes, error: bytes, known: bool
) -> None:
    content = {"output": output, "error": error} | ({"input": asked} if known else {})
    folder = tmp_path_factory.mktemp("batch")
    for kind, text in content.items():
        (folder / kind).write_bytes(text)
    results = join({kind: folder / kind for kind in content})
    lines = {kind: parsed(text) for kind, text in content.items()}
    requests = [each for each in lines.get("input", []) if each is not None]
    replies = [each for kind in ("output", "error") for each in lines[kind] if each is not None]
    uses, replied = (
        Counter(key for each in found if (key := key_of(each.get("custom_id"))) is not None)
        for found in (requests, replies)
    )
    # Never a wrong pair, and each that is certain.
    by_key = {key_of(each.get("custom_id")): each["text"] for each in replies}
    wanted = {
        each["text"]: by_key[key]
        for each in requests
        if (key := key_of(each.get("custom_id"))) is not None and uses[key] == replied[key] == 1
    }
    assert pairs(results) == wanted
    # Every line is accounted for, once.
    seen: Counter[str] = Counter()
    for row in results.rows:
        for told in (results.read_request(row["id"]), results.read_answer(row["id"])):
            seen.update([told["text"]] if told else [])
    assert seen == Counter(each["text"] for each in (*requests, *replies))
    assert results.unreadable == sum(each is None for found in lines.values() for each in found)
    assert sum(results.outcomes.values()) == len(results) == len(requests) + len(replies) - len(wanted)
    assert set(results.outcomes) <= set(OUTCOMES)
    # What is ok has a good answer of its own, and nothing that may have been answered is sent again unasked.
    by_text = {each["text"]: each for each in (*requests, *replies)}
    for row in results.rows:
        if row["outcome"] == "ok":
            own = results.read_answer(row["id"])
            assert own and own["response"]["body"] not in ({}, "words")
            assert (row["pairing"] == "paired") == known
    groups = results.group_for_retry()
    assert set(groups) <= {*WORTH_RETRYING, *LEFT_OUT}
    again = [results.read_request(id_) for name in WORTH_RETRYING for id_ in groups.get(name, [])]
    answered = [each for each in replies if any(more.items() <= each.items() for more in ANSWERED)]
    loose = [each for each in answered if key_of(each.get("custom_id")) is None]
    for each in again:
        assert each
        reply = wanted.get(each["text"])
        assert reply is None or by_text[reply] not in answered
        assert reply is not None or not loose
    assert not again or known
