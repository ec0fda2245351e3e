"""Forms filled in as a person would, without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.samples import SAMPLES
from tui.resources.language.asking.forms import build_body, start_values
from tui.resources.language.asking.questions import Question, QuestionKind, is_asked, list_questions
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.resources.language.action import Action


def every(action: Action) -> list[Question]:
    assert action.operation.body
    return list(list_questions(action.operation.body))


def answer(question: Question) -> Any:
    """A good answer to a needed question, as a form would give it."""
    if question.default is not None:
        return question.answer_of(question.default)
    if question.kind is QuestionKind.CHOICE:
        return question.choices[0]
    typed = {
        QuestionKind.LIST: "a, b",
        QuestionKind.PAIRS: "a=b",
        QuestionKind.JSON: '[{"a": 1}]',
        QuestionKind.FIXED: "",
    }
    return question.read(typed.get(question.kind, "1"))


def filled(action: Action, /, **answers: Any) -> dict[str, Any]:
    """The body made from what is needed and from `answers`, by the questions' names with `__` for dots."""
    assert action.operation.body
    wanted = {name.replace("__", "."): value for name, value in answers.items()}
    values = {
        question: wanted.get(question.name, answer(question) if question.required else question.default)
        for question in every(action)
    }
    by_name = {question.name: value for question, value in values.items()}
    values = {question: value for question, value in values.items() if is_asked(question, by_name)}
    return build_body(action.operation.body, values)


def changed(of: str, action: Action, raw: dict[str, Any] | None = None, /, **answers: Any) -> dict[str, Any]:
    """The body of an edit, of the sample if of no other object, after nothing but `answers` was typed."""
    resource = REGISTRY[of]
    assert action.operation.body
    before = start_values(action, resource.record(raw or SAMPLES[of]))
    wanted = {key.replace("__", "."): value for key, value in answers.items()}
    values = {
        question: wanted[question.name]
        if question.name in wanted
        else question.answer_of(before.get(question.name))
        for question in every(action)
    }
    return build_body(action.operation.body, values, before)


def action_of(name: str, action: str) -> Action:
    found = REGISTRY[name].action(action)
    assert found, f"{name} has no {action}"
    return found
