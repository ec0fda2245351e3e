"""The journal of a campaign: what is about to be done and what came of it, on the disk before it goes on.

A campaign has a folder of its own in the state directory: `journal.jsonl`, a JSON object a line, which only grows;
`lock`, held by the program that runs it; `control`, what another program asks of that one; and the files of its
parts. The journal holds no keys and no contents.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, LocalFileError
from tui.system.locking import lock
from tui.system.private_files import directories, open_private, private_directory, write_private
from tui.text import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    JSON = dict[str, Any]

PAUSE, RESUME, CANCEL = CONTROLS = ("pause", "resume", "cancel")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_JOURNAL, _LOCK, _CONTROL = "journal.jsonl", "lock", "control"
PROGRESS = "progress.json"
_TRIES, _PAUSE = 3, 0.1  # how often a lock is tried, and seconds between


class CampaignError(ApiError):
    """A campaign that cannot be begun, or cannot go on as it is."""


class NoCampaign(CampaignError):
    """There is no campaign of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no campaign {name}.", "`o9s batch status` lists those there are.")


def folder_of(name: str) -> Path:
    """Return the folder of a campaign, whether it is there or not. Raises CampaignError for what is no name."""
    if not _NAME.fullmatch(name) or safe_name(name, "") != name:
        raise CampaignError(
            f"{name!r} cannot be the name of a campaign.",
            "Use up to 64 letters, digits, points, hyphens and underscores, a letter or digit first.",
        )
    return directories().state / "campaigns" / name


def list_campaigns() -> list[str]:
    """Return the names of the campaigns on this machine, in their order."""
    folder = directories().state / "campaigns"
    with contextlib.suppress(OSError):
        return sorted(
            path.name for path in folder.iterdir() if _NAME.fullmatch(path.name) and _holds_campaign(path)
        )
    return []


def _holds_campaign(folder: Path) -> bool:
    """Return whether a campaign was begun in a folder. Where its journal is empty, its other files tell that."""
    with contextlib.suppress(OSError):
        return bool((folder / _JOURNAL).stat().st_size) or len(list(folder.glob("*.jsonl"))) > 1
    return False


def read_records(folder: Path) -> list[JSON]:
    """Return what the journal of a campaign holds. A last line that a crash cut is left out.

    Raises NoCampaign where there is none, and CampaignError where it is damaged.
    """
    return _parse(folder, _read(folder))[0]


def _read(folder: Path) -> bytes:
    try:
        content = (folder / _JOURNAL).read_bytes()
        if not content and not _holds_campaign(folder):
            raise FileNotFoundError
        return content
    except (FileNotFoundError, NotADirectoryError):
        raise NoCampaign(folder.name) from None
    except OSError as error:
        raise LocalFileError.of(error, folder / _JOURNAL) from None


def _parse(folder: Path, content: bytes) -> tuple[list[JSON], int]:
    """Return the records of a journal, and how many of its bytes are good. Raises CampaignError."""
    records: list[JSON] = []
    good = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):  # cut while it was written: what it announces was not begun
            break
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("what"), str):
            raise _make_damage_error(f"Line {number:,} of {folder / _JOURNAL} is damaged.")
        records.append(record)
        good += len(line)
    if not records or records[0]["what"] != "begin":
        raise _make_damage_error(f"{folder / _JOURNAL} is damaged: it does not tell what was begun.")
    return records, good


def _make_damage_error(sentence: str) -> CampaignError:
    return CampaignError(
        sentence,
        "Nothing is sent, since what was sent already is not known for sure. Bring the file back from a copy, or "
        "begin another campaign.",
    )


class Journal:
    """The journal of a campaign, open for one program alone. Close it at the end."""

    def __init__(self, folder: Path, *, new: bool, clock: Callable[[], float] = time.time) -> None:
        """Open that of a `new` campaign, or of one there is.

        Raises CampaignError where that is not so, or another program has it, and LocalFileError.
        """
        self.folder, self._clock = folder, clock
        self.records: list[JSON] = []
        path = folder / _JOURNAL
        try:
            if new:
                private_directory(folder)
            else:
                _read(folder)
            self._lock = _take_lock(folder)
            try:
                if new and _holds_campaign(folder):
                    raise CampaignError(
                        f"There is a campaign {folder.name} already.",
                        "--resume continues it; another one needs another name.",
                    )
                self._file = open_private(path, "ab", 0)
                try:
                    content = path.read_bytes()
                    good = 0
                    if not new:
                        self.records, good = _parse(folder, content)
                    if good < len(content):
                        self._file.truncate(good)
                    _sync_folder(folder)
                except BaseException:
                    self._file.close()
                    raise
            except BaseException:
                self._lock.close()
                raise
        except OSError as error:
            raise LocalFileError.of(error, path) from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, what: str, **told: Any) -> JSON:
        """Note something, and return it once the disk has it, and all files that were written before.

        Raises LocalFileError; then it is not noted.
        """
        record = {"what": what, "at": round(self._clock(), 3), **told}
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        size = self._file.seek(0, os.SEEK_END)
        try:
            _sync_folder(self.folder)
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(size)
            raise LocalFileError.of(error, self.folder / _JOURNAL) from None
        self.records.append(record)
        return record

    @property
    def is_asked(self) -> bool:
        """Whether another program asks something of this one."""
        return (self.folder / _CONTROL).exists()

    def take_control(self) -> str:
        """Return what another program asks of this one, and forget it; "" for nothing."""
        path = self.folder / _CONTROL
        try:
            asked = path.read_text().strip()
            path.unlink()
        except (OSError, ValueError):
            return ""
        return asked if asked in CONTROLS else ""

    def close(self) -> None:
        """Give the campaign free."""
        self._file.close()
        self._lock.close()


def ask(folder: Path, control: str) -> None:
    """Ask the program that runs a campaign to pause, resume or cancel it. Raises LocalFileError."""
    try:
        write_private(folder / _CONTROL, control.encode())
    except OSError as error:
        raise LocalFileError.of(error, folder / _CONTROL) from None


def find_holder(folder: Path) -> str:
    """Return which program runs a campaign, such as `process 312 on host`; "" where none does."""
    try:
        with (folder / _LOCK).open("r+") as file:  # a mode that does not create the file
            return "" if lock(file) else _read_holder(folder)
    except OSError:
        return ""


def stamp_of(folder: Path) -> tuple[int, ...]:
    """Return what changes whenever something is noted of a campaign."""
    paths = [path for path in sorted(folder.glob("*.json*")) if path.name in (_JOURNAL, PROGRESS)]
    return tuple(figure for path in paths for figure in (path.stat().st_mtime_ns, path.stat().st_size))


def _read_holder(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        return (folder / _LOCK).read_text().strip()
    return "another process"


def _take_lock(folder: Path) -> IO[str]:
    """Return the open lock of a campaign; closing it, or the end of the program, gives it free.

    Raises CampaignError where another program has it, and OSError.
    """
    file = open_private(folder / _LOCK, "a+")
    for left in range(_TRIES - 1, -1, -1):
        if lock(file):
            file.truncate(0)
            file.seek(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            return file
        if left:  # whoever has it may only be looking who holds it, which is over at once
            time.sleep(_PAUSE)
    file.close()
    raise CampaignError(
        f"The campaign {folder.name} is run by {_read_holder(folder)}.",
        "Wait until that ends, or end it: two at once would send twice.",
    )


def _sync_folder(folder: Path) -> None:
    """Have the disk know the files of a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
