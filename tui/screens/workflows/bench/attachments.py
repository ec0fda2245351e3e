"""Images and files shown along with a message: `@` before a path on this machine, or before a file's id.

A path with spaces stands in quotes: `@"my file.pdf"`.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from tui.resources.files import FILES
from tui.resources.language.cells import short_size
from tui.system.paths import BadPath, read_path
from tui.workflows.generation.dialects import UserTurn

if TYPE_CHECKING:
    from pathlib import Path

    from tui.api.client import Client

MAX_BYTES = 20 << 20  # of one file, as it travels inside the request
_AFTER = ".,;:!?)"  # what a sentence puts after a name
_NAMED = re.compile(r'(?:^|(?<=\s))@(?:"(?P<quoted>[^"\n]+)"|(?P<name>\S+))')


class BadAttachment(ValueError):
    """A file that cannot be shown; the message is a sentence."""


async def read_with_files(text: str, client: Client) -> UserTurn:
    """Return what was written, with the files it names. Other words that begin with `@` stay words.

    The platform is asked what a file of its own is called, as that tells whether it is an image.

    Raises BadAttachment and ApiError.
    """
    said = UserTurn(text)
    for match in _NAMED.finditer(text):
        name = match["quoted"] or match["name"]
        if not match["quoted"] and not _find_file(name):
            name = name.rstrip(_AFTER)
        if re.fullmatch(r"file[-_]\w+", name):
            said.files.append((await _fetch_name(name, client), name))
        elif path := _find_file(name):
            said.files.append((path.name, await asyncio.to_thread(_data_url_of, path)))
        elif "/" in name or match["quoted"]:
            raise BadAttachment(f"There is no file {name}; nothing was sent.")
    return said


def _find_file(name: str) -> Path | None:
    """Return the file of this name; None where there is none."""
    try:
        path = read_path(name)
    except BadPath:
        return None
    return path if path.is_file() else None


async def _fetch_name(id_: str, client: Client) -> str:
    """Return the name of a file of the platform, or its id where that cannot be asked for."""
    if FILES.get is None:
        return id_
    filename = (await client.call(FILES.get, {"file_id": id_})).get("filename")
    return filename if isinstance(filename, str) and filename else id_


def _data_url_of(path: Path) -> str:
    """Return a file as a data URL."""
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
