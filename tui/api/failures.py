"""Failures of the link: from httpx's exceptions to LinkError."""

from __future__ import annotations

import socket
import ssl

import httpx

from tui.api.errors import LinkError

_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)  # no faults, and part of any that cut a connection
_WANTS_CERTIFICATE = ("ALERT_CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE")


def link_error(error: Exception, host: str) -> LinkError:
    """Return the LinkError for what httpx raised while talking to `host`."""
    causes = _causes(error)
    sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError)
    if isinstance(error, httpx.ProxyError):
        return LinkError("proxy", f"The proxy does not let requests through to {host} ({error}).", sent=False)
    if isinstance(error, httpx.TimeoutException):
        what = "did not accept the connection in time" if not sent else "fell silent"
        return LinkError("timeout", f"{host} {what}.", sent=sent)
    tls = [each for each in causes if isinstance(each, ssl.SSLError) and not isinstance(each, _WAITING)]
    if tls:
        whys = (getattr(each, "verify_message", "") or each.reason for each in tls)
        why = next(filter(None, whys), None) or "no common protocol"
        if any(word in why for word in _WANTS_CERTIFICATE):
            why = "the server may want a certificate, which the profile names as client_cert"
        return LinkError("tls", f"The secure connection to {host} failed: {why}.", sent=sent)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return LinkError("dns", f"The host {host} is not known.", sent=sent)
    if not sent:
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        what = "refuses the connection" if refused else "cannot be reached"
        return LinkError("refused", f"{host} {what}.", sent=False)
    return LinkError("cut", f"The connection to {host} was cut before the end of the answer.")


def _causes(error: BaseException) -> list[BaseException]:
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
