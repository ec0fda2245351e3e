"""Driving the program in tests: the real app, the real sandbox, no sleeping."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

import httpx
from textual import events
from textual._context import active_message_pump, visible_screen_stack
from textual._wait import wait_for_idle
from textual.notifications import Notify

from tests.support import canaries, nursery
from tui.app import O9s
from tui.start import Start
from tui.toolkit import garbage
from tui.toolkit.drawing.painting import LineCompositor
from tui.toolkit.keys.key_order import is_idle
from tui.toolkit.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from textual._compositor import Compositor
    from textual.dom import DOMNode
    from textual.message import Message
    from textual.notifications import Notification
    from textual.pilot import Pilot
    from textual.screen import Screen
    from textual.widget import Widget

    from tui.sandbox.serving.child import Sandbox

# The sandbox speaks plain HTTP: reading the machine's certificates for each call would cost more than the call.
_PLAIN: dict[str, Any] = {"timeout": 30, "trust_env": False, "verify": False}


PROJECT_KEY, ADMIN_KEY = canaries.PROJECT_KEY, canaries.ADMIN_KEY

LEFT = 12
"""Screens left after which garbage is looked for: most tests leave fewer, and looking takes long."""

OPENED: set[str] = set()
"""The classes of the screens that were shown, by name; the fixture `opens` begins anew for each test."""


async def until(condition: Callable[[], Any], what: str, within: float = 40.0) -> Any:
    """Wait until `condition` holds and return what it gave; fail naming `what` otherwise."""
    deadline = time.monotonic() + within
    pause = 0.02
    while True:
        try:
            if found := condition():
                return found
        except Exception as error:
            problem = f" ({type(error).__name__}: {error})"
        else:
            problem = ""
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}{problem}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.2)  # looking costs: at a screen, or at a server


@dataclass
class Server:
    """A sandbox with a client of its own beside the program's, to check effects with."""

    sandbox: Sandbox

    @property
    def url(self) -> str:
        """Its base URL."""
        return self.sandbox.url

    def call(self, method: str, path: str, *, admin: bool = False, **kwargs: Any) -> Any:
        """Call the API directly. Returns the JSON, or bytes when the answer is none."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY if admin else PROJECT_KEY}"}
        answer = httpx.request(method, self.url + path, headers=headers, **_PLAIN, **kwargs)
        answer.raise_for_status()
        if answer.headers.get("content-type", "").startswith("application/json"):
            return answer.json()
        return answer.content

    def control(self, what: str, **body: Any) -> None:
        """Use the sandbox's own controls: `faults` or `clock`."""
        root = self.url.removesuffix("/v1")
        httpx.post(f"{root}/_sandbox/{what}", json=body, **_PLAIN).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """The requests it has seen lately."""
        root = self.url.removesuffix("/v1")
        answer = httpx.get(f"{root}/_sandbox/requests", **_PLAIN)
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@contextmanager
def served(**options: Any) -> Iterator[Server]:
    """A sandbox for the time of a block."""
    with nursery.sandbox(**options) as sandbox:
        yield Server(sandbox)


