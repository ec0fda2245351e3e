"""Views: filter, order and marks over a collection that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.jobs import NOW, feed, job, listed
from tui.live.lists import sorting
from tui.live.lists import view as lists
from tui.live.lists.collection import Collection
from tui.live.lists.query import QueryError
from tui.live.lists.view import Shift, View
from tui.resources.batch.batches import BATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator


def view_of(count: int) -> tuple[Collection, View]:
    collection = listed(count)
    return collection, View(collection, clock=lambda: NOW)


def numbers(view: View) -> list[int]:
    return [int(id_.removeprefix("job_")) for id_ in view.ids]


def test_without_filter_and_sort_it_is_the_collection_itself() -> None:
    collection, view = view_of(5)
    assert view.ids is collection.order, "100,000 ids are not held twice"
    assert view.record(3) is collection.records[view.ids[3]]
    assert view.index(view.ids[4]) == 4
    assert view.index("job_nowhere") is None


def test_filter_and_back() -> None:
    _, view = view_of(20)
    view.set_query("state:running")
    assert numbers(view) == [0, 5, 10, 15]
    assert view.index("job_000000000001") is None
    view.set_query("")
    assert len(view) == 20


def test_a_bad_filter_leaves_the_good_one() -> None:
    _, view = view_of(20)
    view.set_query("state:running")
    for bad in ("colour:red", "age<x"):
        with pytest.raises(QueryError):
            view.set_query(bad)
    assert (view.query.source, len(view)) == ("state:running", 4)


def test_fields_that_only_objects_have_can_be_asked_for() -> None:
    collection, view = view_of(0)
    with pytest.raises(QueryError):
        view.set_query("created_at<1h")
    feed(collection, [job(1)])
    view.set_query("created_at<1h")
    assert len(view) == 1


def test_attention_only() -> None:
    collection, view = view_of(3)
    view.set_attention(True)
    assert len(view) == 0
    view.apply(feed(collection, [job(0), job(1, state="failed"), job(2)]))
    assert numbers(view) == [1]


@pytest.mark.parametrize("sort", ["SIZE", "-SIZE", "NAME", "PROGRESS", "-PROGRESS", "-AGE"])
def test_sorts_both_ways(sort: str) -> None:
    _, view = view_of(50)
    view.set_sort(sort)
    column = view.collection.resource.column(sort.removeprefix("-"))
    assert column is not None
    key: Any = {
        "SIZE": lambda raw: raw["bytes"],
        "NAME": lambda raw: raw["name"],
        "PROGRESS": lambda raw: raw["done"],
        "AGE": lambda raw: raw["created_at"],
    }[column.header]
    keys = [key(view.record(row).raw) for row in range(50)]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_an_unknown_column_cannot_be_sorted_by() -> None:
    _, view = view_of(1)
    with pytest.raises(KeyError):
        view.set_sort("COLOUR")


def test_sorts_compose() -> None:
    _, view = view_of(30)
    view.set_sort("SIZE")
    view.set_sort("NAME")
    raws = [view.record(row).raw for row in range(30)]
    assert raws == sorted(raws, key=lambda raw: (raw["name"], raw["bytes"]))
    view.set_sort("")
    assert numbers(view) == list(range(30))


@pytest.mark.parametrize(("sort", "expected"), [("SIZE", [2, 0, 4, 1, 3]), ("-SIZE", [4, 0, 2, 1, 3])])
def test_what_has_no_value_comes_last_in_both_directions(sort: str, expected: list[int]) -> None:
    collection = Collection(listed(0).resource)
    sizes: list[Any] = [5, None, 1, "", "words"]
    feed(collection, [job(number, bytes=size) for number, size in enumerate(sizes)])
    view = View(collection)
    view.set_sort(sort)
    assert numbers(view) == expected


def test_marks_survive_filters_and_refreshes_but_not_their_object() -> None:
    collection, view = view_of(6)
    view.marks = {"job_000000000001", "job_000000000002"}
    view.set_query("state:running")
    view.apply(feed(collection, [job(number) for number in (0, 2, 3, 4, 5)]))
    assert view.marks == {"job_000000000002"}


def test_a_change_that_moves_nothing_repaints_its_row() -> None:
    collection, view = view_of(10)
    for sort in ("", "NAME"):
        view.set_sort(sort)
        row = view.index("job_000000000003")
        assert row is not None
        delta = collection.put(job(3, done=9, failed=len(sort)), NOW)
        assert view.apply(delta) == Shift(frozenset({row}))
    assert view.apply(collection.put(job(3, done=9, failed=4), NOW)) == Shift(frozenset())


def test_a_change_that_moves_its_row_repaints_all() -> None:
    collection, view = view_of(10)
    view.set_sort("SIZE")
    assert view.apply(collection.put(job(3, bytes=10**9), NOW)) == Shift(None)
    assert numbers(view)[-1] == 3


def test_equals_follow_the_servers_new_order() -> None:
    collection, view = view_of(20)
    view.set_sort("NAME")
    jobs = [job(number) for number in range(20)]
    view.apply(feed(collection, jobs[::-1]))
    assert numbers(view) == sorted(range(19, -1, -1), key=lambda number: number % 7)


def test_what_is_filtered_follows_the_servers_new_order_and_nothing_new_costs_nothing() -> None:
    collection, view = view_of(6)
    view.set_query("nightly")
    order = [3, 0, 1, 2, 5, 4]
    view.apply(feed(collection, [job(number) for number in order]))
    assert numbers(view) == order
    view.set_sort("SIZE")
    before = view.ids
    view.apply(feed(collection, [job(number) for number in order]))
    assert view.ids is before, "a million rows would be gone through at each poll"


def test_typing_on_finds_what_starting_anew_would() -> None:
    collection, view = view_of(60)
    view.set_sort("-SIZE")
    for query in ("n", "ni", "nightly-3", "nightly-3 state:done", "nightly-3", "night", "!night", "!nightl", ""):
        view.set_query(query)
        fresh = View(collection, clock=lambda: NOW)
        fresh.set_query(query)
        fresh.set_sort("-SIZE")
        assert view.ids == fresh.ids, query


def test_a_change_out_of_sight_repaints_nothing() -> None:
    collection, view = view_of(10)
    view.set_query("state:running")
    assert view.apply(collection.put(job(3, done=77), NOW)) == Shift(frozenset())


def test_the_rate_reaches_the_look() -> None:
    collection, view = view_of(0)
    collection.put(job(1, done=10), NOW)
    collection.put(job(1, done=30), NOW + 10)
    context = view.context_of(collection.records["job_000000000001"])
    assert (context.now, context.rate) == (NOW, 2.0)


@pytest.fixture(scope="module")
def small_slices() -> Iterator[None]:
    """Rows are worked out two at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "SLICE", 2)
        patch.setattr(sorting, "RUN", 2)
        yield


