from __future__ import annotations

import math
import random
import re
from datetime import datetime

import pytest

from tests.support.viewing import Stage, staged
from tui.widgets.text import event_log
from tui.widgets.text.event_log import CAPACITY, EventLog
from tui.widgets.text.log_lines import LogLine, format_age, format_moment

NOW = datetime(2026, 3, 5, 12, 0, 0).timestamp()


def events(count: int, *, first: int = 0, level: str = "info", every: float = 1.0) -> list[LogLine]:
    return [
        LogLine(NOW + number * every, level, f"event {number}", f"key-{number}")
        for number in range(first, first + count)
    ]


def log_at(now: float = NOW, *, wrapped: bool = False) -> EventLog:
    return EventLog(now=lambda: now, wrapped=wrapped)


def foot(stage: Stage) -> str:
    return stage.text()[-1].strip()


async def test_it_follows_what_arrives() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        assert stage.text()[1].strip() == "No events yet."
        log.append(events(50))
        await stage.pilot.pause()
        assert stage.text()[-2].endswith("event 49")
        assert foot(stage) == "following ↓"
        log.append(events(1, first=50))
        await stage.pilot.pause()
        assert stage.text()[-2].endswith("event 50")


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_log_that_grows_shows_earlier_events_and_follows_on(wrapped: bool) -> None:
    log = log_at(wrapped=wrapped)
    async with staged(log, height=10) as stage:
        log.append(events(50))
        await stage.pilot.pause()
        await stage.pilot.resize_terminal(80, 30)
        await stage.until(lambda: stage.text()[-2].endswith("event 49"), "the last event on the last line")
        assert stage.text()[0].endswith("event 21")
        assert foot(stage) == "following ↓"


async def test_events_may_arrive_before_the_log_is_on_the_screen() -> None:
    log = log_at()
    log.append(events(50))
    async with staged(log, height=10) as stage:
        await stage.pilot.pause()
        assert stage.text()[-2].endswith("event 49")


async def test_while_paused_arrivals_repaint_the_counter_and_nothing_else() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50))
        await stage.pilot.pause()
        await stage.press("k")
        await stage.settle()
        log.append(events(37, first=50))
        await stage.pilot.pause()
        assert set(stage.drawn) == {9}
        assert foot(stage) == "not following · +37 new ↓"
        assert stage.text()[-2].endswith("event 49")
        assert log.unseen == 37


async def test_nothing_new_repaints_nothing() -> None:
    log = log_at()
    async with staged(log) as stage:
        log.append(events(5))
        await stage.pilot.pause()
        await stage.settle()
        log.append([])
        await stage.pilot.pause()
        assert stage.drawn == []


@pytest.mark.parametrize("key", ["G", "end", "space"])
async def test_following_resumes_at_the_end(key: str) -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50))
        await stage.press("g")
        log.append(events(5, first=50))
        await stage.press(key)
        assert stage.text()[-2].endswith("event 54")
        assert foot(stage) == "following ↓"


async def test_moving_down_reads_on_through_what_waited() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(20))
        await stage.press("k")
        log.append(events(2, first=20))
        await stage.press("j", "j")
        assert log.raw(log.cursor).endswith("event 20")
        assert foot(stage) == "not following"
        await stage.press("j")
        assert foot(stage) == "following ↓"


async def test_measurements_are_hidden_and_counted_and_the_cursor_keeps_its_event() -> None:
    log = log_at()
    steps, messages = events(40, level=""), events(3, first=40)
    async with staged(log, height=10) as stage:
        log.append(events(2))
        await stage.press("h")  # does nothing where there is nothing to hide
        assert foot(stage) == "following ↓"
        log.append([*steps, *messages])
        await stage.press("h")
        assert foot(stage) == "following ↓ · 40 steps hidden"
        assert [log.raw(row)[-2:] for row in range(log.count())] == [" 0", " 1", "40", "41", "42"]
        await stage.press("k")
        log.append([LogLine(NOW + 50, "", "step", "step"), LogLine(NOW + 51, "info", "done", "done")])
        await stage.pilot.pause()
        assert foot(stage) == "not following · +1 new ↓ · 41 steps hidden"
        await stage.press("h")
        assert log.current
        assert log.current.key == "key-41"
        assert foot(stage) == "not following · +2 new ↓"


async def test_s_stops_following_and_stays() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(20))
        await stage.press("space")
        log.append(events(3, first=20))
        await stage.pilot.pause()
        assert foot(stage) == "not following · +3 new ↓"


async def test_older_events_come_in_above_without_moving_what_is_seen() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50, first=100))
        await stage.press("g", "j", "j")
        before = stage.text()[:-1]
        assert log.prepend(events(100)) == 100
        await stage.pilot.pause()
        assert stage.text()[:-1] == before
        assert log.raw(log.cursor).endswith("event 102")
        await stage.press("g", "k")
        assert stage.of(EventLog.OlderWanted)


