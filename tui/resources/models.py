"""Models: what can be called, until when, and the fine-tuned ones that are yours.

https://platform.openai.com/docs/api-reference/models
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.generation.endpoints import COMPLETE, EMBED, MODERATE, RESPOND, try_it
from tui.resources.language.action import Action, Call, Risk
from tui.resources.language.cells import NO_VALUE, age, count_down, duration, instant, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
    text,
)
from tui.resources.language.objects import Object, Time
from tui.resources.language.reading.times import unix_time
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_SOON = 90 * 86_400  # a shutdown nearer than this is marked
_DATE = re.compile(r"-\d{4}(-\d\d-\d\d)?")  # of `gpt-5-2025-08-07` what follows `gpt-5`
# The list does not tell what a model is for: its name does. Those of the last line no bench is for.
_VECTORS, _JUDGES, _LEGACY = (
    ("text-embedding",),
    ("omni-moderation", "text-moderation"),
    ("instruct", "babbage-002", "davinci-002"),
)
_OTHER = ("whisper", "tts", "dall-e", "image", "sora", "realtime", "transcribe", "audio")
_BY_NAME = {EMBED.path: _VECTORS, MODERATE.path: _JUDGES, COMPLETE.path: _LEGACY}


class Model(Object):
    """A model. `shutdown_date` is the day it stops answering, YYYY-MM-DD; a fine-tuned one stops with its base."""

    created: Time = None
    owned_by: str | None = None
    shutdown_date: Any = None
    base_shutdown_date: Any = None

    @property
    def fine_tuned(self) -> bool:
        """Whether it was made by a fine-tuning job."""
        return self.id.startswith("ft:")

    @property
    def base(self) -> str:
        """The model that a fine-tuned one was made from, else ""."""
        return base_of(self.id)

    @property
    def ends(self) -> Any:
        """The day it stops answering: its own, else that of its base."""
        return self.shutdown_date or self.base_shutdown_date


def base_of(model: str) -> str:
    """Return the model that a fine-tuned one was made from, by its id (`ft:base:owner:suffix:id`), else ""."""
    return model.split(":")[1] if model.startswith("ft:") else ""


def names_model(name: str, version: str) -> bool:
    """Return whether a name calls a model: its own name does, and that without its date (`gpt-5`)."""
    return version == name or (version.startswith(name) and _DATE.fullmatch(version, len(name)) is not None)


def add_base_shutdowns(models: list[Any]) -> list[Any]:
    """Tell fine-tuned models the shutdown date of their base, as `base_shutdown_date`: they stop with it."""
    known = [model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]
    dates = {model["id"]: model["shutdown_date"] for model in known if model.get("shutdown_date")}
    return [
        {**model, "base_shutdown_date": date}
        if isinstance(model, dict) and (date := dates.get(base_of(str(model.get("id")))))
        else model
        for model in models
    ]


def answers_path(model: str, path: str) -> bool:
    """Return whether a model, by its name, answers what is sent to `path`."""
    if path in _BY_NAME:
        return any(word in model for word in _BY_NAME[path])
    return not any(word in model for word in (*_VECTORS, *_JUDGES, *_LEGACY, *_OTHER))


def _declare_try(operation: Operation) -> Action:
    def refuse(model: Model) -> str | None:
        return None if answers_path(model.id, operation.path) else f"it does not answer {operation.path}"

    return try_it(operation, lambda model: {"model": model.id}, refuse)


def find_shutdown_time(date: Any) -> float | None:
    """Return the unix time at which a shutdown date begins, in UTC."""
    return unix_time(date) or unix_time(str(date))


def _date(value: Any, _record: Record, _context: CellContext) -> Cell:
    at = find_shutdown_time(value)
    return (
        text(value, _record, _context)
        if at is None
        else Cell(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d"))
    )


_time_to_shutdown = count_down("stopped", _SOON)


def _shutdown(value: Any, record: Record, context: CellContext) -> Cell:
    stops = _time_to_shutdown(find_shutdown_time(value), record, context)
    if stops is NO_VALUE:
        return Cell("none announced", "dim")
    when = stops.text if stops.text == "stopped" else f"in {stops.text}"
    with_base = "" if record.object.shutdown_date else f", with {record.object.base}"
    return Cell(f"{_date(value, record, context).text} ({when}{with_base})", stops.tone)


def _attention(model: Model, context: CellContext) -> str | None:
    """Return a reason to look if the model stops soon or has stopped, else None."""
    at = find_shutdown_time(model.ends)
    if at is None or at - context.now >= _SOON:
        return None
    with_base = "" if model.shutdown_date else f" with {model.base}"
    return f"stopped{with_base}" if at <= context.now else f"stops in {duration(at - context.now)}{with_base}"


MODELS: Resource[Model] = Resource(
    name="models",
    singular="model",
    family="Models",
    model=Model,
    aliases=("mo", "model"),
    prefixes=("ft:",),
    list=Operation("listModels", "GET", "/models", whole=True, relate=add_base_shutdowns),
    get=Operation("retrieveModel", "GET", "/models/{model}"),
    columns=(
        Column("ID", "id", width=24, grow=True),
        Column("OWNER", "owned_by", width=18, drop_order=3),
        Column("SHUTDOWN", lambda model: model.ends, _date, 11),
        Column("STOPS IN", lambda model: find_shutdown_time(model.ends), _time_to_shutdown, 8, align="right"),
        Column("AGE", "created", age, 6, align="right", drop_order=2, first_sort="down"),
    ),
    sort="STOPS IN",
    attention=_attention,
    ages=True,
    stops=lambda model: find_shutdown_time(model.ends),
    detail=(
        Section(
            "Model",
            (
                Field("id", "id", own_id),
                Field("owner", "owned_by"),
                Field("created", "created", instant),
                Field("shutdown", lambda model: model.ends, _shutdown),
            ),
        ),
    ),
    actions=(
        *map(_declare_try, (RESPOND, EMBED, MODERATE, COMPLETE)),
        Action(
            "delete",
            "ctrl+d",
            "delete",
            Call(Operation("deleteModel", "DELETE", "/models/{model}")),
            Risk.GRAVE,
            refuse=lambda model: None if model.fine_tuned else "only fine-tuned models can be deleted",
            warn=lambda _: "Everything that calls it stops working. This cannot be undone.",
        ),
    ),
    empty="This project may use no models.",
)
