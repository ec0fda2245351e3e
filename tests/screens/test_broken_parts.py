"""Every action, handler, worker, watcher and painter made to raise, one at a time: told in one sentence each.

They are found by looking through the classes, so that new ones are among them. Each is broken in its own class and
reached as Textual reaches it, in a bare instance of that class, of which nothing else runs.
"""

from __future__ import annotations

import ast
import asyncio
import re
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from textual import events
from textual.app import App
from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Select

import tui
from tests.support.driving import Drive, is_opened, opened
from tui.app import O9s
from tui.commands.keymap import find_owners
from tui.screens.places.help import HelpScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


pytestmark = pytest.mark.faulty

PAINTERS = ("render", "render_line", "render_lines", "get_content_width", "get_content_height")
WATCHERS = ("watch_", "_watch_", "compute_", "_compute_", "validate_", "_validate_")
HANDLERS, ACTIONS = ("on_", "_on_"), ("action_", "_action_")
NO_HANDLERS = {"on_event"}  # what all events pass through
# Before there is a first screen a fault ends the program, and at the end there is none to go on with.
ENDS = {(O9s, "on_mount"), (O9s, "on_unmount")}


class Part(NamedTuple):
    """A method that may raise: where it is, and how it is reached."""

    kind: type
    name: str
    way: str

    def __str__(self) -> str:
        return f"{self.kind.__name__}.{self.name}"


def way_of(name: str, method: object) -> str:
    """How a method is reached; "" for one that the others call."""
    if name in NO_HANDLERS or not callable(method):
        return ""
    if "method" in getattr(getattr(method, "__code__", None), "co_freevars", ()):
        return "worker"
    if name in PAINTERS:
        return "painter"
    ways = {"action": ACTIONS, "handler": HANDLERS, "watcher": WATCHERS}
    return next((way for way, starts in ways.items() if name.startswith(starts)), "")


def parts(kind: type) -> list[Part]:
    """What may raise in a class itself."""
    found = [Part(kind, name, way_of(name, method)) for name, method in vars(kind).items()]
    for methods in vars(kind).get("_decorated_handlers", {}).values():
        found += [Part(kind, method.__name__, "decorated") for method, _ in methods]
    return [part for part in dict.fromkeys(found) if part.way and (kind, part.name) not in ENDS]


EVERY = [part for kind in dict.fromkeys((O9s, *find_owners())) for part in parts(kind)]
MESSAGES: dict[str, type[Message]] = {}
_known = [Message]
for _each in _known:
    MESSAGES.setdefault(_each.handler_name if _each is not Message else "", _each)
    _known += _each.__subclasses__()


# Breaking one part.


def breaks(words: str) -> Callable[..., Any]:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(words)

    return broken


def breaks_later(words: str) -> Callable[..., Awaitable[Any]]:
    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(words)

    return broken


@contextmanager
def broken(part: Part) -> Iterator[None]:
    """Have a part raise, and nothing else of its class run."""
    own: Any = vars(part.kind).get(part.name)
    with pytest.MonkeyPatch.context() as patch:
        if part.way == "worker":
            cell = own.__closure__[own.__code__.co_freevars.index("method")]
            method, cell.cell_contents = cell.cell_contents, breaks_later(str(part))
            yield
            cell.cell_contents = method
            return
        if part.way == "decorated":
            handlers = part.kind._decorated_handlers  # type: ignore[attr-defined]
            changed = {
                message: [
                    (breaks(str(part)) if method.__name__ == part.name else method, selectors and {})
                    for method, selectors in methods
                ]
                for message, methods in handlers.items()
            }
            patch.setattr(part.kind, "_decorated_handlers", changed)
        else:
            patch.setattr(part.kind, part.name, breaks(str(part)))
        yield


def bare(kind: type, keep: str = "") -> Any:
    """An instance of which only Textual's own part runs: no handlers, no painting, no state; `keep` runs, too."""
    base: Any = next(each for each in kind.__mro__ if not each.__module__.startswith("tui."))
    plain: dict[str, Any] = {"check_action": lambda *_: True, "provoked": None, "ALLOW_SELECT": False}
    for each in kind.__mro__[: kind.__mro__.index(base)]:
        for name in vars(each):
            if name.startswith(("__", *HANDLERS, *ACTIONS)) or name in (keep, "_decorated_handlers"):
                continue
            if hasattr(base, name):
                plain.setdefault(name, getattr(base, name))
            elif name.startswith(WATCHERS):
                plain[name] = lambda *_: None

    def find(self: Any, name: str, message: Message) -> Iterator[tuple[type, Any]]:
        for owner, method in super(bare_kind, self)._get_dispatch_methods(name, message):
            is_broken = getattr(method, "__name__", "") == "broken"
            if is_broken if message is self.provoked else not owner.__module__.startswith("tui."):
                yield owner, method

    bare_kind: Any = type(kind)(f"Bare{kind.__name__}", (kind,), {**plain, "_get_dispatch_methods": find})
    made = bare_kind.__new__(bare_kind)
    base.__init__(made, *([()] if issubclass(kind, Select) else []))
    return made


# Reaching it.


