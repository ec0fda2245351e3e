"""Models: a fine-tuned one stops with its base, and what stops soon needs its owner."""

from __future__ import annotations

from typing import Any

from tests.support.samples import CONTEXT, NOW
from tui.api.paging.pages import page_of
from tui.resources.models import MODELS, add_base_shutdowns
from tui.widgets.detail.summary import describe

BASE = {"id": "gpt-4.1-mini-2025-04-14", "object": "model", "shutdown_date": "2026-10-21"}
TUNED = {"id": "ft:gpt-4.1-mini-2025-04-14:acme:triage:x1", "object": "model", "shutdown_date": None}


def shown(*models: Any) -> dict[str, tuple[str, str, str | None]]:
    """Of each model the date and the time left, and why it needs its owner."""
    assert MODELS.list
    found = {}
    for raw in page_of(MODELS.list, {"object": "list", "data": list(models)}, None).items:
        record = MODELS.record(raw)
        cells = [MODELS.columns[place].cell(record, CONTEXT).text for place in (2, 3)]
        found[record.id] = (cells[0], cells[1], MODELS.attention(record.object, CONTEXT))
    return found


def test_a_fine_tuned_model_stops_with_its_base() -> None:
    both = shown(TUNED, BASE)
    assert both[BASE["id"]][::2] == ("2026-10-21", "stops in 29 d")
    assert both[str(TUNED["id"])] == ("2026-10-21", both[BASE["id"]][1], f"stops in 29 d with {BASE['id']}")
    (record,) = (MODELS.record(raw) for raw in add_base_shutdowns([TUNED, BASE]) if raw["id"] == TUNED["id"])
    rows = {row.label: row.cell.text for row in describe(MODELS, record, CONTEXT)}
    assert rows["shutdown"] == f"2026-10-21 (in 29 d, with {BASE['id']})"


def test_a_date_of_its_own_counts_more_than_that_of_the_base() -> None:
    own = {**TUNED, "shutdown_date": "2027-12-31"}
    assert shown(own, BASE)[str(TUNED["id"])][::2] == ("2027-12-31", None)


def test_what_has_no_date_needs_nobody() -> None:
    assert shown({**BASE, "shutdown_date": None}, TUNED) == {
        BASE["id"]: ("·", "·", None),
        str(TUNED["id"]): ("·", "·", None),
    }
    assert shown({**BASE, "shutdown_date": "2026-01-01"}, TUNED)[str(TUNED["id"])][1:] == (
        "stopped",
        f"stopped with {BASE['id']}",
    )


def test_dates_are_read_in_every_form_and_odd_models_stay() -> None:
    for date in ("2026-10-21T00:00:00Z", 1_792_540_800, "1792540800", 1_792_540_800_000):
        assert shown({**BASE, "shutdown_date": date}, TUNED)[str(TUNED["id"])][0] == "2026-10-21", date
    odd: list[Any] = [
        None,
        5,
        "model",
        [],
        {"id": None},
        {"id": 7, "shutdown_date": "x"},
        {"id": "ft:"},
        {"id": "ft:a", "x": 1},
    ]
    assert add_base_shutdowns(odd) == odd
    assert shown({"id": "m", "shutdown_date": "soon"})["m"] == ("soon", "·", None)
    assert NOW
