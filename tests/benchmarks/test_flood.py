"""Typing while a model writes 10,000 events a second: in a terminal of its own. Prints; asserts no time.

Run with `pytest tests/benchmarks -m figures -n 0 -s`.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from statistics import quantiles

import pytest

from tests.support.console import Console
from tests.support.driving import PROJECT_KEY, served

TOKENS = 100_000
KEYS = 60
TYPED = "the quick brown fox jumps over "
SYNCHRONIZED = "\x1b[?2026;2$y"  # the terminal's word that it draws a frame at once; each is marked then
FRAME = b"\x1b[?2026h"


def resident(pid: int) -> float:
    """MiB that a process has in memory; 0 where that is not told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


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


def typed(console: Console, while_: str = "") -> list[float]:
    """Milliseconds from each of some keys to the screen, pressed one after the other."""
    spans, line = [], ""
    for number in range(KEYS):
        if while_ not in console.text:
            break
        line += TYPED[number % len(TYPED)]
        pressed = time.perf_counter()
        console.press(line[-1])
        console.until(partial(shown, console, line.rstrip()), "the key to show")
        spans.append((time.perf_counter() - pressed) * 1e3)
    return spans


def told(spans: list[float]) -> str:
    """The median and the slowest twentieth."""
    cuts = quantiles(spans, n=20)
    return f"p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms"


@pytest.mark.figures
def test_typing_while_ten_thousand_events_a_second_arrive() -> None:
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    with Console(command=(sys.executable, "-c", SMALLEST)) as console:
        console.until(lambda: "▁" in console.text, "the line to write in")
        smallest = typed(console)
    with (
        served(scenario="calm") as server,
        Console("--base-url", server.url, "models", env=env) as console,
    ):
        console.send(SYNCHRONIZED)
        console.sees("● live")
        console.command("chat gpt-4.1")
        console.sees("nothing asked yet")
        console.step()
        idle = typed(console)
        console.send("\x01\x0b")  # the line is empty again
        console.step()
        console.paste(f"[flood {TOKENS}]")
        console.step("enter")
        console.sees("● writing")
        before, bytes_, frames = resident(console.pid), len(console.output), console.output.count(FRAME)
        began = time.perf_counter()
        flood = typed(console, while_="● writing")
        with_keys = console.output.count(FRAME) - frames, time.perf_counter() - began
        frames = console.output.count(FRAME)
        console.sees("✓ complete", 120)
        took = time.perf_counter() - began
        alone = (console.output.count(FRAME) - frames) / (took - with_keys[1])
        console.step()
        grown = resident(console.pid) - before
        pace = next(row for row in reversed(console.lines) if "tok/s" in row).partition("tok/s")[0].split()[-1]
    sys.stdout.write(
        f"\n{pace} tokens/s in an event each; a key while idle {told(idle)}, meanwhile {told(flood)}, "
        f"in the smallest program {told(smallest)}; "
        f"{alone:.1f} frames/s, {with_keys[0] / with_keys[1]:.1f} with {len(flood) / with_keys[1]:.1f} keys/s; "
        f"{(len(console.output) - bytes_) / took / 1e3:.0f} kB/s; "
        f"{grown:+.1f} MiB ({os.cpu_count()} cores)\n"
    )
    assert len(flood) >= KEYS // 2, "the flood was over before the keys were pressed"
