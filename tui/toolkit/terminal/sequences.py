"""What the terminal shows or rings outside the screen: a notification, the bell, its title."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tui.text import clean
from tui.toolkit.presenting import hide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

BELL = "\a"
LONGEST = 200  # characters of a notification


def wrap_for_multiplexer(sequence: str, env: Mapping[str, str]) -> str:
    """Return a sequence wrapped so that tmux or screen passes it on to the terminal, where one of them runs."""
    if env.get("TMUX"):
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
    if env.get("TERM", "").startswith("screen"):
        return f"\x1bP{sequence}\x1b\\"
    return sequence


def build_notification(text: str, env: Mapping[str, str]) -> str:
    """Return the bell and what shows a desktop notification: OSC 9, and OSC 777 for other terminals."""
    words = clean(text, LONGEST).replace(";", ",")
    sequences = (f"\x1b]9;{words}\x07", f"\x1b]777;notify;o9s;{words}\x07")
    return BELL + "".join(wrap_for_multiplexer(sequence, env) for sequence in sequences)


def build_title(text: str) -> str:
    """Return what sets the title of the terminal; the empty text has the terminal choose."""
    return f"\x1b]2;{clean(text, LONGEST)}\x07"


def write(app: App[Any], sequence: str) -> None:
    """Send a sequence to the terminal of an application."""
    driver = app._driver  # the one way to the terminal
    if driver is not None:
        driver.write(sequence)


def notify_terminal(app: App[Any], text: str) -> None:
    """Ring, and have the terminal notify the user; whoever sees the screen sees that, too."""
    write(app, build_notification(hide(app, text), os.environ))