async def test_older_events_do_not_take_a_follower_from_the_end() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50, first=100))
        log.prepend(events(100))
        await stage.pilot.pause()
        assert stage.text()[-2].endswith("event 149")
        assert foot(stage) == "following ↓"


async def test_no_more_than_the_capacity_is_held_and_the_newest_stay() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(CAPACITY))
        await stage.press("k")
        seen = log.raw(log.cursor)
        log.append(events(100, first=CAPACITY))
        await stage.press("j")
        assert len(log.lines) == log.count() == CAPACITY
        assert log.raw(log.cursor - 1) == seen
        assert log.lines[-1].text == f"event {CAPACITY + 99}"
        assert log.prepend(events(5)) == 0


async def test_levels_are_told_by_glyph_and_word() -> None:
    log = log_at()
    async with staged(log) as stage:
        levels = ("info", "warn", "error", "", "strange")
        log.append([LogLine(NOW, level, "text", level) for level in levels])
        await stage.pilot.pause()
        assert [line[10:] for line in stage.text()[:5]] == [
            "info    text",
            "▲ warn  text",
            "✖ error text",
            "▸ text",
            "strange text",
        ]


async def test_timestamps_are_absolute_relative_or_off() -> None:
    log = log_at(NOW + 120)
    async with staged(log) as stage:
        log.append(events(1))
        await stage.pilot.pause()
        assert stage.text()[0] == "12:00:00  info    event 0"
        await stage.press("T")
        assert stage.text()[0] == "  2 m  info    event 0"
        await stage.press("T")
        assert stage.text()[0] == "info    event 0"
        await stage.press("T")
        assert stage.text()[0].startswith("12:00:00")
        assert foot(stage) == "following ↓"


async def test_a_line_stands_over_the_events_of_each_day_but_today() -> None:
    moment = NOW
    log = EventLog(now=lambda: moment)
    async with staged(log) as stage:
        log.append(events(1))
        await stage.pilot.pause()
        assert stage.text()[0] == "12:00:00  info    event 0"
        moment += 86_400
        log.append([LogLine(moment, "info", "next day", "k")])
        await stage.pilot.pause()
        days = [line.strip("─ ") if "──" in line else line for line in stage.text()[:4]]
        following = ["12:00:00  info    event 0", "Fri 2026-03-06", "12:00:00  info    next day"]
        assert days == ["Thu 2026-03-05", *following]
        log.prepend(
            [LogLine(NOW - 86_400, "info", "the day before", "b"), LogLine(NOW - 1, "info", "before", "c")]
        )
        await stage.press("home")
        assert [line.strip("─ ") for line in stage.text()[:3:2]] == ["Wed 2026-03-04", "Thu 2026-03-05"]
        assert log.current
        assert log.current.key == "b", "a day stands for its first event"
        assert [line.level for line in log.lines] == ["info"] * 4


async def test_a_key_steps_through_ranges_of_time() -> None:
    log = log_at(NOW + 199 * 60)
    async with staged(log, height=10) as stage:
        log.append(events(200, every=60))
        ranges = [(198, 2), (194, 6), (184, 16), (169, 31), (139, 61), (0, 200)]
        for first, count in ranges:
            await stage.press("S")
            assert log.count() == count
            assert log.raw(0).endswith(f"event {first}")
            assert log.following
            assert ("last" in foot(stage)) == (count != 200)


async def test_an_empty_range_says_so_and_how_to_leave_it() -> None:
    log = log_at(NOW + 86_400)
    async with staged(log) as stage:
        log.append(events(5))
        await stage.press("S")
        assert stage.text()[1].strip() == "No events in the last 1 m. S shows more."
        await stage.press("S", "S", "S", "S", "S")
        assert log.count() == 6  # with the day over them


async def test_a_mark_is_drawn_under_the_newest_event() -> None:
    log = log_at()
    async with staged(log) as stage:
        log.append(events(2))
        await stage.press("m")
        log.append(events(1, first=2))
        await stage.pilot.pause()
        assert stage.text()[2].startswith("── 12:00:00 ────")
        assert stage.text()[3].endswith("event 2")
        await stage.press("g", "m")
        assert foot(stage) == "following ↓"
        assert stage.text()[4].startswith("── 12:00:00 ────")


async def test_search_moves_between_matches_and_sees_what_arrives() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(60))
        await stage.press("g")
        log.search("event 4")
        await stage.until(lambda: stage.of(EventLog.Searched) and stage.of(EventLog.Searched)[-1].done, "searched")
        assert log.raw(log.cursor).endswith("event 4")
        await stage.press("n")
        assert log.raw(log.cursor).endswith("event 40")
        await stage.press("N", "N")
        assert log.raw(log.cursor).endswith("event 49")
        await stage.press("G")
        log.append(events(1, first=400))
        await stage.until(lambda: stage.of(EventLog.Searched)[-1].total == 12, "the new event was searched")


