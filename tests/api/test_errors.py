"""Errors: each typed by what the platform said, in one sentence with the next step."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tui.api import errors
from tui.api.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    LinkError,
    LocalFileError,
    NoKey,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
    Unknown,
    status_error,
    stream_error,
)
from tui.api.operation import Key


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "no"}, Invalid),
        (401, {"message": "Incorrect API key provided"}, Unauthorized),
        (
            401,
            {"message": "You have insufficient permissions for this operation. Missing scopes: api.x"},
            Forbidden,
        ),
        (403, {"message": "no"}, Forbidden),
        (404, {"message": "no"}, NotFound),
        (409, {"message": "no"}, Conflict),
        (418, {"message": "no"}, Invalid),
        (422, {"message": "no"}, Invalid),
        (429, {"message": "slow", "code": "rate_limit_exceeded"}, RateLimited),
        (429, {"message": "pay", "code": "insufficient_quota"}, QuotaExceeded),
        (429, {"message": "pay", "type": "insufficient_quota"}, QuotaExceeded),
        (500, {"message": "oh"}, ServerError),
        (503, {"message": "oh", "code": "slow_down"}, ServerError),
        (599, {}, ServerError),
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_status_and_body_make_the_type(
    status: int, error: dict[str, str], kind: type[StatusError], wrapped: bool
) -> None:
    made = status_error(status, {"error": error} if wrapped else error)
    assert type(made) is kind
    assert made.status == status
    assert error.get("message", "") in made.sentence
    assert made.next


@pytest.mark.parametrize(
    "body", [None, "", "<html>", [], {}, {"error": "text"}, {"error": None}, {"error": {"code": 7}}]
)
def test_any_body_makes_an_error(body: object) -> None:
    made = status_error(500, body)
    assert made.sentence.startswith("The server failed (500 Internal Server Error)")


def test_what_the_platform_said_is_kept() -> None:
    said = {"message": "Bad file.", "type": "invalid_request_error", "param": "file", "code": "bad_file"}
    made = status_error(400, {"error": said}, request_id="req_1", retry_after=2.5, should_retry=False)
    assert (made.message, made.type, made.param, made.code) == tuple(said.values())
    assert (made.request_id, made.retry_after, made.should_retry) == ("req_1", 2.5, False)
    assert (
        str(made)
        == "The server refused the request (400 Bad Request): Bad file. Change the request and try again."
    )


def test_a_message_without_a_full_stop_gets_one_before_the_next_step() -> None:
    assert ": No such File Change" not in str(status_error(400, {"message": "No such File"}))
    assert str(ApiError("Over", "Go on.")) == "Over. Go on."


def test_texts_are_made_harmless() -> None:
    made = status_error(400, {"error": {"message": "a\x1b]0;x\x07\nb\u202e", "code": "\x9b"}})
    assert made.message == "a␛]0;x␇↵b‹U+202E›"
    assert made.code == "\\x9b"


def test_a_stream_error_is_typed_by_its_code() -> None:
    assert isinstance(stream_error({"type": "error", "code": "rate_limit_exceeded", "message": "x"}), RateLimited)
    assert isinstance(stream_error({"error": {"type": "server_error", "message": "x"}}), ServerError)


def test_a_missing_key_names_which_and_how() -> None:
    assert str(NoKey(Key.ADMIN)) == (
        "This needs an admin key and there is none. Set OPENAI_ADMIN_KEY, or run `o9s auth login`."
    )


def test_an_unknown_outcome_tells_its_cause() -> None:
    made = Unknown(LinkError("cut", "The connection was cut."))
    assert "The connection was cut." in made.sentence
    assert "look before trying again" in made.next


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOENT, "does not exist"),
        (errno.EACCES, "may not be used"),
        (errno.ENOSPC, "disk is full"),
        (errno.EEXIST, "exists already"),
        (errno.EISDIR, "is a directory"),
        (errno.EIO, "cannot be used"),
    ],
)
def test_files_have_their_own_words(number: int, says: str) -> None:
    made = LocalFileError.of(OSError(number, "as the system says"), Path("some/file"))
    assert says in made.sentence
    assert "some" in made.sentence
    assert made.next


def test_the_docstring_shows_every_class() -> None:
    classes = [
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ApiError)
    ]
    assert [name for name in classes if f"{name} " not in (errors.__doc__ or "")] == []
