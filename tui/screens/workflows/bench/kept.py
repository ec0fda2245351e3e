"""A conversation as JSON: all of it, so that it can be gone on with another day. The key is never in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tui.screens.workflows.bench.dialects import Said
from tui.workflows.generation import Answer, Part, PartKind, TokensSpent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.screens.workflows.bench.dialects import Dialect, Turn

MAX_FILE = 64 << 20  # bytes of a file that is read
_NAMES = ("id", "model", "request_id", "finish", "trouble", "stopped")  # of an answer, kept as they are


class NotKept(ValueError):
    """A file that holds no conversation of this endpoint; the message is a sentence."""


def written(dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn]) -> str:
    """The settings, each turn, and what it took."""
    told = [_said(turn) if isinstance(turn, Said) else _answered(turn) for turn in turns]
    whole = {"endpoint": dialect.operation.path, "settings": dict(settings), "turns": told}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _said(said: Said) -> dict[str, Any]:
    call = {"call_id": said.call_id, "custom": said.custom} if said.call_id else {}
    files = [{"name": name, "content": content} for name, content in said.files]
    return {"role": said.role, "text": said.text, **call, "files": files}


def _answered(answer: Answer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "role": "assistant",
        **{name: getattr(answer, name) for name in _NAMES},
        "parts": [_part(part) for part in answer.parts],
        "usage": usage and {"read": usage.read, "written": usage.written, "reasoned": usage.reasoned},
        "seconds": {"first": answer.latency, "all": answer.ended and answer.ended - answer.began},
    }


def _part(part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": part.kind, "text": part.text}
    if part.name:
        told |= {"name": part.name, "call_id": part.call_id, "custom": part.custom}
    return told | ({"tokens": part.tokens} if part.tokens else {})


def read(name: str, dialect: Dialect) -> tuple[dict[str, Any], list[Turn]]:
    """The settings and turns that a file holds. Raises NotKept."""
    path = Path(name)
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8", "replace") if size <= MAX_FILE else ""
    except OSError as error:
        raise NotKept(f"{path} cannot be read: {error.strerror or error}.") from None
    if size > MAX_FILE:
        raise NotKept(f"{path.name} is larger than {MAX_FILE >> 20} MiB.")
    try:
        whole = json.loads(text)
        endpoint, settings, turns = whole["endpoint"], dict(whole["settings"]), list(map(_turn, whole["turns"]))
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise NotKept(f"{path.name} holds no saved conversation.") from None
    if endpoint != dialect.operation.path:
        raise NotKept(f"{path.name} was saved in the bench of {endpoint}; open it there.")
    return {**dialect.start(), **settings}, turns


def _turn(told: Mapping[str, Any]) -> Turn:
    if told["role"] in ("user", "tool"):
        files = [(str(file["name"]), str(file["content"])) for file in told.get("files", ())]
        call_id, custom = str(told.get("call_id", "")), bool(told.get("custom"))
        return Said(str(told["text"]), told["role"], call_id, custom, files)
    spent, seconds = told.get("usage"), told.get("seconds") or {}
    first, took = seconds.get("first"), seconds.get("all")
    answer = Answer(
        **{name: told[name] for name in _NAMES if isinstance(told.get(name), str | bool)},
        usage=TokensSpent(*(int(spent[name]) for name in ("read", "written", "reasoned"))) if spent else None,
        first=None if first is None else float(first),
    )
    for number, part in enumerate(told["parts"]):
        _take(part, answer.part(("kept", number), part["kind"] if part["kind"] in get_args(PartKind) else "other"))
    answer.ended = float(took or 0.0)
    return answer


def _take(told: Mapping[str, Any], part: Part) -> None:
    part.name, part.call_id = str(told.get("name", "")), str(told.get("call_id", ""))
    part.custom = bool(told.get("custom"))
    part.tokens = [(str(token), float(chance)) for token, chance in told.get("tokens", ())]
    part.add(str(told["text"]))
