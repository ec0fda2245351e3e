"""The filter language: what it finds, and what it says when it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.jobs import JOBS, NOW, job
from tui.live.lists.query import Query, QueryError, parse
from tui.resources.files import FILES
from tui.resources.language.column import CellContext, Column
from tui.resources.language.objects import Record


def holds(query: str, **fields: Any) -> bool:
    """Whether a query lets a job through."""
    raw = job(1, name="Nightly import", state="running", done=40, total=100, **fields)
    return parse(query).matches(JOBS.record(raw), JOBS.columns, CellContext(NOW))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", True),
        ("nightly", True),
        ("NIGHT run", True),
        ("nightly weekly", False),
        ('"nightly import"', True),
        ('"import nightly"', False),
        ("job_000000000001", True),
        ("◐", True),  # what is drawn counts as well as what is meant
        ("r1", True),  # in metadata
        ('"run=r1"', True),
        ("!weekly", True),
        ("!nightly", False),
        ("!nightly weekly", False),
        ("~ymn", False),  # not in this order
        ("~nimp", True),
        ("~imprun", False),  # letters of two columns are no word
        ("!~zzz", True),
        ("/^night.y/", True),
        ("/i.{3}rt$/", True),
        ("/^import/", False),
        ("!/^import/", True),
        ("/v1/batches", False),  # a path is a plain term
        ('"a:b"', False),
    ],
)
def test_terms_look_everywhere(query: str, expected: bool) -> None:
    assert holds(query) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state:run", True),
        ("STATE:RUN", True),
        ("state:failed,running", True),
        ("state:failed,done", False),
        ("state:!failed", True),
        ("state:!running", False),
        ("!state:running", False),
        ('name:"nightly imp"', True),
        ("name=nightly", False),
        ('name="nightly import"', True),
        ("name!=nightly", True),
        ("metadata.run=r1", True),
        ("metadata.run:r2", False),
        ("metadata.team:x", False),
        ("metadata:run=r1", True),
        ("total=100", True),
        ("total=100.0", True),
        ("total=10", False),
        ("total:10", True),
        ("fail=0", True),
    ],
)
def test_fields_look_at_one_thing(query: str, expected: bool) -> None:
    assert holds(query) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fail>0", False),
        ("fail>=0", True),
        ("progress>=40%", True),
        ("progress>40%", False),
        ("size>7kb", True),
        ("size<7kb", False),
        ("size>1MB", False),
        ("age<2m", True),
        ("age<1m", False),
        ("age>=60s", True),
        ("age>1h", False),
        ("total>99 total<101", True),
        ("!total>99", False),
        ("eta>0", False),  # no value fulfils no comparison
    ],
)
def test_comparisons(query: str, expected: bool) -> None:
    assert holds(query) is expected


def test_a_list_that_shows_ids_only_can_be_searched() -> None:
    record = JOBS.record(job(7))
    columns = (Column("ID", "id"),)
    assert parse("00007").matches(record, columns, CellContext(NOW))
    assert not parse("running").matches(record, columns, CellContext(NOW))


def test_a_moment_to_come_is_compared_by_the_time_to_go() -> None:
    assert holds("expires_at<2h", expires_at=NOW + 3600)
    assert not holds("expires_at<2h", expires_at=NOW + 3 * 3600)


@pytest.mark.parametrize("value", [None, "", "seven", [], {}, {"a": 1}, float("nan"), True])
def test_odd_values_compare_without_a_fault(value: Any) -> None:
    assert holds("bytes>5", bytes=value) is False


@pytest.mark.parametrize(
    ("query", "names", "position"),
    [
        ("state:running age<2x", '"2x"', 18),
        ("age<soon", "2d", 4),
        ("size>5nb", "5mb", 5),
        ("fail>", '"fail>"', 5),
        ("state:", '"state:"', 6),
        ('nightly "import', "quote", 8),
        ("/na(/", "/na(/", 0),
        ("!", '"!"', 1),
        ("~", '"~"', 1),
        ('""', "quotes", 0),
    ],
)
def test_bad_input_is_named_with_its_place(query: str, names: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert names in caught.value.message
    assert caught.value.position == position


def test_an_unknown_field_says_what_is_possible() -> None:
    with pytest.raises(QueryError) as caught:
        parse("ok colour:red").bind(JOBS.columns, lambda _: CellContext(NOW), lambda: NOW, ("id", "purpose"))
    assert caught.value.position == 3
    for name in ('"colour"', "state", "progress", "purpose"):
        assert name in caught.value.message


def test_an_empty_query_is_false() -> None:
    assert not parse("  ")
    assert parse("x")
    assert parse(" x  y ").source == "x  y"


@given(st.text(max_size=30))
def test_any_text_is_understood_or_refused_with_a_sentence(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert error.message.endswith(".")
        assert 0 <= error.position <= len(text)
    else:
        assert isinstance(query, Query)
        query.matches(JOBS.record(job(1)), JOBS.columns, CellContext(NOW))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_quotes_find_any_text_in_a_name(text: str) -> None:
    record = JOBS.record(job(1, name=f"before {text} behind"))
    quoted = text.replace('"', '""')
    assert parse(f'"{quoted}"').matches(record, JOBS.columns, CellContext(NOW))
    assert parse(f'name="before {quoted} behind"').matches(record, JOBS.columns, CellContext(NOW))


def test_empty_quotes_find_what_has_nothing_there() -> None:
    assert holds('note=""', note=None)
    assert holds('note=""', note="")
    assert not holds('note=""', note="there")
    assert holds('note!=""', note="there")


def test_a_path_through_a_list_is_fulfilled_by_any_in_it() -> None:
    parts = [{"name": "first", "labels": "run=a\nteam=b"}, {"name": "second"}, 3, None]
    for query in ("parts.name=second", 'parts.labels="team=b"', "parts.labels:run", "parts.0.name=first"):
        assert holds(query, parts=parts), query
    for query in ("parts.name=sec", "parts.labels=run", "parts.name.deep=x", "parts.labels>1"):
        assert not holds(query, parts=parts), query


def test_objects_unlike_the_first_are_read_as_wholly_as_it_and_the_others_in_one_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields: list[dict[str, Any]] = [
        {},
        {"note": "lost"},
        {"note": None},
        {"state": None},
        {"name": None, "note": "late"},
    ]
    raws = [job(number, name=f"nightly-{number}", state="running") | given for number, given in enumerate(fields)]
    raws += [job(number, name=f"nightly-{number}", state="running") for number in range(5, 500)]
    records = [Record(raw["id"], raw, JOBS.model) for raw in raws]
    slow = 0
    at = Record.at

    def counting(self: Record[Any], path: str) -> Any:
        nonlocal slow
        slow += 1
        return at(self, path)

    columns = (*(column for column in JOBS.columns if column.name != "age"), Column("NOTE", "note"))

    def found(query: str) -> list[int]:
        (test,) = parse(query).bind(columns, lambda _: CellContext(NOW), lambda: NOW, ())
        return [number for number, record in enumerate(records) if test(record)]

    assert found("lost") == [1]
    assert found("late") == [4]
    assert found("nightly-3") == [3, *range(30, 40), *range(300, 400)]
    assert found("!◐") == [3]
    monkeypatch.setattr(Record, "at", counting)
    found('"nothing like it"')
    assert slow < 100, "all are read field by field"
    files = [{"id": f"file-{at}", "filename": "a", "purpose": "batch", "used_by": []} for at in range(500)]
    (test,) = parse("nowhere").bind(FILES.columns, lambda _: CellContext(NOW), lambda: NOW, ())
    slow = 0
    assert not any(test(FILES.record(file)) for file in files)
    assert slow < 100, "files are read field by field"
