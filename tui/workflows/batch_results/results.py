"""The results of a batch: the outcome of each request, and what is exported and sent again.

Of each line only what a list needs is kept, and where it stands; request and answer are read when looked at.
"""

from __future__ import annotations

from array import array
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.export import write_csv_line
from tui.resources.batch.answers import (
    EXPIRED,
    FAILED,
    NEVER_RAN,
    OK,
    UNSURE,
    body_of,
    is_mute,
    read_answer_text,
    read_request_text,
    trouble_of,
    words_of,
)
from tui.resources.batch.results import OUTCOMES, REPEATED, UNPAIRED
from tui.resources.language.json_lines import object_of, read_object_to_copy
from tui.workflows.batch_results.changes import change, dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tui.resources.batch.outcomes import Tally
    from tui.workflows.batch_results.lines import Line

INPUT, OUTPUT, ERROR = KINDS = ("input", "output", "error")
_NOWHERE = -1
_NOTHING = dict.fromkeys(("code", "error", "input_tokens", "output_tokens", "text"))

# Groups of requests that may be sent again: those worth it as they are; and those that are sent only if somebody
# says so: they would be refused again, or were answered or may have been, and would be paid for twice.
PASSING, REFUSED, ANSWERED = "failed for now", "refused", "answered badly"
WORTH_RETRYING = (PASSING, "expired", "not run")
LEFT_OUT = {REFUSED: "would fail again unchanged", ANSWERED: "were answered", UNSURE: "may have been answered"}


def is_accepted(code: int | None) -> bool:
    """Return whether a status says that a request was answered."""
    return code is not None and 200 <= code < 300


def _is_lasting(code: int | None) -> bool:
    """Return whether the same request would be answered with this status again."""
    return code is not None and 400 <= code < 500 and code not in (408, 409, 425, 429)


def group_of(outcome: str, code: int | None) -> str:
    """Return the group of a request that may be sent again, by its outcome and the status it was answered with."""
    if outcome != FAILED:
        return words_of(outcome)
    return ANSWERED if is_accepted(code) else REFUSED if _is_lasting(code) else PASSING


class Cause(NamedTuple):
    """Why requests have no good answer: what became of them, the status code and the error's name."""

    outcome: str
    code: int | None
    error: str | None

    @property
    def words(self) -> str:
        """How it is shown: `429 rate_limit_exceeded`, `expired`, `unsure: may have been answered`."""
        if self.outcome in (UNSURE, UNPAIRED) and self.error:
            return f"{self.outcome}: {self.error}"
        if self.outcome != FAILED:
            return words_of(self.outcome)
        return " ".join(filter(None, ("" if self.code is None else str(self.code), self.error or ""))) or FAILED

    @property
    def filter(self) -> str:
        """The filter of a list that shows these requests."""
        parts = [f"outcome={self.outcome}"]
        if self.outcome in (FAILED, UNSURE, UNPAIRED):
            parts += [] if self.code is None else [f"code={self.code}"]
            parts += [f'error="{self.error}"'] if self.error and '"' not in self.error else []
        return " ".join(parts)


def cause_of(row: Mapping[str, Any]) -> Cause:
    """Return why a request has no good answer, of what a row tells with no more than its words show."""
    outcome, code, error = row["outcome"], row["code"], row["error"]
    if outcome in (UNSURE, UNPAIRED):
        return Cause(outcome, None, error)
    return Cause(outcome, code, error) if outcome == FAILED else Cause(outcome, None, None)


_KNOWN = ("custom_id", "outcome", "pairing", "code", "error", "input_tokens", "output_tokens")


def write_csv_header(*more: str) -> bytes:
    """Return the first line of a CSV of results, with the names of `more` columns."""
    return write_csv_line((*_KNOWN, *more, "request", "answer", "message")).encode()


def write_csv_row(
    row: Mapping[str, Any], request: Mapping[str, Any], answer: Mapping[str, Any], *more: str
) -> bytes:
    """Return the line of a CSV for a result, given with the lines of its request and its answer."""
    _, message = trouble_of(answer) or (None, None)
    shown = read_answer_text(body_of(answer)) if row["outcome"] in (OK, UNSURE, UNPAIRED) else ""
    texts = read_request_text(request.get("body")), shown
    return write_csv_line((*(row[name] for name in (*_KNOWN, *more)), *texts, message)).encode()


