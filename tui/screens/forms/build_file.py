"""The form that builds the file of a batch from rows, the first requests beside it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.building import BUILD
from tui.screens.forms.first_requests import FirstRequests
from tui.screens.forms.form import Form
from tui.widgets.input.form_field import Topic
from tui.workflows.batch_build.answers import build_file, describe_columns, preview_requests, start_answers
from tui.workflows.batch_build.rows import BadRows
from tui.workflows.batch_build.template import BadTemplate

if TYPE_CHECKING:
    from tui.live.platform import Platform
    from tui.widgets.input.form_field import FormField

_FAULTS = (BadRows, BadTemplate, LocalFileError)


class BuildForm(Form):
    """Asks what to build, and writes it. Dismissed with where the file is, or None."""

    VERB = "build"
    BUSY = "Building…"
    SHOWN = ("requests", "the first three")

    def __init__(self, platform: Platform, source: str) -> None:
        super().__init__(platform, BATCHES, {}, BUILD, start=start_answers(source), send=self._build)

    async def _build(self, body: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(build_file, body)

    def on_mount(self) -> None:
        """Say which columns there are."""
        self._say_columns()

    def _endpoint(self) -> str:
        return ""

    def draw_request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the first requests, or why there are none."""
        try:
            made = preview_requests(body)
        except _FAULTS as error:
            return {"…": str(error)}
        return {f"row {number}": request for number, request in enumerate(made, 1)}

    def _say_columns(self) -> None:
        source = self._fields["source"]
        source.note(Topic.FILE, (describe_columns(source.text().strip()), ""))

    def _note_answer(self, field: FormField) -> None:
        super()._note_answer(field)
        if field is self._fields["source"]:
            self._say_columns()

    def action_leave(self) -> None:
        """Leave; a file that is being written is waited for."""
        if self.is_sending:
            self.say("The file is being written; wait a moment.", "warn")
        else:
            super().action_leave()

    def action_preview(self) -> None:
        """Show the first requests in full; there one can be tried."""
        answers = self.read_answers()
        if answers is None:
            return
        try:
            made = preview_requests(self._answers.build_body(answers))
        except _FAULTS as error:
            self.say(str(error), "warn")
            return
        self.app.push_screen(FirstRequests(self._platform, made))
