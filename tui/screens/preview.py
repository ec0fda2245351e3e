"""A request before it is sent: its body as JSON, and all of it as a command for the shell."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from tui.api.client import beta_of
from tui.api.errors import VARIABLES
from tui.api.requests import target_of
from tui.screens.copying import copy
from tui.screens.viewer import Viewer
from tui.widgets.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Operation


def curl(operation: Operation, base_url: str, path: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """The request as a shell command; the key stays a variable. Files of a form are given by their path."""
    parts = ["curl", "-X", operation.method, shlex.quote(base_url.rstrip("/") + target_of(operation, path, None))]
    parts += ["-H", f'"Authorization: Bearer ${VARIABLES[operation.key]}"']
    if beta := beta_of(operation):
        parts += ["-H", shlex.quote(f"OpenAI-Beta: {beta}")]
    if operation.multipart:
        fields = ((name, value if isinstance(value, str) else json.dumps(value)) for name, value in body.items())
        files = ("file", "files", "data")
        parts += [part for name, value in fields for part in ("-F", _field(name, value, file=name in files))]
    else:
        parts += ["-H", "'Content-Type: application/json'"]
        parts += ["-d", shlex.quote(json.dumps(body, ensure_ascii=False))]
    return " ".join(parts)


def _field(name: str, value: str, *, file: bool) -> str:
    return shlex.quote(f"{name}=@{value}" if file else f"{name}={value}")


class Preview(Viewer):
    """Shows a request that was not sent."""

    BINDINGS = [Binding("Y", "curl", "copy as curl", id="preview.curl")]

    def __init__(
        self, operation: Operation, base_url: str, path: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        self._command = curl(operation, base_url, path, body)
        lines = json.dumps(body, indent=2, ensure_ascii=False).splitlines()
        view = TextView(MemoryLines([*lines, "", self._command]), wrapped=True)
        where = f"{operation.method} {target_of(operation, path, None)}"
        super().__init__(where, view, note="not sent yet · Y copies as curl")

    def action_curl(self) -> None:
        """Copy the command."""
        copy(self.app, self._command)
