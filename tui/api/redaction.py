"""Removing keys from text: those known to this process, and whatever looks like one."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from tui.api.operation import Key

if TYPE_CHECKING:
    from collections.abc import Callable

_LONG_ENOUGH_TO_SHOW_ITS_END = 20
PREFIXES: tuple[tuple[str, Key], ...] = (
    ("sk-admin-", Key.ADMIN),
    ("sk-svcacct-", Key.PROJECT),
    ("sk-proj-", Key.PROJECT),
    ("sk-", Key.PROJECT),
)


def mask(key: str) -> str:
    """Return a key's prefix and, of a long key, its last four characters."""
    prefix = next((prefix for prefix, _ in PREFIXES if key.startswith(prefix)), "")
    return f"{prefix}…{key[-4:] if len(key) >= _LONG_ENOUGH_TO_SHOW_ITS_END else ''}"


# The only state of the process: a crash report is redacted when no connection, client or app may be left to ask,
# and a key that was replaced must not appear in what is printed later. `Secret` adds to it; nothing leaves.
_known: dict[str, str] = {}


def remember(value: str) -> None:
    """Have `redact` know a key, in the forms in which it could turn up, while the process lives."""
    global _known
    if len(value) >= 12:  # shorter ones are placeholders for local servers, and words found everywhere
        encoded = base64.b64encode(value.encode(errors="replace")).decode().rstrip("=")
        forms = (value, quote(value, safe=""), repr(value)[1:-1], encoded)
        known = {**_known, **dict.fromkeys(forms, mask(value))}
        longest_first = sorted(known, key=len, reverse=True)  # one key may begin as another does
        _known = {each: known[each] for each in longest_first}  # a new one: a thread may be reading the old


def hide_echoes(body: bytes) -> bytes:
    """Return an answer's body without the keys in use, should the platform or a proxy repeat one.

    Only what is as long as OpenAI's keys is looked for: a shorter one may be a word of the answer.
    """
    for value, masked in _known.items():
        if len(value) >= _LONG_ENOUGH_TO_SHOW_ITS_END and (echo := value.encode(errors="replace")) in body:
            body = body.replace(echo, masked.encode())
    return body


def find_known(line: str) -> list[tuple[int, int]]:
    """Return from where to where a key known to this process stands in a line, in order."""
    found = [
        (at, at + len(value))
        for value in _known
        if value in line
        for at in range(len(line))
        if line.startswith(value, at)
    ]
    return sorted(found)


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
        lambda match: mask(match[0]),
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
_WORDS = tuple(word for words, _, _ in _PATTERNS for word in words)


def redact(text: str) -> str:
    """Return the text without keys: those known to this process, and whatever looks like one."""
    for value, masked in _known.items():
        if value in text:
            text = text.replace(value, masked)
    lowered = text.lower()
    if not any(map(lowered.__contains__, _WORDS)):  # as in nearly all
        return text
    for words, pattern, shown in _PATTERNS:
        if any(word in lowered for word in words):
            text = pattern.sub(shown, text)
    return text
