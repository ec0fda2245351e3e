"""The tasks of earlier runs, made anew from what was kept of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.live.tasks.store import open_task_store
from tui.live.transfers import Download, Upload
from tui.workflows.consequences.uses import PATIENCE
from tui.workflows.plan.changes import UseLook
from tui.workflows.plan.plan import read_steps
from tui.workflows.plan.run import PlanRun, make_call
from tui.workflows.rotation import Rotation, remake_rotation
from tui.workflows.store_folder.fill import StoreFill
from tui.workflows.takeout.takeout import Takeout
from tui.workflows.wrapped_csv import unwrap_csv_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.live.platform import Platform
    from tui.live.tasks.store import Fact
    from tui.live.tasks.tasks import Task
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

_DAMAGED = (KeyError, TypeError, ValueError, AttributeError, LookupError)


def restore_tasks(
    platform: Platform,
    kept: Iterable[tuple[str, Sequence[Fact]]],
    elsewhere: Iterable[tuple[str, Sequence[Fact]]] = (),
) -> list[Task]:
    """Show the tasks of earlier runs among those of the platform, and return them.

    Those `elsewhere` are shown beside them: other programs have them, which are open.
    """
    found = [task for id_, facts in kept if (task := remake_task(platform, id_, facts))]
    others = (remake_task(platform, id_, facts, is_elsewhere=True) for id_, facts in elsewhere)
    platform.tasks.restore(found, list(filter(None, others)))
    return found


def show_rotations(platform: Platform) -> None:
    """Show among the tasks of the platform the old keys that wait to be deleted, whatever run has them."""
    store = open_task_store(platform.client.connection)
    kept = store.peek() if store else []
    restore_tasks(platform, [each for each in kept if each[1][0].get("kind") == "rotation"])


async def find_changes(platform: Platform, run: PlanRun, patience: float = PATIENCE) -> str:
    """Look what has changed since a run was begun; return in a sentence what to know before it goes on.

    What something uses by now is left out of it.
    """
    if isinstance(run, Rotation):
        return await run.look(platform)
    return await run.find_changes(patience)


def remake_task(platform: Platform, id_: str, facts: Sequence[Fact], *, is_elsewhere: bool = False) -> Task | None:
    """Return the task that facts tell of; None where they cannot be used.

    It is as an earlier run has left it, or as one knows it that `is_elsewhere` and goes on.
    """
    try:
        task = _make(platform, facts[0])
        task.id, task.what, task.began = id_, str(facts[0]["what"]), float(facts[0]["at"])
        for fact in facts[1:]:
            task.take(fact)
    except _DAMAGED:
        return None
    if not task.is_over and not is_elsewhere:
        task.doubt()
    return task


def _make(platform: Platform, begin: Fact) -> Task:
    """Return the task of a kind that its first fact describes. Raises where that cannot be used."""
    match begin["kind"]:
        case "plan":
            steps = read_steps(platform.registry, begin["groups"])
            write, look = partial(make_call, platform), UseLook(platform)
            return PlanRun(str(begin["what"]), steps, write, look=look, scheduler=platform.scheduler)
        case "rotation":
            return remake_rotation(platform, begin)
        case "download":
            resource, action = _find(platform, begin)
            target = Path(begin["target"])
            download = Download(
                platform.client,
                resource,
                action,
                begin["path"],
                target,
                name="",
                expected=begin["expected"],
                finish=unwrap_csv_file if begin["finish"] else None,
            )
            download.part.path = target.with_name(begin["part"])
            return download
        case "upload":
            return Upload(platform, Path(begin["source"]), begin["purpose"], begin["expires_after"])
        case "store-fill":
            sources, attributes = begin["sources"], begin["attributes"]
            return StoreFill(platform, begin["store"], sources, attributes, removes=begin["removes"])
        case "takeout":
            return Takeout(platform, begin["families"], Path(begin["folder"]))
    raise ValueError(begin["kind"])


def _find(platform: Platform, begin: Fact) -> tuple[Resource, Action[Any]]:
    resource = platform.registry[begin["resource"]]
    action = resource.action(begin["action"])
    if action is None:
        raise LookupError(begin["action"])
    return resource, action
