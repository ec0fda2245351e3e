"""The tokens and dollars that the file of a form will take, beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.resources.language.asking.inputs import FileRef
from tui.system.paths import BadPath
from tui.widgets.input.form_field import Topic
from tui.workflows.estimate.count import NotCounted, count_tokens
from tui.workflows.estimate.estimate import price_tokens
from tui.workflows.local_files import read_local_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tui.live.platform import Platform
    from tui.widgets.input.form_field import FormField

SAMPLE = 12  # requests: each counts against the requests of a minute


def can_be_estimated(field: FormField) -> bool:
    """Return whether a field names a file whose requests or examples have tokens to count."""
    reference = field.question.mark(FileRef)
    return reference is not None and reference.has_tokens


def _find_file(fields: Iterable[FormField]) -> tuple[FormField, Path] | None:
    """Return the first field that names a file of this machine to be estimated, and that file."""
    for field in filter(can_be_estimated, fields):
        try:
            path = read_local_path(field.text().strip())
        except BadPath:
            continue
        if path is not None and path.is_file():
            return field, path
    return None


async def show_estimate(
    platform: Platform, fields: Iterable[FormField], answers: Mapping[str, Any], say: Callable[[str, str], None]
) -> None:
    """Count the tokens of a sample of a form's file, and show beside its field what all of it takes and costs."""
    fields = list(fields)
    if not any(map(can_be_estimated, fields)):
        say("Nothing is counted here: this is for files of batches and of training.", "warn")
        return
    if (named := _find_file(fields)) is None:
        say("Give the path of a file of this machine: its tokens are counted before it is sent.", "warn")
        return
    field, path = named
    say(f"Counting the tokens of {path.name}.", "")
    try:
        count = await count_tokens(
            platform.client,
            path,
            sample=SAMPLE,
            model=str(answers.get("model") or ""),
            wait=platform.scheduler.free,
            on_progress=lambda done, _of: say(f"Counting the tokens of {path.name}: {done} requests.", ""),
        )
        found = await price_tokens(platform.bill.read, count, epochs=_read_epochs(answers))
    except (NotCounted, ApiError) as error:
        say(str(error), "warn")
        return
    if _find_file(fields) != named:
        say(f"The file is no longer {path.name}, whose tokens were counted.", "warn")
        return
    field.note(Topic.TOKENS, (found.line(), ""))
    say("", "")


def _read_epochs(answers: Mapping[str, Any]) -> int | None:
    """Return how often a training goes through its file, where the form says so."""
    at: Any = answers.get("method")
    if not isinstance(at, dict):
        return None
    for step in (at.get("type", "supervised"), "hyperparameters", "n_epochs"):
        at = at.get(step) if isinstance(at, dict) else None
    return int(at) if str(at or "").isdecimal() else None
