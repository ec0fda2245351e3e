"""Transfers as tasks: files that come and files that go, gone on with where they were cut."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, LocalFileError, StatusError
from tui.api.retries import backoff
from tui.api.transfers.receiving import Part, hash_file
from tui.api.transfers.sending import WHOLE_BYTES, SentParts
from tui.live.patience import is_cut, may_pass
from tui.live.tasks.tasks import Task
from tui.resources.files import FILES
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.api.client import Client
    from tui.live.platform import Platform
    from tui.live.tasks.store import Fact
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

TRIES = 5  # times in a row that a transfer is cut without getting further, before it waits for its user
LONGEST = 30.0  # seconds between two of them
SLACK = 60.0  # seconds that clocks may differ by, where a file is looked for that may have arrived
PAGES = 10  # of files, the most that are looked through for that


class Resumable(Task):
    """A task that can be gone on with where it was, after a fault that may pass, too."""

    kind = "transfer"

    @property
    def can_go_on(self) -> bool:
        """Whether what is left of it can be done: after a fault that may pass, too."""
        return self.state == "paused" or (self.state == "failed" and may_pass(self.error))


class Transfer(Resumable):
    """A transfer: when the link is lost it goes on by itself, and where that does not help, when it is told to."""

    unit = "bytes"

    @abstractmethod
    async def _move(self) -> None:
        """Transfer what is left. Raises ApiError."""

    async def work(self) -> None:
        """Transfer it, in as many tries as get it further than any before."""
        failures, furthest = 0, self.done
        while True:
            try:
                await self._move()
                return
            except ApiError as error:
                failures = 1 if self.done > furthest else failures + 1
                furthest = max(furthest, self.done)
                if not is_cut(error) or not self.can_pause or failures >= TRIES:
                    raise
            await asyncio.sleep(backoff(failures, LONGEST))


class Download(Transfer):
    """The content of an object, saved whole as a file or not at all."""

    def __init__(
        self,
        client: Client,
        resource: Resource,
        action: Action,
        path: Mapping[str, str],
        target: Path,
        *,
        name: str,
        expected: int | None = None,
        finish: Callable[[Path], bool] | None = None,
    ) -> None:
        """`path` are the parameters of the action's operation, `expected` the bytes that the platform says it has.

        `finish` may change the file once it is there, and tells whether it did; it runs in a thread.
        """
        super().__init__(f"download {name}", expected if expected and expected > 0 else None)
        self.path = str(target)
        self.other_size = ""
        """A sentence on its size, where that was expected to be 0 or less, and is not."""
        self.part = Part.beside(target)
        self.part.changed = lambda: self.keep("version", version=self.part.version)
        self._client, self._resource, self._action, self._path = client, resource, action, path
        self._target = target
        self._expected, self._finish = expected, finish

    async def _move(self) -> None:
        await self._client.download(
            self._action.operation,
            self._path,
            self._target,
            progress=self.move,
            expected=self._expected,
            part=self.part,
        )
        self.sha256 = self.part.sha256
        size = self._target.stat().st_size
        if self._expected not in (None, size):
            self.other_size = f"It is {pluralize(size, 'byte')}, and the platform says {self._expected:,}."
        if self._finish:
            changed = await asyncio.to_thread(self._finish, self._target)
            self.sha256 = await hash_file(self._target) if changed else self.sha256
        self.result = " ".join(filter(None, (f"Saved {self._target} in full.", self.other_size)))

    def describe(self) -> Fact:
        """Return what comes from where, and where it goes."""
        return {
            "kind": "download",
            "resource": self._resource.name,
            "action": self._action.name,
            "path": dict(self._path),
            "target": str(self._target),
            "part": self.part.path.name,
            "expected": self._expected,
            "finish": self._finish is not None,
        }

    def take(self, fact: Fact) -> None:
        """Take up which version the bytes are of that came in an earlier run."""
        super().take(fact)
        if fact["fact"] == "version":
            self.part.version = str(fact["version"])

    def doubt(self) -> None:
        """Look how much has come."""
        with contextlib.suppress(OSError):
            self.done = self.part.path.stat().st_size

    async def discard(self) -> None:
        """Delete what has come."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self.part.path.unlink)


