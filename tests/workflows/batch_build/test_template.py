"""Templates: whatever a cell holds, the request is JSON and holds the cell; what cannot be filled is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workflows.batch_build.build import dump_line
from tui.workflows.batch_build.plan import Plan, Wishes, find_looseness, plan_requests
from tui.workflows.batch_build.rows import Rows
from tui.workflows.batch_build.template import BadTemplate, BadValue, Template

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
# Whatever is like the language of templates, of JSON or of lines.
HOSTILE = st.sampled_from(
    ['"', "\\", "{a}", "{{", "}", '"}', "\n", "\r\n", "\u2028", "\x85", "\x00", "null", "{b:json}"]
)


def planned(template: dict[str, Any], *columns: str, **wishes: Any) -> Plan:
    return plan_requests(Rows("t.csv", columns or ("id", "text"), iter(())), Wishes(template, **wishes))


@given(value=VALUES, text=TEXTS | st.lists(HOSTILE).map("".join))
def test_a_value_is_filled_as_it_is(value: Any, text: str) -> None:
    shape = {"whole": "{a}", "within": ["<{b}>", "{{{b}}}"], "plain": ["{{a}}", 1, None], "{a}": True}
    filled = Template(shape, ("a", "b")).fill({"a": value, "b": text})
    assert filled == {
        "whole": value,
        "within": [f"<{text}>", f"{{{text}}}"],
        "plain": ["{a}", 1, None],
        "{a}": True,
    }
    line = dump_line(filled)
    assert json.loads(line) == filled
    assert len(line.decode().splitlines()) == 1, "it is one line, whatever takes what for the end of one"


def test_a_cell_can_be_read_as_json_and_values_stand_in_text_as_json() -> None:
    fill = Template({"n": "{n:json}", "odd": "{x:json}", "text": "n={n} {o}{z}"}, ("n", "x:json", "o", "z")).fill
    row = {"n": "[1, 2.5]", "x:json": "as it is", "o": {"a": True}, "z": None}
    assert fill(row) == {"n": [1, 2.5], "odd": "as it is", "text": 'n=[1, 2.5] {"a": true}'}
    for bad in ("{", "NaN", ""):
        with pytest.raises(BadValue, match="has a n that is no JSON"):
            fill(row | {"n": bad})
    with pytest.raises(BadValue, match=r"^has no o$"):
        fill({"n": "1", "x:json": ""})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{txet}", "There is no column txet; did you mean {text}?"),
        ("{TEXT}", "There is no column TEXT; did you mean {text}?"),
        ("{nothing like it}", "There is no column nothing like it; there are id, text, row, file."),
        ('{"a": 1}', "Braces that are text are written {{ and }}."),
        ("{}", "There is no column without a name"),
        ("a { b", 'A { stands alone in "a { b": write {column} for a column, {{ for a brace of text.'),
        ("plain", "The template names no column, so that all requests would be the same: write {id} where"),
        ("{{ text }}", "{{text}} is a text in braces, write {text}."),
    ],
)
def test_a_template_that_cannot_be_filled_is_told_with_the_nearest_column(text: str, sentence: str) -> None:
    with pytest.raises(BadTemplate) as told:
        planned({"model": "m", "input": text})
    assert sentence in str(told.value)


def test_a_column_that_is_there_twice_is_refused_only_where_it_is_named() -> None:
    rows = Rows("t.csv", ("a", "b", "b", "id", "id"), iter(()))
    assert plan_requests(rows, Wishes({"input": "{a}"})).id.fill({"file": "t", "row": 7}) == "t-7"
    with pytest.raises(BadTemplate, match="There are two columns b: rename one"):
        plan_requests(rows, Wishes({"input": "{b}"}))


@pytest.mark.parametrize(
    ("body", "endpoint"),
    [
        ({"messages": [{"role": "user", "content": "{text}"}]}, "/v1/chat/completions"),
        ({"input": "{text}"}, "/v1/responses"),
        ({"input": "{text}", "model": "text-embedding-3-small"}, "/v1/embeddings"),
        ({"input": "{text}", "model": "omni-moderation-latest"}, "/v1/moderations"),
        ({"prompt": "{text}"}, "/v1/completions"),
        ({"prompt": {"id": "pmpt_1", "variables": {"t": "{text}"}}}, "/v1/responses"),
    ],
)
def test_the_body_tells_its_endpoint(body: dict[str, Any], endpoint: str) -> None:
    made = planned(body).make({"id": "1", "text": 'a "b"', "row": 1, "file": "t"})
    assert (made["custom_id"], made["method"], made["url"]) == ("1", "POST", endpoint)
    assert planned({"url": endpoint, "body": body}).endpoint == endpoint


@pytest.mark.parametrize(
    ("template", "wishes", "sentence"),
    [
        ({"text": "{text}"}, {}, "does not tell its endpoint: --endpoint."),
        ({"url": "/v1/nope", "body": {"input": "{text}"}}, {}, "The template's url is /v1/nope; batches take"),
        ({"url": "/v1/responses", "body": {}}, {"endpoint": "embeddings"}, "--endpoint says /v1/embeddings"),
        ({"body": {"input": "{text}"}, "modle": 1}, {}, "has modle beside its body"),
        ({"input": "{text}", "model": "text-embedding-3-small"}, {"schema": {}}, "/v1/embeddings takes no schema"),
        ({"input": "{text}"}, {"id": "{nr}"}, "There is no column nr"),
    ],
)
def test_what_contradicts_itself_is_refused(
    template: dict[str, Any], wishes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadTemplate) as told:
        planned(template, **wishes)
    assert sentence in str(told.value)


def test_a_schema_stands_in_the_endpoints_own_form() -> None:
    strict = {
        "type": "object",
        "properties": {"in {braces}": {"type": "string", "pattern": "^{2}$"}},
        "required": ["in {braces}"],
        "additionalProperties": False,
    }
    row = {"id": "1", "text": "x", "row": 1, "file": "t"}
    form = {"name": "my_schema", "strict": True, "schema": strict}
    plan = planned({"input": "{text}", "text": {"verbosity": "low"}}, schema=strict, schema_name="my schema")
    assert plan.make(row)["body"]["text"] == {"verbosity": "low", "format": {"type": "json_schema", **form}}
    chat = planned({"messages": ["{text}"]}, schema=form | {"type": "json_schema"})
    assert chat.make(row)["body"]["response_format"] == {"type": "json_schema", "json_schema": form}
    assert (plan.notes, chat.notes) == ((), ())
    loose = planned({"input": "{text}"}, schema={"title": "Loose", **strict, "required": []})
    assert loose.make(row)["body"]["text"]["format"]["strict"] is False
    assert "without strict, so that answers may differ from it: it does not require in {braces}" in loose.notes[0]
    nested = {**strict, "properties": {"in {braces}": {"type": "array", "items": {"type": "object"}}}}
    assert find_looseness(nested) == "in {braces} lacks additionalProperties: false"
