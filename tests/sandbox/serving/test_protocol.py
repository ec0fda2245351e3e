"""What holds for every path: keys, errors, headers, lists, steering."""

from __future__ import annotations

import gzip
import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.conftest import NOW, Steer, upload
from tests.support.examples import examples
from tests.support.odd_bodies import JSON_VALUES, find_posts
from tui.sandbox.families import FAMILIES

if TYPE_CHECKING:
    from tui.sandbox.serving.child import Sandbox

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=limit"}
EXPIRY = "output_expires_after"
CHECKPOINT = "/fine_tuning/checkpoints/ft:x/permissions"


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        ("/files", "sk-test", 200, None),
        ("/files", "sk-proj-test", 200, None),
        ("/files", "", 401, None),
        ("/files", "pk-something-else-entirely", 401, "invalid_api_key"),
        ("/files", "sk-admin-test", 403, "missing_scope"),
        (CHECKPOINT, "sk-test", 403, "missing_scope"),
        (CHECKPOINT, "sk-admin-test", 404, "checkpoint_not_found"),
    ],
)
def test_each_path_wants_its_key(sandbox: Sandbox, path: str, key: str, status: int, code: str | None) -> None:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(sandbox.url + path, headers=headers, trust_env=False)
    assert answer.status_code == status
    if status != 200:
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == code
        assert key not in error["message"] or not key


def test_unknown_paths_and_methods(api: httpx.Client) -> None:
    answer = api.get("/nonsense")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Invalid URL (GET /v1/nonsense)"
    answer = api.put("/files")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}


def test_every_answer_is_stamped(api: httpx.Client) -> None:
    for answer in (api.get("/models"), api.get("/nonsense")):
        assert answer.headers["x-request-id"].startswith("req_")
        assert answer.headers["openai-version"] == "2020-10-01"
        assert answer.headers["openai-organization"] == "acme"
        assert int(answer.headers["openai-processing-ms"]) >= 0
        assert len(answer.headers.get_list("date")) == 1
        assert parsedate_to_datetime(answer.headers["date"]).timestamp() == NOW


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_web_pages_are_kept_out(sandbox: Sandbox, headers: dict[str, str]) -> None:
    base = sandbox.url.removesuffix("/v1")
    for url in (sandbox.url + "/models", base + "/_sandbox/requests"):
        answer = httpx.get(url, headers={"authorization": "Bearer sk-test", **headers}, trust_env=False)
        assert answer.status_code == 421


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "input_file_id"),
        ({"surprise": 1}, "unknown_parameter", "surprise"),
        ({"input_file_id": 7}, "invalid_type", "input_file_id"),
        ({"input_file_id": None}, "invalid_type", "input_file_id"),
        ({"endpoint": "/v1/nowhere"}, "invalid_value", "endpoint"),
        ({"completion_window": "1h"}, "invalid_value", "completion_window"),
        ({"metadata": {"k": 3}}, "invalid_type", "metadata.k"),
        ({"metadata": {str(n): "v" for n in range(17)}}, "object_above_max_length", "metadata"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "metadata.k"),
        ({EXPIRY: {"anchor": "created_at", "seconds": 5}}, "integer_below_min_value", f"{EXPIRY}.seconds"),
        ({EXPIRY: {"anchor": "created_at", "seconds": 1e9}}, "invalid_type", f"{EXPIRY}.seconds"),
        ({EXPIRY: {"seconds": 3600}}, "missing_required_parameter", f"{EXPIRY}.anchor"),
    ],
)
def test_bodies_are_checked(api: httpx.Client, body: dict[str, object], code: str, param: str) -> None:
    good = {"input_file_id": "file-x", "endpoint": "/v1/responses", "completion_window": "24h"}
    answer = api.post("/batches", json={**good, **body} if body else {})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param), error
    assert (param if code != "invalid_value" else "Supported values") in error["message"]


