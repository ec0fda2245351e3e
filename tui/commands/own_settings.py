"""What of the user's config only the whole program can tell to be wrong: names of resources, keys, colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.commands.keymap import build_keymap, find_key_fault
from tui.resources.registry import UnknownResource, lookup
from tui.toolkit.keys.key_names import key_name
from tui.workflows.own_commands import find_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.config.settings import Config, OwnCommand


class OwnSettings:
    """The keys and commands of the user that can be used, and notices on the others. It imports every screen."""

    def __init__(self, config: Config) -> None:
        self.keymap, self.notices = build_keymap(config.keys, config.source)
        self._config = config
        self.commands = tuple(self._check_commands())

    def _check_commands(self) -> Iterator[OwnCommand]:
        """Yield the commands that can be used, with the names of their resources."""
        taken: list[OwnCommand] = []
        for command in self._config.commands:
            called = f"commands[{command.number + 1}]"
            try:
                names = tuple("*" if name == "*" else lookup(name).name for name in command.on)
            except UnknownResource as error:
                self._note(command, "on", f"{called}.on is wrong, so it is ignored. {error}")
                continue
            found = replace(command, on=names)
            if fault := next(find_faults(command), ""):
                self._note(command, "run", f"{called}.run cannot be filled, so it is ignored: {fault}.")
            elif fault := find_key_fault(command.key, self.keymap) or _find_rival(found, taken):
                self._note(command, "key", f"{called} cannot have {command.key}, {fault}")
            else:
                taken.append(found)
                yield found

    def _note(self, command: OwnCommand, name: str, sentence: str) -> None:
        self.notices.append(f"{self._config.source.at('commands', command.number, name)}{sentence}")


def _find_rival(command: OwnCommand, others: list[OwnCommand]) -> str:
    """Return the clause on another command that has the key for the same objects; "" if there is none."""
    for other in others:
        shared = "*" in (*command.on, *other.on) or set(command.on) & set(other.on)
        if shared and key_name(command.key) == key_name(other.key):
            return f"which commands[{other.number + 1}] has."
    return ""
