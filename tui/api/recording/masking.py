"""Bodies as a recording may hold them: without keys and, where that is asked for, without their contents."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tui.api.errors import is_official
from tui.api.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable

HIDDEN = "…"
# Fields whose values are secret, whatever they look like.
_SECRET = (
    r"(?:authorization|cookies?|set-cookie|api[-_]?key|password|private_key|(?:[a-z]+_)?secret"
    r"|(?:access|auth|bearer|id|refresh)_token)"
)
_SECRET_FIELD = re.compile(_SECRET, re.IGNORECASE)
_SECRET_MAPPINGS = ("headers",)  # of which any value may be one: those that a tool is called with
_SECRET_NAME = "secret"
_NAMES_SECRET = re.compile(rf'"(?:{_SECRET}|headers|[\w.]*api_key)"', re.IGNORECASE)
# Fields whose texts are words of the platform or ids; all others may hold what somebody wrote.
_PLAIN_FIELDS = frozenset(
    (
        *("id", "object", "type", "status", "model", "snapshot", "purpose", "endpoint", "role", "code", "param"),
        *("completion_window", "order", "level", "method", "after", "before", "limit", "group_by", "include"),
        *("start_time", "end_time", "bucket_width", "event_types", "line_item", "currency", "anchor"),
        *("detail", "size", "quality", "truncation", "effort", "verbosity"),
    )
)
_PLAIN_ENDS = ("_id", "_ids", "_at", "_type", "_reason", "_tier", "_format", "_status")
# Mappings whose names are somebody's own.
_OWN_NAMES = frozenset(("metadata", "attributes", "properties", "item", "variables", "headers"))
_ID = re.compile(r"[a-z]{2,14}[-_](?=\w*\d)\w{6,}")
_ACCOUNT = re.compile(r"\b(org-|proj_|user-)(?=\w*\d)\w{6,}")
_TUNED = re.compile(r"\bft:([^:\s/]+):([^:\s/]*):([^:\s/]*):")
_ENDING = re.compile(r"\.[a-z0-9]{1,6}$", re.IGNORECASE)


class Masking:
    """What a recording may hold of bodies, paths and queries.

    Keys are always hidden. With `contents` so are prompts, answers, all that somebody wrote or is called, and
    ids of accounts: what was the same is called the same, so that rows stay apart; nothing tells what it was.
    """

    def __init__(self, *, contents: bool = False) -> None:
        self.contents = contents
        self._salt = secrets.token_bytes(16)  # kept nowhere: no list of names can be tried against a recording

    def hide(self, body: str) -> str | None:
        """Return JSON text as it may be kept, in one line; None for what is no JSON."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if self.contents:
            return _dump(_walk(value, self._hide_text, self._hide_name))
        # Most hold no key: those stay as they came, digit by digit.
        if "\\u" not in body and not _NAMES_SECRET.search(body) and redact(body) == body:
            return body.replace("\r", " ").replace("\n", " ")
        return _dump(_walk(value, _hide_key, lambda _, name: redact(name)))

    def hide_text(self, text: str) -> str | None:
        """Return a text that is no JSON as it may be kept; None where nothing of it may."""
        return None if self.contents else redact(text)

    def hide_target(self, target: str) -> tuple[str, str]:
        """Return the path and the query of a request as they may be kept."""
        path, _, query = redact(target).partition("?")
        if not self.contents:
            return path, query
        hidden = [
            (self._hide_query_name(name), self._hide_accounts(value) if _is_plain(name, value) else HIDDEN)
            for name, value in parse_qsl(query, keep_blank_values=True)
        ]
        return self._hide_accounts(path), urlencode(hidden, safe="[]")

    def hide_server(self, server: str) -> str:
        """Return the address of a server as it may be kept: with contents hidden, only whether it is OpenAI's."""
        official = is_official(urlsplit(server).hostname or "")
        return redact(server) if official or not self.contents else "https://server.invalid/v1"

    def hide_name(self, name: str) -> str:
        """Return the name of a file as it may be kept."""
        return self._hide_text("filename", name) if self.contents else redact(name)

    def _hide_text(self, field: str, text: str) -> str:
        """Return what stands for the text of a field."""
        if _is_plain(field, text):
            return self._hide_accounts(_hide_key(field, text))
        ending = _ENDING.search(text) if "name" in field else None
        return f"{field or 'text'}-{self._mark(text)}{ending[0] if ending else ''}" if text else ""

    def _hide_name(self, parent: str, name: str) -> str:
        """Return what stands for a name in a mapping."""
        return f"key-{self._mark(name)}" if parent in _OWN_NAMES else redact(name)

    def _hide_query_name(self, name: str) -> str:
        """Return what stands for a name in a query: `metadata[run]` holds one of somebody's own."""
        parent, bracket, own = name.partition("[")
        return f"{parent}[{self._hide_name(parent, own[:-1])}]" if bracket and own.endswith("]") else name

    def _hide_accounts(self, text: str) -> str:
        """Return a text whose ids of accounts, and names in those of tuned models, say nothing."""
        text = _TUNED.sub(lambda found: f"ft:{found[1]}:{self._mark(found[2])}:{self._mark(found[3])}:", text)
        return _ACCOUNT.sub(lambda found: f"{found[1]}{self._mark(found[0], 12)}", text)

    def _mark(self, text: str, length: int = 6) -> str:
        """Return some signs that stand for a text, the same for the same one of a recording."""
        digest = hashlib.blake2b(text.encode(errors="replace"), key=self._salt).hexdigest()
        return f"0{digest[: length - 1]}"  # with a digit, as ids have


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _walk(value: Any, hide: Callable[[str, str], str], rename: Callable[[str, str], str], field: str = "") -> Any:
    """Return JSON with each text hidden by its field, and each name by that of the mapping it stands in."""
    if isinstance(value, dict):
        found = {}
        is_secret = field in _SECRET_MAPPINGS or bool(_SECRET_FIELD.fullmatch(field))
        is_key = str(value.get("object", "")).endswith("api_key")
        for name, each in value.items():
            renamed = rename(field, name)
            if is_secret or (is_key and name == "value"):
                inner = _SECRET_NAME
            else:
                inner = name if renamed == name else "text"
            found[renamed] = _walk(each, hide, rename, inner)
        return found
    if isinstance(value, list):
        return [_walk(each, hide, rename, field) for each in value]
    return hide(field, value) if isinstance(value, str) else value


def _hide_key(field: str, text: str) -> str:
    """Return the text of a field without keys."""
    return HIDDEN if text and _SECRET_FIELD.fullmatch(field) else redact(text)


def _is_plain(field: str, text: str) -> bool:
    """Return whether the text of a field is the platform's own word, or an id."""
    field = field.removesuffix("[]")
    if _SECRET_FIELD.fullmatch(field):
        return False
    return field in _PLAIN_FIELDS or field.endswith(_PLAIN_ENDS) or bool(_ID.fullmatch(text))
