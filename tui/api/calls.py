"""Calls of operations as requests: the key and the headers that a connection sends with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui import __version__
from tui.api.bodies import ENCODINGS
from tui.api.errors import NoKey
from tui.api.requests import Request, beta_of, target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.credentials.connection import Connection
    from tui.api.operation import Operation


def write_request(
    connection: Connection,
    operation: Operation,
    path: Mapping[str, str],
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Request:
    """Return a call of an operation as a request, with the key of its kind. Raises NoKey and BadRequest."""
    secret = connection.key(operation.key)
    if secret is None and connection.needs_key(operation.key):
        raise connection.problems.get(operation.key) or NoKey(operation.key)
    headers = build_common_headers()
    if secret and connection.server.auth != "none":
        name, value = connection.server.key_header(secret.reveal())
        headers[name] = value
    if connection.organization:
        headers["OpenAI-Organization"] = connection.organization
    if connection.project:
        headers["OpenAI-Project"] = connection.project
    if beta := beta_of(operation.path):
        headers["OpenAI-Beta"] = beta
    own = connection.server.headers
    replaced = {name.lower() for name in own}
    headers = {name: value for name, value in headers.items() if name.lower() not in replaced}
    headers |= own
    content = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return Request(
        operation.method,
        target_of(operation, path, query),
        headers,
        key=operation.key,
        reads_only=operation.reads_only,
        exact=operation.exact,
        ids=dict(path),
        content=content,
    )


def build_common_headers() -> dict[str, str]:
    """Return the headers of every request, whoever is asked."""
    return {"Accept": "application/json", "Accept-Encoding": ENCODINGS, "User-Agent": f"o9s/{__version__}"}
