"""Paths on this machine, as people type or paste them."""

from __future__ import annotations

import errno
from pathlib import Path

_FREE = (errno.ENOENT, errno.ENOTDIR)  # there is nothing of this name yet


class BadPath(ValueError):
    """A text that names no path here; the message is a sentence."""


def read_path(text: str) -> Path:
    """Return the path that a text names, `~` taken for a home directory, whether there is a file or not.

    Raises BadPath where the system could not open it, whatever is there: an unknown user, a name that is too long,
    a folder that may not be entered. Asking about the path raises nothing after that.
    """
    try:
        path = Path(text).expanduser()
        path.stat()
    except OSError as error:
        if error.errno in _FREE:
            return path
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        raise BadPath(f"{shown} cannot be used as a path: {error.strerror or error}.") from None
    except RuntimeError:  # of expanduser
        raise BadPath(f"There is no user {text.partition('/')[0].removeprefix('~')} on this machine.") from None
    except ValueError:  # a NUL, or what the system's encoding has not
        raise BadPath("A path cannot have these characters.") from None
    return path
