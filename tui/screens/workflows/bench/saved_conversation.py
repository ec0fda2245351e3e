"""A conversation as JSON, whole, so that it can be continued another day. The key is never in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tui.workflows.generation.answer_parts import AnswerPart, PartKind, TokensSpent
from tui.workflows.generation.dialects import UserTurn
from tui.workflows.generation.generation import Answer
from tui.workflows.generation.stream_parts import as_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.workflows.generation.dialects import Dialect, Turn

MAX_FILE = 64 << 20  # bytes of a file that is read
_NAMES = ("id", "model", "request_id", "finish", "trouble", "stopped")  # of an answer, kept as they are


class NotAConversation(ValueError):
    """A file that holds no conversation of this endpoint; the message is a sentence."""


def format_conversation(dialect: Dialect, settings: Mapping[str, Any], turns: Sequence[Turn]) -> str:
    """Return a conversation as JSON: the settings, each turn, and what it took."""
    told = [_format_user_turn(turn) if isinstance(turn, UserTurn) else _format_answer(turn) for turn in turns]
    whole = {"endpoint": dialect.operation.path, "settings": dict(settings), "turns": told}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _format_user_turn(said: UserTurn) -> dict[str, Any]:
    call = {"call_id": said.call_id, "custom": said.custom} if said.call_id else {}
    files = [{"name": name, "content": content} for name, content in said.files]
    return {"role": said.role, "text": said.text, **call, "files": files}


def _format_answer(answer: Answer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "role": "assistant",
        **{name: getattr(answer, name) for name in _NAMES},
        "parts": [_format_part(part) for part in answer.parts],
        "usage": usage and {"read": usage.read, "written": usage.written, "reasoned": usage.reasoned},
        "seconds": {"first": answer.latency, "all": answer.ended and answer.ended - answer.began},
    }


def _format_part(part: AnswerPart) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": part.kind, "text": part.text}
    if part.name:
        told |= {"name": part.name, "call_id": part.call_id, "custom": part.custom}
    return told | ({"tokens": part.tokens} if part.tokens else {})


def read_conversation(name: str, dialect: Dialect) -> tuple[dict[str, Any], list[Turn]]:
    """Return the settings and turns that a file holds. Raises NotAConversation."""
    path = Path(name)
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8", "replace") if size <= MAX_FILE else ""
    except OSError as error:
        raise NotAConversation(f"{path} cannot be read: {error.strerror or error}.") from None
    if size > MAX_FILE:
        raise NotAConversation(f"{path.name} is larger than {MAX_FILE >> 20} MiB.")
    try:
        whole = json.loads(text)
        endpoint, settings, turns = (
            whole["endpoint"],
            dict(whole["settings"]),
            list(map(_read_turn, whole["turns"])),
        )
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise NotAConversation(f"{path.name} holds no saved conversation.") from None
    if endpoint != dialect.operation.path:
        raise NotAConversation(f"{path.name} was saved in the bench of {endpoint}; open it there.")
    return {**dialect.start(), **settings}, turns


def _read_turn(told: Mapping[str, Any]) -> Turn:
    if told["role"] in ("user", "tool"):
        files = [(str(file["name"]), str(file["content"])) for file in told.get("files", ())]
        call_id, custom = str(told.get("call_id", "")), bool(told.get("custom"))
        return UserTurn(str(told["text"]), told["role"], call_id, custom, files)
    spent, seconds = told.get("usage"), told.get("seconds") or {}
    first, took = seconds.get("first"), seconds.get("all")
    answer = Answer(
        **{name: told[name] for name in _NAMES if isinstance(told.get(name), str | bool)},
        usage=TokensSpent(as_count(spent["read"]), as_count(spent["written"]), as_count(spent["reasoned"]) or 0)
        if spent
        else None,
        first=None if first is None else float(first),
    )
    for number, part in enumerate(told["parts"]):
        _read_part(
            part, answer.part(("kept", number), part["kind"] if part["kind"] in get_args(PartKind) else "other")
        )
    answer.ended = float(took or 0.0)
    return answer


def _read_part(told: Mapping[str, Any], part: AnswerPart) -> None:
    part.name, part.call_id = str(told.get("name", "")), str(told.get("call_id", ""))
    part.custom = bool(told.get("custom"))
    part.tokens = [(str(token), float(chance)) for token, chance in told.get("tokens", ())]
    part.append(str(told["text"]))
