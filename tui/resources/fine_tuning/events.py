"""The events of fine-tuning jobs, in which the figures of training arrive.

https://platform.openai.com/docs/api-reference/fine-tuning/list-events
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.language.cells import age
from tui.resources.language.column import Column
from tui.resources.language.curves import find_figures
from tui.resources.language.objects import Object, Time
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence


class Event(Object):
    """Something that happened in a job. Events of type `metrics` carry the figures of a step in `data`.

    All but the time may be anything: an event is shown as it came, whatever its kind.
    """

    created_at: Time = None
    level: Any = None
    message: Any = None
    type: Any = None
    data: Any = None


# Short words for the figures that nearly all jobs have; others go by their own names.
_FIGURES = {
    "train_loss": "loss",
    "train_mean_token_accuracy": "acc",
    "valid_loss": "valid",
    "valid_mean_token_accuracy": "valid acc",
}


def _event_text(event: Event) -> str:
    """Return what an event says: the figures of a step, or its message with its data."""
    found = find_figures(event.data) if event.type == "metrics" and isinstance(event.data, dict) else {}
    step = found.pop("step", None)
    found.pop("total_steps", None)
    if found:
        known = {name: found.pop(name) for name in _FIGURES if name in found}
        parts = [f"{_FIGURES.get(name, name)} {_format_figure(value)}" for name, value in (known | found).items()]
        number = "?" if step is None else f"{step:g}"
        return "  ".join([f"step {number:>4}", *parts])
    told = [_write_plain(part) for part in (event.message, event.data) if part not in (None, "", [], {})]
    if not told:  # then whatever else there is
        rest = {name: value for name, value in (event.model_extra or {}).items() if name != "object"}
        told = [_write_plain(rest or event.type or "an event that says nothing")]
    return "  ".join(told)


def _format_figure(value: float) -> str:
    """Return a figure in six cells, as far as its size allows: those of one name stand below each other."""
    for bound, decimals in ((10, 4), (100, 3), (1000, 2)):
        if value == 0 or 0.001 <= abs(value) < bound:
            return f"{value:.{decimals}f}"
    return f"{value:<6.4g}"


def _write_plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def read_training(events: Sequence[Any], _more: bool) -> dict[str, float] | None:
    """Return how far training is, by its newest events: `step`, `total_steps` and `loss`, as far as they tell."""
    for event in events:
        if isinstance(event, dict) and isinstance(data := event.get("data"), dict):
            figures = find_figures(data)
            if "step" in figures:
                told = {"step": figures["step"], "total_steps": figures.get("total_steps")}
                told["loss"] = figures.get("train_loss", figures.get("loss"))
                return {name: value for name, value in told.items() if value is not None and math.isfinite(value)}
    return None


LIST_EVENTS = Operation("listFineTuningEvents", "GET", "/fine_tuning/jobs/{fine_tuning_job_id}/events")

EVENTS: Resource[Event] = Resource(
    name="events",
    singular="event",
    family="Fine-tuning",
    model=Event,
    aliases=("ev", "event"),
    parent="fine-tuning",
    list=LIST_EVENTS,
    columns=(
        Column("TIME", "created_at", age, 5, align="right"),
        Column("LEVEL", "level", width=6),
        Column("TYPE", "type", width=8, drop_order=3),
        Column("MESSAGE", _event_text, width=30, grow=True),
    ),
    empty="No events yet.",
)
