"""The results of a batch: its requests with what became of each, joined from its files, and sent again."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work

from tui.api.errors import ApiError
from tui.api.transfers.local_files import write_whole
from tui.live.combined.rows import make_key
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.results import RESULTS
from tui.resources.language.cells import pluralize
from tui.screens.actions.permissions import find_refusal
from tui.screens.dialogs.transfer import Stopped, run_transfer
from tui.screens.navigation.history import Location
from tui.screens.places.base import PlaceScreen
from tui.screens.places.results.joined import JoinedScreen
from tui.text import fit, safe_name
from tui.workflows.batch_results.files import fetch_results
from tui.workflows.overview.attention import name_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from tui.live.polling.poller import Health
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts
    from tui.workflows.batch_results.results import Results

_CRUMB = 20  # cells the batch takes in the way here
_MAX_PAIRS = 16  # of metadata


async def open_results(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Open the results of the batch under the cursor; there, do what their actions name."""
    here = next((screen for screen in reversed(actor.app.screen_stack) if isinstance(screen, PlaceScreen)), None)
    if isinstance(here, JoinedScreen):
        await (here.retry() if action.name == "retry" else here.causes())
    if here is None or record is None:
        return
    name = name_of(actor.resource, record, actor.platform.names.of)
    trail = ("batches", fit(name, _CRUMB, middle=True).strip())
    scope, owner = {"batch_id": record.id}, actor.platform.account
    here.navigator.go(Location(RESULTS, scope, trail=trail, up=here.location, account=owner))


class ResultsScreen(JoinedScreen):
    """Lists the requests of a batch. Its files are kept, privately, as long as the screen is there."""

    waiting = "Getting the files of the batch and joining them…"

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self.results: Results | None = None
        self._batch: Record | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def on_mount(self) -> None:
        """Get the files."""
        self._load()

    def on_unmount(self) -> None:
        """Delete the files."""
        if self._folder:
            self._folder.cleanup()

    # Downloading and joining the files.

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
            self.rows.fail(error)
        except OSError as error:
            self.rows.fail(ApiError("The results cannot be kept on this disk.", f"{error.strerror or error}."))
        else:
            folder, self._folder = self._folder, folder
            self.results = self.joined = results
            self._batch = batch
            self.rows.fill(results.rows)
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

    def notice(self, health: Health) -> Parts:
        """Return why requests have no good answer, and what does not add up."""
        if self.results is None or self._batch is None:
            return super().notice(health)
        parts = self.tell_causes()
        said = [self.results.describe_mismatch(self._batch.object.counts), *self.results.notes]
        if sentences := " ".join(filter(None, said)):
            parts += [("  ▲ ", "warn"), (sentences, "warn")]
        return [*self.tell_trouble(health), *parts]

    def find_obstacle(self, action: Action) -> str | None:
        """Return the reason why an action cannot be done now, or None: what is marked can be sent again."""
        return None if action.name == "retry" and self.view.marks else super().find_obstacle(action)

    def read_both(self, id_: str) -> dict[str, Any]:
        """Return request and response of a row. Raises OSError."""
        assert self.results is not None
        return {"request": self.results.read_request(id_), "response": self.results.read_answer(id_)}

    def say_nothing_wrong(self) -> str:
        """Return what to say where no row tells of trouble: there may be no rows."""
        assert self.results is not None
        if self.results.unreadable:
            return "Its files hold lines that cannot be read, so it is not known what became of all requests."
        return "Every request was answered." if self.results.rows else "Its files hold no request and no answer."

    # Saving, and sending again.

    @property
    def file_stem(self) -> str:
        """The beginning of the names of files of this batch."""
        return safe_name(self.location.scope["batch_id"], "")

    def _ids_shown(self) -> Sequence[str]:
        """Return the ids of the marked rows, else of those shown."""
        return [id_ for id_ in self.list_watch.collection.order if id_ in self.view.marks] or list(self.view.ids)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write each request shown with its answer."""
        from tui.screens.dialogs.ask import Ask

        if self.results is None:
            return
        question = "Save requests with answers to (.jsonl, .csv)"
        name = await self.app.push_screen_wait(Ask(question, f"{self.file_stem}.joined.jsonl"))
        if not name:
            return
        ids = self._ids_shown()
        form = self.results.csv_lines if name.lower().endswith(".csv") else self.results.joined_lines
        await self.attempt(self.write(name, form(ids), pluralize(len(ids), "result")))

    async def retry(self) -> None:
        """Send requests again that went wrong, or that are marked: as a new batch, or from a file later."""
        from tui.screens.dialogs.ask import Ask
        from tui.screens.dialogs.retry import MARKED, Retry

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
            self.actor.say(f"{self.say_nothing_wrong()} {again}".rstrip(), bad=not results.rows)
            return
        refused = find_refusal(create, None, self.platform) or ""
        groups = {**results.group_for_retry(), **({MARKED: marked} if marked else {})}

        def ids_of(names: Container[str]) -> list[str]:
            return [id_ for name, ids in groups.items() if name in names for id_ in ids]

        plan = await self.app.push_screen_wait(
            Retry(
                {name: len(ids) for name, ids in groups.items() if name != MARKED},
                self.choose_model,
                marked=len(marked),
                size_of=lambda names: results.count_request_bytes(ids_of(names)),
                refused=refused,
            )
        )
        if plan is None:
            return
        ids, name = ids_of(plan.groups), f"{self.file_stem}.retry.jsonl"
        lines = results.request_lines(ids, plan.changes)
        if plan.now:
            await self.attempt(self._create(create, name, lines))
        elif asked := await self.app.push_screen_wait(Ask("Write the requests to", name)):
            await self.attempt(self.write(asked, lines, pluralize(len(ids), "request")))

    async def _create(self, create: Action, name: str, lines: Iterable[bytes]) -> None:
        """Open the form of a new batch, filled in; it checks and uploads the file. Raises ApiError."""
        from tui.screens.forms.form import Form

        assert self._folder and self._batch
        file = Path(tempfile.mkdtemp(dir=self._folder.name)) / name
        await asyncio.to_thread(write_whole, file, lines)
        metadata = self._batch.object.metadata_for_another
        if len(metadata) < _MAX_PAIRS:
            metadata["retry_of"] = self._batch.id
        start = {"input_file_id": str(file), "endpoint": self._batch.object.endpoint, "metadata": metadata}
        answer = await self.app.push_screen_wait(Form(self.platform, BATCHES, {}, create, start=start))
        if answer:
            self.actor.say(f"Created batch {answer.get('id')}.")
            made, owner = str(answer.get("id") or ""), self.platform.account
            self.navigator.go(Location(BATCHES, cursor=make_key(owner, made) if owner else made))
