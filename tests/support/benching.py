"""What the tests of the benches share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.workflows.bench import open_endpoint
from tui.screens.workflows.bench.talk import Talk
from tui.widgets.input.line import Line

if TYPE_CHECKING:
    from tests.support.driving import Drive, Server
    from tui.api.operation import Operation
    from tui.screens.workflows.bench.pane import Pane


def panes(drive: Drive) -> list[Pane]:
    screen = drive.app.screen
    return screen.panes if isinstance(screen, Talk) else []


def posted(server: Server, path: str) -> int:
    """How many requests were sent to `path` so far."""
    return sum(seen["method"] == "POST" and seen["path"].endswith(path) for seen in server.requests())


async def bench(drive: Drive, operation: Operation, **settings: Any) -> Pane:
    """Open a bench filled in, as an action of some object does."""
    platform = drive.app.platform
    assert platform
    open_endpoint(drive.app, platform, operation, settings)
    await drive.until(lambda: panes(drive) and drive.app.screen.focused, "the bench")
    return panes(drive)[0]


async def ask(drive: Drive, text: str, *, within: float = 20.0) -> None:
    """Send a prompt and wait for the end of what comes back."""
    await drive.type(text)
    await drive.press("enter")
    await drive.until(
        lambda: all(pane.answer and pane.answer.is_over for pane in panes(drive)), "the answer", within
    )


async def leave(drive: Drive) -> None:
    """Close the bench."""
    if drive.app.screen.focused is drive.app.screen.query_one(Line):
        await drive.press("escape")
    await drive.press("q")
    await drive.until(lambda: not panes(drive), "the way back")
