"""Joining the answers of a batch to its requests.

A request and an answer are put together only where both are the only ones with their custom_id, and it is one that
can pair them (see `find_pairing_key`). Everything else stands in a row of its own and says why.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from tui.resources.batch.answers import FAILED, OK, UNSURE, read_outcome
from tui.resources.batch.results import NO_ANSWER, NO_ID, NO_REQUEST, PAIRED, REPEATED, UNPAIRED
from tui.workflows.batch_results.lines import LineFile, find_pairing_key
from tui.workflows.batch_results.results import INPUT, KINDS, Results, is_accepted

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from tui.workflows.batch_results.lines import Line

_SWAPPED = "Answers that may be swapped, as their custom_id is repeated"


class _Oddities:
    """The oddities found while joining: how often each kind occurred, and where first."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, what: str, where: str) -> None:
        times, first = self._found.get(what, (0, where))
        self._found[what] = times + 1, first

    @property
    def notes(self) -> list[str]:
        return [f"{what}: {times:,}, the first is {first}." for what, (times, first) in self._found.items()]


class _Pairing:
    """Joins answers to requests, line by line."""

    def __init__(self, results: Results, *, requests: bool) -> None:
        self._results, self._requests = results, requests
        self._rows: dict[Hashable, int] = {}  # the row of a custom_id, as long as only one request has it
        self._repeated: dict[Hashable, list[int]] = {}  # rows of requests that share one, or its answers do
        self._no_texts: set[str] = set()  # ids that are no texts, as they are written
        self.odd = _Oddities()
        self.lost = False
        """Whether there is an answer to a request that is not known."""

    def request(self, line: Line, value: Mapping[str, Any]) -> None:
        """Take a line of the input."""
        key, name = self._read_id(value)
        place = f"line {line.number} of the input"
        if key is None:
            self._results.add("", place, NO_ID, line)
            self.odd.add("Requests without a usable custom_id", place)
            return
        earlier = self._rows.pop(key, None)
        if earlier is not None:
            self._repeated[key] = [earlier]
        if key in self._repeated:
            self._repeated[key].append(self._results.add(name, f"{name} ({place})", NO_ANSWER, line))
            self.odd.add("Requests that repeat a custom_id", place)
        else:
            self._rows[key] = self._results.add(name, name, NO_ANSWER, line)

    def answer(self, kind: str, line: Line, value: Mapping[str, Any]) -> None:
        """Take a line of the output or of the error file."""
        key, name = self._read_id(value)
        place, found = f"line {line.number} of the {kind} file", read_outcome(value)
        self._results.answers[found["outcome"]] += 1
        self._results.accepted_errors += found["outcome"] == FAILED and is_accepted(found["code"])
        row = None if key is None else self._rows.get(key)
        if row is not None and not self._results.has_answer(row):
            self._results.rows[row]["pairing"] = PAIRED
            self._results.set_answer(row, kind, line, found)
            return
        if row is not None and key is not None:
            self._repeat(key, row, name)
        if key is None:
            pairing, what = NO_ID, "Answers without a usable custom_id"
        elif key in self._repeated:
            pairing, what = REPEATED, _SWAPPED
            for other in self._repeated[key]:
                self._results.rows[other].update(outcome=UNSURE, pairing=REPEATED, error=REPEATED)
            self._repeated[key].clear()  # which is said of each once
        elif self._requests:
            pairing, what = NO_REQUEST, "Answers without a request"
        else:
            self._rows[key] = row = self._results.add(name, name, NO_REQUEST)
            self._results.set_answer(row, kind, line, found)
            return
        if pairing != REPEATED and (found["outcome"] in (OK, UNSURE) or is_accepted(found["code"])):
            self.lost = True
        self.odd.add(what, place)
        row_id = place if not name else name if pairing == NO_REQUEST else f"{name} ({place})"
        row = self._results.add(name, row_id, pairing)
        self._results.set_answer(row, kind, line, {**found, "outcome": UNPAIRED, "error": pairing})

    def _read_id(self, value: Mapping[str, Any]) -> tuple[Hashable, str]:
        key, name = find_pairing_key(value)
        if key is not None and not isinstance(key, str):
            self._no_texts.add(name)
        return key, name

    def tell_apart(self) -> None:
        """Write texts in quotes that look like an id that is none: "1" beside 1. Raises OSError."""
        alike: dict[str, list[dict[str, Any]]] = {}
        for row in self._results.rows if self._no_texts else ():
            if row["custom_id"] in self._no_texts:
                alike.setdefault(row["custom_id"], []).append(row)
        for row in chain.from_iterable(rows for rows in alike.values() if len(rows) > 1):
            value = self._results.read_request(row["id"]) or self._results.read_answer(row["id"]) or {}
            if isinstance(value.get("custom_id"), str):
                row["custom_id"] = f'"{row["custom_id"]}"'

    def _repeat(self, key: Hashable, row: int, name: str) -> None:
        """Take apart a pair whose custom_id came again: neither answer is known to be that of the request."""
        del self._rows[key]
        self._repeated[key] = [row] if self._requests else []
        if self._requests:
            self._results.detach_answer(row, f"{name} (the first answer)")
        else:
            self._results.rows[row].update(outcome=UNPAIRED, pairing=REPEATED, error=REPEATED)
        self.odd.add(_SWAPPED, f"that to {name}")


def join(paths: Mapping[str, Path]) -> Results:
    """Join the files there are: `input`, `output` and `error`. Reads each once; may run in a thread.

    Raises OSError.
    """
    results = Results(paths)
    joining = _Pairing(results, requests=INPUT in paths)
    for kind in KINDS:
        if kind not in paths:
            continue
        file = LineFile(kind, paths[kind])
        for line, value in file:
            if kind == INPUT:
                joining.request(line, value)
            else:
                joining.answer(kind, line, value)
        results.unreadable += file.unreadable
        results.notes += file.notes
        if kind != INPUT and file.unreadable:
            joining.lost = True
    joining.tell_apart()
    results.notes += joining.odd.notes
    if joining.lost:
        results.doubt_unanswered("may have been answered")
    return results
