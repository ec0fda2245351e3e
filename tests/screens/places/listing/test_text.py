"""The words of a list: what is counted behind the number of rows is what these rows show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.listed import NOW, batch, listed
from tui.live.lists.view import View
from tui.live.polling.poller import Health
from tui.resources.language.column import CellContext
from tui.screens.navigation.history import Location
from tui.screens.places.listing.one_line import build_line
from tui.screens.places.listing.text import describe_list
from tui.text import cell_width


@pytest.mark.parametrize(
    ("filter_", "attention", "said"),
    [
        ("", False, "  4 · 1 running · 2 need you · 2 changed since you were here"),
        ("status:completed", False, "  1 of 4"),
        ("status:in_progress", False, "  1 of 4 · 1 running · 1 changed since you were here"),
        ("status:failed", False, "  2 of 4 · 2 need you · 1 changed since you were here"),
        ("", True, "  2 of 4 · 2 need you · 1 changed since you were here"),
        ("status:nothing", False, "  0 of 4"),
    ],
)
def test_what_stands_behind_a_filter_is_of_what_is_shown(filter_: str, attention: bool, said: str) -> None:
    states = ("failed", "in_progress", "completed", "failed")
    collection = listed("batches", *(batch(i, 5, 5, 0, status=state) for i, state in enumerate(states)))
    view = View(collection, clock=lambda: NOW)
    view.news = {"batch_0", "batch_1"}
    view.set_query(filter_)
    view.set_attention(attention)
    watch: Any = SimpleNamespace(
        collection=collection, health=Health("live", NOW), progress="", loading_more=False, by_account={}
    )
    parts = describe_list(Location(collection.resource, filter=filter_), watch, view)
    assert "".join(text for text, _ in parts) == said


@pytest.mark.parametrize("room", [20, 40, 60, 80, 200])
def test_what_a_row_has_no_room_for_is_told_whole_or_where_its_beginning_tells_something(room: int) -> None:
    collection = listed("batches", batch(1, 5, 5, 0, status="completed"))
    record = collection.records["batch_1"]
    columns = collection.resource.columns
    parts = build_line(record, "", columns, CellContext(NOW), room)
    assert cell_width("".join(text for text, _ in parts)) <= room
    told = [text for text, _ in parts[1::2]]
    assert told
    assert all(len(text) >= 12 for text in told if "…" in text), told


def test_what_is_long_has_the_room_that_others_leave() -> None:
    name = "a-name-of-a-batch-that-takes-more-than-thirty-cells"
    collection = listed("batches", batch(1, 5, 5, 0, status="completed") | {"metadata": {"name": name}})
    record, columns = collection.records["batch_1"], collection.resource.columns
    named = [column for column in columns if column.header == "NAME"]
    for room in (40, 60, 90):
        line = "".join(text for text, _ in build_line(record, "", named, CellContext(NOW), room))
        assert cell_width(line) == min(room, cell_width(f" name {name}"))
    assert line == f" name {name}"
