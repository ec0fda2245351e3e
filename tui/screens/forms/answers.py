"""The answers of a form: as far as they are typed, and all of them as a request's body."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tui.resources.language.asking.forms import FaultyAnswers, build_body, draft_body
from tui.resources.language.asking.inputs import FileRef
from tui.resources.language.asking.questions import QuestionKind, is_asked, list_questions
from tui.system.paths import BadPath
from tui.workflows.local_files import read_local_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from tui.resources.language.asking.questions import Question
    from tui.widgets.input.field_list import FieldList


class Answers:
    """Reads the fields of a form. `before` holds what an object has, where only what differs is sent."""

    def __init__(self, model: type[BaseModel], shown: FieldList, before: Mapping[str, Any] | None) -> None:
        self._model, self._shown, self._before = model, shown, before
        self._fixed = [question for question in list_questions(model) if question.kind is QuestionKind.FIXED]

    def nest(self) -> dict[str, Any]:
        """Return the answers so far, nested as checks read them."""
        nested: dict[str, Any] = {}
        for name, value in self._shown.read_typed().items():
            at = nested
            *parents, last = name.split(".")
            for step in parents:
                at = at.setdefault(step, {})
            at[last] = value
        return nested

    def read(self) -> tuple[dict[Question, Any], dict[str, str]]:
        """Return all answers, and what is wrong with them, by the name of the question."""
        answers, faults = self._read_fields()
        if not faults:
            try:
                self.build_body(answers)
            except FaultyAnswers as faulty:
                faults = dict(faulty.faults)
        return answers, faults

    def _read_fields(self) -> tuple[dict[Question, Any], dict[str, str]]:
        """Return the answers that can be read, and why others cannot, by the name of the question."""
        typed = self._shown.read_typed()
        answers: dict[Question, Any] = {}
        faults: dict[str, str] = {}
        for name, field in self._shown.fields.items():
            if not is_asked(field.question, typed):
                continue
            try:
                answers[field.question] = field.answer()
            except ValueError as error:
                faults[name] = str(error)
        return answers | {question: None for question in self._fixed if is_asked(question, typed)}, faults

    def build_body(self, answers: Mapping[Question, Any]) -> dict[str, Any]:
        """Return the request's body. Raises FaultyAnswers."""
        return build_body(self._model, answers, self._before)

    def draft(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the request's body as far as there are good answers, and what is wrong, by question's name.

        The file of this machine that is uploaded before the request goes stands there by its name.
        """
        answers, faults = self._read_fields()
        for question, value in answers.items():
            if question.mark(FileRef) and value:
                with suppress(BadPath):
                    if path := read_local_path(str(value)):
                        answers[question] = f"(id of {path.name}, once uploaded)"
        body, missing = draft_body(self._model, answers, self._before)
        return body, faults | missing
