"""What was drawn is remembered as far as a screen takes, and a line remembers what it was asked for."""

from __future__ import annotations

import gc
import inspect
import sys
from typing import Any

import pytest
from rich.segment import Segment
from textual import content, geometry
from textual.cache import FIFOCache
from textual.css.scalar import Scalar
from textual.geometry import Region
from textual.strip import Strip

from tui.toolkit.drawing.remembered import MOST, TEXTS, remember_less


@pytest.fixture(autouse=True)
def as_in_the_program() -> None:
    remember_less()


def test_answers_about_regions_sizes_and_pieces_of_lines_are_few() -> None:
    owners = [each for _, each in inspect.getmembers(geometry, inspect.isclass)]
    found: dict[str, int] = {
        f"{owner.__name__}.{name}": getattr(owner, name).cache_info().maxsize
        for owner in (*owners, Scalar, Segment, Strip)
        for name in vars(owner)
        if hasattr(getattr(owner, name, None), "cache_info")
    }
    assert {"Region.intersection", "Scalar.resolve", "Segment._split_cells", "Strip.blank"} <= found.keys()
    many = {name: most for name, most in found.items() if most > MOST}
    assert not many, "they fill up with every screen there was"


def test_the_widths_of_few_texts_are_kept_whoever_asks() -> None:
    names = [name for name in sys.modules if name.startswith(("textual.", "rich."))]
    held = [(name, own, each) for name in names for own, each in vars(sys.modules[name]).items()]
    found = {f"{name}.{own}": each for name, own, each in held if own in ("cached_cell_len", "cell_len")}
    kept = {name: each.cache_info().maxsize for name, each in found.items() if hasattr(each, "cache_info")}
    assert {"rich.cells.cached_cell_len", f"{content.__name__}.cell_len"} <= kept.keys()
    assert set(kept.values()) == {TEXTS}, kept
    assert {each("añ 漢") for each in found.values()} == {5}


def test_answers_are_what_they_were() -> None:
    region: Any = Region(0, 0, 10, 4)
    assert region.intersection(Region(5, 2, 10, 4)) == Region(5, 2, 5, 2)
    assert region.union(Region(5, 2, 10, 4)) == Region(0, 0, 15, 6)
    assert (3, 3) in region
    assert (3, 4) not in region
    assert Segment("abcd").split_cells(1) == (Segment("a"), Segment("bcd"))
    assert Strip.blank(3) == Strip([Segment("   ")])


def test_a_line_remembers_nothing_until_it_is_asked() -> None:
    line = Strip([Segment("one"), Segment("two")])
    assert not [each for each in gc.get_referents(line) if isinstance(each, FIFOCache)]
    assert line.crop(2, 4) is line.crop(2, 4)
    assert line.divide([2, 6]) is line.divide([2, 6])
    assert line.crop(2, 4).text == "et"
    assert len([each for each in gc.get_referents(line) if isinstance(each, FIFOCache)]) == 2


def test_a_line_has_all_that_textual_wants_of_it() -> None:
    line = Strip([Segment("one")])
    for name in Strip.__slots__:
        getattr(line, name)
    with pytest.raises(AttributeError, match="_nothing"):
        getattr(line, "_nothing")  # noqa: B009
