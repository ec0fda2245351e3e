"""The plugin by which the suite runs on every core, on a suite of two files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import workers

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFTEST = """
from tests.support.workers import Workers

def pytest_configure(config):
    config.pluginmanager.register(Workers(2))
"""
ALL = """
import warnings
import pytest

@pytest.mark.parametrize("number", range(3))
def test_good(number, tmp_path):
    assert tmp_path.is_dir()

def test_bad():
    print("what it printed")
    assert False

def test_unprepared(no_such_fixture): ...

@pytest.mark.skip(reason="skipped")
def test_skipped(): ...

@pytest.mark.xfail
def test_known(): assert False

def test_warning():
    warnings.warn("a warning of it")
"""
ENDING = """
import os

def test_before(): ...
def test_ending(): os._exit(3)
def test_after(): ...
"""


def run(folder: Path, *options: str, **files: str) -> tuple[int, Sequence[str]]:
    """Run a suite of these files, each of which is named, in workers. Returns pytest's code and its lines."""
    for name, text in {"conftest": CONFTEST, **files}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = " + str(Path(workers.__file__).parents[2]))
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pytest-xdist runs the suite")
def test_workers_report_what_pytest_would_and_the_test_in_which_one_ended(tmp_path: Path) -> None:
    code, lines = run(tmp_path, test_all=ALL, test_ending=ENDING)
    assert code == pytest.ExitCode.TESTS_FAILED, lines
    counts = "2 failed, 5 passed, 1 skipped, 1 xfailed, 1 warning, 1 error"
    assert counts in lines[-1], lines
    text = "\n".join(lines)
    for part in ("what it printed", "a warning of it", "fixture 'no_such_fixture' not found", "its worker ended"):
        assert part in text, f"{part}: {text}"
