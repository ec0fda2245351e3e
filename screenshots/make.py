"""Make the pictures of this folder from the running program: `python screenshots/make.py [NAME ...]`.

Each scene opens the sandbox on a fixed clock and seed, presses keys and keeps what is on the screen. It needs the
`dev` extra. The suite plays the same scenes and compares their cells: see tests/snapshots.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, chdir, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from textual import events
from textual._context import visible_screen_stack

from tui.sandbox.serving.child import Sandbox
from tui.system.terminal import prepare_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager

    from textual.pilot import Pilot
    from textual.strip import Strip
    from textual.timer import Timer

    from tui.app import O9s
    from tui.start import Start

NOW = 1_795_000_000.0  # 2026-11-18
RATE = 12  # requests a minute that the header of each picture shows
LATENCY, SPEED = 0.42, 87.0  # seconds to the first token and tokens a second, of every answer
PATIENCE = 60.0  # seconds within which a screen must come to rest
LOOKS = 2  # in a row that find the same screen at rest ...
PAUSE = 0.1  # ... with so many seconds in between
SOON = 0.5  # seconds: a poll due within them is waited for
TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}  # whatever it is run in
HERE = Path(__file__).resolve().parent
THREAD = "thread_i2UkMyKb312yQrsLOX6g2HEw"  # of the seed: its run waits for a tool
_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # fetched from elsewhere; the reader has a font


@dataclass(frozen=True)
class Scene:
    """What to open and press. A key that starts with `=` is text to paste, with `!` faults that the sandbox makes,
    with `+` the seconds by which its clock goes forward.

    The screen comes to rest after each key. `~words` waits for those words instead, whatever is still under way.
    """

    name: str
    resource: str = "batches"
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 34)
    theme: str = "o9s-dark"
    scenario: str = "busy"
    env: tuple[tuple[str, str], ...] = ()
    profiles: tuple[tuple[str, str], ...] = ()
    """Accounts that are shown together: the name of each, and the scenario of its sandbox."""
    writes: bool = False
    """Whether it changes the sandbox or moves its clock, so that it needs one that others do not look at."""


SCENES = (
    Scene("home", "home", ("~17 %",)),
    Scene("batches", keys=("down", "down")),
    Scene("profiles", keys=(*("down",) * 7, "space", "space"), profiles=(("acme", "busy"), ("beta", "calm"))),
    Scene(
        "accounts",
        keys=("home", "vertical_line", "down", "tab", *("down",) * 4, "space", "p"),
        profiles=(("acme", "busy"), ("beta", "calm")),
    ),
    Scene("results", keys=("slash", "=outcome:expired", "enter", "enter", "j", "j")),
    Scene("fine-tuning", "fine-tuning", ("enter",)),
    Scene("files", "files", ("down", "y")),
    Scene("storage", "storage", ("~nothing uses it", "down", "down")),
    Scene("plan", "storage", ("~nothing uses it", *["down"] * 8, "Z", "~To delete", "j", "j", "space")),
    Scene("filter", "batches", ("slash", "=outcome:invalid", "enter")),
    Scene("create", "batches", ("n",)),
    Scene(
        "build",
        "batches",
        (
            *("n", "ctrl+n", "=screenshots/tickets.csv", "ctrl+y", "tab", "tab"),
            *("ctrl+a", "=Name the topic of this ticket in one word: {subject}. "),
        ),
    ),
    Scene("help", "batches", ("question_mark",)),
    Scene("light", theme="o9s-light"),
    Scene("small", size=(80, 24)),
    Scene("search", "vector-stores", ("G", "k", "F", "=refund after 30 days", "ctrl+s")),
    Scene("thread", "assistants", ("colon", f"=open {THREAD}", "enter", "enter")),
    Scene("eval-run", "evals", ("G", "enter", "enter")),
    Scene("keys", "projects", ("colon", "=keys", "enter", "~26 need you", "home")),
    Scene(
        "offboard",
        "users",
        ("colon", "=offboard lena.fischer@acme.example", "enter", "j", "j", "j", "space"),
    ),
    Scene("limits", "projects", ("colon", "=limits", "enter")),
    Scene("costs", "projects", ("colon", "=costs", "enter")),
    Scene("audit", "projects", ("colon", "=audit", "enter")),
    Scene(
        "chat",
        "models",
        (
            *("colon", "=chat gpt-4.1", "enter", "=Why do leaves turn red in autumn?", "enter"),
            *("!stall@POST /chat", "=And why do they not turn blue, as the sky does?", "enter", "~writing"),
        ),
        writes=True,
    ),
    Scene(
        "side-by-side",
        "models",
        (
            *("colon", "=chat", "enter", "ctrl+b", "=gpt-4.1", "enter"),
            *("=Why do leaves turn red in autumn, and not blue?", "enter"),
        ),
        writes=True,
    ),
    Scene(
        "embeddings",
        "models",
        (
            *("colon", "=embed", "enter", "=Where is my parcel?", "ctrl+j", "=Where is my delivery?"),
            *("ctrl+j", "=Reset my password", "ctrl+j", "=I forgot my password", "enter", "tab", "j"),
        ),
        writes=True,
    ),
    Scene(
        "moderations",
        "models",
        (
            *("colon", "=moderate", "enter", "=a cup of tea, please", "ctrl+j", "=I will attack you"),
            *("ctrl+j", "=I want to hurt somebody", "enter", "tab"),
        ),
        writes=True,
    ),
)

# Of work of this machine: made in a folder with `REQUESTS` in it. How far it is depends on when one looks, so the
# suite does not compare them.
OWN_WORK = (
    Scene(
        "campaigns",
        "campaigns",
        (
            *("n", "ctrl+u", "=requests", "enter", "ctrl+u", "=tickets-nightly", "enter", "~Send 3 files", "y"),
            *("~6,120", "+90000", "~3/3 parts", "p", "p"),
            *("n", "ctrl+u", "=requests/part-1.jsonl", "enter", "ctrl+u", "=tickets-again", "enter"),
            *("~Send 1 file", "y", "~0/1 parts", "down"),
        ),
        size=(120, 14),
        writes=True,
    ),
    Scene(
        "tasks",
        "files",
        (
            *("slash", "=purpose=batch_output", "enter", "asterisk", "D", "ctrl+u", "=results", "enter"),
            *("colon", "=tasks", "enter"),
        ),
        size=(120, 28),
    ),
)
REQUESTS = "requests", 3, 40  # the folder, its files, and the requests of each


# The moving picture: from home to a batch that expired, why, and what did not run sent again. Keys without a
# caption are pressed between two frames.
TOUR = Scene(
    "tour", "home", (*("down",) * 9, "enter", "E", "escape", "R", "enter", "ctrl+s"), size=(110, 30), writes=True
)
CAPTIONS = {9: "↓", 10: "enter", 11: "E", 13: "R", 15: "enter ctrl+s"}  # by the number of keys pressed
FRAME = 2.5  # seconds that each frame is shown


class Running(Sandbox):
    """A sandbox that goes on when a program that uses it ends."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url, self.pid = sandbox.url, sandbox.pid

    def stop(self) -> None:
        """Leave it to whoever started it."""

    def fail(self, faults: str) -> None:
        """Have it make these faults from now on."""
        self._control("faults", spec=faults)

    def advance(self, seconds: float) -> None:
        """Put its clock forward."""
        self._control("clock", advance=seconds)

    def _control(self, what: str, **body: object) -> None:
        request = urllib.request.Request(
            f"{self.url.removesuffix('/v1')}/_sandbox/{what}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE).close()


class Sandboxes(ExitStack):
    """The sandboxes that scenes share: one for each scenario, and another for the scenes that change it."""

    def __init__(self, start: Callable[..., AbstractContextManager[Sandbox]] = Sandbox.start) -> None:
        super().__init__()
        self._start = start
        self._running: dict[tuple[str, bool], Running] = {}

    def of(self, scene: Scene) -> Running:
        """Return the one for a scene; it is started when first needed."""
        kind = scene.scenario, scene.writes
        if kind not in self._running:
            started = self._start(scenario=scene.scenario, now=NOW)
            self._running[kind] = Running(self.enter_context(started))
        return self._running[kind]


class Threads(ThreadPoolExecutor):
    """The threads of an event loop, and what they are at."""

    def __init__(self) -> None:
        super().__init__(4)
        self.working: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function in a thread."""
        future = super().submit(fn, *args, **kwargs)
        self.working.add(future)
        future.add_done_callback(self.working.discard)
        return future


@dataclass
class Play:
    """A program that plays a scene."""

    app: O9s
    pilot: Pilot[None]
    threads: Threads
    requests: list[object] = field(default_factory=list)
    """Those that were not answered yet."""

    async def press(self, key: str, sandbox: Running) -> None:
        """Do what a key of a scene says, and wait until the screen rests."""
        if key.startswith("~"):
            await self.until(lambda: key[1:] in "\n".join(text_of(self.app)), f"{key[1:]!r} on the screen")
            await self.rest(answered=False)
        elif key.startswith("!"):
            await asyncio.to_thread(sandbox.fail, key[1:])
        elif key.startswith("+"):
            await asyncio.to_thread(sandbox.advance, float(key))
        elif key.startswith("="):
            self.app.post_message(events.Paste(key[1:]))
            await self.pilot.pause()
        else:
            await self.pilot.press(key)

    async def rest(self, *, answered: bool = True) -> None:
        """Wait until several looks found the same screen and nothing under way, or only requests."""
        from tui.widgets.table.table_view import TableView

        last: object = None
        same = 0

        def rests() -> bool:
            nonlocal last, same
            seen = None if self._busy() or (answered and self._asks()) else text_of(self.app)
            same = same + 1 if seen is not None and seen == last else 0
            last = seen
            return same >= LOOKS

        await self.until(rests, "a screen at rest")
        for table in self.app.screen.query(TableView):  # what changed last is bright, if it came twice
            table._painter.calm()
            table.sync()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds. Raises TimeoutError, with the screen, when it does not in time."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                under_way = ", ".join([*self._asks(), *self._busy()])
                found = [f"not within {PATIENCE:.0f} s: {what}; under way: {under_way}", *text_of(self.app)]
                raise TimeoutError("\n".join(found))
            await self.pilot.pause(PAUSE)

    def _asks(self) -> list[str]:
        """Return what is asked of the sandbox, or soon will be."""
        if self.app.platform is None or len(self.app.screen_stack) == 1:
            return ["the connection, or the first place"]
        found = list(map(str, self.requests))
        for platform in (account.platform for account in self.app.accounts):
            scheduler = platform.scheduler
            entries = scheduler._entries.values()
            polls = [entry.job for entry in entries if entry.running or scheduler._delay(entry) < SOON]
            shown = [poller for poller in platform._pollers._kept.values() if poller.visible]
            rounds = [progress for poller in shown if (progress := getattr(poller, "progress", ""))]
            first = [poller for poller in shown if poller.health.state == "loading"]  # not yet asked, maybe
            found += [*map(repr, (*polls, *first)), *rounds, *platform.names._asking]
        return found

    def _busy(self) -> list[str]:
        """Return what threads do, and timers that fire once."""
        nodes = [self.app, self.app.screen, *self.app.screen.walk_children()]
        timers = [timer.name for node in nodes for timer in node._timers if _pending(timer)]
        return [*map(str, self.threads.working), *timers]


def _pending(timer: Timer) -> bool:
    """Whether a timer that fires once has not done so yet."""
    return timer._repeat is not None and timer._task is not None and not timer._task.done()


def text_of(app: O9s) -> list[str]:
    """Return the lines of the screen."""
    return ["".join(segment.text for segment in strip) for strip in draw(app)]


def draw(app: O9s) -> list[Strip]:
    """Return the lines of the screen with their styles, and what shows through it from below."""
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


@asynccontextmanager
async def played(
    scene: Scene, sandboxes: Sandboxes, on_rest: Callable[[O9s, int], object] = lambda *_: None
) -> AsyncIterator[O9s]:
    """Play a scene; inside, the program shows its last screen.

    `on_rest` is called with the program and the number of keys pressed, each time that the screen rests.
    """
    from tui.app import O9s

    threads = Threads()
    asyncio.get_running_loop().set_default_executor(threads)
    sandbox = await asyncio.to_thread(sandboxes.of, scene)
    with patch.dict(os.environ, {**TERMINAL, **dict(scene.env)}), _still() as requests:
        app = O9s(await asyncio.to_thread(_start, scene, sandboxes))
        if not scene.profiles:
            app.connector._sandbox = sandbox
        app.theme = scene.theme
        async with app.run_test(size=scene.size) as pilot:
            play = Play(app, pilot, threads, requests)
            await play.rest()
            on_rest(app, 0)
            for number, (key, following) in enumerate(zip(scene.keys, (*scene.keys, "")[1:], strict=True), 1):
                await play.press(key, sandbox)
                if "~" not in (key[:1], following[:1]):
                    await play.rest()
                    on_rest(app, number)
            yield app
    await asyncio.to_thread(sandbox.fail, "")


def _start(scene: Scene, sandboxes: Sandboxes) -> Start:
    """Return the start of a scene; one of several profiles gets a config that has them."""
    from tui.start import Start

    if not scene.profiles:
        return Start(resource=scene.resource, sandbox=scene.scenario, looks_out=False)
    tables = []
    for name, scenario in scene.profiles:
        url = sandboxes.of(replace(scene, scenario=scenario)).url
        command = 'key_command = ["printf", "sk-%s", "any-key-of-a-sandbox"]'
        admin = 'admin_key_command = ["printf", "sk-admin-%s", "any-key-of-a-sandbox"]'
        tables.append(f'[profiles.{name}]\nbase_url = "{url}"\n{command}\n{admin}\n')
    folder = Path(os.environ["O9S_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text("".join(tables))
    profile = ",".join(name for name, _ in scene.profiles)
    return Start(resource=scene.resource, profile=profile, looks_out=False)


@contextmanager
def _still() -> Iterator[list[object]]:
    """Stop the program's clock, its count of requests and its stopwatch. Gives the requests not answered yet."""
    from tui.api.wire import Wire
    from tui.live.platform import Platform
    from tui.workflows.generation.generation import Answer

    requests: list[object] = []
    once = Wire.once

    @asynccontextmanager
    async def counted(self: Wire, request: Any, **options: Any) -> AsyncIterator[Any]:
        requests.append(request)
        try:
            async with once(self, request, **options) as response:
                yield response
        finally:
            requests.remove(request)

    with (
        patch.object(Wire, "once", counted),
        patch.object(Platform, "now", lambda _: NOW),
        patch.object(Platform, "requests_last_minute", RATE),
        patch.object(Answer, "latency", LATENCY),
        patch.object(Answer, "tokens_per_second", lambda *_: SPEED),
    ):
        yield requests


async def shoot(scene: Scene, sandboxes: Sandboxes) -> str:
    """Play a scene and return its picture as SVG."""
    async with played(scene, sandboxes) as app:
        return picture(app)


def picture(app: O9s) -> str:
    """Return what is on the screen as SVG."""
    return _FONT.sub("", app.export_screenshot(title="o9s")).replace("Fira Code", "ui-monospace")


async def film(sandboxes: Sandboxes) -> str:
    """Play the tour and return it as one moving SVG."""
    frames: list[tuple[str, str]] = []

    def keep(app: O9s, pressed: int) -> None:
        if pressed == 0 or pressed in CAPTIONS:
            frames.append((picture(app), CAPTIONS.get(pressed, "o9s")))

    async with played(TOUR, sandboxes, keep):
        return animate(frames)


def animate(frames: list[tuple[str, str]]) -> str:
    """Return pictures shown one after the other, again and again, each with the key that led to it."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', frames[0][0])
    assert box
    width, height = map(float, box.groups())
    share = 100 / len(frames)
    style, shown = [".key{font:bold 30px ui-monospace,monospace;fill:#12161b}"], []
    for number, (svg, key) in enumerate(frames):
        at, end = number * share, (number + 1) * share
        before = f"0%{{visibility:hidden}}{at:.2f}%" if number else "0%"
        after = f"{end:.2f}%{{visibility:hidden}}" if number + 1 < len(frames) else ""
        style.append(f"@keyframes f{number}{{{before}{{visibility:visible}}{after}}}")
        style.append(f".f{number}{{animation:f{number} {FRAME * len(frames)}s step-end infinite}}")
        wide = 18 * len(key) + 36
        label = (
            f'<rect x="{width - wide - 30}" y="{height - 78}" width="{wide}" height="48" rx="9" fill="#58b5c9"/>'
            f'<text class="key" x="{width - wide / 2 - 30}" y="{height - 44}" text-anchor="middle">{key}</text>'
        )
        shown.append(f'<g class="f{number}">{svg}{label}</g>')
    head = f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
    return f"{head}<style>{''.join(style)}</style>{''.join(shown)}</svg>\n"


@contextmanager
def own_work(folder: str) -> Iterator[None]:
    """Work in a folder with requests to send, at the sandbox's time, and look often at what was sent."""
    name, files, count = REQUESTS
    for at in range(files):
        path = Path(folder, name, f"part-{at + 1}.jsonl")
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(_write_request(f"{at + 1}-{each:02}") for each in range(count)), encoding="utf-8")
    Path(folder, "results").mkdir()
    real, began = time.time, time.time()
    with (
        chdir(folder),
        patch("tui.workflows.campaigns.runner.LOOKS", (0.2, 1.0)),
        patch("time.time", lambda: NOW + real() - began),
    ):
        yield


