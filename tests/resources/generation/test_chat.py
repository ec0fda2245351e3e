"""What the messages of a stored completion tell of it."""

from __future__ import annotations

from typing import Any

from tui.resources.generation.chat import COMPLETIONS


def test_what_was_asked_last_is_read_from_its_messages() -> None:
    (peek,) = COMPLETIONS.peeks
    said: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "first"},
        {"role": "user", "content": [{"type": "text", "text": "second"}]},
        {"role": "assistant", "content": "yes"},
    ]
    assert peek.read(said, False) == "second"
    assert peek.read(said[:1], False) == ""
    assert len(peek.read([{"role": "user", "content": "long " * 1_000}], True)) < 1_000
