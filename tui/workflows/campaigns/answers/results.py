"""The results of a campaign: the last answer to each request, over all parts and generations.

Of each request only what a list needs is kept, and of so many at the most as a batch may have, those without a
good answer first; everything else is counted, and read anew from the campaign's folder when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tui.resources.batch.answers import OK, read_outcome
from tui.resources.batch.results import OUTCOMES, PAIRED
from tui.resources.language.json_lines import object_of
from tui.workflows.batch_results.results import Cause, cause_of, write_csv_header, write_csv_row
from tui.workflows.campaigns.answers.chain import Chain
from tui.workflows.campaigns.sending import GROUPS, LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tui.workflows.campaigns.campaign import Campaign

    Row = dict[str, Any]
    Test = Callable[[Row], bool]

MOST = 50_000  # rows that are held
_ROOM = 4 << 20  # bytes of answers that are held beside them
_GOOD = ord(LETTERS[OK])
_UNTOLD = dict.fromkeys(("code", "input_tokens", "output_tokens", "text"))


class CampaignResults:
    """The requests of a campaign that have an outcome. `read` fills it."""

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        self.campaign, self._folder = campaign, folder
        self.rows: list[Row] = []
        """The first `MOST` that were looked for, in the order of the input."""
        self.found = 0
        """How many were looked for."""
        self.total = 0
        self.outcomes: dict[str, int] = {}
        """The number of all requests with each outcome that occurs, the good one first."""
        self.causes: list[tuple[Cause, int]] = []
        """Why requests have no good answer, with the numbers of all, the most frequent first."""
        self._places: dict[str, tuple[int, int]] = {}  # part and row, by id
        self._chain: tuple[int, Chain] | None = None  # which was read last, by its part

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the rows."""
        return self.found > len(self.rows)

    def read(self, test: Test | None = None, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Read all answers, and keep the rows that pass a test. May run in a thread.

        Raises OSError, and CampaignError where the files were changed by something else.
        """
        outcomes: Counter[str] = Counter()
        causes: Counter[Cause] = Counter()
        bad: list[tuple[int, int, Row]] = []
        good: list[tuple[int, int, Row]] = []
        found = 0
        for part, chain in self._chains():
            for row, line in enumerate(chain.lines(_ROOM)):
                if is_stopped():
                    return
                is_good = chain.letters[row] == _GOOD
                if is_good and test is None and len(bad) + len(good) >= MOST:
                    outcomes[OK] += 1
                    found += 1
                    continue
                told = _read_row(line)
                outcomes[told["outcome"]] += 1
                if not is_good:
                    causes[cause_of(told)] += 1
                if test is not None and not test(told):
                    continue
                found += 1
                (good if is_good else bad).append((part, row, told))
                if len(bad) + len(good) > MOST:
                    (good or bad).pop()
        kept = sorted(bad + good, key=lambda each: each[:2])
        self.rows, self.found, self.total = [told for *_, told in kept], found, outcomes.total()
        self._places = {told["id"]: (part, row) for part, row, told in kept}
        self.outcomes = {outcome: outcomes[outcome] for outcome in OUTCOMES if outcomes[outcome]}
        self.causes = causes.most_common()

    def _chains(self) -> Iterator[tuple[int, Chain]]:
        for latest in self.campaign.parts:
            yield latest.part, Chain(self.campaign.chain(latest.part), self._folder)

    def read_line(self, id_: str) -> Row:
        """Return the line of the merged output of one of the rows. Raises OSError and CampaignError."""
        part, row = self._places[id_]
        if self._chain is None or self._chain[0] != part:
            self._chain = part, Chain(self.campaign.chain(part), self._folder)
        return object_of(self._chain[1].read_line(row)) or {}

    # What is exported and sent again.

    def lines(self, test: Test | None, *, as_csv: bool) -> Iterator[bytes]:
        """Yield the lines of a file with all requests that pass a test, of all there are. Raises as `read`."""
        if as_csv:
            yield write_csv_header("generation", "part", "batch_id")
        for _, chain in self._chains():
            for line in chain.lines(_ROOM):
                if test is None and not as_csv:
                    yield line
                    continue
                told = _read_row(line)
                if test is None or test(told):
                    yield _as_csv(told, line) if as_csv else line

    def count_by_group(self) -> dict[str, int]:
        """Return how many requests without a good answer there are in each group that may be sent again."""
        counts: Counter[str] = Counter()
        for latest in self.campaign.parts:
            counts += self.campaign.outcomes_of(latest.part)
        return {group: counts[letter] for letter, group in GROUPS.items() if letter != "o" and counts[letter]}

    def requests(self, letters: str, changes: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield the requests that came to one of the letters, with `changes` to their bodies. Raises as `read`."""
        for _, chain in self._chains():
            yield from chain.requests(letters, changes)


def _read_row(line: bytes) -> Row:
    """Return a line of the merged output as a row of a list."""
    value = object_of(line) or {}
    id_ = str(value.get("custom_id"))
    paired = value.get("pairing") == PAIRED
    told = read_outcome({"response": value.get("response"), "error": value.get("error")}) if paired else _UNTOLD
    error = told.get("error") if paired else (value.get("error") or {}).get("message")
    named = {name: value.get(name) for name in ("outcome", "pairing", "generation", "part", "batch_id")}
    return {"id": id_, "custom_id": id_, **_UNTOLD, **told, "error": error, **named}


def _as_csv(row: Row, line: bytes) -> bytes:
    value = object_of(line) or {}
    answer = {"response": value.get("response"), "error": value.get("error")}
    return write_csv_row(row, value.get("request") or {}, answer, "generation", "part", "batch_id")
