"""What the first frame imports must not bring the network's libraries with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("httpx", "pydantic", "keyring", "tomlkit", "textual", "aiolimiter", "openai")


@pytest.mark.parametrize(
    "module",
    ["tui.text", "tui.config", "tui.api.operation", "tui.api.keys", "tui.api.errors", "tui.api.exchanges"],
)
def test_light_modules_stay_light(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    path = [entry for entry in sys.path if entry]
    shown = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["tui.api.client", "tui.api.credentials"])
def test_the_client_brings_neither_pydantic_nor_keyring_nor_textual(module: str) -> None:
    heavy = [name for name in HEAVY if name not in ("httpx", "aiolimiter")]
    code = f"import {module}; print([name for name in {heavy!r} if name in sys.modules])"
    path = [entry for entry in sys.path if entry]
    shown = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "[]"