def test_bodies_that_are_no_json(api: httpx.Client) -> None:
    for body in ("{", "[1]", '"text"', "[" * 100_000):
        answer = api.post("/batches", content=body, headers=JSON)
        assert answer.status_code == 400, body[:9]
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert "None" not in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "gpt-4.1-mini", "input": "hi", "temperature": NaN}',
        b'{"model": "gpt-4.1-mini", "input": "hi", "temperature": -Infinity}',
        b'\xef\xbb\xbf{"model": "gpt-4.1-mini", "input": "hi"}',
        '{"model": "gpt-4.1-mini", "input": "hi"}'.encode("utf-16"),
        b'{"model": "gpt-4.1-mini", "input": "\xe9"}',
    ],
    ids=["nan", "infinity", "bom", "utf-16", "latin-1"],
)
def test_what_only_resembles_json_is_refused(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/responses", content=body, headers=JSON)
    assert answer.status_code == 400
    assert "parse" in answer.json()["error"]["message"]


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", "application/jsonl", ""])
def test_bodies_come_as_what_they_are(api: httpx.Client, sent: str) -> None:
    body = b'{"model": "gpt-4.1-mini", "input": "hi"}'
    answer = api.post("/responses", content=body, headers={"content-type": sent})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unsupported_content_type"
    answer = api.post("/files", content=body, headers={"content-type": sent})
    assert answer.json()["error"]["code"] == "unsupported_content_type"
    charset = {"content-type": "Application/JSON; charset=utf-8"}
    assert api.post("/responses", content=body, headers=charset).status_code == 200


@pytest.mark.parametrize("path", ["/models", "/models/gpt-5-mini", "/files", "/files/none", "/nonsense"])
def test_head_is_a_get_without_its_body(sandbox: Sandbox, path: str) -> None:
    headers = {"authorization": "Bearer sk-test"}
    with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["openai-version"] == whole.headers["openai-version"]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("filename*=UTF-8''na%C3%AFve%20one.jsonl", "na\u00efve one.jsonl"),
        ("filename=\"naive.jsonl\"; filename*=utf-8'en'na%C3%AFve.jsonl", "na\u00efve.jsonl"),
        ("filename*=iso-8859-1''na%EFve.jsonl; filename=\"naive.jsonl\"", "na\u00efve.jsonl"),
        ("filename*=UTF-8''a%22%5C.jsonl", 'a"\\.jsonl'),
        ('filename="plain.jsonl"', "plain.jsonl"),
    ],
)
def test_names_of_files_may_be_encoded(api: httpx.Client, disposition: str, name: str) -> None:
    answer = api.post("/files", content=form(disposition), headers=FORM)
    assert answer.status_code == 200, answer.text
    assert answer.json()["filename"] == name
    api.delete(f"/files/{answer.json()['id']}")


def test_a_name_that_is_encoded_wrongly_is_refused(api: httpx.Client) -> None:
    for wrong in ("filename*=UTF-8''%FF.jsonl", "filename*=klingon''x.jsonl"):
        assert api.post("/files", content=form(wrong), headers=FORM).status_code == 400


def form(disposition: str) -> bytes:
    """The form of an upload whose file has this disposition."""
    parts = ('form-data; name="purpose"\r\n\r\nuser_data', f'form-data; name="file"; {disposition}\r\n\r\nhello')
    lines = "".join(f"--limit\r\nContent-Disposition: {part}\r\n" for part in parts)
    return f"{lines}--limit--\r\n".encode()


@pytest.mark.parametrize("spec", ["429", "rpm=60"])
def test_too_many_requests_tell_the_limit(api: httpx.Client, steer: Steer, spec: str) -> None:
    steer("faults", spec=spec)
    answers = [api.get("/models") for _ in range(61 if spec == "rpm=60" else 1)]
    headers = answers[-1].headers
    assert answers[-1].status_code == 429
    assert headers["x-ratelimit-limit-requests"] == ("60" if spec == "rpm=60" else "5000")
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert headers["x-ratelimit-reset-requests"] == f"{headers['retry-after']}s"
    assert int(headers["x-ratelimit-remaining-tokens"]) <= int(headers["x-ratelimit-limit-tokens"])


