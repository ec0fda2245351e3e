"""Take-outs: all lists and contents in a folder, gone on with after a kill, verified, and served again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest

from tests.support.commands import run
from tests.support.nursery import sandbox
from tui.api.client import Client
from tui.headless.lists.listing import connect_to_sandbox
from tui.headless.takeout import take_out, verify_folder
from tui.live.tasks.alone import be_alone
from tui.resources.registry import REGISTRY
from tui.sandbox.families import FAMILIES
from tui.sandbox.serving.asgi import Platform as SandboxPlatform
from tui.sandbox.serving.faults import Faults
from tui.sandbox.takeout import make_family
from tui.sandbox.world import World
from tui.workflows.takeout.folder import Folder, Manifest
from tui.workflows.takeout.takeout import list_usual_families

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.sandbox.serving.child import Sandbox

NOW = 1_795_814_400.0
FEW = ("evals", "fine-tuning", "vector-stores")


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with sandbox(scenario="busy", now=NOW) as started:
        yield started


@pytest.fixture(scope="module")
def taken(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take-out of everything, which tests only look at."""
    root = tmp_path_factory.mktemp("taken") / "out"
    assert not take_out(connect_to_sandbox(server.url), (), root, lambda _: None).failed
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def read_all(client: Client, resource: Any, scope: dict[str, str]) -> list[Any]:
    pages = client.pages(resource.list, scope, query=resource.query, limit=resource.page_max)
    return [item async for page in pages for item in page.items]


async def read_lists(client: Client, places: list[tuple[str, dict[str, str]]]) -> list[list[Any]]:
    try:
        return [await read_all(client, REGISTRY[name], scope) for name, scope in places]
    finally:
        await client.aclose()


def find_places(root: Path) -> list[tuple[str, dict[str, str]]]:
    """The list of each file of a take-out, by the resource and the parameters of its path."""
    manifest, found = Folder(root).read_manifest(), []
    for name, facts in manifest.lists.items():
        template = REGISTRY[facts["resource"]].list.path.lstrip("/").split("/")  # type: ignore[union-attr]
        steps = name.removesuffix(".jsonl").split("/")
        pairs = zip(template, steps, strict=True)
        found.append(
            (facts["resource"], {part[1:-1]: unquote(step) for part, step in pairs if part.startswith("{")})
        )
    return found


def test_a_take_out_served_again_lists_the_same_objects(server: Sandbox, taken: Path, tmp_path: Path) -> None:
    places = find_places(taken)
    assert {name for name, _ in places} >= {*list_usual_families(REGISTRY), "eval-items", "events", "store-files"}
    world = World(tmp_path, now=NOW)
    served = SandboxPlatform(world, Faults("", 1), (make_family(taken, FAMILIES),))
    again = Client(connect_to_sandbox("http://127.0.0.1:1/v1"), transport=httpx.ASGITransport(app=served))

    listed = asyncio.run(read_lists(Client(connect_to_sandbox(server.url)), places))
    for place, before, after in zip(places, listed, asyncio.run(read_lists(again, places)), strict=True):
        assert after == before, f"{place} is another list when it is served again"
    world.close()


def test_a_take_out_served_again_gives_objects_and_contents_and_takes_no_change(
    taken: Path, tmp_path: Path
) -> None:
    world = World(tmp_path, now=NOW)
    served = SandboxPlatform(world, Faults("", 1), (make_family(taken, FAMILIES),))
    files = [json.loads(line) for line in (taken / "files.jsonl").read_text().splitlines()]
    (name, facts), *_ = sorted(Folder(taken).read_manifest().contents.items())
    url = "/v1/" + name.rpartition("/")[0]

    async def ask(method: str, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=served)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
            return await client.request(method, path, headers={"Authorization": "Bearer sk-any"})

    assert asyncio.run(ask("GET", f"/v1/files/{files[3]['id']}")).json() == files[3]
    assert len(asyncio.run(ask("GET", f"{url}/content")).content) == facts["bytes"]
    older = asyncio.run(ask("GET", f"/v1/files?limit=2&after={files[4]['id']}")).json()
    assert older["data"] == files[5:7]
    assert older["has_more"]
    assert asyncio.run(ask("GET", "/v1/files?order=asc&limit=1")).json()["data"] == files[-1:]
    of_batches = asyncio.run(ask("GET", "/v1/files?purpose=batch")).json()["data"]
    assert of_batches == [each for each in files if each["purpose"] == "batch"]
    refused = asyncio.run(ask("DELETE", f"/v1/files/{files[3]['id']}"))
    assert refused.status_code == 400
    assert "nothing in it can be changed" in refused.text
    for path in ("/v1/files/file-none", "/v1/evals/%2e%2e/runs", "/v1/organization/users", "/v1/files/../x"):
        assert asyncio.run(ask("GET", path)).status_code in (403, 404), path
    world.close()


