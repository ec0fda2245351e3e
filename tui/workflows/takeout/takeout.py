"""Taking out: every list of some families, what is inside their objects, and the contents of files."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest, LinkError, LocalFileError, NoKey, NotFound, NotServed
from tui.api.requests import fill_path
from tui.api.transfers.local_files import open_whole, sync
from tui.live.fan_out.rows import read_pages
from tui.live.patience import insist, run_together
from tui.live.shortfall import HOPELESS
from tui.live.tasks.alone import be_alone
from tui.live.transfers import Download, Resumable
from tui.resources.language.action import Fetch
from tui.resources.language.cells import pluralize
from tui.resources.language.column import value_of
from tui.resources.language.reading.amounts import dump_json
from tui.workflows.takeout.folder import PART, Folder, measure
from tui.workflows.wrapped_csv import WRAPPED, unwrap_csv_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tui.live.gathered import Gathered
    from tui.live.platform import Platform
    from tui.live.tasks.store import Fact
    from tui.live.tasks.tasks import State
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.takeout.folder import Manifest

_NAMED = 3  # lists that are named, and not counted
AT_ONCE = 4  # lists and contents on their way together
_FLEETING = ("containers",)  # they end minutes after they were last used, and reading is using
_TOLD = {"store-files": "file_counts.total", "eval-items": "result_counts.total"}
"""Where an object tells how many a list inside it has, by that list's resource."""


def list_families(registry: Mapping[str, Resource]) -> list[str]:
    """Return the names of what can be taken out: the lists of the platform that are in no other object."""
    return [
        name
        for name, resource in registry.items()
        if resource.list and not resource.parent and not resource.listed_per and not resource.list.placeholders
    ]


def list_usual_families(registry: Mapping[str, Resource]) -> list[str]:
    """Return the names of what is taken out by default: what a project key can read, and what lasts."""
    return [name for name in list_families(registry) if registry[name].key == "project" and name not in _FLEETING]


