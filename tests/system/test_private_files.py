"""Lines that are added to private files: whole, each its own, whoever adds at the same time."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tui.system.private_files import append_line

if TYPE_CHECKING:
    from pathlib import Path


def test_many_add_to_one_file_and_no_line_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"

    def add(name: int) -> None:
        for number in range(100):
            append_line(path, f"{name}-{number}".encode())

    threads = [threading.Thread(target=add, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().split()) == sorted(f"{name}-{at}" for name in range(4) for at in range(100))
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_full_disk_cut_is_a_line_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = tmp_path / "lines.jsonl", os.write
    left = [3, 0]

    def write(handle: int, content: bytes) -> int:
        if not (most := left.pop(0)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, content[:most])

    append_line(path, b"first")
    monkeypatch.setattr("os.write", write)
    with pytest.raises(OSError, match="No space left"):
        append_line(path, b"second")
    monkeypatch.undo()
    append_line(path, b"third")
    assert path.read_bytes() == b"first\nsec\nthird\n"


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_it_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        append_line(tmp_path / "link", b"line")
    assert not (tmp_path / "elsewhere").exists()
