"""How much is on its way to a terminal: as much as its link carries, and hardly more."""

from __future__ import annotations

import re
from threading import Timer

import pytest

from tui.toolkit.terminal.flow import ASK, LITTLE, MOST_LOST, PATIENCE, Flow

SCREEN = 6_000  # bytes of a screen in which all has changed


class Link:
    """A link of so many bytes a second, whose far end answers half a round trip after it was asked."""

    def __init__(self, rate: float, trip: float, *, is_mute: bool = False) -> None:
        self.now, self.rate, self.trip, self.is_mute = 0.0, rate, trip, is_mute
        self.flow = Flow(lambda: self.now)
        self.free, self.carried, self.asked = 0.0, 0, 0
        self.answers: list[float] = []
        self.worst = 0.0
        """The longest that a byte had to wait before it went on its way."""
        self.send(self.flow.begin())

    def send(self, text: str) -> None:
        """Carry a text, and what is asked in it."""
        for part in re.split(f"({re.escape(ASK)})", text):
            start = max(self.now, self.free)
            self.worst = max(self.worst, start - self.now)
            self.free = start + len(part) / self.rate
            if part == ASK:
                self.asked += 1
                if not self.is_mute:
                    self.answers.append(self.free + self.trip)
            else:
                self.carried += len(part)

    def draw(self, wanted: int) -> int:
        """Send as much of so many bytes as there is room for. Returns what is left."""
        size = min(wanted, self.flow.room)
        if size > 0:
            self.send(self.flow.send("x" * size))
        return wanted - max(0, size)

    def pass_time(self, seconds: float) -> None:
        """Let time go by."""
        end = self.now + seconds
        while self.answers and self.answers[0] <= end:
            self.now = self.answers.pop(0)
            self.flow.arrived()
        self.now = end


@pytest.mark.parametrize(("rate", "trip"), [(32_000, 0.150), (8_000, 0.3), (128_000, 0.05), (2_000_000, 0.02)])
def test_a_link_is_kept_busy_and_its_queue_short(rate: float, trip: float) -> None:
    """Whatever changes, each sixteenth of a second, as a flood of events does."""
    link = Link(rate, trip)
    link.pass_time(1.0)

    def draw_for(seconds: float) -> None:
        left, drawn, end = 0, 0.0, link.now + seconds
        while link.now < end:
            if link.now >= drawn:
                left, drawn = SCREEN, link.now + 1 / 16
            left = link.draw(left)
            link.pass_time(0.005)

    draw_for(4.0)  # until it is known what the link carries
    link.worst, before = 0.0, link.carried
    draw_for(4.0)
    assert link.worst <= max(0.06, 1.2 * LITTLE / rate), f"a key would have waited {link.worst:.3f} s"
    assert link.carried - before >= 0.75 * 4.0 * min(rate, SCREEN * 16), (
        f"{link.carried - before} {link.flow._rate} {link.flow._trip} {link.worst}"
    )


def test_a_quick_terminal_is_sent_screens_whole() -> None:
    link = Link(20_000_000, 0.0005)
    for number in range(40):
        link.pass_time(0.07)
        assert not link.draw(SCREEN), f"screen {number}"


def test_a_key_is_shown_whatever_else_waits() -> None:
    link = Link(32_000, 0.150)
    for _ in range(40):
        link.pass_time(0.02)
        link.draw(SCREEN)
    link.pass_time(0.001)
    link.draw(SCREEN)
    assert not link.flow.room
    link.flow.take_key()
    assert link.flow.room >= 500
    link.pass_time(0.2)
    link.draw(SCREEN)
    link.draw(SCREEN)
    assert not link.flow.room, "the key is done with"


def test_a_terminal_that_never_answers_is_sent_all_and_not_asked_for_ever() -> None:
    link = Link(32_000, 0.150, is_mute=True)
    for _ in range(100):
        assert not link.draw(SCREEN)
        link.pass_time(PATIENCE / 4)
    assert link.asked < 2 + 10 * MOST_LOST


def test_an_answer_that_got_lost_holds_nothing_up_for_ever() -> None:
    link = Link(32_000, 0.150)
    for _ in range(5):
        link.pass_time(1.0)
        link.draw(SCREEN)
    link.answers.clear()
    link.pass_time(PATIENCE / 2)
    assert not link.flow.room
    link.pass_time(PATIENCE)
    left = SCREEN
    for _ in range(100):
        left = link.draw(left)
        link.pass_time(0.01)
    assert not left


def test_whoever_has_the_terminal_next_reads_no_answer() -> None:
    link = Link(32_000, 0.150)
    link.flow.end(60.0)  # nothing has been answered yet: it may be mute
    link.send(link.flow.begin())
    link.pass_time(1.0)
    link.draw(SCREEN)
    answers = [Timer(after, link.flow.arrived) for after in (0.01, 0.02)]
    for answer in answers:
        answer.start()
    link.flow.end(60.0)
    assert all(answer.finished.is_set() for answer in answers)
    assert ASK not in link.flow.send("x" * SCREEN)
