"""What is kept of tasks: what is left of them can be done after a new start, and what came of them stays known.

Each run of the program has a folder that is locked as long as it runs, and in it a file for each task: JSON lines,
to which more are added. They hold ids, paths and states; no keys and no contents. The first says what the task is,
the last how it ended; without that something of it is left.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from typing import IO, TYPE_CHECKING, Any

from tui.system.locking import lock
from tui.system.private_files import append_line, open_private, private_directory, state_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.api.credentials.connection import Connection

Fact = dict[str, Any]

MOST = 50
"""Tasks that are over of which something is kept."""
_LOCK = "lock"


def open_task_store(connection: Connection) -> TaskStore | None:
    """Return where tasks of a connection are kept; None for a sandbox, each of which is another world."""
    if connection.sandbox:
        return None
    owner = f"{connection.profile} {connection.base_url}"
    with contextlib.suppress(OSError):
        return TaskStore(state_file("tasks", owner).with_suffix(""), owner)
    return None


class TaskStore:
    """The folder of all tasks of a connection, as this run of the program uses it."""

    def __init__(self, folder: Path, owner: str = "") -> None:
        """`owner` is whose tasks these are: those of another, whose ids are of other objects, are left alone."""
        self.owner = owner
        self.fault = ""
        """Why something could not be kept; "" while all is."""
        self._folder = folder
        self._own: Path | None = None
        self._locks: list[IO[str]] = []
        self._paths: dict[str, Path] = {}  # by the task's id

    def note(self, task: str, fact: Fact, *, sync: bool = False) -> bool:
        """Add a fact on a task, and return whether that could be; with `sync` the disk has it by then.

        Any thread may call it.
        """
        try:
            path = self._paths.get(task)
            if path is None:
                path = self._paths[task] = self._own_folder() / f"{task}.jsonl"
                fact = {**fact, "owner": self.owner}
            append_line(path, json.dumps(fact, separators=(",", ":")).encode(), sync=sync)
        except OSError as error:
            self.fault = f"What is left of tasks is not kept: {self._folder} cannot be written ({error.strerror})."
            return False
        return True

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

    def peek(self) -> list[tuple[str, list[Fact]]]:
        """Return ids and facts of the tasks of every run, whether it has ended or not, and take over none."""
        found = []
        for folder in self._folders():
            for path in sorted(folder.glob("*.jsonl")):
                with contextlib.suppress(ValueError):
                    if (facts := read_facts(path)) and facts[0].get("owner", self.owner) == self.owner:
                        found.append((path.stem, facts))
        return found

    def peek_elsewhere(self) -> list[tuple[str, list[Fact]]]:
        """Return ids and facts of the tasks that other runs have, which have not ended."""
        return [each for each in self.peek() if each[0] not in self._paths]

    def close(self) -> None:
        """Leave all to the next run."""
        for file in self._locks:
            file.close()
        self._locks.clear()
        if self._own and not self._paths:
            shutil.rmtree(self._own, ignore_errors=True)

    def _own_folder(self) -> Path:
        """Return the folder of this run, made and locked when it is first needed. Raises OSError."""
        if self._own is None:
            private_directory(self._folder)
            folder = private_directory(self._folder / secrets.token_hex(6))
            self._lock(folder)
            self._own = folder
        return self._own

    def _lock(self, folder: Path) -> bool:
        file = open_private(folder / _LOCK, "a")
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
                try:
                    facts = read_facts(path)
                except ValueError:
                    self._put_aside(path)
                    continue
                if facts and facts[0].get("owner", self.owner) != self.owner:
                    self.fault = f"A task of another profile is left alone: {path}."
                elif facts:
                    self._paths[path.stem] = path
                    yield path.stem, facts

    def _put_aside(self, path: Path) -> None:
        """Keep a damaged file where no run takes it up: what was sent and what not is not known for sure."""
        aside = self._folder / f"{path.name}.bad"
        with contextlib.suppress(OSError):
            path.replace(aside)
        self.fault = (
            f"What is left of a task is not known: its file is damaged, and kept as {aside}. "
            "Nothing of it is done again: look at its objects first."
        )


def read_facts(path: Path) -> list[Fact]:
    """Return the facts in a file, without a last line that a crash cut; none where it cannot be read.

    Raises ValueError where it is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return []
    *lines, _cut = content.split(b"\n")
    try:
        facts = [json.loads(line) for line in lines]
    except RecursionError:
        facts = [None]
    if not all(isinstance(fact, dict) for fact in facts):
        raise ValueError(f"{path} holds something that is no fact")
    return facts
