"""Exchanges as an HTTP archive, HAR 1.2, which browsers, proxies and their like open."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tui import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.api.log.exchanges import Exchange

_UNKNOWN = -1  # of a size
_NOT_KEPT = "not kept"
_HTTP = "HTTP/1.1"


def make_archive(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the archive of exchanges, each a line of a recording with its answer; see `tui.api.recording`."""
    creator = {"name": "o9s", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_make_entry(line) for line in lines]}}


def describe_line(exchange: Exchange, server: str) -> dict[str, Any]:
    """Return an exchange as a line of a recording, of which the bodies were not kept."""
    path, _, query = exchange.path.partition("?")
    return {
        "at": exchange.when,
        "took": exchange.ms / 1000,
        "server": server,
        "method": exchange.method,
        "path": path,
        "query": query,
        "status": exchange.status,
        "headers": {**exchange.headers, **exchange.limits},
        "error": exchange.error,
        **({"sent": {"bytes": exchange.bytes_out}} if exchange.bytes_out else {}),
        **({"answer": {"bytes": exchange.bytes_in}} if exchange.bytes_in else {}),
    }


def _make_entry(line: Mapping[str, Any]) -> dict[str, Any]:
    milliseconds = round(float(line["took"]) * 1000, 3)
    error = {"comment": line["error"]} if line.get("error") else {}
    return {
        "startedDateTime": datetime.fromtimestamp(float(line["at"]), UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _make_request(line),
        "response": _make_response(line),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        **error,
    }


def _make_request(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request of an exchange as HAR writes it."""
    query = line.get("query") or ""
    sent = line.get("sent") or {}
    kind = "multipart/form-data" if "fields" in sent else "application/json"
    posted: dict[str, Any] = {}
    if "fields" in sent:
        fields = [{"name": name, "value": value} for name, values in sent["fields"].items() for value in values]
        files = [{"name": name, "fileName": str(file.get("name", ""))} for name, file in sent["files"].items()]
        posted = {"postData": {"mimeType": kind, "params": [*fields, *files]}}
    elif sent:
        text, comment = _write_body(sent)
        posted = {"postData": {"mimeType": kind, "text": text, **comment}}
    return {
        "method": line["method"],
        "url": f"{line['server']}{line['path']}{'?' if query else ''}{query}",
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": kind}] if sent else [],
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": sent.get("bytes", _UNKNOWN) if sent else 0,
        **posted,
    }


def _make_response(line: Mapping[str, Any]) -> dict[str, Any]:
    status, body, headers = line["status"] or 0, line.get("answer") or {}, line.get("headers") or {}
    text, comment = _write_body(body)
    size = body.get("bytes", len(text.encode(errors="replace")))
    return {
        "status": status,
        "statusText": _find_phrase(status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": [{"name": name, "value": str(value)} for name, value in headers.items()],
        "content": {
            "size": size,
            "mimeType": headers.get("content-type", ""),
            **({"text": text} if text else {}),
            **comment,
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": size if body else 0,
    }


def _write_body(body: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the text of a body, and a comment where it was not kept."""
    if "json" in body:
        return json.dumps(body["json"], ensure_ascii=False), {}
    if "text" in body:
        return str(body["text"]), {}
    digest = f", SHA-256 {body['sha256']}" if "sha256" in body else ""
    return "", {"comment": f"{_NOT_KEPT}{digest}"} if body else {}


def _find_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
