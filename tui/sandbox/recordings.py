"""Recordings, as `o9s record` makes them: read, and looked through for what was answered, and when."""

from __future__ import annotations

import hashlib
import json
import re
import time
from bisect import bisect_right
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

JSON = dict[str, Any]

FILE = "recording.jsonl"
VERSION = 1  # of the form of the lines that is read here
_HIDDEN = "…"  # stands in a query for a value that was not to be kept
_HIDDEN_KEY = re.compile(r'"…"|\bsk-[\w-]*…|\bbearer …', re.IGNORECASE)  # what stands in a body for one
_MOMENT = re.compile(r"1\d{9}")  # a time in a query, in unix seconds
_NEAR = 3600.0  # seconds that times in a query may differ where nothing fits exactly: they follow the clock
_HEADER = re.compile(r"[\x20-\x7e]*")
_ROUNDING = 0.001  # seconds to which times are told in a recording
_TAIL = 1 << 16  # bytes in which the last line is looked for
_TOLD = 3  # numbers of damaged lines that are told


class RecordingFault(RuntimeError):
    """A recording that cannot be shown. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a recording: when it was begun, in unix seconds, and whether contents are masked in it."""

    began: float
    masked: bool


@dataclass(slots=True)
class Answered:
    """One exchange of a recording: when it was asked, how many seconds the answer took, and where its line is."""

    number: int
    at: float
    took: float
    offset: int
    moments: tuple[int, ...] = ()
    """The times in its query."""
    events: list[tuple[float, int]] = field(default_factory=list)
    """Of a stream: when each event came, and where its line is."""


def is_recording(folder: Path) -> bool:
    """Return whether a folder holds a recording."""
    return (folder / FILE).is_file()


def read_head(folder: Path) -> Head:
    """Read the first line of a recording. Raises RecordingFault for what is none, or one of a newer program."""
    path = folder / FILE
    if not folder.is_dir():
        raise RecordingFault(f"There is no folder {folder}.")
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 16)
    except FileNotFoundError:
        raise RecordingFault(f"{folder} holds no recording: o9s record {folder} makes one.") from None
    except OSError as error:
        raise RecordingFault(f"{path} cannot be read: {error.strerror}.") from None
    head = _parse(line)
    version = head.get("recording")
    if isinstance(version, int) and version > VERSION:
        raise RecordingFault(
            f"{folder} was recorded by {head.get('program') or 'a newer o9s'}, "
            f"in a newer form than this one reads ({version}, not {VERSION}): update o9s."
        )
    if version != VERSION or not isinstance(began := head.get("began"), int | float):
        raise RecordingFault(f"{path} does not begin as a recording does: its first line is damaged.")
    return Head(float(began), bool(head.get("masked")))


def read_end(folder: Path) -> float:
    """Return when a recording was over, by the clock of its server, as far as its ends tell; else 0."""
    with (folder / FILE).open("rb") as file:
        file.readline()
        first = _parse(file.readline())
        file.seek(max(0, (folder / FILE).stat().st_size - _TAIL))
        last = next(filter(None, map(_parse, reversed(file.read().splitlines()))), {})
    try:
        answered = Answered(1, float(first["at"]), float(first["took"]), 0)
        return float(last.get("ended") or last["at"]) + _read_ahead(first["headers"], answered)
    except (KeyError, TypeError, ValueError, AttributeError):
        return 0.0


