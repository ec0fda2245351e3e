"""Failures of the link: from httpx's exceptions to LinkError, and whether a proxy on the way failed."""

from __future__ import annotations

import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

import httpx

from tui.api.credentials.server import DIRECT
from tui.api.errors import LinkError

_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)  # no faults, and part of any that cut a connection
_WANTS_CERTIFICATE = ("ALERT_CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE")
_NO_HTTP = ("illegal", "Receive buffer")  # in what is said of an answer that is none
_PASSED = ("proxy.start_tls.started", "socks.start_tls.started")
"""What httpcore tells of when a proxy has let a request through, and the server is talked to."""


class ProxyWay:
    """How far a request came that goes through a proxy."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc.rpartition("@")[2]
        """The proxy, as host and port: never what it is logged in with."""
        self.is_passed = False
        """Whether the proxy has let it through, so that what fails then is the server's."""

    async def note(self, event: str, _info: dict[str, Any]) -> None:
        """Hear what happens on the way, as a trace of httpcore."""
        self.is_passed |= event in _PASSED


def find_way(proxy: str, url: httpx.URL, *, uses_environment: bool) -> ProxyWay | None:
    """Return the way of a request through a proxy, that of the profile or of the environment; None for none."""
    if proxy:
        return None if proxy == DIRECT else ProxyWay(proxy)
    if not uses_environment:
        return None
    # As httpx does; `proxy_bypass` may ask a name server, on macOS for each request.
    from urllib.request import getproxies, proxy_bypass_environment  # type: ignore[attr-defined]

    given = getproxies()
    address = given.get(url.scheme) or given.get("all") or ""
    if not address or proxy_bypass_environment(url.host, given):
        return None
    return ProxyWay(address if "://" in address else f"http://{address}")


def make_link_error(error: Exception, host: str, way: ProxyWay | None = None) -> LinkError:
    """Return the LinkError for what httpx raised while talking to `host`, by a `way` through a proxy or none."""
    causes = _list_causes(error)
    sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError)
    if isinstance(error, httpx.ProxyError):
        which = f"proxy {way.host}" if way else "proxy"
        return LinkError("proxy", f"The {which} does not let requests through to {host} ({error}).", sent=False)
    at_proxy = not sent and way is not None and not way.is_passed
    who = f"The proxy {way.host}" if at_proxy and way else host
    if isinstance(error, httpx.TimeoutException):
        what = "did not accept the connection in time" if not sent else "fell silent"
        return LinkError("timeout", f"{who} {what}.", sent=sent, at_proxy=at_proxy)
    tls = [each for each in causes if isinstance(each, ssl.SSLError) and not isinstance(each, _WAITING)]
    if tls:
        whys = (getattr(each, "verify_message", "") or each.reason for each in tls)
        why = next(filter(None, whys), None) or "no common protocol"
        if not at_proxy and any(word in why for word in _WANTS_CERTIFICATE):
            why = "the server may want a certificate, which the profile names as client_cert"
        to = who.replace("The", "the") if at_proxy else who
        return LinkError("tls", f"The secure connection to {to} failed: {why}.", sent=sent, at_proxy=at_proxy)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            what = who if at_proxy else f"The host {host}"
            return LinkError("dns", f"{what} is not known.", sent=sent, at_proxy=at_proxy)
    if not sent:
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        what = "refuses the connection" if refused else "cannot be reached"
        return LinkError("refused", f"{who} {what}.", sent=False, at_proxy=at_proxy)
    if isinstance(error, httpx.RemoteProtocolError) and any(word in str(error) for word in _NO_HTTP):
        return LinkError("cut", f"What {host} answers is no HTTP.")
    return LinkError("cut", f"The connection to {host} was cut before the end of the answer.")


def _list_causes(error: BaseException) -> list[BaseException]:
    """Return an exception and all that led to it, groups taken apart."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
    return found
