"""The files of this machine that the answers of a form name: checked, read, uploaded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.live.transfers import Upload
from tui.resources.language.asking.inputs import FileRef, LocalFile, TextFile
from tui.resources.language.cells import short_size
from tui.screens.dialogs.transfer import Left, follow_task
from tui.system.paths import BadPath
from tui.widgets.input.form_field import Topic
from tui.workflows.local_files import describe_faults, find_conflicts, read_local_path, run_check, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from textual.screen import Screen

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.widgets.input.form_field import FormField


class LocalFiles:
    """The files that the fields of a form name: checks them, reads them and uploads them."""

    def __init__(
        self,
        screen: Screen[Any],
        platform: Platform,
        fields: Mapping[str, FormField],
        answers: Callable[[], Mapping[str, Any]],
        say: Callable[[str, str], None],
    ) -> None:
        """`fields` are by name, `answers` gives all that is answered so far, nested; `say` shows a sentence."""
        self._screen, self._platform = screen, platform
        self._fields, self._answers, self._say = fields, answers, say
        self._upload_before: Upload | None = None

    async def examine(self, field: FormField, path: Path) -> bool:
        """Check a file, and take what it suggests for other answers. Returns whether it can be sent."""
        suggested = await examine(field, path, self._answers())
        self._put(suggested or {})
        return suggested is not None

    def _put(self, suggested: Mapping[str, Any]) -> None:
        for name, value in suggested.items():
            if name in self._fields:
                self._fields[name].put(value)

    async def prepare(self, answers: dict[Question, Any]) -> bool:
        """Replace names of files in `answers` by what is sent: their text, or the id they are uploaded under.

        An uploaded file is not sent twice. Returns False after showing why a file cannot be sent. Raises ApiError.
        """
        for question, value in list(answers.items()):
            if (text := question.mark(TextFile)) and value:
                try:
                    answers[question] = text_of(str(value), text)
                except ValueError as error:
                    return self._refuse(self._fields[question.name], str(error))
            elif question.mark(FileRef) or question.mark(LocalFile):
                ready = await self._prepare_file(question, value, answers)
                if not ready:
                    return False
        return True

    async def _prepare_file(self, question: Question, value: Any, answers: dict[Question, Any]) -> bool:
        """Check the file of one answer, and upload it where the request names it by id."""
        field = self._fields[question.name]
        try:
            path = read_local_path(str(value or ""))
        except BadPath as error:
            return self._refuse(field, str(error))
        if path is None:
            return True
        if not path.is_file():
            return self._refuse(field, f"There is no file {path}.")
        suggested = await examine(field, path, self._answers())
        if suggested is None:
            return self._refuse(field)
        given = {question.name: answer for question, answer in answers.items()}
        for name, fault in find_conflicts(path, suggested, given).items():  # no answer is changed unseen
            return self._refuse(self._fields[name], fault)
        self._put(suggested)
        if reference := question.mark(FileRef):
            uploaded = await self.upload(path, reference.purpose)
            answers[question] = uploaded["id"]
            field.put(uploaded["id"])
            # A suggestion of the check, such as the endpoint, may have changed other answers.
            for other in answers:
                if other.name in self._fields and other is not question:
                    answers[other] = self._fields[other.name].answer()
        return True

    def _refuse(self, field: FormField, fault: str = "") -> bool:
        """Show that nothing was sent, because of this field. Returns False."""
        if fault:
            field.fault(fault)
        field.control.focus()
        self._say("Nothing was sent.", "warn")
        return False

    async def upload(self, path: Path, purpose: str, expires_after: int | None = None) -> dict[str, Any]:
        """Upload a file, under a dialog that tells how far it is. Raises ApiError."""
        return await self._upload(path, purpose, expires_after, can_leave=False)

    async def upload_or_leave(self, path: Path, purpose: str, expires_after: int | None = None) -> dict[str, Any]:
        """Upload a file that is all there is to send. Raises ApiError, and Left when it goes on by itself."""
        return await self._upload(path, purpose, expires_after, can_leave=True)

    async def _upload(
        self, path: Path, purpose: str, expires_after: int | None, *, can_leave: bool
    ) -> dict[str, Any]:
        self._say(f"Uploading {path.name}.", "")
        tasks = self._platform.tasks
        task, before = Upload(self._platform, path, purpose, expires_after), self._upload_before
        if before and before.can_go_on and before.describe() == task.describe():
            tasks.go_on(task := before)  # some of it may be there
        else:
            tasks.add(task)
        self._upload_before = task
        if not await follow_task(self._screen.app, tasks, task, can_leave=can_leave):
            raise Left
        return task.answer


async def examine(field: FormField, path: Path, answers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Check the file that a field names and show the findings beside it.

    Returns what the file suggests for other answers, by name, or None when it cannot be sent.
    """
    reference = field.question.mark(FileRef) or field.question.mark(LocalFile)
    try:
        size = path.stat().st_size
        if reference is None or reference.check is None:
            with path.open("rb"):
                field.note(Topic.FILE, (short_size(size), "good"))
            return {}
        report = await asyncio.to_thread(run_check, path, reference.check, answers)
    except OSError as error:
        field.note(Topic.FILE)
        field.fault(f"{path.name} cannot be read: {error.strerror or error}.")
        return None
    if report.fault_count:
        field.note(Topic.FILE)
        field.fault(describe_faults(report))
        return None
    facts = (f"{name} {value}" for name, value in report.facts.items())
    field.note(Topic.FILE, (" · ".join((f"✓ {short_size(size)}", *facts)), "good"))
    return report.suggested
