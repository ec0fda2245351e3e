"""The audit log: whoever did something is named, in whatever form a server tells it."""

from __future__ import annotations

from typing import Any

import pytest

from tui.resources.registry import REGISTRY

SESSION = {"user": {"id": "user-1", "email": "ada@acme.example"}, "ip_address": "192.0.2.4"}
KEY = {"id": "key_1", "type": "service_account", "service_account": {"id": "svc_1"}}


@pytest.mark.parametrize(
    ("actor", "words", "id_"),
    [
        ({"type": "session", "session": SESSION}, "ada@acme.example", "user-1"),
        ({"session": SESSION}, "ada@acme.example", "user-1"),
        ({"type": None, "session": SESSION}, "ada@acme.example", "user-1"),
        ({"type": "api_key", "api_key": KEY}, "svc_1", "svc_1"),
        ({"api_key": KEY}, "svc_1", "svc_1"),
        ({"type": "robot", "robot": {"name": "R2"}}, "robot R2", ""),
        ({"type": "session"}, "session", ""),
        ("ada", "ada", ""),
        ("", "", ""),
        (None, "", ""),
        ({}, "", ""),
        (7, "", ""),
    ],
)
def test_whoever_did_it_is_named(actor: Any, words: str, id_: str) -> None:
    raw = {"id": "audit-1", "type": "project.created", "actor": actor}
    entry: Any = REGISTRY["audit"].record(raw).object
    assert entry.done_by == (words, id_)
    assert entry.key == ("key_1" if id_ == "svc_1" else "")
    assert entry.type == "project.created", "what is odd costs itself only"
