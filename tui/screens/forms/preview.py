"""A request before it is sent: its body as JSON, and all of it as a command for the shell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from tui.api.log import curl
from tui.api.redaction import redact
from tui.api.requests import target_of
from tui.screens.dialogs.viewer import Viewer
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.credentials.connection import Connection
    from tui.api.operation import Operation


class Preview(Viewer):
    """Shows a request that is not sent yet."""

    BINDINGS = [Binding("Y", "curl", "copy as curl", id="preview.curl")]

    def __init__(
        self, operation: Operation, connection: Connection, path: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        self._command = curl.write_request_command(operation, connection, path, body)
        lines = redact(json.dumps(body, indent=2, ensure_ascii=False)).splitlines()
        shown = curl.write_request_command(operation, connection, path, _hide_secrets(body))
        view = TextView(MemoryLines([*lines, "", shown]), wrapped=True)
        where = f"{operation.method} {target_of(operation, path)}"
        super().__init__(where, view, note="not sent yet · Y copies as curl")

    def action_curl(self) -> None:
        """Copy the command."""
        copy(self.app, self._command)


def _hide_secrets(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request's body without what looks like a key."""
    try:
        hidden: dict[str, Any] = json.loads(redact(json.dumps(body)))
    except ValueError:  # a part of its form went with the secret
        return {"…": "it holds a secret"}
    return hidden
