"""What ends and what files take, gathered from the lists, is exactly what the sandbox's database holds."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import nursery
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, served
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.headless.home import fill_part
from tui.headless.lists.listing import Reporter
from tui.live.lists.query import parse
from tui.live.platform import Platform
from tui.resources.language.column import CellContext
from tui.resources.language.reading.times import unix_time
from tui.resources.models import find_shutdown_time
from tui.resources.registry import REGISTRY
from tui.sandbox.families import KINDS
from tui.sandbox.world import Row, World
from tui.workflows.due import FORGOTTEN, DueWatch
from tui.workflows.storage.groups import group_files, select_group

if TYPE_CHECKING:
    from pathlib import Path

    from tui.resources.language.objects import Record

NOW = {"busy": 1_795_814_400.0, "nasty": 1_795_814_400.0, "huge": 1_790_000_000.0}
"""By scenario the time of a world that other tests begin with, too."""
FILES = REGISTRY["files"]
KIND_OF = {
    "batches": "batch",
    "containers": "container",
    "files": "file",
    "vector-stores": "vector_store",
    "invites": "invite",
    "keys": "api_key",
    "admin-keys": "admin_api_key",
    "certificates": "certificate",
}
"""By resource, the kind of its objects in the database."""
RUNNING = ("validating", "in_progress", "finalizing", "cancelling")  # batches that may expire
OVER = {
    "vector-stores": ("expired",),
    "invites": ("expired", "accepted"),
    "containers": ("expired",),
}
"""By resource, what an object's status is once nothing of it ends any more."""
NAMING = ("batch", "job", "assistant", "model", "vector_store.file", "eval", "eval_run", "container.file")
"""The kinds whose objects name files."""


Kept = dict[str, list[tuple[str, str]]]


def read_database(folder: Path, now: float) -> Kept:
    """Every object by kind: its id in the database and its JSON as it looks now."""
    found: Kept = defaultdict(list)
    database = sqlite3.connect(folder / "sandbox.sqlite3")
    wanted = ("model", *KIND_OF.values(), *NAMING)
    select = "SELECT seq, kind, id, parent, tag, created, due, text, facts FROM objects ORDER BY seq"
    rows = [row for row in map(Row._make, database.execute(select)) if row.kind in wanted]
    database.close()
    world = World(folder, kinds=KINDS, now=now)
    for row in rows:
        found[row.kind].append((row.id, world.text(row)))
    world.close()
    return found


def find_end(name: str, each: dict[str, Any]) -> float | None:
    """When an object ends, as its family tells it."""
    if name == "containers":
        after, used = each.get("expires_after"), unix_time(each.get("last_active_at"))
        minutes = after.get("minutes") if isinstance(after, dict) else None
        return used + minutes * 60 if used and isinstance(minutes, int) and minutes else None
    told = each.get("certificate_details") if name == "certificates" else each
    return unix_time((told or {}).get("expires_at"))


def list_ends(database: Kept, files: dict[str, dict[str, Any]], now: float) -> dict[str, float]:
    """When everything ends that does, by resource and id."""
    found: dict[str, float | None] = {}
    days = {id_: json.loads(model).get("shutdown_date") for id_, model in database["model"]}
    for id_, day in days.items():
        base = id_.split(":")[1] if id_.startswith("ft:") and id_.count(":") > 1 else ""
        found[f"models/{id_}"] = find_shutdown_time(day or days.get(base))
    for name, kind in KIND_OF.items():
        for id_, text in database[kind]:
            each = files[id_] if name == "files" else json.loads(text)
            status = each.get("status")
            if name == "batches" and status not in RUNNING:
                continue
            if status not in OVER.get(name, ()) and not each.get("accepted_at"):
                found[f"{name}/{each.get('id', id_)}"] = find_end(name, each)
    return {id_: ends for id_, ends in found.items() if ends is not None and ends > now - FORGOTTEN}


async def gather(url: str) -> tuple[dict[str, float], list[Record]]:
    """What ends by resource and id, and all files with what uses them, as `:due` and `:storage` read them."""
    keys = {"project_key": Secret(PROJECT_KEY), "admin_key": Secret(ADMIN_KEY)}
    platform = Platform(Client(Connection(base_url=url, **keys)), REGISTRY)  # type: ignore[arg-type]
    platform.scheduler.budget = sys.maxsize
    try:
        due, used_by, reporter = DueWatch(platform), platform.used_by(), Reporter()
        await platform.references.read(lambda _: None)  # first, as a container that is looked into lives on
        await asyncio.gather(*(fill_part(platform, watch, reporter) for watch in due.watches))
        await asyncio.gather(*(watch.load_more(all=True) for watch in due.watches))
        used_by.start()
        used_by.stop()
        assert reporter.whole
        assert all(watch.collection.complete for watch in due.watches)
        ends = {each.id: each.raw["ends_at"] for each in due.collection.records.values()}
        files = list(platform.watch(FILES).collection.records.values())
        return {id_: at for id_, at in ends.items() if not id_.startswith("family/")}, files
    finally:
        await platform.aclose()


@pytest.mark.parametrize("scenario", ["busy", "nasty", "huge"])
def test_ends_and_groups_are_exactly_those_of_the_database(scenario: str) -> None:
    now = NOW[scenario]
    with nursery.world(scenario=scenario, now=now) as folder:
        with served(scenario=scenario, now=now, data=folder) as server:
            ends, records = asyncio.run(gather(server.url))
        database = read_database(folder, now)
    files = {id_: json.loads(text) for id_, text in database["file"]}
    assert ends == list_ends(database, files, now)

    assert {record.id for record in records} == files.keys()
    named = {id_.rpartition("/")[2] for id_, _ in database["vector_store.file"]}
    for kind in NAMING:
        for _, text in database[kind]:
            named.update(re.findall(r'"(file[-_][^"]+)"', text))
    later = {id_ for id_, file in files.items() if (unix_time(file.get("created_at")) or 0) > now}
    unused = files.keys() - named - later  # of what says to be made later than now nothing is known
    groups = {(group.kind, group.name): group for group in group_files(records, now)}
    assert groups["use", "nothing uses it"].held.files == len(unused)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for id_, file in files.items():
        size = file.get("bytes")
        known = int(size) if isinstance(size, int | str) and int(size) >= 0 else 0
        for place, figure in enumerate((1, known, id_ in unused)):
            sums[str(file.get("purpose") or "no purpose")][place] += figure
    told = {
        name: [group.held.files, group.held.known, group.unused.files]
        for (kind, name), group in groups.items()
        if kind == "purpose"
    }
    assert told == sums
    aged = sum(group.held.files for (kind, _), group in groups.items() if kind == "age")
    assert aged == sum(unix_time(file.get("created_at")) is not None for file in files.values())
    if scenario == "huge":
        return  # its names are all alike

    for (kind, name), group in groups.items():
        if not group.filter:
            assert kind == "copies"
            continue
        shown = [each.id for each in records if parse(group.filter).matches(each, FILES.columns, CellContext(now))]
        assert shown == [each.id for each in select_group(records, now, f"{kind}/{name}")], group.filter
        assert len(shown) == group.held.files
