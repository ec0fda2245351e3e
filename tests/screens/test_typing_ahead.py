"""Keys typed while a place opens: each does what it says once the place stands, or nothing; the program lives."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, Server, opened, served
from tui.app import O9s
from tui.resources.registry import REGISTRY
from tui.screens.places.help import HelpScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

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


async def rounds(
    url: str,
    count: int,
    seed: int,
    patch: pytest.MonkeyPatch,
    wait: Callable[[random.Random], Awaitable[None]],
) -> Counter[str]:
    """Type `:place⏎` and a key, over and over. Returns how often each key acted."""
    chance, done = random.Random(seed), Counter[str]()
    acted: list[tuple[str, str]] = []
    run = O9s.run_action

    async def noting(app: O9s, action: Any, *args: Any, **kwargs: Any) -> bool:
        acted.append((str(action), current(app)))
        return await run(app, action, *args, **kwargs)

    patch.setattr(O9s, "run_action", noting)
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    async with opened(None, env=env, base_url=url) as drive:
        await drive.until(lambda: len(drive.app.screen_stack) == 2, "a place")
        for number in range(count):
            place, key = chance.choice(PLACES), chance.choice(KEYS)
            typed(drive, "colon", *({"_": "underscore", "-": "minus"}.get(each, each) for each in place), "enter")
            await wait(chance)
            typed(drive, key)
            await dealt_with(drive)
            what = f"round {number}: :{place}, then {key}"
            assert drive.app.is_running, what
            for action, where in acted:
                assert where == place or action.split(".")[-1] in ("command", "submit"), f"{what} did {action}"
            done[key] += acted[-1][0].split(".")[-1] not in ("command", "submit")
            acted.clear()
            await unwound(drive)
    return done


async def unwound(drive: Drive) -> None:
    """Close whatever lies over the place, also what comes late."""
    drive.app.workers.cancel_group(drive.app.screen_stack[1], "act")  # it may be asking the server still
    while len(drive.app.screen_stack) > 2:
        drive.app.pop_screen()
        await drive.pilot.pause()
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
