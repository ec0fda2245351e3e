"""A plan as text that people read: each call, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import stamp
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tui.resources.language.column import Cell
    from tui.workflows.plan.plan import Plan

_MARKS = {"planned": "[x]", "out": "[ ]", "blocked": "[-]"}


def format_plan(
    title: str,
    plan: Plan[Any],
    parts: Iterable[tuple[str, str, Sequence[Any]]],
    show: Callable[[Any, float], list[Cell]],
    now: float,
    gaps: Iterable[str] = (),
) -> Iterator[str]:
    """Yield the lines of a plan.

    `parts` are headings, verbs and steps; `show` gives the cells of a step at `now`; `gaps` are sentences on what
    is not known.
    """
    yield f"{clean(title)}, {stamp(now)}\n"
    yield from (f"! {clean(each, 1_000)}\n" for each in (*plan.cautions(), *gaps))
    number = 0
    for heading, verb, steps in parts:
        if steps:
            yield f"\n{heading}\n"
        for step in steps:
            number += 1
            cells = "  ".join(filter(None, (cell.text.strip() for cell in show(step, now))))
            state = plan.state(step)
            yield f"{_MARKS.get(state, f'[{state}]')} {number}. {clean(f'{verb} {cells}'.strip(), 1_000)}\n"
            yield f"      {clean(step.call, 1_000)}\n"
            if remark := plan.remark(step):
                yield f"      {clean(remark.text, 1_000)}\n"
