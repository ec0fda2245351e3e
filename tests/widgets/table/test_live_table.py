"""The live table, as a terminal shows it."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from rich.style import Style

from tests.support.jobs import JOBS, NOW, feed, job, listed
from tests.support.recording import Recording, recorded, seen
from tests.support.table_app import TableApp
from tui.live.lists.collection import Collection
from tui.live.lists.view import View
from tui.resources.language.cells import progress
from tui.resources.language.column import Column, Progress, make_path_column
from tui.resources.registry import REGISTRY
from tui.widgets.table.fitting import GAP, GUTTER, MARGIN, lay_out
from tui.widgets.table.live_table import LiveTable
from tui.widgets.table.table_rows import Painter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.geometry import Region
    from textual.message import Message
    from textual.strip import Strip


@pytest.fixture(autouse=True)
def true_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


def id_of(number: int) -> str:
    return str(job(number)["id"])


def shown(recording: Recording) -> list[int]:
    """The numbers of the jobs in sight."""
    return [int(line.split("job_")[1][:12]) for line in recording.lines if "job_" in line]


def cursor_line(recording: Recording) -> int | None:
    """The line that is painted as the cursor's: on another background than the header."""
    painted = recording.painted()
    found = [y for y, line in enumerate(painted) if line[1][2] != painted[0][1][2]]
    assert len(found) <= 1, f"more than one line looks like the cursor's: {found}"
    return found[0] if found else None


def said(app: TableApp, kind: type[Message]) -> list[Message]:
    return [message for message in app.heard if isinstance(message, kind)]


async def change(app: TableApp, recording: Recording, numbers: Iterable[int]) -> bytes:
    """Let the whole list become these jobs."""
    feed(app.collection, [job(number) for number in numbers])
    return await recording.take()


async def test_headers_and_rows_stand_in_columns() -> None:
    async with recorded(TableApp(30), height=10) as recording:
        header, first, second = recording.lines[:3]
        assert header.split() == ["STATE", "ID", "NAME", "PROGRESS", "FAIL", "ETA", "SIZE", "AGE"]
        assert first.split() == ["◐", "running", id_of(0), "nightly-0", "░" * 12, "0%", "0", "·", "0", "0", "m"]
        assert header.index("NAME") == first.index("nightly")
        assert header.index("SIZE") + len("SIZE") == second.index("7919") + len("7919"), "numbers end together"
        assert shown(recording) == list(range(9))


async def test_fewer_rows_than_lines_leave_blanks() -> None:
    async with recorded(TableApp(2), height=10) as recording:
        assert recording.lines[3:] == [""] * 7


async def test_keys_move_the_cursor_and_say_so_once() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        for key, expected in [
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("pagedown", 11),
            ("G", 99),
            ("j", 99),
            ("up", 98),
            ("g", 0),
            ("k", 0),
            ("end", 99),
            ("pageup", 89),
            ("home", 0),
        ]:
            app.heard.clear()
            before = app.table.cursor_id
            await recording.press(key)
            assert app.table.cursor_id == id_of(expected), key
            assert len(said(app, LiveTable.Highlighted)) == (before != id_of(expected)), key
            line = cursor_line(recording)
            assert line is not None and id_of(expected) in recording.lines[line]


async def test_the_list_scrolls_no_more_than_needed() -> None:
    async with recorded(TableApp(100), height=11) as recording:
        await recording.press(*["j"] * 9)
        assert shown(recording)[0] == 0
        await recording.press("j")
        assert shown(recording) == list(range(1, 11))
        await recording.press("k")
        assert shown(recording) == list(range(1, 11))


async def test_rows_above_do_not_move_what_is_in_sight() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        await recording.press("pagedown", "pagedown", "k")
        before, cursor = shown(recording), app.table.cursor_id
        written = await change(app, recording, [*range(500, 507), *range(3, 100)])
        assert (shown(recording), app.table.cursor_id) == (before, cursor)
        assert written == b"", "what stays where it was costs nothing"


async def test_at_the_head_new_rows_come_into_sight_and_the_cursor_keeps_its_object() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        await recording.press("j")
        await change(app, recording, [500, 501, *range(100)])
        assert shown(recording)[:4] == [500, 501, 0, 1]
        assert app.table.cursor_id == id_of(1)
        assert cursor_line(recording) == 4


