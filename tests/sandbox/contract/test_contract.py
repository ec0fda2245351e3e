"""The contract itself: it finds what is wrong, and knows every operation of the sandbox."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import openai
import pytest

from tests.sandbox.contract import ALSO, MAY_BE_NULL, Breach, check, check_event, hook
from tui.sandbox.families import FAMILIES

FILE = {
    "object": "file",
    "id": "file-1",
    "bytes": 1,
    "created_at": 1,
    "filename": "a",
    "purpose": "batch",
    "status": "processed",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"bytes": "1"}, r"200 of GET /files/\{file_id\}: at \$\.bytes '1' is not of type 'integer'"),
        ({"filename": None}, "filename None is not of type 'string'"),
        ({"purpose": "telepathy"}, "'telepathy' is not one of"),
    ],
)
def test_a_wrong_answer_is_found(change: dict[str, Any], complaint: str) -> None:
    check("GET", "/files/file-1", 200, FILE)
    with pytest.raises(Breach, match=complaint):
        check("GET", "/files/file-1", 200, FILE | change)


def test_a_missing_field_is_found() -> None:
    with pytest.raises(Breach, match=r"\$\.data\[1\] 'id' is a required property"):
        nameless = {name: value for name, value in FILE.items() if name != "id"}
        ends = {"first_id": None, "last_id": None}
        check("GET", "/files", 200, {"object": "list", "data": [FILE, nameless], "has_more": False, **ends})


def test_statuses_and_errors_belong_to_it() -> None:
    with pytest.raises(Breach, match="POST /evals answers 200, not one of 201"):
        check("POST", "/evals", 200, {})
    with pytest.raises(Breach, match="the API has no operation PUT /files"):
        check("PUT", "/files", 200, {})
    check("GET", "/nowhere", 404, {"error": {"message": "m", "type": "t", "param": None, "code": None}})
    with pytest.raises(Breach, match="'code' is a required property"):
        check("GET", "/files", 404, {"error": {"message": "m", "type": "t", "param": None}})


def test_events_belong_to_it() -> None:
    delta = {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1", "output_index": 0}
    delta |= {"content_index": 0, "delta": "so", "logprobs": []}
    check_event("POST", "/responses", delta)
    with pytest.raises(Breach, match="an event of POST /responses"):
        check_event("POST", "/responses", delta | {"delta": 7})


def test_what_the_description_lacks_is_accepted() -> None:
    check("GET", "/files/file-1", 200, FILE | dict.fromkeys(MAY_BE_NULL["OpenAIFile"]))
    for purpose in ALSO["OpenAIFile", "purpose"]:
        check("GET", "/files/file-1", 200, FILE | {"purpose": purpose})


@pytest.mark.parametrize("family", FAMILIES)
def test_the_sandbox_has_no_operation_of_its_own(family: Any) -> None:
    for method, path in family.routes:
        check(method, path, 404, {"error": {"message": "m", "type": "t", "param": None, "code": None}})
        with pytest.raises(Breach, match="answers 299"):
            check(method, path, 299, {})


def test_no_answer_escapes_either_client() -> None:
    wrong = FILE | {"bytes": -0.5}
    hooks: Any = {"response": [hook]}
    plain = httpx.MockTransport(lambda request: httpx.Response(200, json=wrong))
    with httpx.Client(transport=plain, event_hooks=hooks) as client, pytest.raises(Breach, match="bytes"):
        client.get("http://sandbox/v1/files/file-1")
    newer = httpx2.MockTransport(lambda request: httpx2.Response(200, json=wrong))
    http = openai.DefaultHttpxClient(transport=newer, event_hooks=hooks)
    options: Any = {"api_key": "sk-test", "base_url": "http://sandbox/v1", "max_retries": 0}
    with openai.OpenAI(http_client=http, **options) as official, pytest.raises(Breach, match="bytes"):
        official.files.retrieve("file-1")
