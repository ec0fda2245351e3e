"""Files that one program alone has, until it ends or gives them free."""

from __future__ import annotations

import sys
from typing import IO, Any

_FAR = 1 << 30  # where Windows locks a byte: those before it can be read


def lock(file: IO[Any]) -> bool:
    """Lock an open file if nobody else did. Returns whether it is locked now; closing it gives it free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
