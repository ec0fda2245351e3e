"""Files that were sent for a store and are not in it yet, so that a run that was cut does not send them twice."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.system.private_files import append_line, state_file

if TYPE_CHECKING:
    from tui.workflows.store_folder.scan import LocalFile


class SentFiles:
    """The ids of files sent for one store, a line each, in a file that only this user can read."""

    def __init__(self, base_url: str, store: str) -> None:
        self._owner = f"{base_url} {store}"
        self._path = Path()  # known once it is read
        self._ids: dict[tuple[str, str], str] = {}

    def read(self) -> None:
        """Take up what an earlier run has sent. Raises ApiError where nothing can be kept."""
        try:
            self._path = state_file("store-sent", self._owner).with_suffix(".jsonl")
        except OSError as error:
            raise ApiError(f"What is sent cannot be kept: {error.strerror or error}.") from None
        with suppress(OSError):
            for line in self._path.read_bytes().splitlines():
                with suppress(ValueError, TypeError):
                    name, sha256, id_ = json.loads(line)
                    self._ids[name, sha256] = id_

    def find(self, file: LocalFile) -> str:
        """Return the id of a file that was sent as it is now; "" for none."""
        return self._ids.get((file.name, file.sha256), "")

    def note(self, file: LocalFile, id_: str) -> None:
        """Keep the id of a file that was sent. Raises ApiError."""
        self._ids[file.name, file.sha256] = id_
        try:
            append_line(self._path, json.dumps([file.name, file.sha256, id_]).encode(), sync=True)
        except OSError as error:
            raise ApiError(f"What is sent cannot be kept: {error.strerror or error}.") from None

    def clear(self) -> None:
        """Forget them all: they are in the store."""
        self._ids.clear()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
