"""Answers that say no, by their status."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from tui.api.errors.base import LIMIT, ApiError
from tui.api.redaction import redact
from tui.text import clean


class StatusError(ApiError):
    """An answer with an error status, and what the platform said of it.

    An `implied` status is what the words amount to: the status line said 200.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        code: str = "",
        type_: str = "",
        param: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        should_retry: bool | None = None,
        host: str = "",
        implied: bool = False,
    ) -> None:
        self.status = status
        self.message = clean(redact(message), LIMIT)
        self.code = clean(redact(code), 100)
        self.type = clean(redact(type_), 100)
        self.param = clean(redact(param), 100)
        self.request_id = clean(redact(request_id), 100)
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again, where it says so."""
        self.should_retry = should_retry
        """The server's explicit word on repeating the request, where it says so."""
        self.host = host
        """The host that answered."""
        phrase = _find_phrase(status)
        what = self._what if implied else f"{self._what} ({status} {phrase})"
        repeated = self.message.casefold() in ("", phrase.casefold(), f"{status} {phrase}".casefold())
        super().__init__(what if repeated else f"{what}: {self.message}", self._then(), again=self._again())

    _what = "The server refused the request"
    _next = ""

    def _then(self) -> str:
        return self._next

    def _again(self) -> str:
        return ""


class Unauthorized(StatusError):
    """401: the key is not good."""

    permanent = True
    about_caller = True
    _what = "The server does not accept the key"
    _next = "See `o9s auth status`; set a key with `o9s auth login`, OPENAI_API_KEY or OPENAI_ADMIN_KEY."


class KeyNotSent(Unauthorized):
    """401 where the profile says that no key is sent."""

    _what = "The server wants a key, and none is sent"
    _next = (
        'The profile says auth = "none": set auth to how the server takes a key, "bearer" or "api-key", '
        "or put what it wants among its headers."
    )

    def __init__(self, refusal: Unauthorized) -> None:
        super().__init__(
            refusal.status,
            refusal.message,
            code=refusal.code,
            type_=refusal.type,
            param=refusal.param,
            request_id=refusal.request_id,
            host=refusal.host,
        )


class Forbidden(StatusError):
    """403, and a 401 for want of a scope: the key is good but may not do this."""

    permanent = True
    about_object = True
    _what = "This key has no access here"
    _next = "Ask an owner for the permission, or use another key or profile."


class NotFound(StatusError):
    """404: no such object, or no such family on this server."""

    permanent = True
    about_object = True
    _what = "Not found"
    _next = "It may have been deleted, belong to another project, or not exist on this server."


class PlaceLost(NotFound):
    """404 for a later page of a list: the object is gone after which it was to go on, or its cursor too old."""

    _what = "The server no longer finds where the list goes on"
    _next = "Read the list again."


class Conflict(StatusError):
    """409: not in the state the object is in now."""

    _what = "The object is in another state by now"
    _next = "Refresh and look before trying again."

    @property
    def before_retry(self) -> str:
        """The same without the advice to look first."""
        return self.sentence


class NotServed(StatusError):
    """405, 501, or 404 for a whole list: this server does not have the call. Asking again would not help."""

    was_sent: ClassVar[bool] = True
    """Whether the server said so, and it is not only known of its kind."""

    permanent = True
    about_object = True
    _what = "Not on this server"
    _next = "Other servers that speak this API may have it."


class NoVersion(NotServed):
    """404 for a whole list, where the base URL does not end with the version of the API."""

    _next = "The base URL may lack its version: most end with /v1."


class NotRecorded(StatusError):
    """What a replay answers to what was not asked, or not sent so, while it was recorded."""

    permanent = True
    about_object = True
    _what = "Not in the recording"


class LeftOut(NotServed):
    """A list that servers of this kind are known not to have. Nothing was sent."""

    was_sent = False

    def __init__(self, kind: str, path: str) -> None:
        super().__init__(404)
        self.known_of = f"{kind} has no {path}"
        self.sentence = f"Not on this server: {self.known_of}."
        self.hint = self.next = "It was not asked."
        self.args = (self.sentence, self.next)


class Invalid(StatusError):
    """400, 422 and other refusals of what was sent."""

    about_object = True
    _what = "The server refused the request"

    def _again(self) -> str:
        if self.status == 407:
            return (
                "Check `proxy` in the profile, HTTPS_PROXY and NO_PROXY: the proxy asks for a name and a password."
            )
        return "Change the request and try again."


_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


class RateLimited(StatusError):
    """429: too many requests; works again later."""

    _what = "Too many requests"

    def _again(self) -> str:
        if not self.retry_after:
            return "Try again in a while."
        unit, seconds = next(each for each in _UNITS if self.retry_after >= 2 * each[1] or each[1] == 1)
        return f"Try again in {max(1, round(self.retry_after / seconds))} {unit}."


class QuotaExceeded(StatusError):
    """429 that no waiting mends: the quota or the credit is used up."""

    permanent = True
    _what = "The account's quota is used up"
    _next = "Check the plan and the credit of the account; waiting does not help."


class ServerError(StatusError):
    """5xx: the platform failed."""

    _what = "The server failed"

    def _then(self) -> str:
        if is_official(self.host):
            return "If it lasts, see status.openai.com."
        return f"If it lasts, whoever runs {self.host or 'the server'} may know more."

    def _again(self) -> str:
        return "Try again later."


def is_official(host: str) -> bool:
    """Return whether a host is OpenAI's."""
    return f".{host}".endswith(".openai.com")


def _find_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "status"
