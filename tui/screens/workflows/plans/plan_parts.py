"""The steps of a plan as entries that people read: how each stands, in columns, with what is remarked on it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tui.resources.language.column import Cell
from tui.text import cell_width, clean, fit
from tui.widgets.table.table_rows import is_name
from tui.widgets.text.conversation import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from tui.workflows.plan.plan import Plan

AnyStep = TypeVar("AnyStep", bound=Any)

WIDEST = 26  # cells a column takes at the most
INDENT = 4  # cells what stands below a step is from the left
NAMED = 8  # names in a row before the rest is counted
SHORT = 13  # cells of an id where there is little room
LEAST = 8  # cells of a column where there is less
GAP = 2  # cells between columns
LONGEST_NAME = 40  # characters of a name in a row of them
SHOWN = 500  # steps of a part that are shown: it may have a hundred thousand
MARKS = {
    "planned": ("◌", "accent"),
    "out": ("○", "dim"),
    "blocked": ("■", "dim"),
    "running": ("◐", "accent"),
    "done": ("✓", "good"),
    "asked": ("✓", "good"),
    "gone": ("✓", "good"),
    "failed": ("✖", "bad"),
    "unknown": ("▲", "warn"),
}


@dataclass(frozen=True, slots=True)
class PlanPart(Generic[AnyStep]):
    """A part of a plan: steps under one heading. `count` stands beside it; `note` is an entry at its end."""

    title: str
    steps: Sequence[AnyStep]
    count: tuple[str, str]
    verb: str = ""
    """What is done to each; "" where the page says so."""
    note: Entry | None = None


@dataclass(frozen=True, slots=True)
class PartDrawing(Generic[AnyStep]):
    """Draws the parts of a plan in so many cells (`room`).

    `cells` gives what to know of a step, as columns, of which `numbers` stand at the right.
    """

    plan: Plan[AnyStep]
    cells: Callable[[AnyStep], list[Cell]]
    numbers: Collection[int]
    shows_calls: bool
    room: int
    headers: Sequence[str] = ()
    """What the columns are called; nothing where that goes without saying."""

    def draw(self, part: PlanPart[AnyStep]) -> Iterator[Entry]:
        """Yield the entries of a part: its heading, its steps, and how many more there are."""
        steps = list(islice(part.steps, SHOWN))
        rows = [self.cells(step) for step in steps]
        titles = [Cell(each) for each in self.headers]
        verb = cell_width(part.verb) + GAP if part.verb else 0
        widths = _measure([titles, *rows] if titles else rows, self.room - GAP - verb, self.numbers)
        names = "".join(text for text, _ in self._draw_cells(titles, widths)) if titles else ""
        below: tuple[tuple[str, str], ...] = ((names, "dim"),) if names else ()
        yield Entry(part.title, ((part.title, "strong"), part.count), below, space=False)
        more = len(part.steps) - len(steps)
        remarks = self._list_remarks(steps)
        for step, row in zip(steps, rows, strict=True):
            is_last = step is steps[-1] and not part.note and more <= 0
            head, body = self._draw_head(step, part.verb, row, widths), self._draw_body(step)
            body += remarks.get(step.call, ())
            yield Entry(step.call, tuple(head), tuple(body), indent=INDENT, space=is_last)
        if more > 0:
            words = f"and {more:,} more: ctrl+s saves all"
            yield Entry(f"{part.title} more", (("· ", "dim"), (words, "dim")), space=not part.note)
        if part.note:
            yield part.note

    def _draw_head(
        self, step: AnyStep, verb: str, row: Sequence[Cell], widths: Sequence[int]
    ) -> list[tuple[str, str]]:
        mark, tone = MARKS[self.plan.state(step)]
        head: list[tuple[str, str]] = [(f"{mark} ", tone)]
        head += [(f"{verb}  ", "dim")] if verb else []
        return [*head, *self._draw_cells(row, widths)]

    def _draw_cells(self, row: Sequence[Cell], widths: Sequence[int]) -> list[tuple[str, str]]:
        """Return cells in columns of some widths."""
        last = len(widths) - 1
        drawn: list[tuple[str, str]] = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            text = fit(
                cell.text,
                width,
                "right" if at in self.numbers else "left",
                middle=at == last or is_name(cell.text),
            )
            drawn.append((text + " " * GAP, cell.tone))
        drawn[-1] = (drawn[-1][0].rstrip(), drawn[-1][1])  # blanks would wrap, too
        return drawn

    def _draw_body(self, step: AnyStep) -> list[tuple[str, str]]:
        body: list[tuple[str, str]] = []
        if self.shows_calls:
            state = self.plan.state(step)
            word = f"{state} · " if state in ("done", "running") else ""
            body.append((word + self._shorten(step.call, len(word)), "dim"))
        return body

    def _list_remarks(self, steps: Sequence[AnyStep]) -> dict[str, list[tuple[str, str]]]:
        """Return by call what is remarked on steps; why several went wrong is told once, with their number."""
        remarks: dict[str, list[tuple[str, str]]] = {}
        alike: dict[str, list[str]] = {}
        for step in steps:
            if remark := self.plan.remark(step):
                remarks[step.call] = [(remark.text, remark.tone)]
                if self.plan.state(step) in ("failed", "unknown"):
                    alike.setdefault(remark.text, []).append(step.call)
        for text, (first, *others) in alike.items():
            if others:
                remarks[first] = [(f"{text} So it is with {len(others):,} more.", remarks[first][0][1])]
                for call in others:
                    del remarks[call]
        return remarks

    def _shorten(self, call: str, less: int) -> str:
        """Return a call on one line; where that is short, so are the ids in it."""
        if cell_width(call) + INDENT + less <= self.room:
            return call
        return "/".join(
            fit(each, SHORT, middle=True).rstrip() if any(map(str.isdigit, each)) else each
            for each in call.split("/")
        )


def _measure(rows: Sequence[Sequence[Cell]], room: int, fixed: Collection[int]) -> list[int]:
    """Return the widths of columns in so many cells; without room the widest give way, but for those `fixed`."""
    widths = [max(cell_width(clean(cell.text)) for cell in column) for column in zip(*rows, strict=True)]
    widths[:-1] = [min(WIDEST, width) for width in widths[:-1]]
    yielding = [at for at in range(len(widths)) if at not in fixed]
    while yielding and sum(widths) + GAP * (len(widths) - 1) > room:
        widest = max(yielding, key=widths.__getitem__)
        if widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return widths


def name_steps(steps: Sequence[Any]) -> str:
    """Return the names of what steps are about, the first few."""
    names = list(dict.fromkeys(clean(step.name, LONGEST_NAME) for step in steps[: NAMED * 2]))
    more = len(steps) - min(len(names), NAMED)
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
