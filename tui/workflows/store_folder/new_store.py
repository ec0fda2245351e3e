"""The store that is made for a folder: a run that was cut finds it again by its name and the folder."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.errors import LocalFileError, NotFound
from tui.live.patience import insist
from tui.resources.vector_stores.stores import VECTOR_STORES
from tui.system.private_files import directories, state_file, write_private

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.live.platform import Platform


class NewStore:
    """A store made by its name, whose id is kept until it holds all of its sources and can search them."""

    def __init__(self, platform: Platform, name: str, sources: Sequence[str]) -> None:
        self.name = name
        self._platform = platform
        where = [str(Path(each).expanduser().absolute()) for each in sources]
        self._owner = json.dumps([platform.client.connection.base_url, name, where])

    async def find(self) -> str:
        """Return the id of the store that an earlier run has made and not filled; "" for none. Raises ApiError."""
        store = ""
        with suppress(OSError, ValueError, KeyError, TypeError):
            store = str(json.loads(state_file("store-new", self._owner).read_bytes())["store"])
        if store:
            try:
                await insist(partial(self._platform.get, VECTOR_STORES, {}, store))
            except NotFound:
                return ""
        return store

    async def make(self) -> str:
        """Make it, or take an empty one of its name, as a run that was cut has left it; return its id.

        Raises ApiError: nothing is made where its id cannot be kept.
        """
        action = VECTOR_STORES.action("create")
        assert action
        await asyncio.to_thread(self._keep, "")
        if not (store := await self._find_empty()):
            answer = await self._platform.act(VECTOR_STORES, {}, None, action, {"name": self.name})
            store = str(answer.get("id") or "")
        await asyncio.to_thread(self._keep, store)
        return store

    def forget(self) -> None:
        """Keep nothing of it: another run of this name makes another."""
        with suppress(OSError):
            state_file("store-new", self._owner).unlink(missing_ok=True)

    async def _find_empty(self) -> str:
        assert VECTOR_STORES.list
        page = await insist(
            partial(self._platform.client.page, VECTOR_STORES.list, query=VECTOR_STORES.query, limit=100)
        )
        for each in map(VECTOR_STORES.record, (item for item in page.items if isinstance(item, dict))):
            if each.at("name") == self.name and each.at("file_counts.total") == 0 and each.id:
                return each.id
        return ""

    def _keep(self, store: str) -> None:
        """Keep the id, or room for it. Raises LocalFileError."""
        try:
            write_private(state_file("store-new", self._owner), json.dumps({"store": store}).encode())
        except OSError as error:
            made = f"{store} was made, and nothing was sent" if store else "Nothing was made or sent"
            why = f"{directories().state} cannot be written ({error.strerror or error})"
            raise LocalFileError(
                f"{made}: what it is filled from cannot be kept, as {why}.",
                "Free some space, or set O9S_STATE_DIR to another folder.",
            ) from None
