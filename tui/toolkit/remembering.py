"""An application that shows what its user saw last until the platform has answered.

The first frame has the rows as they stood when their place was left, with the time of that. The place takes their
stead once it has rows of its own, or a key is typed: so no key acts on what may be gone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from tui.system.last_seen import LastSeen, Seen
from tui.toolkit.drawing.kept_lines import KeptLines, take_lines
from tui.toolkit.keys.key_order import KeysInOrder
from tui.toolkit.presenting import is_presenting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.screen import Screen

PATIENCE = 5.0  # seconds that what was last seen stands in the stead of the place, at most
_PACE = 0.01


class Health(Protocol):
    """How fresh something is."""

    @property
    def state(self) -> str:
        """`loading` until there is an answer or a failure."""


class Source(Protocol):
    """What a place shows, kept fresh."""

    @property
    def health(self) -> Health:
        """How fresh it is."""

    def start(self) -> None:
        """Keep it fresh from now on."""

    def stop(self) -> None:
        """End one start."""


class Remembering(KeysInOrder):
    """Remembers what each place showed. A place tells by `find_remembered` which part of it that is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._last_seen = LastSeen("")
        self._picture: KeptLines | None = None
        self.as_of = ""
        """Since when what is shown is as it is, in words, while it is what was last seen."""

    def recall(self, owner: str, place: str) -> Iterator[KeptLines]:
        """Yield what an owner saw last of a place, if it fits the screen; `as_of` says when that was."""
        self._last_seen = LastSeen(owner)
        seen = self._last_seen.of(place)
        fits = seen and (seen.theme, seen.width) == (self.theme, self.size.width) and not is_presenting(self)
        if seen and fits:
            self.as_of = f"▲ {describe_age(seen.at)} "
            self._picture = KeptLines(seen.lines, seen.x, seen.y)
            yield self._picture

    async def open_first(self, source: Source | None, go: Callable[[], object]) -> None:
        """Open the first place: where a picture of it stands, once it has an answer or a key is typed.

        The picture gives way to the whole place at once. `source` is what the place shows.
        """
        if self._picture is None or source is None:
            self.drop_picture()
            go()
            return
        source.start()
        try:
            until = time.monotonic() + PATIENCE
            while source.health.state == "loading" and not self.is_typed_ahead and time.monotonic() < until:
                await asyncio.sleep(_PACE)
            with self.batch_update():
                go()
                composed = asyncio.Event()
                self.screen.call_later(composed.set)
                with suppress(TimeoutError):
                    await asyncio.wait_for(composed.wait(), PATIENCE)
        finally:
            source.stop()
            self.drop_picture()

    def drop_picture(self) -> None:
        """Take away what was last seen."""
        if self._picture:
            self._picture.remove()
            self._picture = None

    def _remember(self) -> None:
        """Note what the place that is shown looks like now."""
        for screen in self.screen_stack[1:2]:
            find = getattr(screen, "find_remembered", None)
            part = find() if find and not is_presenting(self) else None
            if part is not None and part.display and part.region:
                region = part.region
                lines = take_lines(screen, region)
                seen = Seen(time.time(), self.theme, self.size.width, region.x, region.y, lines)
                self._last_seen.note(screen.location.resource.name, seen)  # type: ignore[attr-defined]

    def switch_screen(self, screen: Screen[Any] | str) -> Any:
        """Show another place in the stead of the one shown."""
        self._remember()
        return super().switch_screen(screen)

    def exit(self, *args: Any, **options: Any) -> None:
        """End the program, and keep what was last seen for the next start."""
        try:
            if self._running:
                self._remember()
                self._last_seen.write()
        finally:  # whatever is wrong with what is shown
            super().exit(*args, **options)


def describe_age(at: float) -> str:
    """Return since when something is as it is: a time of day, or a day too."""
    then, now = time.localtime(at), time.localtime()
    return time.strftime("as of %H:%M" if then[:3] == now[:3] else "as of %d %b %H:%M", then)
