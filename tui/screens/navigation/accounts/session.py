"""State shared by the screens of one connection: the layout, the tabs open last; and what the user has added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.screens.navigation.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.api.recording.recorder import Recorder
    from tui.config.settings import OwnCommand, OwnView
    from tui.screens.navigation.line_history import LineHistory
    from tui.workflows.overview.overview import Overview
    from tui.workflows.overview.spending import Spending
    from tui.workflows.watch_rules.watcher import RuleWatcher


@dataclass(slots=True)
class Pace:
    """How time passes in a replay."""

    speed: float = 1.0
    is_paused: bool = False

    def __str__(self) -> str:
        """Return words for the header; "" where it passes as usual."""
        return " ‖ paused" if self.is_paused else f" {self.speed:g} ×" if self.speed != 1 else ""


@dataclass(slots=True)
class Session:
    """State that outlives a screen. The navigator holds it; the layout goes on to the next connection."""

    layout: Layout = field(default_factory=Layout)
    """How lists are laid out."""
    tabs: dict[str, str] = field(default_factory=dict)
    """The tab of the detail that was open last, by the name of the resource."""
    rate_shown: int = 0
    """The requests of a minute that the header shows; small changes do not show."""
    rules: RuleWatcher | None = None
    """What looks at the objects that the user wants to be told of."""
    ended: int = 0
    """How many of them are over since the user last looked at the list of them."""
    overview: Overview | None = None
    """What home shows; None until it was opened."""
    spending: Spending | None = None
    """What is spent; None until home or costs were opened."""
    lines: LineHistory | None = None
    """The `:` lines typed before; None until they are needed."""

    read_only: bool = False
    """Whether the user has forbidden whatever would change the platform (`:ro`), for later connections too."""

    clock_compared: bool = False
    """Whether this machine's clock was found to differ from the platform's, and that was told where it matters."""

    recorder: Recorder | None = None
    """What keeps all that is asked and answered (`:record`)."""

    pace: Pace = field(default_factory=Pace)
    """How time passes, where a recording is shown (`:pause`, `:speed`)."""

    looked_at: set[str] = field(default_factory=set)
    """The ids of objects that have changed since the last visit and were looked at."""

    def of_next(self) -> Session:
        """Return what the next connection begins with: the layout, what is forbidden, and no figures."""
        return Session(self.layout, self.tabs, read_only=self.read_only)


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
    dead_ends: frozenset[str] = frozenset()
    """Those of the places on digits that lead nowhere."""

    def expand_line(self, line: str) -> str:
        """Return a `:` line with what its first word stands for in place of it."""
        head, _, tail = line.strip().partition(" ")
        meant = self.aliases.get(head)
        return line if meant is None else f"{meant} {tail}".strip()
