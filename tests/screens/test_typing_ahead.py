"""Keys typed while a place opens: each does what it says once the place stands, or nothing; the program lives."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.command import CommandPalette

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, Server, opened, served
from tui.app import O9s
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.http_log import ExchangesScreen
from tui.screens.dialogs.welcome import Welcome
from tui.screens.places.help import HelpScreen
from tui.start import Connector
from tui.toolkit.controls import Input
from tui.toolkit.text_area import TextArea
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from textual.screen import Screen

CHARACTERS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "colon": ":",
    "question_mark": "?",
    "slash": "/",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "greater_than_sign": ">",
    "comma": ",",
    "full_stop": ".",
    "equals_sign": "=",
}
KEYS = [*"adefghijklmnopqrstuvwxyzACDEFGLRSTUVWY0123", *CHARACTERS, "down", "up", "pagedown", "end", "home", "f1"]
KEYS += ["ctrl+d", "ctrl+x", "ctrl+r", "ctrl+s", "ctrl+p", "delete"]
PLACES = [name for name, resource in REGISTRY.items() if not resource.parent]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.fixture
def url(request: pytest.FixtureRequest, server: Server) -> str:
    """The base URL of a server, live or dead."""
    if request.param == "live":
        return server.url
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/v1"


def typed(drive: Drive, *keys: str) -> None:
    """Have keys come from the terminal, all at once."""
    for key in keys:
        drive.app.post_message(events.Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))


async def dealt_with(drive: Drive) -> None:
    """Wait until everything that was typed has done what it does."""
    taken = asyncio.Event()
    drive.app.call_later(taken.set)
    await taken.wait()
    await asyncio.wait_for(drive.app.settled(), 40)


def current(app: O9s) -> str:
    """The name of the resource shown."""
    place = app.navigator.history.current if app.navigator else None
    return place.resource.name if place else ""


class Start:
    """Holds up the start of the program, from when it looks whom to connect as until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        resolve, self.let_go = Connector.resolve, threading.Event()

        def wait(connector: Connector, name: str | None = None) -> Any:
            assert self.let_go.wait(60)
            return resolve(connector, name)

        patch.setattr(Connector, "resolve", wait)


@dataclass
class Acted:
    """An action that ran, and how the program stood just before."""

    action: str
    place: str
    """The resource shown."""
    screens: int
    """How many screens lay over the place."""
    bound: set[str]
    """What the screen in front had on the key."""


