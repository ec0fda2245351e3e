"""Models: what can be called, until when, and the fine-tuned ones that are yours.

https://platform.openai.com/docs/api-reference/models
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.base import Action, Cell, Column, Field, Look, Resource, Risk, Section
from tui.resources.cells import NOTHING, age, duration, instant, own
from tui.resources.generation import COMPLETE, EMBED, MODERATE, RESPOND, try_it
from tui.resources.objects import Object, Time

if TYPE_CHECKING:
    from tui.resources.objects import Record

_SOON = 90 * 86_400  # a shutdown nearer than this is marked
# The list does not tell what a model is for: its name does. Those of the last line no bench is for.
_VECTORS, _JUDGES, _LEGACY = (
    ("text-embedding",),
    ("omni-moderation", "text-moderation"),
    ("instruct", "babbage-002", "davinci-002"),
)
_OTHER = ("whisper", "tts", "dall-e", "image", "sora", "realtime", "transcribe", "audio")
_BY_NAME = {EMBED.path: _VECTORS, MODERATE.path: _JUDGES, COMPLETE.path: _LEGACY}


class Model(Object):
    """A model. `shutdown_date` is the day it stops answering, YYYY-MM-DD."""

    created: Time = None
    owned_by: str | None = None
    shutdown_date: str | None = None

    @property
    def fine_tuned(self) -> bool:
        """Whether it was made by a fine-tuning job."""
        return self.id.startswith("ft:")


def answers(model: str, path: str) -> bool:
    """Whether a model, by its name, answers what is sent to `path`."""
    if path in _BY_NAME:
        return any(word in model for word in _BY_NAME[path])
    return not any(word in model for word in (*_VECTORS, *_JUDGES, *_LEGACY, *_OTHER))


def _try(operation: Operation) -> Action:
    def refuse(model: Model) -> str | None:
        return None if answers(model.id, operation.path) else f"it does not answer {operation.path}"

    return try_it(operation, lambda model: {"model": model.id}, refuse)


def shutdown_time(date: Any) -> float | None:
    """The unix time at which a shutdown date begins, in UTC."""
    try:
        return datetime.strptime(str(date), "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _stops(value: Any, _record: Record, look: Look) -> Cell:
    at = shutdown_time(value)
    if at is None:
        return NOTHING
    left = at - look.now
    if left <= 0:
        return Cell("stopped", "bad")
    return Cell(f"{left / 86_400:.0f} d" if left >= 86_400 else duration(left), "warn" if left < _SOON else "")


def _shutdown(value: Any, record: Record, look: Look) -> Cell:
    stops = _stops(value, record, look)
    if stops is NOTHING:
        return Cell("none announced", "dim")
    return Cell(f"{value} ({stops.text if stops.text == 'stopped' else 'in ' + stops.text})", stops.tone)


MODELS = Resource(
    name="models",
    singular="model",
    family="Models",
    model=Model,
    aliases=("mo", "model"),
    prefixes=("ft:",),
    list=Operation("listModels", "GET", "/models", whole=True),
    get=Operation("retrieveModel", "GET", "/models/{model}"),
    columns=(
        Column("ID", "id", width=24, grow=True),
        Column("OWNER", "owned_by", width=18, rank=3),
        Column("SHUTDOWN", "shutdown_date", width=11),
        Column("STOPS IN", "shutdown_date", _stops, 8, align="right"),
        Column("AGE", "created", age, 6, align="right", rank=2, first="down"),
    ),
    sort="STOPS IN",
    detail=(
        Section(
            "Model",
            (
                Field("id", "id", own),
                Field("owner", "owned_by"),
                Field("created", "created", instant),
                Field("shutdown", "shutdown_date", _shutdown),
            ),
        ),
    ),
    actions=(
        *map(_try, (RESPOND, EMBED, MODERATE, COMPLETE)),
        Action(
            "delete",
            "ctrl+d",
            "delete",
            Operation("deleteModel", "DELETE", "/models/{model}"),
            Risk.GRAVE,
            refuse=lambda model: None if model.fine_tuned else "only fine-tuned models can be deleted",
            warn=lambda _: "Everything that calls it stops working. This cannot be undone.",
        ),
    ),
    empty="This project may use no models.",
)
