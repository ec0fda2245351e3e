"""What is kept between starts is never replaced unless it could be read or was put aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.system.state_file import StateFile

if TYPE_CHECKING:
    import pytest


def test_what_cannot_be_read_stays_and_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "visit.json"
    path.write_text('{"of": "another user"}')
    file = StateFile(path, "what is new")

    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", refuse)
        assert file.read(dict) is None
    assert "cannot be read (Permission denied)" in file.fault
    file.write({"of": "this user"})
    assert path.read_text() == '{"of": "another user"}'


def test_what_is_damaged_and_cannot_be_put_aside_stays(tmp_path: Path) -> None:
    path = tmp_path / "visit.json"
    path.write_text("{")
    (tmp_path / "visit.json.bad").mkdir()  # nothing can be renamed to it
    file = StateFile(path, "what is new")
    assert file.read(dict) is None
    assert "could not be put aside" in file.fault
    file.write({})
    assert path.read_text() == "{"
