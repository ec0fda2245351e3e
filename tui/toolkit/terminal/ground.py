"""The background of the terminal: whether it is dark, asked at the start, and told by some when it changes."""

from __future__ import annotations

import re

from textual.message import Message

FOLLOW = "\x1b[?2031h\x1b]11;?\x1b\\"
"""Asks what colour the background is, and to be told when it becomes dark or light."""
LEAVE = "\x1b[?2031l"
"""Ends that."""

_COLOUR = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_CHANGE = re.compile(r"\x1b\[\?997;([12])n")
_WEIGHTS = (0.2126, 0.7152, 0.0722)  # how much red, green and blue add to what is seen as light


class GroundTold(Message):
    """The terminal told that its background is dark, or light."""

    def __init__(self, *, is_dark: bool) -> None:
        super().__init__()
        self.is_dark = is_dark


def read_ground(sequence: str) -> GroundTold | None:
    """Return what a sequence from the terminal tells of its background; None where it is another's."""
    if change := _CHANGE.fullmatch(sequence):
        return GroundTold(is_dark=change[1] == "1")
    if colour := _COLOUR.match(sequence):
        parts = (int(part, 16) / (16 ** len(part) - 1) for part in colour.groups())
        return GroundTold(is_dark=sum(map(float.__mul__, _WEIGHTS, parts)) < 0.5)
    return None
