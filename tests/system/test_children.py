"""Programs that are started from here get no key: the editor, what is run when something is over, key commands."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY
from tui.api.credentials.keystore import read_from_command
from tui.system.notify_command import build_facts, run_notify_command
from tui.toolkit.editor import edit

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "a\x1b]0;t\x07\0\ud800"

posix = pytest.mark.skipif(os.name != "posix", reason="by a script that says how it is run")


class Terminal:
    """An application that gives its terminal to an editor."""

    def suspend(self) -> Any:
        return nullcontext()


@posix
async def test_no_child_has_a_key_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    command = tmp_path / "command"
    command.write_text(
        f"#!{sys.executable}\nimport os\nopen({str(told)!r}, 'a').write(repr(dict(os.environ)))\nprint(1)\n"
    )
    command.chmod(0o700)
    monkeypatch.setenv("OPENAI_API_KEY", PROJECT_KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://stays.example/v1")
    monkeypatch.setenv("EDITOR", str(command))
    app: Any = Terminal()
    assert edit(app, "as it is") == "as it is"
    assert read_from_command((str(command),)) == "1\n"
    assert await run_notify_command((str(command),), build_facts("batches", "batch_1", HOSTILE, "done")) == ""
    environments = told.read_text()
    assert environments.count("'https://stays.example/v1'") == 3
    assert "'O9S_NAME': 'a␛]0;t␇␀\ufffd'" in environments
    assert PROJECT_KEY not in environments
    assert ADMIN_KEY not in environments
