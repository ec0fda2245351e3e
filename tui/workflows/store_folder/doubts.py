"""Files that may have been sent for a store by a run that was cut: looked for, so that they are not sent again."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.live.patience import insist
from tui.resources.files import FILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.client import Client
    from tui.workflows.store_folder.scan import LocalFile
    from tui.workflows.store_folder.sent import SentFiles

PURPOSE = "assistants"
_NEWEST = {**FILES.query, "purpose": PURPOSE, "order": "desc"}


async def find_newest(client: Client) -> str:
    """Return the id of the newest file; "" where there is none. Raises ApiError."""
    assert FILES.list
    page = await insist(partial(client.page, FILES.list, query=_NEWEST, limit=1))
    return next((FILES.record(raw).id for raw in page.items if isinstance(raw, dict)), "")


async def find_sent(client: Client, sent: SentFiles, files: Sequence[LocalFile]) -> None:
    """Note the ids of files of which that is in doubt: they are newer than the newest that was there before.

    Of several that look alike none is taken. Raises ApiError.
    """
    doubted = {file.name: (file, after) for file in files if (after := sent.find_doubt(file)) is not None}
    alike = Counter((file.path.name, file.size) for file, _ in doubted.values())
    seen: dict[tuple[str, Any], str] = {}

    async def settle(last: str) -> None:
        """Note those that were sent after the file `last`: all that is newer was seen."""
        for name, (file, after) in list(doubted.items()):
            if after == last:
                del doubted[name]
                key = file.path.name, file.size
                if alike[key] == 1 and key in seen:
                    await asyncio.to_thread(sent.note, file, seen[key])

    if not doubted:
        return
    assert FILES.list
    async for page in client.pages(FILES.list, query=_NEWEST, limit=FILES.page_max):
        for record in (FILES.record(raw) for raw in page.items if isinstance(raw, dict)):
            await settle(record.id)
            if record.id not in sent.known:
                seen.setdefault((str(record.at("filename")), record.at("bytes")), record.id)
        if not doubted:
            return
    await settle("")
