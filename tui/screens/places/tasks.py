"""The list of tasks: transfers and actions on many objects, paused, gone on with and cancelled here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.live.task_rows import TaskWatch
from tui.screens.dialogs.outcome import Outcome
from tui.screens.navigation.follow import follow
from tui.screens.places.base import NO_OBJECT
from tui.screens.places.listing.screen import ResourceScreen
from tui.toolkit.terminal.clipboard import copy
from tui.toolkit.terminal.sequences import build_title, write
from tui.workflows.kept_tasks import find_changes
from tui.workflows.plan.run import PlanRun
from tui.workflows.rotation import Rotation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.polling.watch import Watch
    from tui.live.tasks.tasks import Task
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.actions.actor import Actor
    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.bars import KeyHint


class TasksScreen(ResourceScreen):
    """Lists the tasks."""

    def watch_of(self, account: Account) -> Watch:
        """Return what holds them."""
        return TaskWatch(account.platform)

    def on_screen_resume(self) -> None:
        """Count from now on what ends elsewhere."""
        for account in self.accounts:
            account.session.ended = 0
        write(self.app, build_title("o9s"))
        self._look_elsewhere()

    def tick(self) -> None:
        """Show how time has passed, and what other programs have."""
        super().tick()
        self._look_elsewhere()

    @work(group="refresh", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Look now at what other programs have."""
        self._look_elsewhere()

    @work(group="elsewhere", exclusive=True, exit_on_error=False)
    async def _look_elsewhere(self) -> None:
        for account in self.accounts:
            await account.kept.restore_tasks()

    def find_objects(
        self, _account: Account, _records: Sequence[Record]
    ) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return none: tasks are no objects of the platform."""
        return []

    def keys(self) -> list[KeyHint]:
        """Return what enter does."""
        return [super().keys()[0]._replace(label="open")]

    def action_enter(self) -> None:
        """Show what failed, the file that came, or the object that was made."""
        record = self.record
        task = self.platform.tasks.find(record.id) if record else None
        if task is None:
            self.actor.say(NO_OBJECT)
        elif failures := self.resource.action("failures") if task.failures() else None:
            self.perform(failures)
        elif task.object_id:
            follow(self.app, task.object_id, self.platform.account)
        else:
            self.actor.say(task.result or "There is nothing to show of it yet.")

    def action_full(self) -> None:
        """Say where all of a task is shown: it is no object that has a screen of its own."""
        self.actor.say("All of a task stands in the detail: tab goes there, + enlarges it.")

    def action_copy(self) -> None:
        """Copy the sha256 and path of each file, as sha256sum reads them."""
        groups = [(self.make_actor(account), records) for account, records in self.group_targets()]
        tasks = [task for actor, records in groups for task in find_tasks(actor, records)]
        lines = [f"{task.sha256}  {task.path}" if task.sha256 else task.path for task in tasks if task.path]
        if lines:
            copy(self.app, "\n".join(lines))
        else:
            self.actor.say("There is no file to copy the path and sha256 of.")


def find_tasks(actor: Actor, records: Sequence[Record]) -> list[Task]:
    """Return the tasks of some rows, as far as they are still kept."""
    tasks = actor.platform.tasks
    return [task for record in records if (task := tasks.find(record.id))]


async def act_on_tasks(actor: Actor, action: Action, *records: Record) -> None:
    """Do to some tasks what an action is called."""
    tasks, chosen = actor.platform.tasks, find_tasks(actor, records)
    match action.name:
        case "go_on":
            chosen = await _agree_to_go_on(actor, chosen)
        case "cancel":
            chosen = await _agree_to_cancel(actor, [task for task in chosen if not task.is_over])
        case "failures":
            await actor.app.push_screen(Outcome(chosen[0]))
    do = {"pause": tasks.pause, "go_on": tasks.go_on, "cancel": tasks.cancel, "forget": tasks.forget}
    for task in chosen if action.name in do else ():
        do[action.name](task)


async def _agree_to_go_on(actor: Actor, tasks: list[Task]) -> list[Task]:
    """Ask about writes that an earlier run of the program began, and return what to go on with."""
    from tui.screens.dialogs.confirm import Confirm

    tasks = [task for task in tasks if task.can_go_on]
    writes = [task for task in tasks if (task.is_of_before or isinstance(task, Rotation)) and task.kind == "write"]
    if not writes:
        return tasks
    if actor.platform.client.read_only:
        actor.say(f"Cannot go on with {writes[0].what}: {actor.platform.client.why_read_only}.", bad=True)
        return [task for task in tasks if task not in writes]
    gaps = [await find_changes(actor.platform, task) for task in writes if isinstance(task, PlanRun)]
    things = [(task.what, f"{task.far} done") for task in writes]
    typed = next((task.name for task in writes if isinstance(task, Rotation)), "")
    title = "Go on with what was begun before?"
    question = Confirm(title, things, "", " ".join(filter(None, gaps)), verb="go on", typed=typed)
    agreed = await actor.app.push_screen_wait(question)
    return tasks if agreed else [task for task in tasks if task not in writes]


async def _agree_to_cancel(actor: Actor, tasks: list[Task]) -> list[Task]:
    """Ask whether to cancel tasks, and return those to cancel."""
    from tui.screens.dialogs.confirm import Confirm

    title = f"Cancel {len(tasks):,} tasks?" if len(tasks) > 1 else "Cancel this task?"
    things = [(task.what, f"{task.state}, {task.far}") for task in tasks]
    warning = "What is done stays done; what is left is given up."
    return tasks if await actor.app.push_screen_wait(Confirm(title, things, warning, verb="cancel")) else []
