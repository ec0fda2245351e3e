"""Scores of categories as bars, the highest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.widget import Widget

from tui.resources.language.cells import draw_bar
from tui.text import fit
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = 24


class Score(NamedTuple):
    """A category, how strongly it was found (0 to 1), and whether that is too much."""

    name: str
    value: float
    flagged: bool = False
    note: str = ""


class CategoryBars(Widget):
    """A bar for each category: the flagged first, then by score."""

    DEFAULT_CSS = """
    CategoryBars { height: auto; max-height: 45%; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._scores: tuple[Score, ...] = ()

    def show(self, scores: Sequence[Score]) -> None:
        """Show these."""
        new = tuple(sorted(scores, key=lambda score: (not score.flagged, -score.value)))
        if new != self._scores:
            self._scores = new
            self.refresh(layout=True)

    def render(self) -> Content:
        """Draw the bars, a line each."""
        room = max(8, min(48, self.size.width - _NAME - 24))
        rows = len(self._scores)
        if 1 < self.size.height < rows:
            rows = self.size.height - 1
        lines = [self._line(score, room) for score in self._scores[:rows]]
        if left := self._scores[rows:]:
            lines.append(build_line([(f"  {len(left)} more, none above {left[0].value:.4f}", "dim")]))
        return Content("\n").join(lines)

    def _line(self, score: Score, room: int) -> Content:
        tone = "bad" if score.flagged else "warn" if score.value >= 0.1 else "dim"
        mark = ("▲ ", "bad") if score.flagged else ("  ", "")
        value = f"{score.value:6.4f}"
        name = (fit(score.name, _NAME), "strong" if score.flagged else "")
        return build_line(
            [mark, name, (draw_bar(score.value, room, " "), tone), (f" {value}", tone), (f"  {score.note}", "dim")]
        )
