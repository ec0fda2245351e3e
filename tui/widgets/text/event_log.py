"""Events as they arrive: a job's messages and metrics, an audit log."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message

from tui.text import clean, fit
from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import LineSource, MemoryLines
from tui.widgets.text.log_lines import DAY, UNKNOWN, Days, LogLine, format_age, format_moment
from tui.widgets.text.painted import Painted, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CAPACITY = 5_000
_CLOCK = "%H:%M:%S"

Stamps = Literal["absolute", "relative", "off"]

# What stands before the text, its tone, and the tone of the text. Lines without a level are measurements.
_LEVELS: dict[str, tuple[str, str, str]] = {
    "": ("▸ ", "key", ""),
    "info": ("info    ", "dim", ""),
    "warn": ("▲ warn  ", "warn", ""),
    "warning": ("▲ warn  ", "warn", ""),
    "error": ("✖ error ", "bad", "bad"),
    "critical": ("✖ error ", "bad", "bad"),
    "fatal": ("✖ error ", "bad", "bad"),
    # The same where what happened is a word already.
    "event": ("  ", "dim", ""),
    "removal": ("▲ ", "warn", ""),
    "failure": ("✖ ", "bad", "bad"),
}
_RANGES = ((0, ""), (60, "1 m"), (300, "5 m"), (900, "15 m"), (1_800, "30 m"), (3_600, "1 h"))
_NEXT_STAMPS: dict[Stamps, Stamps] = {"absolute": "relative", "relative": "off", "off": "absolute"}


class EventLog(LineView):
    """Follows events while the cursor is at the end; once it leaves the end, stays still and counts what is new.

    The last 5,000 events are kept. While paused, arrivals repaint nothing but the counter; they join the list
    when the cursor next moves down.
    """

    FOOT: ClassVar[int] = 1

    BINDINGS = [
        # Not `s` and `t`: in a place those are what is done to the object, such as pausing a job.
        Binding("space", "follow", "follow, or stop", id="events.follow"),
        Binding("T", "stamps", "timestamps", id="events.timestamps"),
        Binding("m", "mark", "mark", id="events.mark"),
        Binding("h", "hide_steps", "hide measurements, or show them", id="events.hide_steps"),
        Binding("enter", "choose", "open event", id="events.open", show=False),
        Binding("S", "range", "only the last minutes, or all", id="events.range"),
    ]

    @dataclass
    class Chosen(Message):
        """The user opened an event."""

        view: EventLog
        line: LogLine

    @dataclass
    class OlderWanted(Message):
        """The cursor is on the first event and wants to go further back."""

        view: EventLog

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = False,
        empty: str = "No events yet.",
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` gives the time that relative timestamps and ranges count from, in Unix seconds."""
        super().__init__(id=id, classes=classes, wrapped=wrapped, empty=empty)
        self.set_reactive(LineView.following, True)
        self._clock = now
        self._now = now()
        self._lines: list[LogLine] = []
        self._shown: list[LogLine] = []  # those of `_lines` in the range, with days over them
        self._today = format_moment(self._now, DAY)
        self._days = Days()
        self._waiting: deque[LogLine] = deque(maxlen=CAPACITY)
        self.unseen = 0
        self._since: float | None = None
        self._range = 0
        self._hides_steps = False
        self._stamps: Stamps = "absolute"
        self._nothing = empty

    # Adding events.

    def append(self, entries: Sequence[LogLine]) -> None:
        """Add newer events."""
        if not entries:
            return
        if self.following:
            self._take(entries)
            self.action_last()
        else:
            self._waiting.extend(entries)
            self.unseen += self._count_unseen(entries)
            self._refresh_counter()

    def prepend(self, entries: Sequence[LogLine]) -> int:
        """Add older events, as many as there is room for. Returns how many were taken."""
        room = CAPACITY - len(self._lines)
        taken = list(entries)[-room:] if room > 0 else []
        if taken:
            self._lines[:0] = taken
            self._arrange(len(self._filter(taken)))
        return len(taken)

    def clear(self) -> None:
        """Forget all events."""
        self._lines, self._shown = [], []
        self._forget_waiting()
        self.refresh_rows()
        self.action_last()

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """The events held, oldest first, those not yet shown included."""
        return (*self._lines, *self._waiting)[-CAPACITY:]

    @property
    def current(self) -> LogLine | None:
        """The event under the cursor; of a day its first."""
        at = self.cursor
        if at < len(self._shown) and self._shown[at].level == "day":
            at += 1
        return self._shown[at] if at < len(self._shown) else None

    def _count_unseen(self, lines: Iterable[LogLine]) -> int:
        return sum(line.level != "mark" for line in self._filter(lines))

    def _filter(self, lines: Iterable[LogLine]) -> list[LogLine]:
        since, hides = self._since, self._hides_steps
        return [line for line in lines if (since is None or line.time >= since) and (line.level or not hides)]

    def _take(self, entries: Sequence[LogLine]) -> None:
        """Append `entries` to the rows; the oldest are dropped when there are too many."""
        before = len(self._shown)
        self._now = self._clock()
        self._lines.extend(entries)
        surplus = self._lines[:-CAPACITY]
        del self._lines[: len(surplus)]
        if surplus or self._stamps == "relative" or format_moment(self._now, DAY) != self._today:
            self._arrange(-len(self._filter(surplus)))
            return
        last = self._days.find(self._shown[-1]) if self._shown else UNKNOWN
        self._shown += self._days.put_in(self._filter(entries), self._today if last == UNKNOWN else last)
        self.refresh_rows(first=before)
        self.search_again()

    def _arrange(self, shift: int = 0) -> None:
        """Show the rows anew, the same ones in view, after `shift` events came in (or went) at the top."""
        old, following = self._shown, self.following
        self._today = format_moment(self._now, DAY)
        self._shown = self._days.put_in(self._filter(self._lines), self._today)
        rows = {id(line): row for row, line in enumerate(self._shown)}

        def find_row(row: int) -> int:
            """Return where a row stands now, or the next that still does; a day stands over its first event."""
            found = next((rows[id(line)] for line in old[row:] if id(line) in rows), row + shift)
            return found - (row < len(old) and old[row].level == "day")

        top, row = find_row(self.top), find_row(self.cursor)
        self.refresh_rows()
        if following:
            self.action_last()
        else:
            self.scroll_top(top)
            super().move_to(row)  # no waiting event joins
            self.following = False
        self.search_again()

    def move_to(self, row: int) -> None:
        """Move to a row; downward, waiting events join first."""
        if self._waiting and row > self.cursor:
            steps, waiting = row - self.cursor, list(self._waiting)
            self._forget_waiting()
            self._take(waiting)
            row = self.cursor + steps  # rows that left at the top took the cursor with them
        super().move_to(row)

    def move_to_key(self, key: str) -> None:
        """Move to the event of a key, or to the first."""
        super().move_to(next((row for row, line in enumerate(self._shown) if line.key == key), 0))

    def _forget_waiting(self) -> None:
        self._waiting.clear()
        self.unseen = 0

    def watch_following(self, following: bool) -> None:
        """Show it at the bottom; waiting events join, however the end was reached."""
        if following and self._waiting:
            self.action_last()
        self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    # Keys.

    def action_move(self, step: int) -> None:
        """Move; above the first event, ask for older ones."""
        if step < 0 and self.cursor == 0:
            self.post_message(self.OlderWanted(self))
        super().action_move(step)

    def action_stamps(self) -> None:
        """Switch timestamps: absolute, relative, off."""
        self._stamps = _NEXT_STAMPS[self._stamps]
        self._now = self._clock()
        self._arrange()

    def action_mark(self) -> None:
        """Draw a line under the newest event and follow, to see what comes after."""
        self.append([LogLine(self._clock(), "mark", "", "")])
        self.action_last()

    def action_range(self) -> None:
        """Show only the last minute, then 5, 15, 30 minutes, an hour, then all again."""
        self._range = (self._range + 1) % len(_RANGES)
        seconds, words = _RANGES[self._range]
        self._now = self._clock()
        self._since = self._now - seconds if seconds else None
        self.empty = f"No events in the last {words}. S shows more." if seconds else self._nothing
        self._arrange()
        self.action_last()

    def action_hide_steps(self) -> None:
        """Hide the measurements, which are many, or show them again."""
        self._hides_steps = not self._hides_steps
        key, at_end = (self.current.key if self.current else ""), self.following
        self._arrange()
        if not at_end:
            super().move_to(next((row for row, line in enumerate(self._shown) if line.key == key), self.cursor))
            self.following = False
        self.unseen = self._count_unseen(self._waiting)
        if not self._range:
            self.empty = "Nothing but steps so far. h shows them." if self._hides_steps else self._nothing
        self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    @property
    def has_steps(self) -> bool:
        """Whether there are measurements."""
        return any(not line.level for line in self.lines)

    @property
    def hidden_steps(self) -> int:
        """How many measurements are hidden, those not yet shown included."""
        return sum(not line.level for line in self.lines) if self._hides_steps else 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off what hides measurements where there are none."""
        if action == "hide_steps" and not self.has_steps:
            return None
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Open the cursor's event."""
        if current := self.current:
            self.post_message(self.Chosen(self, current))

    # How rows look.

    def count(self) -> int:
        """Return the number of events in the range, and of the days over them."""
        return len(self._shown)

    def raw(self, row: int) -> str:
        """Return the event as text, its time in full."""
        line = self._shown[row]
        if line.level == "day":
            return line.text
        return " ".join(filter(None, (format_moment(line.time, "%Y-%m-%d %H:%M:%S"), line.level, line.text)))

    def searchable(self) -> LineSource:
        """Return the texts of the events in the range."""
        return MemoryLines([line.text for line in self._shown])

    def paint(self, row: int) -> Painted:
        """Return time, level and text."""
        line = self._shown[row]
        if line.level in ("mark", "day"):
            words, tone = (
                (line.text, "dim") if line.level == "day" else (format_moment(line.time, _CLOCK), "accent")
            )
            return Painted(f"── {words} ".ljust(self.text_width, "─"), [(0, self.text_width, tone)])
        when = self._format_time(line.time)
        word, word_tone, tone = _LEVELS.get(line.level.casefold(), (fit(line.level, 8), "dim", ""))
        text = clean(line.text, limit=CAPACITY)
        head, indent = len(when), len(when) + len(word)
        spans: list[Span] = [(0, head, "dim"), (head, indent, word_tone), (indent, indent + len(text), tone)]
        return Painted(f"{when}{word}{text}", spans, indent)

    def _format_time(self, moment: float) -> str:
        if self._stamps == "off":
            return ""
        if self._stamps == "relative":
            return f"{format_age(self._now - moment):>5}  "
        return f"{format_moment(moment, _CLOCK):>8}  "

    def foot(self) -> Segment:
        """Return whether it follows, how many wait, and the range."""
        state = "following ↓" if self.following else "not following"
        if self.unseen:
            state += f" · +{self.unseen:,} new ↓"
        if self._range:
            state += f" · last {_RANGES[self._range][1]}"
        if hidden := self.hidden_steps:
            state += f" · {hidden:,} {'step' if hidden == 1 else 'steps'} hidden"
        return Segment(state, self.tone("accent" if self.unseen else "dim"))

    def _refresh_counter(self) -> None:
        self.refresh(Region(0, self.size.height - 1, len(self.foot().text) + 1, 1))
