"""What the user has added to the program, as the config says it and as far as it can be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.config.settings import OwnCommand, OwnView


@dataclass(frozen=True, slots=True)
class Own:
    """Commands, views, words and filters of the user."""

    commands: Sequence[OwnCommand] = ()
    """With the names of the resources they are for."""
    views: Mapping[str, OwnView] = field(default_factory=dict)
    """How lists are shown, by the name of the resource."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What a word of a `:` line stands for."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Filters by name; `@name` in a filter stands for one."""

    def expand_line(self, line: str) -> str:
        """Return a `:` line with what its first word stands for in place of it."""
        head, _, tail = line.strip().partition(" ")
        meant = self.aliases.get(head)
        return line if meant is None else f"{meant} {tail}".strip()
