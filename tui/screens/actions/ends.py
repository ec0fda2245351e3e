"""What is told by itself: what is over of all that is watched or done in the background, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.live.tasks.tasks import Task
    from tui.screens.navigation.accounts.account import Account
    from tui.workflows.watch_rules.rules import Ended


def follow_ends(app: App[Any], account: Account, command: Sequence[str]) -> None:
    """Tell from now on what is over in an account of all that the user watches, and of tasks nobody waits for.

    `command` is what the user has run for each.
    """

    def tell_watched(ended: Ended) -> None:
        from tui.screens.actions.tell_end import tell_end

        account.session.ended += 1
        tell_end(app, ended, command, account.session.ended)

    def tell_task(task: Task) -> None:
        from tui.screens.actions.tell_end import tell_task_end

        if not task.followed:
            account.session.ended += 1
            tell_task_end(app, task, account.session.ended)

    account.kept.watch_rules(tell_watched)
    account.platform.tasks.listen(tell_task)


async def offer_left(app: App[Any], account: Account) -> None:
    """Offer what is left of the tasks of earlier runs."""
    now = account.platform.now()
    tasks = await account.kept.restore_tasks()
    if left := [task for task in tasks if task.due_at <= now]:
        first = f"{left[0].what} ({left[0].far})"
        more = f" and {len(left) - 1:,} more" if len(left) > 1 else ""
        words = f"Left from before: {first}{more}. :tasks shows it, s goes on."
        app.notify(clean(words), severity="warning", markup=False, timeout=10)