def _write_request(number: str) -> str:
    message = {"role": "user", "content": f"Name the topic of ticket {number} in one word."}
    body = {"model": "gpt-5-mini", "messages": [message]}
    asked = {"custom_id": f"ticket-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
    return f"{json.dumps(asked)}\n"


def main(names: list[str]) -> None:
    """Make the scenes named, or all."""
    prepare_environment(os.environ)
    with tempfile.TemporaryDirectory() as folder, Sandboxes() as sandboxes:
        os.environ["O9S_CONFIG_DIR"] = os.environ["O9S_STATE_DIR"] = folder
        for scene in SCENES:
            if not names or scene.name in names:
                (HERE / f"{scene.name}.svg").write_text(asyncio.run(shoot(scene, sandboxes)), encoding="utf-8")
                sys.stdout.write(f"{scene.name}.svg\n")
        for scene in OWN_WORK:
            if not names or scene.name in names:
                with tempfile.TemporaryDirectory() as work, own_work(work):
                    svg = asyncio.run(shoot(scene, sandboxes))
                (HERE / f"{scene.name}.svg").write_text(svg, encoding="utf-8")
                sys.stdout.write(f"{scene.name}.svg\n")
        if not names or TOUR.name in names:
            with Sandboxes() as fresh:  # what needs somebody changes as time goes on
                (HERE / f"{TOUR.name}.svg").write_text(asyncio.run(film(fresh)), encoding="utf-8")
            sys.stdout.write(f"{TOUR.name}.svg\n")


if __name__ == "__main__":
    main(sys.argv[1:])
