"""Requests made of rows one by one, judged as the platform would, and written whole or not at all."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from tui.api.transfers.local_files import write_whole
from tui.resources.language.asking.inputs import Report
from tui.resources.language.checks import BATCH_BYTES, RequestJudge
from tui.workflows.batch_build.template import BadValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tui.workflows.batch_build.plan import Plan
    from tui.workflows.batch_build.rows import Rows

PREVIEWED = 3  # requests that are shown before
_AS_NUMBER = '; "{column:json}" in the template fills in a number'
_PACE = 1_000  # requests between two words of how far it is
# What some programs take for the end of a line within a JSON text.
_SEPARATORS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})


class NotBuilt(Exception):
    """The rows have faults, which the report names; nothing is written."""


class Build:
    """Makes the requests of a batch and judges them. What is wrong stands in `report`, by the line of its row."""

    def __init__(self, rows: Rows, plan: Plan, on_progress: Callable[[int], None] = lambda _: None) -> None:
        self.report = Report()
        self.rows = rows
        self._plan, self._on_progress = plan, on_progress
        self._judge = RequestJudge(self.report, hint=_AS_NUMBER)
        self.excesses: list[str] = []
        """What is more than one batch takes, in sentences."""

    def preview(self, count: int = PREVIEWED) -> list[dict[str, Any]]:
        """Return the first requests, judged; those that cannot be made of their rows are left out."""
        made = list(islice(self._requests(), count))
        for line, request in made:
            self._judge.take(line, request)
        return [request for _, request in made]

    def write(self, target: Path, *, replace: bool = False) -> int:
        """Write all requests to a file, and return its bytes. Raises NotBuilt, BadRows and LocalFileError."""
        size = write_whole(target, self._lines(), replace=replace)
        if size > BATCH_BYTES:
            self.excesses.append(f"{size / 1e6:,.0f} MB; a batch takes at most {BATCH_BYTES // 1_000_000} MB")
        return size

    def _lines(self) -> Iterator[bytes]:
        for line, request in self._requests():
            self._judge.take(line, request)
            if not self.report.fault_count:
                yield dump_line(request)
        if not self.report.lines:
            self.report.fault(0, f"{self.rows.name} holds no row")
        self._judge.conclude()
        self.excesses = self._judge.excesses
        if self.report.fault_count:
            raise NotBuilt

    def _requests(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the requests with the lines of their rows; what is wrong with other rows is noted."""
        for row in self.rows:
            self.report.lines += 1
            if self.report.lines % _PACE == 0:
                self._on_progress(self.report.lines)
            if row.fault:
                self.report.fault(row.line, row.fault)
                continue
            try:
                yield row.line, self._plan.make(row.values)
            except BadValue as error:
                self.report.fault(row.line, str(error))


def dump_line(request: dict[str, Any]) -> bytes:
    """Return a request as a line of JSON Lines."""
    text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_SEPARATORS).encode() + b"\n"
