"""The parameters of a bench, in a form made from its request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from tui.resources.language.action import Action, Ask
from tui.resources.language.asking.questions import list_questions
from tui.resources.models import MODELS
from tui.screens.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.api.operation import Operation
    from tui.live.platform import Platform


class Settings(Form):
    """The form of the parameters. Nothing is sent."""

    VERB: ClassVar[str] = "keep"
    SENDS: ClassVar[bool] = False

    async def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        return body


async def ask_settings(
    app: App[Any], platform: Platform, operation: Operation, settings: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Let the user change settings. Return them, or None when they stay."""
    if operation.body is None:
        return None
    start = {}
    for question in list_questions(operation.body):
        value: Any = settings
        for step in question.path:
            value = value.get(step) if isinstance(value, dict) else None
        start[question.name] = value
    about = replace(MODELS, name=operation.path[1:])
    form = Settings(platform, about, {}, Action("settings", "", "parameters", Ask(operation)), start=start)
    kept: dict[str, Any] | None = await app.push_screen_wait(form)
    return kept
