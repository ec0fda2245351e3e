"""Saving what a list shows to a file, or all there is once it is loaded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.export import save
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from textual.app import App

    from tui.live.lists.view import View
    from tui.live.polling.watch import Watch
    from tui.screens.actions.actor import Actor

_TICK = 0.05  # seconds between looks whether all is loaded and shown
_ALL = "all"


async def save_list(app: App[Any], actor: Actor, watch: Watch, view: View, whose: str) -> None:
    """Ask for a file and write what a view shows there; of a list loaded in part, all if that is chosen."""
    collection, resource = watch.collection, watch.collection.resource
    is_whole = True
    if not collection.complete:
        choices = [
            Choice("loaded", "", f"save the {len(view):,} that are loaded and shown"),
            Choice(_ALL, "", "load all, then save what is shown of them"),
        ]
        chosen = await app.push_screen_wait(Pick(f"There are more {resource.name} than these", choices))
        if chosen is None:
            return
        is_whole = chosen == [_ALL]
    question = Ask(f"Save what is shown{whose} to (.csv, .json, .jsonl)", f"{resource.name}.csv")
    name = await app.push_screen_wait(question)
    if not name:
        return
    if is_whole and not collection.complete:
        actor.say(f"Loading all {resource.name} first; esc stops.")
        await watch.load_more(all=True)
        while watch.loading_more or view.is_working:
            await asyncio.sleep(_TICK)
    records = [view.record(row) for row in range(len(view))]
    told = await asyncio.to_thread(save, name, resource, records, actor.platform.now(), actor.scope)
    part = "" if collection.complete else " There are more, which are not loaded: L loads all."
    actor.say(f"{told}{part}")
