"""Texts that have hurt a terminal program, or may: what strangers can put into a name, a title or an answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESC, _ST = "\x1b", "\x1b\\"

# What a terminal does when it is told so, by the sequences that begin with escape.
_SEQUENCES = (
    "[2J", "[H", "[3J", "[31m", "[?1049l", "[?25l", "[?1000h", "[?2004h", "[6n", "[c", "[>c", "[5n", "[21t",
    "[18t",
    "[8;1;1t", "[1;1r", "[4h", "[20h", "[9999A", "[9999C", "[0K", "[1P", "[1M", "[s", "[u", "[>4;2m", "[?u",
    "[=31u",
    "[1$w", "[?2026h", "[200~", "[201~", "c", "7", "8", "D", "M", "N", "O", "Z", "=", ">", "(0", "#8", "%G",
    "n", "|",
    "[", "[3", "[38;2;1;2", "[?", "P", "]", "_", "^", "X",
)  # fmt: skip
_STRINGS = (
    "]0;title", "]1;icon", "]2;title", "]4;1;?", "]7;file://host/etc", "]8;;http://evil.example", "]9;told",
    "]10;?", "]11;?", "]12;red", "]22;wait", "]50;font", "]52;c;aGk=", "]52;c;?", "]104", "]133;A",
    "]777;notify;a;b",
    "]1337;File=name=eA==:eA==", "P+q544e", "P$q\"p", "Pq#0;2;0;0;0", "Ptmux;\x1b\x1b]0;t\x07",
    "_Gi=1;AAAA", "^private",
    "Xstring", "]66;s=2;big",
)  # fmt: skip

_UNSEEN = "".join(map(chr, (
    *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C, 0x180E, 0x00AD, 0x034F,
    0x115F, 0x1160, 0x17B4, 0x3164, 0xFFA0, 0xFFF9, 0xFFFA, 0xFFFB, 0xE0001, 0xE0041, 0xE007F, 0xFE0F, 0xE0100,
)))  # fmt: skip
_NONE = "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff\ue000\uf8ff\U000f0000\U0010fffd"  # no characters, or private

_MARKUP = (
    "[/]", "[/oops]", "[bold", "[red]red", "[@click=app.bell]press[/]", "[@click=app.exit()]",
    "[link=https://e.x]a[/link]",
    "[link", "\\[/x]", "\\\\[/x]", "[[/x]]", "[$primary]x", "[not bold]", "[on red]", "[#fff]", "]", "[",
    ":smile:",
    "{0}", "{name}", "%s%n", "$(id)", "`id`", "${HOME}", "; rm -rf /", "&& id", "| id", "<script>", "&lt;",
    "<!--",
)  # fmt: skip
_FORMULAS = (
    "=1+1", "=cmd|'/c calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1+1", "－1+1",
    "＠SUM(A1)",
    '=HYPERLINK("http://e.x")', '"=1', "'=1", " =1",
)  # fmt: skip
_PATHS = (
    "../../../../etc/passwd", "/etc/passwd", "..", ".", "~root", "~nobody-here/x", "C:\\Windows\\win.ini",
    "CON", "NUL.txt",
    "com1", "aux.jsonl", "-rf", "--help", ".bashrc", "a/b", "a\\b", "a:b", "a*?\"<>|b", "name.", "name ",
    " name",
    "file:///etc/passwd", "\\\\host\\share", "%2e%2e%2f", "nul\x00.jsonl",
)  # fmt: skip
_WIDE = (
    "家族の写真-データセット", "한국어", "👩‍👩‍👧‍👦🏳️‍🌈👍🏽", "👩" + "\u200d👩" * 40, "\u200d" * 40, "🇩🇪🇫🇷🇩", "❤️☺︎#️⃣",
    "x\u200dy",
    "e" + "\u0301" * 200, "\u0301\u0301start", "\u0e33\u0e33", "\u094d\u200dक", "ﷺ" * 8, "שלום עולם",
    "مرحبا", "می\u200cخواهم",
    "\u202eabc\u202c", "\u2066ab\u2069", "ｆｕｌｌ", "½⅓㎏", "\u00a0\u2003\u3000", "İıſß", "\U0001f1e6" * 9,
    "\U0001f9d1\U0001f3fd" * 5,
    "\u1112\u1161\u11ab", "\u20e3", "a\u0338=", "\ufe0f\ufe0f",
)  # fmt: skip
_LONG = (
    "long-" * 1000,
    "漢" * 700,
    "\x1b[31m" * 400,
    "[" * 500,
    "(" * 500,
    "a\n" * 300,
    " " * 300,
    "\t" * 80,
    "0" * 400,
)
_PLAIN = (
    "",
    " ",
    "\n",
    "null",
    "None",
    "NaN",
    "-0",
    "1e999",
    "true",
    "{}",
    "[]",
    '{"a":',
    "0x1F",
    "١٢٣",
    "…",
    "·",
    "—",
    "%",
)


def _texts() -> Iterator[str]:
    yield from (f"a{_ESC}{each}b" for each in _SEQUENCES)
    yield from (f"a{_ESC}{each}{end}b" for each, end in zip(_STRINGS, itertools.cycle(("\x07", _ST, "\x9c"))))
    yield from (f"a{chr(code)}b" for code in (*range(0x20), *range(0x7F, 0xA0)))  # C0, DEL and C1
    yield from (f"a{chr(code)}0;tb\x9c" for code in (0x90, 0x9B, 0x9D, 0x9E, 0x9F))
    yield from (f"a{sign}b" for sign in _UNSEEN + _NONE)
    yield from ("a\ud800b", "\udfff", "\ud83d", "\udc80\udcff", "a\ud800\u0301")
    yield from (*_MARKUP, *_FORMULAS, *_PATHS, *_WIDE, *_LONG, *_PLAIN)


TEXTS = tuple(_texts())
# What tells one part of an object from another, without which nothing of it is shown.
KINDS = frozenset(("object", "type", "status", "role", "state", "event"))


def fill(value: Any, texts: Iterator[str], *, keep: frozenset[str] = KINDS) -> Any:

    if isinstance(value, list):
        return [fill(each, texts, keep=keep) for each in value]
    if isinstance(value, dict):
        return {
            key: each
            if key in keep
            else {next(texts): next(texts)}
            if key == "metadata"
            else fill(each, texts, keep=keep)
            for key, each in value.items()
        }
    return next(texts) if isinstance(value, str) else value
