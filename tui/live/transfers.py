"""Transfers as tasks: files that come from the platform, and files that go there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.live.tasks import Task
from tui.resources.files import FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.platform import Platform


class Download(Task):
    """The content of an object, saved whole as a file or not at all."""

    kind = "transfer"
    unit = "bytes"
    can_pause = False

    def __init__(
        self,
        client: Client,
        operation: Operation,
        path: Mapping[str, str],
        target: Path,
        *,
        name: str,
        expected: int | None = None,
        finish: Callable[[Path], object] | None = None,
    ) -> None:
        """`path` are the parameters of the operation, `expected` is the size in bytes.

        `finish` changes the file once it is there; it runs in a thread.
        """
        super().__init__(f"download {name}", expected)
        self.target = target
        self.path = str(target)
        self._client, self._operation, self._path = client, operation, path
        self._expected, self._finish = expected, finish

    async def work(self) -> None:
        """Download it."""
        await self._client.download(
            self._operation, self._path, self.target, progress=self.move, expected=self._expected
        )
        if self._finish:
            await asyncio.to_thread(self._finish, self.target)
        self.result = f"Saved {self.target} in full."


class Upload(Task):
    """A file of this machine, sent to the platform."""

    kind = "transfer"
    unit = "bytes"
    can_pause = False

    def __init__(self, platform: Platform, source: Path, purpose: str, expires_after: int | None = None) -> None:
        """`expires_after` is in seconds."""
        super().__init__(f"upload {source.name}", None)
        self.path = str(source)
        self.answer: dict[str, Any] = {}
        """The platform's File object, once it is there."""
        self._platform, self._source = platform, source
        self._purpose, self._expires_after = purpose, expires_after

    async def work(self) -> None:
        """Upload it, and have the list of files show it."""
        self.answer = await self._platform.client.upload(
            self._source, self._purpose, expires_after=self._expires_after, progress=self.move
        )
        self.object_id = str(self.answer.get("id") or "")
        self.result = f"Created file {self.object_id}."
        self._platform.watch(FILES).outdate()
