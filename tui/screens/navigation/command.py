"""A `:` command, as the navigator knows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class CommandError(ValueError):
    """A `:` line that cannot be done; the message is a sentence."""


class Command(ABC):
    """A `:` command. Where it does not apply, a resource of the same name is meant."""

    name: str
    meaning: str
    """The words beside its name in the prompt and the palette."""
    argument: str = ""
    """What follows its name, in capitals; "" if it takes nothing."""
    aliases: tuple[str, ...] = ()
    asks_server: bool = False
    """Whether it asks the server before it does anything."""

    def applies(self) -> bool:
        """Return whether it can be used on the screen that is shown."""
        return True

    def choices(self) -> Sequence[str]:
        """Return the arguments to choose from."""
        return ()

    @abstractmethod
    async def run(self, argument: str) -> None:
        """Do it. Raises CommandError."""
