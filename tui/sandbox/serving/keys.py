"""API keys: their kinds and what each opens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADMIN = re.compile(r"/(organization|projects)(/|$)|/fine_tuning/checkpoints/.+/permissions")
_REAL_KEY = "T3BlbkFJ"  # stands in every key the platform makes


def key_of(headers: Mapping[str, str]) -> str:
    """Return the key that a request brings, or nothing."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def kind_of(key: str) -> str:
    """Return "admin", "project" or "none", by how a key begins."""
    if key.startswith("sk-admin-"):
        return "admin"
    return "project" if key.startswith("sk-") else "none"


def mask(key: str) -> str:
    """Return a key as it may be shown."""
    return f"{key[:8]}{'*' * 4}{key[-4:]}" if len(key) > 16 else "*" * len(key)


def authorize(key: str, path: str) -> None:
    """Raise `Problem` when a key is not one for this path, which is below /v1."""
    kind, wanted = kind_of(key), "admin" if _ADMIN.match(path) else "project"
    if not key:
        message = "You didn't provide an API key. Send one in the Authorization header: 'Bearer YOUR_KEY'."
        raise Problem(message, status=401)
    if kind == "none":
        message = f"Incorrect API key provided: {mask(key)}."
        raise Problem(message, status=401, code="invalid_api_key")
    if kind != wanted:
        scope = "api.management.read" if wanted == "admin" else "api.model.request"
        message = f"You have insufficient permissions for this operation. Missing scopes: {scope}."
        raise Problem(message, status=403, code="missing_scope")


def looks_real(key: str) -> bool:
    """Return whether the platform itself has made this key."""
    return _REAL_KEY in key
