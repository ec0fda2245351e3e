"""What `o9s get` prints of a list: filtered, sorted, since a time, some columns, ids; and watched."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import run
from tests.support.driving import PROJECT_KEY, until
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import NotServed
from tui.headless.lists.selection import Selection
from tui.headless.lists.watching import ListWatch, grows
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = int(time.time())
HOUR = 3600


def container(number: int, hours: float, **more: Any) -> dict[str, Any]:
    made = {
        "id": f"cntr_{number}",
        "object": "container",
        "name": f"box {number}",
        "created_at": NOW - int(hours * HOUR),
    }
    return {**made, "status": "running", "memory_limit": "1g", **more}


BOXES = [
    container(1, 1, metadata={"run": "007"}),
    container(2, 30, status="expired", memory_limit="4g"),
    container(3, 60, memory_limit="16g"),
]
LIST = {"object": "list", "data": BOXES, "has_more": False}


def get(*words: str, answer: Any = LIST) -> Any:
    with odd_server({"/containers": answer}) as url:
        return run(url, "get", "containers", *words)


def ids(*words: str) -> list[str]:
    told = get(*words, "-o", "ids")
    assert told.exit_code == 0, told.output
    return [line.removeprefix("cntr_") for line in told.stdout.split()]


def test_filters_sorts_and_times_compose() -> None:
    assert ids() == ["1", "2", "3"]
    assert ids("--filter", "status:running") == ["1", "3"]
    assert ids("--filter", "status:running age>2d") == ["3"]
    assert ids("--sort", "age") == ["3", "2", "1"], "by when they were made"
    assert ids("--sort", "-name", "--limit", "2") == ["3", "2"]
    assert ids("--filter", "!expired", "--limit", "1") == ["1"], "the limit is for what is wanted"
    assert ids("--since", "2d") == ["1", "2"]
    day = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - 10 * HOUR))
    assert ids("--since", day) == ["1"]


def test_a_list_that_is_newest_first_is_read_no_further_than_that() -> None:
    asked: list[Mapping[str, str]] = []

    def pages(query: Mapping[str, str]) -> Any:
        asked.append(query)
        return {
            **LIST,
            "data": [container(10 * len(asked) + n, 10 * len(asked) + n) for n in (0, 1)],
            "has_more": True,
        }

    told = get("--since", "15h", "-o", "ids", answer=pages)
    assert (told.exit_code, told.stdout.split()) == (0, ["cntr_10", "cntr_11"])
    assert len(asked) == 2


def test_columns_are_those_asked_for_in_every_form() -> None:
    names = "id,metadata.run,memory,created_at"
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BOXES[0]["created_at"]))
    expected = {"id": "cntr_1", "metadata.run": "007", "memory": "1g", "created_at": made}
    assert json.loads(get("--columns", names, "-o", "json").stdout)[0] == expected
    assert json.loads(get("--columns", names, "-o", "jsonl").stdout.splitlines()[0]) == expected
    rows = list(csv.DictReader(io.StringIO(get("--columns", names, "-o", "csv").stdout)))
    assert rows[0] == {name: str(value) for name, value in expected.items()}
    header, first, *_ = get("--columns", names).stdout.splitlines()
    assert header.split() == ["ID", "METADATA.RUN", "MEMORY", "CREATED", "AT"]
    assert first.split()[:3] == ["cntr_1", "007", "1g"]
    assert "ago)" in first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--filter", "nope:x"], 'There is no "nope" here.'),
        (["--filter", '"x'], "A quote is not closed"),
        (["--sort", "nope"], "containers have no column 'nope'. There are: name, status"),
        (["--columns", "id,nope"], "containers have no column 'nope'"),
        (["--since", "soon"], "--since 'soon' is no time: write 2d, 12h, or a day such as 2026-11-20."),
        (["--watch", "--limit", "2"], "--watch is for a list, as it is"),
    ],
)
def test_what_stands_for_nothing_is_said(words: list[str], said: str) -> None:
    told = get(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr


@pytest.mark.parametrize("form", ["jsonl", "table", "csv", "ids"])
async def test_a_watched_list_prints_what_changes(form: str) -> None:
    boxes = [dict(box) for box in BOXES]
    with odd_server({"/containers": lambda _: {**LIST, "data": boxes}}) as url:
        client = Client(Connection(base_url=url, project_key=Secret(PROJECT_KEY)))
        platform = Platform(client, REGISTRY)
        written: list[str] = []
        selection = Selection(filter="memory:!16g", columns=("id", "status"))
        watching = ListWatch(
            {"": platform}, REGISTRY["containers"], {}, selection, form, written.append, written.append
        )
        task = asyncio.create_task(watching.run())
        try:
            await until(lambda: any("cntr_2" in line for line in written), "the list")
            assert not any("cntr_3" in line for line in written), "what is not asked for is printed"
            before = len(written)
            boxes[0]["status"] = "expired"
            boxes.insert(0, container(4, 0))
            del boxes[2:]
            watch = platform.watch(REGISTRY["containers"], {})
            watch.outdate()
            await until(lambda: len(written) - before == 2 + (form != "ids"), "the changes")
        finally:
            watching.stopped.set()
            await task
            await platform.aclose()
    new = written[before:]
    expected = {"cntr_4": ("added", "running"), "cntr_1": ("changed", "expired"), "cntr_2": ("removed", "expired")}
    for id_, words in expected.items():
        if form == "ids":
            continue
        (line,) = (line for line in new if id_ in line)
        assert all(word in line for word in words), line
    assert form != "ids" or set(new) == {"cntr_4", "cntr_1"}, "of what is gone nothing can be done any more"


async def test_a_list_watched_in_several_profiles_names_them_and_goes_on_without_one() -> None:
    boxes = [dict(BOXES[0])]
    with odd_server({"/containers": lambda _: {**LIST, "data": boxes}}) as url, odd_server({}) as lacking:
        addresses = {"acme": url, "beta": lacking, "gone": "http://127.0.0.1:9/v1"}
        platforms = {
            name: Platform(Client(Connection(base_url=each, project_key=Secret(PROJECT_KEY))), REGISTRY)
            for name, each in addresses.items()
        }
        written: list[str] = []
        said: list[str] = []

        def make(names: str) -> ListWatch:
            chosen = {name: platforms[name] for name in names.split()}
            return ListWatch(chosen, REGISTRY["containers"], {}, Selection(), "jsonl", written.append, said.append)

        watching = make("acme beta gone")
        task = asyncio.create_task(watching.run())
        try:
            await until(lambda: len(written) == 1, "the list")
            boxes[0]["status"] = "expired"
            platforms["acme"].watch(REGISTRY["containers"], {}).outdate()
            await until(lambda: len(written) == 2, "the change")
        finally:
            watching.stopped.set()
            await task
        told = [json.loads(line) for line in written]
        assert [(each["profile"], each["change"], each["status"]) for each in told] == [
            ("acme", "listed", "running"),
            ("acme", "changed", "expired"),
        ]
        assert sorted(line.split(": ")[0] for line in said) == ["beta", "gone"], (
            "each fault once, with its profile"
        )
        with pytest.raises(NotServed):
            await make("beta").run()
        for platform in platforms.values():
            await platform.aclose()


async def test_a_list_that_cannot_be_watched_says_why() -> None:
    with odd_server({}) as url:
        platform = Platform(Client(Connection(base_url=url, project_key=Secret(PROJECT_KEY))), REGISTRY)
        said: list[str] = []
        with pytest.raises(NotServed):
            await ListWatch(
                {"": platform}, REGISTRY["containers"], {}, Selection(), "ids", said.append, said.append
            ).run()
        await platform.aclose()
    assert not said
    assert [name for name, resource in REGISTRY.items() if grows(resource)] == ["events", "audit"]
