"""What became of the requests of a part: which answer each has, and where that stands.

An index has the requests in the order in which they were sent: for each the letter of what became of it (see
`sending.LETTERS`), and the place of its answer in the files that were downloaded. Lines of the merged output are
put together from what was sent and what was answered byte by byte, without being read and written anew.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections import Counter
from itertools import compress, count
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import write_whole
from tui.resources.batch.answers import FAILED, NEVER_RAN, OK, UNSURE
from tui.resources.batch.results import NO_ANSWER, PAIRED
from tui.resources.language.cells import pluralize
from tui.workflows.batch_results.changes import dump
from tui.workflows.batch_results.files import find_reason_for_doubt
from tui.workflows.batch_results.lines import LineFile
from tui.workflows.batch_results.results import ERROR, OUTPUT
from tui.workflows.campaigns.answers.lines import (
    MUTE,
    read_answer,
    read_id,
    read_request,
    read_usual,
    rewrite,
)
from tui.workflows.campaigns.journal import CampaignError
from tui.workflows.campaigns.sending import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.sending import Sending

_NOTHING = b"null"
WHOLE = 40 << 20
"""Bytes of the files of answers that are read at once; half of it for the next generation."""
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


def name_answers_file(sending: Sending) -> str:
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

    def put(self, row: int, letter: str, file: int, offset: int, length: int, start: int, end: int) -> None:
        """Note the answer to a request: where its line stands, and where in it the response begins and ends."""
        self.letters[row], self._numbers[row] = ord(letter), file
        _PLACE.pack_into(self._places, _PLACE.size * row, offset, length, start, end)

    def drop(self, row: int, letter: str) -> None:
        """Note that a request has no answer."""
        self.put(row, letter, 0, 0, 0, 0, 0)

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
        with open_to_read(path) as file:
            try:
                head = json.loads(file.readline())
                rows, found.whys, found.files = head["rows"], head["whys"], head["files"]
                found.letters, found._numbers = bytearray(file.read(rows)), bytearray(file.read(rows))
                found._places = bytearray(file.read(_PLACE.size * rows))
                whole = len(found._places) == _PLACE.size * rows and not file.read(1)
            except (ValueError, KeyError, TypeError):
                whole = False
        if not whole:
            raise _make_damage_error(path)
        return found

    def lines(
        self, sending: Sending, folder: Path, wanted: Iterable[int] | None = None, room: int = WHOLE
    ) -> Generator[bytes]:
        """Yield each request's line of the merged output, or of those that are `wanted`, by a flag for each.

        `room` is how many bytes of answers may be held in memory. Raises OSError, and CampaignError where the file
        of the requests is another than it was.
        """
        with contextlib.ExitStack() as stack:
            requests = stack.enter_context(open_to_read(folder / sending.file))
            readers = _open_readers(stack, [folder / name for name in self.files], room >> sending.generation)
            middles: dict[int, bytes] = {}
            counter = count()
            places = _PLACE.iter_unpack(self._places)
            rows: Iterable[tuple[int, int, tuple[int, ...], bytes, int]]
            rows = zip(self.letters, self._numbers, places, requests, counter, strict=False)
            for letter, number, place, request, _ in rows if wanted is None else compress(rows, wanted):
                offset, length, start, end = place
                kind = letter if length else -letter
                middle = middles.get(kind)
                if middle is None:
                    middle = middles[kind] = _describe(sending, chr(letter), answered=bool(length))
                if end:
                    response, error = readers[number](offset + start, end - start), _NOTHING
                elif length:
                    response, error = rewrite(readers[number](offset, length))
                else:
                    response, error = _NOTHING, self._cause(chr(letter))
                id_, asked = read_request(request)
                yield b'{"custom_id":%b%b{%b,"response":%b,"error":%b}\n' % (id_, middle, asked, response, error)
            if next(counter) != len(self.letters) or requests.read(1):
                raise _make_damage_error(folder / sending.file)

    def _cause(self, letter: str) -> bytes:
        """Return why there is no answer, as the error of a line."""
        return dump({"code": _outcome_of(letter, answered=False), "message": self.whys.get(letter, "")})


def _make_damage_error(path: Path) -> CampaignError:
    return CampaignError(f"{path} is damaged.", "Bring it back from a copy, or begin another campaign.")


def _open_readers(
    stack: contextlib.ExitStack, paths: Sequence[Path], room: int
) -> list[Callable[[int, int], bytes]]:
    """Return what reads a stretch of each file, by its offset and length. Raises OSError.

    Asking the disk for each line takes longer than to read a file at once, as long as there is room in memory.
    """
    readers = []
    for path in paths:
        file = stack.enter_context(open_to_read(path, buffering=0))
        size = path.stat().st_size
        if size <= room:
            room -= size
            readers.append(_reader_of(file.read()))
        else:
            readers.append(_reader_from(file))
    return readers


def _reader_of(content: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: content[offset : offset + length]


def _reader_from(file: BinaryIO) -> Callable[[int, int], bytes]:
    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read


def open_to_read(path: Path, buffering: int = 1 << 20) -> BinaryIO:
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
        self._rows: dict[str | None, int] = {}
        self._repeated: set[int] = set()

    def add_requests(self, path: Path) -> None:
        """Take the requests. Raises OSError."""
        with open_to_read(path) as file:
            self._rows.update((id_, row) for row, id_ in enumerate(map(read_id, file)))
        self.answers.grow(len(self._rows))

    def add_answers(self, kind: str, path: Path) -> None:
        """Take the answers of a file. Raises OSError."""
        answers, rows, found = self.answers, self._rows, self.found
        number, strays, letters, put = len(answers.files), 0, answers.letters, answers.put
        answers.files.append(path.name)
        file = LineFile(kind, path)
        for line in file.read():
            answer = read_usual(line.text) or read_answer(line, file)
            if answer is None:
                continue
            id_, letter, outcome, start, end = answer
            found[outcome] += 1
            row = rows.get(id_)
            if row is None:
                strays += 1
                self.lost = self.lost or letter in "oua"
            elif letters[row] != _OPEN:
                self._repeated.add(row)
            else:
                put(row, letter, number, line.offset, line.length, start, end)
        self.lost = self.lost or bool(file.unreadable)
        self.notes += file.notes
        if strays:
            self.notes.append(f"{pluralize(strays, 'line')} of the {kind} file answer no request of the part.")

    def conclude(self, batch: Batch, missing: Collection[str]) -> None:
        """Settle what is open: what tells nothing, what came twice, and what has no answer."""
        answers, counts, mute = self.answers, batch.counts, ord("p")
        if counts is None or counts.completed > self.found[OK]:
            mute, mutes = ord("u"), answers.letters.count(MUTE.encode())
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
            elif letter == ord(MUTE):
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
    joining.answers.save(folder / name_answers_file(sending))
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
    answers.save(folder / name_answers_file(sending))
    return Collected(_count(answers), Counter(), [])


def _count(answers: Answers) -> Counter[str]:
    return Counter({chr(letter): count for letter, count in Counter(answers.letters).items()})
