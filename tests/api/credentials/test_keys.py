"""Keys: their kinds, their faults, and that they stay out of everything shown."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.api.credentials.keys import (
    Secret,
    check_key,
    fingerprint,
    kind_of,
)
from tui.api.errors import ApiError, BadKey, LinkError
from tui.api.operation import Key
from tui.api.redaction import hide_echoes, redact
from tui.api.refusals import make_status_error

BODY = "TESTONLY0123456789abcdEFGH_-"
CANARY = f"sk-proj-{BODY}wxyz"
# Never made a Secret, so that only the patterns can find it.
STRANGER_BODY = "NOTKNOWN9876543210zyxwVUTS_-"
STRANGER = f"sk-svcacct-{STRANGER_BODY}abcd"
# A key of another platform: no pattern knows it, only the register does.
PLAIN = "gateway/" + "TESTONLY+" * 4 + "wxyz"


def test_a_secret_shows_only_its_kind_and_its_end() -> None:
    secret = Secret(CANARY)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>40}", f"{[secret]}", f"{secret!r}"]
    assert all("…wxyz" in text and "TESTONLY" not in text for text in shown)
    assert str(secret) == "sk-proj-…wxyz"


def test_a_short_secret_does_not_show_its_end() -> None:
    assert str(Secret("sk-1234567890")) == "sk-…"


def test_a_secret_cannot_be_pickled_and_is_compared_by_value() -> None:
    secret = Secret(CANARY)
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(secret)
    assert copy.deepcopy(secret) is secret
    assert secret == Secret(CANARY) != Secret(PLAIN)
    assert len({secret, Secret(CANARY)}) == 1
    assert secret.reveal() == CANARY


def test_a_logged_exception_with_a_secret_keeps_it(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError(Secret(CANARY))
    except RuntimeError:
        logging.getLogger("test").exception("failed with %s", Secret(CANARY))
    assert "TESTONLY" not in caplog.text
    assert "…wxyz" in caplog.text


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sk-admin-x", Key.ADMIN),
        ("sk-proj-x", Key.PROJECT),
        ("sk-svcacct-x", Key.PROJECT),
        ("sk-x", Key.PROJECT),
        ("anything", None),
    ],
)
def test_the_prefix_tells_the_kind(key: str, kind: Key | None) -> None:
    assert kind_of(key) is kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"sk-\n{BODY}", "a line break at position 4"),
        (f"{BODY}\r\n{BODY}", "a line break at position 29"),
        (f"sk-“{BODY}", "not ASCII at position 4"),
        (f"'{BODY}'", "a quotation mark at position 1"),
        (f'{BODY}"', "a quotation mark at position"),
        (f"{BODY} {BODY}", "a blank at position 29"),
        (f"{BODY}\u00a0{BODY}", "a blank at position 29"),
        (f"{BODY}\t{BODY}", "a blank at position 29"),
        (f"{BODY}\x00", "a control character at position 29"),
        (f"\x1b[200~{BODY}", "a control character at position 1"),
        (f"{BODY}é", "not ASCII"),
        ("sk-short", "too short"),
        ("", "too short"),
        ("x" * 513, "too long"),
    ],
)
def test_bad_keys_are_told_by_position_never_by_content(text: str, says: str) -> None:
    with pytest.raises(BadKey) as caught:
        check_key(text)
    assert says in caught.value.sentence
    assert BODY[:8] not in str(caught.value) + repr(caught.value)


def test_blanks_around_a_key_go() -> None:
    assert check_key(f"  {CANARY}\n").reveal() == CANARY


def test_a_fingerprint_is_short_steady_and_its_own() -> None:
    assert fingerprint(Secret(CANARY)) == fingerprint(Secret(CANARY)) != fingerprint(Secret(PLAIN))
    assert len(fingerprint(Secret(CANARY))) == 12


@pytest.mark.parametrize(
    "text",
    [
        STRANGER,
        f"Bearer {STRANGER}",
        f"Illegal header value b'Bearer sk-\\n{STRANGER_BODY}'",
        f"https://host/v1?key={quote(STRANGER)}&x%3D{STRANGER}",
        f"{{'Authorization': 'Basic {STRANGER_BODY}'}}",
        f"authorization: Bearer {STRANGER_BODY}",
        f'{{"api_key": "{STRANGER_BODY}"}}',
        f"x-api-key={STRANGER_BODY}",
        f"Set-Cookie: session={STRANGER_BODY}; Path=/",
        f"-----BEGIN PRIVATE KEY-----\n{STRANGER_BODY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{STRANGER_BODY}",
        f"x\\n{STRANGER}",
    ],
)
def test_what_looks_like_a_credential_is_redacted(text: str) -> None:
    assert STRANGER_BODY[:12] not in redact(text)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from([CANARY, PLAIN]), st.integers(0, 3))
def test_a_known_key_is_redacted_wherever_and_however_it_stands(
    left: str, right: str, key: str, form: int
) -> None:
    Secret(key)
    forms = [key, quote(key, safe=""), repr(key)[1:-1], base64.b64encode(key.encode()).decode().rstrip("=")]
    assert forms[form] not in redact(left + forms[form] + right)


@given(st.text(max_size=60), st.sampled_from(["", CANARY, "Bearer abcdefghi", "Cookie: x"]))
def test_redacting_twice_changes_nothing(text: str, more: str) -> None:
    assert redact(redact(text + more)) == redact(text + more)


@pytest.mark.parametrize(
    "text",
    [
        "risk-assessment-2024.jsonl",
        "task-0123456789",
        "batch_0123456789abcdef",
        "You can find your API key at https://platform.openai.com/account/api-keys.",
        "sk-svcacct-…wxyz from OPENAI_API_KEY",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "error",
    [
        ApiError(f"It said {CANARY}", f"Try {CANARY}"),
        LinkError("tls", f"for {CANARY}"),
        make_status_error(401, {"error": {"message": f"Incorrect API key provided: {CANARY}", "code": CANARY}}),
    ],
)
def test_errors_never_carry_a_key(error: ApiError) -> None:
    held = [
        str(error),
        repr(error),
        error.sentence,
        error.next,
        *map(str, vars(error).values()),
        *map(str, error.args),
    ]
    assert not any("TESTONLY" in text for text in held)


@pytest.mark.parametrize("order", [1, -1], ids=["the shorter first", "the longer first"])
def test_of_two_keys_that_begin_alike_nothing_is_left(order: int) -> None:
    short, long = "sk-proj-TESTONLYALIKE", "sk-proj-TESTONLYALIKE-AND-MORE"
    for each in (short, long)[::order]:
        Secret(each)
    assert redact(f"{long} and {short}, key={long};") == "sk-proj-…MORE and sk-proj-…LIKE, key=sk-proj-…MORE;"
    assert hide_echoes(f'"{long}"'.encode()) == '"sk-proj-…MORE"'.encode()
