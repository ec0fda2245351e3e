"""What is told by itself: what is over of all that is watched or done in the background, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.live.tasks.tasks import Task
    from tui.screens.navigation.navigator import Navigator
    from tui.workflows.watch_rules.rules import Ended


def follow_ends(app: App[Any], navigator: Navigator, command: Sequence[str]) -> None:
    """Tell from now on what is over of all that the user watches, and of tasks that nobody waits for.

    `command` is what the user has run for each.
    """

    def tell_watched(ended: Ended) -> None:
        from tui.screens.actions.tell_end import tell_end

        navigator.session.ended += 1
        tell_end(app, ended, command, navigator.session.ended)

    def tell_task(task: Task) -> None:
        from tui.screens.actions.tell_end import tell_task_end

        if not task.followed:
            navigator.session.ended += 1
            tell_task_end(app, task, navigator.session.ended)

    navigator.kept.watch_rules(tell_watched)
    navigator.platform.tasks.listen(tell_task)


async def offer_left(app: App[Any], navigator: Navigator) -> None:
    """Offer what is left of the tasks of earlier runs."""
    if left := await navigator.kept.restore_tasks():
        first = f"{left[0].what} ({left[0].far})"
        more = f" and {len(left) - 1:,} more" if len(left) > 1 else ""
        words = f"Left from before: {first}{more}. :tasks shows it, s goes on."
        app.notify(clean(words), severity="warning", markup=False, timeout=10)
