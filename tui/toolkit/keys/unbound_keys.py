"""What a key is bound to; of one that nothing takes where it is pressed the screen may say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.app import App
from textual.keys import key_to_character

if TYPE_CHECKING:
    from collections.abc import Sequence


@runtime_checkable
class SaysUnbound(Protocol):
    """A screen that tells of a key that does nothing on it."""

    def say_unbound(self, key: str, elsewhere: Sequence[type]) -> None:
        """Say why a key does nothing here, if it does something on other screens or widgets, `elsewhere`."""


class KeysBound(App[None]):
    """An application that finds what a key is bound to without a copy of all bindings of all widgets."""

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Do what a key is bound to; return whether it was anything."""
        if self._keymap:
            return await super()._check_bindings(key, priority)
        focused = None if self.focused and self.focused.loading else self.focused
        chain: list[Any] = [*focused.ancestors_with_self] if focused else [self.screen, self]
        modal = next((at for at, node in enumerate(chain) if node.is_modal), len(chain))
        bound = [(node, node._bindings.key_to_bindings.get(key, ())) for node in chain]
        if any(bindings for _, bindings in bound):
            typed = next((at for at, node in enumerate(chain) if self._types(node, key)), len(chain))
            bound = bound[: min(len(chain) if priority else modal, typed) + 1]
            for node, bindings in reversed(bound) if priority else bound:
                for binding in bindings:
                    if binding.priority == priority and await self.run_action(binding.action, node):
                        return True
        return False

    @staticmethod
    def _types(node: Any, key: str) -> bool:
        """Return whether a widget takes a key for a character, so that what is above it never gets it."""
        return bool(node.check_consume_key(key, key_to_character(key)))


class UnboundKeysTold(KeysBound):
    """An application whose screens are told of keys that nothing took."""

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        taken = await super()._check_bindings(key, priority)
        if not taken and not priority and isinstance(screen := self.screen, SaysUnbound):
            screen.say_unbound(key, self.find_elsewhere())
        return taken

    def find_elsewhere(self) -> Sequence[type]:
        """Return the classes of other screens and widgets whose keys people may try anywhere."""
        return ()
