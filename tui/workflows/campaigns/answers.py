"""What became of the requests of a part: which answer each has, and where that stands.

An index has the requests in the order in which they were sent: for each the letter of what became of it (see
`sending.LETTERS`), and the place of its answer in the files that were downloaded. Lines of the merged output are
put together from what was sent and what was answered byte by byte, without being read and written anew.
"""

from __future__ import annotations

import contextlib
import json
import re
import struct
from collections import Counter
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import write_whole
from tui.resources.batch.answers import FAILED, NEVER_RAN, OK, UNSURE, is_mute, is_sound, read_outcome
from tui.resources.batch.results import NO_ANSWER, PAIRED
from tui.resources.language.cells import pluralize
from tui.resources.language.json_lines import object_to_copy
from tui.resources.language.reading.amounts import dump_json
from tui.workflows.batch_results.files import find_reason_for_doubt
from tui.workflows.batch_results.lines import Line, LineFile
from tui.workflows.batch_results.results import ERROR, OUTPUT, group_of
from tui.workflows.campaigns.journal import CampaignError
from tui.workflows.campaigns.sending import LETTERS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.sending import Sending

# How nearly all requests and answers are written: those that are not are read, and written anew.
_REQUEST = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*("[^"\\]*")\s*,\s*')
_ANSWER = re.compile(rb'\s*\{\s*"id"\s*:\s*"[^"\\]*"\s*,\s*"custom_id"\s*:\s*"[^"\\]*"\s*,\s*"response"\s*:\s*')
_ANSWER_END = re.compile(rb',\s*"error"\s*:\s*null\s*\}\s*\Z')
_USUAL_END = b', "error": null}\n'
_ANSWER_FIELDS = ["id", "custom_id", "response", "error"]
_TAIL = 80  # bytes in which the end of an answer is looked for
_MUTE = "m"  # the letter, while it is not known yet, of what tells neither a status nor an error
_NOTHING = b"null"
_WHOLE = 32 << 20  # bytes of a file that is read at once: asking for each of its lines takes longer
_PLACE = struct.Struct("<qqqq")
_OPEN = ord(" ")  # the letter of a request of which nothing is known yet
_REFUSED = "r"


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


class Answers:
    """The answers to a sending. Requests are known by their row."""

    def __init__(self) -> None:
        self.letters = bytearray()
        """What became of each request; a space for what is not known yet."""
        self.whys: dict[str, str] = {}
        """Why requests have no answer, by their letter."""
        self.files: list[str] = []
        """The names of the files in which answers stand."""
        # Where the answer of each row stands: file; and offset, length (0: there is none), the response within.
        self._numbers, self._places = bytearray(), bytearray()

    def grow(self, rows: int) -> None:
        """Take in so many requests without an answer."""
        self.letters, self._numbers = bytearray(b" " * rows), bytearray(rows)
        self._places = bytearray(_PLACE.size * rows)

    def put(self, row: int, letter: str, file: int, place: tuple[int, int, int, int]) -> None:
        """Note the answer to a request: offset and length, and where in it the response begins and ends."""
        self.letters[row], self._numbers[row] = ord(letter), file
        _PLACE.pack_into(self._places, _PLACE.size * row, *place)

    def drop(self, row: int, letter: str) -> None:
        """Note that a request has no answer."""
        self.put(row, letter, 0, (0, 0, 0, 0))

    def save(self, path: Path) -> None:
        """Write it to a file, in the place of one before. Raises LocalFileError."""
        head = {"rows": len(self.letters), "whys": self.whys, "files": self.files}
        first = json.dumps(head).encode() + b"\n"
        rest = bytes(self.letters), bytes(self._numbers), bytes(self._places)
        write_whole(path, (first, *rest), replace=True)

    @classmethod
    def load(cls, path: Path) -> Answers:
        """Read it from a file. Raises OSError, and CampaignError where that is damaged."""
        found = cls()
        with _open(path) as file:
            try:
                head = json.loads(file.readline())
                rows, found.whys, found.files = head["rows"], head["whys"], head["files"]
                found.letters, found._numbers = bytearray(file.read(rows)), bytearray(file.read(rows))
                found._places = bytearray(file.read(_PLACE.size * rows))
                whole = len(found._places) == _PLACE.size * rows and not file.read(1)
            except (ValueError, KeyError, TypeError):
                whole = False
        if not whole:
            raise CampaignError(f"{path} is damaged.", "Bring it back from a copy, or begin another campaign.")
        return found

    def lines(self, sending: Sending, folder: Path, without: str) -> Iterator[bytes | None]:
        """Yield each request's line of the merged output; None for those that came to a letter of `without`.

        Raises OSError.
        """
        left_out = frozenset(without.encode())
        with contextlib.ExitStack() as stack:
            requests = stack.enter_context(_open(folder / sending.file))
            readers = [_open_reader(stack, folder / name) for name in self.files]
            middles: dict[tuple[int, bool], bytes] = {}
            for row, request in enumerate(requests):
                letter = self.letters[row]
                if letter in left_out:
                    yield None
                    continue
                offset, length, start, end = _PLACE.unpack_from(self._places, _PLACE.size * row)
                middle = middles.get((letter, bool(length)))
                if middle is None:
                    middle = middles[letter, bool(length)] = _describe(sending, chr(letter), answered=bool(length))
                if length:
                    text = readers[self._numbers[row]](offset, length)
                    response, error = (text[start:end], _NOTHING) if end else _rewrite(text)
                else:
                    response, error = _NOTHING, self._cause(chr(letter))
                id_, asked = _read_request(request)
                yield b'{"custom_id":%b%b%b,"response":%b,"error":%b}\n' % (id_, middle, asked, response, error)

    def _cause(self, letter: str) -> bytes:
        """Return why there is no answer, as the error of a line."""
        return _dump({"code": _outcome_of(letter, answered=False), "message": self.whys.get(letter, "")})


