"""Filling a vector store from a folder of this machine: asked, seen first, and done in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.resources.language.cells import short_size
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.confirm import Confirm
from tui.workflows.store_folder.fill import StoreFill
from tui.workflows.store_folder.new_store import NewStore

if TYPE_CHECKING:
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.workflows.store_folder.plan import FolderPlan
    from tui.workflows.store_folder.scan import Scan

_NAMED = 8  # changes that the question names


async def fill_store(actor: Actor, action: Action, *records: Record) -> None:
    """Fill the store under the cursor, or a new one, from a folder that is asked for. Raises ApiError."""
    app, platform = actor.app, actor.platform
    named = str(records[0].at("name") or records[0].id) if records else "a new vector store"
    title = f"{action.label.capitalize()}: {named}"
    source = await app.push_screen_wait(Ask("Folder, file or pattern that it shall hold", "./", title=title))
    if not source:
        return
    new: str | None = ""
    if action.on == "list":
        name = Path(source).resolve().name or "files"
        new = await app.push_screen_wait(Ask("Name of the new vector store", name, title=title, read=str))
        if not new:
            return

    def make_task(store: str) -> StoreFill:
        removes = action.name == "sync"
        return StoreFill(platform, store, [source], {}, removes=removes)

    try:
        found, plan = await make_task(records[0].id if records else "").look()
    except ValueError as error:
        actor.say(str(error), bad=True)
        return
    left_out = _describe_left_out(found)
    if not plan.changes:
        actor.say(f"{plan.describe()}. {left_out}".strip())
        return
    question = f"{action.label.capitalize()}: {new or named}?"
    words = f"{plan.describe()}; {short_size(plan.size)} to send."
    typed = str(plan.lost) if plan.lost > 1 else ""
    if await app.push_screen_wait(
        Confirm(question, _list_changes(plan), words, left_out, verb="fill", typed=typed)
    ):
        made = NewStore(platform, new, [source]) if new else None
        task = make_task(await made.make() if made else records[0].id)
        platform.tasks.add(task)
        if made:  # the task goes on with it after a new start
            made.forget()
        actor.say(f"Begun: {task.what}. :tasks shows how far it is.")


def _describe_left_out(found: Scan) -> str:
    """Return in a sentence what of the folder is left out, and why."""
    reasons = list(dict.fromkeys(found.left_out.values()))
    count = len(found.left_out)
    return f"{count:,} left out: {', '.join(reasons[:3])}." if count else ""


def _list_changes(plan: FolderPlan) -> list[tuple[str, str]]:
    things = [("new", file.name) for file in plan.new]
    things += [("changed", name) for name in plan.changed]
    things += [("again", each.name) for each in plan.again]
    things += [("labelled", name) for name in plan.labelled]
    things += [("gone", each.name) for each in plan.gone]
    more = len(things) - _NAMED
    return [*things[:_NAMED], *([("", f"and {more:,} more")] if more > 0 else [])]