VALUES = st.sampled_from([None, 0, 1, 2, 2.5, "", "a", "B", "c"])


@examples(80)
@given(
    st.lists(st.sampled_from(["", "NAME", "-NAME", "SIZE", "-SIZE", "-STATE"]), max_size=3),
    st.sampled_from(["", "state:running", "size>0", "b"]),
    st.booleans(),
    st.integers(0, 9),
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 12), VALUES, VALUES, st.sampled_from(["running", "failed"])),
            max_size=10,
            unique_by=lambda item: item[0],
        ),
        max_size=5,
    ),
)
@pytest.mark.usefixtures("small_slices")
def test_following_changes_gives_what_starting_anew_would(
    sorts: list[str], query: str, attention: bool, slices: int, pages: list[list[tuple[int, Any, Any, str]]]
) -> None:
    collection, view = view_of(4)
    sliced = View(collection, clock=lambda: NOW)

    def arrange(view: View) -> View:
        for sort in sorts:
            view.set_sort(sort)
        view.set_query(query)
        view.set_attention(attention)
        return view

    def arrange_in_slices() -> None:
        """Begin anew with the view that is worked out in slices, and do some of them."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lists, "MANY", -1)
            arrange(sliced)
            for _ in range(slices):
                sliced.work()

    sliced.defer = lambda: None
    arrange(view)
    for page in pages:
        arrange_in_slices()
        before = list(view.ids)
        raws = [job(number, name=name, bytes=size, state=state) for number, name, size, state in page]
        delta = feed(collection, raws)
        shift = view.apply(delta)
        assert list(view.ids) == list(arrange(View(collection, clock=lambda: NOW)).ids)
        sliced.apply(delta)
        assert all(map(collection.records.get, sliced.ids)), "an object that is gone is shown"
        while sliced.work():
            pass
        assert list(sliced.ids) == list(view.ids)
        if shift.rows is not None:
            assert list(view.ids) == before
            assert {view.ids[row] for row in shift.rows} == set(delta.changed) & set(view.ids)


def test_what_needs_its_owner_comes_first_as_it_changes() -> None:
    def batch(id_: str, failed: int) -> dict[str, Any]:
        counts = {"total": 3, "completed": 3 - failed, "failed": failed}
        return {"id": id_, "status": "completed", "request_counts": counts}

    collection = Collection(BATCHES)
    view = View(collection)
    rows = [batch("a", 0), batch("b", 1), batch("c", 0), batch("d", 3)]
    collection.apply(rows, after=None, has_more=False, next=None, now=0.0)
    view.set_sort("NEEDS YOU")
    assert list(view.ids) == ["b", "d", "a", "c"]
    rows[1:3] = [batch("b", 0), batch("c", 2)]
    view.apply(collection.apply(rows, after=None, has_more=False, next=None, now=1.0))
    assert list(view.ids) == ["c", "d", "a", "b"]
    view.set_sort("-NEEDS YOU")
    assert list(view.ids) == ["a", "b", "c", "d"]