@pytest.mark.parametrize("advance", ["NaN", "Infinity", "-Infinity", "1e12", "-1e12", "1e400", "true"])
def test_the_clock_stays_within_reason(sandbox: Sandbox, advance: str) -> None:
    clock = sandbox.url.removesuffix("/v1") + "/_sandbox/clock"
    body = f'{{"advance": {advance}}}'
    assert httpx.post(clock, content=body, headers=JSON, trust_env=False).status_code == 400
    still = httpx.post(clock, json={"advance": 0}, trust_env=False).json()
    assert still["now"] == NOW


def test_models_take_no_limit(api: httpx.Client) -> None:
    whole = api.get("/models").json()
    assert api.get("/models?limit=1&after=gpt-5").json() == whole
    assert set(whole) == {"object", "data"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "integer_below_min_value"),
        ("limit=101", "integer_above_max_value"),
        ("limit=many", "invalid_type"),
        ("after=batch_none", "invalid_value"),
    ],
)
def test_queries_are_checked(api: httpx.Client, query: str, code: str) -> None:
    answer = api.get(f"/batches?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("path", "limit", "ends"), [("/batches", 5, True), ("/files", 7, True), ("/fine_tuning/jobs", 2, False)]
)
def test_pages_hold_each_object_once(api: httpx.Client, path: str, limit: int, ends: bool) -> None:
    whole = [item["id"] for item in api.get(path, params={"limit": 100}).json()["data"]]
    found: list[str] = []
    page = api.get(path, params={"limit": limit}).json()
    while True:
        found += [item["id"] for item in page["data"]]
        assert ("last_id" in page) == ends
        if not page["has_more"]:
            break
        assert len(page["data"]) == limit
        page = api.get(path, params={"limit": limit, "after": page["data"][-1]["id"]}).json()
    assert found == whole
    assert len(set(found)) == len(found) > limit


def test_an_empty_list_has_null_ends(api: httpx.Client) -> None:
    page = api.get("/files", params={"purpose": "vision", "limit": 1, "after": _oldest(api, "vision")}).json()
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def _oldest(api: httpx.Client, purpose: str) -> str:
    oldest: str = api.get("/files", params={"purpose": purpose, "order": "asc", "limit": 1}).json()["first_id"]
    return oldest


def test_requests_are_remembered_without_the_key(sandbox: Sandbox, steer: Steer) -> None:
    key = "sk-proj-" + "TESTONLY" * 4
    httpx.get(sandbox.url + "/files?limit=3", headers={"authorization": f"Bearer {key}"}, trust_env=False)
    last = steer("requests")["data"][-1]
    assert (last["method"], last["path"], last["query"], last["status"]) == ("GET", "/v1/files", "limit=3", 200)
    assert last["kind"] == "project"
    assert key not in str(last)


def test_the_clock_can_be_moved(api: httpx.Client, steer: Steer) -> None:
    before = api.get("/models").headers["date"]
    now = steer("clock", advance=90)["now"]
    moved = parsedate_to_datetime(api.get("/models").headers["date"])
    assert (moved - parsedate_to_datetime(before)).total_seconds() == 90
    assert moved.timestamp() == now
    steer("clock", advance=-90)


POSTS = find_posts(FAMILIES)


@examples(60)
@given(data=st.data())
def test_no_body_is_too_much(api: httpx.Client, data: st.DataObject) -> None:
    path, names = data.draw(st.sampled_from(POSTS))
    body = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=5), JSON_VALUES))
    answer = api.post(path.replace("{checkpoint}", "x"), content=json.dumps(body))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]


