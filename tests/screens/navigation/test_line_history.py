"""Lines typed after `:` come back, in later starts too; what may hold a key is not kept."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened
from tui.api.credentials.keys import Secret
from tui.screens.navigation.line_history import MOST, LineHistory, read_lines
from tui.system.state_file import StateFile
from tui.toolkit.controls import Input
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = Secret("a-key-of-another-server").reveal()  # known to this process, whatever it looks like


def test_each_line_is_kept_once_newest_last_and_privately(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    first, second = LineHistory(StateFile(path)), LineHistory(StateFile(path))
    first.add(" files ")
    second.add("costs")
    first.add("files")
    assert LineHistory(StateFile(path)).lines == ["costs", "files"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for number in range(MOST + 5):
        first.add(f"open batch_{number}")
    assert len(read_lines(StateFile(path))) == MOST


@pytest.mark.parametrize("line", ["open sk-proj-abcdefgh", f"open {SHOWN}", "y " * 120, "  "])
def test_what_may_be_a_key_or_is_no_line_is_forgotten(tmp_path: Path, line: str) -> None:
    history = LineHistory(StateFile(tmp_path / "lines.json"))
    history.add(line)
    assert not history.lines
    assert not (tmp_path / "lines.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"[1, null, [2]]", b"\xff\xfe"])
def test_a_damaged_file_is_no_history_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.json"
    path.write_bytes(content)
    history = LineHistory(StateFile(path))
    assert history.lines == []
    history.add("files")
    assert read_lines(StateFile(path)) == ["files"]


async def test_up_brings_back_ctrl_r_finds_and_an_empty_line_offers_everything(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.command("files")
        await drive.sees("PURPOSE")
        await drive.command("models /gpt")
        await drive.sees("SHUTDOWN")
        await drive.press("colon")
        prompt = drive.app.screen.query_one(Prompt)
        await drive.until(lambda: len(prompt._suggestions) > 50, "everything there is")
        groups = [each.group for each in prompt._suggestions]
        assert groups == sorted(groups, key=groups.index), "what belongs together stands together"
        await drive.press("up", "up")
        assert prompt.query_one(Input).value == "files"
        await drive.press("down")
        assert prompt.query_one(Input).value == "models /gpt"
        await drive.press("down", "f", "i", "l", "ctrl+r", "down", "enter")
        await drive.sees("PURPOSE")
    async with opened(fresh) as drive:
        await drive.press("colon", "up", "enter")
        await drive.sees("PURPOSE")
