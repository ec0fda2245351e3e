"""The files of a batch, joined by custom_id: each request with what became of it.

Of each line only what a list needs is kept, and where it stands; request and answer are read when looked at.
"""

from __future__ import annotations

import csv
import io
import json
import re
from array import array
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.cells import counted
from tui.resources.results import EXPIRED, FAILED, NEVER_RAN, OK, OUTCOMES, answered, asked
from tui.text import csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

INPUT, OUTPUT, ERROR = KINDS = ("input", "output", "error")
LINE_CAP = 64 << 20  # bytes of one line that are read; what is longer is no request of a batch
GIST = 120  # characters of an answer that are kept
_NOWHERE = -1
_NOTHING = dict.fromkeys(("code", "error", "input_tokens", "output_tokens", "text"))
_BEGINNING = re.compile(rb'{\s*"custom_id"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]+)"')  # without escapes
# How the platform names a request that it did not get to.
_UNTRIED = {"batch_expired": EXPIRED, "batch_cancelled": NEVER_RAN}


# Groups of requests that may be sent again: those worth it as they are, and those that would be refused again.
PASSING, REFUSED = "failed for now", "refused as asked"
AGAIN = (PASSING, "expired", "never ran")


def _lasting(code: int | None) -> bool:
    """Whether a request that is sent again would be answered with this again."""
    return code is not None and 400 <= code < 500 and code not in (408, 409, 425, 429)


class Cause(NamedTuple):
    """Why requests have no good answer: what became of them, the status code and the error's name."""

    outcome: str
    code: int | None
    error: str | None

    @property
    def words(self) -> str:
        """As it is told: `429 rate_limit_exceeded`, `expired`."""
        if self.outcome != FAILED:
            return self.outcome.replace("_", " ")
        return " ".join(filter(None, ("" if self.code is None else str(self.code), self.error or ""))) or FAILED

    @property
    def filter(self) -> str:
        """What a list is filtered by to show these."""
        parts = [f"outcome={self.outcome}"]
        if self.outcome == FAILED:
            parts += [] if self.code is None else [f"code={self.code}"]
            parts += [f'error="{self.error}"'] if self.error and '"' not in self.error else []
        return " ".join(parts)


class _Line(NamedTuple):
    number: int
    offset: int
    length: int
    text: bytes


class _File:
    """The lines of a file that are not blank. Those that turn out to be no JSON are counted."""

    def __init__(self, kind: str, path: Path) -> None:
        self._kind, self._path = kind, path
        self._broken = self._first = 0

    def __iter__(self) -> Iterator[_Line]:
        """Read it. Raises OSError."""
        offset = number = 0
        with self._path.open("rb", buffering=1 << 20) as file:
            while text := file.readline(LINE_CAP):
                number += 1
                length = len(text)
                if length == LINE_CAP:
                    text = b"\0"  # which is no JSON
                    while rest := file.readline(LINE_CAP):
                        length += len(rest)
                        if rest.endswith(b"\n"):
                            break
                if length > 2 or text.strip():
                    yield _Line(number, offset, length, text)
                offset += length

    def object(self, line: _Line) -> dict[str, Any] | None:
        """What a line holds; None, and counted, if that is no JSON object."""
        if (value := _object(line.text)) is None:
            self._broken += 1
            self._first = self._first or line.number
        return value

    @property
    def notes(self) -> list[str]:
        """A sentence on the lines that are no JSON, if there are any."""
        if not self._broken:
            return []
        first = f"the first is line {self._first:,}"
        return [f"{counted(self._broken, 'line')} of the {self._kind} file cannot be read, {first}."]


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _name(value: Mapping[str, Any]) -> str:
    custom_id = value.get("custom_id")
    return custom_id if isinstance(custom_id, str) else ""