@pytest.mark.parametrize("value", ["\ud800", "\x00", "x" * 100_000, "../../x", "%00", "é"])
def test_no_text_is_too_much(api: httpx.Client, value: str) -> None:
    body = {"input_file_id": value, "endpoint": "/v1/responses", "completion_window": "24h"}
    assert 400 <= api.post("/batches", content=json.dumps(body)).status_code < 500
    if value.isprintable() and len(value) < 100:
        assert 400 <= api.get("/files", params={"after": value}).status_code < 500
        assert 400 <= api.get(f"/models/{quote(value, safe='')}").status_code < 500


# -- faults


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_status_on_demand(api: httpx.Client, steer: Steer, status: int) -> None:
    steer("faults", spec=str(status))
    answer = api.get("/models")
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert ("retry-after" in answer.headers) == (status in (429, 503))


def test_faults_keep_to_their_method_path_and_number(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="500@POST /batches x2, 503@/files")
    assert api.get("/batches").status_code == 200
    assert api.get("/files").status_code == 503
    assert [api.post("/batches", json={}).status_code for _ in range(3)] == [500, 500, 400]


def test_a_fault_that_was_not_met_is_not_used_up(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="503x1,429=1x1")
    assert [api.get("/models").status_code for _ in range(3)] == [503, 429, 200]


def test_a_probability_is_kept(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="500=0.5")
    failures = [api.get("/models").status_code for _ in range(60)].count(500)
    assert 15 < failures < 45


def test_bodies_that_are_not_what_they_should_be(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="html")
    assert api.get("/models").headers["content-type"].startswith("text/html")
    steer("faults", spec="bad-json")
    with pytest.raises(ValueError, match="Unterminated"):
        api.get("/models").json()
    steer("faults", spec="redirect=http://example.invalid/x")
    answer = api.get("/models")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://example.invalid/x")
    steer("faults", spec="gzip-bomb=3")
    with api.stream("GET", "/models") as stream:
        packed = b"".join(stream.iter_raw())
    assert len(packed) < 20_000
    assert len(gzip.decompress(packed)) == 3 * 2**20


def test_connections_that_break(api: httpx.Client, steer: Steer) -> None:
    steer("faults", spec="cut")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        api.get("/models")
    steer("faults", spec="drop")
    with pytest.raises(httpx.TransportError):
        api.get("/models")


def test_a_file_can_be_cut_too(api: httpx.Client, steer: Steer) -> None:
    file_id = upload(api, b"x" * 100_000, "batch")
    steer("faults", spec="cut@/files")
    with pytest.raises(httpx.RemoteProtocolError), api.stream("GET", f"/files/{file_id}/content") as stream:
        stream.read()


def test_a_lost_answer_leaves_what_was_asked_done(api: httpx.Client, steer: Steer) -> None:
    def count() -> int:
        return len(api.get("/files").json()["data"])

    before = count()
    steer("faults", spec="drop-after@POST /files")
    with pytest.raises(httpx.TransportError):
        upload(api, "{}\n")
    assert count() == before + 1


def test_a_slow_body_comes_whole(api: httpx.Client, steer: Steer) -> None:
    whole = api.get("/models").json()
    steer("faults", spec="latency=20ms,drip=2ms")
    answer = api.get("/models")
    assert answer.json() == whole
    assert answer.elapsed.total_seconds() > 0.02


@pytest.mark.parametrize(
    "spec", ["nonsense", "429=often", "latency=300", "@/files", "500@files", "drip=-1s", "200"]
)
def test_a_bad_fault_is_explained(sandbox: Sandbox, spec: str) -> None:
    base = sandbox.url.removesuffix("/v1")
    answer = httpx.post(base + "/_sandbox/faults", json={"spec": spec}, trust_env=False)
    assert answer.status_code == 400
    assert spec.split("=")[0].strip("@")[:4] in answer.json()["error"]["message"]
