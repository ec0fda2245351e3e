"""Building the file of a batch without a screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui.resources.language.cells import pluralize, short_size
from tui.text import clean
from tui.workflows.batch_build.build import Build, NotBuilt
from tui.workflows.batch_build.plan import Wishes, plan_requests, read_json_file
from tui.workflows.batch_build.rows import BadRows, NoRows, open_rows
from tui.workflows.batch_build.template import BadTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.live.listeners import Hear
    from tui.workflows.batch_build.rows import RowKind

FAULTY = 3  # the exit code where rows have faults
DISK = 6  # where a file cannot be read or written
MOST_FAULTS = 20  # that are printed


class BuildError(ValueError):
    """What is asked for cannot be done; the message is a sentence."""


class Recipe(NamedTuple):
    """What a batch is built from, as it was typed."""

    sources: Sequence[str]
    template: Path | None
    id: str
    model: str
    endpoint: str
    schema: Path | None
    kind: RowKind | None


def build_batch(
    recipe: Recipe, target: Path | None, *, replace: bool, on_progress: Hear, on_note: Hear
) -> tuple[int, list[str]]:
    """Build the requests and write them to `target`, or without one show the first. Returns exit code and lines.

    Raises BuildError, and LocalFileError where a file cannot be read or written.
    """
    schema = recipe.schema
    if target:
        _check_other(recipe, target)
    try:
        wishes = Wishes(
            read_json_file(recipe.template) if recipe.template else None,
            recipe.id,
            recipe.model,
            recipe.endpoint,
            read_json_file(schema) if schema else None,
            schema.stem if schema else "",
        )
        with open_rows(recipe.sources, recipe.kind, but=target) as rows:
            plan = plan_requests(rows, wishes)
            if plan.lacks_model:
                raise BuildError("No model is named: give one (-m MODEL), or write it into the template.")
            for note in filter(None, (rows.note, *plan.notes)):
                on_note(note)
            build = Build(rows, plan, lambda count: on_progress(f"{pluralize(count, 'request')}"))
            if target is None:
                requests = build.preview()
                lines = [json.dumps(request, indent=2, ensure_ascii=True) for request in requests]
                _tell_faults(build, on_note)
                return (FAULTY if build.report.fault_count else 0), lines
            return _write(build, target, replace, on_progress, on_note)
    except BadTemplate as error:
        raise BuildError(str(error)) from None
    except BadRows as error:
        on_note(str(error))
        return (DISK if isinstance(error, NoRows) else FAULTY), []


def _check_other(recipe: Recipe, target: Path) -> None:
    """Raise BuildError where the file to write is one of those that are read."""
    read = (*(Path(name).expanduser() for name in recipe.sources), recipe.template, recipe.schema)
    try:
        same = next(
            (each for each in read if each and target.exists() and each.exists() and target.samefile(each)), None
        )
    except OSError:  # the reading or the writing will fail and say why
        return
    if same:
        raise BuildError(f"{target} is what is read: give another file to write.")


def _write(build: Build, target: Path, replace: bool, on_progress: Hear, on_note: Hear) -> tuple[int, list[str]]:
    try:
        size = build.write(target, replace=replace)
    except (NotBuilt, BadRows) as error:
        on_progress("")
        _tell_faults(build, on_note)
        on_note(f"{error} Nothing was written.".strip())
        return FAULTY, []
    finally:
        on_progress("")
    facts = build.report.facts
    if build.excesses:
        on_note(f"{'; '.join(build.excesses)}: `o9s batch run` sends it in parts.")
    count = pluralize(build.report.lines, "request")
    return 0, [clean(f"{count} for {facts['endpoint']}, {facts['model']}, {short_size(size)}: {target}", 500)]


def _tell_faults(build: Build, on_note: Hear) -> None:
    report = build.report
    for fault in report.faults[:MOST_FAULTS]:
        on_note(
            clean(f"{build.rows.locate(fault.line)} {fault.message}" if fault.line else f"{fault.message}.", 500)
        )
    if (more := report.fault_count - MOST_FAULTS) > 0:
        on_note(f"… and {pluralize(more, 'more fault')}")
