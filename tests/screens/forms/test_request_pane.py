"""The request beside a form: legible, harmless, and without secrets."""

from __future__ import annotations

from textual.content import Content

from tui.screens.forms.request_pane import format_json, wrap_line


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


def test_a_line_longer_than_the_pane_goes_on_under_what_it_says() -> None:
    line = Content('  "input_file_id": "file-a4gvuuvW3hpFMGB85mFkv0",')
    assert max(part.cell_length for part in wrap_line(line, 24)) <= 24
    assert [part.plain.rstrip() for part in wrap_line(line, 36)] == [
        '  "input_file_id":',
        '    "file-a4gvuuvW3hpFMGB85mFkv0",',
    ]
    assert wrap_line(line, 60) == [line]
