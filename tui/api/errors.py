"""What can go wrong between the user and the platform, typed.

ApiError                     what happened (`sentence`) and what to do (`next`)
├── BadSetting               a setting that cannot be used, such as an unknown profile
│   ├── UnknownProfile       a name that no profile has
│   ├── BadUrl               a base URL that keys must not be sent to
│   └── BadKey               text that cannot be a key, or not one of this kind
├── NoKey                    no key for this operation
├── KeyringError             the keyring is absent, locked, silent or forgets
├── ReadOnly                 a write, refused before it left
├── BadRequest               a request that cannot be put together, such as one for an empty id
├── LinkError                no answer: refused, dns, tls, timeout, cut, proxy
├── BadAnswer                an answer that is not what the API sends
├── Redirected               an answer that points elsewhere
├── StatusError              an answer that says no
│   ├── Unauthorized         401
│   ├── Forbidden            403, and a 401 for want of a scope
│   ├── NotFound             404
│   │   └── PlaceLost        404 for a later page of a list
│   ├── Conflict             409
│   ├── NotServed            405, 501, 404 for a whole list: not on this server
│   │   └── LeftOut          known of the kind of server, and not asked for
│   ├── NotRecorded          any: a replay has no answer
│   ├── Invalid              400, 422 and other refusals
│   ├── RateLimited          429: later
│   ├── QuotaExceeded        429: not before somebody pays
│   └── ServerError          5xx
├── OutcomeUnknown           a write that may or may not have been done
├── NotDone                  a write that was answered, and not done
└── LocalFileError           a file on this machine that cannot be read or written
"""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Literal

from tui.api.redaction import redact
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.api.operation import Key

_LIMIT = 600  # characters: an error is read in a line or two, whatever the server sent


class ApiError(Exception):
    """Base of all errors. Their texts are redacted and clean."""

    permanent: ClassVar[bool] = False
    """Whether the same request will fail again until somebody changes something."""
    about_caller: ClassVar[bool] = False
    """Whether every further request of this kind would fail, whatever it is about."""
    about_object: ClassVar[bool] = False
    """Whether the platform said that it does not give or take this very object."""

    def __init__(self, sentence: str, then: str = "", *, again: str = "") -> None:
        self.sentence = _end_sentence(clean(redact(sentence), _LIMIT))
        """What happened."""
        self.hint = clean(redact(then), _LIMIT)
        """What to do, without the words to try again: for where the request is repeated anyway."""
        self.next = f"{again} {self.hint}".strip()
        """What to do."""
        super().__init__(self.sentence, self.next)

    def __str__(self) -> str:
        return f"{self.sentence} {self.next}".rstrip()

    @property
    def before_retry(self) -> str:
        """What happened and what helps, for where a key that tries again is told of next."""
        return f"{self.sentence} {self.hint}".rstrip()


def _end_sentence(sentence: str) -> str:
    """Return a sentence with a full stop, which what a server says may lack."""
    ends = sentence.rstrip("\"')`”’]»").endswith((".", "!", "?", "…"))
    return sentence if ends or not sentence else f"{sentence}."


class BadSetting(ApiError):
    """A setting, from wherever it came, that cannot be used."""

    permanent = True


class UnknownProfile(BadSetting):
    """A name that no profile has."""


class BadUrl(BadSetting):
    """A base URL that keys must not be sent to."""


class BadKey(BadSetting):
    """Text that cannot be a key, or not one of the kind asked for. Never repeats the text."""


class NoKey(ApiError):
    """No key of the kind (`key`) that the operation is called with."""

    permanent = True
    about_caller = True

    def __init__(self, key: Key, then: str = "") -> None:
        self.key = key
        super().__init__(
            f"This needs {'an admin' if key == 'admin' else 'a project'} key and there is none.",
            then or f"Set {VARIABLES[key]}, or run `o9s auth login`.",
        )


class KeyringError(ApiError):
    """The system's keyring is absent, locked, silent (no answer in time), failed, or forgets what it took."""

    def __init__(self, reason: Literal["absent", "locked", "silent", "failed", "forgets"], sentence: str) -> None:
        self.reason = reason
        super().__init__(
            sentence,
            "Set OPENAI_API_KEY, or key_command in the profile, or paste the key for this session only.",
        )


class ReadOnly(ApiError):
    """A write that was refused before anything left this machine."""

    about_caller = True

    def __init__(self) -> None:
        super().__init__(
            "Writing is off: this is read-only.", "Turn it on with `:rw`, or start without --read-only."
        )


