"""Batches: what is said before several are cancelled."""

from __future__ import annotations

from tui.resources.batch.batches import BATCHES
from tui.workflows.consequences.consequences import describe_warning


def test_what_is_answered_and_what_will_not_run_is_summed_up() -> None:
    cancel = next(action for action in BATCHES.actions if action.name == "cancel")

    def told(*counts: tuple[int, int] | None) -> str:
        raws = [
            {"id": f"batch_{at}", "request_counts": {"completed": pair[0], "failed": 0, "total": pair[1]}}
            if pair
            else {"id": f"batch_{at}"}
            for at, pair in enumerate(counts)
        ]
        return describe_warning(cancel, [BATCHES.record(raw) for raw in raws])

    assert (
        told((20, 30), (1, 1_001)) == "21 answered requests stay downloadable and are charged; 1,010 will not run."
    )
    assert told((1, 1)) == "1 answered request stays downloadable and is charged."
    assert told((20, 30), None) == "20 answered requests stay downloadable and are charged; the rest will not run."
    for unknown in ((0, 0), None):
        assert told(unknown) == "What is answered stays downloadable and is charged; the rest will not run."
