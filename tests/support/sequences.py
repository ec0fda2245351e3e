"""Escape sequences as terminals send them, right and wrong, that are no plain keys."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ODD = (
    "",
    "0",
    "1",
    "2",
    "5",
    "27",
    "106",
    "113",
    "1114112",
    "55296",
    "99999999999",
    "-1",
    "-7",
    "1:1",
    "3:2",
    "106:74",
)
_WORDS = ("NaN", "Infinity", "undefined", "null")
_FINALS = "uABCDEFHPQRS~MmcntyZIO"


def corpus(count: int, seed: int) -> Iterator[str]:
    """Give `count` sequences; none of them is a letter, so none may type or act as one."""
    chance = random.Random(seed)

    def number() -> str:
        if chance.random() < 0.6:
            return chance.choice(_ODD)
        return str(chance.choice((chance.randrange(300), chance.randrange(70_000), chance.randrange(10**12))))

    def parameters() -> str:
        return chance.choice((";", ":", ";;")).join(number() for _ in range(chance.randrange(1, 6)))

    def csi() -> str:
        return f"\x1b[{chance.choice(('', '', '?', '>', '='))}{parameters()}{chance.choice(_FINALS)}"

    def kitty() -> str:
        code = chance.choice((chance.randrange(32), chance.randrange(128, 160), chance.randrange(55_296, 57_344)))
        return f"\x1b[{code};{parameters()}{chance.choice('u~')}"

    def mouse() -> str:
        odd = [number() if chance.random() < 0.5 else chance.choice(_WORDS) for _ in range(3)]
        odd[chance.randrange(3)] = chance.choice(_WORDS)
        return f"\x1b[<{';'.join(odd)}{chance.choice('Mm')}"

    def words() -> str:
        return f"\x1b[{chance.choice(_WORDS)};{number()}{chance.choice('u~Rt')}"

    def old_mouse() -> str:
        return "\x1b[M" + "".join(chr(chance.randrange(32, 127)) for _ in range(3))

    def string() -> str:
        text = "".join(chr(chance.randrange(32, 127)) for _ in range(chance.randrange(60)))
        return "\x1b" + chance.choice("]P_^X") + text + chance.choice(("\x07", "\x1b\\"))

    kinds = (csi, csi, kitty, mouse, words, old_mouse, string)
    while count:
        sequence = chance.choice(kinds)()
        if not _key(sequence):
            count -= 1
            yield sequence


def _key(sequence: str) -> bool:
    """Whether this is a key after all, or a key with text, as the kitty protocol and xterm have them."""
    found = re.fullmatch(r"\x1b\[(\d*)(?:;\d*(?:;[\d:]*)?)?([u~A-HPQRSZIO])", sequence)
    if not found:
        return False
    code, end = int(found[1] or 1), found[2]
    return code in (9, 13, 27) or 32 <= code < 127 or 160 <= code < 0x110000 if end == "u" else code < 64
