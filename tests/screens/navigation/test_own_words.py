"""The user's own words, filters and views: where they lead, and how lists look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.support.driving import PROJECT_KEY, opened, write_config
from tui.cli.main import cli

if TYPE_CHECKING:
    from tests.support.driving import Server

CONFIG = """
places = ["home", "trouble"]
[aliases]
trouble = "batches /@bad"
[filters]
bad = "!ok !running"
[views.batches]
columns = ["NAME", "endpoint", "request_counts.total"]
sort = "-request_counts.total"
colours = [{when = "@bad", tone = "bad"}, {when = "request_counts.total>100", tone = "accent"}]
[views.files]
filter = "purpose:batch_output"
"""


async def test_words_lead_to_places_and_lists_look_as_one_wants(fresh: Server) -> None:
    write_config(CONFIG)
    async with opened(fresh, "batches", size=(100, 30)) as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.sees("request_counts.total↓")
        heads = next(line for line in drive.text().splitlines() if "NAME" in line).split()
        assert heads == ["NAME", "ENDPOINT", "request_counts.total↓"]
        view = drive.table.view
        totals = [record.at("request_counts.total") for record in map(view.record, range(len(view)))]
        assert totals == sorted(totals, reverse=True)
        tones = {view.tone_of(record) for record in map(view.record, range(len(view)))}
        assert tones == {"bad", "accent", ""}
        whole = len(view)
        await drive.press("slash")
        await drive.sees("@bad")
        await drive.type("@b")
        await drive.press("tab")
        await drive.press("enter")
        await drive.sees("/@bad")
        bad = len(view)
        assert 0 < bad < whole
        await drive.press("escape")
        assert len(view) == whole
        await drive.command("files")
        await drive.sees("/purpose:batch_output")
        await drive.press("escape")
        await drive.until(lambda: "/purpose" not in drive.text(), "the filter to be gone")
        await drive.press("left_square_bracket", "right_square_bracket")
        await drive.until(lambda: drive.app.navigator and drive.app.navigator.history.current, "the list")
        assert "/purpose" not in drive.text(), "coming back finds it as it was"
        await drive.press("colon")
        await drive.type("tro")
        await drive.sees("Yours · batches /@bad")
        await drive.press("tab", "enter")
        await drive.sees("/@bad")
        assert len(drive.table.view) == bad
        await drive.press("1", "2")
        await drive.sees("/@bad")
        await drive.command("trouble endpoint:embeddings")
        await drive.sees("/@bad endpoint:embeddings")


async def test_it_opens_where_one_was(fresh: Server) -> None:
    write_config('start = "last"\n')
    async with opened(fresh, "") as drive:
        await drive.sees("1 HOME")
        await drive.command("files /purpose:batch")
        await drive.until(lambda: drive.record, "a file")
        await drive.press("f")
        await drive.until(lambda: drive.app.navigator and drive.app.navigator.history.current.id, "one file")  # type: ignore[union-attr]
    async with opened(fresh, "") as drive:
        await drive.sees("3 FILES")
        await drive.sees("/purpose:batch")


def test_a_saved_filter_is_known_to_commands(fresh: Server) -> None:
    write_config(CONFIG)
    words = ["get", "batches", "--base-url", fresh.url, "-o", "ids", "--filter"]
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    found = CliRunner().invoke(cli, [*words, "@bad"], env=env)
    same = CliRunner().invoke(cli, [*words, "!ok !running"], env=env)
    assert found.exit_code == 0, found.output
    assert found.stdout == same.stdout != ""
    shown = CliRunner().invoke(cli, [*words[:4], "--view", "-o", "csv", "--limit", "3"], env=env)
    assert shown.exit_code == 0, shown.output
    head, *rows = shown.stdout.splitlines()
    assert head.lower() == "name,endpoint,request_counts.total"
    totals = [int(row.rpartition(",")[2]) for row in rows]
    assert totals == sorted(totals, reverse=True)
