"""Rows of tables, texts and folders: what a spreadsheet writes is read, what is something else is named."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workflows.batch_build.rows import BadRows, RowKind, open_rows

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path | str, kind: RowKind | None = None) -> list[tuple[int, dict[str, Any], str]]:
    with open_rows([str(path)], kind) as rows:
        return [
            (
                row.line,
                {name: value for name, value in row.values.items() if name not in ("row", "file")},
                row.fault,
            )
            for row in rows
        ]


@given(cells=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_cells_come_back_as_they_were_written(cells: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rows") / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["n", "text"])
        writer.writerows([number, cell] for number, cell in enumerate(cells))
    assert [(values, fault) for _, values, fault in read(path)] == [
        ({"n": str(number), "text": cell}, "") for number, cell in enumerate(cells)
    ]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("bom.csv", b'\xef\xbb\xbfa,b\r\n1,"2\r\n3"\r\n\r\n4,5\r\n', [(2, "1", "2\r\n3"), (5, "4", "5")]),
        ("german.csv", b"a;b\n1;2,5\n", [(2, "1", "2,5")]),
        ("tabs.tsv", b"a\tb\n1\t2;5,6\n", [(2, "1", "2;5,6")]),
        ("spaces.csv", b" a ,b\nx y, z\n", [(2, "x y", " z")]),
        ("objects.jsonl", b'{"a": 1, "b": [true]}\n\n{"a": null, "b": {}}', [(1, 1, [True]), (3, None, {})]),
    ],
)
def test_tables_are_read_as_they_are_written(
    name: str, content: bytes, found: list[tuple[int, Any, Any]], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    assert [(line, values["a"], values["b"]) for line, values, _ in read(tmp_path / name)] == found


def test_lines_and_files_are_rows(tmp_path: Path) -> None:
    (tmp_path / "two.md").write_text("\ufeffsecond\nprompt")
    (tmp_path / "one.txt").write_text("first\r\n\n  \n\u2028 third\n")
    (tmp_path / "three.bin").write_bytes(b"\x00\x00\x01\x02")
    (tmp_path / ".hidden").write_text("no")
    (tmp_path / "folder").mkdir()
    assert [(line, values["text"]) for line, values, _ in read(tmp_path / "one.txt")] == [
        (1, "first"),
        (4, "\u2028 third"),
    ]
    found = read(tmp_path)
    assert [(values["name"], values["text"]) for _, values, _ in found] == [
        ("one.txt", "first\r\n\n  \n\u2028 third\n"),
        ("three.bin", ""),
        ("two.md", "second\nprompt"),
    ]
    assert [fault for _, _, fault in found] == ["", "is no text", ""]
    assert [values["name"] for _, values, _ in read(tmp_path / "t*")] == ["three.bin", "two.md"]
    with open_rows([str(tmp_path)], but=tmp_path / "two.md") as rows:
        assert [rows.locate(row.line) for row in rows] == ["one.txt", "three.bin"]
    (tmp_path / "folder" / "row.csv").write_text("a\n1\n")
    with open_rows([str(tmp_path / "folder" / "row.csv")]) as rows:
        assert [dict(row.values) for row in rows] == [{"row": 1, "file": "row", "a": "1"}]
        assert rows.locate(2) == "row.csv line 2"


def workbook() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.csv", workbook(), "x.csv is a zip archive or an office document such as .xlsx, not CSV."),
        ("x.tsv", gzip.compress(b"a\tb\n", mtime=0), "x.tsv is compressed with gzip: unpack it first."),
        ("x.csv", "a,b\n1,2\n".encode("utf-16"), "x.csv is UTF-16: save it as UTF-8."),
        ("x.csv", "a,b\n1,2\n".encode("utf-16-le"), "x.csv is UTF-16: save it as UTF-8."),
        ("x.csv", "a,ä\n".encode("latin-1"), "x.csv is not UTF-8, in line 1 from byte 3 on: save it as UTF-8."),
        ("x.csv", b"", "x.csv is empty."),
        ("x.csv", b",\n1,2\n", "x.csv has no names of columns in its first line."),
        ("x.csv", b"a,b\r1,2\r", "x.csv ends its lines with carriage returns alone: save it with line feeds."),
        ("x.csv", b'a,b\n1,2\n3,"4\n5,6\n', "from line 3 on: a quote that is opened there is never closed."),
        ("x.csv", b'a,b\n1,"2" 3\n', "x.csv cannot be read as CSV from line 2 on"),
        ("x.jsonl", b"\n", "x.jsonl holds no object."),
        ("x.jsonl", b"[1]\n", "x.jsonl line 1 is not a JSON object."),
    ],
)
def test_what_cannot_be_read_is_named(name: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRows) as told:
        read(tmp_path / name)
    assert sentence in str(told.value)


def test_rows_that_are_ragged_or_no_objects_say_so_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a,b\n1\n1,2\n1,2,3\n")
    assert [(line, fault) for line, _, fault in read(tmp_path / "r.csv")] == [
        (2, "has 1 cell, the first line 2"),
        (3, ""),
        (4, "has 3 cells, the first line 2"),
    ]
    (tmp_path / "r.jsonl").write_text('{"a": 1}\n{"a": 1, "a": 2}\n[]\n{"a": NaN}\n')
    assert [fault for *_, fault in read(tmp_path / "r.jsonl")] == [
        "",
        "has the key 'a' twice in one object",
        "is not a JSON object",
        "is not JSON: NaN is no JSON value",
    ]


def test_a_file_that_changes_while_it_is_read_and_places_without_one_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n2\n")
    with open_rows([str(path)]) as rows, pytest.raises(BadRows, match=r"t\.csv changed while it was read"):
        for row in rows:
            if row.number == 1:
                os.utime(path, ns=(1, 1))
    for name, sentence in (
        ("none.csv", "There is no file"),
        ("none*.csv", "No file matches"),
        (".", "There is no file in"),
    ):
        folder = tmp_path / "empty"
        folder.mkdir(exist_ok=True)
        with pytest.raises(BadRows, match=sentence):
            read(folder / name if name != "." else folder)
    (tmp_path / "u.csv").write_text("a\n1\n")
    with pytest.raises(BadRows, match="These are 2 files: give one of them"):
        read(tmp_path / "*.csv", "csv")
