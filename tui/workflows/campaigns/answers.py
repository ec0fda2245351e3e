"""What became of the requests of a part: each with its answer on a line of its own, ready to be merged.

The file has the requests in the order in which they were sent. A line begins with the letter of what became of the
request (see `campaign.LETTERS`); the rest of it is the JSON that the merged output holds. Answers are copied byte
by byte, without being written anew; a part at a time is in memory, and of it only where the answers stand.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import LocalFileError
from tui.api.local_files import write_whole
from tui.resources.batch.answers import FAILED, NEVER_RAN, OK, UNSURE, has_content, is_mute, read_outcome
from tui.resources.batch.results import NO_ANSWER, PAIRED, REPEATED
from tui.resources.language.cells import pluralize
from tui.resources.language.json_lines import object_to_copy
from tui.resources.language.reading.amounts import dump_json
from tui.workflows.batch_results.files import find_reason_for_doubt
from tui.workflows.batch_results.lines import Line, LineFile
from tui.workflows.batch_results.results import ERROR, OUTPUT, group_of
from tui.workflows.campaigns.campaign import LETTERS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.campaign import Sending

# How nearly all requests and answers are written: those that are not are read, and written anew.
_REQUEST = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*("[^"\\]*")\s*,\s*')
_ANSWER = re.compile(rb'\s*\{\s*"id"\s*:\s*"[^"\\]*"\s*,\s*"custom_id"\s*:\s*"[^"\\]*"\s*,\s*"response"\s*:\s*')
_ANSWER_END = re.compile(rb',\s*"error"\s*:\s*null\s*\}\s*\Z')
_ANSWER_FIELDS = ["id", "custom_id", "response", "error"]
_TAIL = 80  # bytes in which the end of an answer is looked for
_MUTE = "m"  # the letter, while it is not known yet, of what tells neither a status nor an error
_NOTHING = b"null"


class Collected(NamedTuple):
    """What the answers to a part amount to."""

    counts: Counter[str]
    """The number of requests by letter."""
    outcomes: Counter[str]
    """The number of answers by outcome."""
    notes: list[str]
    """Sentences on what the files hold that they should not, or lack."""


def answers_file(sending: Sending) -> str:
    """Return the name of the file with the answers to a sending."""
    return f"{sending.file.removesuffix('.jsonl')}.answers"


class _Index:
    """Which request has which answer. Requests are known by their row."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.letters = bytearray()  # a space for no answer
        self.found: Counter[str] = Counter()  # answers by outcome
        self.notes: list[str] = []
        self.lost = False  # whether there may be answers to requests that seem to have none
        # Where the answer of each row stands: file, offset, length; and its response within, or nothing.
        self._files, self._places = bytearray(), array("q")

    def add_requests(self, path: Path) -> None:
        """Note all requests. Raises OSError."""
        with path.open("rb", buffering=1 << 20) as file:
            for line in file:
                self.rows[_read_request(line)[0]] = len(self.rows)
        self.letters = bytearray(b" " * len(self.rows))
        self._files = bytearray(len(self.rows))
        self._places = array("q", bytes(32 * len(self.rows)))

    def add_answers(self, number: int, kind: str, path: Path) -> None:
        """Note the answers of a file, the `number`th. Raises OSError."""
        file, strays = LineFile(kind, path), 0
        for line, value in file:
            letter, outcome = _judge(value)
            self.found[outcome] += 1
            id_ = value.get("custom_id")
            row = self.rows.get(id_) if isinstance(id_, str) else None
            if row is None:
                strays += 1
                self.lost = self.lost or letter in "oua"
            elif self.letters[row] != 32:
                self.letters[row] = ord("2")
            else:
                self.letters[row] = ord(letter)
                self._files[row] = number
                start, end = _find_response(line, value)
                self._places[4 * row : 4 * row + 4] = array("q", (line.offset, line.length, start, end))
        self.lost = self.lost or bool(file.unreadable)
        self.notes += file.notes
        if strays:
            self.notes.append(f"{pluralize(strays, 'line')} of the {kind} file answer no request of the part.")

    def place(self, row: int) -> tuple[int, int, int, int, int]:
        """Return the file of an answer, its offset and length, and where in it the response begins and ends."""
        offset, length, start, end = self._places[4 * row : 4 * row + 4]
        return self._files[row], offset, length, start, end


