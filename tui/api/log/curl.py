"""Requests as commands for the shell. No key and no value of a header is ever in them: a variable is."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

from tui.api.credentials.server import DIRECT
from tui.api.errors import VARIABLES
from tui.api.requests import beta_of, target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.credentials.connection import Connection
    from tui.api.log.exchanges import Exchange
    from tui.api.operation import Key, Operation

_FILES = ("file", "files", "data")  # fields of a form that are files on this machine, given by their path
_OWN_LINE = ("-H", "-d", "-F", "--cacert", "--cert", "--key", "--proxy", "--noproxy")
_BODY = "body.json"  # stands for a body that was not kept


def write_exchange_command(exchange: Exchange, connection: Connection) -> str:
    """Return a request that was made, as a command. A file stands for what it sent, which is not kept."""
    sent: list[str] = []
    if exchange.form:
        sent = ["-F", "file=@file"]
    elif exchange.bytes_out:
        sent = ["--data", f"@{_BODY}"]
    return " ".join(_quote_words(exchange.method, exchange.path, exchange.key, sent, connection))


def write_request_command(
    operation: Operation, connection: Connection, path: Mapping[str, str], body: Mapping[str, Any] | None
) -> str:
    """Return a request that was not sent yet, as a command in one line. Raises BadRequest for a missing id."""
    return " ".join(_parts_of(operation, connection, path, body))


def write_request_script(
    operation: Operation, connection: Connection, path: Mapping[str, str], body: Mapping[str, Any] | None
) -> str:
    """Return a request as a shell script, an option a line. Raises BadRequest for an id that is missing."""
    parts = _parts_of(operation, connection, path, body, indent=2)
    return "#!/bin/sh\n" + " ".join(f"\\\n  {part}" if part in _OWN_LINE else part for part in parts) + "\n"


def _parts_of(
    operation: Operation,
    connection: Connection,
    path: Mapping[str, str],
    body: Mapping[str, Any] | None,
    indent: int | None = None,
) -> list[str]:
    """Return the words of a request's command, its body indented by `indent` blanks."""
    sent: list[str] = []
    if operation.multipart:
        for name, value in (body or {}).items():
            text = value if isinstance(value, str) else json.dumps(value)
            sent += ["-F", shlex.quote(f"{name}=@{text}" if name in _FILES else f"{name}={text}")]
    elif body is not None:
        sent = ["-d", shlex.quote(json.dumps(body, indent=indent, ensure_ascii=False))]
    target = target_of(operation, path)
    return _quote_words(operation.method, target, operation.key, sent, connection)


def _quote_words(method: str, target: str, key: Key, sent: list[str], connection: Connection) -> list[str]:
    """Return the words of a command, quoted. `sent` are those of the body."""
    server = connection.server
    url = connection.base_url.rstrip("/") + server.add_query(target, shown=True)
    parts = ["curl", *(["-X", method] if method != "GET" else []), shlex.quote(url)]
    own = {name.lower() for name in server.headers}
    given = [server.key_header(f"${VARIABLES[key]}")] if server.auth != "none" else []
    if beta := beta_of(target):
        given.append(("OpenAI-Beta", beta))
    for name, value in given:
        if name.lower() not in own:
            parts += [
                "-H",
                f'"{name}: {value}"' if value.startswith(("$", "Bearer $")) else shlex.quote(f"{name}: {value}"),
            ]
    for name in server.headers:
        parts += ["-H", f'"{name}: ${variable_of(name)}"']
    for option, path in (("--cacert", server.ca), ("--cert", server.client_cert), ("--key", server.client_key)):
        if path:
            parts += [option, shlex.quote(str(path))]
    if server.proxy == DIRECT:
        parts += ["--noproxy", "'*'"]
    elif server.proxy:
        parts += ["--proxy", '"$PROXY"' if server.shown_proxy != server.proxy else shlex.quote(server.proxy)]
    if sent and sent[0] != "-F":
        parts += ["-H", "'Content-Type: application/json'"]
    return parts + sent


def variable_of(header: str) -> str:
    """Return the variable that stands for the value of a header."""
    return re.sub(r"[^A-Z0-9]", "_", header.upper())
