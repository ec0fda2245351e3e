"""What a form asks, read from a request model: a flat list of typed questions."""

from __future__ import annotations

import json
import re
import types
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from tui.resources.language.asking.inputs import (
    Among,
    FileRef,
    LongText,
    More,
    ObjectId,
    Power,
    Said,
    TextFile,
    When,
)
from tui.resources.language.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo


class QuestionKind(Enum):
    """How a question is asked."""

    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    LIST = "list"  # words separated by commas; or a JSON array
    PAIRS = "pairs"  # key=value, separated by commas; or a JSON object
    JSON = "json"  # or one of the choices, as a word
    LONG = "long"
    FIXED = "fixed"  # one possible value: not asked, sent along


@dataclass(frozen=True, slots=True)
class Question:
    """One value a request holds: where it belongs, how to ask for it and what it starts from."""

    path: tuple[str, ...]
    kind: QuestionKind
    required: bool
    description: str = ""
    default: Any = field(default=None, hash=False)
    choices: tuple[str, ...] = ()
    marks: tuple[Any, ...] = field(default=(), hash=False)
    when: tuple[When, ...] = field(default=())
    title: str = ""

    @property
    def name(self) -> str:
        """Its path with dots, as `When` and errors name it."""
        return ".".join(self.path)

    @property
    def words(self) -> str:
        """What it is called beside its control: its title, else its name without signs of the API."""
        return self.title or _ID.sub(_name_of_id, self.path[-1]).replace("_", " ")

    @property
    def unit(self) -> Unit | None:
        """What its number counts, if that is written in another way than it is sent."""
        unit: Unit | None = self.mark(Unit)
        return unit

    @property
    def is_extra(self) -> bool:
        """Whether it is seldom needed, and so asked behind *more*."""
        return self.mark(More) is not None and (bool(self.when) or not self.required)

    @property
    def resource(self) -> str:
        """The resource whose objects' ids or values it asks for, or ""."""
        wanted = self.mark(ObjectId) or self.mark(Among)
        return wanted.resource if wanted else "files" if self.mark(FileRef) else ""

    def mark(self, kind: type[Any]) -> Any:
        """Return its mark of this kind, or None."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    def read(self, text: str) -> Any:
        """Return the value for what was typed; None for nothing. Raises ValueError with a sentence."""
        text = text.strip()
        if not text:
            return None
        if self.unit:
            return self.unit.read(text)
        match self.kind:
            case QuestionKind.LIST:
                return (
                    _json(text) if text[0] == "[" else [part.strip() for part in text.split(",") if part.strip()]
                )
            case QuestionKind.PAIRS:
                return _json(text) if text[0] == "{" else _pairs(text)
            case QuestionKind.JSON:
                if self.mark(Said) and text[0] not in "[{":
                    return [{"role": "user", "content": text}]
                return text if text in self.choices else _json(text)
            case _:
                return text

    def write(self, value: Any) -> str:
        """Return the text to show in the form for a value: `read` gives the value back."""
        if value is None:
            return ""
        if self.unit:
            return self.unit.write(value)
        if isinstance(value, str) and (self.kind is not QuestionKind.JSON or value in self.choices):
            return value
        # Where a comma or a sign in the values would be taken for the form's own, JSON is clearer.
        if self.kind is QuestionKind.LIST and isinstance(value, list) and all(map(_is_plain, value)):
            return ", ".join(value)
        if (
            self.kind is QuestionKind.PAIRS
            and isinstance(value, dict)
            and all(map(_is_plain, (*value, *value.values())))
        ):
            return ", ".join(f"{key}={item}" for key, item in value.items())
        if self.kind in (QuestionKind.LIST, QuestionKind.PAIRS):
            return _write_json(value)
        return _write_json(value, indent=2) if self.kind is QuestionKind.JSON else str(value)

    def fits(self, value: Any) -> bool:
        """Return whether a value of an object can be the answer as it is."""
        match self.kind:
            case QuestionKind.CHOICE:
                return value in self.choices
            case QuestionKind.FLAG:
                return isinstance(value, bool)
            case QuestionKind.LIST:
                return bool(value) and isinstance(value, list) and all(isinstance(each, str) for each in value)
            case QuestionKind.PAIRS:
                return (
                    bool(value)
                    and isinstance(value, dict)
                    and all(isinstance(each, str) for each in value.values())
                )
            case QuestionKind.JSON:
                return bool(value) and (isinstance(value, list | dict) or value in self.choices)
            case QuestionKind.FIXED:
                return False
        return bool(value) and isinstance(value, str | int | float) and not isinstance(value, bool)

    def answer_of(self, value: Any) -> Any:
        """Return the answer that a form which starts with `value` gives when nothing is typed."""
        value = self.default if value is None else value
        if self.kind is QuestionKind.FLAG:
            return bool(value)
        if self.kind is QuestionKind.CHOICE:
            return value if value in self.choices else None
        return value if self.write(value).strip() else None


def list_questions(model: type[BaseModel]) -> Iterator[Question]:
    """Return the questions of a request model, nested parts flattened in order."""
    return iter(_list_all(model))


@cache
def _list_all(model: type[BaseModel]) -> tuple[Question, ...]:
    return tuple(_list_questions(model, (), (), (), required=True))


def _list_questions(
    model: type[BaseModel],
    at: tuple[str, ...],
    when: tuple[When, ...],
    outer: tuple[Any, ...],
    title: str = "",
    *,
    required: bool,
) -> Iterator[Question]:
    """Return the questions of a part at a path. The `outer` marks and the `title` hold for all of it."""
    for name, info in model.model_fields.items():
        path = (*at, name)
        marks = (*outer, *info.metadata)
        conditions = (*when, *(mark for mark in info.metadata if isinstance(mark, When)))
        # What is asked for on a condition is needed while the condition holds: somebody chose it.
        needed = info.is_required() and (required or conditions != when)
        kinds = [part for part in list_union_members(info.annotation) if part is not type(None)]
        nested = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if nested:
            optional = type(None) in list_union_members(info.annotation)
            passed = tuple(mark for mark in marks if isinstance(mark, More))
            needed = conditions != when or (required and not optional)
            yield from _list_questions(nested, path, conditions, passed, info.title or "", required=needed)
        else:
            yield replace(_question(path, info, kinds, marks, conditions, needed), title=title or info.title or "")


def _question(
    path: tuple[str, ...],
    info: FieldInfo,
    kinds: list[Any],
    marks: tuple[Any, ...],
    when: tuple[When, ...],
    required: bool,
) -> Question:
    # What the platform needs has no default; an example is where the form starts.
    default = (info.examples or [None])[0] if info.is_required() else info.get_default(call_default_factory=True)
    literals = tuple(str(choice) for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind))
    kind = _kind_of(kinds, marks)
    if kind is QuestionKind.FIXED:
        default = literals[0]
    return Question(path, kind, required, info.description or "", default, literals, marks, when)


def _kind_of(kinds: list[Any], marks: tuple[Any, ...]) -> QuestionKind:
    """Return how a value is asked for that may be of these types."""
    if all(get_origin(kind) is Literal for kind in kinds):
        several = len([choice for kind in kinds for choice in get_args(kind)]) != 1
        return QuestionKind.CHOICE if several else QuestionKind.FIXED
    if bool in kinds:
        return QuestionKind.FLAG
    if any(kind == list[str] for kind in kinds):
        return QuestionKind.LIST
    if any(get_origin(kind) is dict and get_args(kind)[1] is not Any for kind in kinds):
        return QuestionKind.PAIRS
    if any(get_origin(kind) in (list, dict) for kind in kinds):
        return QuestionKind.JSON
    if any(isinstance(mark, LongText | TextFile) for mark in marks):
        return QuestionKind.LONG
    return QuestionKind.TEXT


_ID = re.compile(r"_ids?$")


def _name_of_id(end: re.Match[str]) -> str:
    """Return the end of a name that says it is an id, as people say it: one object, or many."""
    return "s" if end[0] == "_ids" else ""


def list_union_members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, constraints taken off; otherwise the type itself."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(part for member in get_args(annotation) for part in list_union_members(member))
    if hasattr(annotation, "__metadata__"):
        return list_union_members(get_args(annotation)[0])
    return (annotation,)


def _json(text: str) -> Any:
    try:
        return json.loads(text.rstrip())
    except ValueError as error:
        raise ValueError(f"This is not JSON: {error}.") from None


def _write_json(value: Any, indent: int | None = None) -> str:
    """Return JSON to edit: what cannot be seen is written as its number, and so survives the editing."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)


def _is_plain(value: Any) -> bool:
    """Return whether a text can stand in a list of words or pairs as it is."""
    return (
        isinstance(value, str)
        and value.isprintable()
        and value == value.strip() != ""
        and not set(value) & set(',=[]{}"')
    )


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for part in text.split(","):
        key, sign, value = part.partition("=")
        if not sign or not key.strip():
            raise ValueError(f"{part.strip()!r} is no pair: write key=value, and a comma between pairs.")
        pairs[key.strip()] = value.strip()
    return pairs


def is_asked(question: Question, values: Mapping[str, Any]) -> bool:
    """Return whether a question applies, given the values typed so far by name."""
    return all(values.get(condition.path) == condition.equals for condition in question.when)


def gives_power(question: Question) -> bool:
    """Return whether an answer gives somebody power, or lets money be spent."""
    return question.mark(Power) is not None
