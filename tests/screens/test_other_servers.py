"""Servers that have a part of the platform: what is missing is grey with its reason, and asked for once."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.support.driving import Drive, opened, write_config
from tests.support.odd_server import odd_server
from tui.commands.offers import find_offers
from tui.widgets.base.places_bar import PlacesBar
from tui.widgets.input.prompt import Prompt


@pytest.mark.opens("Viewer")
async def test_what_a_server_lacks_is_grey_and_asked_for_once_until_r() -> None:
    asked: Counter[str] = Counter()
    there = {"files": False}

    def answer(path: str, served: bool | None = True) -> Any:
        def reply(_: object) -> Any:
            asked[path] += 1
            is_there = there["files"] if path == "/files" else served
            return {"object": "list", "data": [], "has_more": False} if is_there else 404

        return reply

    paths = {"/models": True, "/batches": True, "/files": None, "/vector_stores": False, "/evals": False}
    routes = {path: answer(path, served) for path, served in paths.items()}
    with odd_server(routes) as url:
        async with opened(base_url=url, resource="home", env={"OPENAI_API_KEY": "sk-any"}) as drive:
            navigator = await drive.until(lambda: drive.app.navigator, "the program")
            platform = navigator.platform
            await drive.until(lambda: asked["/files"] and asked["/vector_stores"], "home to ask")
            await drive.sees("Not on this server: files,")
            await drive.press("3")  # from home to a list and back asks for nothing that is not there
            await drive.press("2", "1", "6")
            await drive.sees("GET /evals answers 404")
            await drive.until(lambda: drive.app.screen.query_one(PlacesBar).parts[0], "the places")
            row = drive.app.screen.query_one(PlacesBar).parts[0]
            assert (" 3", "dim") in [(text.rstrip(), tone) for text, tone in row]
            assert (" 2", "key") in [(text.rstrip(), tone) for text, tone in row]
            assert platform.health.error is None, "what is not there counts as a fault of the link"
            assert (asked["/files"] <= 2, asked["/evals"]) == (True, 1), "the list asks, and what sums it up"
            suggestions = {each.text: each for each in navigator.complete("")}
            assert (suggestions["files"].is_dim, suggestions["files"].meaning) == (
                True,
                "not on this server (404)",
            )
            assert not suggestions["batches"].is_dim
            offers = {title: words for title, words, _ in find_offers(navigator, drive.app.screen)}
            assert offers["evals"] == "not on this server (404)"
            there["files"] = True
            before = asked["/files"]
            await drive.press("colon", *"files", "enter")
            await drive.until(lambda: not drive.app.screen.query_one(Prompt).is_open, "the list")
            await drive.sees("GET /files answers 404")
            assert asked["/files"] == before
            await drive.press("r")
            await drive.sees("No files yet")
            assert not navigator.complete("files")[0].is_dim
            await drive.command("doctor")
            await drive.sees("· evals")
            text = drive.text()
            assert "✓ batches" in text
            assert asked["/evals"] == 1, "what is known not to be there was asked for again"


async def test_a_kind_of_server_is_not_asked_for_what_it_lacks() -> None:
    asked: Counter[str] = Counter()

    def reply(path: str) -> Any:
        def answer(_: object) -> Any:
            asked[path] += 1
            return {"object": "list", "data": [{"id": "llama", "object": "model"}]}

        return answer

    with odd_server({path: reply(path) for path in ("/models", "/files", "/batches")}) as url:
        write_config(f'default_profile = "l"\n[profiles.l]\nkind = "ollama"\nbase_url = "{url}"\n')
        async with opened(resource="models", env={}) as drive:
            await drive.sees("llama")
            await drive.press("colon", *"files", "enter")
            await drive.sees("ollama has no /files")
            assert set(asked) == {"/models"}
            await drive.press("r")
            await drive.until(lambda: asked["/files"], "the list to be asked for all the same")


async def test_ids_of_other_servers_are_opened_where_they_are_named() -> None:
    made = [{"id": id_, "object": "batch", "status": "completed"} for id_ in ("batch-abc", "0f3e7c1a-4b")]
    routes: dict[str, Any] = {f"/batches/{each['id']}": each for each in made}
    routes["/batches"] = {"object": "list", "data": made, "has_more": False}
    with odd_server(routes) as url:
        async with opened(base_url=url, env={"OPENAI_API_KEY": "sk-any"}) as drive:
            await drive.sees("batch-abc")
            for line, id_ in (("batch-abc", "batch-abc"), ("batches 0f3e7c1a-4b", "0f3e7c1a-4b")):
                await drive.command(line)
                await drive.until(partial(_is_shown, drive, id_), f"the object of :{line}")


def _is_shown(drive: Drive, id_: str) -> bool:
    """Return whether the object with this id is shown by itself."""
    here = drive.app.navigator and drive.app.navigator.history.current
    return bool(here and here.id == id_)