@dataclass
class Drive:
    """The program in a test."""

    app: O9s
    pilot: Pilot[None]
    toasts: list[Notification] = field(default_factory=list)
    """All toasts there were; they go by themselves, however busy the machine is."""
    painted: bool = True
    _heard: set[str] = field(default_factory=set)
    _waits: bool = False
    _frame: tuple[Any, ...] = ()  # which frame of which screen was looked at last
    _shown: str = ""

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until they are dealt with and what they changed has its place."""
        await self._calm()
        await self.app._press_keys(keys)
        await self.rest()

    async def rest(self) -> None:
        """Wait until all that was typed is dealt with, and each widget with what that brought about."""
        await asyncio.wait_for(self.app.settled(), 40)
        await wait_for_idle(0)
        await self._calm()
        self.app.screen._on_timer_update()

    async def _calm(self) -> None:
        """Wait until each widget has dealt with its messages.

        Textual's pilot has each run a callback for that, before keys and after, which costs more than most keys.
        """
        async with asyncio.timeout(40):
            while node := next(filter(_is_busy, self.app.screen.walk_children(with_self=True)), None):
                await self.app._idle(node)
                await asyncio.sleep(0)

    async def type(self, text: str) -> None:
        """Put text in as a terminal pastes it: at once."""
        self.app.post_message(events.Paste(text))
        await self.rest()

    async def click(self, widget: Widget, offset: tuple[int, int] = (0, 0)) -> None:
        """Click on a widget, once it is where it stays: what was shown last may have moved it."""
        region = None
        while region != widget.region:
            region = widget.region
            await self.pilot.wait_for_scheduled_animations()
            await self.rest()
        await self.pilot.click(widget, offset=offset)

    async def command(self, line: str) -> None:
        """Give a `:` command."""
        await self.press("colon")
        await self.type(line)
        await self.press("enter")

    def text(self) -> str:
        """What the screen shows, as lines of text; while something is waited for, as of its last frame."""
        frame = self.app.screen, _frames.get(self.app.screen._compositor, 0)
        if not self._waits or self._frame != frame or self.painted:
            self._frame, self._shown = frame, self._draw()
        return self._shown

    def _draw(self) -> str:
        visible_screen_stack.set(self.app._background_screens)
        lines = self.app.screen._compositor.render_strips()
        shown = "\n".join("".join(segment.text for segment in strip) for strip in lines)
        assert not canaries.find_key(shown), "a key is shown"
        return shown

    async def until(self, condition: Callable[[], Any], what: str, within: float = 40.0) -> Any:
        """Wait until a condition holds; when it does not, show the screen."""

        def look() -> Any:
            self._waits = True
            try:
                return condition()
            finally:
                self._waits = False

        try:
            return await until(look, what, within)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    async def told(self, words: str) -> None:
        """Wait until a toast says `words` that no earlier call has found."""

        def said() -> Notification | None:
            toasts = (*self.toasts, *self.app._notifications)
            new = (toast for toast in toasts if toast.identity not in self._heard)
            return next((toast for toast in new if words in toast.message), None)

        found = await self.until(said, f"a toast on {words}")
        self._heard.add(found.identity)

    async def sees(self, words: str, within: float = 40.0) -> None:
        """Wait until the screen shows `words`."""
        await self.until(lambda: words in self.text(), f"{words!r} on the screen", within)

    @property
    def record(self) -> Any:
        """The object that keys act on."""
        from tui.screens.places.base import PlaceScreen

        screen = self.app.screen
        return screen.record if isinstance(screen, PlaceScreen) else None

    @property
    def armed(self) -> bool:
        """Whether the dialog listens already."""
        from tui.screens.dialogs.confirm import Confirm

        screen = self.app.screen
        return isinstance(screen, Confirm) and screen.armed

    async def answer(self, words: str = "", key: str = "y") -> None:
        """Wait until a dialog listens and says `words`, and answer it: yes, unless by another key."""
        await self.until(lambda: self.armed, "the dialog")
        await self.sees(words)
        await self.press(key)

    @property
    def table(self) -> Any:
        """The live table of the screen."""
        from tui.widgets.table.live_table import LiveTable

        return self.app.screen.query_one(LiveTable)


def _is_busy(node: DOMNode) -> bool:
    """Return whether a widget has messages to deal with, and will."""
    return node.is_running and not node._closing and not is_idle(node)


def _leave_out_painting(
    compositor: LineCompositor, *, screen_stack: list[Screen[Any]] | None = None, **_: Any
) -> None:
    """Note that a frame is done. Without a terminal Textual drops it; making it is a third of a test."""
    visible_screen_stack.set(screen_stack or [])
    compositor._dirty_regions.clear()
    _frames[compositor] = _frames.get(compositor, 0) + 1


_frames: WeakKeyDictionary[Compositor, int] = WeakKeyDictionary()
"""How many frames of each screen there were."""


@contextmanager
def unpainted() -> Iterator[None]:
    """No frame is made for the time of a block, and none is kept for the next start."""
    with (
        patch.object(LineCompositor, "render_update", _leave_out_painting),
        patch.object(Remembering, "_remember", lambda _: None),
    ):
        yield


def is_opened(app: O9s) -> bool:
    """Whether the first place stands, and all that goes with opening it is done."""
    stands = len(app.screen_stack) > 1 and app.screen.is_mounted
    return stands and all(each.is_finished for each in app.workers if each.group == "connect")


def is_connected(app: O9s) -> bool:
    """Whether the first list is there, and the place that shows it stands."""
    return app.platform is not None and app.platform.health.state == "live" and is_opened(app)


@asynccontextmanager
async def opened(
    server: Server | None = None,
    resource: str = "batches",
    size: tuple[int, int] = (120, 40),
    env: dict[str, str] | None = None,
    *,
    painted: bool = False,
    **start: Any,
) -> AsyncIterator[Drive]:
    """The program opened on a resource of a server, its first list there.

    Frames are not made unless it is `painted`: `Drive.text` draws what a test looks at.
    """
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY} if env is None else env
    left = LEFT if gc.isenabled() else garbage.LEFT
    with (
        patch.dict(os.environ, keys),
        patch.object(garbage, "LEFT", left),
        nullcontext() if painted else unpainted(),
    ):
        if server:
            start["base_url"] = server.url
        app = O9s(Start(resource=resource, **{"looks_out": False, **start}))
        toasts: list[Notification] = []

        def hear(message: Message) -> None:
            if isinstance(message, Notify):
                toasts.append(message.notification)
            elif isinstance(message, events.ScreenResume):
                OPENED.add(type(active_message_pump.get()).__name__)

        async with app.run_test(size=size, notifications=True, message_hook=hear) as pilot:
            drive = Drive(app, pilot, toasts, painted)
            if server:
                await until(lambda: is_connected(app), "the first list")
            yield drive
            assert not canaries.find_key("\n".join(toast.message for toast in toasts)), "a key is told"


def write_config(text: str) -> None:
    """Write the user's config."""
    folder = Path(os.environ["O9S_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)
