"""The bench: try a model, and see what it really does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.api.operation import Operation
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.screens.workflows.bench.base import Bench
    from tui.workflows.generation.dialects import Turn


async def open_bench(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Open the bench of an action's endpoint, with the settings that the action fills in from the object."""
    task = action.does
    settings = action.start(record.object) if record else {}
    turns: list[Turn] = []
    if record and isinstance(task, Open) and task.uses:
        from tui.screens.workflows.bench.stored_completion import read_stored

        instructions, turns = await read_stored(actor.platform.client, task.uses[0], record)
        settings = {**settings, "instructions": instructions}
    open_endpoint(actor.app, actor.platform, action.operation, settings, turns)


def open_endpoint(
    app: App[Any],
    platform: Platform,
    operation: Operation,
    settings: Mapping[str, Any],
    turns: Sequence[Turn] = (),
) -> None:
    """Open an endpoint's bench, after what was said before. Settings without a value are the endpoint's own."""
    given = {name: value for name, value in settings.items() if value not in (None, "", [], {})}
    app.push_screen(_make_bench(platform, operation, given, turns))


def _make_bench(
    platform: Platform, operation: Operation, settings: Mapping[str, Any], turns: Sequence[Turn]
) -> Bench:
    match operation.path:
        case "/embeddings":
            from tui.screens.workflows.bench.embed import Embed

            return Embed(platform, settings)
        case "/moderations":
            from tui.screens.workflows.bench.moderate import Moderate

            return Moderate(platform, settings)
        case path:
            from tui.screens.workflows.bench.talk import Talk
            from tui.workflows.generation.dialects import DIALECTS

            return Talk(platform, DIALECTS[path], settings, turns)
