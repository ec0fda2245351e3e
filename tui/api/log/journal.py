"""The journal of writes: what was asked of the platform from here, and what came of it. No bodies, no secrets."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from tui.api.redaction import redact
from tui.system.private_files import append_line, directories, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_FILES = 5
_FILE_BYTES = 1 << 20


class Journal:
    """One JSON line before each write and one after it, in files only this user can read.

    A journal that cannot be written must not stop somebody from cancelling a batch: the write goes on, and
    `fault` says why it was not noted.
    """

    def __init__(
        self, profile: str, directory: Path | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.profile = profile
        self.path = (directory or directories().state) / "journal.jsonl"
        self.fault = ""
        self._clock = clock

    def begin(self, method: str, path: str, ids: Mapping[str, str]) -> str:
        """Note that a write is about to leave; returns the number to close it with."""
        entry = uuid.uuid4().hex[:12]
        redacted = {name: redact(value) for name, value in ids.items()}
        self._write(
            entry=entry, phase="begin", profile=self.profile, method=method, path=redact(path), ids=redacted
        )
        return entry

    def end(self, entry: str, outcome: str, *, status: int | None = None, request_id: str = "") -> None:
        """Note what came of a write: `done`, `failed` or `unknown`."""
        self._write(entry=entry, phase="end", outcome=outcome, status=status, request_id=request_id)

    def entries(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the last writes, oldest first, each with its outcome: "open" where none was noted."""
        merged: dict[str, dict[str, Any]] = {}
        for number in range(_FILES - 1, -1, -1):
            try:
                lines = self._file(number).read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                continue
            for line in lines:
                try:
                    noted = json.loads(line)
                    entry = merged.setdefault(noted["entry"], {"outcome": "open"})
                except (ValueError, TypeError, KeyError, RecursionError):
                    continue  # a line cut by a crash
                entry.update(
                    {name: value for name, value in noted.items() if name != "phase" and name not in entry}
                )
                entry.update({name: noted[name] for name in ("outcome",) if name in noted})
        return list(merged.values())[-limit:]

    def _file(self, number: int) -> Path:
        return self.path if number == 0 else self.path.with_name(f"journal.{number}.jsonl")

    def _write(self, **noted: object) -> None:
        line = json.dumps({"time": self._clock(), **noted}, separators=(",", ":")).encode()
        try:
            private_directory(self.path.parent)
            if self.path.exists() and self.path.stat().st_size + len(line) > _FILE_BYTES:
                for number in range(_FILES - 1, 0, -1):
                    if self._file(number - 1).exists():
                        self._file(number - 1).replace(self._file(number))
            append_line(self.path, line)
            self.fault = ""
        except OSError as error:
            self.fault = f"{self.path} cannot be written ({error.strerror})."
