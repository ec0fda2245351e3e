"""The results of a campaign: all its requests with what became of each at last, and sent again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work

from tui.api.errors import ApiError, LocalFileError
from tui.headless.batches import campaigns
from tui.resources.campaign_results import CAMPAIGN_RESULTS
from tui.resources.language.cells import pluralize
from tui.screens.places.results.joined import JoinedScreen
from tui.workflows.campaigns.answers.results import CampaignResults
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.journal import find_holder, folder_of, read_records, stamp_of
from tui.workflows.campaigns.sending import LETTERS, WORTH_IT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.live.polling.poller import Health
    from tui.widgets.base.freshness import Parts

    Test = Callable[[dict[str, Any]], bool]

_READING = "results"  # the workers that read the answers
_LOOKS = 2.0  # seconds between looks at the journal
_PAUSE = 0.3  # seconds after a key in a filter before all requests are looked through


class CampaignResultsScreen(JoinedScreen):
    """Lists the requests of a campaign, read from its folder and read anew when more is answered."""

    rows_resource = CAMPAIGN_RESULTS
    waiting = "Reading the answers…"

    _results: CampaignResults | None = None
    _sought = ""  # the filter that the rows were looked for with
    _stamp: tuple[int, ...] = ()

    @property
    def campaign_name(self) -> str:
        """The campaign whose results these are."""
        return self.location.scope["campaign"]

    @property
    def campaign_folder(self) -> Path:
        """Where its files are."""
        return folder_of(self.campaign_name)

    def on_mount(self) -> None:
        """Read them, and look at the journal from now on."""
        self._load()
        self.set_interval(_LOOKS, self._look)

    # Reading the answers.

    def _look(self) -> None:
        """Read them anew once more is answered, unless they are read right now, or soon with another filter."""
        mine = (each for each in self.workers if each.node is self and each.group == _READING)
        if self.is_current and all(each.is_finished for each in mine):
            self._load(if_changed=True)

    @work(group=_READING, exclusive=True, exit_on_error=False)
    async def _load(self, *, if_changed: bool = False, pause: float = 0.0) -> None:
        """Read the answers. What is shown stays until that is done."""
        stopped = False
        try:
            await asyncio.sleep(pause)
            stamp = await asyncio.to_thread(stamp_of, self.campaign_folder)
            if if_changed and stamp == self._stamp:
                return
            self._stamp = stamp
            campaign = Campaign(await asyncio.to_thread(read_records, self.campaign_folder))
            if if_changed and self._results and _collected(campaign) == _collected(self._results.campaign):
                self._results.campaign = campaign
                return
            results = CampaignResults(campaign, self.campaign_folder)
            await asyncio.to_thread(results.read, None, lambda: stopped)
            sought = self.location.filter if results.is_cut else ""
            if sought:
                await asyncio.to_thread(results.read, self._test(), lambda: stopped)
        except ApiError as error:
            self.rows.fail(error)
        except OSError as error:
            self.rows.fail(LocalFileError.of(error, self.campaign_folder))
        else:
            self._results = self.joined = results
            self._sought = sought
            self.rows.fill(results.rows)
        finally:
            stopped = True
            self.say()

    def _test(self) -> Test:
        """Return what tells whether a row passes the filter."""
        fields = (*CAMPAIGN_RESULTS.model.model_fields,)
        view = self.view
        tests = view.query.bind(CAMPAIGN_RESULTS.columns, view.context_of, self.platform.now, fields)

        def passes(row: dict[str, Any]) -> bool:
            record = CAMPAIGN_RESULTS.record(row)
            return all(test(record) for test in tests)

        return passes

    def filter_by(self, text: str) -> bool:
        """Filter by `text`, among all requests where not all are here. Returns whether there is no fault in it."""
        good = super().filter_by(text)
        has_all = self._results is None or not (self._results.is_cut or self._sought)
        if good and not has_all and self.location.filter != self._sought:
            self._load(pause=_PAUSE)
        return good

    def action_refresh(self) -> None:  # type: ignore[override]  # which is a worker, too
        """Read the answers anew."""
        self._load()

    def action_load_all(self) -> None:  # type: ignore[override]  # which is a worker, too
        """Say that all are here, or that no more can be."""
        if self._results and self._results.is_cut:
            self.actor.say(f"No more than {len(self._results.rows):,} are held at once; / looks through all.")
        else:
            super().action_load_all()

    # What the lines say.

    def header(self, health: Health) -> tuple[Parts, Parts]:
        """Return the header; what is over is final."""
        left, right = super().header(health)
        over = self._results is not None and self._results.campaign.is_settled
        return left, [("✓ final", "good") if over and part[0] == "● live" else part for part in right]

    def notice(self, health: Health) -> Parts:
        """Return what each generation brought, what is left, and why requests have no good answer."""
        results = self._results
        if results is None:
            return super().notice(health)
        tally = results.campaign.tally
        parts: Parts = [("generation ", "dim")]
        for at, good in enumerate(results.campaign.good_by_generation):
            parts += [(f"{' · ' if at else ''}{at}: ", "dim"), (f"{good:,}", "strong")]
        parts += [(" · left ", "dim"), (f"{tally.total - tally.ok:,}", "strong"), ("   ", "")]
        parts += self.tell_causes()
        if results.is_cut:
            shown = f"the first {len(results.rows):,} of {results.found:,} are shown"
            first = "" if self._sought else ", those without a good answer before others"
            parts += [("  ▲ ", "warn"), (f"{shown}{first}; / looks through all.", "warn")]
        return [*self.tell_trouble(health), *parts]

    def read_both(self, id_: str) -> dict[str, Any]:
        """Return request and response of a row. Raises OSError and ApiError."""
        assert self._results is not None
        line = self._results.read_line(id_)
        answer = {name: line.get(name) for name in ("custom_id", "response", "error")}
        return {"request": line.get("request"), "response": answer}

    def say_nothing_wrong(self) -> str:
        """Return what to say where no row tells of trouble."""
        return "Every request was answered." if self._results and self._results.total else CAMPAIGN_RESULTS.empty

    # Saving, and sending again.

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write each request shown with its answer, or all that pass the filter where not all are here."""
        from tui.screens.dialogs.ask import Ask

        results = self._results
        if results is None:
            return
        question = "Save requests with answers to (.jsonl, .csv)"
        name = await self.app.push_screen_wait(Ask(question, f"{self.campaign_name}.joined.jsonl"))
        if not name:
            return
        marks = frozenset(self.view.marks)
        test: Test | None = self._test() if self.location.filter else None
        count = results.found if results.is_cut else len(self.view)
        if marks:
            test, count = (lambda row: row["id"] in marks), len(marks)
        lines = results.lines(test, as_csv=name.lower().endswith(".csv"))
        await self.attempt(self.write(name, lines, pluralize(count, "result")))

    async def retry(self) -> None:
        """Send requests again that went wrong, as the next generation, or write them to a file."""
        from tui.screens.dialogs.ask import Ask
        from tui.screens.dialogs.retry import Retry

        if self._results is None:
            self.actor.say("The results are not there yet.")
            return
        groups = self._results.count_by_group()
        if not groups:
            self.actor.say(self.say_nothing_wrong())
            return
        refused = await asyncio.to_thread(self._find_refusal)
        plan = await self.app.push_screen_wait(
            Retry(groups, self.choose_model, makes="next generation", refused=refused)
        )
        if plan is None:
            return
        letters = "".join(LETTERS[group] for group in groups if group in plan.groups)
        if plan.now:
            await self.attempt(self._send_again(letters, dict(plan.changes)))
        elif asked := await self.app.push_screen_wait(
            Ask("Write the requests to", f"{self.campaign_name}.retry.jsonl")
        ):
            count = sum(groups[group] for group in plan.groups)
            lines = self._results.requests(letters, plan.changes)
            await self.attempt(self.write(asked, lines, pluralize(count, "request")))

    def _find_refusal(self) -> str:
        """Return why nothing can be sent again now; "" if it can."""
        assert self._results is not None
        if self.platform.client.read_only:
            return self.platform.client.why_read_only
        if self._results.campaign.cancelled:
            return "the campaign was cancelled"
        holder = find_holder(self.campaign_folder)
        return f"{holder} runs the campaign" if holder else ""

    async def _send_again(self, letters: str, changes: dict[str, Any]) -> None:
        """Go on with the campaign, with one generation more of each part. Raises ApiError."""
        from tui.screens.places.campaigns import run_here

        worth = "".join(letter for letter in letters if letter in WORTH_IT)
        also = "".join(letter for letter in letters if letter not in WORTH_IT)
        assert self._results is not None
        rounds = {str(each.part): each.generation + 1 for each in self._results.campaign.parts}
        options: dict[str, Any] = {"rounds": rounds, "worth": worth, "also": also}
        base_url = self.platform.client.connection.base_url
        journal = campaigns.resume(
            self.campaign_name, {**options, **({"changes": changes} if changes else {})}, base_url
        )
        run_here(self.actor, journal)
        self.actor.say(f"The next generation of {self.campaign_name} is sent while this program runs.")


def _collected(campaign: Campaign) -> int:
    return sum(each.counts is not None for each in campaign.sendings.values())
