"""An HTTP archive is one by the form of HAR 1.2, from a recording as from what `:http` keeps."""

from __future__ import annotations

from typing import Any

import jsonschema

from tui.api.log.exchanges import Exchange
from tui.api.log.har import describe_line, make_archive

TEXT, NUMBER, COUNT = {"type": "string"}, {"type": "number", "minimum": 0}, {"type": "integer", "minimum": -1}


def form(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    fields = {**required, **(optional or {}), "comment": TEXT}
    return {"type": "object", "required": [*required], "properties": fields, "additionalProperties": False}


def several(each: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": each}


PAIRS = several(form({"name": TEXT, "value": TEXT}))
PARAMS = several(form({"name": TEXT}, {"value": TEXT, "fileName": TEXT, "contentType": TEXT}))
MESSAGE = {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "headersSize": COUNT, "bodySize": COUNT}
REQUEST = form(
    {"method": TEXT, "url": {"type": "string", "pattern": "^https?://"}, "queryString": PAIRS, **MESSAGE},
    {"postData": form({"mimeType": TEXT}, {"params": PARAMS, "text": TEXT})},
)
CONTENT = form({"size": COUNT, "mimeType": TEXT}, {"text": TEXT, "encoding": TEXT, "compression": COUNT})
RESPONSE = form(
    {"status": COUNT, "statusText": TEXT, "content": CONTENT, "redirectURL": TEXT, **MESSAGE},
)
TIMINGS = form({"send": NUMBER, "wait": NUMBER, "receive": NUMBER}, {"blocked": NUMBER, "dns": NUMBER})
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
ENTRY = form(
    {
        "startedDateTime": DAY,
        "time": NUMBER,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": form({}),
        "timings": TIMINGS,
    }
)
HAR = form(
    {
        "log": form(
            {
                "version": {"const": "1.2"},
                "creator": form({"name": TEXT, "version": TEXT}),
                "entries": several(ENTRY),
            }
        )
    }
)
LINE = {
    "n": 1,
    "at": 1_790_000_000.25,
    "took": 0.5,
    "server": "https://api.openai.com/v1",
    "method": "POST",
    "path": "/files",
    "query": "a=1&b=",
    "status": 200,
    "headers": {"content-type": "application/json"},
}


def test_recorded_lines_make_an_archive() -> None:
    file = {"name": "up.jsonl", "bytes": 3, "sha256": "ab"}
    archive = make_archive(
        [
            {**LINE, "sent": {"json": {"a": 1}}, "answer": {"json": {"é": 1}}},
            {
                **LINE,
                "sent": {"fields": {"purpose": ["batch"]}, "files": {"file": file}},
                "answer": {"text": "data: {}"},
            },
            {**LINE, "method": "GET", "answer": {"bytes": 3, "sha256": "ab"}},
            {**LINE, "status": None, "headers": {}, "error": "It did not answer."},
        ]
    )
    jsonschema.validate(archive, HAR)
    one, form_, transfer, none = archive["log"]["entries"]
    assert one["startedDateTime"] == "2026-09-21T14:13:20.250+00:00"
    assert (one["time"], one["request"]["url"]) == (500.0, "https://api.openai.com/v1/files?a=1&b=")
    assert one["request"]["postData"]["text"] == '{"a": 1}'
    assert one["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]
    assert one["response"]["content"] == {"size": 9, "mimeType": "application/json", "text": '{"é": 1}'}
    assert {"name": "file", "fileName": "up.jsonl"} in form_["request"]["postData"]["params"]
    assert transfer["response"]["content"]["comment"] == "not kept, SHA-256 ab"
    assert (none["response"]["status"], none["comment"]) == (0, "It did not answer.")


def test_what_is_kept_of_requests_makes_an_archive() -> None:
    kept = Exchange(1_790_000_000.0, "POST", "/batches?x=1", 429, ms=12.5, bytes_in=30, bytes_out=20)
    archive = make_archive(
        [describe_line(kept, "https://api.openai.com/v1"), describe_line(Exchange(1.0, "GET", "/a"), "http://h")]
    )
    jsonschema.validate(archive, HAR)
    entry = archive["log"]["entries"][0]
    assert (entry["response"]["statusText"], entry["response"]["bodySize"]) == ("Too Many Requests", 30)
    assert (entry["request"]["bodySize"], entry["request"]["postData"]["comment"]) == (20, "not kept")
