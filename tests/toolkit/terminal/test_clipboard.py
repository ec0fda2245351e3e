"""The clipboard: whatever copies, and through whatever terminal, it is one sequence in the right envelope."""

from __future__ import annotations

from base64 import b64encode
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Server, opened, served
from tui.toolkit.controls import Input
from tui.toolkit.terminal.clipboard import MAX_ENCODED, build_copy_sequence, copy

if TYPE_CHECKING:
    from collections.abc import Iterator

COPIED = b64encode(b"one").decode()


@pytest.fixture(scope="module")
def fresh() -> Iterator[Server]:
    """A sandbox where nothing moves."""
    with served(scenario="calm") as server:
        yield server


@pytest.mark.parametrize(
    ("env", "sequence"),
    [
        ({}, f"\x1b]52;c;{COPIED}\x07"),
        ({"TMUX": "/tmp/t,1,0"}, f"\x1bPtmux;\x1b\x1b]52;c;{COPIED}\x07\x1b\\"),
        ({"TERM": "screen-256color"}, f"\x1bP\x1b]52;c;{COPIED}\x07\x1b\\"),
    ],
)
def test_a_multiplexer_gets_its_envelope(env: dict[str, str], sequence: str) -> None:
    assert build_copy_sequence("one", env) == sequence


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+x",)])
async def test_a_text_field_copies_through_tmux_too(
    fresh: Server, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    async with opened(fresh, "files") as drive:
        await drive.press("slash")
        await drive.type("one")
        written: list[str] = []
        driver = drive.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        field = drive.app.screen.query_one("Prompt Input", Input)
        await drive.until(lambda: field.value == "one", "the text")
        field.select_all()
        await drive.press(*keys)
        assert [each for each in written if "]52;" in each] == [build_copy_sequence("one", {"TMUX": "1"})]
        assert drive.app.clipboard == "one"


async def test_what_no_terminal_would_take_is_not_written(fresh: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(fresh, "files") as drive:
        written: list[str] = []
        monkeypatch.setattr(drive.app._driver, "write", written.append)
        drive.app.copy_to_clipboard("x" * MAX_ENCODED)
        await drive.told("too many for the terminal's clipboard")
        assert not any("]52;" in each for each in written)


def test_what_was_copied_is_named_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    key = "sk-proj-" + "TESTONLY" * 4
    monkeypatch.setattr("tui.toolkit.terminal.clipboard.write", lambda *_: None)
    app: Any = SimpleNamespace(notify=lambda words, **_: told.append(words))
    for text in ("batch_1", f"Bearer {key}", "a\nb"):
        copy(app, text)
    assert (told[0], told[2]) == ("Copied batch_1.", "Copied 2 lines.")
    assert "TESTONLY" not in told[1]
