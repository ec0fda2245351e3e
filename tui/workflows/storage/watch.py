"""The groups of files as rows of a list, kept fresh while somebody looks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.live.listeners import combine_ends
from tui.live.lists.collection import Collection
from tui.live.polling.filled import Filled
from tui.resources.files import FILES
from tui.resources.language.cells import pluralize
from tui.resources.storage import STORAGE
from tui.workflows.storage.groups import group_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.platform import Platform
    from tui.live.polling.used_by import UsedBy
    from tui.resources.language.objects import Record

PAUSE = 1.0  # seconds between two sums: files come in pages


class StorageWatch(Filled):
    """Holds groups of files. While somebody looks, all files are read, and what uses them."""

    def __init__(self, platform: Platform, used_by: UsedBy) -> None:
        super().__init__(platform.client, Collection(STORAGE), platform.scheduler)
        self._platform, self._used_by = platform, used_by
        self._files = platform.watch(FILES)
        self._let_go: Callable[[], object] = lambda: None
        self._loading: asyncio.Future[None] | None = None
        self._filling: asyncio.Task[None] | None = None
        self._again = False
        self._reads_uses = False  # whether what uses files was still being read at the last sum

    @property
    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._platform.now()

    @property
    def progress(self) -> str:
        """How much was read of the list of files, and of what uses them."""
        files = self._files
        if files.collection.complete or files.health.error:
            return self._used_by.progress or ("adding up" if self._again else "")
        return f"{pluralize(len(files.collection.records), 'file')} read"

    @property
    def as_of(self) -> str:
        """Since when it is what uses the files; "" while that is being read, or not known."""
        return "" if self._used_by.progress else self._used_by.as_of

    @property
    def unread(self) -> str:
        """What of it is not known: the files that were not read, and what uses them."""
        told = [self._files.unread, self._used_by.unread]
        if self._files.collection.cut:
            told.append("The server has more files than it gave.")
        return " · ".join(filter(None, told))

    def start(self) -> None:
        """Read the files and what uses them, from now on."""
        self._viewers += 1
        self._files.set_query({})  # all of them, whatever they were filtered by where they were shown last
        if self._viewers == 1:
            self._let_go = combine_ends(
                self._files.subscribe(lambda _: self._fill_soon(), lambda _: self._note_health()),
                self._used_by.listen(lambda _: self._note_uses()),
            )
        self._files.start()
        self._used_by.start()
        self._fill_soon()
        self._loading = asyncio.ensure_future(self._files.load_more(all=True))  # no longer than somebody looks

    def stop(self) -> None:
        """Undo one `start`."""
        self._viewers = max(0, self._viewers - 1)
        if not self._viewers:
            self._let_go()
        self._files.stop()
        self._used_by.stop()

    async def refresh(self) -> None:
        """Ask for everything anew; it comes when it comes."""
        self._files.outdate()
        self._used_by.outdate()

    async def load_more(self, all: bool = False) -> None:  # noqa: A002, ARG002
        """Read the list of files to its end; `all` or not."""
        await self._files.load_more(all=True)

    def _note_health(self) -> None:
        if error := self._files.health.error:
            self.fail(error)

    def _note_uses(self) -> None:
        """Say how far the reading of what uses files is; once it is over, sum up once more."""
        if bool(self._used_by.progress) != self._reads_uses:
            self._fill_soon()
        self._announce()

    def _fill_soon(self) -> None:
        """Sum up all files that are known, unless that is just done; then once more after it."""
        self._again = True
        if self._filling is None or self._filling.done():
            self._filling = asyncio.ensure_future(self._fill())

    async def _fill(self) -> None:
        while self._again and self.visible:
            self._again = False
            records, collection = list(self._files.collection.records.values()), self._files.collection
            if records or collection.complete:
                self._reads_uses = bool(self._used_by.progress)
                reading = not (collection.complete or collection.cut), self._reads_uses
                self.fill(await asyncio.to_thread(build_rows, records, self.now, *reading))
            await asyncio.sleep(PAUSE)


def build_rows(
    records: list[Record], now: float, reads_files: bool = False, reads_uses: bool = False
) -> list[dict[str, Any]]:
    """Return the groups of files as `StorageGroup` has them; with what is still being read, they may be more."""
    groups = group_files(records, now)
    total = sum(group.held.size for group in groups if group.kind == "purpose")
    return [
        {
            "id": f"{group.kind}/{group.name}",
            "by": group.kind,
            "name": group.name,
            "files": group.held.files,
            "bytes": float(group.held.size),
            "share": float(group.held.size / total) if total else 0.0,
            "unread": group.held.unread,
            "unknown": group.unknown,
            "unused": group.unused.files,
            "unused_bytes": float(group.unused.size),
            "unused_unread": group.unused.unread,
            "filter": group.filter,
            "more": reads_files,
            "more_unused": reads_files or reads_uses,
        }
        for group in groups
    ]
