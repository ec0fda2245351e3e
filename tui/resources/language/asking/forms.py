"""What a form starts with, and the request made from its answers."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from tui.resources.language.asking.inputs import Kept, Own
from tui.resources.language.asking.questions import Question, QuestionKind, list_questions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record


MISSING = "This is needed."


def start_values(action: Action, record: Record | None) -> dict[str, Any]:
    """Return the values the form of an action starts with, by the questions' names."""
    if record is None or action.operation.body is None:
        return {}
    has = {question.name: record.at(question.name) for question in list_questions(action.operation.body)}
    if action.edits:
        return has
    copied = has if action.on == "list" else {}
    return {**_copy_values(action.operation.body, copied), **action.start(record.object)}


def _copy_values(model: type[BaseModel], has: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new object takes from another: all that fits its question, but not its name."""
    return {
        question.name: has[question.name]
        for question in list_questions(model)
        if not question.mark(Own) and question.fits(has.get(question.name))
    }


def build_body(
    model: type[BaseModel], values: Mapping[Question, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the request's JSON from the answers, without what was left at its default.

    With `before`, what an object has by the questions' names, it holds the parts that were changed and nothing
    else; one that was emptied becomes its default.

    Raises `FaultyAnswers` with a sentence for each question that has no good answer.
    """
    if before is None:
        return _complete(model, values)
    touched = _find_touched(values, before)
    # What stays as it is need not be what a request may hold: the object may be older than the rules.
    lost = {
        question.name: "This cannot be emptied."
        for question, value in values.items()
        if value is None and question.mark(Kept) and question.path[0] in touched
    }
    if lost:
        raise FaultyAnswers(lost)
    body = _complete(
        model,
        {each: value for each, value in values.items() if each.path[0] in touched or each.required},
    )
    emptied = {name: model.model_fields[name].get_default(call_default_factory=True) for name in touched}
    return {name: body.get(name, emptied[name]) for name in model.model_fields if name in touched}


def draft_body(
    model: type[BaseModel], values: Mapping[Question, Any], before: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the request's JSON as far as there are good answers, and what is wrong, by the question's name."""
    try:
        return build_body(model, values, before), {}
    except FaultyAnswers as faulty:
        touched = None if before is None else _find_touched(values, before)
        good = {
            each: value
            for each, value in values.items()
            if each.name not in faulty.faults and (touched is None or each.path[0] in touched)
        }
        nested = _nest(good)
        return {name: _read_part(model, name, nested[name]) for name in nested}, faulty.faults


def _find_touched(values: Mapping[Question, Any], before: Mapping[str, Any]) -> set[str]:
    """Return the names of the parts in which an answer is not what there was."""
    return {
        question.path[0]
        for question, value in values.items()
        if question.kind is not QuestionKind.FIXED and value != question.answer_of(before.get(question.name))
    }


def _read_part(model: type[BaseModel], name: str, value: Any) -> Any:
    """Return a part of a request as it is sent, or as it is where it is not whole yet."""
    part = model.model_construct()
    try:
        model.__pydantic_validator__.validate_assignment(part, name, value)
    except ValidationError:
        return value
    return part.model_dump(mode="json", include={name}, exclude_unset=True).get(name)


def _complete(model: type[BaseModel], values: Mapping[Question, Any]) -> dict[str, Any]:
    missing = {question.name: MISSING for question, value in values.items() if _is_missing(question, value)}
    if missing:
        raise FaultyAnswers(missing)
    try:
        return model.model_validate(_nest(values)).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        questions = {question.path: question for question in values}
        faults: dict[str, list[str]] = {}
        for fault in error.errors(include_input=False, include_url=False):
            path = tuple(str(step) for step in fault["loc"])
            while path and path not in questions:
                path = path[:-1]
            faults.setdefault(".".join(path), []).append(_describe_fault(dict(fault), questions.get(path)))
        hints = {question.name: _find_meant(question, value) for question, value in values.items()}
        raise FaultyAnswers(
            {name: f"{_sentence(messages)}{hints.get(name, '')}" for name, messages in faults.items()}
        ) from None


def _find_meant(question: Question, value: Any) -> str:
    """Return which of the words that can be chosen was meant, as a question; "" if none is near."""
    if not isinstance(value, str) or value in question.choices:
        return ""
    near = get_close_matches(value.lower(), question.choices, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _describe_fault(fault: Mapping[str, Any], question: Question | None) -> str:
    """Return what a check says, its bound in the unit that people are asked in."""
    bounds = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    name, words = bounds.get(fault["type"], ("", ""))
    bound = fault.get("ctx", {}).get(name)
    if bound is None or question is None:
        return str(fault["msg"])
    return f"Input should be {words} {question.write(bound)}"


def _nest(values: Mapping[Question, Any]) -> dict[str, Any]:
    """Return answers at their places in the request, without what was left at its default."""
    nested: dict[str, Any] = {}
    fixed: list[Question] = []
    for question, value in values.items():
        if question.kind is QuestionKind.FIXED:
            fixed.append(question)
        elif value is not None and (question.required or value != question.default):
            _put(nested, question.path, value)
    for question, value in values.items():  # what is as usual goes along with its siblings, never alone
        if value is not None and question.path[1:] and isinstance(_get(nested, question.path[:-1]), dict):
            _put(nested, question.path, value)
    for question in fixed:  # as does what can only have one value
        if question.required or _get(nested, question.path[:-1]) is not None:
            _put(nested, question.path, question.default)
    return nested


class FaultyAnswers(ValueError):
    """Answers that make no valid request: a sentence for each question's name ("" for the whole)."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = dict(faults)


def _is_missing(question: Question, value: Any) -> bool:
    return question.required and question.kind is not QuestionKind.FIXED and value is None


def _sentence(messages: list[str]) -> str:
    """Return one sentence for all that a value could have been."""
    first, *others = (
        message.removeprefix("Input ").removeprefix("should be ").rstrip(".") for message in messages
    )
    said = " or ".join([first, *others])
    return f"Should be {said}." if messages[0].startswith("Input should be ") else f"{said[:1].upper()}{said[1:]}."


def _put(nested: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        nested = nested.setdefault(step, {})
    nested[path[-1]] = value


def _get(nested: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        nested = nested.get(step) if isinstance(nested, dict) else None
    return nested
