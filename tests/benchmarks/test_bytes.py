"""What the program sends to a terminal of 120×40 as it is used: counts, which do not vary with the machine."""

from __future__ import annotations

from contextlib import asynccontextmanager
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, is_connected, served
from tests.support.recording import Recording, recorded
from tests.support.sent_files import requests_file
from tui.app import O9s
from tui.screens.places.detail_beside import DetailBeside
from tui.start import Start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.driving import Server

NOW = 1_795_000_000.0  # the sandbox's clock stands still until a test moves it


@pytest.fixture(autouse=True)
def dear_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dearest colours, so that all others cost less."""
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENAI_API_KEY", PROJECT_KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.delenv("NO_COLOR", raising=False)


@asynccontextmanager
async def begun(server: Server, place: str) -> AsyncIterator[tuple[Drive, Recording]]:
    """The program with its first list, of which nothing is taken from the recording yet."""
    app = O9s(Start(resource=place, base_url=server.url))
    async with recorded(app) as recording:
        drive = Drive(app, recording.pilot)
        await drive.until(lambda: is_connected(app), "the first list")
        await app.settled()
        yield drive, recording


def place_of(drive: Drive) -> DetailBeside:
    """The list that is shown, with its detail."""
    screen = drive.app.screen
    assert isinstance(screen, DetailBeside)
    return screen


async def cost(drive: Drive, recording: Recording, key: str) -> int:
    """How many bytes a cursor key takes, with the footer and the detail that follow."""
    await drive.press(key)
    place = place_of(drive)
    if place.detail_at != "off":
        await drive.until(lambda: place.detail.record is place.record, "the detail to follow")
    return len(await recording.take())


@pytest.mark.parametrize(("place", "alone", "followed"), [("batches", 500, 1700), ("files", 400, 1000)])
async def test_a_cursor_key(place: str, alone: int, followed: int) -> None:
    with served(scenario="calm", now=NOW) as server:
        async with begun(server, place) as (drive, recording):
            # 6,000 to 8,600: a slow machine shows more of what comes bit by bit. A real terminal gets 6,400.
            assert len(await recording.take()) <= 10_000, "until the rows stand"
            await drive.until(lambda: place_of(drive).detail.record, "the detail")
            await drive.rest()
            await recording.take()  # the detail, and what it is said to be called
            with_detail = [await cost(drive, recording, "j") for _ in range(8)]
            await drive.press("p")
            assert place_of(drive).detail_at == "off"
            await recording.take()
            without = [await cost(drive, recording, "k") for _ in range(8)]
    # Of one key or another more is sent: what was read in the background came right then.
    assert median(without) <= alone, without
    assert median(with_detail) <= followed, with_detail


async def test_home_with_thirty_that_change(tmp_path: Path) -> None:
    with served(scenario="calm", now=NOW) as server:
        content = requests_file(tmp_path, 2000).read_bytes()
        uploaded = server.call("POST", "/files", files={"file": ("r.jsonl", content)}, data={"purpose": "batch"})
        body = {"input_file_id": uploaded["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        for _ in range(30):
            server.call("POST", "/batches", json=body)
        server.control("clock", advance=12)
        async with begun(server, "home") as (drive, recording):
            await drive.sees("r.jsonl       █")
            assert len(await recording.take()) <= 20_000, "until home stands"
            sizes = []
            for _ in range(3):
                shown = drive.text()
                server.control("clock", advance=1)
                await drive.press("r")
                await drive.until(lambda shown=shown: drive.text() != shown, "home to change")  # type: ignore[misc]
                sizes.append(len(await recording.take()))
    assert max(sizes) <= 6000, sizes
