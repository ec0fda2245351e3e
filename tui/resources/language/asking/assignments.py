"""Requests made without a form: from assignments such as `metadata.run=007`, and from JSON.

They go through the same questions as the form's answers, so that the same request comes of them. Names are those
of the request's fields; a plain number counts as the API counts, such as cents, and `$5` or `30d` is read as in a
form.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from tui.resources.language.asking.forms import FaultyAnswers, build_body
from tui.resources.language.asking.questions import (
    Question,
    QuestionKind,
    is_asked,
    list_questions,
    list_union_members,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WHOLE = re.compile(r"-?\d+")
_NEAR = 0.5  # how alike a name must be to be offered

Path = tuple[str, ...]


@dataclass(slots=True)
class Given:
    """Values given for a request's fields, by the paths of its questions; and single entries of its maps."""

    values: dict[Question, Any] = field(default_factory=dict)
    entries: dict[Question, dict[str, Any]] = field(default_factory=dict)
    """Entries of a map that are set (None: taken out) in what is there otherwise."""


def list_fields(model: type[BaseModel]) -> list[str]:
    """Return the names of the fields that a request can be given, with dots."""
    return [question.name for question in list_questions(model) if question.kind is not QuestionKind.FIXED]


def read_given(model: type[BaseModel], assignments: Iterable[str], body: Mapping[str, Any] | None = None) -> Given:
    """Return what a body gives, and assignments over that, each field once. Raises FaultyAnswers."""
    reader = _Reader(model)
    if body is not None:
        reader.take_object((), body)
        reader.forget_set()
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not name.strip():
            reader.fault("", f"{assignment!r} sets nothing: write FIELD=VALUE.")
        else:
            reader.assign(tuple(name.strip().split(".")), text)
    if reader.faults:
        raise FaultyAnswers(reader.faults)
    return reader.given


class _Reader:
    """Finds the questions that values belong to."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.given = Given()
        self.faults: dict[str, str] = {}
        self._model = model
        self._questions = {question.path: question for question in list_questions(model)}
        self._set: set[Path] = set()  # the paths of what is set, be it an entry of a map

    def fault(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field, or ("") with the whole."""
        self.faults[name] = f"{self.faults[name]} {sentence}" if name in self.faults else sentence

    def forget_set(self) -> None:
        """Let what is set so far be set anew."""
        self._set.clear()

    def assign(self, path: Path, text: str) -> None:
        """Take an assignment."""
        if question := self._questions.get(path):
            try:
                self._put(question, _read(question, text))
            except ValueError as error:
                self.fault(question.name, str(error))
        elif holder := self._map_of(path):
            self._put_entry(holder, path[len(holder.path) :], text)
        elif self._is_part(path):
            self._assign_part(path, text)
        else:
            self._unknown(path)

    def take_object(self, at: Path, values: Mapping[str, Any]) -> None:
        """Take the fields of a JSON object that stands at a path."""
        for name, value in values.items():
            path = (*at, name)
            if question := self._questions.get(path):
                self._put(question, value)
            elif not self._is_part(path):
                self._unknown(path)
            elif isinstance(value, dict):
                self.take_object(path, value)
            elif value is not None:
                self.fault(".".join(path), "Should be a JSON object.")

    def _put(self, question: Question, value: Any) -> None:
        if question.kind is QuestionKind.FIXED and str(value) != question.default:
            self.fault(question.name, f"Can only be {question.default}.")
        self._note_set(question.path)
        self.given.values[question] = value
        self.given.entries.pop(question, None)

    def _put_entry(self, holder: Question, path: Path, text: str) -> None:
        """Set one entry of a map; a dot in what is behind its name belongs to the name."""
        if not _holds_pairs(self._model, holder.path):
            self.fault(".".join((*holder.path, *path)), f"Give {holder.name} whole, as JSON.")
            return
        if not all(part.strip() for part in path):
            self.fault(".".join((*holder.path, *path)), f"Give a name behind the dot: {holder.name}.NAME=VALUE.")
            return
        self._note_set((*holder.path, ".".join(path)))
        value = None if not text else _read_entry(text, only_text=_holds_text(self._model, holder.path))
        entries = self.given.entries.setdefault(holder, {})
        entries[".".join(path)] = value

    def _note_set(self, path: Path) -> None:
        """Note that a field or an entry is set, and as a fault where that, or an entry of it, was before."""
        if any(each[: len(path)] == path for each in self._set):
            self.fault(".".join(path), "Is set twice: give it once.")
        self._set.add(path)

    def _assign_part(self, path: Path, text: str) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, dict):
            self.take_object(path, value)
        else:
            inner = ", ".join(".".join(each) for each in self._questions if each[: len(path)] == path)
            self.fault(".".join(path), f"Has parts: set {inner}, or give a JSON object.")

    def _map_of(self, path: Path) -> Question | None:
        """Return the question whose value holds what a path leads to."""
        found = (self._questions.get(path[:length]) for length in range(1, len(path)))
        return next(filter(None, found), None)

    def _is_part(self, path: Path) -> bool:
        return any(each[: len(path)] == path for each in self._questions)

    def _unknown(self, path: Path) -> None:
        name, names = ".".join(path), list_fields(self._model)
        near = get_close_matches(name, names, n=1, cutoff=_NEAR)
        hint = f" Did you mean {near[0]}?" if near else ""
        self.fault(name, f"There is no such field.{hint} There are: {', '.join(names)}.")


