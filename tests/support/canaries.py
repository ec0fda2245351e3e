"""The keys that the suite gives the program, and whether anything has kept one."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROJECT_KEY = "sk-test-only-project-key"
ADMIN_KEY = "sk-admin-test-only-key"
_MOST = 4 << 20  # bytes of a file that are looked at


def _forms(key: str) -> Iterator[str]:
    """The forms in which a key may be kept: its beginning, with its signs written otherwise, in base64."""
    yield key[:14]
    yield quote(key[:14], safe="").replace("-", "%2D")
    for before in range(3):  # whatever stands before it moves the letters of base64
        yield b64encode(b" " * before + key.encode()).decode()[4:20]


_SEEN = re.compile("|".join(re.escape(form) for key in (PROJECT_KEY, ADMIN_KEY) for form in _forms(key)))
_SEEN_IN_BYTES = re.compile(_SEEN.pattern.encode())


def find_key(text: str | bytes) -> str:
    """Return what a text shows of a key, and what stands around it; "" where it shows none."""
    found = _SEEN_IN_BYTES.search(text) if isinstance(text, bytes) else _SEEN.search(text)
    return repr(text[max(0, found.start() - 60) : found.end() + 20]) if found else ""


def find_kept_keys(folder: Path) -> list[str]:
    """Return what the files below a folder hold of keys, and in which."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    read = ((path, path.open("rb").read(_MOST)) for path in files)
    return [f"{path}: {found}" for path, content in read if (found := find_key(content))]
