"""A conversation as a file: to read, to keep, or to run again. The key is never in it."""

from __future__ import annotations

import json
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

from tui.api.log import curl
from tui.export import write_text
from tui.screens.workflows.bench.saved_conversation import format_conversation
from tui.workflows.generation.dialects import UserTurn
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.api.credentials.connection import Connection
    from tui.workflows.generation.answer_parts import AnswerPart
    from tui.workflows.generation.dialects import Dialect, Turn

_METHODS = {
    "/responses": "responses.create",
    "/chat/completions": "chat.completions.create",
    "/completions": "completions.create",
}


def build_last_request(dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn]) -> dict[str, Any]:
    """Return the request that gave the last answer."""
    last = len(turns) - 1 if turns and isinstance(turns[-1], Answer) else len(turns)
    return dialect.build_body(settings, turns[:last])


def format_markdown(dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn]) -> str:
    """Return a conversation as Markdown, to be read."""
    lines = [f"# {dialect.name}: {settings.get('model', '')}", ""]
    told = {name: value for name, value in settings.items() if name not in ("model", "instructions")}
    if instructions := settings.get("instructions"):
        lines += [*(f"> {line}" for line in str(instructions).splitlines()), ""]
    if told:
        lines += ["```json", json.dumps(told, indent=2, ensure_ascii=False), "```", ""]
    for turn in turns:
        if isinstance(turn, UserTurn):
            who = "You" if turn.role == "user" else f"Tool result `{turn.call_id}`"
            lines += [f"## {who}", "", turn.text, ""]
            continue
        lines += [f"## {turn.model}", ""]
        for part in turn.parts:
            lines += _list_part(part)
        if turn.outcome:
            lines += [f"*{turn.outcome}*", ""]
    return "\n".join(lines)


def _list_part(part: AnswerPart) -> list[str]:
    """Return the lines of a part of an answer."""
    match part.kind:
        case "call":
            return [f"Calls `{part.name}` (`{part.call_id}`):", "", "```json", part.text, "```", ""]
        case "reasoning":
            return [*(f"> {line}" for line in part.text.splitlines()), ""]
        case "other":
            return [f"`{part.name}`", "", *(["```json", part.text, "```", ""] if part.text else [])]
    return [part.text, ""] if part.text else []


def format_python(body: Mapping[str, Any], path: str, connection: Connection) -> str:
    """Return a request as a Python script for the official client."""
    arguments = pformat(dict(body), sort_dicts=False, width=100)
    made = _describe_client(connection)
    loop = "for event in answer:\n    print(event)\n" if body.get("stream") else "print(answer)\n"
    return (
        f"{'import os' + chr(10) * 2 if 'os.environ' in made else ''}from openai import OpenAI\n\n"
        f"client = OpenAI({made})  # the key is that of OPENAI_API_KEY\n"
        f"answer = client.{_METHODS[path]}(\n    **{arguments.replace(chr(10), chr(10) + '    ')}\n)\n{loop}"
    )


def _describe_client(connection: Connection) -> str:
    """Return the arguments of the official client: variables stand for the values of headers."""
    server = connection.server
    variables = {name: curl.variable_of(name) for name in server.headers}
    if server.auth == "api-key":
        variables["api-key"] = "OPENAI_API_KEY"
    headers = ", ".join(f"{name!r}: os.environ[{variable!r}]" for name, variable in variables.items())
    query = {name: "…" if name in server.secret_query else value for name, value in server.query.items()}
    return ", ".join(
        (
            f"base_url={connection.base_url!r}",
            *([f"default_headers={{{headers}}}"] if headers else []),
            *([f"default_query={query!r}"] if query else []),
        )
    )


def save_conversation(
    name: str, dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn], connection: Connection
) -> str:
    """Write a new file and return a sentence on how it went. An existing file is left alone."""
    path, api = Path(name), dialect.operation.path
    match path.suffix.lower():
        case ".json":
            text = format_conversation(dialect, settings, turns)
        case ".sh":
            text = curl.write_request_script(
                dialect.operation, connection, {}, build_last_request(dialect, settings, turns)
            )
        case ".py":
            text = format_python(build_last_request(dialect, settings, turns), api, connection)
        case _:
            text = format_markdown(dialect, settings, turns)
    return write_text(path, [text])
