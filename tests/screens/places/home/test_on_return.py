"""On return each change is named once, of every family, wherever the program was opened before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tests.support.nursery import SLOW
from tui.resources.index import COMPARED

LINE = json.dumps(
    {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]},
    }
)


def upload(server: Server, name: str, content: str = "{}", purpose: str = "user_data") -> str:
    """A new file."""
    file = {"file": (name, content.encode())}
    return str(server.call("POST", "/files", files=file, data={"purpose": purpose})["id"])


def make(server: Server, path: str, *, admin: bool = False, **body: Any) -> str:
    """A new object."""
    return str(server.call("POST", path, admin=admin, json=body)["id"])


def change_much(server: Server, doomed: str) -> list[tuple[str, str]]:
    """Make 25 changes, and return each: the id and what became of it."""
    made = [upload(server, f"new-{number}.jsonl") for number in range(7)]
    made += [make(server, "/vector_stores", name=f"store {number}") for number in range(5)]
    made += [make(server, "/assistants", model="gpt-5-mini", name=f"helper {number}") for number in range(3)]
    for number in range(2):
        file = upload(server, f"batch-{number}.jsonl", LINE, "batch")
        made.append(file)
        made.append(
            make(
                server,
                "/batches",
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
            )
        )
    made.append(make(server, "/containers", name="container"))
    made.append(make(server, "/organization/projects", admin=True, name="project"))
    made.append(make(server, "/organization/invites", admin=True, email="new@example.com", role="reader"))
    made.append(make(server, "/organization/groups", admin=True, name="group"))
    server.call("DELETE", f"/vector_stores/{doomed}")
    return [*((id_, "new") for id_ in made), (doomed, "gone")]


async def all_read(drive: Drive) -> Any:
    """Wait until every family was read; return what is new."""
    await drive.until(lambda: drive.app.navigator and drive.app.navigator.session.overview, "the counts to begin")
    assert drive.app.navigator
    overview = drive.app.navigator.session.overview
    assert overview
    wanted = COMPARED - {"keys"}  # which takes as many requests as there are projects
    await drive.until(
        lambda: wanted <= {each.collection.resource.name for each in overview.news.lists if each.health.since},
        "every family to be read",
    )
    return overview.news


@pytest.mark.opens("Browse")
@pytest.mark.parametrize("place", ["files", "home"])
async def test_each_change_in_any_family_is_named_once(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.connected.LOOKS_OUT", 0.0)
    monkeypatch.setattr("tui.workflows.overview.lookout.NEXT", 0.01)
    with served(scenario="calm", speed=SLOW) as server:
        doomed = make(server, "/vector_stores", name="doomed")
        async with opened(server, place, looks_out=True) as drive:
            await all_read(drive)
        wanted = change_much(server, doomed)
        async with opened(server, "files", looks_out=True) as drive:
            news = await all_read(drive)
            assert sorted((each.id, each.what) for each in news.changes()) == sorted(wanted)
            assert {**news.gaps(), "keys": ""} == {"files": "beyond the first 100", "keys": ""}
            await drive.command("news")
            await drive.sees("not compared: beyond the first 100")
            assert "batch-0.jsonl" in drive.text()
            await drive.press("slash", *"helper 2", "down")
            await drive.until(lambda: "helper 1" not in drive.text(), "what is typed to narrow the list")
            await drive.press("escape")
            await drive.sees("helper 1")
            await drive.press("colon")
            await drive.type("batches")
            await drive.press("enter")
            await drive.sees("PROGRESS")
            await drive.command("news")
            await drive.sees("helper 1")
            await drive.press("q")
            await drive.until(lambda: "helper 1" not in drive.text(), "the news to be left")
            await drive.until(lambda: " today" in drive.text().splitlines()[0], "what is spent in the header")
            await drive.until(lambda: "! " in drive.text().splitlines()[0], "what needs somebody")


async def test_what_was_not_read_is_named_and_compared_with_when_it_was() -> None:
    with served(scenario="calm", speed=SLOW) as server:
        async with opened(server, "assistants") as drive:  # nothing else is read
            assert drive.app.navigator
            assert drive.app.navigator.kept.overview.news.before is None
            assert any(each.health.since for each in drive.app.navigator.kept.overview.news.lists)
        first = make(server, "/assistants", model="gpt-5-mini", name="between")
        async with opened(server, "files") as drive:
            assert drive.app.navigator
            news = drive.app.navigator.kept.overview.news
            gaps = news.gaps()
            assert gaps.keys() == COMPARED, "a family is neither compared nor named"
            assert (gaps["assistants"], gaps["files"]) == ("not read yet", "not read at the last visit")
        async with opened(server, "assistants") as drive:
            assert drive.app.navigator
            news = drive.app.navigator.kept.overview.news
            assert [(each.id, each.what) for each in news.changes()] == [(first, "new")], (
                "it is older than a visit"
            )
