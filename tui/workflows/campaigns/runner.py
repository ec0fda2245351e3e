"""Running a campaign: its parts are cut, sent as the queue allows, waited for, collected and sent again.

Everything is noted in the journal before it is done and once it is, so that whoever goes on after a crash knows
what may have been done. What is noted alone decides what comes next (`campaign.Campaign`).
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import (
    ApiError,
    BadAnswer,
    Conflict,
    Invalid,
    LinkError,
    NotDone,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    ServerError,
)
from tui.api.retries import backoff
from tui.live.bill import fetch_line_items
from tui.resources.language.cells import duration, short_size
from tui.resources.language.prices import LineItem, find_prices
from tui.workflows.campaigns.answers.collector import Collector
from tui.workflows.campaigns.answers.generations import write_generation
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.doubts import Doubts
from tui.workflows.campaigns.journal import CANCEL, PAUSE, RESUME, CampaignError, Journal
from tui.workflows.campaigns.parts import Cutter, digest_of, find_sources
from tui.workflows.campaigns.patience import Patience
from tui.workflows.campaigns.progress import Progress
from tui.workflows.campaigns.sender import LATE, Sender, has_no_room, read_told_limit
from tui.workflows.campaigns.sending import CANCELLED, LOST, NOT_SENT, Sending, Stage
from tui.workflows.campaigns.tokens import choose_rule, describe_parts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui.api.client import Client
    from tui.resources.batch.outcomes import Batch

    Hear = Callable[[str], None]

LOOKS = (5.0, 60.0)  # seconds between looks at running batches: at first, and after many without news
ROOM = (60.0, 900.0)  # seconds before a part that found no room in the queue is sent again: at first, at the most
_GROWTH = 1.3
_STEP = 1.0  # seconds between looks at what other programs ask
_GONE = 3  # times a batch must not be found to be gone
_HEARD = {
    PAUSE: "Paused: nothing more is sent; what runs goes on.",
    RESUME: "Resumed.",
    CANCEL: "Cancelled: nothing more is sent, and what runs is stopped.",
}


class Runner:
    """Runs a campaign to its end. `on_progress` hears how far it is, `on_note` what is to stay on the screen."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        *,
        on_progress: Hear,
        on_note: Hear,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.campaign = Campaign(journal.records)
        self.limits: dict[str, int] = {}
        """Input tokens that the project's queue takes, by model, where that can be known."""
        self._client, self._journal, self._folder = client, journal, journal.folder
        self._on_progress, self._on_note, self._clock = on_progress, on_note, clock
        self._rule = choose_rule(client.connection.base_url)
        self._sender = Sender(client, self.campaign, self._folder, clock)
        self._patience = Patience(on_progress, on_note)
        self._collector = Collector(client, self._sender, self._folder, self._patience, on_progress)
        self._doubts = Doubts(self.campaign, self._sender, self._patience, self._note, on_note)
        self._bill: list[LineItem] = []
        self._batches: dict[str, Batch] = {}  # as they were seen last
        self._missed: dict[str, int] = {}  # how often in a row each was not found
        self._cancelled: set[str] = set()  # batches that were cancelled from here
        self._held: dict[tuple[int, int], float] = {}  # until when a sending waits for room (monotonic)
        self._looks, self._look_at = 0, 0.0
        self._progress = Progress(self.campaign, self.limits, self._folder, on_progress, clock)

    async def run(self) -> None:
        """Go on until all parts are settled. Raises ApiError where it cannot go on; it can be continued then."""
        self.limits.update(await self._sender.read_limits())
        self._bill = await self._read_bill()
        if not self.campaign.planned:
            await self._plan()
        while not self.campaign.is_settled:
            self._hear_control()
            await self._look()
            moved = False
            for latest in self.campaign.parts:
                moved |= await self._advance(latest)
                self._progress.tell(self._batches)
            if not moved and not self.campaign.is_settled:
                await self._sleep()
        await self._doubts.settle_all()
        self._on_progress("")

    async def _read_bill(self) -> list[LineItem]:
        """Return the lines of the organization's bill, which tell what tokens cost; none without an admin key."""
        try:
            return await fetch_line_items(self._client, self._clock() + self._client.skew)
        except ApiError:
            return []

    def _note(self, what: str, **told: Any) -> None:
        self.campaign.apply(self._journal.append(what, **told))

    def _note_of(self, sending: Sending, what: str, **told: Any) -> None:
        self._note(what, part=sending.part, generation=sending.generation, **told)

    # The parts.

    async def _plan(self) -> None:
        """Cut the input into parts. What an earlier try left is written over. Raises CampaignError."""
        campaign = self.campaign
        sources = find_sources(campaign.sources)
        stem = f"{campaign.name}-{campaign.id}"
        cutter = Cutter(self._folder, stem, self._limit_for_cutting, self._on_progress, self._rule)
        try:
            await asyncio.to_thread(cutter.cut, sources)
        except asyncio.CancelledError:
            cutter.stopped = True
            raise
        self._note("plan")
        for part in cutter.parts:
            self._note("part", **part)
        self._note("planned", parts=len(cutter.parts))
        self._on_note(describe_parts(cutter.parts, self._rule, self._bill))

    def _limit_for_cutting(self, model: str) -> int | None:
        told = (self.campaign.options.max_queued, self.limits.get(model))
        return min((each for each in told if each is not None), default=None)

    async def _prepare(self, before: Sending) -> None:
        """Write the file of the next generation of a part. Raises LocalFileError."""
        stem = f"{self.campaign.name}-{self.campaign.id}"
        chain = self.campaign.chain(before.part)
        options = self.campaign.options
        made = await asyncio.to_thread(write_generation, chain, self._folder, stem, options, self._rule)
        self._note("part", **made)

    # The next step of each part.

    async def _advance(self, sending: Sending) -> bool:
        """Do what comes next for a part. Returns whether something was done. Raises ApiError."""
        known = self.limits.get(sending.model)
        match sending.stage:
            case Stage.OVER if self.campaign.has_next(sending):
                await self._prepare(sending)
            case Stage.COLLECT:
                await self._collect(sending)
            case Stage.WAIT if self.campaign.cancelled and sending.batch_id not in self._cancelled:
                await self._patience.until_done(lambda: self._sender.cancel(sending.batch_id))
                self._cancelled.add(sending.batch_id)
                self._look_at = 0.0
            case Stage.UPLOAD | Stage.CREATE if reason := self.campaign.refuse(sending, known):
                self._end(sending, CANCELLED if self.campaign.cancelled else NOT_SENT, reason)
            case Stage.CREATE if sending.queued and (self.campaign.paused or self.campaign.cancelled):
                await self._find_created(sending)
            case Stage.UPLOAD | Stage.CREATE if self.campaign.may_send(sending, known) and self._has_waited(
                sending
            ):
                await (self._upload(sending) if sending.stage is Stage.UPLOAD else self._create(sending))
            case _:
                return False
        return True

    def _has_waited(self, sending: Sending) -> bool:
        """Return whether a part that found no room in the queue has waited, or something has left it since."""
        until = self._held.get(sending.key, 0.0)
        left = sending.beside and self.campaign.count_queued(sending.model) < sending.beside
        return bool(left) or time.monotonic() >= until

    async def _upload(self, sending: Sending) -> None:
        """Upload the file of a sending, once, if it is as it was written. Raises ApiError."""
        path = self._folder / sending.file
        if await asyncio.to_thread(digest_of, path) != sending.sha256:
            raise CampaignError(
                f"{path} is not what was written there.", "Something else changed it. Begin another campaign."
            )

        def tell(done: int, total: int | None) -> None:
            self._on_progress(
                f"{sending.name}: uploading {short_size(done)} of {short_size(total or sending.size)}"
            )

        file_id = await self._send_once(
            sending,
            sending.uploading_since,
            lambda again: self._note_of(sending, "uploading", again=again),
            lambda: self._sender.upload(sending, tell),
            lambda since: self._sender.find_upload(sending, since),
        )
        if file_id:
            self._note_of(sending, "uploaded", file_id=file_id)

    async def _create(self, sending: Sending) -> None:
        await self._doubts.settle_batches()
        if sending.stage is not Stage.CREATE:
            return
        beside = self.campaign.count_queued(sending.model) - (sending.tokens if sending.queued else 0)
        batch_id = await self._send_once(
            sending,
            sending.creating_since,
            lambda again: self._note_of(sending, "creating", attempt=sending.attempt, beside=beside, again=again),
            lambda: self._sender.create(sending),
            lambda since: self._sender.find_batch(sending, since),
        )
        if batch_id:
            self._note_of(sending, "created", batch_id=batch_id)
            self._looks, self._look_at = 0, min(self._look_at, time.monotonic() + LOOKS[0])

    async def _find_created(self, sending: Sending) -> None:
        """Find out whether a batch was created, without creating it."""
        since = sending.creating_since or 0.0
        found = await self._patience.until_done(lambda: self._sender.find_batch(sending, since))
        self._note_of(
            sending, *(["created"] if found else ["not created"]), **({"batch_id": found} if found else {})
        )

    async def _send_once(
        self,
        sending: Sending,
        since: float | None,
        announce: Callable[[bool], None],
        send: Callable[[], Awaitable[str]],
        find: Callable[[float], Awaitable[str]],
    ) -> str:
        """Send something that must not be sent twice, and return its id; "" where the platform refuses it.

        `since` is when it may have been sent already; `announce` hears whether it was. Raises ApiError where it
        cannot be sent.
        """
        while True:
            if since is not None:
                self._on_progress(f"{sending.name}: looking for what may have been sent, for {duration(LATE)}")
                if found := await self._patience.until_done(partial(find, since)):
                    return found
            announce(since is not None)
            since = None
            try:
                made = await send()
            except RateLimited as error:
                await self._patience.wait(error)
            except (OutcomeUnknown, ServerError, LinkError, BadAnswer) as error:
                since = self._clock()
                await self._patience.wait(error)
            except (Invalid, NotDone, NotFound, Conflict) as error:
                self._end(sending, NOT_SENT, str(error))
                return ""
            except ApiError as error:  # such as 403: nothing was made, and nothing else can be either
                self._note_of(sending, "refused", reason=str(error))
                raise
            else:
                self._patience.succeed()
                return made

    def _end(
        self,
        sending: Sending,
        outcome: str,
        reason: str,
        *,
        read: int = 0,
        written: int = 0,
        dollars: str | None = None,
    ) -> None:
        if reason:
            self._on_note(f"{sending.name}: {reason}")
        self._note_of(
            sending, "ended", outcome=outcome, reason=reason, read=read, written=written, dollars=dollars
        )

    # The batches.

    async def _look(self) -> None:
        """Look at the running batches, if it is time to. Raises ApiError."""
        waiting = {sending.batch_id: sending for sending in self.campaign.parts if sending.stage is Stage.WAIT}
        if not waiting or time.monotonic() < self._look_at:
            return
        found = await self._patience.until_done(lambda: self._sender.read_batches(waiting))
        news = False
        for id_, batch in found.items():
            news |= self._see(waiting[id_], batch)
        self._looks = 0 if news else self._looks + 1
        self._look_at = time.monotonic() + backoff(self._looks, LOOKS[1], first=LOOKS[0], growth=_GROWTH)
        self._progress.keep(self._batches)

    def _see(self, sending: Sending, batch: Batch | None) -> bool:
        """Note how a batch is. Returns whether that is news."""
        if batch is None:
            self._missed[sending.batch_id] = missed = self._missed.get(sending.batch_id, 0) + 1
            if missed >= _GONE:
                self._end(sending, LOST, f"Its batch {sending.batch_id} is gone.")
            return missed >= _GONE
        self._missed.pop(sending.batch_id, None)
        before = self._batches.get(sending.batch_id)
        self._batches[sending.batch_id] = batch
        if batch.running:
            return before is None or before.counts != batch.counts
        if has_no_room(batch):
            self._hold(sending, read_told_limit(batch))
            return True
        usage = batch.usage
        spent = (usage.tokens_in or 0, usage.cached, usage.tokens_out or 0) if usage else (0, 0, 0)
        cost = find_prices(self._bill, sending.model).cost(*spent)
        refused = batch.reason if batch.outcome == "invalid" else ""
        self._end(
            sending,
            batch.outcome,
            f"It was refused: {refused or 'no reason is given'}." if batch.outcome == "invalid" else "",
            read=spent[0],
            written=spent[2],
            dollars=f"{cost[0]:f}" if cost else None,
        )
        return True

    def _hold(self, sending: Sending, limit: int | None) -> None:
        """Have a part wait that found no room in the queue."""
        pause = backoff(sending.attempt, ROOM[1], first=ROOM[0])
        self._on_note(
            f"{sending.name} found no room in the queue{f' of {limit:,} input tokens' if limit else ''}; "
            f"it is sent again once others are done, or in {duration(pause)}."
        )
        self._held[sending.key] = time.monotonic() + pause
        self._note_of(sending, "no room", limit=limit)

    async def _collect(self, sending: Sending) -> None:
        """Download the answers to a part, and write them down. Raises ApiError."""
        collected = await self._collector.collect(sending, self._batches.get(sending.batch_id))
        for note in collected.notes:
            self._on_note(f"{sending.name}: {note}")
        self._batches.pop(sending.batch_id, None)
        self._note_of(sending, "collected", counts=dict(collected.counts), notes=collected.notes)

    # What is told, and what is asked.

    def _hear_control(self) -> None:
        """Do what another program asks: pause, resume or cancel."""
        asked = self._journal.take_control()
        campaign = self.campaign
        if asked and not campaign.cancelled and (asked == CANCEL or (asked == PAUSE) != campaign.paused):
            self._note(asked)
            self._on_note(_HEARD[asked])

    async def _sleep(self) -> None:
        """Wait until it is time to look again, or another program asks something."""
        now = time.monotonic()
        waiting = any(sending.stage is Stage.WAIT for sending in self.campaign.parts)
        due = [at for at in (self._look_at if waiting else 0.0, *self._held.values()) if at > now]
        end = min(due, default=now + LOOKS[0])
        while (left := end - time.monotonic()) > 0 and not self._journal.is_asked:
            self._progress.tell(self._batches)
            await asyncio.sleep(min(left, _STEP))