def _read(question: Question, text: str) -> Any:
    """Return the value for a text as a form reads it, but a plain number as the API counts."""
    if question.unit and _WHOLE.fullmatch(text.strip()):
        return int(text)
    if question.kind is QuestionKind.PAIRS and text.lstrip()[:1] == "[":  # as the API lists some pairs
        return json.loads(text)
    if question.kind is QuestionKind.FLAG:
        return {"true": True, "false": False, "": None}.get(text.strip().lower(), text)
    return question.read(text)


def _read_entry(text: str, *, only_text: bool) -> Any:
    if only_text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _annotation(model: type[BaseModel], path: Path) -> list[Any]:
    """Return the types that a field at a path may have."""
    first, *rest = path
    members = [
        member for member in list_union_members(model.model_fields[first].annotation) if member is not type(None)
    ]
    if not rest:
        return members
    inner = next(member for member in members if isinstance(member, type) and issubclass(member, BaseModel))
    return _annotation(inner, tuple(rest))


def _holds_pairs(model: type[BaseModel], path: Path) -> bool:
    return any(get_origin(member) is dict for member in _annotation(model, path))


def _holds_text(model: type[BaseModel], path: Path) -> bool:
    """Return whether all that a map holds is text."""
    maps = [member for member in _annotation(model, path) if get_origin(member) is dict]
    return all(get_args(member)[1] is str for member in maps)


def complete(
    model: type[BaseModel],
    given: Given,
    start: Mapping[str, Any] | None = None,
    *,
    edits: bool = False,
) -> dict[str, Any]:
    """Return the request's JSON from what is given and, for the rest, from what there was at the `start`, by name.

    With `edits` it holds what differs from that and nothing else. Raises FaultyAnswers.
    """
    has = start or {}
    values: dict[Question, Any] = {}
    for question in list_questions(model):
        known = question.answer_of(has.get(question.name)) if has or edits else None
        usual = None if question.required or edits else question.default
        value = given.values.get(question, usual if known is None else known)
        if question in given.entries:
            kept = value if isinstance(value, dict) else {}
            merged = {**kept, **given.entries[question]}
            value = {name: entry for name, entry in merged.items() if entry is not None} or None
        values[question] = value
    by_name = {question.name: value for question, value in values.items()}
    answers = {question: value for question, value in values.items() if is_asked(question, by_name)}
    _check_conditions(given, answers)
    body = build_body(model, answers, has if edits else None)
    for question, value in () if edits else given.values.items():
        if value is not None:  # what was said is sent, be it what the platform takes anyway
            _put_missing(body, question.path, value)
    return body


def _check_conditions(given: Given, answers: Mapping[Question, Any]) -> None:
    """Raise FaultyAnswers for what is given and only taken on a condition that does not hold."""
    faults = {}
    for question in (*given.values, *given.entries):
        if question not in answers:
            wanted = " and ".join(f"{each.path} is {each.equals}" for each in question.when)
            faults[question.name] = f"Is only taken where {wanted}."
    if faults:
        raise FaultyAnswers(faults)


def _put_missing(body: dict[str, Any], path: Path, value: Any) -> None:
    at = body
    for step in path[:-1]:
        at = at.setdefault(step, {})
    at.setdefault(path[-1], value)


def describe_faults(faulty: FaultyAnswers) -> list[str]:
    """Return a line for each field that has no good value."""
    return [f"{name}: {sentence}" if name else sentence for name, sentence in faulty.faults.items()]
