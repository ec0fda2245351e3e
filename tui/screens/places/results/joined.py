"""What the results of a batch and those of a campaign have in common, as places."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.api.transfers.local_files import write_whole
from tui.live.lists.collection import Collection
from tui.live.polling.filled import Filled
from tui.resources.batch.answers import OK
from tui.resources.batch.results import RESULTS
from tui.resources.language.cells import short_size
from tui.screens.places.listing.screen import ResourceScreen
from tui.widgets.base.bars import KeyHint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence
    from typing import Protocol

    from tui.live.polling.poller import Health
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.base.freshness import Parts
    from tui.widgets.table.side import Side
    from tui.workflows.batch_results.results import Cause

    class Joined(Protocol):
        """Requests with what became of each."""

        @property
        def outcomes(self) -> Mapping[str, int]:
            """The number of requests with each outcome."""

        @property
        def causes(self) -> Sequence[tuple[Cause, int]]:
            """Why requests have no good answer, with their numbers, the most frequent first."""


_CAUSES = 4  # told above the rows; E has all


class JoinedScreen(ResourceScreen):
    """Lists requests with what became of each, joined from files."""

    BINDINGS = [
        Binding("ctrl+s", "save", "save requests with answers", id="list.save"),
    ]

    rows_resource: ClassVar[Resource[Any]] = RESULTS
    """As what its rows are shown."""
    joined: Joined | None = None
    """The files, joined; None until they are there."""
    waiting = ""
    """What stands where rows would until then."""

    def make_watch(self) -> Filled:
        """Return what holds the rows, filled once the files are joined."""
        platform = self.platform
        return Filled(platform.client, Collection(self.rows_resource, self.location.scope), platform.scheduler)

    @property
    def rows(self) -> Filled:
        """What holds the rows."""
        assert isinstance(self.list_watch, Filled)
        return self.list_watch

    async def retry(self) -> None:
        """Send requests again."""
        raise NotImplementedError

    def read_both(self, id_: str) -> dict[str, Any]:
        """Return request and response of a row. Raises OSError and ApiError."""
        raise NotImplementedError

    def say_nothing_wrong(self) -> str:
        """Return what to say where no row tells of trouble."""
        raise NotImplementedError

    # What the lines say.

    def page(self, side: Side) -> Sequence[Parts]:
        """Return what stands where rows would: how it goes, or why there are none."""
        error = self.list_watch.health.error
        if len(self.list_watch.collection.records):
            return super().page(side)
        if error:
            return [
                [("No results. ", "bad"), (error.sentence, "")],
                [(f"{error.hint} r tries again.".lstrip(), "")],
            ]
        return [[(self.rows_resource.empty, "") if self.joined else (self.waiting, "dim")]]

    def tell_trouble(self, health: Health) -> Parts:
        """Return why what is shown is old, with a space to what follows."""
        told = super().notice(health)
        return [*told, ("   ", "")] if told else []

    def tell_causes(self) -> Parts:
        """Return how many requests have a good answer, and why others have none."""
        assert self.joined is not None
        causes = self.joined.causes
        good = self.joined.outcomes.get(OK, 0)
        parts: Parts = [("ok ", "good"), (f"{good:,}", "strong")]
        for cause, count in causes[:_CAUSES]:
            parts += [(" · ", "dim"), (f"{cause.words} ", ""), (f"{count:,}", "strong")]
        if len(causes) > _CAUSES:
            parts.append((f" · {len(causes) - _CAUSES:,} more causes: E", "dim"))
        return parts

    def keys(self) -> list[KeyHint]:
        """Return the keys to read, narrow and save."""
        joined = self.joined
        return [
            KeyHint("enter", "read", self.record is not None),
            KeyHint("!", "not ok", bool(joined and joined.causes)),
            KeyHint("ctrl+s", "save joined", joined is not None),
        ]

    def find_obstacle(self, action: Action) -> str | None:
        """Return the reason why requests cannot be sent again, nor causes shown, or None."""
        if self.joined is None:
            return "the results are not there yet"
        if not self.joined.causes:
            said = self.say_nothing_wrong().rstrip(".")
            return said[:1].lower() + said[1:]
        return super().find_obstacle(action)

    # Reading requests and answers.

    def read_whole(self, record: Record) -> Record:
        """Return a result with its request and answer, read from the files."""
        if self.joined is None:
            return record
        try:
            more = self.read_both(record.id)
        except OSError as error:
            self.actor.say(f"The files can no longer be read: {error.strerror or error}.", bad=True)
            return record
        except ApiError as error:
            self.actor.say(str(error), bad=True)
            return record
        return self.rows_resource.record({**record.raw, **more})

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

    async def causes(self) -> None:
        """Choose a cause and show its requests."""
        from tui.screens.dialogs.pick import Choice, Pick

        if self.joined is None:
            self.actor.say("The results are not there yet.")
            return
        causes = self.joined.causes
        if not causes:
            self.actor.say(self.say_nothing_wrong())
            return
        filters = {cause.words: cause.filter for cause, _ in causes}
        choices = [Choice(cause.words, f"{count:,}") for cause, count in causes]
        pick = Pick("Why requests have no good answer", choices, verb="show these")
        chosen = await self.app.push_screen_wait(pick)
        if chosen:
            self.filter_by(filters[chosen[0]])

    # Writing files, and choosing a model.

    async def write(self, name: str, chunks: Iterable[bytes], what: str) -> None:
        """Write a file, whole or not at all, and say so. Raises ApiError."""
        path = Path(name)
        self.actor.say(f"Writing {what}…")
        size = await asyncio.to_thread(write_whole, path, chunks)
        self.actor.say(f"Saved {what} ({short_size(size)}) to {path}.")

    async def attempt(self, work: Awaitable[None]) -> None:
        """Say what goes wrong."""
        try:
            await work
        except ApiError as error:
            self.actor.say(str(error), bad=True)
        except OSError as error:
            self.actor.say(f"The files can no longer be read: {error.strerror or error}.", bad=True)

    async def choose_model(self) -> str:
        """Let the user choose a model; "" for none."""
        from tui.resources.models import MODELS
        from tui.screens.forms.pick_object import PickObject

        chosen = await self.app.push_screen_wait(PickObject(self.platform, MODELS, {}))
        return chosen[0] if chosen else ""