class Recording:
    """The exchanges of a recording, by what was asked. Bodies stay in the file until they are asked for."""

    def __init__(self, folder: Path) -> None:
        """Read it. `notes` are sentences on what of it cannot be used. Raises RecordingFault."""
        self.folder = folder
        self.head = read_head(folder)
        self.notes: list[str] = []
        self.ended = self.head.began
        self.ahead = 0.0
        """The seconds by which the clock of the server was ahead of the one that times were taken by."""
        self._path = folder / FILE
        self._by_number: dict[int, Answered] = {}
        self._exact: dict[str, list[Answered]] = {}
        self._near: dict[str, list[Answered]] = {}
        self._hidden: dict[str, set[frozenset[str]]] = {}  # by path, the names of what queries hide
        damaged = [number for number, offset, line in self._lines() if not self._take(line, offset)]
        if damaged:
            told = ", ".join(map(str, damaged[:_TOLD])) + (" …" if len(damaged) > _TOLD else "")
            lines = f"Line {told} is" if len(damaged) == 1 else f"{len(damaged)} lines ({told}) are"
            self.notes.append(f"{lines} damaged in {self._path}, and left out of the replay.")
        if not self._by_number:
            raise RecordingFault(f"The recording in {folder} holds no answer.")
        for found in (*self._exact.values(), *self._near.values()):
            found.sort(key=lambda each: each.at)
        self.began = min(each.at for each in self._by_number.values())

    def find(self, method: str, path: str, query: str, sent: Any, now: float) -> Answered | None:
        """Return what was answered to a request last by the time `now`, else what was answered to it first."""
        for hidden in sorted(self._hidden.get(unquote(path), ()), key=len):  # the same as it is goes before
            for body in (sent, _outline(sent)):
                signature, moments = _sign(method, path, query, body, hidden)
                if found := self._exact.get(f"{signature} {moments}") or self._find_near(signature, moments):
                    return found[max(0, bisect_right(found, now + _ROUNDING, key=lambda each: each.at) - 1)]
        return None

    def _find_near(self, signature: str, moments: tuple[int, ...]) -> list[Answered]:
        """Return what was asked with times next to these, where they are not too far off."""
        near = [each for each in self._near.get(signature, ()) if _is_near(each.moments, moments)]
        best = min((_distance(each.moments, moments) for each in near), default=0)
        return [each for each in near if _distance(each.moments, moments) == best]

    def was_sent(self, method: str, path: str) -> bool:
        """Return whether anything was sent so, with whatever body and query."""
        begin = f"{method} {unquote(path)}?"
        return any(signature.startswith(begin) for signature in self._exact)

    def read(self, answered: Answered) -> JSON:
        """Return the line of an exchange; its answer is that of another where it was the same."""
        line = self.read_line(answered.offset)
        same = self._by_number.get((line.get("answer") or {}).get("same", 0))
        if same:
            line["answer"] = self.read_line(same.offset).get("answer")
        return line

    def read_line(self, offset: int) -> JSON:
        """Return the line that begins there."""
        with self._path.open("rb") as file:
            file.seek(offset)
            return _parse(file.readline())

    def exchanges(self) -> Iterable[JSON]:
        """Yield the lines of all exchanges in the order in which they were asked, streams as text."""
        for each in sorted(self._by_number.values(), key=lambda each: each.at):
            line = self.read(each)
            if each.events:
                texts = (str(self.read_line(offset).get("text", "")) for _, offset in each.events)
                line["answer"] = {"text": "".join(texts)}
            yield line

    def _lines(self) -> Iterable[tuple[int, int, bytes]]:
        """Yield the number, the offset and the bytes of each line behind the first."""
        offset = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number > 1 and line.strip():
                    yield number, offset, line
                offset += len(line)

    def _take(self, text: bytes, offset: int) -> bool:
        """Take in a line; returns whether it can be used. One cut by a kill is no damage."""
        line = _parse(text)
        if not line:
            return not text.endswith(b"\n")
        try:
            if "ended" in line:
                self.ended = max(self.ended, float(line["ended"]))
            elif "of" in line:
                stream = self._by_number[line["of"]]
                self.ended = max(self.ended, float(line["at"]))
                if "text" in line:
                    stream.events.append((float(line["at"]), offset))
            else:
                self._take_exchange(line, offset)
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        return True

    def _take_exchange(self, line: JSON, offset: int) -> None:
        """Take in the line of an exchange. Raises KeyError, TypeError or ValueError where it cannot be used."""
        status, headers = line["status"], line["headers"]
        path, query = str(line["path"]), str(line["query"])
        if not isinstance(headers, dict) or not all(map(_HEADER.fullmatch, (*headers, *headers.values()))):
            raise ValueError("headers")
        if not isinstance(line.get("answer", {}), dict):
            raise TypeError("answer")
        if status is not None and not 200 <= status <= 599:
            raise ValueError("status")
        hidden = frozenset(name for name, value in parse_qsl(query) if value == _HIDDEN)
        self._hidden.setdefault(unquote(path), set()).add(hidden)
        sent = line.get("sent")
        if self.head.masked or _HIDDEN_KEY.search(json.dumps(sent, ensure_ascii=False)):
            sent = _outline(sent)
        signature, moments = _sign(line["method"], path, query, sent, hidden)
        answered = Answered(int(line["n"]), float(line["at"]), max(0.0, float(line["took"])), offset, moments)
        if not self._by_number:
            self.ahead = _read_ahead(headers, answered)
        self._by_number[answered.number] = answered
        self.ended = max(self.ended, answered.at + answered.took)
        if status is None or not 300 <= status < 400:  # where a download was led; what it led to was recorded, too
            self._exact.setdefault(f"{signature} {moments}", []).append(answered)
            self._near.setdefault(signature, []).append(answered)