def write_answers(
    sending: Sending, folder: Path, paths: Mapping[str, Path], batch: Batch, missing: Collection[str]
) -> Collected:
    """Write the file of the answers to a sending, whose output and error files are at `paths`.

    `missing` are the kinds of files that the batch names and that cannot be had. Raises LocalFileError.
    """
    index = _Index()
    source = folder / sending.file
    kinds = [kind for kind in (OUTPUT, ERROR) if kind in paths]
    try:
        index.add_requests(source)
        for number, kind in enumerate(kinds):
            index.add_answers(number, kind, paths[kind])
        mute, counts = "p", batch.counts
        if counts is None or counts.completed > index.found[OK]:
            mute, mutes = "u", index.letters.count(_MUTE.encode())
            index.found.subtract({FAILED: mutes, UNSURE: -mutes})
        doubt = "may have been answered" if index.lost else find_reason_for_doubt(batch, index.found, missing)
        files = [paths[kind].open("rb", buffering=0) for kind in kinds]
        try:
            chunks = _join(
                sending, source, index, files, mute, doubt or f"the batch is {batch.outcome}", bool(doubt)
            )
            tally = _Tally(chunks)
            write_whole(folder / answers_file(sending), tally, replace=True)
        finally:
            for file in files:
                file.close()
    except OSError as error:
        raise LocalFileError.of(error, source) from None
    return Collected(tally.counts, index.found, index.notes)


def write_refusal(
    sending: Sending, folder: Path, reason: str, faulty: Collection[int], *, lost: bool = False
) -> Collected:
    """Write the file of the answers to a sending that was refused as a whole, never sent, or `lost`.

    Where its `faulty` lines are named, counted from 1, the others did not run and are worth sending again. Raises
    LocalFileError.
    """

    def lines() -> Iterator[bytes]:
        with (folder / sending.file).open("rb", buffering=1 << 20) as file:
            for number, line in enumerate(file, 1):
                letter = "n" if faulty and number not in faulty else "r"
                letter, outcome = ("u", UNSURE) if lost else (letter, NEVER_RAN)
                why = "other lines of its file were refused" if letter == "n" else reason
                yield letter.encode() + _line(sending, line, outcome, NO_ANSWER, _NOTHING, _cause(outcome, why))

    tally = _Tally(lines())
    try:
        write_whole(folder / answers_file(sending), tally, replace=True)
    except OSError as error:
        raise LocalFileError.of(error, folder / sending.file) from None
    return Collected(tally.counts, Counter(), [])


