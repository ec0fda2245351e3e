"""The client: one async method for each way the platform is talked to."""

from __future__ import annotations

import re
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tui.api.absences import Absences
from tui.api.calls import build_common_headers, write_request
from tui.api.credentials.connection import is_loopback
from tui.api.errors import BadAnswer, NotFound, NotServed, NoVersion, PlaceLost, Redirected
from tui.api.errors.calls import TAKEOUT, explain_read_only
from tui.api.log.exchanges import Exchanges
from tui.api.operation import Key
from tui.api.paging import pages
from tui.api.paging.pages import Page
from tui.api.streams import ServerEvent, read_server_events
from tui.api.wire import BINARY, Wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from pathlib import Path

    import httpx

    from tui.api.credentials.connection import Connection
    from tui.api.log.journal import Journal
    from tui.api.operation import Operation
    from tui.api.requests import Check, Form, Request
    from tui.api.transfers.receiving import Part
    from tui.api.transfers.sending import Progress, SentParts

    Answered = Callable[[Operation, Mapping[str, str], Mapping[str, Any] | None, Mapping[str, Any]], object]

__all__ = ["Client", "Page", "ServerEvent"]

_NOTHING: Mapping[str, str] = {}
_IDLE = 90.0  # seconds a stream may be silent
_TRANSFER_PATIENCE = 300.0  # seconds the server may take to digest an upload
_DOWNLOAD_REDIRECTS = 3


