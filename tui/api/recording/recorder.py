"""A recording: all that was asked and answered while it was made, in a folder, as it came.

`recording.jsonl` is a line of JSON for each exchange, behind one that says what it is. A body is one of

- `{"json": …}`, `{"text": "…"}`: as it was, but for keys and, where that was asked for, contents;
- `{"same": N}`: as that of the exchange N;
- `{"bytes": N, "sha256": "…"}`: a transfer, whose whole content is in `contents/` where that was asked for;
- `{"fields": …, "files": …}`: a form;
- `{"stream": true}`: server-sent events, each in a line of its own that names the exchange (`of`) and its time.

`tui/sandbox/recordings.py` reads it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from tui import __version__
from tui.api.recording.contents import CONTENTS, Contents
from tui.api.recording.lines import Raw, encode
from tui.api.recording.masking import HIDDEN, Masking
from tui.system.private_files import open_private, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.api.requests import Form

FILE = "recording.jsonl"
VERSION = 1  # of the form of the lines; a reader refuses a higher one
MOST_BYTES = 200_000_000  # unless another size is asked for
_KEPT_BODY = 32 << 20  # bytes of one body that are kept as text; of a larger one its size and hash
_PART = re.compile(r"bytes (\d+)-")
_PARTIAL = 206  # the status of an answer that is a part of a content
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_ACCOUNT_HEADERS = ("openai-organization", "openai-project")
_DIGESTS = 10_000  # bodies that are known again


class RecordingError(RuntimeError):
    """A recording that cannot be begun. The text is a sentence."""


class Recorder:
    """Writes a recording. `masking` says what it may hold, `most` how many bytes.

    `ended` hears why it ended before it was closed. It writes at once: a kill costs the last line at most.
    """

    def __init__(
        self,
        folder: Path,
        *,
        masking: Masking | None = None,
        contents: bool = False,
        most: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin one, for this user's eyes only; `contents` keeps those of transfers too. Raises RecordingError."""
        self.folder = folder
        self.masking = masking or Masking()
        self.keeps_contents, self.contents = contents, Contents(folder)
        self.count = self.bytes = 0
        self.fault = ""
        """Why it ended before it was told to."""
        self.ended: Callable[[str], object] = lambda _: None
        self._most = most
        self._clock = clock
        self._numbers = 0
        self._seen: dict[bytes, int] = {}
        try:
            if not folder.exists():
                private_directory(folder)
            self._file: IO[bytes] | None = open_private(folder / FILE, "xb", 0)
        except (FileExistsError, NotADirectoryError):
            there = "holds a recording already" if folder.is_dir() else "is no folder"
            raise RecordingError(f"{folder} {there}: name another folder.") from None
        except OSError as error:
            raise RecordingError(f"{folder} cannot be written ({error.strerror}): name another folder.") from None
        program, masked = f"o9s {__version__}", self.masking.contents
        self._write({"recording": VERSION, "program": program, "began": clock(), "masked": masked})

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self._file is not None

    async def begin(
        self, server: str, method: str, target: str, *, content: bytes | None, form: Form | None, transfer: bool
    ) -> Taking | None:
        """Return what takes down one exchange; None once the recording is over. See `Taking`."""
        if not self.is_open:
            return None
        self._numbers += 1
        sent = await self._describe_form(*form) if form else self.describe_body(content, "application/json")
        path, query = self.masking.hide_target(target)
        asked = {
            "server": self.masking.hide_server(server),
            "method": method,
            "path": path,
            "query": query,
            **({"sent": sent} if sent else {}),
        }
        return Taking(self, self._numbers, asked, transfer, self._clock)

    async def _describe_form(self, fields: Mapping[str, list[str]], files: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is kept of a form: its fields, and each file's name, size and hash."""
        hidden = self.masking.hide(json.dumps(fields)) or "{}"
        described = {
            name: {"name": self.masking.hide_name(filename), **await asyncio.to_thread(window.describe)}
            for name, (filename, window, _) in files.items()
        }
        return {"fields": json.loads(hidden), "files": described}

    def describe_body(self, body: bytes | None, content_type: str, number: int = 0) -> dict[str, Any] | None:
        """Return what is kept of a body; where an earlier exchange had the same, that one's number."""
        if not body:
            return None
        digest = hashlib.sha256(body)
        if number:
            if earlier := self._seen.get(digest.digest()):
                return {"same": earlier}
            if len(self._seen) < _DIGESTS:
                self._seen[digest.digest()] = number
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return {"bytes": len(body), "sha256": digest.hexdigest()}
        if (hidden := self.masking.hide(text)) is not None:
            return {"json": Raw(hidden)}
        shown = self.masking.hide_text(text) if content_type.startswith("text/") or len(body) < 1 << 20 else None
        return {"bytes": len(body)} if shown is None else {"text": shown}

    def keep(self, line: Mapping[str, Any]) -> None:
        """Write the line of an exchange."""
        if self.is_open:
            self.count += 1
            self._write(line)

    def keep_event(self, number: int, text: str) -> None:
        """Write the line of an event of a stream."""
        self._write({"of": number, "at": round(self._clock(), 3), "text": self._hide_event(text)})

    def keep_end(self, number: int, error: str) -> None:
        """Write the line of the end of a stream, with why it ended early."""
        self._write({"of": number, "at": round(self._clock(), 3), "end": error})

    def open_content(self, number: int, target: str, start: int) -> IO[bytes] | None:
        """Open the file that takes the content of a transfer from byte `start` on, where those are kept."""
        if not self.keeps_contents or not self.is_open:
            return None
        try:
            return self.contents.open(number, target, start)
        except OSError as error:
            self.give_up(error)
            return None

    def take_room(self, count: int) -> bool:
        """Count bytes of contents; returns whether there is room for them, and else ends the recording."""
        if self.bytes + count > self._most:
            self._end(
                f"The recording in {self.folder} reaches the most that was asked for, {_format_size(self._most)}."
            )
            return False
        self.bytes += count
        return True

    def close(self) -> None:
        """End it. Nothing is kept after that; of one in which nothing was asked nothing stays."""
        self.contents.close()
        if self._file and self.count:
            self._append(encode({"ended": round(self._clock(), 3)}))
        if self._file:
            self._file.close()
            self._file = None
            if not self.count:
                with suppress(OSError):
                    (self.folder / FILE).unlink()
                    self.folder.rmdir()

    def describe(self) -> str:
        """Return a sentence on what it holds."""
        if not self.count:
            return f"Nothing was asked, so nothing was recorded in {self.folder}."
        requests = f"{self.count:,} request{'s' if self.count > 1 else ''}"
        size = _format_size(self.bytes)
        return f"{requests} recorded in {self.folder} ({size}): o9s --replay {self.folder} shows it."

    def _hide_event(self, text: str) -> str:
        """Return an event as it may be kept: its data like any JSON, the rest as it is."""
        lines = text.split("\n")
        for at, line in enumerate(lines):
            name, colon, value = line.partition(":")
            if colon and name == "data" and value.strip() != "[DONE]":
                hidden = self.masking.hide(value.strip())
                shown = self.masking.hide_text(value.strip()) if hidden is None else hidden
                lines[at] = f"data: {'…' if shown is None else shown}"
        return "\n".join(lines)

    def _write(self, line: Mapping[str, Any]) -> None:
        encoded = encode(line)
        if self._file and self.take_room(len(encoded)):
            self._append(encoded)

    def _append(self, line: bytes) -> None:
        try:
            left = memoryview(line)
            while left and self._file:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.give_up(error)

    def give_up(self, error: OSError) -> None:
        """End it because the disk does not take it."""
        self._end(f"The recording in {self.folder} cannot be written ({error.strerror}).")

    def _end(self, sentence: str) -> None:
        """End it because of a fault, and say so, once."""
        if self._file:
            self.contents.close()
            self._file.close()
            self._file = None
            self.fault = f"{sentence} It ends here; what came before is kept."
            self.ended(self.fault)


class Taking:
    """Takes down one exchange of a recording: hears the chunks of its answer, and is told of its end."""

    def __init__(
        self, recorder: Recorder, number: int, asked: dict[str, Any], transfer: bool, clock: Callable[[], float]
    ) -> None:
        self._recorder, self._number, self._asked, self._clock = recorder, number, asked, clock
        self._is_transfer, self._is_stream = transfer, False
        self._target = f"{asked['server']}{asked['path']}?{asked['query']}"
        self._body = bytearray()
        self._size, self._digest = 0, hashlib.sha256()
        self._content: IO[bytes] | None = None
        self._is_content_kept = False
        self._content_type = ""

    def open(self, when: float, status: int, headers: Mapping[str, str]) -> None:
        """Take in the head of the answer to a request that was sent at `when`."""
        self._content_type = headers.get("content-type", "")
        if status >= 300:
            self._is_transfer = False
        elif self._content_type.startswith("text/event-stream"):
            self._is_stream = True
            self._write_line(when, status, headers, {"stream": True}, "")
        elif self._is_transfer:
            begun = _PART.match(headers.get("content-range", "")) if status == _PARTIAL else None
            start = int(begun[1]) if begun else 0
            self._content = self._recorder.open_content(self._number, self._target, start)

    def hear(self, chunk: bytes) -> None:
        """Take in some of the body, unpacked."""
        self._size += len(chunk)
        if self._is_stream:
            self._body += chunk
            self._take_events()
        elif self._is_transfer:
            self._digest.update(chunk)
            self._keep_content(chunk)
        else:
            self._body += chunk
            if len(self._body) > _KEPT_BODY:
                self._is_transfer = True
                self._digest.update(self._body)
                self._body.clear()

    def end(self, when: float, status: int | None, headers: Mapping[str, str], error: str) -> None:
        """Write down what came of a request that was sent at `when`: its answer's head, or why there is none."""
        self._keep_content(b"", last=True)
        if self._is_content_kept and error:
            self._is_content_kept = False
            self._recorder.contents.note_cut(self._number, self._target)
        if self._is_stream:
            if self._body:
                self._recorder.keep_event(self._number, self._body.decode(errors="replace"))
            self._recorder.keep_end(self._number, error)
            return
        body: dict[str, Any] | None
        if self._is_transfer:
            body = {"bytes": self._size, "sha256": self._digest.hexdigest()} if self._size else None
            if body and self._is_content_kept:
                body["content"] = f"{CONTENTS}/{self._number}"
        else:
            body = self._recorder.describe_body(bytes(self._body), self._content_type, self._number)
        self._write_line(when, status, headers, body, error)

    def _keep_content(self, chunk: bytes, *, last: bool = False) -> None:
        """Write some of a content, or the `last` of it; one that cannot be kept whole is not kept."""
        if self._content is None:
            return
        try:
            self._is_content_kept = self._recorder.is_open and self._recorder.take_room(len(chunk))
            self._content.write(chunk)
            if last:
                self._content.close()
        except OSError as error:
            self._is_content_kept = False
            self._recorder.give_up(error)
        if last or not self._is_content_kept:
            with suppress(OSError):
                self._content.close()
            self._content = None
        if not self._is_content_kept:
            self._recorder.contents.remove(self._number)

    def _write_line(
        self,
        when: float,
        status: int | None,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None,
        error: str = "",
    ) -> None:
        """Write the line of the exchange; one whose answer is a stream has taken until its head."""
        took = round(max(0.0, self._clock() - when), 3)
        line = {"n": self._number, "at": round(when, 3), "took": took, **self._asked, "status": status}
        if self._recorder.masking.contents:
            headers = {name: value for name, value in headers.items() if name not in _ACCOUNT_HEADERS}
            error = error and HIDDEN
        line |= (
            {"headers": dict(headers)} | ({"answer": body} if body else {}) | ({"error": error} if error else {})
        )
        self._recorder.keep(line)

    def _take_events(self) -> None:
        """Write down the events that are whole by now."""
        while end := _EVENT_END.search(self._body):
            event = bytes(self._body[: end.end()])
            del self._body[: end.end()]
            self._recorder.keep_event(self._number, event.decode(errors="replace"))


def _format_size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.1f} kB"
