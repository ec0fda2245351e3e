"""The suite on every core: workers forked from the process that has read the tests.

Each worker that pytest-xdist starts reads all of them for itself, which takes it seconds of CPU time: with eight
workers most of a minute, a tenth of the suite. Here they are read once, as is what sandboxes are forked from.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import traceback
import warnings
import zlib
from itertools import chain, pairwise
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, cast

import pytest
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    Units = Sequence[Sequence[pytest.Item]]

_PARENT_ENDS = 1  # prctl's PR_SET_PDEATHSIG
PARTS = 4  # of the pictures' tests, which are many and long in one file


class Workers:
    """A plugin of pytest: hands whole files to workers, and passes on what they report."""

    def __init__(self, number: int, prepare: Callable[[], object] = lambda: None) -> None:
        """`prepare` is called before there are workers."""
        self._number, self._prepare = number, prepare

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests, unless some cannot be read or they are only to be read."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.showfspath = False
        units = _in_units(session.items)
        waiting = _queue(len(units))
        methods = multiprocessing.get_context("fork")
        running: dict[Connection, _Worker] = {}
        self._prepare()
        try:
            for number in range(min(self._number, len(units))):
                reports, sending = methods.Pipe(duplex=False)
                methods.Process(target=_work, args=(session, units, waiting, number, sending)).start()
                sending.close()  # so that the end of the worker is the end of what it sends
                running[reports] = _Worker(session.config)
            while running:
                for reports in cast("list[Connection]", wait(list(running))):
                    try:
                        running[reports].hear(*reports.recv())
                    except EOFError:
                        running.pop(reports).end()
                    if session.shouldfail:
                        raise session.Failed(session.shouldfail)
                    if session.shouldstop:
                        raise session.Interrupted(session.shouldstop)
        finally:
            os.close(waiting)
            for process in multiprocessing.active_children():
                if running:
                    process.terminate()
                process.join()
        return True


class _Worker:
    """What the first process knows of a worker."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._last = ("no test yet", ("", None, ""))  # the name and the place of the test that it began last
        self._has_run_all = False

    def hear(self, what: str, of: Any) -> None:
        """Pass on what it says."""
        if what == "begins":
            self._last = of
        elif what == "reports":
            self._pass_on(self._config.hook.pytest_report_from_serializable(config=self._config, data=of))
        elif what == "warns":
            self._config.hook.pytest_warning_recorded.call_historic(kwargs=of)
        else:
            self._has_run_all = True

    def end(self) -> None:
        """Report the test in which it ended, unless it has run all it should."""
        if not self._has_run_all:
            told = "its worker ended; tests that come after it in its file have not run"
            self._pass_on(pytest.TestReport(*self._last, {}, "failed", told, "call"))

    def _pass_on(self, report: pytest.TestReport) -> None:
        self._config.hook.pytest_runtest_logreport(report=report)


class _Sender:
    """A plugin of pytest in a worker: sends what would be printed."""

    def __init__(self, config: pytest.Config, sending: Connection) -> None:
        self._config, self._sending = config, sending

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test as pytest does, and send its reports."""
        self._sending.send(("begins", (item.nodeid, item.location)))
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
            self._sending.send(("reports", data))
        return True

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        """Send a warning of a test. The first process knows those of reading them."""
        if when == "runtest":
            found = warning_message
            told: Any = str(found.message)
            plain = warnings.WarningMessage(told, found.category, found.filename, found.lineno, line=found.line)
            of = {"warning_message": plain, "when": when, "nodeid": nodeid, "location": location}
            self._sending.send(("warns", of))


def _work(session: pytest.Session, units: Units, waiting: int, number: int, sending: Connection) -> None:
    """Run tests until none wait."""
    _end_with_parent()
    try:
        _have_own_files(session.config, number)
        session.config.pluginmanager.register(_Sender(session.config, sending))
        for item, following in pairwise(chain(_taken(units, waiting), [None])):
            assert item
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sending.send(("is over", None))
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # at once: what its fixtures have started may run still


def _end_with_parent() -> None:
    """Have this process killed once the one that started it has ended, however that came about."""
    ctypes.CDLL(None).prctl(_PARENT_ENDS, signal.SIGKILL)


def _have_own_files(config: pytest.Config, number: int) -> None:
    """Share with no other worker what tests print, nor their folders."""
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    folders: Any = config
    folders = folders._tmp_path_factory
    folders._basetemp = folders.getbasetemp() / f"worker-{number}"
    folders._basetemp.mkdir(mode=0o700)


def _in_units(items: Sequence[pytest.Item]) -> Units:
    """Return what a worker takes at once: tests of a file, as they share a sandbox, or a part of the pictures'."""
    units: dict[tuple[str, int], list[pytest.Item]] = {}
    for item in items:
        part = zlib.crc32(item.nodeid.encode()) % PARTS if "snapshots" in item.path.parts else 0
        units.setdefault((str(item.path), part), []).append(item)
    return list(units.values())


def _queue(length: int) -> int:
    """Return an open file from which each unit's number is read once, by whichever worker is first."""
    waiting, putting = os.pipe()
    os.write(putting, b"".join(number.to_bytes(2) for number in range(length)))
    os.close(putting)
    return waiting


def _taken(units: Units, waiting: int) -> Iterator[pytest.Item]:
    while number := os.read(waiting, 2):
        yield from units[int.from_bytes(number)]
