"""A take-out served as the platform would: its lists, objects and contents can be read, and nothing changed."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import ConfigDict, Field
from starlette.responses import FileResponse

from tui.sandbox.family import Family
from tui.sandbox.lists import wrap_list
from tui.sandbox.protocol import Fields, Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import JSON, World

MANIFEST = "manifest.json"
_NAMES = ("id", "file_id", "name", "version")  # the fields that may hold what an object goes by in its path
_LISTS = 8  # that are kept parsed


class TakenQuery(Fields):
    """The query of a list that was taken out: other fields than these are what its objects must hold."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    after: str | None = None
    before: str | None = None
    order: str = ""
    limit: int | None = Field(None, ge=1)


def is_takeout(folder: Path) -> bool:
    """Return whether a folder holds a take-out."""
    return (folder / MANIFEST).is_file()


def read_time(folder: Path) -> float:
    """Return when a take-out was made, in unix seconds: what is in it tells nothing of that."""
    return (folder / MANIFEST).stat().st_mtime


def make_family(folder: Path, known: Iterable[Family]) -> Family:
    """Return the family that answers every operation of the `known` ones from a take-out."""
    taken = Family()
    store = _Store(folder)
    for family in known:
        for method, path in family.routes:
            if method == "GET":
                taken.route(method, path, query=TakenQuery)(partial(_answer, store, path))
            else:
                taken.route(method, path)(_refuse)
    return taken


def _refuse(_world: World, **_placeholders: str) -> Answer:
    raise Problem("This is a take-out: it can be looked at, and nothing in it can be changed.")


def _answer(store: _Store, template: str, _world: World, query: TakenQuery, **placeholders: str) -> Answer:
    """Return the list, the object or the content at a path."""
    if any(value in (".", "..") for value in placeholders.values()):
        raise Problem("There is no such path.", status=404)
    names = {name: quote(value, safe="", errors="replace") for name, value in placeholders.items()}
    path = template.lstrip("/").format(**names)
    if store.has_list(path):
        return _list(store.read_list(path), query)
    if path.endswith("/content"):
        return _give_content(store, path.removesuffix("/content"))
    parent, _, _ = path.rpartition("/")
    own = list(placeholders.values())[-1] if placeholders and template.endswith("}") else None
    found = next((item for item in store.read_list(parent) if own in map(item.get, _NAMES)), None)
    if own is None or found is None:
        raise Problem(f"The take-out holds no {path}.", status=404)
    return json_response(json.dumps(found))


def _list(items: list[JSON], query: TakenQuery) -> Answer:
    """Return a page of a list."""
    wanted = {name: value for name, value in (query.model_extra or {}).items() if isinstance(value, str)}
    items = [item for item in items if all(str(item.get(name, value)) == value for name, value in wanted.items())]
    if query.order == "asc" and len(items) > 1 and _made_at(items[0]) > _made_at(items[-1]):
        items = items[::-1]
    ids = [str(item.get("id")) for item in items]
    start, stop = 0, len(items)
    try:
        if query.after:
            start = ids.index(query.after) + 1
        elif query.before:
            stop = ids.index(query.before)
            start = max(0, stop - (query.limit or stop))
    except ValueError:
        raise Problem(f"No object found with id '{query.after or query.before}'.", code="invalid_value") from None
    shown = items[start : min(stop, start + (query.limit or stop))]
    ends = (str(shown[0].get("id")), str(shown[-1].get("id"))) if shown else (None, None)
    return wrap_list([json.dumps(item) for item in shown], ends, start + len(shown) < stop)


def _made_at(item: JSON) -> float:
    made = item.get("created_at", item.get("created", 0))
    return made if isinstance(made, int | float) else 0.0


def _give_content(store: _Store, path: str) -> Answer:
    folder = store.folder / path
    names = store.find_contents(path)
    found = folder.iterdir() if folder.is_dir() else ()
    files = [each for each in found if each.name in names and each.is_file() and not each.is_symlink()]
    if len(files) != 1:
        raise Problem("The take-out does not hold this content.", status=404)
    return FileResponse(files[0], media_type="application/octet-stream")


class _Store:
    """The lists of a take-out, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read = lru_cache(_LISTS)(self._parse)
        self._contents = self._read_contents()

    def find_contents(self, path: str) -> set[str]:
        """Return the names of the contents of an object, as the manifest tells them."""
        held = (name.rpartition("/") for name in self._contents)
        return {name for below, _, name in held if below == path}

    def has_list(self, path: str) -> bool:
        """Return whether a list was taken out."""
        return self._file(path).is_file()

    def read_list(self, path: str) -> list[JSON]:
        """Return the objects of a list; none where it was not taken out."""
        return self._read(path) if path and self.has_list(path) else []

    def _read_contents(self) -> list[str]:
        try:
            return [str(name) for name in json.loads((self.folder / MANIFEST).read_bytes())["contents"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _parse(self, path: str) -> list[JSON]:
        with self._file(path).open("rb") as file:
            found: list[Any] = [json.loads(line) for line in file if line.strip()]
        return [item for item in found if isinstance(item, dict)]

    def _file(self, path: str) -> Path:
        return self.folder / f"{path}.jsonl"