async def test_wrapped_text_hangs_under_its_text() -> None:
    log = log_at(wrapped=True)
    async with staged(log, width=40) as stage:
        log.append([LogLine(NOW, "warn", "alpha bravo charlie delta echo foxtrot golf", "k")])
        await stage.pilot.pause()
        assert stage.text()[0].startswith("12:00:00  ▲ warn  alpha")
        assert stage.text()[1].startswith(" " * 18)
        assert stage.text()[1][19] != " "


async def test_an_event_opens_by_its_key_and_copies_as_text() -> None:
    log = log_at()
    async with staged(log) as stage:
        log.append(events(3))
        await stage.press("enter", "c")
        assert [message.line.key for message in stage.of(EventLog.Chosen)] == ["key-2"]
        assert [message.text for message in stage.of(EventLog.CopyRequested)] == [
            "2026-03-05 12:00:02 info event 2"
        ]


async def test_odd_times_and_texts_are_shown_harmlessly() -> None:
    log = log_at()
    async with staged(log) as stage:
        evil = "a\x1b[31m\nb [/oops] [@click=app.bell]x[/] \x9b"
        log.append([LogLine(time, evil, evil, "") for time in (math.nan, math.inf, -1e30, 0)])
        await stage.press("t", "t", "w", "m", "S", "c")
        await stage.press("S", "S", "S", "S", "S")
        assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(stage.text()))
        assert "[@click=app.bell]" in "".join(stage.text())


async def test_clear_forgets_everything_and_follows() -> None:
    log = log_at()
    async with staged(log) as stage:
        log.append(events(30))
        await stage.press("k")
        log.append(events(3))
        log.clear()
        await stage.pilot.pause()
        assert (log.count(), log.unseen, log.following) == (0, 0, True)
        log.append(events(1))
        await stage.pilot.pause()
        assert stage.text()[0].endswith("event 0")


async def test_scrolling_with_the_wheel_pauses_and_the_end_resumes() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50))
        await stage.pilot.pause()
        log.scroll_to(y=log.top - 3, animate=False)
        await stage.pilot.pause()
        assert not log.following
        log.append(events(2, first=50))
        log.scroll_to(y=log.max_scroll_y, animate=False)
        await stage.until(lambda: log.following, "the end was reached")
        assert stage.text()[-2].endswith("event 51")


async def test_a_click_on_the_last_event_shown_lets_in_what_waited() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append(events(50))
        await stage.press("k")
        log.append(events(2, first=50))
        await stage.pilot.click(log, offset=(5, 8))
        assert stage.text()[-2].endswith("event 51")
        assert foot(stage) == "following ↓"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 m"), (7_200, "2 h"), (200_000, "2 d"), (math.nan, "·"), (math.inf, "·")],
)
def test_age_is_told_in_its_largest_unit(seconds: float, expected: str) -> None:
    assert format_age(seconds) == expected


def test_a_time_no_calendar_has_is_a_dot() -> None:
    assert format_moment(1e30, "%H:%M") == "·"


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_arrives_and_is_pressed_the_newest_are_held_in_order_and_the_cursor_is_in_view(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "CAPACITY", 40)
    chance = random.Random(seed)
    log = log_at(wrapped=seed % 2 == 1)
    expected: list[LogLine] = []
    async with staged(log, width=30, height=8) as stage:
        for _ in range(100):
            match chance.randrange(6):
                case 0 | 1:
                    came = [
                        line._replace(text=line.text + " word" * chance.randrange(12))
                        for line in events(chance.choice([1, 3, 60]), first=len(expected))
                    ]
                    expected += came
                    log.append(came)
                case 2:
                    log.action_move(chance.choice([-9, -1, 1, 9]))
                case 3:
                    log.action_page(chance.choice([-1, 1]))
                case 4:
                    chance.choice([log.action_first, log.action_last, log.action_follow, log.action_wrap])()
                case 5:
                    log.scroll_to(y=chance.randrange(60), animate=False)
            await stage.pilot.pause()
            assert [line.key for line in log.lines] == [line.key for line in expected[-40:]][-len(log.lines) :]
            assert len(log.lines) == min(40, len(expected))
            assert 0 <= log.cursor <= max(0, log.count() - 1)
            if log.following and log.count():
                assert log.cursor == log.count() - 1
            if log.count():
                shown = "".join(stage.text())
                assert expected[-1].text.split(" word")[0] in shown or not log.following
                assert stage.text()[-1].strip().startswith("following" if log.following else "not following")


async def test_an_event_of_no_known_time_is_a_line_in_its_column() -> None:
    log = log_at()
    async with staged(log, height=10) as stage:
        log.append([*events(1), LogLine(math.nan, "WARNING", "when?", "key-x"), *events(1, first=2)])
        await stage.pilot.pause()
        shown = [line for line in stage.text() if "event" in line or "when?" in line]
        assert len(shown) == 3
        assert shown[1].split() == ["·", "▲", "warn", "when?"]
        assert len({line.index(word) for line, word in zip(shown, ("info", "▲", "info"), strict=True)}) == 1
        await stage.press("t")
        assert any("when?" in line for line in stage.text())
