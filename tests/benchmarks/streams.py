"""Typing while a model writes 10,000 events a second: in a terminal of its own."""

from __future__ import annotations

import sys
import time
from functools import partial
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import resident
from tests.support.console import Console
from tests.support.driving import PROJECT_KEY, served

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKENS = 100_000
KEYS = 60
TYPED = "the quick brown fox jumps over "
SYNCHRONIZED = "\x1b[?2026;2$y"  # the terminal's word that it draws a frame at once; each is marked then
FRAME = b"\x1b[?2026h"


# The smallest program of this kind that one can write in: what it takes for a key, nothing takes less.
SMALLEST = """
from textual.app import App
from textual.widgets import Input
class Small(App):
    def compose(self):
        yield Input()
Small().run()
"""


def shown(console: Console, text: str) -> bool:
    """Whether `text` stands in the line one writes in, at the top or at the bottom."""
    return any(text in row for row in (*console.lines[:3], *console.lines[-5:]))


def typed(console: Console, while_: str = "", keys: int = KEYS) -> list[float]:
    """Milliseconds from each of some keys to the screen, pressed one after the other."""
    spans, line = [], ""
    for number in range(keys):
        if while_ not in console.text:
            break
        line += TYPED[number % len(TYPED)]
        pressed = time.perf_counter()
        console.press(line[-1])
        console.until(partial(shown, console, line.rstrip()), "the key to show")
        spans.append((time.perf_counter() - pressed) * 1e3)
    return spans


def begin_flood(console: Console) -> None:
    """Ask a model for more words than can be read, and wait until they come."""
    console.send(SYNCHRONIZED)
    console.sees("● live")
    console.command("chat gpt-4.1")
    console.sees("nothing asked yet")
    console.step()
    console.paste(f"[flood {TOKENS}]")
    console.step("enter")
    console.sees("● writing")


def figures() -> Iterator[Figure]:
    """Write to a model that answers with a flood, beside the smallest program one can write in."""
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    with Console(command=(sys.executable, "-c", SMALLEST)) as console:
        console.until(lambda: "▁" in console.text, "the line to write in")
        smallest = typed(console)
    with (
        served(scenario="calm") as server,
        Console("--base-url", server.url, "models", env=env) as console,
    ):
        begin_flood(console)
        before, bytes_, frames = resident(console.pid), len(console.output), console.output.count(FRAME)
        began = time.perf_counter()
        flood = typed(console, while_="● writing")
        keys_took = time.perf_counter() - began
        frames = console.output.count(FRAME)
        console.sees("✓ complete", 120)
        took = time.perf_counter() - began
        alone = (console.output.count(FRAME) - frames) / max(0.1, took - keys_took)
        console.step()
        grown = resident(console.pid) - before
        sent = (len(console.output) - bytes_) / took / 1e3
    beside = "the smallest program, at rest"
    yield Figure("typing while 10,000 events a second arrive", median(flood), "ms", beside, median(smallest))
    yield Figure("the slowest twentieth", quantiles(flood, n=20)[-1], "ms", beside, quantiles(smallest, n=20)[-1])
    yield Figure("frames a second meanwhile", alone, "", most=15)
    yield Figure("sent meanwhile", sent, "kB/s")
    yield Figure("memory for 100,000 events", grown, "MB", most=50)
