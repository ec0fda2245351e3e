"""Terminal input, read so that nothing in it ends the program and nothing unknown acts as a key.

Textual's own reader raises for a number it does not expect, which ends the program, and takes the characters of
a sequence it does not know for keys: `ESC[<32;NaN;NaNM`, which terminals do send, would type `<32;NaN;NaNM`.
This one splits the input by the grammar of ECMA-48 first, and ignores whole what Textual has no meaning for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from textual import constants, events, messages
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._time import get_time
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, FOCUSIN, FOCUSOUT, XTermParser
from textual.keys import Keys

from tui.toolkit.terminal import flow
from tui.toolkit.terminal.ground import read_ground

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.message import Message

ESC = "\x1b"

# A number that a terminal could not write stands as a word in what it sends.
_PARAMETERS = r"(?:NaN|Infinity|undefined|null|[ -?])*+"
_STRING = r"\x1b[\]P_^X][^\x07\x1b]*+"  # a title, a colour, a clipboard

_WHOLE = re.compile(
    r"\x1b\[\[[\s\S]"  # function keys of the Linux console
    r"|\x1b\[\d+\$"  # shift and a key, by rxvt
    r"|\x1b\[<[^\x00-\x1f]*?[Mm]"  # mouse
    r"|\x1b\[M[^\x1b]{3}"  # mouse, as it was before
    rf"|\x1b\[(?![\[<M]){_PARAMETERS}[@-~]"
    r"|\x1bO[ -?]*+[@-~]"
    rf"|{_STRING}(?:\x07|\x1b\\)"
    r"|\x1b[^\x1b\[O\]P_^X]"  # alt and a key
)
_BEGUN = re.compile(
    rf"{_STRING}(?:\x1b(?=\Z))?|\x1b(?:\[(?:\[|<[^\x00-\x1f]*+|M[^\x1b]{{0,2}}|{_PARAMETERS})|O[ -?]*+)?"
)

_KEY = re.compile(r"\x1b\[(\d*)(?:;\d*(?:;([\d:]*))?)?([u~A-HPQRS])")
_HUGE = re.compile(r"\d{7}")
_MOUSE = re.compile(r"\x1b\[<(?:\d|\d\d|1[01]\d|12[0-7]);\d+;\d+[Mm]")
_CURSOR = re.compile(r"\x1b\[(\d+);(\d+)R")
_SYNCHRONIZED = re.compile(r"\x1b\[\?2026;[1-9]\$y")


PASTE_PAUSE = 1.0  # seconds without a byte after which a paste is taken as it is: its end got lost


def _paste_of(text: str) -> events.Paste:
    """Return the event of a text that was pasted."""
    return events.Paste(text.replace("\x00", ""))


class CarefulParser(XTermParser):
    """Makes events of what a terminal sends. `feed` and `tick` are called as Textual's drivers do."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._text = ""  # what has come and is no whole sequence yet
        self._pasted: list[str] | None = None  # what a paste that goes on has brought
        self._came = 0.0

    def feed(self, data: str) -> Iterator[Message]:
        """Take in text; gives what is whole by now."""
        self._text += data
        self._came = get_time()
        yield from self._read()

    def tick(self) -> Iterator[Message]:
        """Take a pause for the end of what was begun: the escape key, or a sequence or paste that was cut."""
        if self._pasted is not None and get_time() - self._came >= PASTE_PAUSE:
            pasted, self._pasted, self._text = "".join((*self._pasted, self._text)), None, ""
            yield _paste_of(pasted.removesuffix(ESC))
        elif self._text and get_time() - self._came >= constants.ESCAPE_DELAY:
            yield from self._read(over=True)

    def _read(self, over: bool = False) -> Iterator[Message]:
        """Yield the events of what is whole; what is not waits, unless it is `over`."""
        while self._text:
            if self._pasted is not None:
                pasted = self._paste(over)
                if pasted is None:
                    return
                yield pasted
            elif not self._text.startswith(ESC):
                plain, escape, rest = self._text.partition(ESC)
                self._text = escape + rest
                for character in plain:
                    yield from self._keys(character)
            elif whole := _WHOLE.match(self._text):
                self._text = self._text[whole.end() :]
                yield from self._build_events(whole.group())
            elif (begun := _BEGUN.match(self._text)) and begun.end() == len(self._text):
                if not over:
                    return
                cut, self._text = self._text, ""
                if cut == ESC:
                    yield events.Key("escape", ESC)
                elif len(cut) == 2:
                    yield from self._keys(cut[1], alt=True)
            else:  # no sequence goes on so: what was begun is dropped, what follows is read by itself
                broken = begun.end() if begun else 1
                if broken == 1:
                    yield events.Key("escape", ESC)
                self._text = self._text[broken:]

    def _paste(self, over: bool) -> Message | None:
        """Return the paste once it is whole. The escape key ends a paste whose end got lost."""
        assert self._pasted is not None
        text, end, rest = self._text.partition(BRACKETED_PASTE_END)
        lost = over and not end and text.endswith(ESC)
        if not end and not lost:
            keep = len(BRACKETED_PASTE_END) - 1  # the end may have come in part
            self._pasted.append(text[:-keep])
            self._text = text[-keep:]
            return None
        self._pasted.append(text.removesuffix(ESC) if lost else text)
        pasted, self._pasted, self._text = "".join(self._pasted), None, rest
        return _paste_of(pasted)

    def _build_events(self, sequence: str) -> Iterator[Message]:
        """Return the events of a whole sequence; none where it is not known."""
        if sequence == BRACKETED_PASTE_START:
            self._pasted = []
        elif sequence == FOCUSIN:
            yield events.AppFocus()
        elif sequence == FOCUSOUT:
            yield events.AppBlur()
        elif ground := read_ground(sequence):
            yield ground
        elif sequence == flow.ANSWER:
            yield flow.Arrived()
        elif _HUGE.search(sequence):
            return
        elif cursor := _CURSOR.fullmatch(sequence):
            yield events.CursorPosition(int(cursor[2]) - 1, int(cursor[1]) - 1)
        elif _SYNCHRONIZED.fullmatch(sequence):
            yield messages.TerminalSupportsSynchronizedOutput()
        elif _MOUSE.fullmatch(sequence):
            if event := self.parse_mouse_code(sequence):
                yield event
        elif keys := list(self._keys(sequence)):
            yield from keys
        elif len(sequence) == 2:
            yield from self._keys(sequence[1], alt=True)

    def _keys(self, sequence: str, alt: bool = False) -> Iterable[Message]:
        try:
            return [key for key in self._sequence_to_key_events(sequence, alt) if key.key != Keys.Ignore]
        except (ValueError, OverflowError):
            return []

    @lru_cache(maxsize=1024)  # noqa: B019  # as the one it stands for: there is one reader
    def _parse_extended_key(self, sequence: str) -> list[events.Key] | None:
        """Read a key of the kitty protocol: none where it has none such, None where it may be another's.

        Textual takes any number for a character: `ESC[4B` would be ctrl+d.
        """
        key = _KEY.fullmatch(sequence)
        if key is None:
            return [] if sequence.startswith("\x1b[") and sequence.endswith("u") else None
        code, texts, end = int(key[1] or 1), key[2] or "", key[3]
        text = "".join(chr(int(part)) for part in texts.split(":") if part)
        known = f"{code}{end}" in FUNCTIONAL_KEYS or (end == "u" and chr(code).isprintable())
        if not known or (text and not text.isprintable()):
            return [] if end == "u" else None
        return super()._parse_extended_key(sequence)
