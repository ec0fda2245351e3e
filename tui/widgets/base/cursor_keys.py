"""The keys that move the cursor of a view, the same in each."""

from __future__ import annotations

from textual.binding import Binding

_KEYS = {
    "down": ("down,j", "down"),
    "up": ("up,k", "up"),
    "page_down": ("pagedown", "page down"),
    "page_up": ("pageup", "page up"),
    "first": ("home,g", "first line"),
    "last": ("end,G", "last line"),
}


def bind_cursor(prefix: str, **actions: str) -> list[Binding]:
    """Return bindings with the ids `prefix.down` and so on, for the actions given by the name of the move."""
    return [
        Binding(keys, actions[name], label, id=f"{prefix}.{name}", show=False)
        for name, (keys, label) in _KEYS.items()
        if name in actions
    ]