class _Tally:
    """Lines of a file of answers, counted by their letters as they go by."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.counts: Counter[str] = Counter()
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.counts[chr(line[0])] += 1
            yield line


def _join(
    sending: Sending, source: Path, index: _Index, files: list[Any], mute: str, why: str, doubted: bool
) -> Iterator[bytes]:
    """Yield the lines of the file. Raises OSError."""
    with source.open("rb", buffering=1 << 20) as requests:
        for row, line in enumerate(requests):
            letter = chr(index.letters[row])
            if letter == " ":
                letter, outcome = (LETTERS[UNSURE], UNSURE) if doubted else (LETTERS["not run"], NEVER_RAN)
                yield letter.encode() + _line(sending, line, outcome, NO_ANSWER, _NOTHING, _cause(outcome, why))
            elif letter == "2":
                cause = _cause(REPEATED, "Several answers came; which is to this request is not known.")
                yield b"u" + _line(sending, line, UNSURE, REPEATED, _NOTHING, cause)
            else:
                letter = mute if letter == _MUTE else letter
                number, offset, length, start, end = index.place(row)
                files[number].seek(offset)
                text = files[number].read(length)
                response, error = (text[start:end], _NOTHING) if end else _rewrite(text)
                yield letter.encode() + _line(sending, line, OUTCOMES[letter], PAIRED, response, error)


def _line(sending: Sending, request: bytes, outcome: str, pairing: str, response: bytes, error: bytes) -> bytes:
    """Return a line of the merged output."""
    _, id_, asked = _read_request(request)
    return (
        b'{"custom_id":%b,"outcome":"%b","pairing":"%b","generation":%d,"part":%d,"batch_id":%b,"request":%b,'
        b'"response":%b,"error":%b}\n'
    ) % (
        id_,
        outcome.encode(),
        pairing.encode(),
        sending.generation,
        sending.part,
        json.dumps(sending.batch_id or None).encode(),
        asked,
        response,
        error,
    )


def _read_request(line: bytes) -> tuple[str, bytes, bytes]:
    """Return the custom_id of a request, the same as it is written, and the rest of the request as an object."""
    if match := _REQUEST.match(line):
        return match[1][1:-1].decode(), match[1], b"{" + line[match.end() :].strip()
    request = object_to_copy(line) or {}
    id_ = str(request.pop("custom_id", ""))
    return id_, json.dumps(id_).encode(), _dump(request)


def _judge(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return the letter and the outcome of an answer."""
    response = value.get("response")
    # As nearly all are: what is not takes the long way, to the same end.
    if type(response) is dict and response.get("status_code") == 200 and not value.get("error"):
        body = response.get("body")
        if type(body) is dict and not body.get("error") and has_content(body):
            return "o", OK
    found = read_outcome(value)
    outcome, code = found["outcome"], found["code"]
    if outcome == OK:
        return "o", OK
    if outcome == FAILED and code is None and is_mute(value):
        return _MUTE, FAILED
    return LETTERS[group_of(outcome, code)], outcome


def _find_response(line: Line, value: Mapping[str, Any]) -> tuple[int, int]:
    """Return where the response stands on the line of an answer, which may be copied; (0, 0) if that cannot be."""
    text = line.text
    if list(value) == _ANSWER_FIELDS and value["error"] is None and (begin := _ANSWER.match(text)):
        tail = max(begin.end(), len(text) - _TAIL)
        end = _ANSWER_END.search(text, tail)
        if end and b"NaN" not in text and b"Infinity" not in text:  # which are no JSON
            return begin.end(), end.start()
    return 0, 0


def _rewrite(text: bytes) -> tuple[bytes, bytes]:
    """Return the response and the error of an answer, written anew."""
    answer = object_to_copy(text) or {}
    return _dump(answer.get("response")), _dump(answer.get("error"))


def _dump(value: Any) -> bytes:
    try:
        return dump_json(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a character, which only an escape can write
        return dump_json(value).encode()


def _cause(code: str, message: str) -> bytes:
    return _dump({"code": code, "message": message})


def requests_again(sending: Sending, folder: Path, letters: str, changes: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the requests of a sending that came to one of the letters, with `changes` to their bodies.

    Raises OSError.
    """
    with (
        (folder / sending.file).open("rb", buffering=1 << 20) as requests,
        (folder / answers_file(sending)).open("rb", buffering=1 << 20) as answers,
    ):
        for request, answer in zip(requests, answers, strict=True):
            if answer[:1].decode() in letters:
                yield _change(request, changes) if changes else request


def _change(line: bytes, changes: Mapping[str, Any]) -> bytes:
    request = object_to_copy(line) or {}
    body = request.get("body")
    for path, value in changes.items():
        *above, last = path.split(".")
        at = body
        for name in above:
            at = at.setdefault(name, {}) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[last] = value
    return _dump(request) + b"\n"
