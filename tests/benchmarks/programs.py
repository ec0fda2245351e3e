"""Programs in terminals of their own, and what is measured of them from the terminal's side."""

from __future__ import annotations

import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.support.console import Console
from tests.support.driving import ADMIN_KEY, PROJECT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUIET = 0.08  # seconds without a byte after which a program that sleeps has dealt with a key
LATER = 0.4  # the same, for what follows the key
KEYS = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}

# The smallest program that shows something and answers a key: no Textual program is there sooner.
SMALLEST = (
    sys.executable,
    "-c",
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class S(App):\n    def compose(self):\n        yield Static('here')\n"
    "    def on_key(self, event):\n        self.query_one(Static).update(event.key * 3)\nS().run()",
)
DATA_TABLE = (
    sys.executable,
    "-c",
    "import sys\nfrom textual.app import App\nfrom textual.widgets import DataTable\n"
    "class S(App):\n    BINDINGS = [('j', 'down')]\n"
    "    def compose(self):\n        yield DataTable(cursor_type='row')\n"
    "    def action_down(self):\n        self.query_one(DataTable).action_cursor_down()\n"
    "    def on_mount(self):\n        table = self.query_one(DataTable)\n"
    "        table.add_columns('id', 'name', 'state', 'size')\n"
    "        for number in range(int(sys.argv[1])):\n"
    "            table.add_row(f'file-{number:08}', f'requests-{number}.jsonl', 'processed', number)\nS().run()",
)


class Key(NamedTuple):
    """What a key took: milliseconds to the first byte, CPU milliseconds and bytes until it is dealt with."""

    seen: float
    cpu: float
    sent: float


def cpu_of(pid: int) -> float:
    """Return the seconds that a process has computed; 0 where that is not told."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except OSError:
        return 0.0


def resident(pid: int) -> float:
    """Return the MB that a process has in memory; 0 where that is not told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def settle(console: Console, quiet: float = 0.5, within: float = 20.0) -> None:
    """Wait until nothing has come for a while."""
    end = time.monotonic() + within
    while console.read(quiet) and time.monotonic() < end:
        pass


def sleeps(pid: int) -> bool:
    """Return whether a process waits, and not for a core."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "S" for thread in threads)
    except OSError:
        return True


def press(console: Console, key: str, quiet: float = QUIET) -> Key:
    """Press a key, and measure what it takes."""
    while console.read(0):  # what came by itself meanwhile
        pass
    before, cpu, pressed = len(console.output), cpu_of(console.pid), time.perf_counter()
    console.send(key)
    select.select([console._master], [], [], 5.0)
    seen = time.perf_counter() - pressed
    while console.read(quiet) or not sleeps(console.pid):
        pass
    return Key(seen * 1e3, (cpu_of(console.pid) - cpu) * 1e3, len(console.output) - before)


def middle(keys: Sequence[Key]) -> Key:
    """Return the medians of what some keys took."""
    return Key(*map(median, zip(*keys, strict=True)))


def press_in_turn(
    consoles: Mapping[str, Console], keys: Mapping[str, str], rounds: int, quiet: float = QUIET
) -> dict[str, Key]:
    """Press each program's keys in turn, so that what else the machine does is the same for all."""
    taken: dict[str, list[Key]] = {name: [] for name in consoles}
    for number in range(rounds):
        for name, console in consoles.items():
            taken[name].append(press(console, keys[name][number % len(keys[name])], quiet))
    return {name: middle(found) for name, found in taken.items()}


def run_in_turn(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Measure each work in turn; returns the medians."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    return {name: median(found) for name, found in taken.items()}


def cpu_of_command(*command: str, env: Mapping[str, str] | None = None) -> float:
    """Return the CPU milliseconds of a command, from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}
    )
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {run.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def open_o9s(url: str, place: str, columns: int = 120, rows: int = 40, **env: str) -> Console:
    """Start the program on a server, at one of its places; it remembers nothing, unless `env` says where."""
    own = {"O9S_STATE_DIR": tempfile.mkdtemp(dir=Path(os.environ["O9S_STATE_DIR"]).parent)}
    return Console(place, "--base-url", url, columns=columns, rows=rows, env={**KEYS, **own, **env})


def hide_detail(console: Console) -> None:
    """Leave the place of the detail to the list."""

    def find() -> list[tuple[int, int]]:
        return [(y, line.index("SUMMARY")) for y, line in enumerate(console.lines) if "SUMMARY" in line]

    while before := find():
        console.press("p")
        console.until(lambda before=before: find() != before, "the detail to be elsewhere")  # type: ignore[misc]
        settle(console, 0.2)
