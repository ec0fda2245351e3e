"""The palette's lines: what the application offers, made harmless, as some of it names what the platform holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit
from textual.content import Content
from textual.markup import escape
from textual.system_commands import SystemCommandsProvider

from tui.text import clean

if TYPE_CHECKING:
    from textual.app import SystemCommand
    from textual.command import Hits


class Palette(SystemCommandsProvider):
    """Lists what `get_system_commands` of the application gives; nothing in it is read as markup."""

    def _list_commands(self) -> list[SystemCommand]:
        """Return the commands with texts that can be shown, in the order in which the application gives them."""
        found = self.app.get_system_commands(self.screen)
        return [each._replace(title=clean(each.title), help=escape(clean(each.help))) for each in found]

    async def discover(self) -> Hits:
        """Yield all commands, while nothing is typed."""
        for title, words, run, _ in self._list_commands():
            yield DiscoveryHit(Content(title), run, text=title, help=words)

    async def search(self, query: str) -> Hits:
        """Yield the commands that fit what is typed."""
        matcher = self.matcher(query)
        for title, words, run, _ in self._list_commands():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=words)