class Upload(Transfer):
    """A file of this machine, sent to the platform. A large one goes in parts, and can be paused between them."""

    def __init__(self, platform: Platform, source: Path, purpose: str, expires_after: int | None = None) -> None:
        """`expires_after` is in seconds."""
        super().__init__(f"upload {source.name}", None)
        self.path = str(source)
        self.answer: dict[str, Any] = {}
        """The platform's File object, once it is there."""
        self.sent = SentParts()
        self.sent.changed = self._keep_parts
        self._is_large = self._was_sending = False
        self._seen: tuple[int, int] | None = None  # size and time of change of the file as it was sent
        self._platform, self._source = platform, source
        self._purpose, self._expires_after = purpose, expires_after

    @property
    def can_pause(self) -> bool:
        """Whether it goes in parts, and not all of them are there."""
        return self._is_large and not self.sent.is_whole

    @property
    def can_go_on(self) -> bool:
        """Whether what is left of it can be sent; one that was stopped in one piece, from its beginning."""
        cut = self.state == "cancelled" and not self._is_large and self.done < (self.total or 0)
        doubted = self.state == "unknown" and self._source.is_file()  # it is looked for first
        return cut or doubted or super().can_go_on

    why_no_pause = "a file of up to 512 MB goes in one piece: ctrl+x stops it, and s then begins it again"

    async def _move(self) -> None:
        await self._look()
        if self._was_sending and not self.can_pause and (arrived := await self._find_arrived()):
            self._note(arrived, "It had arrived, as file {}.")
            return
        if not self.sha256:
            self.sha256 = await hash_file(self._source)
        await self.announce("sending", in_parts=self._is_large)
        self._was_sending = True
        gone_on_with = bool(self.sent.parts)
        try:
            self.answer = await self._send()
        except StatusError as error:
            if not gone_on_with or error.status not in (400, 404):
                raise
            self.sent.forget()  # its parts have expired
            self.answer = await self._send()
        self._note(self.answer, "Created file {}.")

    def _note(self, answer: dict[str, Any], words: str) -> None:
        """Note the platform's File object."""
        self.answer, self.object_id = answer, str(answer.get("id") or "")
        self.result = words.format(self.object_id)
        self._platform.note_made(FILES, answer)

    async def _find_arrived(self) -> dict[str, Any] | None:
        """Return the newest file of this name and size that came since this began, if any. Raises ApiError."""
        since, looked = self.began - SLACK, 0
        if FILES.list is None:
            return None
        async for page in self._platform.client.pages(FILES.list, query=FILES.query, limit=FILES.page):
            files = [FILES.record(raw) for raw in page.items]
            for file in files:
                is_like = file.read("filename") == self._source.name and file.read("bytes") == self.total
                if is_like and (unix_time(file.read("created_at")) or since) >= since:
                    return dict(file.raw)
            looked += 1
            if looked >= PAGES or all((unix_time(file.read("created_at")) or since) < since for file in files):
                break
        return None

    def describe(self) -> Fact:
        """Return what is sent."""
        return {
            "kind": "upload",
            "source": str(self._source),
            "purpose": self._purpose,
            "expires_after": self._expires_after,
        }

    def _keep_parts(self) -> None:
        sent = self.sent
        self.keep("parts", upload_id=sent.upload_id, parts=sent.parts, is_whole=sent.is_whole, seen=self._seen)

    def take(self, fact: Fact) -> None:
        """Take up what was sent in an earlier run."""
        super().take(fact)
        if fact["fact"] == "sending":
            self._was_sending, self._is_large = True, bool(fact["in_parts"])
        elif fact["fact"] == "parts":
            sent = self.sent
            sent.upload_id, sent.is_whole = str(fact["upload_id"]), bool(fact["is_whole"])
            sent.parts, self._seen = [str(part) for part in fact["parts"]], tuple(fact["seen"])

    def doubt(self) -> None:
        """Note that it is not known whether the file arrived, where it was all sent or may have been."""
        if self._was_sending and not self.can_pause:
            self.state = "unknown"
            is_there = self._source.is_file()
            then = "s looks for it, and sends it again if it is not." if is_there else "The local file is gone."
            self.error = ApiError(f"The program ended while it was sent: :files shows whether it arrived. {then}")

    async def _send(self) -> dict[str, Any]:
        return await self._platform.client.upload(
            self._source, self._purpose, expires_after=self._expires_after, progress=self.move, sent=self.sent
        )

    async def _look(self) -> None:
        """Look whether the file is still the one whose first parts were sent. Raises LocalFileError."""
        try:
            found = await asyncio.to_thread(self._source.stat)
        except OSError as error:
            raise LocalFileError.of(error, self._source) from None
        seen = found.st_size, found.st_mtime_ns
        self._is_large, self.total = found.st_size > WHOLE_BYTES, found.st_size
        if self._seen not in (None, seen) and self.sent.upload_id:
            raise LocalFileError(
                f"{self._source} has changed since its first parts were sent.", "Cancel this, and upload it anew."
            )
        if self._seen != seen:
            self.sha256 = ""
        self._seen = seen

    async def discard(self) -> None:
        """Have the platform forget the parts that were sent."""
        await self._platform.client.cancel_upload(self.sent)
