"""An application that shows what its user saw last until the platform has answered.

The first frame has the rows as they stood when their place was left, with the time of that. The place takes their
place once it has an answer, or a key is typed; where the answer has no rows it shows them instead of its own.
They are a picture, so that no key acts on what may be gone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from tui.system.last_seen import LastSeen, Seen, describe_age
from tui.toolkit.drawing.kept_lines import KeptLines, take_lines
from tui.toolkit.keys.key_order import KeysInOrder
from tui.toolkit.presenting import is_presenting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.screen import Screen

PATIENCE = 5.0  # seconds that what was last seen stands in its place, at most
_PACE = 0.01
_BELOW_HEADER = 1  # the line of the first frame that a picture begins on


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
        """Undo one `start`."""


class Remembering(KeysInOrder):
    """Remembers what each place showed. A place tells by `find_remembered` which part of it that is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._last_seen = LastSeen("")
        self._owner = ""
        self._of_others: Sequence[Screen[Any]] = ()
        self._picture: KeptLines | None = None

    def remember_for(self, owner: str) -> None:
        """Keep what is seen from now on for an owner, and what was seen until now for the one before."""
        if owner != self._owner:
            self._remember()
            self._last_seen.write()
            self._of_others = self.screen_stack[1:]
            self._owner, self._last_seen = owner, LastSeen(owner)

    def recall(self, place: str) -> Iterator[KeptLines]:
        """Yield for the first frame what the owner saw last of a place, if it fits the screen."""
        if (seen := self._find_seen(place)) is not None:
            self._picture = KeptLines(seen.lines, seen.x, seen.y - _BELOW_HEADER, describe_age(seen.at))
            yield self._picture

    def find_picture(self, place: str) -> KeptLines | None:
        """Return what the owner saw last of a place, to stand where that stood, if it fits the screen."""
        seen = self._find_seen(place)
        return KeptLines(seen.lines, 0, 0, describe_age(seen.at)) if seen else None

    def _find_seen(self, place: str) -> Seen | None:
        seen = self._last_seen.of(place)
        fits = seen and (seen.theme, seen.width) == (self.theme, self.size.width) and not is_presenting(self)
        return seen if fits else None

    @property
    def as_of(self) -> str:
        """Since when what the first frame shows is as it is, in words; "" where it shows nothing."""
        return self._picture.as_of if self._picture else ""

    async def open_first(
        self, source: Source | None, load: Callable[[], object], go: Callable[[], object]
    ) -> None:
        """Open the first place: where a picture of it stands, once it has an answer or a key is typed.

        `source` is what the place shows: that is asked for first, while a thread imports the place with `load`.
        The picture gives way to the whole place at once.
        """
        if source is None:
            self.drop_picture()
            go()
            return
        source.start()
        try:
            await asyncio.to_thread(load)
            until = time.monotonic() + (PATIENCE if self._picture else 0.0)
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
            if screen in self._of_others:
                continue
            find = getattr(screen, "find_remembered", None)
            part = find() if find and not is_presenting(self) else None
            if part is not None and part.display and part.region:
                region = part.region
                lines = take_lines(screen, region)
                seen = Seen(time.time(), self.theme, self.size.width, region.x, region.y, lines)
                self._last_seen.note(screen.location.resource.name, seen)  # type: ignore[attr-defined]

    def switch_screen(self, screen: Screen[Any] | str) -> Any:
        """Replace the place that is shown by another."""
        self._remember()
        return super().switch_screen(screen)

    def exit(self, *args: Any, **options: Any) -> None:
        """End the program, and keep what was last seen for the next start."""
        try:
            if self._running:
                self._remember()
                self._last_seen.write()
        finally:  # the program ends even if what is shown cannot be kept
            super().exit(*args, **options)
