"""What a declaration alone gives, without a screen of its own: edits, answers to look at, server filters."""

from __future__ import annotations

from typing import Any

from tests.support.driving import Drive, Server, opened
from tui.screens.places.listing.screen import ResourceScreen


def writes(server: Server, path: str) -> list[dict[str, Any]]:
    """The requests that changed what is at `path`."""
    return [seen for seen in server.requests() if seen["method"] != "GET" and seen["path"].endswith(path)]


def shown(drive: Drive) -> str:
    """The name of the resource that is listed."""
    screen = drive.app.screen
    return screen.resource.name if isinstance(screen, ResourceScreen) else ""


async def test_an_edit_sends_what_was_changed_and_nothing_when_nothing_was(fresh: Server) -> None:
    store = fresh.call("POST", "/vector_stores", json={"name": "before", "metadata": {"kept": "yes"}})
    path = f"/vector_stores/{store['id']}"
    async with opened(fresh, "vector-stores") as drive:
        await drive.until(lambda: drive.record and drive.record.id == store["id"], "the store under the cursor")
        await drive.press("e")
        await drive.sees("kept=yes")
        await drive.press("ctrl+s")
        await drive.sees("Nothing was changed.")
        assert not writes(fresh, path)
        await drive.press("ctrl+u")
        await drive.type("after")
        await drive.press("ctrl+s")
        await drive.until(lambda: fresh.call("GET", path)["name"] == "after", "the new name on the server")
        assert fresh.call("GET", path)["metadata"] == {"kept": "yes"}
        await drive.until(lambda: drive.record.raw["name"] == "after", "the new name in the list")


async def test_a_search_shows_what_was_found_and_the_list_stays(fresh: Server) -> None:
    files = {"file": ("cats.txt", b"Cats sleep for most of the day.")}
    file = fresh.call("POST", "/files", files=files, data={"purpose": "assistants"})["id"]
    store = fresh.call("POST", "/vector_stores", json={"name": "zoo", "file_ids": [file]})["id"]
    async with opened(fresh, "vector-stores") as drive:
        await drive.until(
            lambda: drive.record and drive.record.raw["status"] == "completed", "the store to be read"
        )
        await drive.press("F")
        await drive.sees("What to look for")
        await drive.type("how long do cats sleep")
        await drive.press("ctrl+s")
        await drive.sees("Cats sleep for most of the day.")
        await drive.press("escape", "escape")
        await drive.sees("vector-stores")
        await drive.press("enter")
        await drive.until(lambda: drive.record and drive.record.id == file, "the files of the store")
        await drive.press("enter")
        await drive.sees("vector_store.file_content.page")
    assert fresh.call("GET", f"/vector_stores/{store}")["file_counts"]["total"] == 1


async def test_a_filter_of_the_server_and_a_resource_may_have_the_same_name(fresh: Server) -> None:
    for model in ("gpt-5-mini", "gpt-4.1"):
        body = {"model": model, "store": True, "messages": [{"role": "user", "content": "Hello"}]}
        fresh.call("POST", "/chat/completions", json=body)
    async with opened(fresh, "completions") as drive:
        await drive.command("model gpt-4.1")
        await drive.sees("model=gpt-4.1")
        await drive.until(lambda: drive.record and drive.record.raw["model"] == "gpt-4.1", "only that model's")
        await drive.command("vs")
        await drive.until(lambda: shown(drive) == "vector-stores", "another list")
        await drive.command("model")
        await drive.until(lambda: shown(drive) == "models", "the list of models")
