"""Good answers to every question of a form, in every variant of the form."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from tui.resources.language.asking.forms import build_body
from tui.resources.language.asking.inputs import Kept
from tui.resources.language.asking.questions import Question, QuestionKind, is_asked, list_questions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

FUNCTION = {"type": "function", "name": "weather", "parameters": {"type": "object"}}
TEXT_ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
SAID = {"role": "user", "content": "Hello"}
GRADER = {"type": "string_check", "name": "same", "input": "{{a}}", "reference": "{{b}}", "operation": "eq"}

# What is asked for as JSON has a shape of its own that no type tells. By model and field, else by field.
SHAPES: dict[str, Any] = {
    "additional_messages": [SAID],
    "attachments": [{"file_id": "file-1", "tools": [{"type": "file_search"}]}],
    "attributes": {"year": 2026, "draft": False, "by": "Ada"},
    "filters": {"type": "eq", "key": "year", "value": 2026},
    "grader": GRADER,
    "input": [TEXT_ITEM],
    "items": [TEXT_ITEM, {"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}],
    "item": {"a": "b"},
    "CompletionSettings.more": {"best_of": 2, "stop": ["a"]},
    "more": {"tool_choice": "auto", "service_tier": "flex"},
    "json_schema": {"type": "object", "properties": {}},
    "messages": [SAID],
    "response_format": {"type": "json_object"},
    "skills": [{"type": "skill_reference", "skill_id": "skill_1"}],
    "tool_choice": "auto",
    "tool_outputs": [{"tool_call_id": "call_1", "output": "12 degrees"}],
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
    "tools": [FUNCTION],
}


def info_of(model: type[BaseModel], path: tuple[str, ...]) -> FieldInfo:
    """What a model says of the field at a path."""
    from tui.resources.language.asking.questions import list_union_members

    *outer, last = path
    for step in outer:
        kinds = list_union_members(model.model_fields[step].annotation)
        model = next(kind for kind in kinds if isinstance(kind, type) and hasattr(kind, "model_fields"))
    return model.model_fields[last]


def bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    """The least and the greatest of a number that a field takes."""
    marks: list[Any] = list(info.metadata)
    least = [float(str(mark.ge)) for mark in marks if isinstance(mark, Ge)]
    least += [float(str(mark.gt)) + 1 for mark in marks if isinstance(mark, Gt)]
    return next(iter(least), None), next((float(str(mark.le)) for mark in marks if isinstance(mark, Le)), None)


def lengths(info: FieldInfo) -> tuple[int, int | None]:
    """The least and the greatest length that a field takes."""
    least = next((mark.min_length for mark in info.metadata if isinstance(mark, MinLen)), 0)
    return least, next((mark.max_length for mark in info.metadata if isinstance(mark, MaxLen)), None)


def answers(model: type[BaseModel], question: Question) -> list[Any]:
    """Good answers to a question, as a form gives them: all choices, the ends of what is allowed."""
    from tui.resources.language.asking.questions import list_union_members

    info = info_of(model, question.path)
    kinds = list_union_members(info.annotation)
    match question.kind:
        case QuestionKind.FIXED:
            return [None]
        case QuestionKind.CHOICE:
            return list(question.choices)
        case QuestionKind.FLAG:
            return [True, False]
        case QuestionKind.LIST:
            return [["a"] * max(1, lengths(info)[0])]
        case QuestionKind.PAIRS:
            worth = next(get_args(kind)[1] for kind in kinds if get_origin(kind) is dict)
            return [{"a": get_args(worth)[0] if get_origin(worth) is Literal else "b"}]
        case QuestionKind.JSON:
            last = question.path[-1]
            own = SHAPES.get(f"{model.__name__}.{last}", SHAPES.get(last))
            example = question.default if question.default not in (None, [], {}) else own
            assert example is not None, f"SHAPES needs one for {model.__name__}.{question.name}"
            return [example, *question.choices]
    if int in kinds or float in kinds:
        least, most = bounds(info)
        ends = [end for end in (least, most) if end is not None] or [1.0]
        if question.unit:  # as it is typed: with its unit
            return [question.read(question.write(int(end))) for end in ends]
        return [*question.choices, *(str(end) if float in kinds else str(int(end)) for end in ends)]
    if question.default:
        return [str(question.default)]
    return ["a" * max(1, lengths(info)[0])]


def variants(model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """Answers to the questions that decide which others are asked: each way they can be given."""
    found = list(list_questions(model))
    deciding = {condition.path for question in found for condition in question.when}
    named = [question for question in found if question.name in deciding]
    for chosen in product(*(answers(model, question) for question in named)):
        yield {question.name: answer for question, answer in zip(named, chosen, strict=True)}


def made(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """The body from answers by name; what is needed and not given is answered too."""
    found = list(list_questions(model))
    values = {
        question: given[question.name]
        if question.name in given
        else answers(model, question)[0]
        if question.required
        else question.default
        for question in found
    }
    by_name = {question.name: value for question, value in values.items()}
    return build_body(model, {each: value for each, value in values.items() if is_asked(each, by_name)})


def every_body(model: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bodies of a model and what of it they hold: each answer by itself, and all at once, in each variant."""
    found = list(list_questions(model))
    for variant in variants(model):
        words = ", ".join(f"{name} {value}" for name, value in variant.items())
        base = {question.name: question.default for question in found} | variant
        open_ = [
            question for question in found if question.kind is not QuestionKind.FIXED and is_asked(question, base)
        ]
        yield f"{words}: what is needed", made(model, variant)
        for question in open_:
            for answer in answers(model, question):
                if question.name not in variant:
                    yield f"{words}: {question.name} = {answer!r}", made(model, {**variant, question.name: answer})
        for at in (0, -1):
            whole = {
                question.name: answers(model, question)[at] for question in open_ if question.name not in variant
            }
            yield f"{words}: everything", made(model, {**variant, **whole})


def edited(model: type[BaseModel], given: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of an edit that gives these answers where there was `before`, by name, and what is needed."""
    found = list(list_questions(model))
    start = {each.name: answers(model, each)[0] for each in found if each.required} | (before or {})
    return build_body(model, {each: given.get(each.name, start.get(each.name)) for each in found}, start)


def every_edit(model: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bodies of edits: each answer given where there was none, and each taken away where there was one."""
    found = list(list_questions(model))
    for question in found:
        if question.kind is QuestionKind.FIXED:
            continue
        for answer in answers(model, question):
            for before, after, words in ((None, answer, "="), (answer, None, "cleared of")):
                if after is None and (question.required or question.mark(Kept)):
                    continue
                body = edited(model, {question.name: after}, {question.name: before})
                yield f"{question.name} {words} {answer!r}", body