def test_results_of_training_are_decoded_and_what_may_not_be_fetched_is_counted(taken: Path) -> None:
    files = [json.loads(line) for line in (taken / "files.jsonl").read_text().splitlines()]
    results = [each for each in files if each["purpose"] == "fine-tune-results"]
    assert results
    for each in results:
        (path,) = (taken / "files" / each["id"]).iterdir()
        assert path.read_text().startswith("step,"), path
    withheld = sum(each["purpose"] in ("assistants", "user_data", "vision") for each in files)
    assert Folder(taken).read_manifest().withheld >= withheld > 0


def test_a_take_out_that_is_killed_and_gone_on_with_is_the_same_bytes(
    server: Sandbox, taken: Path, tmp_path: Path
) -> None:
    root = tmp_path / "out"
    chance = random.Random(5)
    for _ in range(6):
        if not (child := os.fork()):
            killing = threading.Timer(chance.uniform(0.05, 0.9), os.kill, (os.getpid(), signal.SIGKILL))
            killing.start()
            take_out(connect_to_sandbox(server.url), (), root, lambda _: None)
            os._exit(0)
        os.waitpid(child, 0)
    assert not take_out(connect_to_sandbox(server.url), (), root, lambda _: None).failed
    assert contents(root) == contents(taken)


def test_what_was_damaged_since_is_read_again(server: Sandbox, taken: Path, tmp_path: Path) -> None:
    root = tmp_path / "out"
    shutil.copytree(taken, root)
    content = next(iter(sorted(Folder(taken).read_manifest().contents)))
    (root / content).write_bytes(b"X" + (root / content).read_bytes()[1:])
    lines = (root / "files.jsonl").read_bytes().splitlines(keepends=True)
    (root / "files.jsonl").write_bytes(b"".join(lines[:3]))
    (root / "batches.jsonl").write_bytes((root / "batches.jsonl").read_bytes() + b"z")
    assert len(verify_folder(root)[1]) == 3
    assert not take_out(connect_to_sandbox(server.url), (), root, lambda _: None).failed
    assert contents(root) == contents(taken)
    assert verify_folder(root)[1] == []


@pytest.mark.parametrize("fault", ["ids=null@/vector_stores", "shape=list@/skills", "shape=data-null@/batches"])
def test_a_list_of_odd_things_is_not_whole(fault: str, tmp_path: Path) -> None:
    with sandbox(scenario="calm", faults=fault) as server:
        task = take_out(
            connect_to_sandbox(server.url),
            ("vector-stores", "skills", "batches"),
            tmp_path / "out",
            lambda _: None,
        )
        assert task.manifest
        assert task.manifest.missing, fault
        httpx.post(server.url.removesuffix("/v1") + "/_sandbox/faults", json={"spec": ""})
        task = take_out(
            connect_to_sandbox(server.url),
            ("vector-stores", "skills", "batches"),
            tmp_path / "out",
            lambda _: None,
        )
    assert task.manifest
    assert task.manifest.missing == {}
    assert all(facts["count"] for name, facts in task.manifest.lists.items() if "/" not in name)


def test_a_folder_is_compared_with_its_manifest(taken: Path, tmp_path: Path) -> None:
    root = tmp_path / "out"
    shutil.copytree(taken, root)
    assert verify_folder(root)[1] == []
    (root / "evals.jsonl").write_text("{}\n")
    (root / "batches.jsonl").unlink()
    files = (root / "files.jsonl").read_bytes()
    (root / "files.jsonl").write_bytes(b"[" + files[1:])
    (root / "stray.txt").write_text("x")
    manifest, wrong = verify_folder(root)
    assert wrong == [
        "batches.jsonl is not there.",
        f"evals.jsonl differs: 3 bytes, and {manifest.lists['evals.jsonl']['bytes']:,} were taken out.",
        "files.jsonl differs: its SHA-256 is another.",
        "stray.txt is in no manifest.",
    ]
    told = run("http://127.0.0.1:1/v1", "takeout", str(root), "--verify")
    assert told.exit_code == 7, told.output
    assert "stray.txt is in no manifest." in told.stderr


