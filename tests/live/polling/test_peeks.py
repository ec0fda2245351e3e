"""What children tell of rows in sight."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.support.virtual import REGISTRY, THINGS, FakeClient, Running, VirtualLoop, broken, run, things, until
from tui.live.lists.collection import Collection
from tui.live.polling.peeks import Peeks
from tui.resources.language.resource import Peek

if TYPE_CHECKING:
    from collections.abc import Sequence


def count(objects: Sequence[Any], more: bool) -> dict[str, Any]:
    """Tell how many objects there are."""
    return {"number": len(objects), "more": more}


def reading(collection: Collection) -> int:
    """Count the objects whose figure is said to be read."""
    contexts = (collection.context_of(id_, 0.0) for id_ in collection.records)
    return sum("event_count" in context.reading for context in contexts)


PEEKED = replace(THINGS, peeks=(Peek("event_count", "events", count, 3),))
UNCOUNTED = replace(THINGS, peeks=(Peek("event_count", "events", lambda *_: None, 3),))


def test_only_rows_in_sight_are_asked_about_and_those_that_are_over_once() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30))
        client.items[1]["status"] = "in_progress"
        scheduler, collection = client.scheduler(), Collection(PEEKED)
        collection.apply(client.items, after=None, has_more=False, next=None, now=0.0)
        seen: list[str] = []
        peeks = Peeks(
            client.as_client, scheduler, collection, REGISTRY, lambda *at: {"thing_id": at[2].id}, loop.wall
        )
        peeks.find_seen = lambda: seen
        async with Running(scheduler):
            peeks.start()
            await asyncio.sleep(30)
            assert not client.calls, "nothing is in sight"
            assert reading(collection) == 30, "what is not known yet is said to be read"
            seen[:] = [each["id"] for each in client.items[:10]]
            await until(lambda: sum("event_count" in each.raw for each in collection.records.values()) == 10, 60)
            assert {path["thing_id"] for _, path in client.calls} == set(seen)
            assert len(client.calls) == 10
            assert collection.records[seen[0]].raw["event_count"] == {"number": 3, "more": True}
            client.calls.clear()
            loop.asleep -= 7200  # somebody sets the clock back
            await asyncio.sleep(300)
            assert {path["thing_id"] for _, path in client.calls} == {seen[1]}, (
                "what is active is asked about again"
            )
            assert len(client.calls) <= 15
            client.items[1]["status"] = "completed"
            collection.apply(client.items, after=None, has_more=False, next=None, now=1.0)
            assert "event_count" in collection.records[seen[0]].raw, "what is known stays"
            await asyncio.sleep(120)  # once more, for how it ended
            client.calls.clear()
            await asyncio.sleep(300)
            assert not client.calls
            client.fault = broken
            seen[:] = [client.items[20]["id"]]
            peeks.look()
            await until(lambda: peeks.health.error, 60)
            assert not reading(collection), "it cannot be read"
            peeks.stop()

    run(main)


def test_a_figure_that_an_object_does_not_have_is_not_said_to_be_read() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        scheduler, collection = client.scheduler(), Collection(UNCOUNTED)
        collection.apply(client.items, after=None, has_more=False, next=None, now=0.0)
        peeks = Peeks(
            client.as_client, scheduler, collection, REGISTRY, lambda *at: {"thing_id": at[2].id}, loop.wall
        )
        told: list[str] = []
        collection.subscribe(lambda delta: told.extend(delta.changed))
        peeks.find_seen = lambda: [each["id"] for each in client.items[:2]]
        async with Running(scheduler):
            peeks.start()
            told.clear()
            await until(lambda: reading(collection) == 1, 60)
            assert told == peeks.find_seen(), "they are drawn anew"
            peeks.stop()

    run(main)
