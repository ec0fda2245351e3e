"""The one door for text from outside: what the platform, files and people named, made safe to show.

Textual passes ESC and C1 through to the terminal and runs markup found in data; a name may therefore repaint the
screen or set the clipboard. Whatever reaches a widget went through `clean` here and is handed over as plain text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from decimal import Decimal
from typing import Literal

_ELLIPSIS = "…"
_MARKS_PER_BASE = 8
_JOINS_PER_EMOJI = 3  # the longest emoji the standard recommends joins four people
_ZWJ = "\u200d"
_EMOJI = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINT = re.compile(f"(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f)){_ZWJ}(?=[{_EMOJI}])")
# Blank or invisible, though Unicode does not class them as controls or formats.
_UNSEEN = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0))
_WHITESPACE = {0x09: "⇥", 0x0A: "↵", 0x0D: "␍"}


def _is_no_character(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


_ESCAPE = re.compile(r"\\(?:\\|ud[89ab]..\\ud[c-f]..|(?P<half>ud[89a-f]..))")  # whole characters are pairs
_HALF = re.compile("[\ud800-\udfff]")


def replace_halves(text: str) -> str:
    """Return JSON with U+FFFD for each half of a character, escaped or not: readers such as jq refuse it all."""
    if "\\ud" in text:
        text = _ESCAPE.sub(lambda found: "\\ufffd" if found["half"] else found[0], text)
    return text if text.isascii() else _HALF.sub("\ufffd", text)


class _Visible(dict[int, str]):
    """The visible form of each character, found when first met; bounded, as any may come from outside."""

    def __missing__(self, code: int) -> str:
        shown = _show(code)
        if len(self) < 4096:
            self[code] = shown
        return shown


def _show(code: int) -> str:
    """Return the visible form of one character: itself where that is harmless."""
    if code in _WHITESPACE:
        return _WHITESPACE[code]
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x80 <= code < 0xA0:
        return f"\\x{code:02x}"
    category = unicodedata.category(chr(code))
    if category == "Cs":
        return "\ufffd"
    if category in ("Cf", "Zl", "Zp", "Co") or code in _UNSEEN or _is_no_character(code):
        return f"‹U+{code:04X}›"
    return chr(code)


_VISIBLE = _Visible()


def clean(value: object, limit: int = 2000) -> str:
    """Make a value one harmless line of at most `limit` characters.

    Controls become pictures (`␛`, `↵`, `\\x9b`), lone surrogates U+FFFD. Characters that cannot be seen, change
    the direction, are for private use or are none become their number (`‹U+202E›`). Emoji joins are kept inside
    emoji only. None is the empty text.
    """
    text = value if isinstance(value, str) else "" if value is None else str(value)
    # Cut before the work, so that a huge value costs no more than a long one.
    cut = len(text) > limit
    if cut:
        text = text[:limit]
    if not (text.isascii() and text.isprintable()):
        text = _clean_unicode(text)
    if cut or len(text) > limit:
        text = text[: max(limit - 1, 0)] + _ELLIPSIS[:limit]
    return text


def _clean_unicode(text: str) -> str:
    """Do the work of `clean` for text that holds more than printable ASCII."""
    joins = {match.start() for match in _JOINT.finditer(text)} if _ZWJ in text else set[int]()
    from rich.cells import get_character_cell_size

    shown = text.translate(_VISIBLE) if not joins else _translate_around(text, joins)
    if shown.isascii() or all(map(get_character_cell_size, shown)):
        return shown
    return _limit_marks(shown)


def _translate_around(text: str, joins: set[int]) -> str:
    """Translate all but the joiners at `joins`, as long as they do not chain without end."""
    kept: list[str] = []
    chain, last = 0, 0
    for position, character in enumerate(text):
        if position in joins:
            # Between two joins of one emoji stand its picture, a skin tone and a variation selector at most.
            chain = chain + 1 if position - last <= 4 else 1
            last = position
            kept.append(_ZWJ if chain <= _JOINS_PER_EMOJI else _VISIBLE[0x200D])
        else:
            kept.append(_VISIBLE[ord(character)])
    return "".join(kept)


def _limit_marks(text: str) -> str:
    """Drop what stacks too high on one base, and give a base to a mark that would land on its neighbour."""
    from rich.cells import get_character_cell_size

    kept: list[str] = []
    stacked = 0
    for character in text:
        if get_character_cell_size(character) or character == _ZWJ:
            stacked = 0
        else:
            stacked += 1
            if not kept:
                kept.append("◌")
            if stacked > _MARKS_PER_BASE:
                continue
        kept.append(character)
    return "".join(kept)


def visible(text: str) -> str:
    """Make a text harmless sign by sign: each character becomes one that can be shown, so positions stay.

    For what people edit, where the cursor counts characters. What `clean` would write in several is U+FFFD here.
    """
    if text.isascii() and text.isprintable():
        return text
    from rich.cells import get_character_cell_size

    joins = {match.start() for match in _JOINT.finditer(text)} if _ZWJ in text else set[int]()
    signs: list[str] = []
    stacked = 0
    for position, character in enumerate(text):
        sign = character if position in joins else _VISIBLE[ord(character)]
        stacked = 0 if get_character_cell_size(sign[0]) else stacked + 1
        signs.append(sign if len(sign) == 1 and stacked <= _MARKS_PER_BASE else "\ufffd")
    return "".join(signs)


# What moves the cursor, turns the direction of what follows, or is taken for a command.
_COMMANDING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """Drop from a text about to be drawn what a terminal would obey; no cell is lost, so the width stays."""
    return text if text.isascii() and text.isprintable() else _COMMANDING.sub(_replace, text)


def _replace(found: re.Match[str]) -> str:
    if found[0] >= "\ud800":
        return "\ufffd"  # Rich counts a cell for a lone surrogate
    # What joins two signs to one is not to join those on both sides of what is dropped.
    return "\u200b" if found.string.endswith("\u200d", 0, found.start()) else ""


def clean_lines(value: str, limit: int = 100_000) -> list[str]:
    """Make a text harmless lines: tabs expanded, at most `limit` characters in all, the rest marked by `…`."""
    text = value if len(value) <= limit else value[: limit - 1] + _ELLIPSIS
    return [clean(line.expandtabs(4), sys.maxsize) for line in re.split(r"\r?\n", text)]


def cell_width(text: str) -> int:
    """Return how many cells a clean text takes in the terminal."""
    if text.isascii():
        return len(text)
    # Rich is the width Textual draws by. Imported late: most text is ASCII, and commands start without it.
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int, align: Literal["left", "right"] = "left", middle: bool = False) -> str:
    """Clean a text and make it exactly `width` cells: padded, or cut with `…` at its end or `middle`."""
    if width <= 0:
        return ""
    text = clean(text)
    taken = cell_width(text)
    if taken > width:
        text = _shorten(text, width, middle)
        taken = cell_width(text)
    padding = " " * (width - taken)
    return padding + text if align == "right" else text + padding


def _shorten(text: str, width: int, middle: bool) -> str:
    """Cut a text to at most `width` cells, its `…` included."""
    tail_cells = (width - 1) // 2 if middle else 0
    head_cells = width - 1 - tail_cells
    if text.isascii():
        head = text[:head_cells].rstrip(".,") if middle else cut_between_numbers(text, head_cells)
        return head + _ELLIPSIS + _drop_cut_number(text, len(text) - tail_cells)
    from rich.cells import set_cell_size

    # A wide character that straddles the cut leaves a blank, which padding replaces.
    head = set_cell_size(text, head_cells)
    if not text.startswith(head):
        head = head[:-1]
    if not middle:
        head = cut_between_numbers(text, len(head))
    tail = _drop_cut_number(text, len(text) - tail_cells)
    while cell_width(tail) > tail_cells or tail[:1] in (_ZWJ, "\ufe0f"):
        tail = tail[1:]
    return head + _ELLIPSIS + tail


_NUMBER_AT_END = re.compile(r"(?<![A-Za-z0-9_.,])[-+$€£~≈]*\d[\d.,]*$")


_NUMBER_AT_START = re.compile(r"^[\d.,]+(?=[^A-Za-z0-9_])")


def _drop_cut_number(text: str, start: int) -> str:
    """Return a text from `start` on, less the end of a number that the cut would go through."""
    tail, before = text[start:], text[start - 1 : start]
    return _NUMBER_AT_START.sub("", tail, count=1) if before.isalnum() or before in tuple(".,") else tail


def cut_between_numbers(text: str, length: int) -> str:
    """Return the first `length` characters of a text, less the number that the cut would go through.

    A number without its last digits or its unit is another number.
    """
    head, following = text[:length], text[length : length + 1]
    return _NUMBER_AT_END.sub("", head) if following.isalnum() or following in tuple(".,%") else head


# What Windows reserves, whatever the extension.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_NAME_BYTES = 180


def safe_name(id_: str, filename: str) -> str:
    """Return the name under which a download is saved, `<id>-<its name>`: a plain file name on every system.

    It holds no directory, control, bidi or reserved character, starts with neither `.` nor `-`, and takes at
    most 180 bytes, its extension kept.
    """
    identity = _plain_name(id_)
    name = _plain_name(re.split(r"[/\\]", filename)[-1])
    whole = "-".join(part for part in (identity, name) if part) or "download"
    if _DEVICE.match(whole):
        whole = f"download-{whole}"
    stem, dot, extension = whole.rpartition(".")
    if not stem or len(extension.encode()) > 16:
        stem, dot, extension = whole, "", ""
    room = _NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + extension


def _plain_name(name: str) -> str:
    """Return a part of a file name without what some system or terminal gives a meaning."""
    normal = unicodedata.normalize("NFC", name.encode(errors="replace").decode())
    # Categories C*: controls, formats, private use and what is not assigned; Zl, Zp: separators of lines.
    seen = "".join(
        c for c in normal if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp")
    )
    return re.sub(r'[<>:"/\\|?*]', "_", seen).strip().lstrip(".-").rstrip(". ")


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# The wide ones mean the same where they are typed.
_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def write_csv_cell(value: object) -> str:
    """Return a value as a CSV cell for a file; text that a spreadsheet would run as a formula begins with `'`.

    Numbers stay numbers, and every character is kept but lone surrogates, which no file can hold: they are U+FFFD.
    """
    if isinstance(value, Decimal):  # an amount: all its digits, or nothing where none of it could be read
        return "" if getattr(value, "unread", 0) and not value else f"{value:f}"
    text = _LONE_SURROGATE.sub("\ufffd", "" if value is None else str(value))
    if isinstance(value, int | float) or _PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