class Told:
    """The sentences that were told, each when it comes."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.sentences: list[str] = []
        self._read = 0
        """How many of them came before the part that is broken now."""
        self._came = asyncio.Event()

        def notify(_app: O9s, sentence: str, **_: Any) -> None:
            self.sentences.append(sentence)
            self._came.set()

        patch.setattr(O9s, "notify", notify)

    async def about(self, part: object, within: float = 40) -> None:
        """Wait for the sentence about a part. Raises TimeoutError."""
        async with asyncio.timeout(within):
            whole = re.compile(rf"\b{re.escape(str(part))}\b")  # names may end in another's
            while not any(map(whole.search, self.sentences[self._read :])):
                self._came.clear()
                await self._came.wait()
        self._read = len(self.sentences)


async def provoke(app: O9s, node: Any, part: Part) -> None:
    """Reach a part as Textual does."""
    name = part.name
    if name.startswith(ACTIONS):
        action = name.removeprefix("_").removeprefix("action_")
        assert await app.run_action(f"{action}()", node), "it was done, as far as it went"
    elif part.way == "worker":
        node.call_later(getattr(node, name))
    elif part.way == "watcher":
        how, _, reactive = name.removeprefix("_").partition("_")
        if how == "watch" and not hasattr(type(node), reactive):  # it watches another widget's
            node.watch(node, "disabled", getattr(node, name), init=False)
            node.call_later(setattr, node, "disabled", True)
        elif how == "watch":
            node.call_later(node.mutate_reactive, getattr(type(node), reactive))
        elif how == "compute":
            node.call_later(getattr, node, reactive)
        else:
            node.call_later(setattr, node, reactive, getattr(node, reactive))
    elif part.way in ("handler", "decorated"):
        kind = (
            MESSAGES[name.removeprefix("_")]
            if part.way == "handler"
            else next(
                message
                for message, methods in part.kind._decorated_handlers.items()  # type: ignore[attr-defined]
                if any(method.__name__ == "broken" for method, _ in methods)
            )
        )
        message = kind.__new__(kind)
        Message.__init__(message)
        if kind is events.Resize:  # which Textual's own handler reads in an application
            message = events.Resize(app.size, app.size)
        message._sender = None  # of no widget that a handler could look at
        node.provoked = message.stop()
        node.post_message(message)


async def shown(drive: Drive, host: Screen[Any], node: Any) -> None:
    if isinstance(node, Screen):
        await drive.app.push_screen(node)
    else:
        node.styles.height = "auto"
        await host.mount(node)
    await drive.until(lambda: node.is_mounted, f"{node}")


async def removed(drive: Drive, node: Any) -> None:
    if isinstance(node, Screen):
        await drive.app.pop_screen()
    else:
        await node.remove()


async def test_every_part_that_raises_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(EVERY) > 350
    assert {part.way for part in EVERY} == {"action", "handler", "decorated", "worker", "watcher", "painter"}
    async with opened(None, size=(80, 24), base_url="http://127.0.0.1:9/v1") as drive:
        app = drive.app
        await drive.until(lambda: is_opened(app), "the first place")
        told = Told(monkeypatch)
        host: Screen[Any] = Screen()
        await app.push_screen(host)
        for kind in dict.fromkeys(part.kind for part in EVERY):
            node = app if issubclass(kind, App) else bare(kind)
            if node is not app:
                await shown(drive, host, node)
            for part in parts(kind):
                app._told.clear()  # the same line raises again, and would not be told twice
                if part.way in ("painter", "watcher"):
                    with broken(part):
                        single = bare(kind, part.name)
                        await shown(drive, host, single)
                        if part.way == "watcher":
                            await provoke(app, single, part)
                        else:
                            paint(single, part.name)
                        await told.about(part)
                        await removed(drive, single)
                else:
                    with broken(part):
                        await provoke(app, node, part)
                        try:
                            await told.about(part, 10)
                        except TimeoutError:  # an event may give way to a later one of its kind
                            await provoke(app, node, part)
                            await told.about(part)
                assert app.is_running, part
            if node is not app:
                await removed(drive, node)
        for call in background_work():
            app._told.clear()
            host.run_worker(breaks_later(call.where)(), **call.options)
            await told.about(call.where)
        counted = Counter(told.sentences)
        assert [sentence for sentence, times in counted.items() if times > 1] == []
        strange = [each for each in counted if not any(str(part) in each for part in [*EVERY, "run_worker"])]
        assert strange == [], "something else broke"
        assert app.return_code is None
        await drive.press("f1")
        await drive.until(lambda: isinstance(app.screen, HelpScreen), "the next key to work")


def paint(node: Any, name: str) -> None:
    """Have a part painted or measured."""
    if name == "get_content_width":
        node.get_content_width(Size(80, 24), Size(80, 24))
    elif name == "get_content_height":
        node.get_content_height(Size(80, 24), Size(80, 24), 80)
    elif name == "render_line":
        node.render_line(0)
    else:
        node.render_lines(Region(0, 0, 10, 1))


class Call(NamedTuple):
    where: str
    options: dict[str, Any]


def background_work() -> list[Call]:
    """Every call of `run_worker` in the program, with how it takes errors."""
    found = []
    for path in sorted(Path(tui.__file__).parent.rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "run_worker" in text else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "run_worker":
                options = {
                    each.arg: each.value.value
                    for each in node.keywords
                    if each.arg == "exit_on_error" and isinstance(each.value, ast.Constant)
                }
                found.append(Call(f"run_worker in {path.stem}:{node.lineno}", options))
    assert found
    return found
