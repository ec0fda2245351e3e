"""Contents saved without a screen: of files, of files in containers, of skills, what batches have answered."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest, LocalFileError
from tui.api.transfers.local_files import check_place, take_place
from tui.api.transfers.receiving import hash_file
from tui.headless.writes.each import run_each
from tui.headless.writes.targets import Target, WrongUse, find_targets, read_targets
from tui.headless.writes.work import OrderedWork
from tui.live.patience import may_pass
from tui.live.transfers import Download
from tui.resources.language.action import Fetch
from tui.resources.language.resource import title_of
from tui.text import safe_name
from tui.workflows.wrapped_csv import WRAPPED, unwrap_csv_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.headless.writes.outcomes import Outcome
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource
    from tui.workflows.plan.plan import StepOutcome


@dataclass(frozen=True, slots=True)
class DownloadOrder:
    """What is to be downloaded."""

    ids: tuple[str, ...]
    folder: Path
    parents: tuple[str, ...] = ()
    resource: Resource | None = None
    """The kind of all ids; without it each id says it."""
    only: str = ""
    """The action whose content is wanted, such as `output`; without it what the keys of the screen get."""
    replace: bool = False
    alone: bool = False
    """Whether it must be one content."""


@dataclass(frozen=True, slots=True)
class _Content:
    """One content of an object, and where it goes."""

    resource: Resource
    action: Action
    target: Target
    path: Path


class Downloads(OrderedWork[DownloadOrder]):
    """A download as it is carried out."""

    async def run(self) -> list[Outcome]:
        """Find the contents and save each, whole or not at all. Raises WrongUse, and ApiError."""
        kinds: dict[str, tuple[Resource, list[str]]] = {}
        for written in dict.fromkeys(self.order.ids):
            resource = self.order.resource or find_kind(self.platform, written)
            kinds.setdefault(resource.name, (resource, []))[1].append(written)
        if not kinds:
            raise WrongUse("Give the ids of what is to be downloaded, or - for ids on standard input.")
        contents: list[_Content] = []
        for resource, ids in kinds.values():
            fetches = find_fetches(resource, self.order.only)
            targets = find_targets(resource, fetches[0], self.order.parents, ids)
            await read_targets(self.platform, resource, targets)
            for target in targets:
                contents += self._choose(resource, fetches, target)
        if self.order.alone and len(contents) > 1:
            names = ", ".join(f"{content.target.name} ({content.action.name})" for content in contents[:5])
            raise WrongUse(f"One content can be printed, and these are {len(contents):,}: {names}; see --only.")
        await asyncio.to_thread(_make_folder, self.order.folder)
        for kind in {content.resource.name: content.resource for content in contents}.values():
            await self._save_all(kind, [content for content in contents if content.resource is kind])
        return self.outcomes.all

    def _choose(self, resource: Resource, fetches: Sequence[Action], target: Target) -> list[_Content]:
        """Return the contents of an object that can be had: of those on a key of the screen, the first."""
        if target.record is None:
            self.outcomes.add(resource, fetches[0], target, "failed", target.error)
            return []
        chosen: dict[str, Action] = {}
        refusals = []
        for action in fetches:
            if refusal := action.find_refusal(target.record):
                refusals.append((action, refusal))
            else:
                chosen.setdefault(action.key, action)
        if not chosen:
            action, refusal = refusals[0]
            self.outcomes.add(resource, action, target, "refused", f"Cannot {action.verb}: {refusal}.")
        return [
            _Content(resource, action, target, self.order.folder / _name_file(resource, action, target))
            for action in chosen.values()
        ]

    async def _save_all(self, resource: Resource, contents: Sequence[_Content]) -> None:
        """Save contents, a few at once, and tell what became of each."""
        by_name = {str(content.path): content for content in contents}

        def tell(outcome: StepOutcome, facts: dict[str, Any] | None) -> None:
            content = by_name[outcome.call]
            if outcome.state == "unknown" and outcome.error is None:  # a read that was stopped has left nothing
                self.outcomes.add(resource, content.action, content.target, "skipped", "It was stopped.")
            elif facts is not None:
                state = facts.pop("state")
                self.outcomes.add(resource, content.action, content.target, state, path=str(content.path), **facts)
            else:
                self.outcomes.add(resource, content.action, content.target, "failed", outcome.error)

        async def save(name: str) -> dict[str, Any]:
            return await self._save(by_name[name], alone=len(contents) == 1)

        run, stopped = await run_each(resource, contents[0].action, list(by_name), save, tell, self.hearing)
        self.stopped = self.stopped or stopped
        for name, content in by_name.items():
            if name not in run.outcomes:
                self.outcomes.add(resource, content.action, content.target, "skipped", "It was stopped before.")

    async def _save(self, content: _Content, *, alone: bool) -> dict[str, Any]:
        """Save a content and return facts on the file. Raises ApiError; a file that is there whole is kept."""
        record, path = content.target.record, content.path
        assert record
        fetch = content.action.does
        assert isinstance(fetch, Fetch)
        expected = await self._find_size(content)
        if self.order.replace:
            check_place(path)
        if not self.order.replace and path.is_file():
            unwrapped = record.at("purpose") == WRAPPED  # which is of another size here
            if expected is not None and (unwrapped or path.stat().st_size == expected):
                return {"state": "kept", "bytes": path.stat().st_size, "sha256": await hash_file(path)}
            raise BadRequest(f"{path} exists already, and may be another.", "--force replaces it.")

        where = self.platform.path(content.action.operation, record, content.resource, content.target.scope)
        if fetch.field != "id":
            where[content.action.operation.placeholders[-1]] = str(record.at(fetch.field) or "")
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}") if self.order.replace else path
        task = Download(
            self.platform.client,
            content.resource,
            content.action,
            where,
            new,
            name=path.name,
            expected=expected,
            finish=unwrap_csv_file if record.at("purpose") == WRAPPED else None,
        )
        # Files do not change, so that a part of one can be gone on with by a later command.
        stays = not (self.order.replace or self.order.alone or expected is None)
        if stays:
            task.part.path = path.with_name(f"{path.name}.part")
        if alone:
            task.changed = lambda: self.hearing.progress(f"{path.name}: {task.far} · ctrl+c stops")
        try:
            await task.work()
        except BaseException as error:
            if not (stays and (may_pass(error) or isinstance(error, asyncio.CancelledError))):
                await task.discard()
            elif task.part.path.exists():
                self.hearing.say(f"What came is kept as {task.part.path}: the same command goes on with it.")
            raise
        if task.other_size:
            self.hearing.say(f"{path.name}: {task.other_size}")
        if new is not path:
            await asyncio.to_thread(take_place, new, path)
        return {"state": "done", "bytes": path.stat().st_size, "sha256": task.sha256}

    async def _find_size(self, content: _Content) -> int | None:
        """Return the bytes of a content, as the platform tells them; None where it does not."""
        record, fetch = content.target.record, content.action.does
        assert record
        assert isinstance(fetch, Fetch)
        if fetch.field != "id":  # that of the file which the object names
            id_ = str(record.at(fetch.field) or "")
            kind = self.platform.find(id_)
            if kind is None or kind.get is None:
                return None
            try:
                record = await self.platform.get(kind, {}, id_)
            except ApiError:
                return None
        size = record.at("bytes")
        return size if isinstance(size, int) else None


def find_kind(platform: Platform, written: str) -> Resource:
    """Return the resource of an id whose content is wanted; `PARENT/ID` also by what it is in. Raises WrongUse."""
    *parents, own = written.split("/")
    found = platform.find(own)
    if found is None and parents and (holder := platform.find(parents[-1])):
        inside = (each for each in platform.registry.values() if each.parent == holder.name)
        found = next((each for each in inside if _fetches_of(each)), None)
    if found is None:
        raise WrongUse(
            f"{written}: no kind of object has ids that begin like this; say which with --from RESOURCE."
        )
    return found


def _fetches_of(resource: Resource) -> list[Action]:
    """Return the actions that get a content, each content once: those that save it before those that show it."""
    fetches = [action for action in resource.actions if isinstance(action.does, Fetch)]
    fetches.sort(key=lambda action: not (isinstance(action.does, Fetch) and action.does.to == "disk"))
    same: dict[tuple[str, str], Action] = {}
    for action in fetches:
        assert isinstance(action.does, Fetch)
        same.setdefault((action.operation.path, action.does.field), action)
    return list(same.values())


def find_fetches(resource: Resource, only: str) -> list[Action]:
    """Return the actions that get the contents wanted. Raises WrongUse."""
    fetches = _fetches_of(resource)
    if not fetches:
        raise WrongUse(f"{resource.name} have no content to download.")
    named = [action for action in resource.actions if action.name == only and isinstance(action.does, Fetch)]
    chosen = named if only else fetches
    if not chosen:
        names = ", ".join(action.name for action in fetches)
        raise WrongUse(f"{resource.name} have no content called {only}. There are: {names}.")
    return chosen


def _name_file(resource: Resource, action: Action, target: Target) -> str:
    """Return the name a content is saved under: its id, and what it is called or which content it is."""
    assert target.record
    assert isinstance(action.does, Fetch)
    if action.does.field != "id":  # the files of a batch are JSON lines
        return safe_name(target.id, f"{action.name}.jsonl")
    return safe_name(target.id, title_of(resource, target.record))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError.of(error, folder) from None