@dataclass(frozen=True, slots=True)
class _List:
    """A list to be taken out; `told` is how many objects its parent says it has."""

    resource: Resource
    scope: Mapping[str, str]
    told: int | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of an object, to be taken out."""

    resource: Resource
    action: Action
    scope: Mapping[str, str]
    record: Record


class Takeout(Resumable):
    """Takes lists and contents out into a folder. What is there whole stays, so that it can be gone on with.

    `manifest` tells what there is; it is written at the end, with what could not be read.
    """

    unit = "objects"

    def __init__(self, platform: Platform, families: Sequence[str], folder: Path, *, anew: bool = False) -> None:
        """`anew` puts a damaged manifest aside, and takes out again what is not known without it."""
        some = len(families) > _NAMED
        super().__init__(f"take out {f'{len(families):,} lists' if some else ', '.join(families)}", None)
        self.path = str(folder)
        self.manifest: Manifest | None = None
        self._platform, self._families = platform, tuple(families)
        self._folder, self._anew = Folder(folder), anew

    async def work(self) -> None:
        """Take out what is not there yet. Raises ApiError where the rest would fail alike, or another does it."""
        root = self._folder.root
        with be_alone("takeout", str(root.absolute()), f"Another program takes out into {root}"):
            await self._take_all()

    async def _take_all(self) -> None:
        base_url = self._platform.client.connection.base_url
        self.manifest = manifest = await asyncio.to_thread(
            self._folder.begin, base_url, self._families, anew=self._anew
        )
        registry = self._platform.registry
        self._left: list[Iterator[_List | _Content]] = [
            iter([_List(registry[name], {}) for name in manifest.families if name in registry])
        ]
        self.move(0)
        self._busy, self._moved = 0, asyncio.Event()
        await run_together(self._take_next() for _ in range(AT_ONCE))
        manifest.complete = True
        await asyncio.to_thread(self._folder.sweep, manifest)
        await asyncio.to_thread(self._folder.write_manifest, manifest)
        self.failed = len(manifest.missing)
        self.result = describe(manifest, self._folder.root)

    async def _take_next(self) -> None:
        """Take one after the other, until nothing is left and nobody may find more."""
        while True:
            if item := self._pop():
                self._busy += 1
                try:
                    await (self._take_list(item) if isinstance(item, _List) else self._take_content(item))
                finally:
                    self._busy -= 1
                    self._moved.set()  # there may be more to take, or nothing is left
            elif self._busy:
                self._moved.clear()
                await self._moved.wait()
            else:
                return

    def _pop(self) -> _List | _Content | None:
        while self._left:
            if (item := next(self._left[-1], None)) is not None:
                return item
            self._left.pop()
        return None

    async def _take_list(self, item: _List) -> None:
        """Take out a list, and queue what is inside its objects."""
        resource, manifest = item.resource, self.manifest
        assert resource.list
        assert manifest
        try:
            name = self._folder.name_list(resource.list, item.scope)
        except BadRequest as error:
            manifest.missing[f"{resource.name} {dict(item.scope)}"] = str(error)
            return
        try:
            facts = await asyncio.to_thread(self._folder.keep, name) or await self._write_list(item, name)
        except ApiError as error:
            if _ends_all(error):
                raise
            if not (isinstance(error, NotFound) and item.scope):  # the object was deleted meanwhile
                manifest.missing[name] = error.sentence
            if isinstance(error, NotServed):
                manifest.missing[name] = f"This server has no {resource.name}."
            return
        manifest.lists[name] = {"resource": resource.name, **facts}
        if item.told is not None and facts["count"] < item.told:
            manifest.missing[name] = (
                f"It is told to hold {pluralize(item.told, 'object')}, and listed {facts['count']:,}."
            )
        self.move(self.done + facts["count"])
        self._left.append(self._look_inside(item, name))

    async def _write_list(self, item: _List, name: str) -> dict[str, Any]:
        """Read a list to its end, write it, whole or not at all, and return facts on it. Raises ApiError."""
        resource = item.resource
        assert resource.list
        client, operation = self._platform.client, resource.list

        async def read() -> Gathered:
            pages = client.pages(operation, item.scope, query=resource.query, limit=resource.page_max)
            return await read_pages(pages)

        found = await insist(read)
        if self.manifest and (found.cut or found.is_odd):
            self.manifest.missing[name] = (
                "The server has more of this than it gave."
                if found.cut
                else "It holds something that is no object."
            )
        target = await asyncio.to_thread(self._folder.prepare, name)
        await asyncio.to_thread(_write_lines, found, target)
        if found.cut or found.is_odd:  # the next run reads it anew
            return await asyncio.to_thread(measure, target)
        return await asyncio.to_thread(self._folder.note, name)

    def _look_inside(self, item: _List, name: str) -> Iterator[_List | _Content]:
        """Yield the contents of the objects of a list, and the lists inside them."""
        resource, platform = item.resource, self._platform
        fetches = [
            action
            for action in resource.actions
            if isinstance(action.does, Fetch) and action.does.to == "disk" and action.does.field == "id"
        ]
        inside = [(child, platform.registry[child.resource]) for child in resource.children]
        inside = [(child, part) for child, part in inside if part.list and not part.listed_per]
        if not (fetches or inside):
            return
        for raw in self._folder.read_list(name):
            if not isinstance(raw, dict) or not resource.identity(raw):
                if self.manifest:
                    self.manifest.missing[name] = "An object in it has no id: what is inside it was not read."
                continue
            record = resource.record(raw)
            for action in fetches:
                yield _Content(resource, action, item.scope, record)
            for child, part in inside:
                with contextlib.suppress(BadRequest):
                    scope = platform.child_scope(resource, item.scope, record, child)
                    told = record.at(_TOLD.get(part.name, "")) if not resource.active(record.object) else None
                    yield _List(part, scope, told if isinstance(told, int) else None)

    async def _take_content(self, item: _Content) -> None:
        """Save the content of an object, unless the platform does not give it back."""
        manifest, record = self.manifest, item.record
        assert manifest
        if item.action.find_refusal(record):
            manifest.withheld += 1
            return
        operation = item.action.operation
        try:
            path = fill_path(operation, item.scope, record.id)
            title = str(value_of(item.resource.title, record) or "")
            name = self._folder.name_content(operation, path, title)
        except BadRequest as error:
            manifest.missing[f"{item.resource.name} {record.id}"] = str(error)
            return
        try:
            if facts := await asyncio.to_thread(self._folder.keep, name):
                manifest.contents[name] = _without_count(facts)
                return
            target = await asyncio.to_thread(self._folder.prepare, name)
            wrapped = record.at("purpose") == WRAPPED
            size = record.at("bytes")
            download = Download(
                self._platform.client,
                item.resource,
                item.action,
                path,
                target,
                name=name,
                expected=size if isinstance(size, int) else None,
                finish=unwrap_csv_file if wrapped else None,
            )
            download.part.path = target.with_name(f"{target.name}{PART}")
            await insist(download.work, tries=1)  # it tries again by itself where it is cut
            facts = _without_count(await asyncio.to_thread(self._folder.note, name))
            differs = {"told_bytes": size} if download.other_size else {}
            manifest.contents[name] = facts | differs
        except ApiError as error:
            if _ends_all(error):
                raise
            manifest.missing[name] = error.sentence

    def judge(self) -> State:
        """Return how it went: in part, where something could not be read."""
        return "partial" if self.failed else "done"

    def failures(self) -> Sequence[tuple[str, str, str]]:
        """Return the name, what became of it and why, of each file that is not there or not whole."""
        missing = self.manifest.missing if self.manifest else {}
        return [(name, "not whole", why) for name, why in missing.items()]

    # What is kept of the task.

    def describe(self) -> Fact:
        """Return what is taken out, and where to."""
        return {"kind": "takeout", "families": list(self._families), "folder": self.path}


def _ends_all(error: ApiError) -> bool:
    """Return whether the rest would fail in the same way; a key that is missing may be that of one list alone."""
    return isinstance(error, (*HOPELESS, LinkError, LocalFileError)) and not isinstance(error, NoKey)


def _without_count(facts: dict[str, Any]) -> dict[str, Any]:
    return {"bytes": facts["bytes"], "sha256": facts["sha256"]}


def _write_lines(found: Gathered, target: Path) -> None:
    """Write objects as JSON lines, whole or not at all. Raises LocalFileError."""
    part = target.with_name(f"{target.name}{PART}")
    part.unlink(missing_ok=True)
    with open_whole(target, part) as file:
        for item in found.items:
            file.write(dump_json(item, ensure_ascii=False).encode(errors="replace") + b"\n")
        sync(file)


def describe(manifest: Manifest, root: Path) -> str:
    """Return in a sentence what a take-out holds."""
    objects = sum(each["count"] for each in manifest.lists.values())
    lists, contents = pluralize(len(manifest.lists), "list"), pluralize(len(manifest.contents), "content")
    held = f"{pluralize(objects, 'object')} of {lists} and {contents}"
    missing = f"; {len(manifest.missing):,} could not be read whole" if manifest.missing else ""
    odd = sum("told_bytes" in each for each in manifest.contents.values())
    sizes = f"; {odd:,} of other sizes than the platform says (told_bytes in the manifest)" if odd else ""
    return f"{held} are in {root}{missing}{sizes}."
