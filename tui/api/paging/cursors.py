"""The values by which a list leads on: a cursor, and whether there is more."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

_IN_URL = ("after", "page", "cursor")  # where the cursor stands in the address of a page
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_flag(value: object) -> bool | None:
    """Read a yes or no in the spellings that servers have for it; None where nothing is said."""
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    return bool(value) if isinstance(value, int | float) else None


def write_cursor(value: object) -> str | None:
    """Return a cursor as text; some servers count, and some give the whole address of the next page."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and "?" in value and value.startswith(("http://", "https://", "/")):
        return next(
            (found[-1] for name, found in parse_qs(urlsplit(value).query).items() if name in _IN_URL), None
        )
    return value if isinstance(value, str) and value else None
