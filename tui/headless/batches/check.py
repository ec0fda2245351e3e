"""Checking files that are to be sent, or were, without a screen: each fault with its line."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.client import Client
from tui.api.errors import ApiError, LocalFileError
from tui.headless.lists.listing import FAILED, NO_ACCESS, exit_code
from tui.resources.files import CONTENT, FILES
from tui.resources.language.asking.inputs import Report, Source
from tui.resources.language.cells import pluralize, short_size
from tui.resources.language.json_lines import object_of
from tui.resources.language.reading.amounts import dump_json
from tui.resources.sent_files import CHECKS, find_kind
from tui.text import clean, safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui.api.credentials.connection import Connection
    from tui.live.listeners import Hear

FAULTY = 3  # the exit code where a file has faults
_FIRST_LINES = 20  # in which the first object is looked for


class Checked(NamedTuple):
    """A file and what was found in it."""

    name: str
    id: str
    """Its id, where it was uploaded; "" for one on this machine."""
    kind: str
    size: int
    report: Report

    def lines(self, form: str) -> Iterator[str]:
        """Yield it as lines of output: `table` or `json`."""
        report = self.report
        if form == "json":
            told: dict[str, Any] = {
                "file": self.name,
                "id": self.id or None,
                "kind": self.kind,
                "bytes": self.size,
            }
            faults = [
                {"line": fault.line or None, "rule": fault.rule, "message": fault.message}
                for fault in report.faults
            ]
            told |= {"lines": report.lines, "facts": report.facts, "fault_count": report.fault_count}
            yield dump_json({**told, "faults": faults})
            return
        facts = (f"{name} {value}" for name, value in report.facts.items() if name != "format")
        words = ", ".join((self.kind, *facts, short_size(self.size)))
        verdict = pluralize(report.fault_count, "fault") if report.fault_count else "no fault"
        yield clean(f"{self.name}: {verdict} ({words})", 500)
        for fault in report.faults:
            yield clean(f"  line {fault.line:,} {fault.message}" if fault.line else f"  {fault.message}", 500)
        if (more := report.fault_count - len(report.faults)) > 0:
            yield f"  … and {pluralize(more, 'more fault')}"


class Unread(NamedTuple):
    """A file that cannot be read or had, and why."""

    name: str
    id: str
    error: ApiError

    @property
    def exit_code(self) -> int:
        """What a command ends with that was to check it."""
        return exit_code(self.error) if exit_code(self.error) == NO_ACCESS else FAILED

    def lines(self, form: str) -> Iterator[str]:
        """Yield it as lines of output: `table` (none, as it is told beside it) or `json`."""
        if form == "json":
            yield dump_json({"file": self.name, "id": self.id or None, "error": str(self.error)})


def is_id(written: str) -> bool:
    """Return whether an argument is the id of an uploaded file, and not the path of one here."""
    return written.startswith(("file-", "file_")) and not Path(written).exists()


def check_local(name: str, kind: str = "") -> Checked:
    """Check a file of this machine. Raises LocalFileError."""
    path = Path(name).expanduser()
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise LocalFileError(f"{path} is a device or a pipe.", "Give a file.")
    return _check(path, path.name, "", kind, "")


def check_uploaded(
    connection: Connection, ids: Sequence[str], kind: str, on_progress: Hear
) -> Iterator[Checked | Unread]:
    """Check uploaded files one by one, or yield why one cannot be had."""
    for id_ in ids:
        try:
            with fetch_uploaded(connection, id_, on_progress) as (path, name, purpose):
                yield _check(path, name, id_, kind, purpose)
        except ApiError as error:
            yield Unread(id_, id_, error)


@contextmanager
def fetch_uploaded(connection: Connection, id_: str, on_progress: Hear) -> Iterator[tuple[Path, str, str]]:
    """Give an uploaded file for a time: where it is, its name and its purpose. Raises ApiError."""
    with tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True) as folder:
        target = Path(folder) / safe_name(id_, "")
        told = asyncio.run(_download(connection, id_, target, on_progress))
        yield target, str(told.get("filename") or id_), str(told.get("purpose") or "")


async def _download(connection: Connection, id_: str, target: Path, on_progress: Hear) -> dict[str, Any]:
    client = Client(connection)

    def report(done: int, total: int | None) -> None:
        on_progress(f"{id_}: {short_size(done)}{f' of {short_size(total)}' if total else ''}")

    try:
        assert FILES.get
        told = await client.call(FILES.get, {"file_id": id_})
        await client.download(CONTENT, {"file_id": id_}, target, progress=report)
        return told
    finally:
        on_progress("")
        await client.aclose()


def _check(path: Path, name: str, id_: str, kind: str, purpose: str) -> Checked:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            kind = kind or find_kind(_first_object(file), purpose)
            file.seek(0)
            report = CHECKS[kind](Source(name, size, file), {})
            if not size:
                report = Report()
                report.fault(0, "The file is empty")
            return Checked(name, id_, kind, size, report)
    except OSError as error:
        raise LocalFileError.of(error, path) from None


def _first_object(lines: Iterable[bytes]) -> dict[str, Any] | None:
    """Return the first object among the first lines, None for none."""
    found = (object_of(line) for line, _ in zip(lines, range(_FIRST_LINES), strict=False))
    return next(filter(None, found), None)
