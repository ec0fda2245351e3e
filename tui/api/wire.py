"""The transport: one httpx client, and the rules that hold for all that goes through it.

Nothing leaves in read-only mode but reads; redirects are not followed; each answer is bounded in time and size;
every attempt is noted among the exchanges and every write in the journal.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, nullcontext, suppress
from contextvars import Context
from email.utils import parsedate_to_datetime
from sys import intern
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from urllib.parse import urlsplit

import httpx

from tui.api import bodies, retries
from tui.api.credentials.connection import is_loopback
from tui.api.credentials.server import DIRECT
from tui.api.errors import (
    ApiError,
    BadAnswer,
    KeyNotSent,
    LinkError,
    NotServed,
    OutcomeUnknown,
    ReadOnly,
    Redirected,
    StatusError,
    Unauthorized,
)
from tui.api.failures import ProxyWay, find_way, make_link_error
from tui.api.log.exchanges import Exchange, Exchanges
from tui.api.redaction import redact
from tui.api.requests import SILENCE

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aiolimiter import AsyncLimiter

    from tui.api.credentials.connection import Connection
    from tui.api.log.journal import Journal
    from tui.api.recording.recorder import Taking
    from tui.api.requests import Request

BINARY = "application/binary"  # what is asked for where the answer is a file
DEADLINE = 60.0  # seconds for a JSON call: httpx's own limits are for each chunk only
CONCURRENT = 4
_BURST, _BURST_SECONDS = 10, 2.0
_CONNECT = 5.0
_LONGEST = 300  # characters of a header that are kept
# What the names of kept headers begin with. Others may be secret: a signed address, a cookie.
_TOLD = (
    *("date", "server", "content-type", "content-length", "content-encoding", "content-range"),
    *("openai-", "x-request-", "retry-"),
)
_SKEW_FROM = 2.0  # seconds: less is the network and the rounding of the Date header
T = TypeVar("T")


class _AnswerHead(TypedDict, total=False):
    """What an Exchange takes from an answer's head."""

    status: int | None
    bytes_in: int
    request_id: str
    limits: dict[str, str]
    headers: dict[str, str]


def _limit_bursts() -> AsyncLimiter:
    from aiolimiter import AsyncLimiter  # imported late: a server on this machine needs no limit

    return AsyncLimiter(_BURST, _BURST_SECONDS)


