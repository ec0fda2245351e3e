"""Keys in memory: what kind they are, whether they can be one, and how they are kept out of everything shown."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, NoReturn, Self

from tui.api.redaction import PREFIXES, mask, remember

if TYPE_CHECKING:
    from tui.api.operation import Key


class Secret:
    """A key that shows as `sk-proj-…abcd` wherever it is printed, formatted or logged, and cannot be pickled.

    Its value, once made, is known to `redact` for the life of the process.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value
        remember(value)

    def reveal(self) -> str:
        """Return the key itself: for the header that carries it and the keyring that stores it."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({mask(self.__value)})"

    def __str__(self) -> str:
        return mask(self.__value)

    def __format__(self, spec: str) -> str:
        """Return what it shows as or, with the spec `end`, only its last characters."""
        return f"…{str(self).partition('…')[2]}" if spec == "end" else format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__value.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not written down")


def kind_of(key: str) -> Key | None:
    """Return the slot a key belongs to by its prefix, or None where the prefix does not tell."""
    return next((kind for prefix, kind in PREFIXES if key.startswith(prefix)), None)


def check_key(text: str, shortest: int = 20) -> Secret:
    """Return a pasted or configured key, without the blanks around it: at least `shortest` characters of ASCII.

    Raises:
        BadKey: it cannot be a key; says where the fault is, never what stands there.
    """
    from tui.api.errors import BadKey

    key = text.strip()
    then = "Copy the whole key again, and nothing else."
    fault = re.search(r"[^!-~]|^[\"'`]|[\"'`]$", key)
    if fault:
        character = fault[0]
        what = "a line break" if character in "\r\n" else "a blank" if character.isspace() else ""
        what = what or ("a quotation mark" if character in "\"'`" else "")
        what = what or ("a control character" if ord(character) < 0x20 else "a character that is not ASCII")
        raise BadKey(f"The key has {what} at position {fault.start() + 1}.", then)
    if len(key) < shortest:
        raise BadKey(f"The key is too short, with {len(key)} of at least {shortest} characters.", then)
    if len(key) > 512:
        raise BadKey(f"The key is too long: {len(key)} characters.", then)
    return Secret(key)


def fingerprint(secret: Secret) -> str:
    """Return a short name by which a key is told from others and cannot be found again."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()[:12]
