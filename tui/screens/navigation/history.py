"""Locations: the addresses of places, and the way back and forward between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.live.combined.rows import split_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.resource import Resource

_KEPT = 100


@dataclass(slots=True, eq=False)
class Location:
    """A list of a resource, or with `id` one object of it, and how it was being looked at.

    `scope` fills the path parameters of the parents, `trail` names them for people, `account` says whose it is
    ("": that of all in use). The rest is written by the screen while it is open, so that coming back finds
    everything as it was; `cursor` is the key of a row, `cursors` those of accounts side by side, by their names.
    """

    resource: Resource
    scope: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    trail: tuple[str, ...] = ()
    up: Location | None = None
    filter: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    sort: str | None = None
    attention: bool = False
    wide: bool = False
    cursor: str | None = None
    tab: str = ""
    cursors: dict[str, str] = field(default_factory=dict)
    is_seen: bool = False
    account: str = ""

    @property
    def at(self) -> tuple[str, str]:
        """The account and the id of the object that is shown or under the cursor; "" where there is none."""
        account, id_ = split_key(self.id or self.cursor or "")
        return self.account or account, id_

    @property
    def address(self) -> tuple[str, str]:
        """What two locations have in common that show the same: the `:` line, and whose it is."""
        return self.line, self.account

    @property
    def line(self) -> str:
        """The `:` line that leads here."""
        parents = " ".join(self.scope.values())
        if self.id:
            return f"open {parents} {self.at[1]}" if parents else self.at[1]
        if parents:
            return f"{self.resource.name} {parents}"
        return f"{self.resource.name} /{self.filter}" if self.filter else self.resource.name


class History:
    """The locations visited, as a browser keeps them."""

    def __init__(self) -> None:
        self._visited: list[Location] = []
        self._at = -1

    @property
    def current(self) -> Location | None:
        """The location shown now; None before the first."""
        return self._visited[self._at] if self._visited else None

    @property
    def first(self) -> Location | None:
        """The location visited first, as far back as is kept; None before that."""
        return self._visited[0] if self._visited else None

    def count_visits(self) -> Counter[str]:
        """Return how often each resource was visited."""
        return Counter(location.resource.name for location in self._visited)

    def visit(self, location: Location) -> None:
        """Add a new location; those ahead are forgotten."""
        self._visited = [*self._visited[: self._at + 1], location][-_KEPT:]
        self._at = len(self._visited) - 1

    def go_up(self, location: Location) -> Location:
        """Go back to where a location was visited last, else put it in place of the current one. Returns it.

        Either way what was before it comes next on the way back, never the place that was left.
        """
        behind = self._visited[: max(self._at, 0)]
        same = [at for at, each in enumerate(behind) if each is location]
        same = same or [at for at, each in enumerate(behind) if each.address == location.address]
        if same:
            self._at = same[-1]
        else:
            self._visited[self._at] = location
        return self._visited[self._at]

    def step(self, by: int) -> Location | None:
        """Go back (-1) or forward (1); None at the ends."""
        if not 0 <= self._at + by < len(self._visited):
            return None
        self._at += by
        return self._visited[self._at]
