"""What a command acts on: objects named by their ids, or the place of a list, and how they are now."""

from __future__ import annotations

import asyncio
import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound
from tui.export import name_path
from tui.resources.language.cells import with_article
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

FEW = 20  # up to so many objects are read one by one: their list may hold a hundred thousand


class WrongUse(ValueError):
    """A command that cannot be meant: nothing was asked of the platform. It is told in sentences, a line each."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(slots=True)
class Target:
    """An object to act on, or (without an id) the place of a list."""

    id: str
    scope: dict[str, str]
    """The path parameters of what it is in."""
    record: Record | None = None
    error: ApiError | None = None
    """Why it could not be read."""

    @property
    def name(self) -> str:
        """Its id with those of what it is in before it, as commands take it."""
        return "/".join(filter(None, (*self.scope.values(), self.id)))


def read_line(line: str, resource: Resource | None) -> str:
    """Return the id on a line of standard input: alone, or in a line of JSON as commands print it.

    `resource` is what the ids are of, where that was said. Raises WrongUse.
    """
    line = line.strip()
    if not line.startswith("{"):
        return line
    try:
        told = json.loads(line)
    except ValueError as error:
        raise WrongUse(f"A line of standard input is no JSON: {error}.") from None
    kind = resource or REGISTRY.get(str(told.get("resource")))
    if kind is None or "outcome" in told:
        parents = [told.get(name) for name in list_parents(kind)] if kind else []
        found = "/".join(str(part) for part in (*parents, told.get("id")) if part)
    else:
        found = name_path(kind, kind.record(told))
    if not found:
        raise WrongUse(f"A line of standard input has no id: {line[:80]}")
    return found


def list_parents(resource: Resource) -> tuple[str, ...]:
    """Return the path parameters of what the objects of a resource are in, outermost first."""
    return resource.list.placeholders if resource.list else resource.within


def write_deletion(resource: Resource, scope: Mapping[str, str], id_: str) -> str:
    """Return the command that deletes an object; `scope` has the path parameters of what it is in."""
    path = "/".join([*(scope[name] for name in list_parents(resource)), id_])
    return f"o9s delete {resource.name} {shlex.quote(path)}"


def find_targets(
    resource: Resource, action: Action, parents: Sequence[str], written: Iterable[str]
) -> list[Target]:
    """Return what an action is to be done to, each once. An id is `ID`, or `PARENT/ID` in place of `--in PARENT`.

    Raises WrongUse.
    """
    names = list_parents(resource)
    ids = list(dict.fromkeys(written))
    if action.on == "list":
        if ids:
            raise WrongUse(f"{action.label.capitalize()} takes no ids: what it makes gets one.")
        return [Target("", _name_scope(resource, names, parents))]
    if resource.single and not ids:
        return [Target("", _name_scope(resource, names, parents))]
    if not ids:
        raise WrongUse(f"Give the id of {with_article(resource.singular)}, or - for ids on standard input.")
    return find_named(resource, parents, ids)


def find_named(resource: Resource, parents: Sequence[str], ids: Iterable[str]) -> list[Target]:
    """Return the objects that written ids name: `ID`, or `PARENT/ID`. Raises WrongUse."""
    names = list_parents(resource)
    return [_read_id(resource, names, tuple(parents), each) for each in ids]


def _name_scope(resource: Resource, names: Sequence[str], parents: Sequence[str]) -> dict[str, str]:
    if len(names) != len(parents):
        wanted = " ".join(f"--in {name.upper()}" for name in names) or "no --in"
        raise WrongUse(f"For {resource.name} give {wanted}.")
    return dict(zip(names, parents, strict=True))


def _read_id(resource: Resource, names: Sequence[str], parents: tuple[str, ...], written: str) -> Target:
    """Return the object that a written id names. Raises WrongUse."""
    own = 0 if resource.single else 1
    wanted = len(names) + own
    parts = (written,) if wanted == 1 else tuple(written.split("/"))
    if len(parents) + len(parts) == wanted:
        parts = (*parents, *parts)
    elif len(parts) != wanted or parts[: len(parents)] != parents:
        whole = "/".join((*(name.upper() for name in names), *(["ID"] if own else [])))
        raise WrongUse(
            f"{written}: name {with_article(resource.singular)} as {whole}, or give what it is in with --in."
        )
    if not all(parts):
        raise WrongUse(f"{written!r}: an id is empty.")
    return Target(parts[-1] if own else "", dict(zip(names, parts[: len(names)], strict=True)))


def check_kinds(platform: Platform, resource: Resource, targets: Iterable[Target]) -> None:
    """Raise WrongUse for an id that is one of another kind; other servers than OpenAI's may begin them anyhow."""
    connection = platform.client.connection
    if not (connection.official or connection.sandbox):
        return
    for target in targets:
        kind = platform.find(target.id) if target.id and resource.prefixes else None
        if kind and kind is not resource and not target.id.startswith(resource.prefixes):
            what = with_article(kind.singular)
            raise WrongUse(f"{target.id} is the id of {what}, not of {with_article(resource.singular)}.")


async def read_targets(
    platform: Platform, resource: Resource, targets: Sequence[Target], *, listed: bool = False
) -> None:
    """Read the objects, one by one or from their lists. Raises ApiError where a list cannot be read.

    With `listed` they are read from lists only, as what is read by its id may tell less.
    """
    if resource.get and len(targets) <= FEW and not (resource.single or listed):
        await asyncio.gather(*(_read_one(platform, resource, target) for target in targets))
        return
    scopes = {tuple(target.scope.items()): target.scope for target in targets}
    for key, scope in scopes.items():
        within = {target.id: target for target in targets if tuple(target.scope.items()) == key}
        await _read_list(platform, resource, scope, within)


async def _read_one(platform: Platform, resource: Resource, target: Target) -> None:
    try:
        target.record = await platform.get(resource, target.scope, target.id)
    except ApiError as error:
        target.error = error


async def _read_list(
    platform: Platform, resource: Resource, scope: dict[str, str], wanted: dict[str, Target]
) -> None:
    """Read a list until every wanted object was seen; what is not in it is read by itself where that can be."""
    left = dict(wanted)
    if resource.list:
        pages = platform.client.pages(resource.list, scope, query=resource.query, limit=resource.page_max)
        async for page in pages:
            for raw in page.items:
                record = (
                    resource.record(_add_parent(platform, resource, scope, raw)) if isinstance(raw, dict) else None
                )
                own = "" if resource.single else str(raw.get("id")) if resource.listed_per and record else None
                if record and (target := left.pop(record.id if own is None else own, None)):
                    target.record = record
            if not left:
                return
    for target in left.values():
        if resource.get and not resource.single:
            await _read_one(platform, resource, target)
        else:
            target.error = NotFound(404, f"There is no {resource.singular} {target.name} in the list.")


def _add_parent(
    platform: Platform, resource: Resource, scope: dict[str, str], raw: dict[str, Any]
) -> dict[str, Any]:
    """Return an object with what it is in, where its rows come from the lists of many."""
    if not resource.listed_per:
        return raw
    singular = platform.registry[resource.listed_per].singular
    return {resource.identify: raw.get("id"), **raw, singular: {"id": list(scope.values())[-1]}}


def make_stand_in(platform: Platform, resource: Resource, target: Target) -> Record:
    """Return the object as it was read, else one of which nothing but its id is known."""
    return target.record or resource.record(
        _add_parent(platform, resource, target.scope, {resource.identify: target.id, "id": target.id})
    )