def test_a_command_takes_what_is_named_and_refuses_folders_of_others(server: Sandbox, tmp_path: Path) -> None:
    root = tmp_path / "out"
    told = run(server.url, "takeout", str(root), "--only", ",".join(FEW))
    assert told.exit_code == 0, told.output
    assert "objects of" in told.stdout
    assert {path.name for path in root.iterdir()} >= {"evals.jsonl", "manifest.json", "vector_stores.jsonl"}
    assert not (root / "files.jsonl").exists()
    assert root.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in root.rglob("*.json*")} == {0o600}

    with be_alone("takeout", str(root), "…"):
        told = run(server.url, "takeout", str(root), "--only", ",".join(FEW))
    assert (told.exit_code, f"Another program takes out into {root}. Wait until" in told.stderr) == (1, True)
    begun = tmp_path / "begun"  # killed before there was a manifest
    begun.mkdir()
    (begun / ".manifest.json.a1b2c3").write_text("{")
    assert run(server.url, "takeout", str(begun), "--only", "evals").exit_code == 0

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    told = run(server.url, "takeout", str(tmp_path / "mine"))
    assert (told.exit_code, "is not empty, and holds no take-out" in told.stderr) == (1, True)
    Folder(root).write_manifest(Manifest("https://api.example/v1", FEW))
    told = run(server.url, "takeout", str(root))
    assert (told.exit_code, "holds a take-out from https://api.example/v1" in told.stderr) == (1, True)
    (root / "manifest.json").write_text("[]")
    told = run(server.url, "takeout", str(root))
    assert (told.exit_code, "cannot be read as the manifest of a take-out" in told.stderr) == (1, True)
    assert f"o9s takeout --anew {root}" in told.stderr.replace("\n", " ")
    told = run(server.url, "takeout", str(root), "--only", ",".join(FEW), "--anew")
    assert told.exit_code == 0, told.output
    assert (root / "manifest.json.damaged").read_text() == "[]", "it is put aside"
    assert run(server.url, "takeout", str(root), "--verify").exit_code == 0
    told = run(server.url, "takeout", str(root), "--only", "nothing")
    assert (told.exit_code, "There is no list nothing. There are: " in told.stderr) == (2, True)
    assert "usage" not in told.stderr.partition("There are")[2]
    told = run(server.url, "takeout", str(root), "--only", "evals,runs")
    assert (told.exit_code, "runs are no list of their own" in told.stderr) == (2, True)


def test_what_cannot_be_read_is_named_and_read_by_the_next_run(tmp_path: Path) -> None:
    with sandbox(scenario="busy", now=NOW, faults="500@/evals/, 404@/assistants") as server:
        connection = connect_to_sandbox(server.url)
        first = take_out(connection, ("assistants", "evals"), tmp_path / "out", lambda _: None)
        assert first.manifest
        missing = dict(first.manifest.missing)
        assert missing.pop("assistants.jsonl") == "This server has no assistants."
        assert missing
        assert all(name.endswith("/runs.jsonl") and "500" in why for name, why in missing.items())
        httpx.post(server.url.removesuffix("/v1") + "/_sandbox/faults", json={"spec": ""})
        second = take_out(connection, ("assistants", "evals"), tmp_path / "out", lambda _: None)
    assert second.manifest
    assert second.manifest.missing == {}
    assert "assistants.jsonl" in second.manifest.lists
    assert verify_folder(tmp_path / "out")[1] == []


def test_of_a_take_out_that_was_not_finished_it_is_said_first_and_how_to_go_on(
    taken: Path, tmp_path: Path
) -> None:
    root = tmp_path / "not finished"
    shutil.copytree(taken, root)
    folder = Folder(root)
    manifest = folder.read_manifest()
    told = {**manifest.lists, **manifest.contents}
    (root / "manifest.part").write_text("".join(json.dumps({"name": name, **told[name]}) + "\n" for name in told))
    (root / "files.jsonl.part").write_text("begun")
    folder.write_manifest(Manifest(manifest.base_url, ("files", "evals")))
    manifest, (first, *others) = verify_folder(root)
    assert first == (
        f"It was never finished: {len(told):,} files taken out so far. "
        f"This goes on with it: o9s takeout '{root}' --only files,evals"
    )
    assert others == [], "what was taken out so far is as it was told"

    # Of many files of a kind their number is told, and the first few.
    names = sorted(told)
    for name in names[:5]:
        (root / name).unlink()
    for name in names[5:7]:
        (root / name).write_text("else")
    _, (first, gone, *changed) = verify_folder(root)
    assert first.startswith("It was never finished: ")
    assert gone == f"5 files are not there: {', '.join(names[:3])} and 2 more."
    assert [each.partition(" differs: ")[0] for each in changed] == names[5:7]
