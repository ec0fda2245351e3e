"""The vector stores that scenarios start with."""

from __future__ import annotations

import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.contract import check
from tui.sandbox.families import KINDS, files
from tui.sandbox.families.vector_stores import files as vector_store_files
from tui.sandbox.families.vector_stores import routes as vector_stores
from tui.sandbox.protocol import OrderedListing, Problem
from tui.sandbox.scenarios import HOSTILE
from tui.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path


def start(directory: Path, scenario: str) -> World:
    world = World(directory, kinds=KINDS, now=NOW)
    with world.transaction():
        for family in (files.family, vector_stores.family):
            family.seed(world, scenario)
        world.settle(math.inf)
    return world


def stores_of(world: World) -> list[dict[str, Any]]:
    return told(vector_stores.list_stores(world, OrderedListing(limit=100)))


def files_of(world: World, store_id: str, **query: Any) -> list[dict[str, Any]]:
    return told(
        vector_store_files.list_files(world, store_id, vector_store_files.StoreFileQuery(limit=100, **query))
    )


def told(answer: Any) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = json.loads(answer.body)["data"]
    return data


@pytest.mark.parametrize("scenario", ["calm", "busy", "huge"])
def test_what_is_there_keeps_to_the_contract(tmp_path: Path, scenario: str) -> None:
    world = start(tmp_path, scenario)
    stores = stores_of(world)
    assert len(stores) > 5
    assert {"busy": "in_progress"}.get(scenario, "completed") in {store["status"] for store in stores}
    for store in stores[:12]:
        check("GET", f"/vector_stores/{store['id']}", 200, store)
        for file in files_of(world, store["id"]):
            check("GET", f"/vector_stores/{store['id']}/files/{file['id']}", 200, file)
            assert world.find("file", file["id"]), "a file in a store is a file"
    world.close()


def test_a_busy_store_fills(tmp_path: Path) -> None:
    world = start(tmp_path, "busy")
    (store,) = (store for store in stores_of(world) if store["status"] == "in_progress")
    assert 0 < store["file_counts"]["completed"] < store["file_counts"]["total"]
    world.advance(200)
    world.settle(math.inf)
    (store,) = (other for other in stores_of(world) if other["id"] == store["id"])
    assert (store["status"], store["file_counts"]["failed"]) == ("completed", 4)
    batch: Any = vector_store_files.retrieve_batch(world, store["id"], store["metadata"]["file_batch"])
    assert json.loads(batch.body)["status"] == "completed"
    world.close()


def test_nasty_stores_hang_and_break(tmp_path: Path) -> None:
    world = start(tmp_path, "nasty")
    stores = stores_of(world)
    for store in stores:
        with contextlib.suppress(Problem):
            vector_stores.search_store(world, store["id"], vector_stores.Search(query="hostile words"))
    odd = next(store for store in stores if store.get("name") == HOSTILE[7])
    world.advance(86400)
    world.settle(math.inf)
    assert len(files_of(world, odd["id"], filter="in_progress")) == 5, "these hang"
    failed = [file["last_error"] for file in files_of(world, odd["id"], filter="failed")]
    assert None in failed
    assert any(error and error["code"] == "gremlins" for error in failed)
    assert {store.get("status") for store in stores} > {"defragmenting", None}
    world.close()
