"""Taking out, begun from a command or from a family that ends; it goes on in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.takeout import TakeoutDialog
from tui.workflows.takeout.takeout import Takeout, list_families, usual_families

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor


async def take_out_family(actor: Actor, action: Action, *records: Record) -> None:  # noqa: ARG001
    """Ask where the families of some rows of what ends go, and take them out."""
    await ask_and_take_out(actor.app, actor.platform, {str(record.at("resource")) for record in records})


async def ask_and_take_out(app: App[Any], platform: Platform, ticked: Collection[str] = ()) -> None:
    """Ask what is to be taken out and where to, and begin that in the background."""
    registry = platform.registry
    families = [registry[name] for name in list_families(registry)]
    day = time.strftime("%Y-%m-%d", time.gmtime(platform.now()))
    dialog = TakeoutDialog(families, ticked or usual_families(registry), f"takeout-{day}")
    if chosen := await app.push_screen_wait(dialog):
        names, folder = chosen
        task = Takeout(platform, names, folder.absolute())
        platform.tasks.add(task)
        show_toast(app, f"Begun: {task.what} to {folder}. :tasks shows how far it is.")
