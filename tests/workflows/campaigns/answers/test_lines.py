"""What is read the quick way is what is read whole."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tui.resources.language.json_lines import object_of
from tui.workflows.batch_results.lines import Line, LineFile, _read_object
from tui.workflows.campaigns.answers.lines import read_answer, read_usual

ERROR = {"error": {"code": "x", "message": "y"}}
BODIES = [{"choices": [{"message": {"content": "a “text”"}}], "n": 1.5}, ERROR, {"choices": [{}], **ERROR}, {}]
# What is put somewhere into a line, in the place of some bytes.
SPLICES = [
    *(b'"', b"\\", b"}", b"{", b", ", b"NaN", b"-Infinity", b"1e999", b"01", b"\x00", b"\x0c", b"\xff"),
    *(b"\xed\xa0\x80", b"\\ud800", b"\\u00e9", b"\xc3\xa9", b"null", b"[" * 250, b"9" * 5_000, b"\n", b" \t"),
    *(b'"error": 1, ', b'"status_code": 500, ', b'"custom_id": "b", ', b'"response": {}, ', b'"body": {}, '),
]  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    response = {"status_code": draw(st.sampled_from([200, 200, 429])), "body": draw(st.sampled_from(BODIES))}
    line = {"id": "r", "custom_id": "a", "response": response, "error": None}
    text = json.dumps(line, ensure_ascii=draw(st.booleans())).encode() + b"\n"
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(SPLICES)) + text[at + draw(st.integers(0, 9)) :]
    return text


@given(lines())
def test_a_line_read_the_quick_way_tells_what_it_tells_read_whole(text: bytes) -> None:
    assert repr(_read_object(text)) == repr(object_of(text))
    usual = read_usual(text)
    if usual is None:
        return
    whole = read_answer(Line(1, 0, len(text), text), LineFile("output", Path()))
    assert whole and usual[:3] == whole[:3]
    assert text[usual[3] : usual[4]].startswith(b"{")


def test_nearly_all_are_read_the_quick_way() -> None:
    response = {"status_code": 200, "request_id": "q", "body": BODIES[0]}
    line = {"id": "r", "custom_id": "é", "response": response, "error": None}
    for separators in ((", ", ": "), (",", ":")):
        text = json.dumps(line, separators=separators).replace("\\u00e9", "é").encode() + b"\n"
        found = read_usual(text)
        assert found and found[:2] == ("é", "o")
        assert json.loads(text[found[3] : found[4]]) == response


def test_a_line_with_a_key_twice_is_not_read_the_quick_way() -> None:
    line = {"id": "r", "custom_id": "a", "response": {"status_code": 200, "body": BODIES[0]}, "error": None}
    text = json.dumps(line).encode() + b"\n"
    assert read_usual(text)
    for twice in (b'"status_code": 500, ', b'"custom_id": "b", ', b'"response": {}, ', b'"error": 1, '):
        assert read_usual(text.replace(b'"body"', twice + b'"body"')) is None, twice
