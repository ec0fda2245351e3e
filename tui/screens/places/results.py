"""The results of a batch: its requests with what became of each, joined from its files, and sent again."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.api.transfers.local_files import write_whole
from tui.live.lists.collection import Collection
from tui.live.polling.watch import Filled
from tui.resources.batch.answers import OK
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.results import RESULTS
from tui.resources.language.cells import pluralize, short_size
from tui.screens.actions.permissions import find_refusal
from tui.screens.dialogs.transfer import Stopped, run_transfer
from tui.screens.navigation.history import Location
from tui.screens.places.base import PlaceScreen
from tui.screens.places.listing.screen import ResourceScreen
from tui.text import fit, safe_name
from tui.widgets.base.bars import KeyHint
from tui.workflows.batch_results.files import fetch_results
from tui.workflows.overview.attention import name_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from tui.live.polling.poller import Health
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.screens.dialogs.retry import RetryPlan
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts
    from tui.workflows.batch_results.results import Results

_CRUMB = 20  # cells the batch takes in the way here
_CAUSES = 4  # told above the rows; E has all
_MAX_PAIRS = 16  # of metadata


async def open_results(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Open the results of the batch under the cursor; there, do what their actions name."""
    here = next((screen for screen in reversed(actor.app.screen_stack) if isinstance(screen, PlaceScreen)), None)
    if isinstance(here, ResultsScreen):
        await (here.retry() if action.name == "retry" else here.causes())
    if here is None or record is None:
        return
    name = name_of(actor.resource, record, actor.platform.names.of)
    trail = ("batches", fit(name, _CRUMB, middle=True).strip())
    here.navigator.go(Location(RESULTS, {"batch_id": record.id}, trail=trail, up=here.location))