class BadRequest(ApiError):
    """A request that cannot be put together, such as one for an empty id. Nothing was sent."""

    permanent = True


LinkFault = Literal["refused", "dns", "tls", "timeout", "cut", "proxy"]

_LINK_NEXT: Mapping[LinkFault, str] = {
    "refused": "Check that the server runs and that the base URL has the right host and port.",
    "dns": "Check the host of the base URL and this machine's network.",
    "tls": "Check the host of the base URL; for a private authority name its certificate as `ca` in the profile.",
    "timeout": "If it lasts, check the network and the server.",
    "cut": "If it lasts, check the network and the server.",
    "proxy": "Check `proxy` in the profile, HTTPS_PROXY and NO_PROXY.",
}


class LinkError(ApiError):
    """The link failed: no whole answer came."""

    def __init__(self, reason: LinkFault, sentence: str, *, sent: bool = True) -> None:
        self.reason = reason
        self.sent = sent
        """Whether the request may have arrived."""
        super().__init__(sentence, _LINK_NEXT[reason], again="Try again." if reason in ("timeout", "cut") else "")


BadAnswerFault = Literal["html", "json", "cut", "part", "big", "deep", "shape", "encoding"]


class BadAnswer(ApiError):
    """An answer that is not what the API sends. `request_id` is the server's."""

    def __init__(self, reason: BadAnswerFault, sentence: str, then: str = "", *, request_id: str = "") -> None:
        self.reason = reason
        self.request_id = request_id
        lasting = "If it lasts, check the base URL and any proxy on the way."
        super().__init__(sentence, then or lasting, again="" if then else "Try again.")


class Redirected(ApiError):
    """An answer that points to another address. It is not followed: keys stay with their host."""

    def __init__(self, status: int, target: str) -> None:
        self.status = status
        self.target = target
        """The address, as the server sent it."""
        # Without its query: a signed address is a credential.
        shown = target.partition("?")[0] or "nowhere"
        super().__init__(
            f"The server answered {status} and points to {shown}; this is not followed.",
            "If that is where the API lives, set it as the base URL.",
        )


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
        self.message = clean(redact(message), _LIMIT)
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
        phrase = _phrase(status)
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


class OutcomeUnknown(ApiError):
    """A write whose outcome is not known: it may have been done, so it is never repeated."""

    def __init__(self, cause: ApiError) -> None:
        self.cause = cause
        """Why the outcome is not known."""
        super().__init__(
            f"It is not known whether this was done: {cause.sentence}",
            "Refresh and look before trying again: a second try could do it twice.",
        )

    @property
    def before_retry(self) -> str:
        """The same without the advice to look first."""
        return f"{self.cause.sentence} It may have been done, and paid for, all the same."


class NotDone(ApiError):
    """A write whose answer is no refusal, and says that it was not done."""


_FILE_FAULTS: Mapping[int, tuple[str, str]] = {
    errno.ENOENT: ("does not exist", "Check the path."),
    errno.ENOTDIR: ("does not exist", "Check the path."),
    errno.EACCES: ("may not be used by this account", "Change its permissions or choose another path."),
    errno.EPERM: ("may not be used by this account", "Change its permissions or choose another path."),
    errno.EROFS: ("is on a read-only disk", "Choose another path."),
    errno.EISDIR: ("is a directory", "Name a file."),
    errno.EEXIST: ("exists already and is not overwritten", "Choose another name."),
    errno.ENOSPC: ("does not fit: the disk is full", "Free some space or choose another disk."),
    errno.EFBIG: ("does not fit: no file may be so large here", "Raise `ulimit -f`, or choose another disk."),
    errno.ENAMETOOLONG: ("has too long a name", "Choose a shorter one."),
    # Windows has no disk quotas of this kind.
    getattr(errno, "EDQUOT", -1): (
        "does not fit: the disk quota is used up",
        "Free some space or choose another disk.",
    ),
}


class LocalFileError(ApiError):
    """A file on this machine that cannot be read or written."""

    @classmethod
    def of(cls, error: OSError, path: Path) -> LocalFileError:
        """Return the error for what the system said of `path`."""
        what, then = _FILE_FAULTS.get(
            error.errno or 0, (f"cannot be used ({error.strerror})", "Choose another path.")
        )
        return cls(f"{path} {what}.", then)


VARIABLES: Mapping[str, str] = {"project": "OPENAI_API_KEY", "admin": "OPENAI_ADMIN_KEY"}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "status"
