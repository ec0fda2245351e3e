"""The lists of two accounts as one, whatever comes, changes and goes in either."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tui.live.combined.collection import CombinedCollection, Part
from tui.live.combined.rows import make_key, split_key
from tui.live.lists.collection import Collection, Delta
from tui.live.lists.view import View
from tui.resources.files import FILES
from tui.resources.language.column import Cell

ACCOUNTS = ("acme", "beta")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.sampled_from(("page", "put", "drop")),
        st.lists(st.integers(0, 9), max_size=5),
    ),
    max_size=12,
)


def file(number: int, size: int) -> dict[str, Any]:
    return {"id": f"file-{number}", "created_at": 1000 + number // 2, "bytes": size, "filename": "same"}


@given(STEPS)
def test_it_holds_a_row_for_each_object_of_both_and_tells_each_change(steps: list[Any]) -> None:
    lists = {account: Collection(FILES) for account in ACCOUNTS}
    watches: dict[str, Any] = {account: SimpleNamespace(collection=each) for account, each in lists.items()}
    parts = {account: Part(watch, lambda: 1.0, lambda _: "") for account, watch in watches.items()}
    combined = CombinedCollection(parts, lambda value, *_: Cell(str(value)))
    view, told = View(combined), dict[str, Any]()

    def hear(delta: Delta) -> None:
        view.apply(delta)
        for key in delta.removed:
            del told[key]
        assert not set(delta.added) & told.keys()
        assert set(delta.changed) <= told.keys()
        told.update({key: combined.records[key].raw for key in (*delta.added, *delta.changed)})

    combined.subscribe(hear)
    combined.follow()
    for size, (account, what, numbers) in enumerate(steps):
        changed = lists[account]
        if what == "page":
            page = [file(number, size) for number in sorted(set(numbers), reverse=True)]
            changed.apply(page, after=None, has_more=False, next=None, now=1.0)
        for number in numbers if what != "page" else ():
            if what == "put":
                changed.put(file(number, size), 1.0)
            else:
                changed.drop(f"file-{number}")
    assert told.keys() == combined.records.keys() == set(combined.order)
    assert list(view.ids) == combined.order
    for account, each in lists.items():
        own = [split_key(key)[1] for key in combined.order if split_key(key)[0] == account]
        assert own == each.order, "each list keeps its order"
        for id_, record in each.records.items():
            row = combined.records[make_key(account, id_)]
            assert (row.raw["profile"], row.raw["bytes"]) == (account, record.raw["bytes"])
            assert told[row.id] == row.raw
            assert row.object_id == id_, "its name, where it has no other"
