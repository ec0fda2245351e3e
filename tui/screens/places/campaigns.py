"""The list of campaigns: begun, paused, gone on with, cancelled and merged here."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.headless.batches import campaigns, forgetting
from tui.resources.batch.batches import BATCHES
from tui.resources.campaign_results import CAMPAIGN_RESULTS
from tui.resources.language.cells import pluralize, short_size
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.viewer import show_lines
from tui.screens.navigation.history import Location
from tui.screens.places.base import NO_OBJECT
from tui.screens.places.listing.screen import ResourceScreen
from tui.text import fit
from tui.workflows.campaigns.journal import CANCEL, Journal, folder_of
from tui.workflows.campaigns.parts import InputFaults, find_sources
from tui.workflows.campaigns.rows import CampaignWatch
from tui.workflows.campaigns.sending import Options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.polling.watch import Watch
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.actions.actor import Actor
    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.bars import KeyHint

_LOOKS = 2.0  # seconds between looks at the journals
_CRUMB = 20  # cells the campaign takes in the way to its results


class CampaignsScreen(ResourceScreen):
    """Lists the campaigns of this machine."""

    def watch_of(self, account: Account) -> Watch:
        """Return what holds them."""
        return CampaignWatch(account.platform)

    def on_mount(self) -> None:
        """Look at their journals from now on."""
        self.set_interval(_LOOKS, self.look)
        self.call_later(self.look)

    async def look(self) -> None:
        """Show how they are now."""
        if isinstance(self.list_watch, CampaignWatch) and self.is_current:
            await self.list_watch.look()

    def find_objects(
        self, _account: Account, _records: Sequence[Record]
    ) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return none: campaigns are no objects of the platform."""
        return []

    def keys(self) -> list[KeyHint]:
        """Return what enter does."""
        return [super().keys()[0]._replace(label="results")]

    def action_enter(self) -> None:
        """Go to the results of the campaign, over all its parts and generations."""
        if self.record is None:
            self.actor.say(NO_OBJECT)
            return
        trail = ("campaigns", fit(self.record.id, _CRUMB, middle=True).strip())
        scope = {"campaign": self.record.id}
        self.navigator.go(Location(CAMPAIGN_RESULTS, scope, trail=trail, up=self.location))


async def act_on_campaigns(actor: Actor, action: Action, *records: Record) -> None:
    """Do to a campaign what an action is called, or begin one."""
    try:
        if action.name == "new":
            await _begin(actor)
        elif action.name == "batches" and isinstance(actor.app.screen, CampaignsScreen):
            # The list may have rested while the campaign sent some.
            actor.platform.watch(BATCHES).outdate()
            actor.app.screen.navigator.open_resource(BATCHES, f"metadata.campaign={records[0].id}")
        elif records:
            await _act(actor, action.name, records[0].id)
    except ApiError as error:
        actor.say(str(error), bad=True)
    await _look(actor)


async def _look(actor: Actor) -> None:
    """Show how the campaigns are now, where they are shown."""
    if isinstance(actor.app.screen, CampaignsScreen):
        await actor.app.screen.look()


async def _act(actor: Actor, what: str, name: str) -> None:
    """Do to one campaign what an action is called."""
    match what:
        case "run":
            _go_on(actor, name)
            actor.say(f"{name} goes on while this program runs.")
        case "merge":
            await _merge(actor, name)
        case "cancel":
            words = "What is sent is stopped; what is answered is kept and charged."
            question = Confirm("Cancel this campaign?", [(name, "")], words, verb="cancel it")
            if await actor.app.push_screen_wait(question):
                said, stops = campaigns.control(name, CANCEL)
                actor.say(said)
                if stops:
                    _go_on(actor, name)
        case "forget":
            lost = await asyncio.to_thread(forgetting.describe_loss, name)
            things = [(each, "") for each in lost]
            title = f"Forget the campaign {name}? Lost is:"
            if await actor.app.push_screen_wait(Confirm(title, things, "", verb="forget it")):
                await asyncio.to_thread(forgetting.forget, name)
                actor.say(f"{name} is forgotten.")
        case _:
            actor.say(campaigns.control(name, what)[0])


async def _begin(actor: Actor) -> None:
    """Ask for the input and a name, and send. Raises ApiError where it cannot be begun."""
    client, app = actor.platform.client, actor.app
    title = "New campaign"
    ask = Ask(
        "Folder, file or pattern of the requests to send as batches", example="such as parts/*.jsonl", title=title
    )
    named = await app.push_screen_wait(ask)
    if not named:
        return
    sources = await asyncio.to_thread(find_sources, [named])
    name = await app.push_screen_wait(Ask("Name of the campaign", Path(named).stem.strip("*? "), title=title))
    if not name:
        return
    folder_of(name)
    size = sum(source.stat().st_size for source in sources)
    things = [(str(source), "") for source in sources[:20]]
    things += [(f"and {len(sources) - 20:,} more", "")] if len(sources) > 20 else []
    title = f"Send {pluralize(len(sources), 'file')}, {short_size(size)}, as batches?"
    words = "Every line is checked before anything is sent. What fails for now or expires is sent again once."
    if not await app.push_screen_wait(Confirm(title, things, words, verb="send")):
        return
    run_here(actor, campaigns.begin(name, [named], Options(), client.connection.base_url))
    actor.say(f"{name} runs while this program does; `o9s batch run --name {name} --resume` runs it elsewhere.")


def _go_on(actor: Actor, name: str) -> None:
    """Go on with a campaign in the background. Raises ApiError where that cannot be."""
    run_here(actor, campaigns.resume(name, {}, actor.platform.client.connection.base_url))


def run_here(actor: Actor, journal: Journal) -> None:
    """Run a campaign in the background, and tell how it ends."""

    async def run() -> None:
        name = journal.folder.name
        try:
            with journal:
                _, lines = await campaigns.go_on(actor.platform.client, journal, lambda _: None, lambda _: None)
        except InputFaults as error:
            show_lines(actor.app, name, error.faults, error.sentence, wrapped=True)
        except ApiError as error:
            actor.say(f"{name}: {error}", bad=True)
        else:
            await _look(actor)
            actor.say(lines[0])

    actor.app.run_worker(run(), group="campaigns", exit_on_error=False)  # goes on wherever one is in the program


async def _merge(actor: Actor, name: str) -> None:
    """Ask for a file and write all answers into it. Raises ApiError."""
    path = await actor.app.push_screen_wait(Ask("Save all answers to", f"{name}.jsonl"))
    if not path:
        return
    if os.path.lexists(path):
        actor.say(f"{path} exists already and is not overwritten.", bad=True)
        return
    campaign, size = await asyncio.to_thread(campaigns.merge_into, name, Path(path))
    actor.say(f"{pluralize(campaign.tally.total - campaign.tally.left, 'answer')}, {short_size(size)}: {path}")
