"""What every test stands on: folders of its own, no keys of the machine, no keyring."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from typing import TYPE_CHECKING, Any

import click.testing
import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from tests.support.canaries import find_kept_keys, find_key
from tests.support.examples import THOROUGH
from tests.support.nursery import share_first, share_worlds
from tests.support.workers import Workers
from tui.system.terminal import prepare_environment

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from tests.support.driving import Server

gc.disable()  # until all tests are collected: what they import stays
os.environ.setdefault("TEXTUAL_FPS", "20")  # what changes within a twentieth of a second is laid out together
prepare_environment(os.environ)
# Workers, sandboxes and terminals are some hundred processes: none compiles what another has.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
share_worlds()  # before there are workers, which get their environment from here
# Fewer examples each time keep the suite short; it runs often.
settings.register_profile("suite", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

NUMBERS = itertools.count()
LONG = (
    *("snapshots", "actions", "end_to_end", "screens", "cli", "serving"),
    *("live", "benchmarks", "sandbox", "workflows", "headless", "test_imports.py", "test_state.py"),
    *("test_showing.py", "test_types.py", "toolkit", "widgets", "api"),
)  # folders and files, those that take longest first


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what the screens look like now for what they should look like."""
    parser.addoption("--update-snapshots", action="store_true", help="keep what tests/snapshots finds")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Fork the workers, where that is safe; elsewhere pytest-xdist starts them."""
    number = config.option.numprocesses
    if sys.platform == "linux" and isinstance(number, int) and number and not config.option.usepdb:
        config.pluginmanager.register(Workers(number, share_first))
        config.option.numprocesses = 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: workers end together."""
    items.sort(key=lambda item: next((at for at, part in enumerate(LONG) if part in item.path.parts), len(LONG)))
    if THOROUGH:
        for item in items:
            item.add_marker(pytest.mark.timeout(0))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again takes a sixth of the time."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(100_000, 5, 10)


class _LookingRunner(CliRunner):
    """Runs a command in this process, and looks for keys in all that it prints."""

    def invoke(self, *arguments: Any, **options: Any) -> Result:
        result = super().invoke(*arguments, **options)
        assert not find_key(result.output), "a key was printed"
        return result


vars(click.testing)["CliRunner"] = _LookingRunner  # before any test is read


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, pytest.TestReport]:
    """A test in which a key was printed or logged has failed."""
    report: pytest.TestReport = yield
    if report.passed and (found := find_key("".join(text for _, text in report.sections))):
        report.outcome, report.longrepr = "failed", f"a key was printed or logged: {found}"
    return report


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    """Two accounts whose ids are all the same."""
    from tests.support.accounts import two_accounts

    with two_accounts() as both:
        yield both


@pytest.fixture
def own_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a test: `tmp_path` for one that asks for it, else one that is made when something is kept."""
    if "tmp_path" in request.fixturenames:
        return request.getfixturevalue("tmp_path")  # type: ignore[no-any-return]
    return tmp_path_factory.getbasetemp() / f"unnamed-{next(NUMBERS)}"


@pytest.fixture(autouse=True)
def isolated(own_folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing of the machine's reaches a test, nothing of a test's stays, and no fault goes unnoticed.

    The program outlives faults of its parts, so a test would pass where something broke beside what it looks at.
    """
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "O9S_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("O9S_CONFIG_DIR", str(own_folder / "config"))
    monkeypatch.setenv("O9S_STATE_DIR", str(own_folder / "state"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    yield
    assert not find_kept_keys(own_folder), "a key was written to a file"
    reports = [path.read_text() for path in (own_folder / "state").glob("crash-*.txt")]
    assert not reports or request.node.get_closest_marker("faulty"), "\n".join(reports)
