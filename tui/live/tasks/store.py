"""What is kept of tasks: what is left of them can be done after a new start, and what came of them stays known.

Each run of the program has a folder that is locked as long as it runs, and in it a file for each task: JSON lines,
to which more are added. They hold ids, paths and states; no keys and no contents. The first says what the task is,
the last how it ended; without that something of it is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from typing import IO, TYPE_CHECKING, Any

from tui.system.locking import lock
from tui.system.private_files import private_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Fact = dict[str, Any]

MOST = 50
"""Tasks that are over of which something is kept."""
_LOCK = "lock"


class TaskStore:
    """The folder of all tasks of a connection, as this run of the program uses it."""

    def __init__(self, folder: Path) -> None:
        self.fault = ""
        """Why something could not be kept; "" while all is."""
        self._folder = folder
        self._own: Path | None = None
        self._locks: list[IO[str]] = []
        self._paths: dict[str, Path] = {}  # by the task's id

    def note(self, task: str, fact: Fact, *, sync: bool = False) -> None:
        """Add a fact on a task; with `sync` the disk has it when this returns. Any thread may call it."""
        try:
            path = self._paths.get(task)
            if path is None:
                path = self._paths[task] = self._own_folder() / f"{task}.jsonl"
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            handle = os.open(path, flags, 0o600)
            try:
                os.write(handle, json.dumps(fact, separators=(",", ":")).encode() + b"\n")
                if sync:
                    os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            self.fault = f"What is left of tasks is not kept: {self._folder} cannot be written ({error.strerror})."

    def forget(self, task: str) -> None:
        """Keep nothing of a task."""
        if path := self._paths.pop(task, None):
            with contextlib.suppress(OSError):
                path.unlink()

    def adopt(self) -> list[tuple[str, list[Fact]]]:
        """Take over what runs that have ended have kept: ids and facts of tasks, the oldest first."""
        found = [each for folder in self._folders() for each in self._adopt_folder(folder)]
        found.sort(key=lambda each: each[1][0].get("at") or 0)
        over = [task for task, facts in found if facts[-1].get("fact") == "end"]
        for task in over[: max(0, len(over) - MOST)]:
            self.forget(task)
        return [each for each in found if each[0] in self._paths]

    def close(self) -> None:
        """Leave all to the next run."""
        for file in self._locks:
            file.close()
        self._locks.clear()

    def _own_folder(self) -> Path:
        """Return the folder of this run, made and locked when it is first needed. Raises OSError."""
        if self._own is None:
            private_directory(self._folder)
            folder = private_directory(self._folder / secrets.token_hex(6))
            self._lock(folder)
            self._own = folder
        return self._own

    def _lock(self, folder: Path) -> bool:
        file = (folder / _LOCK).open("a")
        if not lock(file):
            file.close()
            return False
        self._locks.append(file)
        return True

    def _folders(self) -> Iterator[Path]:
        with contextlib.suppress(OSError):
            yield from (folder for folder in sorted(self._folder.iterdir()) if folder != self._own)

    def _adopt_folder(self, folder: Path) -> Iterator[tuple[str, list[Fact]]]:
        with contextlib.suppress(OSError):
            if not folder.is_dir() or folder.is_symlink() or not self._lock(folder):
                return
            files = sorted(folder.glob("*.jsonl"))
            if not files:
                self._locks.pop().close()
                shutil.rmtree(folder)
            for path in files:
                if facts := read_facts(path):
                    self._paths[path.stem] = path
                    yield path.stem, facts


def read_facts(path: Path) -> list[Fact]:
    """Return the facts in a file, up to a line that a crash cut; none where it cannot be read."""
    facts: list[Fact] = []
    with contextlib.suppress(OSError, ValueError, RecursionError):
        for line in path.read_text(encoding="utf-8").splitlines():
            fact = json.loads(line)
            if not isinstance(fact, dict):
                break
            facts.append(fact)
    return facts
