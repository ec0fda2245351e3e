"""The dialog while something is looked up that a question needs: what is asked about, and that it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.dialogs.confirm import list_things
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from textual.app import App, ComposeResult

    from tui.live.platform import Platform

AT_ONCE = 0.2  # seconds after which it is shown
TICK = 1.0  # seconds between looks at how far it is
SILENT = "The server has not answered for a while."
_MOST = 5  # objects that are named meanwhile


class LookUp(ModalScreen[bool]):
    """Says what is looked for until that, or patience, ends. Dismissed with True then, with False when left."""

    BINDINGS = [Binding("escape,n,q", "leave", "cancel", id="lookup.cancel")]

    DEFAULT_CSS = """
    LookUp { align: center middle; }
    LookUp > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        border: round $warning; padding: 0 1; background: $surface;
    }
    LookUp Static { height: auto; }
    """

    def __init__(
        self,
        platform: Platform,
        title: str,
        things: Sequence[tuple[str, str]],
        words: str,
        looking: asyncio.Future[Any],
        patience: float,
    ) -> None:
        super().__init__()
        self._platform = platform
        self._title, self._things, self._words = title, things, words
        self._looking, self._patience = looking, patience

    def compose(self) -> ComposeResult:
        """Yield the question to come, its objects, and that it looks."""
        with Vertical() as box:
            box.border_title = build_line([(self._title, "strong")]).markup
            yield Static(list_things(self._things[:_MOST], len(self._things)))
            yield Static(id="far")

    def on_mount(self) -> None:
        """Wait, and say how far it is."""
        self._show()
        self.set_interval(TICK, self._show)
        self._waiting = self._wait()

    def _show(self) -> None:
        scheduler = self._platform.scheduler
        far = self._platform.references.progress
        words = f"{self._words} {far} read." if far else self._words
        if scheduler.is_crowded:
            words += f" It waits for its turn: {scheduler.budget} requests a minute are set."
        elif error := self._platform.health.error:
            words += f" {error.sentence}"
        elif scheduler.is_silent:
            words += f" {SILENT}"
        self.query_one("#far", Static).update(build_line([(f"{words}  esc cancels", "warn")]))

    @work
    async def _wait(self) -> None:
        import asyncio

        await asyncio.wait([self._looking], timeout=self._patience)
        self.dismiss(True)

    def action_leave(self) -> None:
        """Do not wait for it."""
        self._waiting.cancel()
        self.dismiss(False)


async def look_up(
    app: App[Any],
    platform: Platform,
    title: str,
    things: Sequence[tuple[str, str]],
    words: str,
    looking: asyncio.Future[Any],
    patience: float,
) -> bool:
    """Wait until something is looked up, for `patience` seconds, showing that it looks where that takes longer.

    Returns False where it is left.
    """
    import asyncio

    done, _ = await asyncio.wait([looking], timeout=AT_ONCE)
    return bool(done) or await app.push_screen_wait(LookUp(platform, title, things, words, looking, patience))
