"""Filling a store from a folder: files are sent, added in batches, and what they replace is taken out."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound, OutcomeUnknown
from tui.api.retries import retry_when_rate_limited
from tui.live.fan_out.at_once import read_patiently
from tui.live.patience import insist, may_pass, run_together
from tui.live.tasks.alone import be_alone
from tui.live.transfers import Resumable, Upload
from tui.resources.language.cells import pluralize
from tui.resources.vector_stores.store_files import ATTACH_MANY, STORE_FILES
from tui.resources.vector_stores.stores import VECTOR_STORES
from tui.workflows.store_folder.doubts import PURPOSE, find_newest, find_sent
from tui.workflows.store_folder.plan import (
    READING,
    UNREAD,
    FolderPlan,
    StoredFile,
    join_attributes,
    make_plan,
    read_stored,
)
from tui.workflows.store_folder.scan import Scan, scan
from tui.workflows.store_folder.sent import SentFiles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.live.tasks.store import Fact
    from tui.live.tasks.tasks import State
    from tui.workflows.store_folder.scan import LocalFile, Value

AT_ONCE = 4  # files on their way together
BATCH = 500  # files that are added with one call
LOOKS = 30  # how often in a row it is seen that the platform has read no more of what was added
LOOK_AGAIN = 2.0  # seconds between


async def read_store(platform: Platform, store: str) -> list[StoredFile]:
    """Return the files of a store that were put there from a folder. Raises ApiError."""
    assert STORE_FILES.list
    scope = {"vector_store_id": store}
    found = await read_patiently(platform.client, STORE_FILES.list, scope, STORE_FILES, asyncio.sleep)
    if found.cut or found.is_odd:
        raise ApiError("The files of this store cannot all be read: what is missing is not known.")
    return read_stored(found.items)


class StoreFill(Resumable):
    """Makes a store hold the files of a folder. It can be stopped and gone on with at any moment.

    What was sent is kept by its SHA-256 until it is in the store, so that it is not sent twice. A file that takes
    the place of another is added before that is taken out.
    """

    unit = "objects"

    def __init__(
        self,
        platform: Platform,
        store: str,
        sources: Sequence[str],
        attributes: Mapping[str, Value],
        *,
        removes: bool,
    ) -> None:
        """`removes` says whether what the folder has no longer is taken out."""
        super().__init__(f"fill {store} from {', '.join(sources)}", None)
        self.object_id = store
        self.faults: dict[str, ApiError] = {}
        """Why a file could not be sent, added or taken out, by its name."""
        self.left_out: dict[str, str] = {}
        """Why something in the folder is no part of it, by its path."""
        self.reading: list[str] = []
        """The names of the files that the platform is still reading."""
        self.unread: dict[str, str] = {}
        """Why the platform could not read a file, by its name."""
        self.taken_out: list[str] = []
        """The ids of the files that were taken out of the store, and are still in the account."""
        self.plan: FolderPlan | None = None
        self._platform, self._store = platform, store
        self._sources, self._attributes, self._removes = tuple(sources), dict(attributes), removes
        self._sent = SentFiles(platform.client.connection.base_url, store)

    async def look(self) -> tuple[Scan, FolderPlan]:
        """Return what is in the folder and what has to be done. Raises ApiError and ValueError.

        A store that is to be made first, and has no id yet, holds nothing.
        """
        found = await asyncio.to_thread(scan, self._sources, self._attributes)
        if not found.files:
            reasons = ", ".join(dict.fromkeys(found.left_out.values()))
            why = f" ({reasons})" if reasons else ""
            raise ValueError(
                f"There is nothing to put into a store in {', '.join(self._sources)}{why}; nothing is done."
            )
        stored = await read_store(self._platform, self._store) if self._store else []
        return found, make_plan(found, stored, removes=self._removes)

    async def work(self) -> None:
        """Do all that is to be done. Raises ApiError where nothing more can be, or another program does it."""
        owner = f"{self._platform.client.connection.base_url} {self._store}"
        with be_alone("store-fill", owner, "Another program fills this vector store"):
            await self._fill()

    async def _fill(self) -> None:
        """Send what differs, add it to the store, and take out what it replaces. Raises ApiError."""
        try:
            found, plan = await self.look()
        except ValueError as error:
            raise ApiError(str(error)) from None
        self.plan, self.left_out = plan, found.left_out
        await asyncio.to_thread(self._sent.read)
        self.move(0, plan.changes)
        wanted = [*plan.new, *(file for file, _ in plan.changed.values())]
        await find_sent(self._platform.client, self._sent, wanted)
        try:
            await self._send_all(wanted)
        except ApiError as error:
            sent = sum(1 for file in wanted if self._sent.find(file))
            verb = "was" if sent == 1 else "were"
            raise error.with_words(f"{sent:,} of {pluralize(len(wanted), 'file')} {verb} sent.") from None
        added = [file for file in wanted if self._sent.find(file)]
        entries = []
        for file in added:
            _, replaced = plan.changed.get(file.name, (file, []))
            entries.append(_build_entry(self._sent.find(file), join_attributes(file, replaced)))
        await self._add(entries, added)
        await self._read_again(plan.again, found)
        await self._label(plan)
        replaced = [old for name, (_, olds) in plan.changed.items() if name not in self.faults for old in olds]
        await self._take_out([*replaced, *plan.gone])
        if not self.faults:
            await asyncio.to_thread(self._sent.clear)
        self.failed = len(self.faults)
        await self._look_after(found, waits=bool(wanted or plan.again or plan.reading))
        self.taken_out = [each.id for each in (*replaced, *plan.gone) if each.name not in self.faults]
        self.result = " ".join(self._tell_end(plan))

    async def _look_after(self, found: Scan, *, waits: bool) -> None:
        """See which files the platform cannot read, or is still reading; `waits` says that it is waited for."""
        fewest, looks = None, 0 if waits else LOOKS
        while looks < LOOKS:
            store = await insist(partial(self._platform.get, VECTOR_STORES, {}, self._store))
            left = store.at("file_counts.in_progress")
            if not left or not isinstance(left, int):
                break
            looks = 0 if fewest is None or left < fewest else looks + 1
            fewest = left
            await asyncio.sleep(LOOK_AGAIN)
        stored = [each for each in await read_store(self._platform, self._store) if each.name in found.files]
        self.reading = sorted({each.name for each in stored if each.status == READING})
        self.unread = {each.name: each.fault or each.status for each in stored if each.status in UNREAD}

    def _tell_end(self, plan: FolderPlan) -> Iterator[str]:
        """Yield sentences on what was done, what is not searchable, and what is still in the account."""
        if failed := len(self.faults):
            done = max(0, plan.changes - failed)
            yield f"{done:,} of {plan.changes:,} done ({plan.describe()}); {failed:,} could not be."
        else:
            yield f"{plan.describe()}."
        if self.unread:
            yield f"{pluralize(len(self.unread), 'file')} could not be read by the platform."
        if self.reading:
            yield f"{pluralize(len(self.reading), 'file')} are still being read.".replace(
                "1 file are", "1 file is"
            )
        if self.taken_out:
            count = pluralize(len(self.taken_out), "file")
            yield f"{count} taken out of the store {_choose_verb(self.taken_out)} still among the account's files."

    async def _send_all(self, files: Iterable[LocalFile]) -> None:
        """Send files, a few at once; one that fails is noted. Raises ApiError where all would."""
        left = [file for file in files if not self._sent.find(file)]
        if not left:
            return
        pending, newest = iter(left), await find_newest(self._platform.client)

        async def work() -> None:
            for file in pending:
                await self._try(file.name, partial(self._send, file, newest))

        await run_together(work() for _ in range(AT_ONCE))

    async def _send(self, file: LocalFile, newest: str) -> None:
        task = Upload(self._platform, file.path, PURPOSE)
        await asyncio.to_thread(self._sent.note_begin, file, newest)
        try:
            await task.work()
        except BaseException:
            await task.discard()
            raise
        if task.sha256 and task.sha256 != file.sha256:
            raise ApiError(f"{file.path} was changed meanwhile.", "The next run sends it.")
        await asyncio.to_thread(self._sent.note, file, str(task.answer.get("id") or ""))

    async def _add(self, entries: Sequence[Mapping[str, Any]], files: Sequence[LocalFile]) -> None:
        """Add files that were sent to the store, many with one call."""
        for start in range(0, len(entries), BATCH):
            part = entries[start : start + BATCH]
            names = [file.name for file in files[start : start + BATCH]]
            if await self._try(names, partial(self._add_part, part)):
                self.move(self.done + len(part))

    async def _add_part(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Add some files; where it is not known whether that was done, look, and add those that are not there."""
        scope = {"vector_store_id": self._store}
        try:
            answer = await self._platform.client.call(ATTACH_MANY, scope, body={"files": list(entries)})
        except OutcomeUnknown:
            there = {each.id for each in await read_store(self._platform, self._store)}
            if left := [each for each in entries if each["file_id"] not in there]:
                answer = await self._platform.client.call(ATTACH_MANY, scope, body={"files": left})
            else:
                return
        self._platform.note_made(STORE_FILES, answer, scope)

    async def _read_again(self, stored: Sequence[StoredFile], found: Scan) -> None:
        """Take out files that could not be read, and add them once more."""
        again = [each for each in stored if await self._detach(each)]
        entries = [_build_entry(each.id, join_attributes(found.files[each.name], [each])) for each in again]
        await self._add(entries, [found.files[each.name] for each in again])

    async def _label(self, plan: FolderPlan) -> None:
        """Give files of the store the attributes that they have in the folder now."""
        action = STORE_FILES.action("edit")
        assert action
        scope = {"vector_store_id": self._store}
        for name, (file, stored) in plan.labelled.items():
            record = STORE_FILES.record({"id": stored.id})
            body = {"attributes": join_attributes(file, [stored])}
            if await self._try(name, partial(self._platform.act, STORE_FILES, scope, record, action, body)):
                self.move(self.done + 1)

    async def _take_out(self, stored: Iterable[StoredFile]) -> None:
        pending = iter(stored)

        async def work() -> None:
            for each in pending:
                if await self._detach(each):
                    self.move(self.done + 1)

        await run_together(work() for _ in range(AT_ONCE))

    async def _detach(self, stored: StoredFile) -> bool:
        """Take a file out of the store; one that is gone already counts as taken out."""
        action = STORE_FILES.action("detach")
        assert action

        async def detach() -> None:
            record = STORE_FILES.record({"id": stored.id})
            try:
                await self._platform.act(STORE_FILES, {"vector_store_id": self._store}, record, action)
            except NotFound:
                return

        return await self._try(stored.name, detach)

    async def _try(self, names: str | Sequence[str], do: Callable[[], Awaitable[object]]) -> bool:
        """Do something, again later where that is refused for haste. Returns whether it was done.

        A fault is noted for the files it concerns. Raises ApiError where everything else would fail alike.
        """
        try:
            await retry_when_rate_limited(do, asyncio.sleep)
        except ApiError as error:
            if error.about_caller or may_pass(error):
                raise
            self.faults |= dict.fromkeys([names] if isinstance(names, str) else names, error)
            return False
        return True

    # How it ended, and what is kept of it.

    @property
    def is_whole(self) -> bool:
        """Whether the store holds all of the folder, and the platform has read it."""
        return not (self.faults or self.unread or self.reading)

    def judge(self) -> State:
        """Return how it went: in part, where something could not be done."""
        return "partial" if self.faults or self.unread else "done"

    def failures(self) -> list[tuple[str, str, str]]:
        """Return the name, what became of it and why, of each file that is not as in the folder."""
        unread = [(name, "not read by the platform", why) for name, why in self.unread.items()]
        return [*((name, "failed", str(error)) for name, error in self.faults.items()), *unread]

    def describe(self) -> Fact:
        """Return what is filled from where."""
        return {
            "kind": "store-fill",
            "store": self._store,
            "sources": list(self._sources),
            "attributes": self._attributes,
            "removes": self._removes,
        }


def _choose_verb(several: Sequence[object]) -> str:
    return "is" if len(several) == 1 else "are"


def _build_entry(id_: str, attributes: Mapping[str, Value]) -> dict[str, Any]:
    return {"file_id": id_, "attributes": dict(attributes)}
