"""Reconciling pages: keyed, ordered, without loss, and nothing told that did not happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.jobs import JOBS, NOW, feed, job, listed
from tui.live.lists.collection import Collection, Delta
from tui.live.lists.judgements import RATE_SPAN
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence


def ids(*numbers: int) -> list[str]:
    return [job(number)["id"] for number in numbers]


def page(
    collection: Collection,
    numbers: Sequence[int],
    *,
    after: int | None = None,
    more: bool = False,
    now: float = NOW,
) -> Delta:
    """Give a collection a page as a server with id cursors would send it."""
    cursor = job(numbers[-1])["id"] if more and numbers else None
    return collection.apply(
        [job(number) for number in numbers],
        after=None if after is None else job(after)["id"],
        has_more=more,
        next=cursor,
        now=now,
    )


@pytest.fixture
def collection() -> Collection:
    return Collection(JOBS, {"project_id": "proj_test"})


def test_begins_empty_and_incomplete(collection: Collection) -> None:
    assert (len(collection.order), collection.complete, collection.next) == (0, False, None)
    assert collection.scope == {"project_id": "proj_test"}


def test_the_whole_list_in_one_page(collection: Collection) -> None:
    delta = page(collection, [1, 2, 3])
    assert delta == Delta(added=tuple(ids(1, 2, 3)))
    assert collection.order == ids(1, 2, 3)
    assert collection.complete
    assert collection.next is None


def test_the_same_page_again_changes_nothing(collection: Collection) -> None:
    page(collection, [1, 2, 3], more=True)
    version = collection.version
    assert not page(collection, [1, 2, 3], more=True)
    assert collection.version == version


def test_objects_that_come_twice_with_different_contents_are_counted(collection: Collection) -> None:
    feed(collection, [job(1), job(1, state="failed"), job(2), job(2)])
    assert collection.doubled == 1
    assert collection.records[ids(1)[0]].object.state == "done"
    feed(collection, [job(1), job(2)])
    assert collection.doubled == 0, "it comes once now"


def test_a_changed_object_is_told_and_read_anew(collection: Collection) -> None:
    page(collection, [1, 2])
    assert collection.records[ids(1)[0]].object.state == "done"
    delta = feed(collection, [job(1, state="failed"), job(2)])
    assert delta == Delta(changed=tuple(ids(1)))
    assert collection.records[ids(1)[0]].object.state == "failed"


def test_pages_follow_each_other(collection: Collection) -> None:
    page(collection, [1, 2], more=True)
    assert (collection.complete, collection.next) == (False, ids(2)[0])
    page(collection, [3, 4], after=2, more=True)
    assert collection.next == ids(4)[0]
    page(collection, [5], after=4)
    assert collection.order == ids(1, 2, 3, 4, 5)
    assert collection.complete


def test_new_objects_come_to_the_front_and_join_what_is_known(collection: Collection) -> None:
    page(collection, [3, 4, 5])
    delta = page(collection, [1, 2, 3], more=True)
    assert delta == Delta(added=tuple(ids(1, 2)))
    assert collection.order == ids(1, 2, 3, 4, 5)
    assert collection.complete, "the page ends at an object whose successors are known"


def test_a_page_that_overlaps_nothing_leaves_a_gap(collection: Collection) -> None:
    page(collection, [7, 8, 9])
    page(collection, [1, 2, 3], more=True)
    assert collection.order == ids(1, 2, 3, 7, 8, 9), "deeper rows stay"
    assert (collection.complete, collection.next) == (False, ids(3)[0])
    page(collection, [4, 5, 6], after=3, more=True)
    assert collection.next == ids(6)[0]
    page(collection, [7, 8, 9], after=6)
    assert collection.order == ids(*range(1, 10))
    assert collection.complete


def test_a_list_that_was_whole_and_has_grown_at_its_end_goes_on_there(collection: Collection) -> None:
    page(collection, [1, 2])
    page(collection, [1, 2], more=True)
    assert (collection.complete, collection.next) == (False, ids(2)[0])
    page(collection, [3], after=2)
    assert collection.order == ids(1, 2, 3)
    assert collection.complete


def test_a_page_into_a_gap_that_meets_the_other_side_closes_it(collection: Collection) -> None:
    page(collection, [7, 8, 9], more=True)
    page(collection, [1, 2], more=True)
    page(collection, [3, 8], after=2, more=True)
    assert collection.order == ids(1, 2, 3, 8, 9), "7 is between 2 and 8 no more"
    assert collection.next == ids(9)[0]


def test_what_a_page_skips_is_gone(collection: Collection) -> None:
    page(collection, [1, 2, 3, 4, 5])
    assert page(collection, [1, 3], more=True) == Delta(removed=tuple(ids(2)))
    assert collection.order == ids(1, 3, 4, 5)
    assert ids(2)[0] not in collection.records


def test_behind_the_page_nothing_is_proven(collection: Collection) -> None:
    page(collection, [1, 2, 3, 4])
    assert not page(collection, [1, 2], more=True)
    assert collection.order == ids(1, 2, 3, 4)


def test_the_last_page_proves_the_end(collection: Collection) -> None:
    page(collection, [1, 2], more=True)
    page(collection, [3, 4], after=2, more=True)
    delta = page(collection, [3], after=2)
    assert delta.removed == tuple(ids(4))
    assert collection.complete


def test_an_empty_list(collection: Collection) -> None:
    page(collection, [1, 2])
    assert page(collection, []).removed == tuple(ids(1, 2))
    assert collection.complete


def test_an_empty_page_with_more_behind_it_loses_nothing(collection: Collection) -> None:
    page(collection, [1, 2], more=True)
    collection.apply([], after=ids(2)[0], has_more=True, next="cursor_x", now=NOW)
    assert collection.order == ids(1, 2)
    assert (collection.complete, collection.next) == (False, "cursor_x")


def test_opaque_cursors_lead_into_their_gap(collection: Collection) -> None:
    collection.apply([job(1), job(2)], after=None, has_more=True, next="tok_b", now=NOW)
    collection.apply([job(3)], after="tok_b", has_more=True, next="tok_c", now=NOW)
    assert (collection.order, collection.next) == (ids(1, 2, 3), "tok_c")


def test_duplicates_within_and_between_pages_are_one_row(collection: Collection) -> None:
    collection.apply([job(1), job(2), job(1)], after=None, has_more=True, next="tok", now=NOW)
    assert collection.order == ids(1, 2)
    collection.apply([job(2), job(3)], after="tok", has_more=False, next=None, now=NOW)
    assert collection.order == ids(1, 2, 3)


def test_objects_move(collection: Collection) -> None:
    page(collection, [1, 2, 3, 4])
    delta = page(collection, [4, 1, 2], more=True)
    assert delta == Delta(moved=True)
    assert collection.order == ids(4, 1, 2, 3)


def test_a_cursor_whose_row_went_meanwhile_is_found_by_overlap(collection: Collection) -> None:
    page(collection, [1, 2, 3, 4], more=True)
    collection.drop(ids(2)[0])
    page(collection, [3, 5], after=2, more=True)
    assert collection.order == ids(1, 3, 5, 4)
    assert not collection.complete


def test_dropping_the_row_before_a_gap_keeps_a_cursor_that_works(collection: Collection) -> None:
    page(collection, [1, 2, 3], more=True)
    assert collection.drop(ids(3)[0]) == Delta(removed=tuple(ids(3)))
    assert (collection.complete, collection.next) == (False, ids(2)[0])


def test_dropping_the_unknown_does_nothing(collection: Collection) -> None:
    assert not collection.drop("job_nowhere")


def test_put_adds_to_the_front_or_replaces(collection: Collection) -> None:
    page(collection, [2, 3])
    assert collection.put(job(1), NOW) == Delta(added=tuple(ids(1)))
    assert collection.put(job(3, state="failed"), NOW) == Delta(changed=tuple(ids(3)))
    assert not collection.put(job(2), NOW)
    assert collection.order == ids(1, 2, 3)


def test_unreadable_items_are_rows_and_counted() -> None:
    collection = Collection(JOBS)
    items: list[Any] = [job(1), None, {"name": "no id"}, 7, {"id": 5}, "text"]
    assert len(feed(collection, items).added) == 6
    assert collection.unreadable == 4
    assert "5" in collection.records, "a number is an id, too"
    assert not feed(collection, items), "they keep their ids, so a refresh changes nothing"
    assert collection.records[collection.order[2]].raw == {"name": "no id"}
    feed(collection, [job(1)])
    assert collection.unreadable == 0


def test_short_strings_are_shared() -> None:
    first, second = "".join(("run", "ning")), "".join(("runn", "ing"))
    assert first is not second
    collection = Collection(JOBS)
    feed(collection, [job(1, state=first), job(2, state=second)])
    one, two = (collection.records[id_].raw["state"] for id_ in collection.order)
    assert one is two


def test_what_the_caller_gave_stays_as_it_was() -> None:
    items = [job(1)]
    before = dict(items[0])
    collection = Collection(JOBS)
    feed(collection, items)
    collection.records[collection.order[0]].raw["state"] = "other"
    assert items == [before]


def test_watchers_hear_of_every_refresh_until_they_leave(collection: Collection) -> None:
    heard: list[Delta] = []
    leave = collection.subscribe(heard.append)
    page(collection, [1])
    page(collection, [1])
    leave()
    leave()
    page(collection, [2])
    assert heard == [Delta(added=tuple(ids(1))), Delta()]


def test_active_and_attention_follow_the_objects() -> None:
    collection = listed(6)
    assert collection.active() == ids(0, 5)
    feed(collection, [job(0, state="failed"), *(job(number) for number in range(1, 6))])
    assert collection.active() == ids(5)
    assert collection.attention() == {ids(0)[0]: "it broke"}
    collection.drop(ids(0)[0])
    assert collection.attention() == {}


def test_what_is_active_for_too_long_needs_its_owner_without_having_changed() -> None:
    resource = replace(
        JOBS,
        stalled=lambda job, context: (
            f"no step for {context.seconds_idle:.0f} s" if (context.seconds_idle or 0) > 60 else None
        ),
    )
    collection = Collection(resource)
    for passed, done, told in ((0, 5, {}), (50, 5, {}), (70, 5, {ids(0)[0]: "no step for 70 s"}), (90, 6, {})):
        feed(collection, [job(0, done=done), job(1)], NOW + passed)
        assert collection.attention() == told
    assert collection.context_of(ids(0)[0], NOW + 100).seconds_idle == 10
    assert collection.context_of("job_unknown", NOW).seconds_idle is None


def test_what_needs_its_owner_by_the_time_is_judged_again_by_the_servers_clock() -> None:
    resource = replace(
        JOBS, ages=True, attention=lambda _, context: "it is late" if context.now > NOW + 100 else None
    )
    collection = Collection(resource)
    for passed, told in ((0, {}), (90, {}), (200, {ids(0)[0]: "it is late"})):
        feed(collection, [job(0)], NOW + passed)
        assert collection.attention() == told


def test_without_a_notion_of_active_no_object_is_built() -> None:
    class Unwanted(JOBS.model):  # type: ignore[name-defined, misc]
        @classmethod
        def read(cls, raw: object) -> Any:
            raise AssertionError("read for nothing")

    plain = Resource("plain", "plain", "Tests", Unwanted, JOBS.columns)
    collection = Collection(plain)
    feed(collection, [job(number) for number in range(10)])
    assert (collection.active(), collection.attention()) == ([], {})


def test_objects_are_not_kept_parsed() -> None:
    read = JOBS.model.read
    built = [0]

    class Counted(JOBS.model):  # type: ignore[name-defined, misc]
        @classmethod
        def read(cls, raw: Any) -> Any:
            built[0] += 1
            return read(raw)

    collection = Collection(replace(JOBS, model=Counted))
    items = [job(number) for number in range(10)]
    feed(collection, items)
    feed(collection, items)
    collection.active()
    assert built[0] == 10, "once for each change, not for each refresh"


def test_odd_data_costs_the_answer_not_the_list() -> None:
    collection = Collection(replace(JOBS, active=lambda job: job.nothing.at_all, progress=lambda job: job.nothing))
    feed(collection, [job(1)])
    assert collection.active() == []
    assert collection.rate(ids(1)[0]) is None


def test_rate_comes_from_own_samples(collection: Collection) -> None:
    id_ = ids(1)[0]
    collection.put(job(1, done=10), NOW)
    assert collection.rate(id_) is None, "one sample is no rate"
    collection.put(job(1, done=20), NOW + 5)
    assert collection.rate(id_) == 2.0
    collection.put(job(1, done=20), NOW + 10)
    assert collection.rate(id_) == 1.0, "standing still counts"


def test_rate_forgets_what_is_long_past(collection: Collection) -> None:
    id_ = ids(1)[0]
    collection.put(job(1, done=0), NOW)
    collection.put(job(1, done=60), NOW + 60)
    collection.put(job(1, done=60), NOW + 60 + RATE_SPAN)
    assert collection.rate(id_) == 0.0


@pytest.mark.parametrize("after", [{"done": 100}, {"done": 3}])
def test_rate_ends_with_the_work_or_its_restart(collection: Collection, after: dict[str, int]) -> None:
    id_ = ids(1)[0]
    collection.put(job(1, done=10), NOW)
    collection.put(job(1, done=20), NOW + 5)
    collection.put(job(1, **after), NOW + 6)
    assert collection.rate(id_) is None


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What happens to a server's list, and when pages of it are read."""
    event = st.sampled_from(["new", "delete", "change", "refresh", "deeper", "deeper"])
    return draw(st.lists(st.tuples(event, st.integers(0, 50)), max_size=40))


