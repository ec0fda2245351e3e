"""A form that builds the file of a batch: what it begins with, what it makes, and what it says of faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tui.api.errors import ApiError
from tui.workflows.batch_build.answers import (
    build_file,
    describe_columns,
    is_source,
    preview_requests,
    start_answers,
)
from tui.workflows.batch_build.rows import BadRows
from tui.workflows.batch_build.template import BadTemplate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("id,question,note\na,one,x\nb,two\nc,,x\n")
    return path


def first(table: Path, **answers: Any) -> dict[str, Any]:
    body: dict[str, Any] = preview_requests({"source": str(table), "model": "m", **answers})[0]
    assert (body["custom_id"], body["body"].pop("model")) == ("a", "m")
    return body


def test_a_form_begins_with_the_likeliest_prompt_and_a_name_to_save_as(table: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "rows.requests.jsonl")
    assert start_answers(str(table)) == {"source": str(table), "prompt": "{question}", "target": target}
    assert (start_answers(""), "prompt" in start_answers("none.csv")) == ({}, False)
    assert describe_columns(str(table)) == "columns: id, question, note"
    assert describe_columns("none.csv") == "There is no file none.csv."
    assert [is_source(path) for path in (table, tmp_path, tmp_path / "none.csv")] == [True, True, False]
    (tmp_path / "b.jsonl").touch()
    assert not is_source(tmp_path / "b.jsonl")


def test_answers_become_requests_of_any_endpoint(table: Path, tmp_path: Path) -> None:
    prompt = {"prompt": "Ask {question}", "instructions": "Be {note}"}
    made = first(table, **prompt)
    assert (made["url"], made["body"]) == ("/v1/responses", {"input": "Ask one", "instructions": "Be x"})
    chat = first(table, **prompt, endpoint="/v1/chat/completions")["body"]["messages"]
    assert chat == [{"role": "system", "content": "Be x"}, {"role": "user", "content": "Ask one"}]
    assert first(table, **prompt, endpoint="/v1/completions")["body"] == {"prompt": "Ask one"}
    written = json.dumps({"input": "{note}", "temperature": 0})
    (tmp_path / "t.json").write_text(written)
    for template in (written, str(tmp_path / "t.json")):
        assert first(table, **prompt, template=template)["body"] == {"input": "x", "temperature": 0}
    (tmp_path / "s.json").write_text('{"type": "object"}')
    form = first(table, prompt="{note}", schema_file=str(tmp_path / "s.json"))["body"]["text"]["format"]
    assert form == {"type": "json_schema", "name": "s", "strict": False, "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "There is no prompt yet."),
        ({"prompt": "plain"}, "The template names no column"),
        ({"template": "{"}, "The template is not JSON"),
        ({"template": "[1]"}, "The template is no JSON object."),
    ],
)
def test_what_cannot_be_built_says_why(table: Path, answers: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadTemplate, match=sentence):
        preview_requests({"source": str(table), **answers})


def test_faults_of_rows_are_named_and_nothing_is_written(table: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.jsonl"
    answers = {"source": str(table), "target": str(target), "model": "m", "prompt": "{question}"}
    with pytest.raises(ApiError) as told:
        build_file(answers)
    assert str(told.value) == (
        "rows.csv line 3 has 2 cells, the first line 3; rows.csv line 4 has no input or prompt in its body. "
        "Nothing was written."
    )
    assert not target.exists()
    table.write_text("id,question\na,one\n")
    assert build_file(answers) == {"path": str(target), "words": f"Built 1 request: {target}"}
    with pytest.raises(ApiError, match="exists already"):
        build_file(answers)
    table.write_text("id,question\nb\n")
    with pytest.raises(BadRows, match=r"rows\.csv line 2 has 1 cell,"):
        preview_requests(answers)
