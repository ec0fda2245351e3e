"""The generations of a part taken together: what became of each of its requests at last, and in which of them.

A generation has the requests that had come to one of its letters by then, in whatever generation before it.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from itertools import compress
from typing import TYPE_CHECKING

from tui.workflows.batch_results.changes import change
from tui.workflows.campaigns.answers.answers import WHOLE, Answers, name_answers_file, open_to_read
from tui.workflows.campaigns.journal import CampaignError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from tui.workflows.campaigns.sending import Sending


class Chain:
    """The requests of a part, known by their row in its first generation."""

    def __init__(self, sendings: Iterable[Sending], folder: Path) -> None:
        """Take its generations, of which those without answers yet are left out.

        Raises OSError, and CampaignError where their files do not fit together.
        """
        self._folder = folder
        self._sendings = [each for each in sendings if each.counts is not None]
        self._answers: list[Answers] = []
        self._rows: list[Sequence[int]] = []  # of each generation
        self.letters = bytearray()
        """What became of each request at last (see `sending.LETTERS`)."""
        self._owners = bytearray()  # the generation that tells it
        for generation, sending in enumerate(self._sendings):
            answers = Answers.load(folder / name_answers_file(sending))
            wanted, count = sending.letters.encode(), len(answers.letters)
            if not generation:
                self.letters, self._owners = bytearray(count), bytearray(count)
            rows: Sequence[int] = range(count)
            if generation:
                rows = [row for row, letter in enumerate(self.letters) if letter in wanted]
            if len(rows) != count:
                raise self._misfit(sending)
            for row, letter in zip(rows, answers.letters, strict=True):
                self.letters[row], self._owners[row] = letter, generation
            self._answers.append(answers)
            self._rows.append(rows)

    def lines(self, room: int = WHOLE) -> Iterator[bytes]:
        """Yield each request's line of the merged output. Raises OSError and CampaignError.

        `room` is how many bytes of answers may be held in memory.
        """
        if len(self._answers) == 1:
            yield from self._answers[0].lines(self._sendings[0], self._folder, room=room)
            return
        streams = [
            answers.lines(sending, self._folder, bytes(self._owners[row] == generation for row in rows), room)
            for generation, (sending, answers, rows) in enumerate(
                zip(self._sendings, self._answers, self._rows, strict=True)
            )
        ]
        for owner in self._owners:
            if (line := next(streams[owner], None)) is None:
                raise self._misfit(self._sendings[owner])
            yield line
        for sending, stream in zip(self._sendings, streams, strict=True):
            if next(stream, None) is not None:
                raise self._misfit(sending)

    def read_line(self, row: int) -> bytes:
        """Return the line of the merged output of one request. Raises OSError and CampaignError."""
        generation = self._owners[row]
        sending, answers = self._sendings[generation], self._answers[generation]
        wanted = bytearray(len(answers.letters))
        wanted[bisect_left(self._rows[generation], row)] = 1
        with contextlib.closing(answers.lines(sending, self._folder, wanted, room=0)) as lines:
            return next(lines)

    def requests(self, letters: str, changes: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield the requests that came to one of the letters, as they were sent last but for `changes`.

        Raises OSError and CampaignError.
        """
        wanted = letters.encode()
        with contextlib.ExitStack() as stack:
            streams = []
            for generation, (sending, rows) in enumerate(zip(self._sendings, self._rows, strict=True)):
                file = stack.enter_context(open_to_read(self._folder / sending.file))
                keep = bytes(self._owners[row] == generation and self.letters[row] in wanted for row in rows)
                streams.append(compress(file, keep))
            for owner, letter in zip(self._owners, self.letters, strict=True):
                if letter in wanted:
                    if (request := next(streams[owner], None)) is None:
                        raise self._misfit(self._sendings[owner])
                    yield change(request, changes) if changes else request

    def _misfit(self, sending: Sending) -> CampaignError:
        return CampaignError(
            f"The answers of {sending.name} do not fit to its requests, or to the generation before.",
            f"The files in {self._folder} were changed by something else.",
        )
