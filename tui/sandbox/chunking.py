"""Read text files and split them into the chunks that a vector store searches."""

from __future__ import annotations

import codecs
import itertools
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST = 8 * 2**20  # bytes that are read of a file; what follows is not found
_WORD = re.compile(r"\S{1,24}")  # stands for a token; what has no spaces counts too
_BINARY = frozenset((".doc", ".docx", ".gif", ".jpeg", ".jpg", ".pdf", ".png", ".pptx", ".webp", ".xlsx", ".zip"))


class Unreadable(ValueError):
    """A file without text that could be found. `code` is the platform's name for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_text(path: Path, filename: str) -> str:
    """Return the text of a file that is called `filename`. Raises `Unreadable`, FileNotFoundError."""
    with path.open("rb") as source:
        content = source.read(_MOST)
        whole = not source.read(1)
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=whole)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or PurePath(filename).suffix.lower() in _BINARY:
        raise Unreadable("unsupported_file", "[simulated] The sandbox can only read files of plain text.")
    if not text.strip():
        raise Unreadable("invalid_file", "The file holds no text.")
    return text


def split_text(text: str, size: int, overlap: int) -> Iterator[str]:
    """Split a text into chunks of `size` tokens; each repeats the last `overlap` of the one before."""
    words = (word.span() for word in _WORD.finditer(text))
    piece: list[tuple[int, int]] = []
    while more := list(itertools.islice(words, size - len(piece))):
        piece += more
        yield text[piece[0][0] : piece[-1][1]]
        piece = piece[size - overlap :]