class ResultsScreen(ResourceScreen):
    """Lists the requests of a batch. Its files are kept, privately, as long as the screen is there."""

    BINDINGS = [
        Binding("ctrl+s", "save", "save requests with answers", id="list.save"),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self.results: Results | None = None
        """The files, joined; None until they are there."""
        self._batch: Record | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def make_watch(self) -> Filled:
        """Return what holds the rows, filled once the files are joined."""
        platform = self.navigator.platform
        return Filled(platform.client, Collection(RESULTS, self.location.scope), platform.scheduler)

    def on_mount(self) -> None:
        """Get the files."""
        self._load()

    def on_unmount(self) -> None:
        """Delete the files."""
        if self._folder:
            self._folder.cleanup()

    @property
    def _rows(self) -> Filled:
        assert isinstance(self.list_watch, Filled)
        return self.list_watch

    # Getting them.

    @work(group="results", exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        """Download the files and join them. What is shown stays until that is done."""
        folder = None
        try:
            id_ = self.location.scope["batch_id"]
            batch = await self.platform.get(BATCHES, {}, id_)
            folder = tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True)
            path, client = Path(folder.name), self.platform.client
            results = await run_transfer(
                self.app, f"results of {id_}", None, lambda moved: fetch_results(client, batch.object, path, moved)
            )
        except Stopped:
            if self._folder is None:
                self.navigator.up()
            self.actor.say("Stopped; nothing was kept.")
        except ApiError as error:
            self._rows.fail(error)
        except OSError as error:
            self._rows.fail(ApiError("The results cannot be kept on this disk.", f"{error.strerror or error}."))
        else:
            folder, self._folder = self._folder, folder
            self.results, self._batch = results, batch
            self._rows.fill(results.rows)
        finally:
            if folder:
                folder.cleanup()
            self.say()

    def action_refresh(self) -> None:  # type: ignore[override]  # which is a worker, too
        """Get the files anew."""
        self._load()

    # What the lines say.

    def header(self, health: Health) -> tuple[Parts, Parts]:
        """Return the header; what is read from files is final instead of live."""
        left, right = super().header(health)
        said = {"● live": ("✓ final", "good"), "▲ no answer yet": ("✖ no results", "bad")}
        return left, [said.get(part[0], part) for part in right]

    def page(self) -> Sequence[Parts]:
        """Return what stands where rows would: how it goes, or why there are none."""
        error = self.list_watch.health.error
        if len(self.list_watch.collection.records):
            return super().page()
        if error:
            return [
                [("No results. ", "bad"), (error.sentence, "")],
                [(f"{error.hint} r tries again.".lstrip(), "")],
            ]
        if self.results is None:
            return [[("Getting the files of the batch and joining them…", "dim")]]
        return [[(RESULTS.empty, "")]]

    def notice(self, health: Health) -> Parts:
        """Return why requests have no good answer, and what does not add up."""
        if self.results is None or self._batch is None:
            return super().notice(health)
        causes = self.results.causes
        good = self.results.outcomes.get(OK, 0)
        parts: Parts = [("ok ", "good"), (f"{good:,}", "strong")]
        for cause, count in causes[:_CAUSES]:
            parts += [(" · ", "dim"), (f"{cause.words} ", ""), (f"{count:,}", "strong")]
        if len(causes) > _CAUSES:
            parts.append((f" · {len(causes) - _CAUSES:,} more causes: E", "dim"))
        said = [self.results.describe_mismatch(self._batch.object.counts), *self.results.notes]
        if sentences := " ".join(filter(None, said)):
            parts += [("  ▲ ", "warn"), (sentences, "warn")]
        return [*super().notice(health), *parts]

    def keys(self) -> list[KeyHint]:
        """Return the keys to read, narrow and save."""
        results = self.results
        return [
            KeyHint("enter", "read", self.record is not None),
            KeyHint("!", "not ok", bool(results and results.causes)),
            KeyHint("ctrl+s", "save joined", results is not None),
        ]

    # Reading.

    def read_whole(self, record: Record) -> Record:
        """Return a result with its request and answer, read from the files."""
        if self.results is None:
            return record
        try:
            more = {
                "request": self.results.read_request(record.id),
                "response": self.results.read_answer(record.id),
            }
        except OSError as error:
            self.actor.say(f"The files can no longer be read: {error.strerror or error}.", bad=True)
            return record
        return RESULTS.record({**record.raw, **more})

    def action_enter(self) -> None:
        """Read request and answer over the whole terminal."""
        if self.record:
            self.put_detail("instead")
            self._read()

    def action_full(self) -> None:
        """Read request and answer over the whole terminal."""
        self.action_enter()

    @work(group="read", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        await self.show_detail()

    def action_attention(self) -> None:
        """Show only what has no good answer, or everything."""
        self.filter_by("" if self.location.filter else f"outcome:!{OK}")

    @staticmethod
    def _nothing_wrong(results: Results) -> str:
        """Return what to say where no row tells of trouble: there may be no rows."""
        if results.unreadable:
            return "Its files hold lines that cannot be read, so it is not known what became of all requests."
        return "Every request was answered." if results.rows else "Its files hold no request and no answer."

    async def causes(self) -> None:
        """Choose a cause and show its requests."""
        from tui.screens.dialogs.pick import Choice, Pick

        if self.results is None:
            self.actor.say("The results are not there yet.")
            return
        causes = self.results.causes
        if not causes:
            self.actor.say(self._nothing_wrong(self.results))
            return
        filters = {cause.words: cause.filter for cause, _ in causes}
        choices = [Choice(cause.words, f"{count:,}") for cause, count in causes]
        chosen = await self.app.push_screen_wait(Pick("Why requests have no good answer", choices))
        if chosen:
            self.filter_by(filters[chosen[0]])

    # Making something of them.

    @property
    def _file_stem(self) -> str:
        """The beginning of the names of files of this batch."""
        return safe_name(self.location.scope["batch_id"], "")

    def _ids_shown(self) -> Sequence[str]:
        """Return the ids of the marked rows, else of those shown."""
        return [id_ for id_ in self.list_watch.collection.order if id_ in self.view.marks] or list(self.view.ids)

    async def _write(self, name: str, chunks: Iterable[bytes], what: str) -> None:
        """Write a file, whole or not at all, and say so. Raises ApiError."""
        path = Path(name)
        self.actor.say(f"Writing {what}…")
        size = await asyncio.to_thread(write_whole, path, chunks)
        self.actor.say(f"Saved {what} ({short_size(size)}) to {path}.")

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write each request shown with its answer."""
        from tui.screens.dialogs.ask import Ask

        if self.results is None:
            return
        question = "Save requests with answers to (.jsonl, .csv)"
        name = await self.app.push_screen_wait(Ask(question, f"{self._file_stem}.joined.jsonl"))
        if not name:
            return
        ids = self._ids_shown()
        form = self.results.csv_lines if name.lower().endswith(".csv") else self.results.joined_lines
        await self._try(self._write(name, form(ids), pluralize(len(ids), "result")))

    async def _try(self, work: Awaitable[None]) -> None:
        """Say what goes wrong."""
        try:
            await work
        except ApiError as error:
            self.actor.say(str(error), bad=True)
        except OSError as error:
            self.actor.say(f"The files can no longer be read: {error.strerror or error}.", bad=True)

    async def retry(self) -> None:
        """Send requests again that went wrong, or that are marked: as a new batch, or from a file later."""
        from tui.screens.dialogs.ask import Ask
        from tui.screens.dialogs.retry import Retry

        results, create = self.results, BATCHES.action("create")
        if results is None or create is None:
            self.actor.say("The results are not there yet.")
            return
        if not results.has_requests:
            self.actor.say("Cannot send them again: the input file is gone, and the requests with it.", bad=True)
            return
        marked = results.keep_repeatable(id_ for id_ in self.list_watch.collection.order if id_ in self.view.marks)
        if not marked and not results.causes:
            again = "Mark rows with space to send those again." if results.rows else ""
            self.actor.say(f"{self._nothing_wrong(results)} {again}".rstrip(), bad=not results.rows)
            return
        refused = find_refusal(create, None, self.platform) or ""
        plan = await self.app.push_screen_wait(Retry(results, marked, self._choose_model, refused=refused))
        if plan is None:
            return
        name = f"{self._file_stem}.retry.jsonl"
        if plan.create:
            await self._try(self._create(create, name, plan))
        elif asked := await self.app.push_screen_wait(Ask("Write the requests to", name)):
            await self._try(
                self._write(
                    asked, results.request_lines(plan.ids, plan.model), pluralize(len(plan.ids), "request")
                )
            )

    async def _choose_model(self) -> str:
        """Let the user choose a model; "" for none."""
        from tui.resources.models import MODELS
        from tui.screens.forms.pick_object import PickObject

        chosen = await self.app.push_screen_wait(PickObject(self.platform, MODELS, {}))
        return chosen[0] if chosen else ""

    async def _create(self, create: Action, name: str, plan: RetryPlan) -> None:
        """Open the form of a new batch, filled in; it checks and uploads the file. Raises ApiError."""
        from tui.screens.forms.form import Form

        assert self.results is not None and self._folder and self._batch
        file = Path(tempfile.mkdtemp(dir=self._folder.name)) / name
        await asyncio.to_thread(write_whole, file, self.results.request_lines(plan.ids, plan.model))
        metadata = dict(self._batch.object.metadata or {})
        if len(metadata) < _MAX_PAIRS:
            metadata["retry_of"] = self._batch.id
        start = {"input_file_id": str(file), "endpoint": self._batch.object.endpoint, "metadata": metadata}
        answer = await self.app.push_screen_wait(Form(self.platform, BATCHES, {}, create, start=start))
        if answer:
            self.actor.say(f"Created batch {answer.get('id')}.")
            self.navigator.go(Location(BATCHES, cursor=str(answer.get("id") or "")))
