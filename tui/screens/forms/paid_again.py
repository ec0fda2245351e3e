"""Work that was done and paid for already: what a form says of it, and asks before it is paid for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.inputs import Paid
from tui.screens.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.questions import Question
    from tui.resources.language.resource import Resource


def describe_repetition(platform: Platform, resource: Resource, question: Question, value: Any) -> str:
    """Return a sentence on an object that did the work this answer asks for, which is paid again; "" for none."""
    paid = question.mark(Paid)
    if paid is None or not value:
        return ""
    alike = (
        record
        for collection in platform.loaded()
        if collection.resource is resource
        for record in list(collection.records.values())
        if record.at(question.name) == value
    )
    return next(filter(None, map(paid.before, alike)), "")


async def agree_to_pay(
    app: App[Any], platform: Platform, resource: Resource, answers: Mapping[Question, Any]
) -> bool:
    """Ask before work that was done already is done, and paid for, again."""
    for question, value in answers.items():
        if words := describe_repetition(platform, resource, question, value):
            dialog = Confirm("Pay for this again?", [(str(value), "")], words, verb="send again")
            answer: bool = await app.push_screen_wait(dialog)
            return answer
    return True