class Results:
    """The requests of a batch and what became of each, made by `join`.

    `rows` are in the order of the input; answers that belong to no request come last. `notes` are sentences on
    what the files hold that they should not, or lack.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self.rows: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self._index: dict[str, int] = {}  # by id
        self._repeats: Counter[str] = Counter()
        # Where the request and the answer of each row stand: offset and length, and the file of the answer.
        self._requests, self._answers = array("q"), array("q")
        self._files = array("b")

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def repeatable(self) -> bool:
        """Whether there are requests to send again."""
        return INPUT in self._paths

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """How many requests came to each outcome there is, the good one first."""
        found = Counter(row["outcome"] for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @cached_property
    def causes(self) -> list[tuple[Cause, int]]:
        """Why requests have no good answer, the most frequent cause first."""
        bad = (row for row in self.rows if row["outcome"] != OK)
        return Counter(Cause(row["outcome"], row["code"], row["error"]) for row in bad).most_common()

    def differs(self, total: int, completed: int, failed: int) -> str:
        """What the platform counted otherwise than the files tell, in a sentence; "" if they agree."""
        found = self.outcomes
        ok, bad, expired = (found.get(each, 0) for each in (OK, FAILED, EXPIRED))
        # Requests that expired are failed ones to some, and to others none.
        same = completed == ok and failed in (bad, bad + expired)
        if same and (not self.repeatable or total == len(self.rows)):
            return ""
        return (
            f"The batch counts {completed:,} ok and {failed:,} failed of {total:,}; "
            f"its files hold {ok:,} ok and {bad:,} failed of {len(self.rows):,}."
        )

    # What stands in the files.

    def request(self, id_: str) -> dict[str, Any] | None:
        """The line of the input, or None where there is none. Raises OSError."""
        return _object(self._bytes(INPUT, self._requests, self._index[id_]))

    def answer(self, id_: str) -> dict[str, Any] | None:
        """The line of the output or error file, or None where there is none. Raises OSError."""
        row = self._index[id_]
        return _object(self._bytes(KINDS[self._files[row]], self._answers, row))

    def _bytes(self, kind: str, places: array[int], row: int) -> bytes:
        offset, length = places[2 * row], places[2 * row + 1]
        if offset == _NOWHERE:
            return b""
        with self._paths[kind].open("rb") as file:
            file.seek(offset)
            return file.read(length)

    # What is made of them.

    def again(self) -> dict[str, list[str]]:
        """The ids of the requests that may be sent again, by why that is: `AGAIN`, and `REFUSED` as they are."""
        groups: dict[str, list[str]] = {}
        for row in self.rows if self.repeatable else ():
            if row["outcome"] != OK and self._has_request(row["id"]):
                group = row["outcome"].replace("_", " ")
                if row["outcome"] == FAILED:
                    group = REFUSED if _lasting(row["code"]) else PASSING
                groups.setdefault(group, []).append(row["id"])
        return {name: groups[name] for name in (*AGAIN, REFUSED) if name in groups}

    def with_request(self, ids: Iterable[str]) -> list[str]:
        """Those whose request is there to be sent again."""
        return [id_ for id_ in ids if self._has_request(id_)]

    def _has_request(self, id_: str) -> bool:
        return self._requests[2 * self._index[id_]] != _NOWHERE

    def weight(self, ids: Iterable[str]) -> int:
        """Bytes of the requests."""
        return sum(self._requests[2 * self._index[id_] + 1] for id_ in ids)

    def requests(self, ids: Iterable[str]) -> Iterator[bytes]:
        """The lines of the input as they were, in its order. Raises OSError."""
        rows = sorted(self._index[id_] for id_ in ids)
        if not rows:
            return
        with self._paths[INPUT].open("rb") as file:
            for row in rows:
                file.seek(self._requests[2 * row])
                line = file.read(self._requests[2 * row + 1])
                yield line if line.endswith(b"\n") else line + b"\n"

    def joined(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Lines of JSON: each request with its answer. Raises OSError."""
        for id_ in ids:
            row = self.rows[self._index[id_]]
            request, answer = self.request(id_) or {}, self.answer(id_) or {}
            line = {
                "custom_id": row["custom_id"],
                "outcome": row["outcome"],
                "request": {name: request.get(name) for name in ("method", "url", "body")} if request else None,
                "response": answer.get("response"),
                "error": answer.get("error"),
            }
            yield json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    def table(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Lines of CSV: what became of each request, and both texts. A spreadsheet runs none of them."""
        known = ("custom_id", "outcome", "code", "error", "input_tokens", "output_tokens")
        yield _csv((*known, "request", "answer", "message"))
        for id_ in ids:
            row, answer = self.rows[self._index[id_]], self.answer(id_)
            body = _part(_part(answer, "response"), "body")
            texts = asked((self.request(id_) or {}).get("body")), answered(body) if row["outcome"] == OK else ""
            message = _trouble(answer).get("message")
            yield _csv(csv_cell(value) for value in (*(row[name] for name in known), *texts, message))

    # How it is filled.

    def add(self, custom_id: str, id_: str, line: _Line | None) -> int:
        """Add a row for a request, or for an answer without one. Returns its number."""
        row = id_
        while row in self._index:
            self._repeats[id_] += 1
            row = f"{id_} #{self._repeats[id_] + 1}"
        self._index[row] = len(self.rows)
        self.rows.append({"id": row, "custom_id": custom_id, "outcome": NEVER_RAN, **_NOTHING})
        self._requests.extend((line.offset, line.length) if line else (_NOWHERE, 0))
        self._answers.extend((_NOWHERE, 0))
        self._files.append(0)
        return len(self.rows) - 1

    def settle(self, row: int, kind: str, line: _Line, value: Mapping[str, Any]) -> None:
        """Note what became of a row."""
        self.rows[row].update(told(value))
        self._answers[2 * row], self._answers[2 * row + 1] = line.offset, line.length
        self._files[row] = KINDS.index(kind)


def _csv(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")


def _part(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _trouble(line: Any) -> dict[str, Any]:
    """What went wrong with a request, from where the platform tells it."""
    return _part(line, "error") or _part(_part(_part(line, "response"), "body"), "error")


def _text(value: Any) -> str | None:
    return value[:GIST] if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def told(line: Mapping[str, Any]) -> dict[str, Any]:
    """What a line of an output or error file tells: outcome, code, error, tokens, the answer's beginning."""
    response, trouble = _part(line, "response"), _trouble(line)
    body, code = _part(response, "body"), _number(response.get("status_code"))
    if not trouble and code is not None and 200 <= code < 300 and body:
        usage = _part(body, "usage")
        return {
            "outcome": OK,
            "code": code,
            "input_tokens": _number(usage.get("input_tokens", usage.get("prompt_tokens"))),
            "output_tokens": _number(usage.get("output_tokens", usage.get("completion_tokens"))),
            "text": _text(answered(body)),
        }
    error = _text(trouble.get("code")) or _text(trouble.get("type")) or ("no answer" if not trouble else None)
    return {
        "outcome": _UNTRIED.get(error or "", FAILED),
        "code": code,
        "error": error,
        "text": _text(trouble.get("message")),
    }


def join(paths: Mapping[str, Path]) -> Results:
    """Join the files there are: `input`, `output` and `error`. Reads each once; may run in a thread.

    Raises OSError.
    """
    results = Results(paths)
    waiting: dict[str, list[int]] = {}  # rows without an answer yet, the next one last
    odd: Counter[str] = Counter()
    if INPUT in paths:
        for line in (requests := _File(INPUT, paths[INPUT])):
            if begun := _BEGINNING.match(line.text):  # it need not be parsed to know whose it is
                name = begun[1].decode()
            elif (value := requests.object(line)) is not None:
                name = _name(value)
            else:
                continue
            row = results.add(name, name or f"line {line.number} of the input", line)
            if name in waiting:
                odd["Requests that repeat a custom_id"] += 1
                waiting[name].insert(0, row)
            else:
                waiting[name] = [row]
        results.notes += requests.notes
    for kind in (OUTPUT, ERROR):
        for line in (answers := _File(kind, paths[kind])) if kind in paths else ():
            if (value := answers.object(line)) is None:
                continue
            name = _name(value)
            if rows := waiting.get(name):
                row = rows.pop()
            else:
                if INPUT in paths or name in waiting:
                    which = "to requests that were answered before" if name in waiting else "without a request"
                    odd[f"Answers {which}"] += 1
                row = results.add(name, name or f"line {line.number} of the {kind} file", None)
                waiting[name] = []
            results.settle(row, kind, line, value)
        results.notes += answers.notes if kind in paths else []
    results.notes += [f"{what}: {times:,}." for what, times in odd.items()]
    return results
