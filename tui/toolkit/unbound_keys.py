"""Keys that nothing takes where they are pressed: the screen may say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Sequence


@runtime_checkable
class SaysUnbound(Protocol):
    """A screen that tells of a key that does nothing on it."""

    def say_unbound(self, key: str, elsewhere: Sequence[type]) -> None:
        """Say why a key does nothing here, if it does something on other screens or widgets, `elsewhere`."""


class UnboundKeysTold(App[None]):
    """An application whose screens are told of keys that nothing took."""

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        taken = await super()._check_bindings(key, priority)
        if not taken and not priority and isinstance(screen := self.screen, SaysUnbound):
            screen.say_unbound(key, self.find_elsewhere())
        return taken

    def find_elsewhere(self) -> Sequence[type]:
        """Return the classes of other screens and widgets whose keys people may try anywhere."""
        return ()
