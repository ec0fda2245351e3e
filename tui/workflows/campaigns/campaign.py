"""What a campaign's journal amounts to: how far each part is, and what is to be done next. No I/O."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tui.resources.language.reading.amounts import Amount, read_number
from tui.workflows.campaigns.journal import CampaignError
from tui.workflows.campaigns.sending import GROUPS, Options, Sending, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    JSON = dict[str, Any]

MOST_LONE_REFUSALS = 10  # times a part is refused for the queue although nothing else of the campaign is in it


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests have a good answer, have none for good, and are still to come."""

    ok: int
    failed: int
    left: int
    causes: Mapping[str, int]
    """The number of those without one by what became of them."""

    @property
    def total(self) -> int:
        """All requests."""
        return self.ok + self.failed + self.left


class Campaign:
    """The state of a campaign after some records of its journal; `apply` takes the next."""

    def __init__(self, records: Iterable[JSON] = ()) -> None:
        """Take records of a journal. Raises CampaignError where one is damaged."""
        self.name = self.id = ""
        self.base_url = ""
        self.began: float = 0.0
        self.sources: list[str] = []
        self.options = Options()
        self.sendings: dict[tuple[int, int], Sending] = {}
        self.planned = self.paused = self.cancelled = False
        self.told_limits: dict[str, int] = {}
        """Tokens that the platform takes into its queue, by model, as a refusal told."""
        self.too_much: dict[str, int] = {}
        """Tokens that it did not take, by model, as a refusal proved."""
        self.batch_ids: set[str] = set()
        """All batches that are its."""
        self.extras: dict[str, str] = {}
        """Batches that were made besides those, by id: a sentence on each."""
        self.unlisted = ""
        """Why it is not known whether there are more of these, as a sentence; "" if it is."""
        self.lone_refusals = 0
        """How often in a row it refused a part although nothing else of the campaign was queued."""
        self.merged = ""
        """The file that was merged last, after which nothing came anew."""
        self.merged_file: JSON = {}
        """Its path, size and sha256 as it was merged last, whatever came since."""
        self.told = False
        """Whether the command at the end was run."""
        self.finished: float | None = None
        self._latest: dict[int, Sending] = {}
        for number, record in enumerate(records, 1):
            try:
                self.apply(record)
            except (AttributeError, LookupError, TypeError, ValueError):
                raise CampaignError(
                    f"Record {number:,} of the journal of {self.name or 'a campaign'} is damaged.",
                    "Bring the file back from a copy, or begin another campaign.",
                ) from None

    # What the records amount to.

    @property
    def parts(self) -> list[Sending]:
        """The last generation of each part."""
        return [self._latest[part] for part in sorted(self._latest)]

    def chain(self, part: int) -> list[Sending]:
        """Return all generations of a part."""
        return [self.sendings[part, at] for at in range(self._latest[part].generation + 1)]

    @property
    def generation(self) -> int:
        """The highest generation of any part."""
        return max((sending.generation for sending in self._latest.values()), default=0)

    def count_queued(self, model: str) -> int:
        """Return how many input tokens for a model are in the platform's queue, or may be."""
        return sum(each.tokens for each in self._latest.values() if each.queued and each.model == model)

    def limit(self, model: str, known: int | None) -> int | None:
        """Return how many tokens may be queued: the least of what was asked, is `known` and was learned."""
        proved = self.too_much[model] - 1 if model in self.too_much else None
        told = (self.options.max_queued, known, self.told_limits.get(model), proved)
        return min((each for each in told if each is not None), default=None)

    def has_next(self, sending: Sending) -> bool:
        """Return whether requests of a part, given by its last generation, are to be sent again."""
        last = self.options.rounds.get(str(sending.part), self.options.retry)
        if sending.counts is None or sending.generation >= last or self.cancelled:
            return False
        outcomes = self.outcomes_of(sending.part)
        return any(outcomes[letter] for letter in self.options.letters)

    def outcomes_of(self, part: int) -> Counter[str]:
        """Return how many requests of a part came to which letter at last, as far as it is known."""
        outcomes: Counter[str] = Counter()
        for sending in self.chain(part):
            for letter in sending.letters:  # what came to one of them before is in it
                outcomes.pop(letter, None)
            outcomes += sending.counts or Counter()
        return outcomes

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be sent and nothing to be waited for."""
        return self.planned and all(
            sending.stage is Stage.OVER and not self.has_next(sending) for sending in self._latest.values()
        )

    def may_send(self, sending: Sending, known: int | None) -> bool:
        """Return whether a sending may go to the platform now: nothing holds it, and the queue has room."""
        if self.paused or self.cancelled:
            return False
        limit, queued = self.limit(sending.model, known), self.count_queued(sending.model)
        return sending.queued or limit is None or not queued or queued + sending.tokens <= limit

    def refuse(self, sending: Sending, known: int | None) -> str:
        """Return why a sending can never go to the platform, as a sentence; "" if it can."""
        if sending.queued:
            return ""
        if self.cancelled:
            return "The campaign was cancelled before this was sent."
        # What a refusal told counts only once this one was refused: its tokens are estimated.
        told = self.told_limits.get(sending.model) if sending.attempt > 1 else None
        sure = [each for each in (self.options.max_queued, known, told) if each is not None]
        if sure and sending.tokens > min(sure):
            return (
                f"The queue takes {min(sure):,} input tokens and {sending.name} has about {sending.tokens:,}: "
                f"--max-queued {min(sure)} cuts the input into smaller parts."
            )
        if self.lone_refusals >= MOST_LONE_REFUSALS:
            return (
                f"The platform refused {sending.name} {self.lone_refusals} times for want of room in its queue, "
                "although nothing else of this campaign was queued: something else fills it."
            )
        return ""

    @property
    def has_batches_in_doubt(self) -> bool:
        """Whether the platform may have batches of it that are not known here."""
        return any(each.batch_in_doubt for each in self.sendings.values())

    @property
    def has_uploads_in_doubt(self) -> bool:
        """Whether the platform may have files of it that are not known here."""
        return any(each.upload_in_doubt for each in self.sendings.values())

    @property
    def tally(self) -> Tally:
        """How its requests are."""
        ok = failed = left = 0
        causes: Counter[str] = Counter()
        for part, latest in self._latest.items():
            counts = self.outcomes_of(part)
            if latest.counts is None:
                left += latest.lines
            elif self.has_next(latest):
                for letter in self.options.letters:
                    left += counts.pop(letter, 0)
            ok += counts.pop("o", 0)
            failed += counts.total()
            causes.update({GROUPS.get(letter, letter): count for letter, count in counts.items()})
        return Tally(ok, failed, left, causes)

    @property
    def reasons(self) -> list[str]:
        """Sentences on what went otherwise than it should, the dearest first."""
        told = {each.reason for each in self.sendings.values() if each.reason}
        return [*self.extras.values(), *filter(None, [self.unlisted]), *sorted(told)]

    @property
    def good_by_generation(self) -> list[int]:
        """How many good answers each generation brought."""
        good = [0] * (self.generation + 1)
        for sending in self.sendings.values():
            good[sending.generation] += sending.count("o")
        return good

    @property
    def cost(self) -> Amount | None:
        """What its tokens cost in dollars, with the number of batches of which that is not known; None for all."""
        paid = [each for each in self.sendings.values() if each.read or each.written]
        known = [each.dollars for each in paid if each.dollars is not None]
        return Amount(sum(known), len(paid) - len(known)) if known else None

    @property
    def state(self) -> str:
        """How it is, in a word."""
        if self.is_settled:
            return "cancelled" if self.cancelled else "done"
        if self.cancelled or self.paused:
            return "cancelling" if self.cancelled else "paused"
        return "running" if self.planned else "planning"

    # Taking in the records.

    def apply(self, record: JSON) -> None:
        """Take the next record of the journal."""
        what = record["what"]
        sending = self.sendings.get((record.get("part", 0), record.get("generation", 0)))
        match what:
            case "begin":
                self.name, self.id, self.base_url = record["name"], record["id"], record["base_url"]
                self.began, self.sources = record["at"], record["sources"]
                self.options = _read_options(record["options"])
            case "options":
                self.options = _read_options(record["options"])
                self.merged, self.told, self.finished = "", False, None
            case "plan":  # which is begun anew, as the one before was broken off
                self.sendings, self._latest = {}, {}
            case "part":
                known = {each.name for each in fields(Sending)}
                made = Sending(**{name: value for name, value in record.items() if name in known})
                self.sendings[made.key] = self._latest[made.part] = made
                self.merged, self.told, self.finished = "", False, None
            case "planned":
                self.planned = True
            case "pause" | "resume":
                self.paused = what == "pause"
            case "cancel":
                self.cancelled, self.paused = True, False
            case "merged":
                self.merged, self.merged_file = record["path"], record
            case "extra":
                self.extras[record["batch_id"]] = record["reason"]
                self.finished = None
            case "listed":
                self.unlisted, self.finished = record["reason"], None
            case "told":
                self.told = True
            case "end":
                self.finished = record["at"]
            case _ if sending is not None:
                self._apply_to(sending, record)

    def _apply_to(self, sending: Sending, record: JSON) -> None:
        """Take a record about one sending."""
        match record["what"]:
            case "uploading":
                sending.uploading_since, sending.reason = record["at"], ""
                sending.upload_in_doubt |= record.get("again", False)
            case "uploaded":
                sending.file_id, sending.uploading_since = record["file_id"], None
            case "creating":
                sending.creating_since, sending.beside = record["at"], record["beside"]
                sending.reason = ""
                sending.batch_in_doubt |= record.get("again", False)
            case "refused":  # for now: it is sent again when the campaign is gone on with
                sending.uploading_since = sending.creating_since = None
                sending.reason = record["reason"]
            case "not created":  # as was found out
                sending.creating_since, sending.batch_in_doubt = None, True
            case "created":
                self.batch_ids.add(record["batch_id"])
                sending.batch_id, sending.creating_since = record["batch_id"], None
            case "no room":  # in the queue
                self.lone_refusals = 0 if sending.beside else self.lone_refusals + 1
                model = sending.model
                if record["limit"] is not None:
                    self.told_limits[model] = record["limit"]
                elif sending.beside:
                    self.too_much[model] = min(
                        sending.beside + sending.tokens, self.too_much.get(model, sys.maxsize)
                    )
                sending.batch_id, sending.attempt = "", sending.attempt + 1
            case "ended":
                sending.ended, sending.reason = record["outcome"], record["reason"]
                sending.read, sending.written = record["read"], record["written"]
                if record["outcome"] != "not sent":
                    self.lone_refusals = 0
                sending.dollars = read_number(record.get("dollars"))
                sending.creating_since = sending.uploading_since = None
            case "collected":
                sending.counts = Counter(record["counts"])
                self.merged, self.told, self.finished = "", False, None


def _read_options(told: Mapping[str, Any]) -> Options:
    known = {each.name for each in fields(Options)}
    return Options(**{name: value for name, value in told.items() if name in known})