def _open_reader(stack: contextlib.ExitStack, path: Path) -> Callable[[int, int], bytes]:
    """Return what reads a stretch of a file, by its offset and length. Raises OSError."""
    file = stack.enter_context(_open(path, buffering=0))
    if path.stat().st_size <= _WHOLE:
        content = file.read()
        return lambda offset, length: content[offset : offset + length]

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read


def _open(path: Path, buffering: int = 1 << 20) -> BinaryIO:
    """Open a file to read. Raises LocalFileError, which names it wherever it is read to write another."""
    try:
        return path.open("rb", buffering=buffering)
    except OSError as error:
        raise LocalFileError.of(error, path) from None


def _outcome_of(letter: str, *, answered: bool) -> str:
    """Return the outcome of a request by its letter; what was refused as a whole never ran."""
    return NEVER_RAN if letter == _REFUSED and not answered else OUTCOMES[letter]


def _describe(sending: Sending, letter: str, *, answered: bool) -> bytes:
    """Return what a line tells between the custom_id and the request."""
    told = {
        "outcome": _outcome_of(letter, answered=answered),
        "pairing": PAIRED if answered else NO_ANSWER,
        "generation": sending.generation,
        "part": sending.part,
        "batch_id": sending.batch_id or None,
    }
    return b"," + json.dumps(told, separators=(",", ":")).encode()[1:-1] + b',"request":'


