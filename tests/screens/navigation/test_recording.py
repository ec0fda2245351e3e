"""`:record` and `--replay` in the program: what was shown is shown again, with its time, and nothing else is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.canaries import find_kept_keys
from tests.support.driving import Drive, opened, served
from tui.screens.navigation.accounts.account import Account

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_790_000_000.0
ROW = re.compile(r"[✓✖▲■] \w+ {4}.{80}")


async def opens_results(drive: Drive, id_: str) -> None:
    """Open a batch that is over."""
    drive.table.cursor_id = id_
    await drive.until(lambda: drive.record and drive.record.id == id_, "the cursor on it")
    await drive.press("enter")


@pytest.mark.opens("ExchangesScreen", "Ask")
async def test_what_was_recorded_is_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    with served(scenario="calm", now=NOW) as server:
        async with opened(server, size=(120, 40)) as drive:
            for line, words in (
                ("record", "Name a folder, such as"),
                ("record stop", "Nothing is recorded"),
                ("pause", "Only the time of a replay"),
                ("speed 2", "Only the time of a replay"),
            ):
                await drive.command(line)
                await drive.sees(words)
                await drive.press("escape")
            await drive.command(f"record {folder}")
            await drive.told("without keys")
            await drive.sees("● rec")
            await drive.command(f"record {folder}2")
            await drive.sees("already: :record stop")
            await drive.press("escape")
            await drive.press("r")
            await drive.command("http")
            await drive.sees("D saves all as HAR")
            await drive.press("D")
            await drive.sees("Save as HAR to")
            await drive.press("ctrl+u")
            await drive.type(str(tmp_path / "all.har"))
            await drive.press("enter")
            await drive.told("Saved")
            await drive.press("escape")
            rows = ROW.findall(drive.text())
            assert rows
            held = drive.table.view.collection.records
            done = next(id_ for id_, each in held.items() if each.at("output_file_id"))
            await opens_results(drive, done)
            await drive.until(lambda: "results" in drive.text() and drive.table.view.ids, "the results")
            await drive.press("escape")
            await drive.until(lambda: done in drive.table.view.ids, "the batches")
            await drive.command("record stop")
            await drive.told(f"recorded in {folder}")
            assert "● rec" not in drive.text()
            await drive.command("present")
            await drive.command(f"record {folder}-shown")
            await drive.told("without keys and contents")
    assert not find_kept_keys(tmp_path)
    entries = json.loads((tmp_path / "all.har").read_text())["log"]["entries"]
    assert "/batches" in {entry["request"]["url"].partition("/v1")[2].partition("?")[0] for entry in entries}
    async with opened(None, "batches", size=(120, 40), env={}, replay=folder) as drive:
        await drive.sees("▲ replay of 2026-09-21 ")
        await drive.sees(rows[0])
        assert ROW.findall(drive.text()) == rows, "the same rows, with the ages of that time"
        with monkeypatch.context() as before_its_end:  # which comes soon: what was recorded took a moment
            before_its_end.setattr(Account, "is_over", False)
            await drive.command("pause")
            await drive.sees("‖ paused")
        assert drive.app.platform
        connection = drive.app.platform.client.connection
        async with httpx.AsyncClient() as http:
            clock = f"{connection.base_url.removesuffix('/v1')}/_sandbox/clock"
            first, second = [(await http.post(clock, json={"advance": 0})).json()["now"] for _ in range(2)]
        assert first == second, "the server's time goes on"
        for line in ("speed", "speed 0", "speed inf", "speed 20000"):
            await drive.command(line)
            await drive.sees("Give how many times as fast")
            await drive.press("escape")
        await drive.command("speed 10000")
        await drive.told("10000 times as fast")
        await drive.command("pause")
        await drive.told("Time goes on.")
        await drive.sees(", over")
        for line in ("pause", "speed 2"):
            await drive.command(line)
            await drive.sees("its time goes no further")
            await drive.press("escape")
        assert "‖ paused" not in drive.text()
        await opens_results(drive, done)
        await drive.sees("The results of this batch were not recorded: o9s record --contents keeps them.")
        await drive.press("escape")
        await drive.command("files")
        await drive.sees("was not asked for while it was made")
        await drive.sees("✖ not recorded")
