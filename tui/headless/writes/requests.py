"""The request that a command makes of what it was given, as the form of the action would make it."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input
from pydantic import create_model

from tui.api.errors import LocalFileError
from tui.headless.writes.targets import WrongUse
from tui.resources.language.action import Ask, Open
from tui.resources.language.asking.assignments import complete, describe_faults, list_fields, read_given
from tui.resources.language.asking.forms import MISSING, FaultyAnswers, start_values
from tui.resources.language.asking.inputs import FileRef, LocalFile, LongText, TextFile
from tui.resources.language.asking.questions import list_questions
from tui.workflows.generation.dialects import DIALECTS, UserTurn
from tui.workflows.local_files import describe_faults as describe_file_faults
from tui.workflows.local_files import find_conflicts, read_local_path, run_check, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from tui.resources.language.action import Action
    from tui.resources.language.asking.assignments import Given
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

    Upload = Callable[[Path, str], Awaitable[str]]


def model_of(action: Action) -> type[BaseModel] | None:
    """Return the model of what an action is given; a bench is given what to say to the model, too."""
    body = action.operation.body
    if body and isinstance(action.does, Open) and action.does.workflow == "bench":
        return _with_input(body)
    return body if isinstance(action.does, Ask | Open) else None


@cache
def _with_input(settings: type[BaseModel]) -> type[BaseModel]:
    said: Any = (Annotated[str, LongText()], Input(min_length=1, description="What to say to the model."))
    made: type[BaseModel] = create_model(f"Try{settings.__name__}", __base__=settings, input=said)
    return made


def read_values(action: Action, assignments: Sequence[str], body: Mapping[str, Any] | None) -> Given | None:
    """Return what a command gives for the request of an action; None where that has none. Raises WrongUse."""
    model = model_of(action)
    if model is None:
        if assignments or body is not None:
            raise WrongUse(f"{action.label.capitalize()} takes no fields.")
        return None
    try:
        return read_given(model, assignments, body)
    except FaultyAnswers as faulty:
        raise WrongUse(*describe_faults(faulty)) from None


def _is_missing(faulty: FaultyAnswers, name: str) -> bool:
    return faulty.faults[name] == MISSING


def build_request(action: Action, given: Given, resource: Resource, record: Record | None) -> dict[str, Any]:
    """Return the JSON of the request; {} where an edit changes nothing. Raises WrongUse."""
    model = model_of(action)
    assert model
    try:
        values = complete(model, given, _start(action, resource, record), edits=action.edits)
    except FaultyAnswers as faulty:
        fields = f"The fields are: {', '.join(list_fields(model))}."
        needed = [f"{name} is needed: --set {name}=VALUE." for name in faulty.faults if _is_missing(faulty, name)]
        others = [told for told in describe_faults(faulty) if not told.endswith(f": {MISSING}")]
        raise WrongUse(*needed, *others, fields) from None
    if model is action.operation.body:
        return values
    said = values.pop("input")
    dialect = DIALECTS.get(action.operation.path)
    if dialect is None:
        return {**values, "input": said}
    return dialect.build_body({**values, "stream": False}, [UserTurn(said)])


def _start(action: Action, resource: Resource, record: Record | None) -> dict[str, Any]:
    """Return the values that the request starts with, from the object it is about."""
    if record is None or action.on == "list":
        return {}
    makes_alike = next(
        (each for each in resource.actions if each.on == "list" and each.operation == action.operation), None
    )
    if isinstance(action.does, Open) and makes_alike:  # such as a refused batch sent again
        return start_values(makes_alike, record)
    return start_values(action, record)


def find_file_questions(action: Action) -> list[Question]:
    """Return the questions of an action that the path of a file on this machine may answer."""
    model = model_of(action)
    questions = list_questions(model) if model else ()
    return [each for each in questions if each.mark(FileRef) or each.mark(LocalFile)]


async def prepare_files(action: Action, given: Given, upload: Upload) -> None:
    """Check the files of this machine that values name; put the id they are uploaded under, or their text, there.

    What a check finds in a file, such as the endpoint of its requests, is taken for what is not given. `upload`
    sends a file of a purpose and returns its id. Raises ApiError.
    """
    model = model_of(action)
    questions = list(list_questions(model)) if model else []
    for question, value in list(given.values.items()):
        if not isinstance(value, str) or not value:
            continue
        try:
            if text := question.mark(TextFile):
                given.values[question] = text_of(value, text)
                continue
            wanted = question.mark(FileRef) or question.mark(LocalFile)
            path = read_local_path(value) if wanted else None
        except ValueError as error:  # a BadPath is one
            raise LocalFileError(f"{question.name}: {error}") from None
        if path is None:
            continue
        suggested = await _check(question, path, given)
        for name, fault in find_conflicts(
            path, suggested, {each.name: given.values[each] for each in given.values}
        ).items():
            raise LocalFileError(f"{name}: {fault}", "Nothing was sent.")
        for other in questions:
            if other.name in suggested:
                given.values.setdefault(other, suggested[other.name])
        if reference := question.mark(FileRef):
            given.values[question] = await upload(path, reference.purpose)


async def _check(question: Question, path: Path, given: Given) -> Mapping[str, Any]:
    """Check a file for what it is to be sent as, and return what it suggests for other fields.

    Raises LocalFileError.
    """
    if path.is_dir():
        raise LocalFileError(f"{path} is a directory.", "Name a file.")
    if not path.is_file():
        raise LocalFileError(f"There is no file {path}.", "Check the path.")
    wanted = question.mark(FileRef) or question.mark(LocalFile)
    if wanted.check is None:
        return {}
    nested: dict[str, Any] = {}
    for each, value in given.values.items():
        at = nested
        for step in each.path[:-1]:
            at = at.setdefault(step, {})
        at[each.path[-1]] = value
    try:
        report = await asyncio.to_thread(run_check, path, wanted.check, nested)
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    if report.fault_count:
        raise LocalFileError(f"{path}: {describe_file_faults(report)}", "Nothing was sent.")
    return report.suggested
