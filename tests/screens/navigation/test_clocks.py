"""A clock that differs from the platform's is told once, unless the server's is one of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tui.commands.routes import ROUTES
from tui.screens.navigation.accounts.account import make_accounts
from tui.screens.navigation.accounts.session import Session
from tui.screens.navigation.navigator import Navigator


@pytest.mark.parametrize(
    ("skew", "base_url", "words"),
    [
        (29.0, "https://api.openai.com/v1", None),
        (-29.0, "https://api.openai.com/v1", None),
        (300.0, "https://api.openai.com/v1", "5 m behind the platform's"),
        (-7200.0, "https://llm.example/v1", "2 h ahead of the platform's"),
        (86400.0, "http://127.0.0.1:9/v1", None),
    ],
)
def test_a_clock_that_is_off_is_told_once(skew: float, base_url: str, words: str | None) -> None:
    told: list[str] = []
    client = SimpleNamespace(skew=skew, connection=SimpleNamespace(base_url=base_url), read_only=False)
    app: Any = None
    platform: Any = type("Known", (), {"client": client})()
    navigator = Navigator(app, make_accounts([platform], Session()), ROUTES, tell_fault=told.append)
    navigator.compare_clocks()
    client.skew *= 1.01
    navigator.compare_clocks()
    assert len(told) == (words is not None)
    assert words is None or words in told[0]
