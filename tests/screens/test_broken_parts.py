"""Every action of a place made to raise, one at a time: it lives, one sentence each, the next key works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tui.screens.places.help import HelpScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.dom import DOMNode

pytestmark = pytest.mark.faulty


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def actions(drive: Drive) -> dict[tuple[type, str], DOMNode]:
    """Everything shown that has actions of the program's own: by the class that has it and its name."""
    found: dict[tuple[type, str], DOMNode] = {}
    for node in [drive.app, *drive.app.screen.walk_children(with_self=True)]:
        for kind in type(node).__mro__:
            if kind.__module__.startswith("tui."):
                for name in vars(kind):
                    if name.startswith("action_"):
                        found.setdefault((kind, name), node)
    return found


@pytest.mark.parametrize("place", ["usage", "limits", "audit-logs"])
async def test_an_action_that_raises_is_told_and_the_next_key_works(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(server, place) as drive:
        await drive.until(lambda: len(drive.app.screen_stack) == 2 and drive.app.screen.is_mounted, "the place")
        broken = actions(drive)
        done = 0
        for (kind, name), node in broken.items():
            action = name.removeprefix("action_")
            if not node.check_action(action, ()):
                continue  # no key does it here
            words = f"{kind.__name__}.{name} broke"

            def breaks(*_: Any, words: str = words) -> None:
                raise RuntimeError(words)

            with monkeypatch.context() as patch:
                patch.setattr(type(node), name, breaks)
                await drive.app.run_action(f"{action}()", node)
            await drive.told(f"RuntimeError: {words}")
            told = [note for note in drive.app._notifications if words in note.message]
            assert len(told) == 1, words
            assert drive.app.is_running, words
            drive.app._told.clear()  # the same line raises again: it would not be told twice
            done += 1
        assert done > 20
        await drive.press("f1")
        await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "the next key to work")
