"""Finding the parents through which an object is read: those given with its id, or seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.workflows.consequences.uses import find_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def find_scopes(
    platform: Platform, resource: Resource, id_: str, parents: Sequence[str], here: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return the scopes an object may be in, the likeliest first: by its parents' ids, else by what named it.

    `here` is the scope of where the user is, which may fill what is missing.
    """
    told: dict[str, str] = {}
    for parent in parents:
        kind = platform.find(parent)
        if kind and kind.get:
            told[kind.get.placeholders[-1]] = parent
    if len(told) < len(parents) == len(resource.within):  # ids of a server's own making
        told = dict(zip(resource.within, parents, strict=True))
    hints = [told] if told else [here, *_find_known_scopes(platform, resource, id_)]
    filled = [{name: hint.get(name) or here.get(name, "") for name in resource.within} for hint in hints]
    return [scope for number, scope in enumerate(filled) if all(scope.values()) and scope not in filled[:number]]


def _find_known_scopes(platform: Platform, resource: Resource, id_: str) -> Iterator[Mapping[str, str]]:
    """Yield the scopes of objects that name this one, or are it."""
    for collection in platform.loaded():
        if (found := collection.records.get(id_)) and collection.resource.list == resource.list:
            across = platform.origin(collection.resource, found) if collection.resource.listed_per else {}
            yield {**collection.scope, **across}
        for record in list(collection.records.values()):
            if record.id != id_ and find_path(record.raw, id_):
                yield _read_parents(collection.resource, collection.scope, record, resource)
    if platform.ledger:
        yield from platform.ledger.places(resource, id_)


def _read_parents(
    holder: Resource, scope: Mapping[str, str], record: Record, resource: Resource
) -> dict[str, str]:
    """Return the parents that an object tells of one it names: itself, those it names too, and its own scope."""
    own = {holder.get.placeholders[-1]: record.id} if holder.get else {}
    named = {name: record.raw.get(name) for name in resource.within}
    return {**scope, **own, **{name: value for name, value in named.items() if isinstance(value, str) and value}}
