"""Images and files shown along with a message: `@` before a path on this machine, or before a file's id."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from base64 import b64encode
from pathlib import Path

from tui.resources.cells import short_size
from tui.screens.bench.dialects import Said

MAX_BYTES = 20 << 20  # of one file, as it travels inside the request
_NAMED = re.compile(r"(?:^|(?<=\s))@(?P<name>\S+)")


class BadAttachment(ValueError):
    """A file that cannot be shown; the message is a sentence."""


async def attached(text: str) -> Said:
    """What was written, with the files it names. Other words that begin with `@` stay words.

    Raises BadAttachment.
    """
    said = Said(text)
    for match in _NAMED.finditer(text):
        name = match["name"]
        if re.fullmatch(r"file[-_]\w+", name):
            said.files.append((name, name))
        elif (path := Path(name).expanduser()).is_file():
            said.files.append((path.name, await asyncio.to_thread(_inlined, path)))
        elif "/" in name:
            raise BadAttachment(f"There is no file {name}; nothing was sent.")
    return said


def _inlined(path: Path) -> str:
    """A file as a data URL."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadAttachment(
                f"{path.name} has {short_size(size)}; at most {MAX_BYTES >> 20} MiB go with a message."
            )
        content = path.read_bytes()
    except OSError as error:
        raise BadAttachment(f"{path.name} cannot be read: {error.strerror or error}.") from None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(content).decode('ascii')}"
