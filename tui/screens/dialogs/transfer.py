"""The dialog of a transfer under way: its progress, and a key that stops it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.api.errors import ApiError
from tui.resources.language.cells import draw_bar, short_size
from tui.toolkit.screen_order import wait_for_turn
from tui.widgets.base.bars import Bar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App, ComposeResult

    from tui.api.transfers import Progress

T = TypeVar("T")

_QUICK = 0.3  # seconds; a transfer that is done by then needs no screen of its own


class Transfer(ModalScreen[bool]):
    """The progress of a transfer. Dismissed with True when the user stopped it."""

    BINDINGS = [Binding("escape,q", "stop", "stop", id="transfer.stop")]

    DEFAULT_CSS = """
    Transfer { align: center middle; }
    Transfer Vertical {
        width: 60; max-width: 96%; height: 5; border: round $primary; padding: 0 1; background: $surface;
    }
    """

    def __init__(self, name: str, total: int | None) -> None:
        super().__init__()
        self._what, self._total, self._done = name, total, 0
        self._over = False
        self.stopped = False

    def compose(self) -> ComposeResult:
        """Yield the name, the progress, and the key that stops it."""
        with Vertical():
            yield Bar(id="what")
            yield Bar(id="how-far")
            yield Bar(id="keys")

    def on_mount(self) -> None:
        """Show how far it is."""
        self.query_one("#what", Bar).show([(self._what, "strong")])
        self.query_one("#keys", Bar).show([("esc", "key"), (" stop", "")])
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

    def action_stop(self) -> None:
        """Stop the transfer."""
        self.stopped = True
        self.dismiss(True)

    def _close_if_over(self) -> None:
        # Only while it is uppermost: to dismiss closes whatever that is.
        if self._over and self.is_mounted and self.app.screen is self:
            self.dismiss(False)

    def _say(self) -> None:
        share = f"{draw_bar(self._done / self._total, 24)} " if self._total else ""
        of = f" of {short_size(self._total)}" if self._total else ""
        self.query_one("#how-far", Bar).show([(share, "accent"), (f"{short_size(self._done)}{of}", "")])


class Stopped(ApiError):
    """The user stopped a transfer."""


async def run_transfer(
    app: App[Any], name: str, total: int | None, start: Callable[[Progress], Coroutine[Any, Any, T]]
) -> T:
    """Run a transfer, under a dialog in which esc stops it. Raises ApiError, `Stopped` when it was stopped."""
    screen = Transfer(name, total)
    task = asyncio.ensure_future(start(screen.show_progress))
    try:
        done, _ = await asyncio.wait({task}, timeout=_QUICK)
        if not done:

            def cancel(stopped: bool | None) -> None:
                if stopped:
                    task.cancel()

            turn = asyncio.ensure_future(wait_for_turn(app, tell=False))
            try:
                await asyncio.wait({task, turn}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                turn.cancel()
            if not task.done():
                app.push_screen(screen, cancel)
                task.add_done_callback(lambda _: screen.finish())
        return await task
    except asyncio.CancelledError:
        if not screen.stopped:
            task.cancel()
            raise
        raise Stopped("Stopped.", "Nothing was kept.") from None
