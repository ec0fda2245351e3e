"""Telling that a watched object is over: a sentence wherever the user is, the bell, a notification, a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.actions.toast import show_toast
from tui.system.notify_command import build_facts, run_notify_command
from tui.toolkit.terminal.sequences import build_title, notify_terminal, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.workflows.watch_rules import Ended


def tell_end(app: App[Any], ended: Ended, command: Sequence[str], count: int) -> None:
    """Tell that an object is over; `count` is how many have been since the user last looked."""
    show_toast(app, ended.sentence, bad=not ended.well)
    notify_terminal(app, ended.sentence)
    write(app, build_title(f"({count}) o9s"))
    if command:
        app.run_worker(_run(app, ended, command), exit_on_error=False)


async def _run(app: App[Any], ended: Ended, command: Sequence[str]) -> None:
    facts = build_facts(ended.rule.resource, ended.rule.id, ended.rule.name, ended.outcome)
    if failed := await run_notify_command(command, facts):
        show_toast(app, failed, bad=True)
