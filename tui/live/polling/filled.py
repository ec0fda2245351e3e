"""Collections that are filled from elsewhere than by polling a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.polling.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.api.errors import ApiError


class Filled(Watch):
    """A collection that is filled from elsewhere, at once: nothing asks the platform for it."""

    def start(self) -> None:
        """Do nothing: rows come from `fill`."""

    def stop(self) -> None:
        """Do nothing."""

    def fill(self, raws: Sequence[Mapping[str, Any]]) -> None:
        """Hold these objects, and no others."""
        self._note_delta(self.collection.apply(raws, after=None, has_more=False, next=None, now=self.now))
        self._note_success()

    def fail(self, error: ApiError) -> None:
        """Show why there are none, or none that are newer."""
        self._note_failure(error)