class Results:
    """The requests of a batch and what became of each, made by `tui.workflows.batch_results.join.join`.

    `rows` are in the order of the input; answers that belong to no request come last. `notes` are sentences on
    what the files hold that they should not, or lack.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self.rows: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.answers: Counter[str] = Counter()
        """How many answers tell each outcome, paired or not."""
        self.accepted_errors = 0
        """How many answers of a status that says so tell an error all the same."""
        self.unreadable = 0
        """Lines that hold no JSON object."""
        self._index: dict[str, int] = {}  # by id
        # Where the request and the answer of each row stand: offset and length, and the file of the answer.
        self._requests, self._answers = array("q"), array("q")
        self._files = array("b")

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_requests(self) -> bool:
        """Whether there are requests to send again."""
        return INPUT in self._paths

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """The number of requests with each outcome that occurs, the good one first."""
        found = Counter(row["outcome"] for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @cached_property
    def causes(self) -> list[tuple[Cause, int]]:
        """The reasons why requests have no good answer with their numbers, the most frequent first."""
        bad = (row for row in self.rows if row["outcome"] != OK)
        return Counter(cause_of(row) for row in bad).most_common()

    @property
    def unclear_count(self) -> int:
        """The number of rows and lines that leave open what became of a request."""
        found = self.outcomes
        return found.get(UNSURE, 0) + found.get(UNPAIRED, 0) + self.unreadable

    @property
    def request_count(self) -> int:
        """The number of requests; without the input file, the number of answers."""
        return sum(offset != _NOWHERE for offset in self._requests[::2]) if self.has_requests else len(self.rows)

    @property
    def tally(self) -> str:
        """What the files hold, in words: `2 ok and 1 failed of 3`."""
        return f"{self.answers[OK]:,} ok and {self.answers[FAILED]:,} failed of {self.request_count:,}"

    def describe_mismatch(self, counts: Tally | None) -> str:
        """Return a sentence on what the platform counted otherwise than the files tell; "" if they agree."""
        held = f"its files hold {self.tally}."
        if counts is None:
            return f"The counts of the batch cannot be read; {held}"
        if self._agrees_with(counts):
            return ""
        return f"The batch counts {counts.completed:,} ok and {counts.failed:,} failed of {counts.total:,}; {held}"

    def contradicts(self, counts: Tally | None) -> bool:
        """Return whether the files and the counts cannot both be true, or these cannot be read.

        A batch may count as answered what was accepted, though its body tells an error.
        """
        return counts is None or not (
            self._agrees_with(counts) or self._agrees_with(counts, answered=self.accepted_errors)
        )

    def _agrees_with(self, counts: Tally, answered: int = 0) -> bool:
        """Return whether the counts are those of the files, with so many of the failures `answered`."""
        ok, bad = self.answers[OK] + answered, self.answers[FAILED] - answered
        # Requests that expired or were cancelled are failed ones to some, and to others none.
        untried = self.answers[EXPIRED] + self.answers[NEVER_RAN]
        same = counts.completed == ok and counts.failed in (bad, bad + untried)
        return same and (not self.has_requests or counts.total == self.request_count)

    def doubt_unanswered(self, reason: str) -> None:
        """Mark every request without an answer as unsure, with this reason: its answer may not be here."""
        for row in self.rows:
            if row["outcome"] == NEVER_RAN and self._answers[2 * self._index[row["id"]]] == _NOWHERE:
                row.update(outcome=UNSURE, error=reason)
        self._forget_sums()

    def doubt_mute(self) -> None:
        """Mark every request as unsure whose answer tells neither a status nor an error. Raises OSError."""
        for row in self.rows:
            if row["outcome"] == FAILED and row["code"] is None and is_mute(self.read_answer(row["id"]) or {}):
                row.update(outcome=UNSURE, error="neither an answer nor an error")
                self.answers.subtract({FAILED: 1, UNSURE: -1})
        self._forget_sums()

    def _forget_sums(self) -> None:
        self.__dict__.pop("outcomes", None)
        self.__dict__.pop("causes", None)

    # What stands in the files.

    def read_request(self, id_: str) -> dict[str, Any] | None:
        """Return the line of the input, or None where there is none. Raises OSError."""
        return object_of(self._bytes(INPUT, self._requests, self._index[id_]))

    def read_answer(self, id_: str) -> dict[str, Any] | None:
        """Return the line of the output or error file, or None where there is none. Raises OSError."""
        row = self._index[id_]
        return object_of(self._bytes(KINDS[self._files[row]], self._answers, row))

    def _bytes(self, kind: str, places: array[int], row: int) -> bytes:
        offset, length = places[2 * row], places[2 * row + 1]
        if offset == _NOWHERE:
            return b""
        with self._paths[kind].open("rb") as file:
            file.seek(offset)
            return file.read(length)

    # What is exported and sent again.

    def group_for_retry(self) -> dict[str, list[str]]:
        """Return the ids of the requests without a good answer, by group.

        Those of `WORTH_RETRYING` are worth it; those of `LEFT_OUT` are not, unless somebody says so.
        """
        groups: dict[str, list[str]] = {}
        for row in self.rows if self.has_requests else ():
            if row["outcome"] != OK and self._has_request(row["id"]):
                groups.setdefault(group_of(row["outcome"], row["code"]), []).append(row["id"])
        return {name: groups[name] for name in (*WORTH_RETRYING, *LEFT_OUT) if name in groups}

    def keep_repeatable(self, ids: Iterable[str]) -> list[str]:
        """Return those of the ids whose request is there to be sent again."""
        return [id_ for id_ in ids if self._has_request(id_)]

    def _has_request(self, id_: str) -> bool:
        return self._requests[2 * self._index[id_]] != _NOWHERE

    def count_request_bytes(self, ids: Iterable[str]) -> int:
        """Return the size of the requests in bytes."""
        return sum(self._requests[2 * self._index[id_] + 1] for id_ in ids)

    def request_lines(self, ids: Iterable[str], changes: Mapping[str, Any] | None = None) -> Iterator[bytes]:
        """Yield the lines of the input, in its order, as they were but for `changes`. Raises OSError."""
        rows = sorted(self._index[id_] for id_ in ids)
        if not rows:
            return
        with self._paths[INPUT].open("rb") as file:
            for row in rows:
                file.seek(self._requests[2 * row])
                line = file.read(self._requests[2 * row + 1])
                line = change(line, changes) if changes else line
                yield line if line.endswith(b"\n") else line + b"\n"

    def joined_lines(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Yield lines of JSON: each request with its answer, and how they came together. Raises OSError.

        Numbers keep their digits; NaN and Infinity, which are no JSON, are texts.
        """
        for id_ in ids:
            place = self._index[id_]
            row = self.rows[place]
            request = read_object_to_copy(self._bytes(INPUT, self._requests, place)) or {}
            answer = read_object_to_copy(self._bytes(KINDS[self._files[place]], self._answers, place)) or {}
            line = {
                "custom_id": (request or answer).get("custom_id"),
                "outcome": row["outcome"],
                "pairing": row["pairing"],
                "request": {name: request.get(name) for name in ("method", "url", "body")} if request else None,
                "response": answer.get("response"),
                "error": answer.get("error"),
            }
            yield dump(line) + b"\n"

    def csv_lines(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Yield lines of CSV: the outcome of each request, and both texts. A spreadsheet runs none of them."""
        yield write_csv_header()
        for id_ in ids:
            row = self.rows[self._index[id_]]
            yield write_csv_row(row, self.read_request(id_) or {}, self.read_answer(id_) or {})

    # Filling it, as the files are joined.

    def add(self, name: str, id_: str, pairing: str, line: Line | None = None) -> int:
        """Add a row for a request (with its `line`), or for an answer without one. Returns its number."""
        row, times = id_, 1
        while row in self._index:
            times += 1
            row = f"{id_} #{times}"
        self._index[row] = len(self.rows)
        self.rows.append({"id": row, "custom_id": name, "outcome": NEVER_RAN, "pairing": pairing, **_NOTHING})
        self._requests.extend((line.offset, line.length) if line else (_NOWHERE, 0))
        self._answers.extend((_NOWHERE, 0))
        self._files.append(0)
        return len(self.rows) - 1

    def set_answer(self, row: int, kind: str, line: Line, found: Mapping[str, Any]) -> None:
        """Record the outcome of a row and where its answer stands."""
        self.rows[row].update(found)
        self._answers[2 * row], self._answers[2 * row + 1] = line.offset, line.length
        self._files[row] = KINDS.index(kind)

    def has_answer(self, row: int) -> bool:
        """Return whether a row has an answer."""
        return self._answers[2 * row] != _NOWHERE

    def detach_answer(self, row: int, id_: str) -> None:
        """Move the answer of a request into a row of its own."""
        old = self.rows[row]
        new = self.add(old["custom_id"], id_, REPEATED)
        self.rows[new].update({name: old[name] for name in _NOTHING}, outcome=UNPAIRED, error=REPEATED)
        for name, value in _NOTHING.items():
            old[name] = value
        self._answers[2 * new : 2 * new + 2] = self._answers[2 * row : 2 * row + 2]
        self._answers[2 * row], self._answers[2 * row + 1] = _NOWHERE, 0
        self._files[new] = self._files[row]
