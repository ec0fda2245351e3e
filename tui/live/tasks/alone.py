"""Work that two programs must not do at once, such as filling one store."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.system.locking import lock
from tui.system.private_files import open_private, state_file

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def be_alone(kind: str, owner: str, what: str) -> Iterator[None]:
    """Keep other programs of this user from work of a kind, of one `owner`, for the time of the block.

    `what` says in a sentence what another one does. Raises ApiError where one does; where nothing can be kept on
    the disk, nobody is kept from anything.
    """
    try:
        path = state_file(kind, owner).with_suffix(".lock")
        file = open_private(path, "ab")
    except OSError:
        yield
        return
    with file:
        # What was locked may have been removed meanwhile by the program that had it before.
        if not lock(file) or not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise ApiError(f"{what}.", "Wait until that has ended, or end it.")
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
