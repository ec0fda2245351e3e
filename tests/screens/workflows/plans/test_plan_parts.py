"""The steps of a plan as rows: each stands on one line, whatever the room."""

from __future__ import annotations

import pytest

from tui.api.errors import ApiError
from tui.resources.files import FILES
from tui.resources.language.column import Cell
from tui.screens.workflows.plans.plan_parts import PartDrawing, PlanPart
from tui.text import cell_width
from tui.workflows.plan.plan import Plan, Step, StepOutcome


@pytest.mark.parametrize("verb", ["", "delete"])
@pytest.mark.parametrize("room", [56, 78, 118, 198])
def test_a_step_stands_on_one_line(room: int, verb: str) -> None:
    action = FILES.action("delete")
    assert action
    step = Step(resource=FILES, action=action, record=FILES.record({"id": "file-" + "x" * 24}))
    cells = [
        *(Cell(each) for each in ("owner has no access", "tom-old-notebook", "storefront-staging", "$0.00")),
        Cell(step.record.id),
    ]
    drawing = PartDrawing(Plan([step]), lambda _: cells, {3}, False, room, ("A", "B", "C", "D", "ID"))
    _, entry = drawing.draw(PlanPart("To delete", [step], ("1", "")))
    head = "".join(text for text, _ in entry.head)
    assert cell_width(head) <= room
    assert "$0.00" in head, "a number is never cut"
    whole = all(cell.text in head for cell in cells)
    assert whole == (room > 100), "nothing is cut where there is room"


def test_why_several_failed_is_told_once_with_their_number() -> None:
    action = FILES.action("delete")
    assert action
    steps = [Step(resource=FILES, action=action, record=FILES.record({"id": f"file-{each}"})) for each in "abcd"]
    plan = Plan(steps)
    for step, why in zip(steps, ("No.", "No.", "Odd.", "No."), strict=True):
        plan.note_outcome(step, StepOutcome(step.call, "failed", ApiError(why)))
    drawing = PartDrawing(plan, lambda step: [Cell(step.record.id)], (), False, 80)
    _, *entries = drawing.draw(PlanPart("To delete", steps, ("4", "")))
    told = ["".join(text for text, _ in entry.body) for entry in entries]
    assert told == ["No. So it is with 2 more.", "", "Odd.", ""]
