"""Work that was done and paid for already: asking before it is paid for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.dialogs.confirm import Confirm
from tui.workflows.consequences.consequences import describe_repetition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.resource import Resource


async def agree_to_pay(
    app: App[Any], platform: Platform, resource: Resource, answers: Mapping[Question, Any]
) -> bool:
    """Ask before work that was done already is done, and paid for, again."""
    for question, value in answers.items():
        if words := describe_repetition(platform, resource, question, value):
            dialog = Confirm(f"Pay for this again{platform.whose}?", [(str(value), "")], words, verb="send again")
            answer: bool = await app.push_screen_wait(dialog)
            return answer
    return True