class FilledEarly(TableApp):
    """Its rows come in two parts, those at the head last, before it is known how many lines there are."""

    def fill(self) -> None:
        for first in (7, 0):
            assert not self.table.size.height
            feed(self.collection, [job(number) for number in range(first, 30)])


async def test_what_comes_before_the_first_frame_begins_at_its_head() -> None:
    async with recorded(FilledEarly(0), height=10) as recording:
        assert shown(recording) == list(range(9))


class Watched(LiveTable):
    """Keeps how wide its columns are in each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[dict[str, int]] = []

    def render_lines(self, crop: Region) -> list[Strip]:
        lines = super().render_lines(crop)
        self.frames.append({slot.column.header: slot.width for slot in self._painter.slots})
        return lines


async def test_the_first_frame_has_columns_for_all_rows_in_sight() -> None:
    app = TableApp(0)
    app.table = watched = Watched()
    feed(app.collection, [job(number, name="x" * 40 if number == 5 else "x") for number in range(30)])
    async with recorded(app, height=10):
        assert len(watched.frames[0]) > 3
        assert all(frame == watched.frames[0] for frame in watched.frames), watched.frames


async def test_so_many_new_rows_that_the_cursor_would_leave_stay_above() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        await change(app, recording, [*range(500, 520), *range(100)])
        assert app.table.cursor_id == id_of(0)
        assert cursor_line(recording) is not None


@pytest.mark.parametrize(
    ("kept", "expected"),
    [((0, 1, 3, 4), 3), ((0, 1), 1), ((0, 3), 3), ((7, 8), 8), ((9, 8, 7, 0, 1, 4), 4), ((9, 8, 7, 0, 1), 1)],
)
async def test_when_its_object_goes_the_cursor_goes_to_the_neighbour(kept: tuple[int, ...], expected: int) -> None:
    app = TableApp(5)
    async with recorded(app, height=11) as recording:
        await recording.press("j", "j")
        app.heard.clear()
        await change(app, recording, kept)
        assert app.table.cursor_id == id_of(expected)
        assert len(said(app, LiveTable.Highlighted)) == 1
        await change(app, recording, ())
        assert app.table.cursor_id is None
        assert said(app, LiveTable.Highlighted)[-1] == LiveTable.Highlighted(app.table, None)


async def test_a_filter_keeps_the_cursor_if_it_can() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        app.table.cursor_id = id_of(50)
        await recording.take()
        app.table.view.set_query("state:running")
        app.table.refilter()
        await recording.take()
        assert app.table.cursor_id == id_of(50)
        assert 50 in shown(recording)


async def test_a_cursor_that_must_move_stays_in_sight() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        await recording.press("G")
        app.table.scroll_to(y=30, animate=False)
        await recording.take()
        assert cursor_line(recording) is None, "the wheel leaves the cursor where it is"
        app.table.view.set_query("!job_000000000099")
        app.table.refilter()
        await recording.take()
        assert app.table.cursor_id == id_of(98)
        assert cursor_line(recording) is not None


async def test_the_cursor_can_wait_for_an_object_to_be_listed() -> None:
    app = TableApp(20)
    async with recorded(app, height=11) as recording:
        app.table.cursor_id = id_of(70)
        await recording.take()
        assert app.table.cursor_id == id_of(0)
        await change(app, recording, range(100))
        assert app.table.cursor_id == id_of(70)
        app.table.cursor_id = id_of(200)
        await recording.press("g")
        await change(app, recording, range(300))
        assert app.table.cursor_id == id_of(0), "who moved the cursor meanwhile keeps it"


async def test_marks() -> None:
    app = TableApp(20)
    async with recorded(app, height=11) as recording:
        view = app.table.view
        await recording.press("space", "space")
        assert view.marks == {id_of(0), id_of(1)}
        assert app.table.cursor_id == id_of(2)
        assert [line.startswith("▍") for line in recording.lines[1:4]] == [True, True, False]
        assert len(said(app, LiveTable.MarksChanged)) == 2
        await recording.press("k", "space")
        assert view.marks == {id_of(0)}
        await recording.press("asterisk")
        assert len(view.marks) == 20
        await recording.press("asterisk")
        assert view.marks == set()
        await recording.press("asterisk", "ctrl+backslash")
        assert view.marks == set()


async def test_all_means_all_that_is_shown() -> None:
    app = TableApp(20)
    async with recorded(app, height=11) as recording:
        view = app.table.view
        await recording.press("j", "space")
        view.set_query("state:running")
        app.table.refilter()
        await recording.press("asterisk")
        assert view.marks == {id_of(number) for number in (0, 1, 5, 10, 15)}
        await recording.press("asterisk")
        assert view.marks == {id_of(1)}


async def test_a_range_grows_and_shrinks_with_the_cursor() -> None:
    app = TableApp(20)
    async with recorded(app, height=11) as recording:
        view = app.table.view
        await recording.press("space", "j", "v", "j", "j")
        assert app.table.ranging
        assert view.marks == {id_of(number) for number in (0, 2, 3, 4)}
        await recording.press("k")
        assert view.marks == {id_of(number) for number in (0, 2, 3)}
        await recording.press("v", "j", "j")
        assert not app.table.ranging
        assert view.marks == {id_of(number) for number in (0, 2, 3)}


async def test_shift_and_arrows_mark_until_a_plain_move() -> None:
    app = TableApp(20)
    async with recorded(app, height=11) as recording:
        view = app.table.view
        await recording.press("shift+down", "shift+down", "shift+up", "down", "down", "shift+down")
        assert view.marks == {id_of(number) for number in (0, 1, 3, 4)}


async def test_sort_by_meaning_flips_and_shows_an_arrow() -> None:
    app = TableApp(20)
    async with recorded(app, height=25) as recording:
        await recording.press("C")
        assert "SIZE↓" in recording.lines[0]
        sizes = [int(job(number)["bytes"]) for number in shown(recording)]
        assert sizes == sorted(sizes, reverse=True)
        await recording.press("C")
        assert "SIZE↑" in recording.lines[0]
        await recording.press("A")
        assert shown(recording) == list(range(20))
        assert app.table.view.sort == "-AGE"
        assert len(said(app, LiveTable.Sorted)) == 3
        assert app.table.cursor_id == id_of(0), "the cursor stays on its object"


async def test_sort_by_a_chosen_column() -> None:
    app = TableApp(20)
    async with recorded(app, height=25) as recording:
        await recording.press("shift+right", "shift+right", "shift+right", "shift+left", "O")
        assert app.table.view.sort == "ID"
        await recording.press("O")
        assert app.table.view.sort == "-ID"
        assert shown(recording)[-1] == 0


async def test_what_cannot_be_sorted_by_is_known() -> None:
    app = TableApp(5)
    async with recorded(app) as recording:
        assert app.table.check_action("sort_by", ("age",)) is True
        assert app.table.check_action("sort_by", ("status",)) is True, "a column of another name may mean it"
        plain = Collection(JOBS.__class__("plain", "plain", "Tests", JOBS.model, (Column("ID", "id"),)))
        app.table.show(View(plain))
        assert app.table.check_action("sort_by", ("age",)) is None
        await recording.press("A")
        assert app.table.view.sort == ""


async def test_the_mouse_moves_opens_sorts_and_scrolls() -> None:
    app = TableApp(100)
    async with recorded(app, height=11) as recording:
        await recording.pilot.click(LiveTable, offset=(20, 4))
        assert app.table.cursor_id == id_of(3)
        assert not said(app, LiveTable.Selected)
        await recording.pilot.double_click(LiveTable, offset=(20, 5))
        assert said(app, LiveTable.Selected) == [LiveTable.Selected(app.table, id_of(4))]
        header = recording.lines[0].index("SIZE")
        await recording.pilot.click(LiveTable, offset=(header, 0))
        assert app.table.view.sort == "-SIZE"
        app.table.scroll_relative(y=5, animate=False)
        await recording.take()
        assert app.table.scroll_offset.y > 0


async def test_enter_opens() -> None:
    app = TableApp(5)
    async with recorded(app) as recording:
        await recording.press("j", "enter")
        assert said(app, LiveTable.Selected) == [LiveTable.Selected(app.table, id_of(1))]


async def test_more_is_asked_for_before_the_end_is_reached() -> None:
    app = TableApp(0)
    async with recorded(app, height=11) as recording:
        app.collection.apply([job(n) for n in range(40)], after=None, has_more=True, next="tok", now=NOW)
        await recording.take()
        assert not said(app, LiveTable.NearEnd)
        await recording.press("pagedown", "pagedown", "pagedown")
        assert said(app, LiveTable.NearEnd)
        app.collection.apply([job(n) for n in range(40, 50)], after="tok", has_more=False, next=None, now=NOW)
        app.heard.clear()
        await recording.press("end")
        assert not said(app, LiveTable.NearEnd), "there is no more"


def names(width: int, wide: bool = False) -> list[str]:
    return [slot.column.header for slot in lay_out(JOBS.columns, width, wide)]


def test_columns_go_by_rank_when_it_gets_narrow() -> None:
    assert names(120) == ["STATE", "ID", "NAME", "PROGRESS", "FAIL", "ETA", "SIZE", "AGE"]
    gone = [header for header in names(120) if header not in names(80)]
    assert gone == ["NAME", "AGE"], "the highest ranks first"
    assert names(44) == ["STATE", "ID", "PROGRESS"], "texts give way before columns of rank 0 do"
    assert names(20) == ["STATE"], "what has no room is not shown in part"
    assert names(20, wide=True) == [column.header for column in JOBS.columns]


@pytest.mark.parametrize("width", [60, 100, 120, 121, 200])
def test_columns_fill_the_width_and_do_not_overlap(width: int) -> None:
    slots = lay_out(JOBS.columns, width, wide=False)
    assert slots[0].x == GUTTER
    for one, other in pairwise(slots):
        assert one.x + one.width + GAP == other.x
    if any(slot.column.grow for slot in slots):
        assert slots[-1].x + slots[-1].width == width - MARGIN


def test_columns_are_as_wide_as_what_they_hold_and_what_is_left_goes_to_those_that_are_cut() -> None:
    def widths(room: int, **needs: int) -> dict[str, int]:
        return {slot.column.header: slot.width for slot in lay_out(JOBS.columns, room, wide=False, needs=needs)}

    short = dict.fromkeys(("STATE", "ID", "NAME", "PROGRESS", "FAIL", "ETA", "SIZE", "AGE"), 1)
    assert widths(200, **short) == {
        "STATE": 8, "ID": 8, "NAME": 8, "PROGRESS": 9, "FAIL": 6, "ETA": 6, "SIZE": 8, "AGE": 5,
    }  # fmt: skip
    assert widths(200, **short | {"NAME": 50, "ID": 20})["NAME"] == 50
    assert widths(200, **short | {"NAME": 50, "ID": 20})["ID"] == 20
    assert widths(120, **short | {"NAME": 500, "ID": 500})["ID"] == 17, "what grows goes first"
    assert widths(120, **short | {"STATE": 500, "ID": 500, "NAME": 9})["STATE"] - 14 in range(30)
    assert names(80) == ["STATE", "ID", "PROGRESS", "FAIL", "ETA", "SIZE"]
    assert list(widths(80, **short)) == names(120), "what holds little makes room"


@pytest.mark.parametrize("name", [resource.name for resource in REGISTRY.values() if resource.columns])
def test_numbers_are_whole_or_not_there_however_narrow(name: str) -> None:
    columns = REGISTRY[name].columns
    for need in (1, 9, 12):
        needs = {column.header: need if column.align == "right" else 40 for column in columns}
        for room in range(16, 100, 3):
            slots = lay_out(columns, room, wide=False, needs=needs)
            first = next(column for column in columns if not (column.drop_order or column.wide))
            assert first in [slot.column for slot in slots], "it tells what a row is"
            assert slots[-1].x + slots[-1].width <= room
            cut = [slot.column.header for slot in slots[1:] if slot.column.align == "right" and slot.width < need]
            assert not cut, (room, need)


def test_a_bar_goes_before_its_number_does() -> None:
    shown = progress(lambda job: Progress(job.done, 0, job.total), lambda _: "good", 8)
    column = Column("PASSED", lambda job: job.done, shown, 14)
    collection = Collection(JOBS)
    feed(collection, [job(1, state="running", done=30, total=40)])
    view = View(collection, clock=lambda: NOW)
    painter = Painter(lambda _: Style())
    lines = []
    for room in (34, 25):
        painter.arrange([JOBS.columns[0], column], room, wide=False)
        row = painter.row(view.record(0), view.context_of, cursor=False, marked=False)
        lines.append(row.text.partition("running")[2].strip())
    assert lines == ["██████░░  75 %", "75 %"]


def test_the_progress_of_batches_is_narrowed_before_their_age_is_dropped() -> None:
    columns = REGISTRY["batches"].columns

    def widths(room: int) -> dict[str, int]:
        needs = dict.fromkeys((column.header for column in columns), 1) | {"PROGRESS": 26}
        return {slot.column.header: slot.width for slot in lay_out(columns, room, wide=False, needs=needs)}

    assert widths(120)["PROGRESS"] == 26
    assert widths(63)["PROGRESS"] in range(14, 26)
    assert list(widths(63)) == ["OUTCOME", "NAME", "PROGRESS", "FAIL", "ETA", "AGE"]
    assert "AGE" not in widths(50)


async def test_columns_grow_with_what_they_hold() -> None:
    app = TableApp(0)
    long = "a name of many more cells"
    async with recorded(app) as recording:
        feed(app.collection, [job(1, name="short")])
        await recording.take()
        before = recording.lines[0].index("PROGRESS")
        feed(app.collection, [job(1, name="short"), job(2, name=long)])
        await recording.take()
        assert long in recording.lines[2]
        assert recording.lines[0].index("PROGRESS") == before + len(long) - 8
        feed(app.collection, [job(1, name="short")])
        await recording.take()
        assert recording.lines[0].index("PROGRESS") == before, "and shrink with it"


async def test_a_row_that_needs_somebody_says_why_where_all_have_room() -> None:
    app = TableApp(0)
    async with recorded(app, height=8) as recording:
        feed(app.collection, [job(n, state="failed" if n in (1, 2) else "done") for n in range(4)])
        await recording.take()
        assert [line.strip() for line in recording.lines[2:6]][1::2] == ["└ it broke"] * 2
        await recording.press("j", "j", "j")
        assert app.table.cursor_id == id_of(3)
        assert cursor_line(recording) == 6
        await recording.press("k")
        assert cursor_line(recording) == 4
        assert [app.table.row_of(line) for line in range(1, 8)] == [0, 1, 1, 2, 2, 3, 4]
        feed(app.collection, [job(n, state="failed" if n in (1, 2) else "done") for n in range(6)])
        await recording.take()
        assert not [line for line in recording.lines if "it broke" in line], "there is no room for all"
        assert cursor_line(recording) == 3
        app.table.view.news = {id_of(0)}
        app.table.sync()
        await recording.take()
        assert recording.lines[1].startswith("•")
        assert not recording.lines[2].startswith("•")


@pytest.mark.parametrize(
    "named",
    [
        ["batch_" + "x" * 40 + end for end in ("_output.jsonl", "_error.jsonl")],
        ["one long text of words that begins like another and " + end for end in ("ends", "does not")],
        ["the same", "the same", "the same"],
    ],
)
def test_no_two_rows_look_alike(named: list[str]) -> None:
    collection = Collection(JOBS)
    feed(collection, [job(number, name=name) for number, name in enumerate(named)])
    view = View(collection, clock=lambda: NOW)
    painter = Painter(lambda _: Style())
    columns = [column for column in JOBS.columns if column.header == "NAME"]
    painter.arrange(columns, 24, wide=False)
    lines = [
        painter.row(view.record(row), view.context_of, cursor=False, marked=False).text for row in range(len(view))
    ]
    assert len(set(lines)) == len(named), lines


async def test_wide_columns_scroll_sideways() -> None:
    app = TableApp(5)
    async with recorded(app, width=80, height=8) as recording:
        assert "META" not in recording.lines[0]
        await recording.press("right")
        assert recording.lines[0].startswith(" STATE"), "what fits does not scroll"
        await recording.press("w")
        for _ in range(4):
            await recording.press("right")
        assert "META" in recording.lines[0]
        assert '{"run": "r1"}' in recording.lines[2]
        for _ in range(4):
            await recording.press("left")
        assert recording.lines[0].startswith(" STATE")
        await recording.press("w")
        assert "META" not in recording.lines[0]


async def test_ids_are_cut_in_the_middle() -> None:
    app = TableApp(0)
    async with recorded(app) as recording:
        feed(app.collection, [job(1, id="job_" + "a" * 200 + "tail")])
        await recording.take()
        assert re.search(r" job_a+…a+tail ", recording.lines[1])


async def test_what_changed_is_bright_until_the_next_refresh() -> None:
    app = TableApp(10)
    async with recorded(app) as recording:
        await recording.press("f1")
        assert recording.bold(4) == "██████░░░░░░  51%"
        assert all(recording.bold(y) == "" for y in (1, 2, 3, 5))
        await recording.press("f3")
        assert recording.bold(4) == ""


async def test_ages_move_when_told_the_time() -> None:
    app = TableApp(10)
    async with recorded(app) as recording:
        assert recording.lines[2].endswith("1 m")
        assert await recording.press("f5") == b"", "a second changes no age"
        await recording.press("f6")
        assert recording.lines[2].endswith("61 m")


async def test_what_comes_from_outside_cannot_steer_the_terminal() -> None:
    app = TableApp(0)
    async with recorded(app) as recording:
        feed(app.collection, [job(1, name="\x1b]0;x\x07\x9b2J[red]\u202e", state="[@click=app.bell]x")])
        written = await recording.take()
        text = written.decode()
        assert "\x1b]0" not in text and "\x9b" not in text and "\u202e" not in text and "\x07" not in text
        assert "␛" in recording.lines[1] and "[red]" in recording.lines[1] and "[@click" in recording.lines[1]


async def test_one_odd_object_costs_its_cells_only() -> None:
    app = TableApp(0)
    async with recorded(app) as recording:
        feed(app.collection, [job(1), job(2, total=0, created_at="soon", failed={"a": 1}), None, job(3)])
        await recording.take()
        assert shown(recording) == [1, 2, 3]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_the_cursor_shows_in_every_theme(theme: str) -> None:
    async with recorded(TableApp(10, theme=theme), height=8) as recording:
        assert cursor_line(recording) == 1
        await recording.press("j")
        assert cursor_line(recording) == 2


async def test_the_cursor_shows_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with recorded(TableApp(10), height=8) as recording:
        assert cursor_line(recording) == 1
        assert all(fg[:2] == fg[2:4] == fg[4:] for row in recording.painted() for _, fg, _ in row if len(fg) == 6)


async def test_losing_focus_repaints_the_cursor_only() -> None:
    app = TableApp(10)
    async with recorded(app, height=8) as recording:
        before = recording.painted()
        app.set_focus(None)
        await recording.take()
        after = recording.painted()
        assert [y for y in range(8) if before[y] != after[y]] == [1]
        assert cursor_line(recording) == 1, "fainter, but there"


async def test_another_view_begins_at_its_head() -> None:
    app = TableApp(50)
    async with recorded(app, height=8) as recording:
        await recording.press("G", "space")
        app.table.show(View(listed(5), clock=lambda: NOW))
        await recording.take()
        assert shown(recording) == list(range(5))
        assert said(app, LiveTable.Highlighted)[-1] == LiveTable.Highlighted(app.table, id_of(0))
        app.table.show(View(listed(0)))
        await recording.take()
        assert shown(recording) == []
        assert said(app, LiveTable.Highlighted)[-1] == LiveTable.Highlighted(app.table, None)


async def test_a_change_of_theme_repaints() -> None:
    app = TableApp(10)
    async with recorded(app, height=8) as recording:
        before = recording.painted()
        app.theme = "textual-light"
        await recording.take()
        assert recording.painted()[3][2][2] != before[3][2][2]


async def test_a_resize_fits_the_columns_anew() -> None:
    app = TableApp(50)
    async with recorded(app, width=120, height=20) as recording:
        await recording.press(*["j"] * 15)
        recording.terminal.resize(10, 80)
        await recording.pilot.resize_terminal(80, 10)
        await recording.take()
        assert "NAME" not in recording.lines[0]
        assert cursor_line(recording) is not None, "the cursor stays in sight"


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_sent_piece_by_piece_adds_up_to_the_whole(seed: int) -> None:
    chance = random.Random(seed)
    app = TableApp(60)
    moves = ["j", "k", "g", "G", "pagedown", "pageup", "left", "right", "space", "v", "shift+down", "asterisk"]
    keys = [*moves, "C", "A", "N", "w", "f1", "f2", "f3", "f4", "f5", "f6", "f7"]
    async with recorded(app, width=100, height=16) as recording:
        for _ in range(12):
            pressed = chance.choices(keys, k=3)
            await recording.press(*pressed)
            kept = sorted(chance.sample(range(60), 55))
            await change(app, recording, kept)
            piecemeal = seen(recording.terminal)
            app.action_redraw()
            await recording.take()
            assert piecemeal == seen(recording.terminal), pressed


@pytest.mark.parametrize(
    "name", sorted(each for each in REGISTRY if any(c.align == "right" for c in REGISTRY[each].columns))
)
@pytest.mark.parametrize("room", [80, 120])
def test_no_figure_is_cut_and_names_make_room_for_it(name: str, room: int) -> None:
    """The longest figures that are shown: of bytes `999.9 EB +?`, and as long ones of all else."""
    columns = REGISTRY[name].columns
    needs = {each.header: 11 if each.align == "right" else 60 for each in columns}
    slots = lay_out(columns, room, wide=False, needs=needs)
    for slot in slots:
        assert slot.column.align != "right" or slot.width >= 11, slot.column.header
    assert slots[-1].x + slots[-1].width <= room, "it is wider than the screen"


def test_texts_that_were_chosen_give_way_to_figures_before_any_is_cut() -> None:
    """The header of a figure from the JSON is long, and the figure short."""
    total = make_path_column("request_counts.total", is_number=True)
    columns = [
        *(Column(header, "name", width=20, grow=header == "NAME") for header in ("STATE", "NAME", "RUN")),
        total,
    ]
    needs = {"STATE": 14, "NAME": 19, "RUN": 19, total.header: 5}

    def widths(room: int) -> list[int]:
        return [slot.width for slot in lay_out(columns, room, wide=False, needs=needs, keeps=lambda _: True)]

    assert widths(120)[-1] == len(total.header) + 1
    for room in (80, 60, 50, 42):
        assert sum(widths(room)) + 3 * GAP + GUTTER <= room, "all are in sight"
        assert min(widths(room)) >= 8
    assert len(widths(30)) == len(columns), "none is lost"


def test_the_column_that_rows_stand_in_the_order_of_stays() -> None:
    def shown(sort: str) -> list[str]:
        slots = lay_out(JOBS.columns, 70, wide=False, keeps=lambda column: column.header == sort)
        return [slot.column.header for slot in slots]

    assert "AGE" not in shown("")
    assert "AGE" in shown("AGE")


def test_what_stands_below_a_row_is_not_begun_in_it() -> None:
    reason = "refused: line 31: this is no JSON"
    column = Column("PROGRESS", lambda _: "line 31: this is no JSON", width=12)
    collection = Collection(JOBS)
    feed(collection, [job(1), job(2)])
    view = View(collection, clock=lambda: NOW)
    painter = Painter(lambda _: Style())
    painter.arrange([JOBS.columns[0], column], 26, wide=False)

    def rows() -> list[bool]:
        records = map(view.record, range(2))
        return ["line 31" in painter.row(each, view.context_of, False, False).text for each in records]

    assert rows() == [True, True]
    painter.tell_below({view.ids[0]: reason})
    assert rows() == [False, True]
    painter.tell_below({})
    assert rows() == [True, True], "nothing stands below any longer"
    painter.tell_below({view.ids[0]: reason})
    painter.arrange([JOBS.columns[0], column], 90, wide=True)
    painter.measure([column], [view.record(0)], view.context_of)
    painter.arrange([JOBS.columns[0], column], 90, wide=False)
    assert rows() == [True, True], "it is whole there"
