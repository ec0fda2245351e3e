"""Errors: each typed by what the platform said, in one sentence with the next step."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tui.api import errors
from tui.api.credentials.closing import find_read_only
from tui.api.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    LinkError,
    LocalFileError,
    NoKey,
    NotFound,
    NotServed,
    OutcomeUnknown,
    QuotaExceeded,
    RateLimited,
    ReadOnly,
    ServerError,
    StatusError,
    Unauthorized,
    explain_read_only,
)
from tui.api.operation import Key
from tui.api.refusals import is_error, make_implied_error, make_status_error
from tui.config.settings import Config, Profile


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
    made = make_status_error(status, {"error": error} if wrapped else error)
    assert type(made) is kind
    assert made.status == status
    assert error.get("message", "") in made.sentence
    assert made.next


FAULTY = {"type": "int_parsing", "loc": ["query", "limit"], "msg": "Input should be a valid integer", "input": "x"}


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"detail": "Virtual key is over its budget of $5"}, "Virtual key is over its budget of $5", ""),
        ({"detail": [FAULTY]}, "query.limit: Input should be a valid integer", ""),
        (
            {"detail": [FAULTY, {"loc": ["body"], "msg": "Field required"}]},
            "query.limit: Input should be a valid integer; body: Field required",
            "",
        ),
        ({"detail": {"error": "no such route"}}, "no such route", ""),
        ({"errors": [{"message": "project is archived"}]}, "project is archived", ""),
        ({"errors": ["one", "two"]}, "one; two", ""),
        ({"error_msg": "no such key", "error_code": 110}, "no such key", "110"),
        ({"errmsg": "no such key", "errcode": 40001}, "no such key", "40001"),
        ({"err": "no such key"}, "no such key", ""),
        ({"Response": {"Error": {"Code": "Denied", "Message": "no such key"}}}, "no such key", "Denied"),
        ('data: {"error": {"message": "no such key"}}\n\n', "no such key", ""),
        ('event: error\ndata: {"error": {"message": "no such key"}}\n\n', "no such key", ""),
        ("\x1f\ufffd\x08\x00\x00no words", "", ""),
        ("\ufffd\ufffdab\ufffd\ufffd", "", ""),
        ({"errors": {"name": ["is taken", "is too long"]}}, "name: is taken; is too long", ""),
        (
            {"message": "Validation failed.", "errors": {"name": ["is taken"]}},
            "Validation failed: name: is taken",
            "",
        ),
        ({"message": "no route matched"}, "no route matched", ""),
        ({"Message": "Forbidden by policy"}, "Forbidden by policy", ""),
        ({"statusCode": 404, "error": "Not Found", "message": "Route GET:/x"}, "Route GET:/x", "404"),
        ({"error": "model registry offline", "data": []}, "model registry offline", ""),
        ({"error": {"error": {"message": "deep", "code": 17}}}, "deep", "17"),
        ({"error": {"message": {"error": {"message": "deeper"}}}}, "deeper", ""),
        ({"error": {"message": '{"error": {"message": "in a text"}}'}}, "in a text", ""),
        ({"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}}, "m", "400"),
        ([{"error": {"code": 400, "message": "in a list"}}], "in a list", ""),
        ({"object": "error", "message": "CUDA out of memory", "code": 500}, "CUDA out of memory", "500"),
        ({"error": "invalid_grant", "error_description": "The token expired"}, "The token expired", ""),
        ({"fault": {"faultstring": "Quota violation"}}, "Quota violation", ""),
        ({"title": "Bad Request", "status": 400, "detail": "limit is too large"}, "limit is too large", "400"),
        ("upstream connect error", "upstream connect error", ""),
        ("<html><head><title>Service &amp; Co</title></head></html>", "Service & Co", ""),
        ("<Error><Code>X</Code><Message>Access denied</Message></Error>", "Access denied", ""),
    ],
)
def test_whatever_the_shape_its_message_is_told(body: object, message: str, code: str) -> None:
    made = make_status_error(400, body)
    assert (made.message, made.code) == (message, code)
    assert message in made.sentence


@pytest.mark.parametrize(
    "body", ["502 Bad Gateway", "bad gateway", "<h1>502 Bad Gateway</h1>", {"error": "Bad Gateway"}]
)
def test_what_only_repeats_the_status_is_not_told_twice(body: object) -> None:
    assert make_status_error(502, body).sentence == "The server failed (502 Bad Gateway)."


@pytest.mark.parametrize(
    ("body", "reading", "tells"),
    [
        ({"error": {"message": "oh"}}, True, True),
        ({"error": {"message": "oh"}}, False, True),
        ({"error": "oh", "data": []}, True, True),
        ({"error": "oh", "object": "list", "data": None}, True, True),
        ({"error": True, "message": "oh"}, True, True),
        ({"object": "error", "message": "oh"}, True, True),
        ({"errors": [{"message": "oh"}], "success": False}, True, True),
        ({"success": False, "message": "oh", "data": None}, False, True),
        ({"ok": False, "message": "the tenant is suspended", "data": []}, True, True),
        ({"isSuccess": False, "data": None}, True, True),
        ({"status": "Error", "message": "no such tenant", "data": []}, True, True),
        ({"status": "failed", "data": []}, True, False),
        ({"id": "batch_1", "status": "failed", "message": "x"}, True, False),
        ({"code": 401, "message": "bad key", "data": None}, True, True),
        ({"detail": "Not Found"}, True, True),
        ({"error_code": 110, "error_msg": "no such key"}, True, True),
        ({"errcode": 0, "errmsg": "oh", "id": "x"}, True, False),
        ({"message": "no"}, True, True),
        ({"message": "deleted"}, False, False),
        ({"code": 0, "message": "success", "data": None}, True, False),
        ({"error": None, "data": []}, True, False),
        ({"error": {"code": None, "message": None}, "status": "ok"}, True, False),
        ({"id": "resp_1", "object": "response", "error": {"message": "the run failed"}}, True, False),
        ({"id": "ftjob-1", "error": {"code": "x", "message": "no data"}}, True, False),
        ({"object": "organization.spend_limit", "error": "x"}, True, False),
        ({"data": [{"id": "a"}], "error": "half of it"}, True, False),
        ({}, True, False),
        ({"status": "ok"}, True, False),
    ],
)
def test_an_error_is_known_under_a_good_status(body: object, reading: bool, tells: bool) -> None:
    assert is_error(body, reading=reading) is tells


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (
            {"error": {"message": "The store is being migrated."}},
            ServerError,
            "The server failed: The store is being",
        ),
        (
            {"error": {"message": "No batch found with this id.", "type": "invalid_request_error"}},
            NotFound,
            "Not found: ",
        ),
        ({"error": {"message": "bad", "code": 422}}, Invalid, "The server refused the request: bad."),
        (
            {"error": {"message": "who?", "type": "authentication_error"}},
            Unauthorized,
            "The server does not accept",
        ),
    ],
)
def test_no_status_is_told_that_was_not_sent(body: object, kind: type[StatusError], sentence: str) -> None:
    made = make_implied_error(body)
    assert type(made) is kind
    assert made.sentence.startswith(sentence)
    assert "(" not in made.sentence


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("api.openai.com", "status.openai.com"),
        ("llm.example", "whoever runs llm.example"),
        ("", "whoever runs the server"),
    ],
)
def test_the_next_step_is_of_the_host_that_failed(host: str, says: str) -> None:
    assert says in make_status_error(500, "", host=host).next


@pytest.mark.parametrize("status", [405, 501])
def test_what_a_server_does_not_have_is_not_there(status: int) -> None:
    made = make_status_error(status, {"detail": "Method Not Allowed"})
    assert isinstance(made, NotServed)
    assert made.sentence.startswith(f"Not on this server ({status}")
    assert "again" not in made.next


def test_a_proxy_that_wants_a_password_is_told() -> None:
    assert "proxy asks for a name" in make_status_error(407, None).next


def test_a_sentence_has_its_full_stop_and_what_repeats_itself_says_no_more_than_the_hint() -> None:
    assert make_status_error(404, {"message": "No such File"}).sentence.endswith("No such File.")
    made = make_status_error(400, {"message": "no"})
    assert (made.hint, made.next) == ("", "Change the request and try again.")
    silent = LinkError("timeout", "x fell silent.")
    assert silent.next == f"Try again. {silent.hint}"


@pytest.mark.parametrize("body", [None, "", "<html>", [], {}, {"error": None}, {"error": {"code": 7}}])
def test_any_body_makes_an_error(body: object) -> None:
    made = make_status_error(500, body)
    assert made.sentence.startswith("The server failed (500 Internal Server Error)")


def test_what_the_platform_said_is_kept() -> None:
    said = {"message": "Bad file.", "type": "invalid_request_error", "param": "file", "code": "bad_file"}
    made = make_status_error(400, {"error": said}, request_id="req_1", retry_after=2.5, should_retry=False)
    assert (made.message, made.type, made.param, made.code) == tuple(said.values())
    assert (made.request_id, made.retry_after, made.should_retry) == ("req_1", 2.5, False)
    assert (
        str(made)
        == "The server refused the request (400 Bad Request): Bad file. Change the request and try again."
    )


def test_a_message_without_a_full_stop_gets_one_before_the_next_step() -> None:
    assert ": No such File Change" not in str(make_status_error(400, {"message": "No such File"}))
    assert str(ApiError("Over", "Go on.")) == "Over. Go on."


def test_texts_are_made_harmless() -> None:
    made = make_status_error(400, {"error": {"message": "a\x1b]0;x\x07\nb\u202e", "code": "\x9b"}})
    assert made.message == "a␛]0;x␇↵b‹U+202E›"
    assert made.code == "\\x9b"


def test_a_implied_error_is_typed_by_its_code() -> None:
    assert isinstance(
        make_implied_error({"type": "error", "code": "rate_limit_exceeded", "message": "x"}), RateLimited
    )
    assert isinstance(make_implied_error({"error": {"type": "server_error", "message": "x"}}), ServerError)


def test_a_missing_key_names_which_and_how() -> None:
    assert str(NoKey(Key.ADMIN)) == (
        "This needs an admin key and there is none. Set OPENAI_ADMIN_KEY, or run `o9s auth login`."
    )


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("", "Turn it on with `:rw`."),
        ("--read-only", "To write, start without --read-only."),
        ("profile work", "To write, change read_only = true of profile work in "),
        (find_read_only(Profile(), Config(unreadable="It is no TOML.")), "To write, mend "),
    ],
)
def test_what_ends_read_only_mode_is_told_by_its_cause(by: str, says: str) -> None:
    told = ReadOnly(by).next
    assert told.startswith(says)
    in_config = bool(by) and not by.startswith("--")
    assert ("config.toml" in told, ":rw" in told) == (in_config, not by)
    clause = explain_read_only(by)
    assert clause.startswith("read-only mode is on; ")
    assert ("config.toml" in clause, ":rw" in clause) == (in_config, not by)


def test_an_unknown_outcome_tells_its_cause() -> None:
    made = OutcomeUnknown(LinkError("cut", "The connection was cut."))
    assert "The connection was cut." in made.sentence
    assert "look before trying again" in made.next
    told = made.before_retry  # what says next that a key tries again
    assert "The connection was cut." in told
    assert "look before" not in told


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