class _Joining:
    """Joins answers to requests, file by file."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.found: Counter[str] = Counter()
        """How many answers tell each outcome."""
        self.notes: list[str] = []
        self.lost = False
        """Whether there may be answers to requests that seem to have none."""
        self._rows: dict[str, int] = {}
        self._repeated: set[int] = set()

    def add_requests(self, path: Path) -> None:
        """Take the requests. Raises OSError."""
        with _open(path) as file:
            for line in file:
                self._rows[_read_id(line)] = len(self._rows)
        self.answers.grow(len(self._rows))

    def add_answers(self, kind: str, path: Path) -> None:
        """Take the answers of a file. Raises OSError."""
        number, strays, letters = len(self.answers.files), 0, self.answers.letters
        self.answers.files.append(path.name)
        file = LineFile(kind, path)
        for line, value in file:
            letter, outcome = _judge(value)
            self.found[outcome] += 1
            id_ = value.get("custom_id")
            row = self._rows.get(id_) if isinstance(id_, str) else None
            if row is None:
                strays += 1
                self.lost = self.lost or letter in "oua"
            elif letters[row] != _OPEN:
                self._repeated.add(row)
            else:
                self.answers.put(row, letter, number, (line.offset, line.length, *_find_response(line, value)))
        self.lost = self.lost or bool(file.unreadable)
        self.notes += file.notes
        if strays:
            self.notes.append(f"{pluralize(strays, 'line')} of the {kind} file answer no request of the part.")

    def conclude(self, batch: Batch, missing: Collection[str]) -> None:
        """Settle what is open: what tells nothing, what came twice, and what has no answer."""
        answers, counts, mute = self.answers, batch.counts, ord("p")
        if counts is None or counts.completed > self.found[OK]:
            mute, mutes = ord("u"), answers.letters.count(_MUTE.encode())
            self.found.subtract({FAILED: mutes, UNSURE: -mutes})
        doubt = "may have been answered" if self.lost else find_reason_for_doubt(batch, self.found, missing)
        untold = "u" if doubt else "n"
        answers.whys = {untold: doubt or f"The batch is {batch.outcome}."}
        if self._repeated:
            self.notes.append(f"{pluralize(len(self._repeated), 'request')} have several answers.")
            answers.whys.setdefault("u", "several answers came, or none that is sure")
        for row, letter in enumerate(answers.letters):
            if row in self._repeated:
                answers.drop(row, "u")
            elif letter == _OPEN:
                answers.drop(row, untold)
            elif letter == ord(_MUTE):
                answers.letters[row] = mute


def write_answers(
    sending: Sending, folder: Path, paths: Mapping[str, Path], batch: Batch, missing: Collection[str]
) -> Collected:
    """Join the answers to a sending, whose output and error files are at `paths` in the folder: keep the index.

    `missing` are the kinds of files that the batch names and that cannot be had. Raises LocalFileError.
    """
    joining = _Joining()
    try:
        joining.add_requests(folder / sending.file)
        for kind in (OUTPUT, ERROR):
            if kind in paths:
                joining.add_answers(kind, paths[kind])
    except OSError as error:
        raise LocalFileError.of(error, folder / sending.file) from None
    joining.conclude(batch, missing)
    joining.answers.save(folder / answers_file(sending))
    return Collected(_count(joining.answers), joining.found, joining.notes)


def write_refusal(
    sending: Sending, folder: Path, reason: str, faulty: Collection[int], letter: str = _REFUSED
) -> Collected:
    """Keep the index of a sending whose requests all came to a letter: refused, never run, or of unknown fate.

    Where its `faulty` lines are named, counted from 1, the others did not run and are worth sending again. Raises
    LocalFileError.
    """
    answers = Answers()
    answers.grow(sending.lines)
    for row in range(sending.lines):
        answers.drop(row, "n" if faulty and row + 1 not in faulty else letter)
    answers.whys = {"n": "Other lines of its file were refused.", letter: reason}
    answers.save(folder / answers_file(sending))
    return Collected(_count(answers), Counter(), [])


def _count(answers: Answers) -> Counter[str]:
    return Counter({chr(letter): count for letter, count in Counter(answers.letters).items()})


def _read_id(line: bytes) -> str:
    """Return the custom_id of a request."""
    if match := _REQUEST.match(line):
        return match[1][1:-1].decode()
    return str((object_to_copy(line) or {}).get("custom_id", ""))


def _read_request(line: bytes) -> tuple[bytes, bytes]:
    """Return the custom_id of a request as it is written, and the rest of the request as an object."""
    if match := _REQUEST.match(line):
        return match[1], b"{" + line[match.end() :].rstrip()
    request = object_to_copy(line) or {}
    return _dump(request.pop("custom_id", "")), _dump(request)


def _judge(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return the letter and the outcome of an answer."""
    response = value.get("response")
    # As nearly all are: what is not takes the long way, to the same end.
    if type(response) is dict and response.get("status_code") == 200 and not value.get("error"):
        body = response.get("body")
        if type(body) is dict and is_sound(body):
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
    if list(value) != _ANSWER_FIELDS or value["error"] is not None or b"NaN" in text or b"Infinity" in text:
        return 0, 0  # constants are no JSON
    begin = _ANSWER.match(text)
    if begin and text.endswith(_USUAL_END):
        return begin.end(), len(text) - len(_USUAL_END)
    end = _ANSWER_END.search(text, max(begin.end(), len(text) - _TAIL)) if begin else None
    return (begin.end(), end.start()) if begin and end else (0, 0)


def _rewrite(text: bytes) -> tuple[bytes, bytes]:
    """Return the response and the error of an answer, written anew."""
    answer = object_to_copy(text) or {}
    return _dump(answer.get("response")), _dump(answer.get("error"))


def _dump(value: Any) -> bytes:
    try:
        return dump_json(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a character, which only an escape can write
        return dump_json(value).encode()


def requests_again(sending: Sending, folder: Path, letters: str, changes: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the requests of a sending that came to one of the letters, with `changes` to their bodies.

    Raises OSError.
    """
    answers = Answers.load(folder / answers_file(sending))
    with _open(folder / sending.file) as requests:
        for request, letter in zip(requests, answers.letters, strict=True):
            if chr(letter) in letters:
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
