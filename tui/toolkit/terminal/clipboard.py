"""The clipboard, also from the far end of an SSH connection."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from tui.api.redaction import redact
from tui.text import fit
from tui.toolkit.presenting import hide
from tui.toolkit.terminal.sequences import wrap_for_multiplexer, write

if TYPE_CHECKING:
    from textual.app import App

_NAMED = 48  # cells of what was copied, in the sentence
MAX_ENCODED = 74_994  # terminals drop a longer OSC 52; the number is xterm's


def build_copy_sequence(text: str, env: dict[str, str] | None = None) -> str | None:
    """Return the sequence that has the terminal copy `text`, also in tmux and screen; None when too long."""
    env = dict(os.environ) if env is None else env
    encoded = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(encoded) > MAX_ENCODED:
        return None
    return wrap_for_multiplexer(f"\x1b]52;c;{encoded}\x07", env)


def put(app: App[Any], text: str) -> bool:
    """Have the terminal copy `text` as it is. Returns whether it could; where it is too long, that is said."""
    sequence = build_copy_sequence(text)
    if sequence is None:
        app.notify(f"{len(text):,} characters are too many for the terminal's clipboard.", severity="warning")
        return False
    write(app, sequence)  # not by Textual's own copy, which tmux would not pass on
    return True


def copy(app: App[Any], text: str) -> None:
    """Copy and say so; a key is not named whole. In presentation mode what is hidden is not copied either."""
    text = hide(app, text)
    if not put(app, text):
        return
    lines = text.count("\n") + 1
    what = f"{lines:,} lines" if lines > 1 else _name(text)
    app.notify(f"Copied {what}.", markup=False, timeout=2)


def _name(text: str) -> str:
    shown = redact(text)
    return fit(shown, min(_NAMED, len(shown)), middle=True).strip()
