"""What other programs get of a list: the ids to act on each row, times and objects they can read, files whole."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.declared import scope_of
from tests.support.samples import sample_of
from tui import export
from tui.headless.lists.listing import render
from tui.headless.lists.selection import find_columns
from tui.resources.language.reading.amounts import Amount
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from tui.resources.language.resource import Resource

NOW = 1_790_000_000.0
LISTED = [
    pytest.param(resource, id=resource.name)
    for resource in REGISTRY.values()
    if (resource.list or resource.get) and not resource.single
]
UNIX = re.compile(r"1[5-9]\d{8}(\.\d+)?")


def placed(resource: Resource) -> tuple[Any, dict[str, str]]:
    """A sample in its place, as `o9s get` has it, and the ids that lead to it."""
    raw = {resource.identify: "own_1", **sample_of(resource)}
    scope = {name: id_ for name, id_ in scope_of(resource).items() if name in resource.within}
    if resource.listed_per and resource.list:
        raw |= {"id": "own_1", "project": {"id": "proj_home", "name": "home"}}
        ids = {resource.list.placeholders[-1]: "proj_home"}
    else:
        ids = scope
    record = export.add_parents(resource, resource.record(raw), scope)
    own = "id" if resource.listed_per else resource.identify
    return record, {own: str(raw[own]), **ids}


@pytest.mark.parametrize("resource", LISTED)
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_holds_all_that_came_also_what_nobody_knows(resource: Resource, form: str) -> None:
    raw = {**sample_of(resource), "not_known_yet": {"deep": [1, None, {"er": "text"}]}, "nothing": None}
    record = resource.record(raw)
    told = json.loads("".join(render(form, resource, [record], NOW, True)))
    assert raw == {name: told[name] for name in raw}


@pytest.mark.parametrize("resource", LISTED)
def test_every_form_has_the_ids_that_acting_on_a_row_takes(resource: Resource) -> None:
    record, ids = placed(resource)
    one = json.loads("".join(render("json", resource, [record], NOW, True)))
    line = json.loads("".join(render("jsonl", resource, [record], NOW, False)))
    (row,) = csv.DictReader(io.StringIO("\n".join(render("csv", resource, [record], NOW, False))))
    table = "\n".join(render("table", resource, [record], NOW, False))
    for name, id_ in ids.items():
        assert one[name] == line[name] == id_
        assert row[name] == id_
        assert id_ in table.split()


@pytest.mark.parametrize("resource", LISTED)
def test_csv_has_no_unix_times_and_no_python(resource: Resource) -> None:
    record, _ = placed(resource)
    (row,) = csv.DictReader(io.StringIO("\n".join(render("csv", resource, [record], NOW, False))))
    for name, cell in row.items():
        assert not UNIX.fullmatch(cell), name
        assert cell not in ("None", "True", "False"), name
        assert not cell.startswith(("{'", "['", "[{'")), name


@pytest.mark.parametrize("resource", LISTED)
def test_json_has_the_object_as_it_came_and_what_the_columns_make_of_it(resource: Resource) -> None:
    record, ids = placed(resource)
    told = json.loads("".join(render("json", resource, [record], NOW, True)))
    assert told == {**told, **record.raw}
    columns = {column.name for column in resource.columns if not isinstance(column.value, str)}
    assert set(told) == {*record.raw, *ids, *columns}


def test_metadata_and_times_in_csv() -> None:
    files, batches = REGISTRY["files"], REGISTRY["batches"]
    batch = batches.record(
        {"id": "batch_1", "created_at": 1_790_000_000, "metadata": {"run": "nightly", "who": "é"}}
    )
    (row,) = csv.DictReader(export.csv_lines(batches, [batch], NOW))
    assert json.loads(row["meta"]) == {"run": "nightly", "who": "é"}
    assert row["age"] == "2026-09-21T14:13:20Z"
    file = files.record({"id": "file-1", "bytes": 1_790_000_000})
    (row,) = csv.DictReader(export.csv_lines(files, [file], NOW))
    assert row["size"] == "1790000000"  # as large as a time, but none


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_saved_json_is_what_came_whatever_is_in_it(tmp_path: Path, suffix: str) -> None:
    raws: list[dict[str, Any]] = [
        {"id": "file-1", "new_field": {"deep": [1, 2.5, None, True]}, "filename": "é…\x1b]0;x\x07"},
        {"id": "file-2", "bytes": 2**70, "filename": "half \ud800 pair"},
    ]
    files = REGISTRY["files"]
    path = tmp_path / f"files{suffix}"
    assert "Saved 2 files" in export.save(str(path), files, [files.record(raw) for raw in raws], NOW)
    text = path.read_text(encoding="utf-8")
    found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert found == raws


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_saved_json_is_json_whatever_the_server_wrote(tmp_path: Path, suffix: str) -> None:
    raw = {"id": "file-1", "odd": [math.nan, {"deep": math.inf}, -math.inf, 1.5]}
    files, path = REGISTRY["files"], tmp_path / f"files{suffix}"
    export.save(str(path), files, [files.record(raw)], NOW)

    def no_json(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(path.read_text(), parse_constant=no_json)
    one = found[0] if suffix == ".json" else found
    assert one["odd"] == ["NaN", {"deep": "Infinity"}, "-Infinity", 1.5]


def test_saved_csv_holds_names_as_they_came(tmp_path: Path) -> None:
    names = ["می\u200cخواهم", "tab\there", "two\nlines", "one\rline", "-5", "\x1b]0;x\x07", "half \ud800"]
    files, path = REGISTRY["files"], tmp_path / "files.csv"
    records = [files.record({"id": f"file-{at}", "filename": name}) for at, name in enumerate(names)]
    assert "Saved 7 files" in export.save(str(path), files, records, NOW)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [name for row in rows for name in row.values() if name in names] == names[:-1]
    assert "half \ufffd" in rows[-1].values()


def test_a_saved_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        export.write_text(tmp_path / "private.txt", ["x"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "private.txt").stat().st_mode) == 0o600


def test_nothing_is_left_of_a_file_that_could_not_be_finished(tmp_path: Path) -> None:
    def lines() -> Any:
        yield "x" * 100_000
        raise OSError(28, "No space left on device")

    told = export.write_text(tmp_path / "list.csv", lines())
    assert "disk is full" in told
    assert list(tmp_path.iterdir()) == []
    assert export.write_text(tmp_path / "list.csv", ["whole"]) == f"Saved {tmp_path / 'list.csv'}."
    assert "exists already" in export.write_text(tmp_path / "list.csv", ["other"])
    assert (tmp_path / "list.csv").read_text() == "whole"


def test_how_much_an_amount_lacks_is_told_beside_it() -> None:
    keys = REGISTRY["keys"]
    assert keys.join
    records = [keys.record({"id": "key_1", keys.join.name: Amount(5, unread)}) for unread in (0, 2)]
    assert export.json_object(keys, records[1], 0.0)["cost_30_days_unreadable"] == 2
    rows = list(csv.DictReader(io.StringIO("".join(export.csv_lines(keys, records, 0.0)))))
    assert [(row["cost_30d"], row["cost_30d_unreadable"]) for row in rows] == [("5", "0"), ("5", "2")]
    columns = find_columns(keys, ("cost_30d", "id"), records)
    chosen = export.export_chosen_object(keys, columns, records[1], 0.0)
    assert chosen == {"cost_30d": Amount(5, 2), "cost_30d_unreadable": 2, "id": "key_1"}
    lines = list(export.export_chosen_lines(keys, columns, records, 0.0))
    assert lines == ["cost_30d,cost_30d_unreadable,id\n", "5,0,key_1\n", "5,2,key_1\n"]