class ReplayClock:
    """The time of a recording: it stands still until the first request, while paused, and at the end."""

    def __init__(
        self, began: float, ended: float, speed: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self.is_paused = False
        self._at, self._ended, self._clock = began, ended, clock
        self._since: float | None = None  # when it was `_at`, by the other clock; None while it stands still

    def start(self) -> None:
        """Let time pass, unless it is paused."""
        if self._since is None and not self.is_paused:
            self._since = self._clock()

    def pause(self) -> None:
        """Stop time."""
        self._at, self._since, self.is_paused = self.now(), None, True

    def go_on(self) -> None:
        """Let time pass again."""
        self.is_paused = False
        self.start()

    def set_speed(self, speed: float) -> None:
        """Let time pass so many times as fast from now on."""
        self._at = self.now()
        if self._since is not None:
            self._since = self._clock()
        self.speed = speed

    def advance(self, seconds: float) -> None:
        """Go on by so many seconds at once."""
        self._at += seconds

    def now(self) -> float:
        """Return the time, in unix seconds."""
        passed = 0.0 if self._since is None else (self._clock() - self._since) * self.speed
        return min(self._at + passed, self._ended)


def _read_ahead(headers: JSON, answered: Answered) -> float:
    """Return by how many seconds the Date of an answer is ahead of its time; 0 where it has none."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp() - answered.at - answered.took
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _parse(line: bytes) -> JSON:
    """Return a line as JSON; nothing for what is no object."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sign(method: str, path: str, query: str, sent: Any, hidden: frozenset[str]) -> tuple[str, tuple[int, ...]]:
    """Return what two requests that ask the same have in common, and the times in their queries.

    What is `hidden` is left out of both: any value may have stood there.
    """
    pairs = [
        (name, "" if name in hidden else value) for name, value in sorted(parse_qsl(query, keep_blank_values=True))
    ]
    plain = [(name, "" if _MOMENT.fullmatch(value) else value) for name, value in pairs]
    moments = tuple(int(value) for _, value in pairs if _MOMENT.fullmatch(value))
    text = json.dumps([sorted(plain), sent], sort_keys=True)
    return f"{method} {unquote(path)}?{hashlib.sha256(text.encode(errors='replace')).hexdigest()}", moments


def _outline(value: Any) -> Any:
    """Return JSON without its texts and names: what a masked body has in common with the one it was made of."""
    if isinstance(value, dict):
        return sorted(json.dumps(_outline(each), sort_keys=True) for each in value.values())
    if isinstance(value, list):
        return [_outline(each) for each in value]
    return "" if isinstance(value, str) else value


def _is_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=True))


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))
