"""How soon it is there, beside the smallest Textual program started at the same moment. Prints; asserts no time.

Run with `pytest tests/benchmarks -m figures -n 0 -s`.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from statistics import median

import pytest

from tests.support.console import O9S, Console
from tests.support.driving import served

SMALLEST = (
    sys.executable,
    "-c",
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class S(App):\n    def compose(self):\n        yield Static('here')\n"
    "    def on_key(self, event):\n        self.query_one(Static).update(event.key * 3)\nS().run()",
)
RUNS = 5


def spawn(command: tuple[str, ...], *arguments: str, words: str, key: str = "") -> tuple[float, float]:
    """Seconds from the start to `words` on the screen, and from a key to what it changes."""
    began = time.perf_counter()
    with Console(*arguments, command=command, env={"OPENAI_API_KEY": "sk-test-only-project-key"}) as console:
        console.sees(words)
        there = time.perf_counter() - began
        if not key:
            return there, 0.0
        while console.read(0.4):
            pass
        spans = []
        for _ in range(10):
            before, pressed = len(console.output), time.perf_counter()
            console.press(key)
            console.until(partial(grown, console, before), "the key to show")
            spans.append(time.perf_counter() - pressed)
            while console.read(0.1):
                pass
        return there, median(spans)


def grown(console: Console, before: int) -> bool:
    """Whether more was written than `before` bytes."""
    return len(console.output) > before


@pytest.mark.figures
def test_first_frame_and_live_rows() -> None:
    with served(scenario="calm") as server:
        figures: dict[str, list[float]] = {
            name: [] for name in ("smallest", "first frame", "live rows", "key", "o9s key")
        }
        for _ in range(RUNS):
            small, key = spawn(SMALLEST, words="here", key="x")
            figures["smallest"].append(small)
            figures["key"].append(key)
            figures["first frame"].append(spawn(O9S, "--base-url", server.url, words="starting…")[0])
            rows, own = spawn(O9S, "--base-url", server.url, words="● live", key="j")
            figures["live rows"].append(rows)
            figures["o9s key"].append(own)
    middle = {name: median(values) for name, values in figures.items()}
    small, key = middle["smallest"], middle["key"]
    sys.stdout.write(
        f"\nfirst frame {middle['first frame'] / small:.2f} x, live rows {middle['live rows'] / small:.2f} x "
        f"the smallest program's {small * 1e3:.0f} ms; "
        f"a key {middle['o9s key'] / key:.2f} x its {key * 1e3:.1f} ms ({os.cpu_count()} cores)\n"
    )
    assert all(len(values) == RUNS and min(values) > 0 for values in figures.values()), figures
