"""What of a config file may have been meant to forbid writing, though it cannot be used as it stands."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_MEANT = "readonly"
_NEAR = 0.8
_OPPOSITES = ("rw", "write", "writes", "writing", "writable", "readwrite")


def may_forbid(name: object, value: object) -> bool:
    """Return whether what is ignored, a setting or all in a table, may stand for `read_only = true`."""
    if isinstance(value, dict):
        return any(may_forbid(*each) for each in value.items())
    if isinstance(value, list) and any(may_forbid("", each) for each in value):
        return True
    if value is False:
        return _keep_letters(name) in _OPPOSITES
    return _is_near(name) or (isinstance(value, str) and _is_near(value))


def _is_near(words: object) -> bool:
    plain = _keep_letters(words)
    return plain == "ro" or (
        len(plain) < 2 * len(_MEANT) and SequenceMatcher(None, plain, _MEANT).ratio() >= _NEAR
    )


def _keep_letters(words: object) -> str:
    return re.sub("[^a-z]", "", str(words).lower())
