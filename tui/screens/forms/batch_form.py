"""The form of a new batch: like any other, and its file can be built from rows first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.resources.language.asking.inputs import FileRef
from tui.resources.language.asking.questions import list_questions
from tui.screens.forms.build_file import BuildForm
from tui.screens.forms.form import Form
from tui.system.paths import BadPath
from tui.widgets.base.bars import KeyHint
from tui.widgets.input.form_field import Topic
from tui.workflows.batch_build.answers import is_source
from tui.workflows.local_files import read_local_path

if TYPE_CHECKING:
    from pathlib import Path

    from tui.resources.language.action import Action
    from tui.resources.language.asking.questions import Question
    from tui.widgets.input.form_field import FormField


def form_of(action: Action) -> type[Form]:
    """Return the form that asks for an action's request."""
    body = action.operation.body
    return BatchForm if body is not None and any(map(_is_built, list_questions(body))) else Form


def _is_built(question: Question) -> bool:
    reference = question.mark(FileRef)
    return reference is not None and reference.is_built


class BatchForm(Form):
    """A form with a file that can be built from a table, a text or a folder; where one is given, it is."""

    OWN_KEYS = (KeyHint("ctrl+y", "from rows"),)
    BINDINGS = [Binding("ctrl+y", "build", "build the file from rows", id="form.build")]

    @property
    def _built(self) -> FormField:
        return next(field for field in self._fields.values() if _is_built(field.question))

    def action_send(self) -> None:
        """Send the request; where rows are given in place of a file of requests, build that first."""
        path = self._find_path()
        if path is not None and is_source(path):
            self.action_build()
        else:
            super().action_send()

    def takes_otherwise(self, field: FormField, path: Path) -> bool:
        """Return whether the path is one of rows, for the file to be built from."""
        if field is not self._built or not path.is_file() or not is_source(path):
            return False
        words = f"rows, no requests yet: ctrl+s builds them from {path.name}"
        field.note(Topic.FILE, (words, "accent"))
        return True

    def _find_path(self) -> Path | None:
        try:
            return read_local_path(self._built.text().strip())
        except BadPath:
            return None

    @work(group="build", exclusive=True)
    async def action_build(self) -> None:
        """Build the file, and put it into its field."""
        path = self._find_path()
        answer = await self.app.push_screen_wait(BuildForm(self._platform, str(path or "")))
        if answer:
            self._built.write(answer["path"])
            self.say(answer["words"], "good")
