"""The plugin by which the suite runs on every core, on a suite of two files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import workers
from tests.support.driving import until

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


WAITING = """
import os
import threading
from pathlib import Path

def test_waiting():
    Path(f"{os.getpid()}.pid").touch()
    threading.Event().wait()
"""
COMMAND = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pytest-xdist runs the suite")


def write_suite(folder: Path, **files: str) -> None:
    """Write a suite of these files, each of which is named, that runs in workers."""
    for name, text in {"conftest": CONFTEST, **files}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = " + str(Path(workers.__file__).parents[2]))


def run(folder: Path, **files: str) -> tuple[int, Sequence[str]]:
    """Run a suite of these files. Returns pytest's code and its lines."""
    write_suite(folder, **files)
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout.splitlines()


def test_workers_report_what_pytest_would_and_the_test_in_which_one_ended(tmp_path: Path) -> None:
    code, lines = run(tmp_path, test_all=ALL, test_ending=ENDING)
    assert code == pytest.ExitCode.TESTS_FAILED, lines
    counts = "2 failed, 5 passed, 1 skipped, 1 xfailed, 1 warning, 1 error"
    assert counts in lines[-1], lines
    text = "\n".join(lines)
    for part in ("what it printed", "a warning of it", "fixture 'no_such_fixture' not found", "its worker ended"):
        assert part in text, f"{part}: {text}"


async def test_workers_end_with_the_process_that_started_them_however_it_ends(tmp_path: Path) -> None:
    write_suite(tmp_path, test_waiting=WAITING)
    with subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as suite:
        try:
            (named,) = await until(lambda: list(tmp_path.glob("*.pid")), "a worker to run the test")
        finally:
            suite.kill()
    await until(lambda: not is_running(int(named.stem)), "the worker to end")


def is_running(pid: int) -> bool:
    """Return whether a process is there, and not only its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
