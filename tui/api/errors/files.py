"""Files on this machine that cannot be read or written."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from tui.api.errors.base import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE_FAULTS: Mapping[int, tuple[str, str]] = {
    errno.ENOENT: ("does not exist", "Check the path."),
    errno.ENOTDIR: ("does not exist", "Check the path."),
    errno.EACCES: ("may not be used by this account", "Change its permissions or choose another path."),
    errno.EPERM: ("may not be used by this account", "Change its permissions or choose another path."),
    errno.EROFS: ("is on a read-only disk", "Choose another path."),
    errno.EISDIR: ("is a directory", "Name a file."),
    errno.EEXIST: ("exists already and is not overwritten", "Choose another name."),
    errno.ENOSPC: ("does not fit: the disk is full", "Free some space or choose another disk."),
    errno.EFBIG: ("does not fit: no file may be so large here", "Raise `ulimit -f`, or choose another disk."),
    errno.ENAMETOOLONG: ("has too long a name", "Choose a shorter one."),
    # Windows has no disk quotas of this kind.
    getattr(errno, "EDQUOT", -1): (
        "does not fit: the disk quota is used up",
        "Free some space or choose another disk.",
    ),
}


class LocalFileError(ApiError):
    """A file on this machine that cannot be read or written."""

    @classmethod
    def of(cls, error: OSError, path: Path) -> LocalFileError:
        """Return the error for what the system said of `path`."""
        what, then = _FILE_FAULTS.get(
            error.errno or 0, (f"cannot be used ({error.strerror})", "Choose another path.")
        )
        return cls(f"{path} {what}.", then)
