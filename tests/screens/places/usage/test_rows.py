"""The words of the usage screen: what did not come is said once."""

from __future__ import annotations

import pytest

from tui.resources.usage import COSTS_KIND, DAY
from tui.screens.places.usage.rows import Reading
from tui.workflows.usage import UsageFigures, build_default_query

NOON = 1_795_003_200 // DAY * DAY + DAY // 2


@pytest.mark.parametrize(
    ("value", "told"), [("1", "$1.00 +?"), ("much", "?  ▲ 1 amount cannot be read")], ids=["read", "unread"]
)
def test_days_that_did_not_come_are_no_amounts_that_cannot_be_read(value: str, told: str) -> None:
    question = build_default_query(COSTS_KIND)
    start, end = question.bounds(NOON)
    report = UsageFigures(question, start, end, NOON, is_cut=True)
    result = {"amount": {"value": value, "currency": "usd"}, "project_id": "proj_a"}
    report.add_page([{"start_time": end - DAY, "results": [result]}])
    report.finish()
    left, right = Reading(question, {}, False).headline(report, 0)
    words = "".join(text for text, _ in left)
    assert words.removeprefix(" costs  30 days  ").replace(" · ", "  ") == told
    assert "the server gave no more" in "".join(text for text, _ in right)
