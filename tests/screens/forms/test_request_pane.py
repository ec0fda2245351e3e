"""The request beside a form: legible, harmless, and without secrets."""

from __future__ import annotations

from tui.screens.forms.request_pane import format_json


def test_a_request_is_shown_without_what_looks_like_a_key() -> None:
    tool = {
        "type": "mcp",
        "headers": {"Authorization": "Bearer abcdefgh-secret"},
        "key": "sk-proj-abcdefghijklmnop",
    }
    lines = [content.plain for content in format_json({"tools": [tool], "name": "a\x1b]52;c;x\x07b"})]
    text = "\n".join(lines)
    assert "secret" not in text
    assert "abcdefghijklmnop" not in text
    assert "\x1b" not in text
    assert lines[:2] == ["{", '  "tools": [']


def test_a_long_request_says_that_there_is_more() -> None:
    lines = format_json({"input": [{"line": number} for number in range(500)]})
    assert len(lines) < 400
    assert lines[-1].plain.endswith("more lines")