class Wire:
    """Sends requests within the rules above. Every failure is an ApiError."""

    def __init__(
        self,
        connection: Connection,
        exchanges: Exchanges,
        journal: Journal | None,
        clock: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.read_only, self.connection = False, connection
        self.on_takeout: Callable[[int], object] = lambda _: None  # is told when it was made, with each answer
        self.skew = 0.0
        self.certificate_ends: float | None = None
        self._base = connection.base_url
        self._server = connection.server
        self._loopback = is_loopback(urlsplit(connection.base_url).hostname or "")
        self._exchanges = exchanges
        self._journal = journal
        self._clock = clock
        self._transport = transport
        self._http: httpx.AsyncClient | None = None
        self._elsewhere: httpx.AsyncClient | None = None
        self._starting = asyncio.Lock()
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._burst = None if self._loopback else _limit_bursts()

    async def json(self, request: Request, *, deadline: float | None = DEADLINE) -> dict[str, Any]:
        """Send a request whose answer is a JSON object, repeating it where that is safe. Raises ApiError.

        Without a `deadline` (seconds) it may take hours, and takes nobody's turn.
        """
        turn = self._slots if deadline else nullcontext()

        async def attempt(number: int) -> dict[str, Any]:
            async with turn, self.once(request, retry=number, deadline=deadline) as response:
                body = await bodies.read(response)
                answer = bodies.parse(response, body, lists=request.lists, exact=request.exact)
                if request.check:
                    request.check(answer)
                return answer

        # In a context of its own: what limits its time is kept for a minute, and with it whoever asked.
        return await asyncio.create_task(self.repeat(request, attempt), context=Context())

    async def repeat(self, request: Request, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Attempt a request until it succeeds or must not be repeated. Raises ApiError."""
        number = 0
        while True:
            try:
                return await attempt(number)
            except ApiError as error:
                wait = retries.delay_before_retry(error, reads_only=request.reads_only, retries=number)
                if wait is None:
                    raise
            await asyncio.sleep(wait)
            number += 1

    @asynccontextmanager
    async def once(
        self, request: Request, *, retry: int = 0, deadline: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request once; inside, the answer's body may be read.

        `deadline` in seconds spans both. Raises ApiError, for a write whose fate is not known OutcomeUnknown.
        """
        if not request.reads_only and (self.connection.look_for_closing() or self.read_only):
            raise ReadOnly(self.connection.held_by)
        http = await self._start(request)
        if self._burst:
            await self._burst.acquire()
        built = self._build(http, request)
        taking = await self._take_down(request)
        way = self._find_way(built)
        journal = None if request.reads_only else self._journal
        entry = journal.begin(request.method, request.target, request.ids) if journal else ""
        when, began = self._clock(), time.perf_counter()
        heard = when
        response: httpx.Response | None = None
        fault: ApiError | None = None
        cancelled = True
        try:
            async with asyncio.timeout(deadline):
                response = await self._exchanges.silence.follow(request.method, http.send(built, stream=True))
                heard = self._clock()
                if taking:
                    taking.open(when, response.status_code, _keep(response.headers, _TOLD))
                    response.extensions[bodies.HEARD] = taking.hear
                try:
                    if response.status_code >= 300:
                        raise await self._error(response, way)
                    yield response
                finally:
                    await response.aclose()
            cancelled = False
        except ApiError as error:
            fault = error
            if isinstance(error, Unauthorized) and self._server.auth == "none":
                fault = KeyNotSent(error)
        except TimeoutError:
            fault = LinkError("timeout", f"{built.url.host} did not answer within {deadline or 0:.0f} s.")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            fault = make_link_error(error, built.url.host, way)
        finally:
            unknown = _may_be_done(fault) if fault else cancelled
            exchange = Exchange(
                when=when,
                method=request.method,
                path=redact(request.target),
                error=fault.sentence if fault else "cancelled" if cancelled else "",
                ms=(time.perf_counter() - began) * 1000,
                bytes_out=int(built.headers.get("content-length", 0)),
                retries=retry,
                key=request.key,
                form=request.form is not None,
                **self._learn(response, heard),
            )
            self._exchanges.add(exchange)
            if taking:
                taking.end(when, exchange.status, {**exchange.headers, **exchange.limits}, exchange.error)
            if journal:
                outcome = "unknown" if unknown else "failed" if fault else "done"
                journal.end(entry, outcome, status=exchange.status, request_id=exchange.request_id)
        if fault:
            told = isinstance(fault, OutcomeUnknown) or request.reads_only or not unknown
            raise (fault if told else OutcomeUnknown(fault)) from None

    async def aclose(self) -> None:
        """Close all connections."""
        for http in filter(None, (self._http, self._elsewhere)):
            await http.aclose()

    async def _start(self, request: Request) -> httpx.AsyncClient:
        """Return the httpx client for a request, made when first needed.

        What is fetched from another address than the server's does not see the client's certificate. Raises
        LinkError and BadSetting.
        """
        apart = bool(request.url and self._server.client_cert)
        if found := self._elsewhere if apart else self._http:
            return found
        async with self._starting:
            if apart:
                self._elsewhere = self._elsewhere or await self._make(identified=False)
                return self._elsewhere
            self._http = self._http or await self._make(identified=True)
            return self._http

    async def _make(self, *, identified: bool) -> httpx.AsyncClient:
        """Return a new httpx client; certificates load in a thread. Raises LinkError and BadSetting."""
        verify = await self._trust(identified=identified)
        proxy = self._server.proxy
        try:
            return httpx.AsyncClient(
                transport=self._transport,
                verify=verify,
                proxy=proxy if proxy and proxy != DIRECT else None,
                trust_env=self._uses_environment,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=20),
            )
        except (ImportError, ValueError, httpx.InvalidURL):  # SOCKS wants a library of its own
            whose = (
                f"The profile names a proxy, {self._server.shown_proxy},"
                if proxy
                else "The environment names a proxy"
            )
            raise LinkError("proxy", f"{whose} that cannot be used.", sent=False) from None

    @property
    def _uses_environment(self) -> bool:
        """Whether a proxy of the environment is used: these are for the world, not for this machine."""
        return not (self._loopback or self._server.proxy)

    def _find_way(self, built: httpx.Request) -> ProxyWay | None:
        """Return the way of a request through a proxy, which hears how far that came; None where there is none."""
        if way := find_way(self._server.proxy, built.url, uses_environment=self._uses_environment):
            built.extensions["trace"] = way.note
        return way

    async def _trust(self, *, identified: bool) -> ssl.SSLContext:
        """Return whom to trust: for plain http nobody, so that whatever asks for TLS fails.

        Raises LinkError and BadSetting.
        """
        import ssl

        if self._base.startswith("http:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        from tui.api.tls import create_context

        return await asyncio.to_thread(create_context, self._server, identified=identified)

    def _build(self, http: httpx.AsyncClient, request: Request) -> httpx.Request:
        fields, files = request.form() if request.form else (None, None)
        return http.build_request(
            request.method,
            request.url or self._base + self._server.add_query(request.target),
            headers=request.headers,
            content=request.content,
            data=fields,
            files=files,
            timeout=httpx.Timeout(connect=_CONNECT, read=request.patience, write=SILENCE, pool=DEADLINE),
        )

    async def _take_down(self, request: Request) -> Taking | None:
        """Begin to take an exchange down, where a recording is made."""
        recorder = self._exchanges.recorder
        if recorder is None:
            return None
        return await recorder.begin(
            self._base,
            request.method,
            request.target,
            content=request.content,
            form=request.form() if request.form else None,
            transfer=request.headers.get("Accept") == BINARY or bool(request.url),
        )

    async def _error(self, response: httpx.Response, way: ProxyWay | None) -> ApiError:
        """Read the error of an answer with a status of 300 or more."""
        if response.status_code == 407 and way:
            return LinkError("proxy", f"The proxy {way.host} wants a login, or another one (407).", sent=False)
        if response.status_code < 400:
            return Redirected(response.status_code, response.headers.get("location", ""))
        return await bodies.read_error(response)

    def _learn(self, response: httpx.Response | None, now: float) -> _AnswerHead:
        """Return what an answer's head tells; note `certificate_ends`, and `skew` by its Date, cut to seconds."""
        if response is None:
            return {"status": None}
        headers = response.headers
        if self.certificate_ends is None and self._base.startswith("https:"):
            from tui.api.tls import find_end

            self.certificate_ends = find_end(response)
        with suppress(ValueError, OverflowError):
            ahead = parsedate_to_datetime(headers.get("date", "")).timestamp() + 0.5 - now
            self.skew = ahead if abs(ahead) >= _SKEW_FROM else 0.0
        if (taken := headers.get("o9s-takeout", "")[:11]).isdecimal():  # no time is longer
            self.on_takeout(int(taken))
        return {
            "status": response.status_code,
            "bytes_in": response.num_bytes_downloaded,
            "request_id": bodies.read_request_id(response),
            "limits": _keep(headers, "x-ratelimit-"),
            "headers": _keep(headers, _TOLD),
        }


def _keep(headers: Mapping[str, str], begins: str | tuple[str, ...]) -> dict[str, str]:
    """Return what may be kept of headers whose names begin so; what hundreds of answers say is held once."""
    told = (each for each in headers.items() if each[0].startswith(begins))
    return {intern(name): intern(redact(value[:_LONGEST])) for name, value in told}


def _may_be_done(fault: ApiError) -> bool:
    """Return whether a write that failed so may have been done all the same."""
    match fault:
        case OutcomeUnknown():
            return True
        case LinkError(sent=sent):
            return sent
        case BadAnswer(reason=reason):
            return reason != "html"  # a web page of a proxy on the way, not of the server
        case StatusError(status=status):
            return status == 408 or (status >= 500 and not isinstance(fault, NotServed))
    return False
