"""What the first frame imports must not bring the network's libraries with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"httpx", "pydantic", "keyring", "tomlkit", "textual", "aiolimiter", "openai"}
WIRE = {"httpx", "aiolimiter"}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("tui.text", set[str]()),
        ("tui.config", set[str]()),
        ("tui.api.operation", set[str]()),
        ("tui.api.credentials.keys", set[str]()),
        ("tui.api.errors", set[str]()),
        ("tui.api.log.exchanges", set[str]()),
        ("tui.api.credentials.resolve", set[str]()),
        ("tui.api.log.journal", set[str]()),
        ("tui.api.client", WIRE),
    ],
)
def test_a_module_brings_no_more_than_it_may(module: str, allowed: set[str]) -> None:
    path = [entry for entry in sys.path if entry]
    code = f"import sys; sys.path[:0] = {path!r}; import {module}; print(*({HEAVY!r} & sys.modules.keys()))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(shown.stdout.split()) <= allowed
