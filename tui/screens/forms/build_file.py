"""The form that builds the file of a batch from rows, the first requests beside it, and one of them tried."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError, LocalFileError
from tui.api.operation import Operation
from tui.api.redaction import redact
from tui.resources.batch.answers import answer_text
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.building import BUILD
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.text import clean_lines
from tui.widgets.text.text_view import MemoryLines, TextView
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
        source.note((describe_columns(source.text().strip()), ""))

    def _note_answer(self, field: FormField) -> None:
        super()._note_answer(field)
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


class FirstRequests(Viewer):
    """Shows the first requests that will be built, and has the model answer the first."""

    BINDINGS = [Binding("t", "try_one", "try the first live", id="build.try")]

    def __init__(self, platform: Platform, requests: list[dict[str, Any]]) -> None:
        self._platform, self._requests = platform, requests
        lines = [line for each in requests for line in (*_dump(each), "")]
        super().__init__(
            "First requests", TextView(MemoryLines(lines), wrapped=True), note="t tries the first live"
        )

    @work(exclusive=True)
    async def action_try_one(self) -> None:
        """Send the first request, and show the answer."""
        if not self._requests:
            return
        request = self._requests[0]
        path = str(request["url"]).removeprefix("/v1")
        self.notify(f"Asking {request['body'].get('model')}…", markup=False)
        try:
            answer = await self._platform.client.call(Operation("tryRequest", "POST", path), body=request["body"])
        except ApiError as error:
            self.notify(f"{error}", severity="error", markup=False)
            return
        usage = answer.get("usage") or {}
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        note = f"{tokens:,} tokens" if isinstance(tokens, int) else ""
        lines = [*clean_lines(answer_text(answer)), "", *_dump(answer)]
        title = f"Answer to {request['custom_id']}"
        await self.app.push_screen(Viewer(title, TextView(MemoryLines(lines), wrapped=True), note=note))


def _dump(value: Any) -> list[str]:
    return redact(json.dumps(value, indent=2, ensure_ascii=False)).splitlines()
