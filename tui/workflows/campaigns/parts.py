"""Cutting the input of a campaign into parts: files of requests that the platform takes as one batch each.

The parts are copies in the campaign's folder: what is sent again later is what was sent first, whatever became of
the files it came from. Everything is read as a stream, and judged as the platform would before anything is sent.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from array import array
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import open_file, sync
from tui.resources.language.asking.inputs import Report, Source
from tui.resources.language.cells import pluralize, short_size
from tui.resources.language.checks import BATCH_BYTES, MAX_INPUTS, MAX_REQUESTS, RequestJudge
from tui.resources.language.json_lines import object_of, read_objects
from tui.resources.language.request_contents import quote
from tui.system.paths import BadPath, read_path
from tui.system.private_files import open_private
from tui.workflows.campaigns.journal import CampaignError
from tui.workflows.campaigns.tokens import TokenRule

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence
    from typing import IO

_MOST_FAULTS = 20  # that are told
_MARKS = re.compile(r"[*?\[]")


class InputFaults(CampaignError):
    """What is wrong with the input of a campaign. `faults` are lines, each with its file and line."""

    def __init__(self, faults: Sequence[str], count: int) -> None:
        more = [f"and {count - len(faults):,} more"] if count > len(faults) else []
        self.faults = [*faults, *more]
        super().__init__(
            f"The input has {pluralize(count, 'fault')}; nothing was sent.",
            "Mend the lines above and run it again.",
        )


def find_sources(named: Sequence[str]) -> list[Path]:
    """Return the files that paths, folders and patterns name, each once: `part2` before `part10`.

    Of a folder those that end in .jsonl. Raises CampaignError where a name leads to nothing.
    """
    found: dict[Path, None] = {}
    for text in named:
        try:
            path = read_path(text)
        except BadPath as error:
            raise CampaignError(str(error)) from None
        if path.is_dir():
            paths = [each for each in path.iterdir() if each.suffix == ".jsonl" and each.is_file()]
            what = f"The folder {text} holds no file that ends in .jsonl."
        elif path.is_file():
            paths, what = [path], ""
        elif path.exists():
            raise CampaignError(
                f"{text} is no file that can be read twice.", "Save what comes from it to a file, and name that."
            )
        elif _MARKS.search(text):
            root = Path(path.anchor)
            paths = [each for each in root.glob(str(path.relative_to(root))) if each.is_file()]
            what = f"No file matches {text}."
        else:
            raise CampaignError(f"{text} does not exist.", "Name a folder, a file, or a pattern in quotes.")
        if not paths:
            raise CampaignError(what, "Name a folder, a file, or a pattern in quotes.")
        found |= dict.fromkeys(each.absolute() for each in sorted(paths, key=_make_natural_key))
    if not found:
        raise CampaignError("There is no input.", "Name a folder, a file, or a pattern in quotes.")
    return list(found)


def _make_natural_key(path: Path) -> list[tuple[int, str]]:
    """Return what sorts paths with the numbers in them as numbers."""
    return [(int(word), "") if word.isdecimal() else (0, word) for word in re.split(r"(\d+)", str(path))]


def name_part_file(stem: str, part: int, generation: int) -> str:
    """Return the name of the file of a part, here and on the platform: no other campaign has it."""
    return f"{stem}-p{part:04}-g{generation}.jsonl"


class _Place(NamedTuple):
    """The lines of one source, among all lines: from which on they are its."""

    source: Path
    first: int


class Cutter:
    """Cuts sources into parts, written into a folder."""

    def __init__(
        self,
        folder: Path,
        stem: str,
        limit_of: Callable[[str], int | None],
        on_progress: Callable[[str], None],
        rule: TokenRule | None = None,
    ) -> None:
        """Cut parts of at most as many input tokens as the queue of a model takes, where `limit_of` tells that.

        `on_progress` hears how far it is; `rule` counts the tokens.
        """
        self.rule = rule or TokenRule()
        self.parts: list[dict[str, Any]] = []
        """A record for each part, as the journal takes it."""
        self.stopped = False
        """Whether to end as soon as can be: nobody waits for the parts any more."""
        self._folder, self._stem, self._limit_of = folder, stem, limit_of
        self._on_progress = on_progress
        self._hashes = array("Q")  # of all custom_ids in their order ...
        self._lines = array("L")  # ... and the lines they are on
        self._places: list[_Place] = []
        self._faults: list[str] = []
        self._fault_count = 0

    def cut(self, sources: Sequence[Path]) -> None:
        """Read all sources, and write their parts. Raises InputFaults, CampaignError and LocalFileError."""
        self._check_room(sources)
        for source in sources:
            self._read(source)
        self._find_repeated()
        if self._fault_count:
            raise InputFaults(self._faults, self._fault_count)

    def _check_room(self, sources: Sequence[Path]) -> None:
        try:
            needed = sum(source.stat().st_size for source in sources)
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise LocalFileError.of(error, Path(error.filename or self._folder)) from None
        if needed > free:
            raise LocalFileError(
                f"The input is {short_size(needed)}, of which a copy is kept, and {self._folder} has room for "
                f"{short_size(free)}.",
                "Free some space, or move the state with O9S_STATE_DIR.",
            )

    def _fault(self, fault: str) -> None:
        self._fault_count += 1
        if len(self._faults) < _MOST_FAULTS:
            self._faults.append(fault)

    def _read(self, source: Path) -> None:
        """Read a source and write its parts. Raises CampaignError where it changes meanwhile, LocalFileError."""
        self._on_progress(f"reading {source.name}")
        self._places.append(_Place(source, len(self._hashes)))
        report = Report()
        with open_file(source) as (file, size):
            before = _read_stamp(source)
            lines = _Lines(self, file)
            judge = RequestJudge(report, unique=False)
            with contextlib.closing(_Writer(self, source)) as writer:
                for number, request in read_objects(Source(source.name, size, lines), report):
                    inputs = judge.inputs
                    judge.take(number, request)
                    if isinstance(id_ := request.get("custom_id"), str):
                        self._hashes.append(_hash(id_))
                        self._lines.append(number)
                    if not report.fault_count:
                        model = str((request.get("body") or {}).get("model") or "")
                        tokens = self.rule.count(lines.current, request)
                        writer.write(lines.current, judge.inputs - inputs, tokens, judge.endpoint, model)
            if _read_stamp(source) != before:
                raise CampaignError(
                    f"{source} changed while it was read.",
                    "Run it again once nothing writes to it; nothing was sent.",
                )
        if not report.lines and not report.fault_count:
            report.fault(0, "holds no request")
        self._fault_count += report.fault_count - len(report.faults)
        for line, message, _ in report.faults:
            self._fault(f"{source}:{line}: {message}" if line else f"{source}: {message}")

    def _find_repeated(self) -> None:
        """Note custom_ids that stand on more than one line: their answers could not be told apart."""
        if len(set(self._hashes)) == len(self._hashes):
            return
        suspects = {hash_ for hash_, times in Counter(self._hashes).items() if times > 1}
        first: dict[str, str] = {}
        for at, (source, begin) in enumerate(self._places):
            end = self._places[at + 1].first if at + 1 < len(self._places) else len(self._hashes)
            wanted = {self._lines[row] for row in range(begin, end) if self._hashes[row] in suspects}
            if not wanted:
                continue
            with open_file(source) as (file, _):
                for number, line in enumerate(file, 1):
                    if number in wanted and isinstance(id_ := (object_of(line) or {}).get("custom_id"), str):
                        before = first.setdefault(id_, f"{source}:{number}")
                        if before != f"{source}:{number}":
                            self._fault(f"{source}:{number}: repeats the custom_id {quote(id_)} of {before}")

    def open_part(self, source: Path, tokens: int, endpoint: str, model: str) -> dict[str, Any]:
        """Begin a part with a request, and return its record. Raises CampaignError where no queue takes that."""
        limit = self._limit_of(model)
        if limit is not None and tokens > limit:
            raise CampaignError(
                f"The queue for {model or 'this model'} takes {limit:,} input tokens, and a request of {source} "
                f"alone has about {tokens:,}; nothing was sent.",
                "Ask an owner to raise the project's limit of batch tokens a day, or send it to another model.",
            )
        name = name_part_file(self._stem, len(self.parts) + 1, 0)
        told = {
            "part": len(self.parts) + 1,
            "generation": 0,
            "file": name,
            "source": str(source),
            "endpoint": endpoint,
        }
        self.parts.append({**told, "model": model, "lines": 0, "size": 0, "tokens": 0})
        return self.parts[-1]

    def fits(self, part: dict[str, Any], inputs: int, line: bytes, tokens: int) -> bool:
        """Return whether a line has room in a part, which has so many texts to embed with it."""
        limit = self._limit_of(part["model"])
        return (
            part["lines"] < MAX_REQUESTS
            and part["size"] + len(line) <= BATCH_BYTES
            and inputs <= MAX_INPUTS
            and (limit is None or not part["lines"] or part["tokens"] + tokens <= limit)
        )

    @property
    def folder(self) -> Path:
        """The folder of the parts."""
        return self._folder


class _Writer:
    """Writes the lines of one source into parts."""

    def __init__(self, cutter: Cutter, source: Path) -> None:
        self._cutter, self._source = cutter, source
        self._part: dict[str, Any] = {}
        self._file: IO[bytes] | None = None
        self._inputs = 0
        self._digest = hashlib.sha256()

    def write(self, line: bytes, inputs: int, tokens: int, endpoint: str, model: str) -> None:
        """Write a line, in a new part where the last is full. Raises LocalFileError."""
        line = line if line.endswith(b"\n") else line + b"\n"
        path = self._cutter.folder
        try:
            if self._file is None or not self._cutter.fits(self._part, self._inputs + inputs, line, tokens):
                self.close()
                self._part, self._inputs = self._cutter.open_part(self._source, tokens, endpoint, model), 0
                path = self._cutter.folder / self._part["file"]
                self._file, self._digest = open_private(path, "wb", 1 << 20), hashlib.sha256()
            self._file.write(line)
        except OSError as error:
            raise LocalFileError.of(error, path) from None
        self._digest.update(line)
        self._inputs += inputs
        self._part["lines"] += 1
        self._part["size"] += len(line)
        self._part["tokens"] += tokens

    def close(self) -> None:
        """End the last part. Raises LocalFileError."""
        if self._file is None:
            return
        try:
            with self._file as file:
                sync(file)
        except OSError as error:
            raise LocalFileError.of(error, self._cutter.folder / self._part["file"]) from None
        self._file = None
        self._part["sha256"] = self._digest.hexdigest()


class _Lines:
    """The lines of a file; `current` is the one that was given last."""

    def __init__(self, cutter: Cutter, file: IO[bytes]) -> None:
        self.current = b""
        self._cutter, self._file = cutter, file

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            if self._cutter.stopped:
                raise CampaignError("It was stopped while the input was read.")
            self.current = line
            yield line


def _hash(id_: str) -> int:
    return int.from_bytes(hashlib.blake2b(id_.encode(errors="surrogatepass"), digest_size=8).digest())


def _read_stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes about a file when it is written to. Raises LocalFileError where it is gone."""
    try:
        status: os.stat_result = path.stat()
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    return status.st_size, status.st_mtime_ns, status.st_ino


def digest_of(path: Path) -> str:
    """Return the sha256 of a file. Raises LocalFileError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LocalFileError.of(error, path) from None
