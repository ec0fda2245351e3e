"""Campaigns on the screen: begun, paused, gone on with, cancelled and merged; enter shows their batches."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from tests.support.campaigns import find_doubles, read_lines, write_parts
from tests.support.driving import opened, served
from tui.headless.batches import campaigns
from tui.headless.batches.forgetting import describe_loss
from tui.screens.dialogs.confirm import Confirm
from tui.screens.places.campaigns import CampaignsScreen
from tui.screens.places.results.campaign import CampaignResultsScreen
from tui.toolkit.controls import Input
from tui.workflows.campaigns.sending import Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.driving import Drive


async def answer(drive: Drive, text: str) -> None:
    """Answer a question for a text."""
    await drive.until(lambda: drive.app.screen.query(Input), "the question")
    drive.app.screen.query_one(Input).value = text
    await drive.press("enter")


@pytest.mark.opens("CampaignsScreen")
async def test_a_folder_is_sent_and_merged_by_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.workflows.campaigns.runner.LOOKS", (0.05, 0.2))
    monkeypatch.setattr("tui.screens.places.campaigns._LOOKS", 0.1)
    ids = write_parts(tmp_path / "in", 2, 5)
    with served(scenario="calm", speed=50.0) as server:
        campaigns.begin("held", [str(tmp_path / "in")], Options(), server.url).close()
        async with opened(server, "batches") as drive:
            await drive.command("campaigns")
            await drive.until(lambda: isinstance(drive.app.screen, CampaignsScreen), "the campaigns")
            await drive.sees("not run")
            await drive.press("s")
            await drive.told("held is paused; nothing runs it now")
            await drive.until(lambda: drive.record and drive.record.raw["state"] == "paused", "it is paused")
            await drive.press("s")
            await drive.told("held is paused no more")
            await drive.press("n")
            await answer(drive, str(tmp_path / "none"))
            await drive.told("does not exist")
            await drive.press("n")
            await answer(drive, str(tmp_path / "in"))
            await drive.sees("Name of the campaign")
            await answer(drive, "nightly")
            confirm = await drive.until(
                lambda: isinstance(drive.app.screen, Confirm) and drive.app.screen, "it asks"
            )
            await drive.sees("Send 2 files")
            await drive.until(lambda: confirm.armed, "the answer counts")
            await drive.press("y")
            await drive.told("nightly done: 10 ok, 0 failed of 10")
            await drive.until(lambda: drive.record and drive.record.id, "a campaign")
            await drive.press("home")
            await drive.until(lambda: drive.record and drive.record.id == "nightly", "the newest is first")
            await drive.sees("2/2 parts")
            await drive.press("D")
            await answer(drive, str(tmp_path / "out.jsonl"))
            await drive.told("10 answers")
            assert [line["custom_id"] for line in read_lines(tmp_path / "out.jsonl")] == ids
            assert any(f"they are in {tmp_path / 'out.jsonl'}" in lost for lost in describe_loss("nightly"))
            await drive.press("down", "ctrl+x")
            confirm = await drive.until(
                lambda: isinstance(drive.app.screen, Confirm) and drive.app.screen, "it asks"
            )
            await drive.until(lambda: confirm.armed, "the answer counts")
            await drive.press("y")
            await drive.told("held is cancelled.")
            await drive.told("held cancelled: 0 ok, 10 failed of 10")
            await drive.press("ctrl+d")
            await drive.sees("no file is known that holds")
            await drive.answer("Forget the campaign held?")
            await drive.told("held is forgotten.")
            await drive.until(lambda: drive.record and drive.record.id == "nightly", "it is not listed")
            await drive.press("home", "l")
            await drive.sees("2 of")
            await drive.sees("nightly 2/2")
            await drive.command("campaigns")
            await drive.until(lambda: isinstance(drive.app.screen, CampaignsScreen), "the campaigns again")
            (tmp_path / "bad.jsonl").write_text("{\n")
            await drive.press("n")
            await answer(drive, str(tmp_path / "bad.jsonl"))
            await answer(drive, "bad")
            await drive.answer("Send 1 file")
            await drive.sees("The input has 1 fault; nothing was sent.")
            await drive.sees("bad.jsonl")  # each with its line
        assert find_doubles(server, "nightly") == []


@pytest.mark.opens("CampaignResultsScreen")
async def test_its_results_are_read_saved_and_sent_again_with_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.workflows.campaigns.runner.LOOKS", (0.05, 0.2))
    monkeypatch.setattr("tui.screens.places.results.campaign._LOOKS", 0.1)
    monkeypatch.setattr("tui.screens.places.results.campaign._PAUSE", 0.0)
    monkeypatch.setattr("tui.workflows.campaigns.answers.results.MOST", 8)
    ids = write_parts(tmp_path / "in", 2, 5)
    path = tmp_path / "in" / "part2.jsonl"
    first, *rest = path.read_text().splitlines()
    refused = first.replace('"model"', '"temperature": 0.5, "model"')
    path.write_text("\n".join([refused, *rest]) + "\n")
    with served(scenario="calm", speed=50.0) as server:
        journal = campaigns.begin("nightly", [str(tmp_path / "in")], Options(), server.url)
        async with opened(server, "batches") as drive:
            with journal:
                assert drive.app.platform
                client = drive.app.platform.client
                code, _ = await campaigns.go_on(client, journal, lambda _: None, lambda _: None)
            assert code == campaigns.PARTIAL
            await drive.command("campaigns")
            await drive.until(lambda: drive.record and drive.record.id == "nightly", "the campaign")
            await drive.press("enter")
            await drive.until(lambda: isinstance(drive.app.screen, CampaignResultsScreen), "its results")
            await drive.sees("generation 0: 9 · left 1   ok 9 · 400 unsupported_value 1")
            await drive.sees("the first 8 of 10 are shown")
            await drive.press("L")
            await drive.told("No more than 8 are held at once")
            screen = drive.app.screen
            assert isinstance(screen, CampaignResultsScreen)
            screen.filter_by("request-2-3")
            screen._look()  # the look at the journal that comes right then
            await drive.sees("Say 2 and 3")
            screen.filter_by("")
            await drive.press("!")
            await drive.sees("request-2-0")
            await drive.press("slash")
            await drive.type("request-2-4")
            await drive.sees("Say 2 and 4")
            await drive.press("enter", "ctrl+s")
            await answer(drive, str(tmp_path / "one.csv"))
            await drive.told("Saved 1 result ")
            assert [row["custom_id"] for row in csv.DictReader((tmp_path / "one.csv").open())] == ["request-2-4"]
            await drive.press("escape", "R")
            await drive.sees("[x] refused")
            await drive.press("s")
            await answer(drive, "temperature=1")
            await drive.sees("1 request · with temperature=1")
            await drive.press("enter")
            await drive.told("nightly done: 10 ok, 0 failed of 10")
            await drive.sees("generation 0: 9 · 1: 1 · left 0")
            await drive.press("E")
            await drive.told("Every request was answered.")
            await drive.press("ctrl+s")
            await answer(drive, str(tmp_path / "all.jsonl"))
            await drive.told("Saved 10 results")
        merged = read_lines(tmp_path / "all.jsonl")
        assert [line["custom_id"] for line in merged] == ids
        assert [line["generation"] for line in merged] == [0] * 5 + [1] + [0] * 4
        assert merged[5]["request"]["body"]["temperature"] == 1
        assert find_doubles(server, "nightly") == []
