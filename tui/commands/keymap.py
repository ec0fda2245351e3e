"""The user's own keys: which bindings there are, and what is wrong with a change."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from operator import itemgetter
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from tui.toolkit.keys.key_names import find_own_bindings, is_character, key_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from textual.binding import Binding

    from tui.config.source import Source

_SPOKEN_FOR = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+c": "the wish to end"}
_MODIFIERS = {"ctrl", "alt", "shift", "super"}  # those that keyboards have


@cache
def find_owners() -> tuple[type, ...]:
    """Return every class that may have bindings: screens, widgets and the application. Imports all of them."""
    from textual.dom import DOMNode

    import tui.screens
    import tui.widgets

    for package in (tui.screens, tui.widgets):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    return tuple(kind for kind in _kinds_of(DOMNode) if kind.__module__.startswith("tui."))


def _kinds_of(kind: type) -> Iterator[type]:
    """Yield the subclasses of a class, each once, the nearest first."""
    found: dict[type, None] = dict.fromkeys(kind.__subclasses__())
    for each in tuple(found):
        found |= dict.fromkeys(_kinds_of(each))
    yield from found


@cache
def find_contexts() -> tuple[tuple[type, ...], ...]:
    """Return the classes whose bindings are listened to at the same time, for each class that has any.

    These are the class, which stands first, what it inherits from, the widgets that its module imports to show,
    and the application.
    A widget with `KEYS_FIRST` stands by itself: while it is open, the screen below does not hear its keys.
    The list comes first, as that is where most of the time is spent.
    """
    from tui.widgets.table.live_table import LiveTable

    known = find_owners()
    everywhere = tuple(kind for kind in known if issubclass(kind, App))
    found = []
    for kind in known:
        line = [base for base in kind.__mro__ if base in known]
        shown = [
            part
            for base in line
            if issubclass(kind, Screen)
            for part in vars(sys.modules[base.__module__]).values()
            if isinstance(part, type) and issubclass(part, Widget) and not issubclass(part, Screen)
            if not getattr(part, "KEYS_FIRST", False)
        ]
        parts = [base for part in shown for base in part.__mro__ if base in known]
        found.append(tuple(dict.fromkeys((*line, *parts, *everywhere))))
    return tuple(sorted(found, key=lambda kinds: LiveTable not in kinds))


def find_bindings(*kinds: type) -> dict[str, Binding]:
    """Return every binding that these classes declare, by id."""
    return {str(binding.id): binding for kind in kinds for binding in find_own_bindings(kind)}


def build_keymap(
    wanted: Mapping[str, tuple[str, ...]], source: Source | None = None
) -> tuple[dict[str, str], list[str]]:
    """Return the keymap for Textual, and a sentence for every change that cannot be made, with its line.

    Whoever has no keys of their own does not wait for every screen to be imported.
    """
    if not wanted:
        return {}, []
    known = find_contexts()
    every = find_bindings(*find_owners())
    notices, accepted = [], dict[str, str]()
    for id_, keys in wanted.items():
        at = source.at("keys", id_) if source else ""
        if id_ not in every:
            near = get_close_matches(id_, every, n=1, cutoff=0.5)
            meant = f"did you mean {near[0]}?" if near else "`o9s bindings` lists them."
            notices.append(f"{at}keys: there is no binding {id_}; {meant}")
        elif wrong := next(filter(itemgetter(1), ((key, _find_name_fault(key)) for key in keys)), None):
            notices.append(f"{at}keys: {id_} cannot have {wrong[0]}, {wrong[1]}")
        elif clash := _find_clash(known, id_, keys, {**accepted, id_: ",".join(keys)}):
            notices.append(
                f"{at}keys: {id_} cannot have {clash[0]}, which {clash[1]} has; give that another key first."
            )
        else:
            accepted[id_] = ",".join(keys)
    return accepted, notices


def _find_clash(
    known: Iterable[tuple[type, ...]], id_: str, keys: Iterable[str], changed: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the first key that another binding of the same context has, and that binding's id."""
    for context in known:
        here = find_bindings(*context)
        if id_ not in here:
            continue
        for other, binding in here.items():
            taken = set(map(key_name, changed.get(other, binding.key).split(",")))
            for key in keys:
                if other != id_ and key_name(key) in taken:
                    return key, other
    return None


def _find_name_fault(key: str) -> str:
    """Return the clause on what is no key, or never arrives as that; "" for a key."""
    from textual.keys import Keys

    name = key_name(key)
    known = [each.value for each in Keys if not each.value.startswith("<")]
    *modifiers, base = name.split("+")
    if not set(modifiers) <= _MODIFIERS or not (len(base) == 1 or base in known or is_character(base)):
        near = get_close_matches(name, known, n=1)
        return f"which is no key; {f'did you mean {near[0]}?' if near else 'write it as ctrl+g or f7.'}"
    return f"which a terminal takes for {_SPOKEN_FOR[name]}; take another." if name in _SPOKEN_FOR else ""


def find_key_fault(key: str, changed: Mapping[str, str], places: Collection[object]) -> str:
    """Return the clause on a key that a command cannot have in places of these classes; "" if it can."""
    if fault := _find_name_fault(key):
        return fault
    name = key_name(key)
    for context in find_contexts():
        if context[0] not in places:
            continue
        for id_, binding in find_bindings(*context).items():
            if name in map(key_name, changed.get(id_, binding.key).split(",")):
                return f"which {id_} has; take another, or give that another in [keys]."
    return ""


_PLACES = {
    "o9s": "everywhere",
    "place screen": "every list and object",
    "resource screen": "every list",
    "object screen": "one object",
    "live table": "every table",
    "used things": "what is used",
    "look up": "search by an id",
}
"""What is not called as its class is."""


def describe_bindings() -> list[tuple[str, str, str, str]]:
    """Return every binding: its id, its keys, what it does, and where."""
    rows: dict[str, tuple[str, str, str, str]] = {}
    for kind in find_owners():
        for binding in find_own_bindings(kind):
            name = " ".join(re.findall(r"[A-Z][a-z0-9]*", kind.__name__)).lower()
            where = _PLACES.get(name) or name.removesuffix(" screen")
            row = (str(binding.id), binding.key, binding.description.lower(), where)
            rows.setdefault(row[0], row)
    return sorted(rows.values())
