"""The one registry: every resource, by name. A declaration is read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from tui.resources import index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tui.resources.language.resource import Resource


class Registry(Mapping[str, "Resource"]):
    """Resources by name. Its `values` and `items` read every declaration."""

    def __init__(self, entries: Sequence[index.Entry]) -> None:
        self.entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> Resource:
        return _read_declaration(self.entries[name])

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, name: str) -> str | None:
        """Return the name of the resource of this name or alias, whatever its case."""
        wanted = name.strip().lower()
        found = (entry.name for entry in self.entries.values() if wanted in (entry.name, *entry.aliases))
        return next(found, None)


@cache
def _read_declaration(entry: index.Entry) -> Resource:
    from tui.resources.language.resource import Resource

    declared = vars(import_module(f"tui.resources.{entry.module}")).values()
    return next(each for each in declared if isinstance(each, Resource) and each.name == entry.name)


REGISTRY = Registry(index.RESOURCES)
PLACES = Registry(index.PLACES)


class UnknownResource(LookupError):
    """No resource has this name; the message says which are near."""

    def __init__(self, name: str) -> None:
        near = list_near(name)
        self.hint = f"did you mean {' or '.join(near)}?" if near else ""
        """What may be meant; "" where no name is near."""
        known_names = ", ".join(PLACES.entries | REGISTRY.entries)
        super().__init__(f"There is no resource called {name!r}: {self.hint or f'known are {known_names}.'}")


def list_near(name: str) -> list[str]:
    """Return the names and aliases of what can be gone to that are like a name, the nearest first."""
    known = (PLACES.entries | REGISTRY.entries).values()
    return get_close_matches(name.lower(), [word for entry in known for word in (entry.name, *entry.aliases)], n=3)


def lookup(name: str) -> Resource:
    """Return the resource of this name or alias, whatever its case. Raises `UnknownResource`."""
    return _find(name, REGISTRY)


def lookup_place(name: str) -> Resource:
    """Return what can be gone to by this name or alias: a place, or a resource. Raises `UnknownResource`."""
    return _find(name, PLACES, REGISTRY)


def find_name(name: str) -> str:
    """Return the name of what can be gone to by this name or alias; "" for nothing. Reads no declaration."""
    return PLACES.find(name) or REGISTRY.find(name) or ""


def find_prefixes(known: Mapping[str, Resource]) -> list[tuple[str, str]]:
    """Return what the ids of resources begin with, each with the name of its resource, the longest first."""
    about = known.entries if isinstance(known, Registry) else known
    found = [(prefix, name) for name, each in about.items() for prefix in each.prefixes]
    return sorted(found, key=lambda pair: -len(pair[0]))


def pick(known: Mapping[str, Resource], names: Collection[str]) -> list[Resource]:
    """Return the resources of these names; the declarations of others are not read."""
    return [known[name] for name in known if name in names]


def _find(name: str, *among: Registry) -> Resource:
    for registry in among:
        if found := registry.find(name):
            return registry[found]
    raise UnknownResource(name)