class Watching:
    """Notes every action that runs and every text that is put into a field."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.key = ""
        self.acted: list[Acted] = []
        self.typed: list[str] = []
        run, insert, replace = O9s.run_action, Input.insert_text_at_cursor, TextArea._replace_via_keyboard

        async def noting(app: O9s, action: Any, *args: Any, **kwargs: Any) -> bool:
            chain = app.screen._binding_chain
            bound = {each.action for _, keys in chain for each in keys.key_to_bindings.get(self.key, ())}
            one = Acted(str(action), current(app), len(app.screen_stack) - 2, bound)
            self.acted.append(one)
            if not (taken := await run(app, action, *args, **kwargs)):
                self.acted.remove(one)  # the key is for something else
            return taken

        def noting_text(field: Input, text: str) -> None:
            self.typed.append(text)
            insert(field, text)

        def noting_lines(field: TextArea, text: str, *args: Any) -> Any:
            self.typed.append(text)
            return replace(field, text, *args)

        patch.setattr(O9s, "run_action", noting)
        patch.setattr(Input, "insert_text_at_cursor", noting_text)
        patch.setattr(TextArea, "_replace_via_keyboard", noting_lines)

    def begin(self, key: str) -> None:
        self.key = key
        self.acted.clear()
        self.typed.clear()


# What lies over the place after an action, by the action; others open nothing at once, or what their object has.
OPENS: dict[str, type[Screen[Any]]] = {
    "app.help": HelpScreen,
    "app.actions": HelpScreen,
    "command_palette": CommandPalette,
    "exchanges": ExchangesScreen,
}
SIGNS = {"command": ":", "filter": "/", "search": "/"}  # of the prompt that an action opens
STAYS = {
    *OPENS,
    *SIGNS,
    "hold",
    "refresh",
    "copy",
    "copy_json",
    "used_by",
    "save",
    "attention",
    "pane",
    "load_all",
}


def judge(drive: Drive, watching: Watching, place: str, key: str) -> str:
    """See that the key did in the place what it is bound to there, once, or nothing. Returns the action."""
    app, what = drive.app, f":{place}, then {key}"
    ways = [each.action for each in watching.acted[:2]]
    assert ways == ["command", "submit"], f"{what}: the command was {ways}"
    assert watching.typed == list(place), f"{what} typed {watching.typed}"
    did = watching.acted[2:]
    prompt = app.screen_stack[1].query_one(Prompt)
    sign = prompt.sign if prompt.display else ""
    if not did:
        assert (current(app), sign, len(app.screen_stack)) == (place, "", 2), f"{what} did nothing, and yet"
        return ""
    (one,) = did
    assert (one.place, one.screens) == (place, 0), f"{what} did {one.action} at {one.place}"
    assert one.action in one.bound, f"{what} did {one.action}, which is not on it there"
    assert SIGNS.get(one.action, "") == sign, f"{what} opened {sign!r}"
    if wanted := OPENS.get(one.action):
        assert [type(screen) for screen in app.screen_stack[2:]] == [wanted], what
    if one.action in STAYS:
        assert current(app) == place, f"{what} left the place"
    return one.action


async def rounds(
    url: str,
    count: int,
    seed: int,
    patch: pytest.MonkeyPatch,
    wait: Callable[[random.Random], Awaitable[None]],
) -> Counter[str]:
    """Type `:place⏎` and a key, over and over. Returns how often each key acted."""
    chance, done = random.Random(seed), Counter[str]()
    places = [place for _ in range(count // len(PLACES) + 1) for place in chance.sample(PLACES, len(PLACES))]
    watching = Watching(patch)
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    async with opened(None, size=(80, 24), env=env, base_url=url) as drive:
        await drive.until(lambda: len(drive.app.screen_stack) == 2, "a place")
        for place in places[:count]:
            key = chance.choice(KEYS)
            watching.begin(key)
            typed(drive, "colon", *({"_": "underscore", "-": "minus"}.get(each, each) for each in place), "enter")
            await wait(chance)
            typed(drive, key)
            await dealt_with(drive)
            assert drive.app.is_running, f":{place}, then {key}"
            done[key] += bool(judge(drive, watching, place, key))
            await unwound(drive)
    return done


async def unwound(drive: Drive) -> None:
    """Close whatever lies over the place, also what comes late."""
    drive.app.workers.cancel_group(drive.app.screen_stack[1], "act")  # it may be asking the server still
    while len(drive.app.screen_stack) > 2:
        drive.app.pop_screen()
        await drive.rest()
    if (prompt := drive.app.screen.query_one(Prompt)).display:
        prompt.close()
    drive.app.screen.set_focus(None)


async def turns(chance: random.Random) -> None:
    """Let the program do a little."""
    for _ in range(chance.randrange(40)):
        await asyncio.sleep(0)


async def moments(chance: random.Random) -> None:
    """Wait 0 to 250 ms."""
    await asyncio.sleep(chance.random() / 4)


@pytest.mark.parametrize("url", ["live", "dead"], indirect=True)
async def test_a_key_right_after_a_command(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await rounds(url, 8, 1, monkeypatch, turns)


@pytest.mark.figures
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("url", ["live", "dead"], indirect=True)
async def test_five_hundred_rounds(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = await rounds(url, 500, 2, monkeypatch, moments)
    print(f"\nin 500 rounds the key acted {done.total()} times")  # noqa: T201


async def test_a_key_typed_in_one_burst_with_a_command_acts_where_it_leads(server: Server) -> None:
    async with opened(server) as drive:
        typed(drive, "colon", *"responses", "enter", "question_mark")
        await dealt_with(drive)
        assert [type(screen) for screen in drive.app.screen_stack[2:]] == [HelpScreen]
        assert current(drive.app) == "responses"


async def test_commands_typed_in_one_burst_are_done_one_after_the_other(server: Server) -> None:
    async with opened(server) as drive:
        for last in ("batches", "files"):
            typed(drive, "colon", *"files", "enter", "colon", *"responses", "enter", "colon", *last, "enter")
            await dealt_with(drive)
            assert drive.app.navigator
            visited = [place.resource.name for place in drive.app.navigator.history._visited]
            assert visited[-3:] == ["files", "responses", last]


ENV = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}


async def test_keys_typed_before_the_first_place_act_on_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Start(monkeypatch)
    async with opened(None, "home", env=ENV, base_url=server.url) as drive:
        typed(drive, "tab", "question_mark")
        await drive.pilot.pause()
        assert drive.app.is_typed_ahead and len(drive.app.screen_stack) == 1
        start.let_go.set()
        await dealt_with(drive)
        place, over = drive.app.screen_stack[1:]
        assert isinstance(over, HelpScreen)
        assert place.focused and place.focused.id == "flight-rows"


async def test_the_program_can_be_left_before_the_first_place(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Start(monkeypatch)
    async with opened(None, "home", env=ENV, base_url="http://127.0.0.1:9/v1") as drive:
        typed(drive, "j", "ctrl+q")
        await drive.until(lambda: drive.app._exit, "the end")
        start.let_go.set()


async def test_what_is_typed_before_a_question_is_no_answer_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Start(monkeypatch)
    async with opened(None, "home", env={}) as drive:
        typed(drive, "enter", "enter")
        await drive.pilot.pause()
        start.let_go.set()
        await drive.until(lambda: isinstance(drive.app.screen, Welcome), "the question")
        await dealt_with(drive)
        assert isinstance(drive.app.screen, Welcome)
        assert drive.app.navigator is None
        typed(drive, "ctrl+q")
        await drive.until(lambda: drive.app._exit, "the end")
