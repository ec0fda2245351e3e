"""Moving about: filters, order, marks, history, help that runs, palette, ids to follow."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Server, opened
from tui.resources.files import FILES
from tui.resources.language.resource import title_of
from tui.screens.forms.form import Form
from tui.screens.workflows.difference import Difference
from tui.widgets.base.bars import FooterBar
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.detail.split import Split
from tui.widgets.detail.tab_bar import TabBar
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.line_view import LineView

if TYPE_CHECKING:
    from pathlib import Path


async def test_history_brings_back_filter_order_width_and_cursor(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.press("slash")
        await drive.type("outcome:invalid")
        await drive.press("enter")
        await drive.press("A", "w", "j")
        assert drive.table.wide
        there = drive.table.cursor_id
        rows = list(drive.table.view.ids)
        await drive.command("files")
        await drive.sees(" files ")
        await drive.press("left_square_bracket")
        await drive.sees("/outcome:invalid")
        assert list(drive.table.view.ids) == rows
        assert drive.table.cursor_id == there
        assert drive.table.wide, "the columns"
        await drive.press("right_square_bracket")
        await drive.sees("batch_output")
        await drive.press("minus")
        await drive.sees("/outcome:invalid")
        await drive.press("w", "q")
        await drive.until(lambda: len(drive.table.view) > len(rows), "the filter to go")
        assert not drive.table.wide


async def test_the_filter_follows_what_is_typed_and_esc_clears_it(fresh: Server) -> None:
    async with opened(fresh) as drive:
        every = len(drive.table.view)
        await drive.press("slash")
        await drive.type("outcome:ok")
        await drive.until(lambda: 0 < len(drive.table.view) < every, "fewer rows")
        await drive.press("escape")
        await drive.until(lambda: len(drive.table.view) == every, "all rows")
        await drive.press("slash")
        await drive.type("nothing-is-called-so")
        await drive.press("enter")
        await drive.sees("Nothing matches /nothing-is-called-so")
        await drive.press("escape", "slash")
        await drive.type("outcome:invlid")
        await drive.sees("No outcome is invlid. Did you mean invalid? There are: ")


async def test_attention_only(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.sees("need you")
        await drive.press("exclamation_mark")
        ids = list(drive.table.view.ids)
        batches = fresh.call("GET", "/batches?limit=100")["data"]
        bad = {each["id"] for each in batches if each["status"] in ("failed", "expired")}
        good = {
            each["id"]
            for each in batches
            if each["status"] == "completed" and not each["request_counts"]["failed"]
        }
        assert bad
        assert good
        assert bad <= set(ids)
        assert not good & set(ids)
        await drive.press("q")
        await drive.until(lambda: len(drive.table.view) > len(ids), "everything again")


async def test_an_unfinished_filter_says_what_is_in_force(fresh: Server) -> None:
    async with opened(fresh, "files") as drive:
        screen: Any = drive.app.screen
        await drive.press("slash")
        await drive.type("purpose:batch")
        await drive.until(lambda: screen.location.filter == "purpose:batch", "the first filter")
        shown = list(screen.view.ids)
        await drive.type(" size>")
        await drive.sees("In force is /purpose:batch.")
        assert (screen.location.filter, list(screen.view.ids)) == ("purpose:batch", shown)
        await drive.press("escape")
        assert drive.app.navigator
        await drive.command("files /size>")
        await drive.told("No filter is in force.")
        screen = drive.app.screen
        assert screen.location.filter == ""


async def test_the_server_filters_files_by_purpose(fresh: Server) -> None:
    wanted = {each["id"] for each in fresh.call("GET", "/files?purpose=fine-tune")["data"]}
    async with opened(fresh, "files") as drive:
        await drive.command("purpose fine-tune")
        await drive.sees("purpose=fine-tune")
        await drive.until(lambda: set(drive.table.view.ids) == wanted, "the files of that purpose")
        await drive.command("batches")
        await drive.command("files")  # opened anew it is not filtered, whatever it was before
        await drive.until(lambda: len(drive.table.view) > len(wanted), "all files of a place opened anew")
        await drive.press("q", "q")
        await drive.sees("purpose=fine-tune")
        await drive.command("storage")
        await drive.sees("batch_output")
        await drive.press("q")
        await drive.until(lambda: set(drive.table.view.ids) == wanted, "the files of that purpose again")
        await drive.press("q")
        await drive.until(lambda: len(drive.table.view) > len(wanted), "all files")


async def test_an_id_in_the_detail_is_followed_and_its_content_opened(fresh: Server) -> None:
    async with opened(fresh) as drive:
        done = next(
            record
            for record in drive.table.view.collection.records.values()
            if record.raw["status"] == "completed" and record.raw["output_file_id"]
        )
        await drive.command(f"open {done.id}")
        await drive.sees(f"batches ▸ {done.id}")
        await drive.sees(done.raw["input_file_id"])
        await drive.until(lambda: drive.record is not None, "the object")
        row = next(
            number
            for number, line in enumerate(drive.app.screen.query_one("Summary").searchable().lines)  # type: ignore[attr-defined]
            if done.raw["input_file_id"] in line
        )
        for _ in range(row):
            await drive.press("j")
        await drive.press("enter")
        await drive.sees(f"files ▸ {done.raw['input_file_id']}")
        await drive.until(lambda: drive.record is not None, "the file")
        await drive.press("enter")
        await drive.sees("view content ·")
        await drive.press("q", "q")  # out of the content, and of the file
        await drive.sees(f"batches ▸ {done.id}")
        await drive.press("q")
        await drive.until(lambda: drive.table.view, "the list that all began in")


async def test_an_objects_page_is_searched_and_n_is_new_until_then(fresh: Server) -> None:
    async with opened(fresh, "files") as drive:
        await drive.press("f")
        await drive.sees("> <")
        await drive.until(lambda: isinstance(drive.app.focused, LineView), "the summary to have the focus")
        await drive.press("slash")
        await drive.type("/purp|stat/")
        await drive.press("enter")
        await drive.sees("match 1/2")
        await drive.press("n")
        await drive.sees("match 2/2")
        await drive.press("slash")
        await drive.type("/(/")
        await drive.press("enter")
        await drive.sees("not a pattern")
        await drive.press("escape", "slash", "enter", "n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form of a new file")


async def test_help_is_searched_and_run(fresh: Server) -> None:
    async with opened(fresh, "files") as drive:
        await drive.press("question_mark")
        await drive.sees("type to search · enter runs")
        await drive.type("upload")
        await drive.press("enter")
        await drive.sees("POST /files")
        await drive.press("escape", "a")
        await drive.sees("view content")
        await drive.type("delete")
        await drive.press("enter")
        await drive.sees("Delete this file?")


async def test_what_cannot_be_done_stays_listed_with_its_reason(fresh: Server) -> None:
    async with opened(fresh, "models") as drive:
        drive.table.cursor_id = "gpt-5"
        await drive.press("a")
        await drive.sees("only fine-tuned models can be deleted")


async def test_the_palette_knows_resources_actions_and_commands(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.press("ctrl+p")
        await drive.rest()
        await drive.type("fine-tuning")
        await drive.sees("list fine-tuning")
        await drive.press("enter")
        await drive.until(lambda: drive.app.screen.resource.name == "fine-tuning", "the jobs")  # type: ignore[attr-defined]


async def test_saving_what_is_shown(fresh: Server, tmp_path: Path) -> None:
    path = tmp_path / "invalid.csv"
    async with opened(fresh) as drive:
        await drive.press("slash")
        await drive.type("outcome:invalid")
        await drive.press("enter", "ctrl+s")
        await drive.sees("Save what is shown")
        await drive.press("home", *["delete"] * len("batches.csv"))
        await drive.type(str(path))
        await drive.press("enter")
        await drive.told("Saved")
        rows = list(csv.DictReader(path.open()))
        assert [row["id"] for row in rows] == list(drive.table.view.ids)
        assert {row["outcome"] for row in rows} == {"invalid"}
        await drive.press("ctrl+s")
        await drive.sees("Save what is shown")
        await drive.press("home", *["delete"] * len("batches.csv"))
        await drive.type(str(path))
        await drive.press("enter")
        await drive.told("exists already")


async def test_saving_a_list_that_is_loaded_in_part_says_so_and_offers_all(fresh: Server, tmp_path: Path) -> None:
    for at in range(101):
        fresh.call("POST", "/files", files={"file": (f"{at}.txt", b"x")}, data={"purpose": "assistants"})
    part, whole = tmp_path / "part.csv", tmp_path / "all.csv"
    async with opened(fresh, "files") as drive:
        await drive.until(lambda: len(drive.table.view.ids) == 100, "the first page")
        for keys, path, told in ((["enter"], part, "There are more"), (["down", "enter"], whole, "Saved")):
            await drive.press("ctrl+s")
            await drive.sees("There are more files than these")
            await drive.press(*keys)
            await drive.sees("Save what is shown")
            await drive.press("home", *["delete"] * len("files.csv"))
            await drive.type(str(path))
            await drive.press("enter")
            await drive.told(told)
            await drive.until(path.exists, "the file")
        saved = {row["id"] for row in csv.DictReader(whole.open())}
    assert len(list(csv.DictReader(part.open()))) == 100
    assert saved == {file["id"] for file in fresh.call("GET", "/files?limit=1000")["data"]}


async def test_the_detail_goes_below_off_and_right_and_stays_as_wide_as_it_was_made(fresh: Server) -> None:
    async with opened(fresh, size=(120, 40)) as drive:
        await drive.sees("SUMMARY")
        assert drive.app.screen.has_class("-below")
        await drive.sees("Files")  # beside what else there is to say: all of it is to be seen
        height = drive.app.screen.query_one(DetailPane).size.height
        await drive.press("plus")
        await drive.until(lambda: drive.app.screen.query_one(DetailPane).size.height > height, "a higher detail")
        await drive.press("p")
        await drive.until(lambda: "SUMMARY" not in drive.text(), "no detail")
        await drive.press("p")
        await drive.until(lambda: drive.app.screen.has_class("-right"), "the detail on the right")
        tabs = drive.app.screen.query_one(TabBar)
        name = title_of(drive.app.screen.resource, drive.record) or drive.record.id  # type: ignore[attr-defined]
        await drive.until(lambda: tabs.render().plain.endswith(f" {name}"), "the object's name over its detail")
        split = drive.app.screen.query_one(Split).region
        await drive.pilot.mouse_down(offset=(split.x, split.y + 3))
        await drive.pilot.hover(offset=(60, 12))
        await drive.pilot.mouse_up(offset=(60, 12))
        await drive.until(lambda: drive.app.screen.query_one(Split).region.x in range(58, 63), "the line there")
    async with opened(fresh, size=(120, 40)) as drive:
        await drive.until(lambda: drive.app.screen.has_class("-right"), "the detail on the right again")
        await drive.until(lambda: drive.app.screen.query_one(Split).region.x in range(58, 63), "the line there")


async def test_a_small_terminal_shows_the_detail_in_the_lists_place(fresh: Server) -> None:
    async with opened(fresh, size=(80, 24)) as drive:
        assert "SUMMARY" not in drive.text()
        await drive.sees("p detail   model")
        await drive.press("d")
        await drive.sees("SUMMARY")
        await drive.sees("Phases")
        await drive.press("q")
        await drive.sees("OUTCOME")


async def test_updates_can_be_held(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.press("z")
        await drive.sees("held at")
        await drive.press("z")
        await drive.sees("● live")


async def test_every_request_is_listed_and_copied_without_a_key(fresh: Server) -> None:
    copied: list[str] = []
    async with opened(fresh) as drive:
        driver = drive.app._driver
        assert driver is not None
        await drive.press("i")
        await drive.sees("GET    /batches")
        driver.write = copied.append  # type: ignore[method-assign, assignment]
        await drive.press("Y")
        await drive.told("Copied")
    from base64 import b64decode

    sequence = next(text for text in copied if "]52;" in text)
    command = b64decode(sequence.partition("c;")[2].rstrip("\a")).decode()
    assert "$OPENAI_" in command, "a variable in place of the key, whichever request came last"
    assert "/v1/" in command
    assert "sk-" not in command


async def test_the_footer_keeps_the_ways_out_shows_what_can_act_and_can_be_clicked(fresh: Server) -> None:
    async with opened(fresh, size=(60, 15)) as drive:
        for place in (
            "batches",
            "fine-tuning",
            "files",
            "limits",
            "audit",
            "costs",
            "home",
            "due",
            "tasks",
            "campaigns",
        ):
            await drive.command(place)
            await drive.sees("? help")
            footer = drive.text().splitlines()[-1]
            assert all(f" {key} " in footer for key in (":", "a", "?")), f"{place}: {footer}"
        await drive.command("batches")
        bar = drive.app.screen.query_one(FooterBar)
        await drive.until(lambda: bar._left_hints and drive.record, "keys of the row")
        assert all(hint.enabled for hint in bar._left_hints), "what cannot act is not among them"
        x = drive.text().splitlines()[-1].index(": go")
        await drive.click(bar, offset=(x, 0))
        await drive.until(lambda: drive.app.screen.query_one(Prompt).is_open, "the line for commands")
        await drive.press("escape")
        await drive.click(bar, offset=(1, 0))
        await drive.until(lambda: "results" in drive.text().splitlines()[1], "what enter opens")


@pytest.mark.opens("Difference")
async def test_two_marked_objects_of_any_kind_are_compared(fresh: Server) -> None:
    async with opened(fresh, "files") as drive:
        await drive.until(lambda: len(drive.table.view) > 1, "rows")
        await drive.press("=")
        await drive.told("Mark two file rows with space to see how they differ.")
        await drive.press("space")
        ids, records = drive.table.view.ids, drive.table.view.collection.records
        names = {id_: records[id_].raw["filename"] for id_ in ids}  # others may have stored two of one name
        other = next(id_ for id_ in ids if names[id_] != names[ids[0]])
        drive.table.cursor_id = other
        await drive.until(lambda: drive.record and drive.record.id == other, "the cursor on another")
        await drive.press("space")
        await drive.until(lambda: len(drive.table.view.marks) == 2, "two marks")
        first, second = (each.raw["filename"] for each in drive.app.screen.targets())  # type: ignore[attr-defined]
        await drive.press("=")
        await drive.sees(f"{first}  beside  {second}")
        await drive.sees("filename")
        text = drive.text()
        assert '"file"' not in text, "what is the same is not shown"
        await drive.press("exclamation_mark")
        await drive.sees('"file"')
        await drive.press("x")
        await drive.sees(f"{second}  beside  {first}")
        assert drive.text().startswith(" o9s "), "the header stays"
        await drive.press("enter")
        await drive.sees("1 │")
        await drive.press("escape", "escape")
        await drive.sees(" files ")


async def test_of_a_long_way_the_id_gives_way_to_how_the_object_stands(fresh: Server) -> None:
    async with opened(fresh, size=(70, 24)) as drive:
        expired = next(
            record
            for record in drive.table.view.collection.records.values()
            if record.raw["status"] == "expired" and record.object.name
        )
        await drive.command(f"open {expired.id}")
        await drive.sees("expired 87 %")
        line = next(line for line in drive.text().splitlines() if "▸" in line)
        assert f"  {expired.object.name}" in line
        assert "…" in line.split("▸")[1].split()[0], "the id, in its middle"
        assert line.split("▸")[1].split()[0].endswith(expired.id[-5:])


async def test_compared_values_have_the_room_that_others_leave(fresh: Server) -> None:
    record = FILES.record
    long, short = "a" * 70, "b"
    pair = [record({"id": id_, "object": "file", "filename": name}) for id_, name in (("1", long), ("2", short))]
    async with opened(fresh, "files", size=(120, 24)) as drive:
        drive.app.push_screen(Difference(FILES, pair, ("", "")))
        await drive.sees(f'"{long}"')
