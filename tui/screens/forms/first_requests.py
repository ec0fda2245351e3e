"""The first requests of a file that is to be built, in full; one of them can be tried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.api.operation import Operation
from tui.api.redaction import redact
from tui.resources.batch.answers import read_answer_text
from tui.resources.language.cells import pluralize
from tui.screens.dialogs.viewer import Viewer
from tui.text import clean_lines
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from tui.live.platform import Platform


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
        note = pluralize(tokens, "token") if isinstance(tokens, int) else ""
        lines = [*clean_lines(read_answer_text(answer)), "", *_dump(answer)]
        title = f"Answer to {request['custom_id']}"
        await self.app.push_screen(Viewer(title, TextView(MemoryLines(lines), wrapped=True), note=note))


def _dump(value: Any) -> list[str]:
    return redact(json.dumps(value, indent=2, ensure_ascii=False)).splitlines()