class Client:
    """Calls operations of the API as a `Connection` says. Every failure is an ApiError.

    `exchanges` are the requests made; the one given is used, so that several clients may share it. `clock`
    gives seconds since 1970. `transport` takes the place of the network in tests.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        journal: Journal | None = None,
        exchanges: Exchanges | None = None,
        clock: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.connection = connection
        self.exchanges = exchanges if exchanges is not None else Exchanges()
        if connection.recorder:
            self.exchanges.recorder = connection.recorder
        self.journal = journal
        self.hear: Callable[[Mapping[str, Any]], object] | None = None
        """Is told each answer that came for an admin key: these name the people of the organization."""
        self.on_answer: Answered | None = None
        """Is told each call that was answered: its operation, the ids in its path, what was sent, the answer."""
        self.absences = Absences()
        """The lists that this server does not have."""
        self._clock = clock
        self._wire = Wire(connection, self.exchanges, journal, clock, transport)
        self._wire.on_takeout = self._note_takeout

    def _note_takeout(self, taken_at: int) -> None:
        """Refuse from now on to change what answers: it is a take-out, made at that time (unix seconds)."""
        if self.connection.taken_at != taken_at:
            self.connection = replace(self.connection, taken_at=taken_at, read_only_by=TAKEOUT)
            self._wire.connection = self.connection

    @property
    def read_only(self) -> bool:
        """Whether all that is not a read is refused before it leaves."""
        return self._wire.read_only or self.connection.read_only

    @read_only.setter
    def read_only(self, value: bool) -> None:
        self._wire.read_only = value

    @property
    def why_read_only(self) -> str:
        """Why all that is not a read is refused, and what ends that, as a clause."""
        return explain_read_only(self.connection.held_by)

    @property
    def certificate_ends(self) -> float | None:
        """When the server's certificate ends, in unix seconds; None until known, and without one."""
        return self._wire.certificate_ends

    @property
    def skew(self) -> float:
        """The server's time less the local one, in seconds; 0 until known, and while less than 2 s."""
        return self._wire.skew

    def now(self) -> float:
        """Return the server's time, in unix seconds; the local one until its first answer."""
        return self._clock() + self.skew

    async def call(
        self,
        operation: Operation,
        path: Mapping[str, str] = _NOTHING,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        check: Check | None = None,
    ) -> dict[str, Any]:
        """Call an operation whose answer is a JSON object; an empty answer is an empty one.

        A multipart operation's files are the values of `body` that are a `Path`. `check` raises ApiError for an
        answer that does not say that it was done; the journal has what came of that. Raises ApiError.
        """
        if operation.multipart:
            from tui.api.transfers.sending import form_of

            with form_of(body or {}, None) as form:
                return await self._send(operation, path, query=query, form=form, check=check)
        return await self._send(operation, path, query=query, body=body, check=check)

    async def page(
        self,
        operation: Operation,
        path: Mapping[str, str] = _NOTHING,
        *,
        query: Mapping[str, Any] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """Read one page of a list, from a cursor on. One that the server does not have is asked for once.

        Raises ApiError.
        """
        if absent := self.absences.find(operation):
            raise absent.with_traceback(None)
        try:
            page = await self._page(operation, path, query, after, limit)
        except NotServed as error:
            self.absences.note(operation, error)
            raise
        self.absences.note_answered(operation)
        return page

    async def _page(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, Any] | None,
        after: str | None,
        limit: int | None,
    ) -> Page:
        """Read one page, also of what is a single object instead of a list. Raises ApiError."""
        if operation.single:
            try:
                found = await self.call(operation, path, query=query)
            except NotFound:
                return Page([], False, after, None)
            if not found:
                raise BadAnswer("shape", "The server answered with nothing.")
            return Page([found], False, after, None)
        parameters = {
            **(query or {}),
            "limit": None if operation.whole else limit,
            pages.find_cursor_parameter(operation): after,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            envelope = await self._send(operation, path, query=given, lists=True)
        except NotFound as error:
            if operation.placeholders:
                raise
            if after is not None:
                raise PlaceLost(404, error.message, request_id=error.request_id, host=error.host) from None
            # There is nothing that could be gone but the list itself.
            has_version = re.search(r"/v\d\w*$", self.connection.base_url)
            kind = NotServed if has_version else NoVersion
            raise kind(404, error.message, request_id=error.request_id, host=error.host) from None
        return pages.page_of(operation, envelope, after)

    def pages(
        self,
        operation: Operation,
        path: Mapping[str, str] = _NOTHING,
        *,
        query: Mapping[str, Any] | None = None,
        limit: int | None = None,
        after: str | None = None,
        identify: str = "id",
    ) -> AsyncGenerator[Page, None]:
        """Yield all pages of a list; ends however the server behaves. Raises ApiError.

        `limit` is per page, `identify` is the field with an object's id.
        """
        return pages.walk_pages(
            lambda at: self.page(operation, path, query=query, after=at, limit=limit), after, identify
        )

    async def events(
        self,
        operation: Operation,
        path: Mapping[str, str] = _NOTHING,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[ServerEvent, None]:
        """Yield the server-sent events of an operation as they come; close the iterator to stop early.

        Raises ApiError, also for an error the stream itself carries. Once begun it is never repeated.
        """
        request = write_request(self.connection, operation, path, query=query, body=body)
        headers = {**request.headers, "Accept": "text/event-stream", "Cache-Control": "no-store"}
        async with AsyncExitStack() as stack:
            response = await self._open(stack, replace(request, headers=headers, patience=_IDLE))
            async for event in read_server_events(response):
                yield event

    async def download(
        self,
        operation: Operation,
        path: Mapping[str, str],
        target: Path,
        *,
        progress: Progress | None = None,
        expected: int | None = None,
        exact: bool = True,
        part: Part | None = None,
    ) -> Path:
        """Save an operation's answer as `target`, which must not exist, and return that.

        It appears whole, synced and of the `expected` size in bytes, or not at all; where that is not `exact`, it
        may be larger. Where it is None or below 1, the answer tells the size. `progress` hears the bytes received
        and the total where known. With a `part`, what has come before a fault stays there, and is gone on with
        when it is given again. Raises ApiError.
        """
        from tui.api.transfers import local_files, receiving

        request = write_request(self.connection, operation, path)
        headers = {**request.headers, "Accept": BINARY, "Accept-Encoding": "identity"}

        async def open_answer(stack: AsyncExitStack, more: Mapping[str, str]) -> httpx.Response:
            return await self._open_following(stack, replace(request, headers={**headers, **more}), more)

        with local_files.open_whole(target, part.path if part else None) as file:
            await receiving.receive(
                open_answer,
                file,
                target,
                part or receiving.Part.beside(target),
                expected=expected,
                progress=progress,
                exact=exact,
            )
        return target

    async def upload(
        self,
        source: Path,
        purpose: str,
        *,
        expires_after: int | None = None,
        progress: Progress | None = None,
        sent: SentParts | None = None,
    ) -> dict[str, Any]:
        """Send a file from this machine under its own name; returns the platform's File object.

        `expires_after` is in seconds, `progress` hears bytes sent and the total. With `sent`, the parts of a large
        file that were sent before a fault are noted there, and are not sent again with it. Raises ApiError.
        """
        from tui.api.transfers import sending

        return await sending.upload(self._send, source, purpose, expires_after, progress, sent)

    async def cancel_upload(self, sent: SentParts) -> None:
        """Have the platform forget the parts of an upload, if it can be told so soon."""
        from tui.api.transfers import sending

        await sending.cancel_upload(self._send, sent)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._wire.aclose()

    async def _send(
        self,
        operation: Operation,
        path: Mapping[str, str] = _NOTHING,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Callable[[], Form] | None = None,
        lists: bool = False,
        check: Check | None = None,
    ) -> dict[str, Any]:
        """Make a call whose answer is JSON, and let those who listen have the answer. Raises ApiError."""
        request = replace(
            write_request(self.connection, operation, path, query=query, body=body), lists=lists, check=check
        )
        if form is None:
            answer = await self._wire.json(request)
            if self.hear and operation.key is Key.ADMIN:
                self.hear(answer)
            if self.on_answer:
                self.on_answer(operation, path, body, answer)
            return answer
        # A large file may take hours: the server's silence is limited, not the whole.
        return await self._wire.json(replace(request, form=form, patience=_TRANSFER_PATIENCE), deadline=None)

    async def _open(self, stack: AsyncExitStack, request: Request) -> httpx.Response:
        """Begin to receive an answer of any length; only the beginning is repeated."""
        return await self._wire.repeat(
            request, lambda number: stack.enter_async_context(self._wire.once(request, retry=number))
        )

    async def _open_following(
        self, stack: AsyncExitStack, request: Request, more: Mapping[str, str]
    ) -> httpx.Response:
        """Begin a download, following it to where the file is kept: without keys, and never unencrypted.

        `more` are the headers that go there, too.
        """
        base = urlsplit(self.connection.base_url)
        at = self.connection.base_url + request.target
        for left in range(_DOWNLOAD_REDIRECTS, -1, -1):
            try:
                return await self._open(stack, request)
            except Redirected as moved:
                before, at = urlsplit(at), urljoin(at, moved.target)
                parts = urlsplit(at)
                local = all(each.scheme == "http" and is_loopback(each.hostname or "") for each in (before, parts))
                is_safe = parts.scheme == "https" or local or parts[:2] == base[:2]
                if not left or not moved.target or not is_safe:
                    raise
                encodings = {"Accept-Encoding": "identity"} if more else {}
                request = replace(request, url=at, headers={**build_common_headers(), **encodings, **more})
        raise AssertionError("a redirect is followed or raised")
