"""Keys in memory: what kind they are, whether they can be one, and how they are kept out of everything shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, NoReturn, Self
from urllib.parse import quote

from tui.api.operation import Key

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIXES: tuple[tuple[str, Key], ...] = (
    ("sk-admin-", Key.ADMIN),
    ("sk-svcacct-", Key.PROJECT),
    ("sk-proj-", Key.PROJECT),
    ("sk-", Key.PROJECT),
)
_LONG_ENOUGH_TO_SHOW_ITS_END = 20


class Secret:
    """A key that shows as `sk-proj-…abcd` wherever it is printed, formatted or logged, and cannot be pickled.

    Its value, once made, is known to `redact` for the life of the process.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value
        _remember(value)

    def reveal(self) -> str:
        """The key itself: for the header that carries it and the keyring that stores it."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({_masked(self.__value)})"

    def __str__(self) -> str:
        return _masked(self.__value)

    def __format__(self, spec: str) -> str:
        """As it shows, or with the spec `end` only its last characters."""
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
    """Which slot a key belongs to by its prefix, or None where the prefix does not tell."""
    return next((kind for prefix, kind in _PREFIXES if key.startswith(prefix)), None)


def check_key(text: str, shortest: int = 20) -> Secret:
    """Take a pasted or configured key: surrounding blanks go, what is left is printable ASCII.

    Raises:
        BadKey: it cannot be a key; says where the fault is, never what stands there.
    """
    from tui.api.errors import BadKey

    key = text.strip()
    then = "Copy the whole key again, and nothing else."
    fault = re.search(r"[^!-~]", key)
    if fault:
        character = fault[0]
        what = "a line break" if character in "\r\n" else "a blank" if character.isspace() else ""
        what = what or ("a control character" if ord(character) < 0x20 else "a character that is not ASCII")
        raise BadKey(f"The key has {what} at position {fault.start() + 1}.", then)
    if len(key) < shortest:
        raise BadKey(f"The key is too short: {len(key)} characters.", then)
    if len(key) > 512:
        raise BadKey(f"The key is too long: {len(key)} characters.", then)
    return Secret(key)


def fingerprint(secret: Secret) -> str:
    """A short name for a key by which it is told from others and cannot be found again."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()[:12]


def _masked(key: str) -> str:
    """The prefix and, of a long key, the last four characters."""
    prefix = next((prefix for prefix, _ in _PREFIXES if key.startswith(prefix)), "")
    return f"{prefix}…{key[-4:] if len(key) >= _LONG_ENOUGH_TO_SHOW_ITS_END else ''}"


_known: dict[str, str] = {}


def _remember(value: str) -> None:
    """Have `redact` know a key in the forms in which it could turn up."""
    if len(value) >= 12:  # shorter ones are placeholders for local servers, and words found everywhere
        encoded = base64.b64encode(value.encode(errors="replace")).decode().rstrip("=")
        forms = (value, quote(value, safe=""), repr(value)[1:-1], encoded)
        _known.update(dict.fromkeys(forms, _masked(value)))


# Each pattern is tried only where one of its words occurs in the lowered text: everything logged passes here.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (
        ("private key-----",),
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        "…private key…",
    ),
    # Not inside a word ("risk-assessment"), but after an escape such as \n or %20. What is masked already stays.
    (
        ("sk-",),
        re.compile(r"(?:(?<![A-Za-z0-9])|(?<=\\[abfnrtv])|(?<=%[0-9A-Fa-f]{2}))sk-[A-Za-z0-9_-]{8,}+(?!…)"),
        lambda match: _masked(match[0]),
    ),
    (("bearer",), re.compile(r"\b(bearer)\s+[^\s'\",;…]{4,}+(?!…)", re.IGNORECASE), r"\1 …"),
    (("cookie",), re.compile(r"\b((?:set-)?cookie['\"]?\s*[:=])\s*[^\r\n]+", re.IGNORECASE), r"\1 …"),
    (
        ("authorization",),
        re.compile(r"\b(authorization['\"]?\s*[:=]\s*b?['\"]?(?:[a-z]+\s+)?)[^\s'\",;…]+", re.IGNORECASE),
        r"\1…",
    ),
    (
        ("api-key", "api_key", "apikey"),
        re.compile(r"(\bapi[-_]?key['\"]?\s*[:=]\s*b?['\"]?)[^\s'\",;…]{4,}+(?!…)", re.IGNORECASE),
        r"\1…",
    ),
)


def redact(text: str) -> str:
    """The text without keys: those known to this process, and whatever looks like one."""
    for value, masked in _known.items():
        if value in text:
            text = text.replace(value, masked)
    lowered = text.lower()
    for words, pattern, mask in _PATTERNS:
        if any(word in lowered for word in words):
            text = pattern.sub(mask, text)
    return text
