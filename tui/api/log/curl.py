"""Requests as commands for the shell. The key is never in them: its variable is."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from tui.api.errors import VARIABLES
from tui.api.requests import beta_of, target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.log.exchanges import Exchange
    from tui.api.operation import Key, Operation

_FILES = ("file", "files", "data")  # fields of a form that are files on this machine, given by their path
_BODY = "body.json"  # stands for a body that was not kept


def exchange_command(exchange: Exchange, base_url: str) -> str:
    """Return a request that was made, as a command. A file stands for what it sent, which is not kept."""
    sent: list[str] = []
    if exchange.form:
        sent = ["-F", "file=@file"]
    elif exchange.bytes_out:
        sent = ["--data", f"@{_BODY}"]
    return " ".join(_parts(exchange.method, base_url + exchange.path, exchange.path, exchange.key, sent))


def request_command(
    operation: Operation, base_url: str, path: Mapping[str, str], body: Mapping[str, Any] | None
) -> str:
    """Return a request that was not sent yet, as a command in one line. Raises BadRequest for a missing id."""
    return " ".join(_parts_of(operation, base_url, path, body))


def request_script(
    operation: Operation, base_url: str, path: Mapping[str, str], body: Mapping[str, Any] | None
) -> str:
    """Return a request as a shell script, an option a line. Raises BadRequest for an id that is missing."""
    parts = _parts_of(operation, base_url, path, body, indent=2)
    return (
        "#!/bin/sh\n" + " ".join(f"\\\n  {part}" if part in ("-H", "-d", "-F") else part for part in parts) + "\n"
    )


def _parts_of(
    operation: Operation,
    base_url: str,
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
    return _parts(operation.method, base_url.rstrip("/") + target, target, operation.key, sent)


def _parts(method: str, url: str, target: str, key: Key, sent: list[str]) -> list[str]:
    """Return the words of a command, quoted. `sent` are those of the body."""
    parts = ["curl", *(["-X", method] if method != "GET" else []), shlex.quote(url)]
    parts += ["-H", f'"Authorization: Bearer ${VARIABLES[key]}"']
    if beta := beta_of(target):
        parts += ["-H", shlex.quote(f"OpenAI-Beta: {beta}")]
    if sent and sent[0] != "-F":
        parts += ["-H", "'Content-Type: application/json'"]
    return parts + sent
