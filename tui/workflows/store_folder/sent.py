"""Files that were sent for a store and are not in it yet, so that no run sends them twice."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.errors import LocalFileError
from tui.system.private_files import append_line, directories, state_file

if TYPE_CHECKING:
    from tui.workflows.store_folder.scan import LocalFile


class SentFiles:
    """The ids of files sent for one store, a line each, in a file that only this user can read.

    A file without an id was about to be sent, and nobody heard how that ended.
    """

    def __init__(self, base_url: str, store: str) -> None:
        self._owner = f"{base_url} {store}"
        self._path = Path()  # known once it is read
        self._ids: dict[tuple[str, str], str] = {}
        self._after: dict[tuple[str, str], str] = {}

    def read(self) -> None:
        """Take up what an earlier run has sent. Raises LocalFileError where nothing can be kept."""
        try:
            self._path = state_file("store-sent", self._owner).with_suffix(".jsonl")
        except OSError as error:
            raise _describe_loss(error) from None
        self._ids.clear()
        with suppress(OSError):
            for line in self._path.read_bytes().splitlines():
                with suppress(ValueError, TypeError):
                    name, sha256, id_, *after = json.loads(line)
                    self._ids[name, sha256] = id_
                    self._after[name, sha256] = after[0] if after else ""

    def find(self, file: LocalFile) -> str:
        """Return the id of a file that was sent as it is now; "" for none."""
        return self._ids.get((file.name, file.sha256), "")

    def find_doubt(self, file: LocalFile) -> str | None:
        """Return the id after whose file one may be there of which no id is known; None where none may."""
        key = file.name, file.sha256
        return self._after[key] if self._ids.get(key) == "" else None

    @property
    def known(self) -> set[str]:
        """The ids of all that was sent."""
        return set(self._ids.values())

    def note_begin(self, file: LocalFile, after: str) -> None:
        """Keep that a file is about to be sent, and the id of the newest one before it. Raises LocalFileError."""
        self._note(file, "", after)
        self._after[file.name, file.sha256] = after

    def note(self, file: LocalFile, id_: str) -> None:
        """Keep the id of a file that was sent. Raises LocalFileError."""
        self._note(file, id_)

    def _note(self, file: LocalFile, id_: str, *after: str) -> None:
        self._ids[file.name, file.sha256] = id_
        try:
            append_line(self._path, json.dumps([file.name, file.sha256, id_, *after]).encode(), sync=True)
        except OSError as error:
            raise _describe_loss(error) from None

    def clear(self) -> None:
        """Forget them all: they are in the store."""
        self._ids.clear()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _describe_loss(error: OSError) -> LocalFileError:
    folder = directories().state
    words = f"What is sent cannot be kept, so no more is: {folder} cannot be written ({error.strerror or error})."
    return LocalFileError(words, "Free some space, or set O9S_STATE_DIR to another folder.")
