"""Telling that a watched object is over: a sentence wherever the user is, the bell, a notification, a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.actions.toast import show_toast
from tui.system.notify_command import build_facts, run_notify_command
from tui.toolkit.presenting import hide
from tui.toolkit.terminal.sequences import build_title, notify_terminal, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.live.tasks.tasks import Task
    from tui.workflows.watch_rules.rules import Ended

LONG = 10.0  # seconds from which on whoever began a task may have turned away from the terminal


def tell_end(app: App[Any], ended: Ended, command: Sequence[str], count: int) -> None:
    """Tell that an object is over; `count` is how many have been since the user last looked."""
    show_toast(app, ended.sentence, bad=not ended.well)
    notify_terminal(app, ended.sentence)
    write(app, build_title(f"({count}) o9s"))
    if command:
        app.run_worker(_run(app, ended, command), exit_on_error=False)


def tell_task_end(app: App[Any], task: Task, count: int) -> None:
    """Tell how a task ended; of a long one the terminal is told, too, and `count` is how many ended so."""
    outcome = str(task.error or task.result or task.state)
    sentence = f"{task.what[:1].upper()}{task.what[1:]}: {outcome}"
    show_toast(
        app, sentence if task.state == "done" else f"{sentence} :tasks tells more.", bad=task.state != "done"
    )
    if task.ended - task.began >= LONG:
        notify_terminal(app, sentence)
        write(app, build_title(f"({count}) o9s"))


async def _run(app: App[Any], ended: Ended, command: Sequence[str]) -> None:
    facts = build_facts(ended.rule.resource, ended.rule.id, hide(app, ended.rule.name), hide(app, ended.outcome))
    if failed := await run_notify_command(command, facts):
        show_toast(app, failed, bad=True)