@examples(100)
@given(histories(), st.integers(1, 4), st.booleans())
def test_whatever_happened_reading_to_the_end_gives_the_servers_list(
    history: list[tuple[str, int]], size: int, opaque: bool
) -> None:
    server = [job(number) for number in range(100, 106)]
    born, told = 100, Collection(JOBS)
    mirror: dict[str, Any] = {}

    def mirrored(delta: Delta) -> None:
        for id_ in delta.removed:
            del mirror[id_]
        for id_ in (*delta.added, *delta.changed):
            assert (id_ in mirror) == (id_ in delta.changed)
            mirror[id_] = told.records[id_].raw

    told.subscribe(mirrored)

    def read(after: str | None) -> None:
        known = [item["id"] for item in server]
        if after is None:
            start = 0
        elif opaque:
            start = int(after.removeprefix("tok_"))
        elif after in known:
            start = known.index(after) + 1
        else:  # the server refuses a cursor it no longer knows, by which its object is known to be gone
            told.drop(after)
            return
        items = server[start : start + size]
        more = start + size < len(server)
        cursor = None if not more else f"tok_{start + size}" if opaque else items[-1]["id"]
        told.apply(items, after=after, has_more=more, next=cursor, now=NOW)

    for event, number in history:
        if event == "new":
            born -= 1
            server.insert(0, job(born))
        elif event == "delete" and server:
            del server[number % len(server)]
        elif event == "change" and server:
            at = number % len(server)
            server[at] = {**server[at], "done": number}
        elif event == "refresh":
            read(None)
        elif event == "deeper":
            read(told.next)
        assert sorted(told.order) == sorted(told.records) == sorted(mirror)

    read(None)
    for _ in range(200):
        if told.complete:
            break
        read(told.next)
    assert told.complete, "following the cursors comes to an end"
    after: str | None = None
    while True:  # a whole reading leaves nothing stale behind
        at = 0 if after is None else next(i for i, item in enumerate(server) if item["id"] == after) + 1
        items = server[at : at + size]
        told.apply(items, after=after, has_more=at + size < len(server), next=None, now=NOW)
        if at + size >= len(server):
            break
        after = items[-1]["id"]
    assert told.order == [item["id"] for item in server]
    assert mirror == {item["id"]: item for item in server}


def test_a_figure_told_elsewhere_is_not_known_of_what_was_made_since(collection: Collection) -> None:
    page(collection, [2, 3])
    made = [collection.records[id_].raw["created_at"] for id_ in ids(2, 3)]
    assert made[0] > made[1]
    collection.join("used_by", {ids(3)[0]: ["a"]}, [], until=made[1])
    assert [collection.records[id_].raw.get("used_by") for id_ in ids(2, 3)] == [None, ["a"]]
    page(collection, [1, 2, 3, 4])
    assert [collection.records[id_].raw.get("used_by") for id_ in ids(1, 4)] == [None, []]
    collection.join("used_by", {}, [], until=max(made))
    assert [collection.records[id_].raw.get("used_by") for id_ in ids(1, 2, 3)] == [None, [], []]
