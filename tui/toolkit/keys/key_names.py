"""Keys as they are named and shown, the user's own among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.keys import _character_to_key, key_to_character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.screen import Screen

_PRINTED = {_character_to_key(chr(code)) for code in range(33, 127)}
_SHORT = {"esc": "escape", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}


def find_own_bindings(kind: type) -> tuple[Binding, ...]:
    """Return the bindings with an id that a class itself declares."""
    return tuple(each for each in vars(kind).get("BINDINGS", ()) if isinstance(each, Binding) and each.id)


def key_name(key: str) -> str:
    """Return Textual's name of a key: `slash` for `/`, `ctrl+s` for `^s`."""
    key = key.strip()
    if len(key) == 2 and key[0] == "^":
        return f"ctrl+{key[1]}"
    return _character_to_key(key) if len(key) == 1 else _SHORT.get(key, key)


def is_character(name: str) -> bool:
    """Return whether this is Textual's name of a key that prints something, such as `slash`."""
    return name in _PRINTED or key_to_character(name) is not None


def show_key(screen: Screen[Any], key: str) -> str:
    """Return the key the user has bound instead of a default one, as it is shown; mostly that same key."""
    changed: Mapping[str, str] = getattr(screen.app, "own_keys", {})
    if not changed:
        return key
    name = key_name(key)
    nodes = (*(screen.focused.ancestors_with_self if screen.focused else ()), screen, screen.app)
    for kind in (base for node in nodes for base in type(node).__mro__):
        for binding in find_own_bindings(kind):
            own = changed.get(binding.id or "")
            if own and name in map(key_name, binding.key.split(",")):
                first = own.split(",")[0]
                return screen.app.get_key_display(Binding(key_name(first), binding.action))
    return key
