"""Where files of this user belong, and files that only this user can read."""

from __future__ import annotations

import itertools
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Directories:
    """Where files belong on this system."""

    config: Path
    """For settings."""
    state: Path
    """For what the program remembers."""


def directories(env: Mapping[str, str] | None = None) -> Directories:
    """Return the directories of this user. `O9S_CONFIG_DIR` and `O9S_STATE_DIR` move them. Nothing is created."""
    env = os.environ if env is None else env
    config, state = env.get("O9S_CONFIG_DIR"), env.get("O9S_STATE_DIR")
    if not (config and state):
        import platformdirs

        config = config or platformdirs.user_config_dir("o9s", appauthor=False)
        state = state or platformdirs.user_state_dir("o9s", appauthor=False)
    return Directories(Path(config), Path(state))


def private_directory(path: Path) -> Path:
    """Make a directory that only this user can enter, if it does not exist, and return it. Raises OSError.

    Those around it that do not exist are made so, too.
    """
    missing = itertools.takewhile(lambda each: not each.exists(), path.parents)
    for each in (*reversed([*missing]), path):
        each.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def state_file(name: str, owner: str) -> Path:
    """Return the file in which something is kept for an owner, such as a profile and its server.

    Raises OSError where the directory cannot be made.
    """
    import hashlib

    digest = hashlib.sha256(owner.encode()).hexdigest()[:16]
    return private_directory(directories().state) / f"{name}-{digest}.json"


def forget_kept(name: str) -> None:
    """Delete what is kept under a name, for whichever owner, as far as the disk lets it."""
    for path in directories().state.glob(f"{name}-*"):
        with suppress(OSError):
            path.unlink()


def write_private(path: Path, content: bytes) -> None:
    """Replace a file by a whole new one with mode 0600, or leave it as it was. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def open_private(path: Path, mode: str, buffering: int = -1) -> IO[Any]:
    """Open a file that only this user can read, and that is no link, once it is made here. Raises OSError."""

    def make(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)

    return open(path, mode, buffering, opener=make)


def append_line(path: Path, line: bytes, *, sync: bool = False) -> None:
    """Add a line to a file that only this user can read; with `sync` the disk has it when this returns.

    What a full disk or a crash has left of a line before it stays a line of its own. Several programs may add to
    one file. Raises OSError, after which the line may be there in part.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o600)
    try:
        left = memoryview(line + b"\n")
        size = os.lseek(handle, 0, os.SEEK_END)
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":
                left = memoryview(b"\n" + line + b"\n")
        while left:
            left = left[os.write(handle, left) :]
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)
