"""Two programs do not do the same at once, however the first one ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.api.errors import ApiError
from tui.live.tasks.alone import be_alone

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KIND, WHAT = "alone", "Another program fills this"


def wait_alone(told: Connection) -> None:
    with be_alone(KIND, "a", WHAT):
        told.send("alone")
        signal.pause()


def locks() -> list[Path]:
    return list(Path(os.environ["O9S_STATE_DIR"]).glob(f"{KIND}-*"))


def test_another_program_is_kept_out_until_the_first_ends_or_is_killed() -> None:
    with be_alone(KIND, "a", WHAT):
        with be_alone(KIND, "b", WHAT):
            assert len(locks()) == 2
        with pytest.raises(ApiError, match=WHAT), be_alone(KIND, "a", WHAT):
            pytest.fail("two at once")
    assert not locks(), "nothing stays"
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=wait_alone, args=(there,))
    process.start()
    assert here.recv() == "alone"
    with pytest.raises(ApiError), be_alone(KIND, "a", WHAT):
        pytest.fail("two at once")
    process.kill()
    process.join()
    for _ in range(2):
        with be_alone(KIND, "a", WHAT):
            assert len(locks()) == 1
    assert not locks()


def test_what_cannot_be_kept_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "state").touch()
    monkeypatch.setenv("O9S_STATE_DIR", str(file))
    with suppress(ApiError), be_alone(KIND, "a", WHAT):
        return
    pytest.fail("it was refused")
