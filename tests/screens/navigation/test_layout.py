"""How lists are laid out, from one start to the next; and where a detail has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.screens.navigation.layout import SHARES, Layout
from tui.screens.places.detail_beside import find_place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("wanted", "width", "height", "place"),
    [
        ("", 200, 60, "right"),
        ("", 150, 24, "right"),
        ("", 149, 40, "below"),
        ("", 80, 30, "below"),
        ("", 149, 29, "line"),
        ("right", 110, 40, "right"),
        ("right", 109, 40, "below"),
        ("right", 80, 24, "line"),
        ("below", 200, 60, "below"),
        ("below", 200, 24, "right"),
        ("off", 200, 60, "off"),
    ],
)
def test_a_detail_stands_where_it_is_wanted_as_far_as_there_is_room(
    wanted: str, width: int, height: int, place: str
) -> None:
    assert find_place(wanted, width, height) == place


def test_a_layout_is_kept_and_leaves_alone_what_another_program_kept(tmp_path: Path) -> None:
    path = tmp_path / "state" / "layout.json"
    one, other = Layout(path), Layout(path)
    one.detail = "below"
    one.resize("below", 60)
    one.choose("files", ["name", "age"])
    one.choose("batches", ["name"])
    one.flip_beside("files")
    one.keep()
    other.flip_beside("batches")
    other.choose("batches", [])
    other.resize("right", 1_000)
    other.keep()
    found = Layout(path)
    assert (found.detail, found.share("below"), found.share("right")) == ("", SHARES["below"], 80)
    assert (found.columns("files"), found.columns("batches"), found.fault) == (("name", "age"), (), "")
    assert [found.is_beside(name) for name in ("files", "batches", "evals")] == [True, True, False]
    found.flip_beside("files")
    found.keep()
    assert [Layout(path).is_beside(name) for name in ("files", "batches")] == [False, True]


def test_what_a_detail_does_not_fill_the_list_has() -> None:
    layout = Layout()
    assert [layout.share("right", width) for width in (110, 160, 200, 300)] == [36, 36, 30, 20]
    layout.resize("right", 50)
    assert layout.share("right", 200) == 50
    assert layout.share("below", 200) == SHARES["below"]


def test_places_are_kept_until_the_config_says_others(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    one, other = Layout(path), Layout(path)
    assert one.find_places(["home", "files"]) == ("home", "files")
    one.put_places(["home", "evals"])
    one.keep()
    other.keep()  # of what another program chose meanwhile nothing goes
    assert Layout(path).find_places(["home", "files"]) == ("home", "evals")
    assert Layout(path).find_places(["home", "files", "keys"]) == ("home", "files", "keys")


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", '{"version": 2}', '{"version": 1, "detail": {}, "shares": [], "columns": 3}'),
        '{"version": 1, "detail": "", "shares": {}, "columns": {}, "beside": 3}',
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_costs_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(content)
    layout = Layout(path)
    assert str(path) in layout.fault
    assert (layout.detail, layout.share("right"), layout.columns("files")) == ("", 36, ())
    layout.choose("files", ["name"])
    layout.keep()
    assert Layout(path).columns("files") == ("name",)
