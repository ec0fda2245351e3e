"""Asking before what was done already, or may have been, is done once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.dialogs.confirm import Confirm
from tui.workflows.consequences.consequences import describe_repetition

_NAMED = 3  # objects that may have been made, which are named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.resource import Resource


async def agree_to_repeat(app: App[Any], resource: Resource, alike: Sequence[str]) -> bool:
    """Ask before a request is sent again that may have arrived, and may have made one of `alike`."""
    words = "It is not known whether the last try arrived: sent again, it may be done twice."
    if alike:
        words = f"The last try may have made {', '.join(alike[:_NAMED])}: sent again, it makes another."
    things = [(id_, resource.singular) for id_ in alike[:_NAMED]]
    answer: bool = await app.push_screen_wait(Confirm("Send it again?", things, words, verb="send again"))
    return answer


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
