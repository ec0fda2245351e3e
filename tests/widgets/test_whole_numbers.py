"""A number is whole or `…` at every width: in cells, at the edge of a table, in the lines around the screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from tests.support.samples import sample_of
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.text import fit
from tui.widgets.base.bars import shorten
from tui.widgets.table.table_rows import Painter

NUMBER = re.compile(r"(?<![\w.,])[\d][\d.,]*\w*")
numbers = st.one_of(st.integers(0, 10**12).map("{:,}".format), st.floats(0, 1e6).map("{:.2f}".format))
texts = st.lists(st.one_of(numbers, st.sampled_from(["ok", "failed", "of", "·", "█▌", "$", "é"])), max_size=6)


def numbers_of(text: str) -> set[str]:
    """The numbers in a text."""
    return {found.rstrip(".,") for found in NUMBER.findall(text)}


@given(texts.map(" ".join), st.integers(1, 60))
def test_no_cut_goes_through_a_number(text: str, width: int) -> None:
    for cut in (fit(text, width), shorten(Content(text), width).plain):
        assert numbers_of(cut.rstrip(" …")) <= numbers_of(text)
        assert len(cut.strip()) >= len(text.strip()) or cut.rstrip().endswith("…")


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 25))
def test_so_many_of_so_many(done: int, total: int, width: int) -> None:
    cut = fit(f"{done:,}/{total:,}", width).strip()
    assert cut in (f"{done:,}/{total:,}", f"{done:,}/…", f"{done:,}…", "…")


@pytest.mark.parametrize("resource", [pytest.param(each, id=each.name) for each in REGISTRY.values()])
def test_every_list_at_every_width(resource: object) -> None:
    from rich.style import Style

    from tui.resources.language.resource import Resource

    assert isinstance(resource, Resource)
    record = resource.record({**sample_of(resource), "request_counts": {"total": 1274, "completed": 1268}})
    whole: set[str] = set()
    for column in resource.columns:
        whole |= numbers_of(column.cell(record, CellContext(1_790_000_000.0)).text)
    for width in range(4, 100):
        painter = Painter(lambda _: Style())
        painter.arrange(resource.columns, width, wide=False)
        strip = painter.row(record, lambda _: CellContext(1_790_000_000.0), cursor=False, marked=False)
        shown = painter.crop(strip, 0, width).text
        for number in numbers_of(shown):
            assert number in whole or f"{number}…" in shown, (width, shown)
