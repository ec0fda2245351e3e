"""The dialog of a transfer under way: its progress, a key that stops it, and one to go on working meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.api.errors import ApiError
from tui.resources.language.cells import draw_bar, short_size
from tui.toolkit.keys.screen_order import wait_for_turn
from tui.widgets.base.bars import Bar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App, ComposeResult

    from tui.api.transfers.sending import Progress
    from tui.live.tasks.tasks import Task, Tasks
    from tui.widgets.base.tones import Part

T = TypeVar("T")

_QUICK = 0.3  # seconds; a transfer that is done by then needs no screen of its own

Answer = Literal["over", "stop", "leave"]
"""Why the dialog was closed: the transfer was over, or shall stop, or go on in the background."""


class Transfer(ModalScreen[Answer]):
    """The progress of a transfer, or of another task."""

    BINDINGS = [
        Binding("escape,q", "answer('stop')", "stop", id="transfer.stop"),
        Binding("b", "answer('leave')", "go on working", id="transfer.leave"),
    ]

    DEFAULT_CSS = """
    Transfer { align: center middle; }
    Transfer Vertical {
        width: 60; max-width: 96%; height: 5; border: round $primary; padding: 0 1; background: $surface;
    }
    """

    def __init__(self, name: str, total: int | None, *, can_leave: bool = False) -> None:
        """`can_leave` says whether it may go on in the background."""
        super().__init__()
        self._what, self._total, self._done = name, total, 0
        self._can_leave = can_leave
        self._over = False

    def compose(self) -> ComposeResult:
        """Yield the name, the progress, and the keys."""
        with Vertical():
            yield Bar(id="what")
            yield Bar(id="how-far")
            yield Bar(id="keys")

    def on_mount(self) -> None:
        """Show how far it is."""
        keys: list[Part] = [("esc", "key"), (" stop", "")]
        if self._can_leave:
            keys += [("   b", "key"), (" go on working; :tasks shows it", "")]
        self.query_one("#what", Bar).show([(self._what, "strong")])
        self.query_one("#keys", Bar).show(keys)
        self._say()

    def on_screen_resume(self) -> None:
        """Close when it was over before this was shown, or while something lay over it."""
        self._close_if_over()

    def show_progress(self, done: int, total: int | None) -> None:
        """Show that `done` bytes of `total` are transferred."""
        self._done, self._total = done, total or self._total
        if self.is_mounted:
            self._say()

    def finish(self) -> None:
        """Close: the transfer is over."""
        self._over = True
        self._close_if_over()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to go on working only where that is possible."""
        return self._can_leave if parameters == ("leave",) else super().check_action(action, parameters)

    def action_answer(self, answer: Answer) -> None:
        """Close, and stop the transfer or let it go on."""
        self.dismiss(answer)

    def _close_if_over(self) -> None:
        if self._over and self.is_mounted:
            self.dismiss("over")

    def _say(self) -> None:
        share = f"{draw_bar(self._done / self._total, 24)} " if self._total else ""
        of = f" of {short_size(self._total)}" if self._total else ""
        self.query_one("#how-far", Bar).show([(share, "accent"), (f"{short_size(self._done)}{of}", "")])


class Stopped(ApiError):
    """The user stopped a transfer."""


class Left(Exception):
    """The user goes on working while a transfer is under way."""


STOPPED = Stopped("Stopped.", "Nothing was kept.")


async def run_transfer(
    app: App[Any], name: str, total: int | None, start: Callable[[Progress], Coroutine[Any, Any, T]]
) -> T:
    """Run a transfer, under a dialog in which esc stops it. Raises ApiError, `Stopped` when it was stopped."""
    screen = Transfer(name, total)
    run = asyncio.ensure_future(start(screen.show_progress))
    try:
        stopped = await _show_until(app, screen, run) == "stop"
    except asyncio.CancelledError:
        run.cancel()
        raise
    if stopped:
        run.cancel()
        await asyncio.wait({run})
        raise STOPPED
    return await run


async def follow_task(app: App[Any], tasks: Tasks, task: Task, *, can_leave: bool = True) -> bool:
    """Show how far a task is until it is over, or until the user goes on working. Return whether it is over.

    Raises ApiError as the task did, `Stopped` when it was stopped. A task that cannot be left ends with this.
    """
    screen = Transfer(task.what, task.total, can_leave=can_leave)
    task.followed = True
    end = tasks.subscribe(lambda: screen.show_progress(task.done, task.total))
    over = asyncio.ensure_future(task.end.wait())
    try:
        answer = await _show_until(app, screen, over)
        if answer == "leave":
            task.followed = False
            return False
        if answer == "stop":
            tasks.cancel(task)
        await over
    except asyncio.CancelledError:
        task.followed = False
        if not can_leave:
            tasks.cancel(task)
        raise
    finally:
        end()
        over.cancel()
    if task.state == "cancelled":
        raise STOPPED
    if task.error and can_leave and task.can_go_on:
        raise ApiError(task.error.sentence, ":tasks goes on with it (s).")
    if task.error:
        raise task.error
    return True


async def _show_until(app: App[Any], screen: Transfer, over: asyncio.Future[Any]) -> Answer:
    """Show the dialog of something that lasts until it is over or the user closes it. Return why it was closed."""
    done, _ = await asyncio.wait({over}, timeout=_QUICK)
    if done:
        return "over"
    turn = asyncio.ensure_future(wait_for_turn(app, tell=False))
    try:
        await asyncio.wait({over, turn}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        turn.cancel()
    if over.done():
        return "over"
    closed: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def close(answer: Answer | None) -> None:
        if not closed.done():
            closed.set_result(answer or "over")

    app.push_screen(screen, close)
    over.add_done_callback(lambda _: screen.finish())
    await asyncio.wait({over, closed}, return_when=asyncio.FIRST_COMPLETED)
    return "over" if over.done() else closed.result()
