"""Consequences of a write, looked up before anybody agrees to it: what uses an object, what is paid for again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Risk
from tui.resources.language.asking.inputs import Paid
from tui.resources.language.resource import title_of
from tui.workflows.lockouts import find_lockouts, may_lock_out
from tui.workflows.uses import PATIENCE, Unseen, describe_uses, find_dependents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_EASY = 32  # characters of a name that people may be asked to type
_SENTENCES = 3  # of what an action does, where it does not do the same to each object


async def find_users(
    platform: Platform,
    resource: Resource,
    action: Action,
    records: Sequence[Record],
    scope: Mapping[str, str],
    patience: float = PATIENCE,
) -> tuple[dict[str, str], Unseen]:
    """Return a sentence for each object that something or somebody needs; and what was not looked at.

    That is what uses an object that is to be deleted, and who is shut out. It looks for as long as `patience`
    (seconds).
    """
    unseen, needed = Unseen(), {}
    if action.removes:
        found, unseen = await find_dependents(platform, resource, [record.id for record in records], patience)
        needed = {id_: describe_uses(users) for id_, users in found.items() if users}
    if may_lock_out(resource, action):
        try:
            async with asyncio.timeout(patience):
                needed |= await find_lockouts(platform, resource, action, records, scope, unseen)
        except TimeoutError:
            unseen.failed.append("who would be shut out")
    return needed, unseen


async def describe_power_lost(
    platform: Platform, resource: Resource, action: Action, record: Record | None
) -> str:
    """Return a sentence on an edit that takes power from somebody, where that shuts somebody out; else ""."""
    if record is None or not action.edits:
        return ""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await find_lockouts(platform, resource, action, [record], {}, Unseen())
    except TimeoutError:
        return ""
    return found.get(record.id, "")


def needs_look(resource: Resource, action: Action) -> bool:
    """Return whether an action may take away what something or somebody needs."""
    return action.removes or may_lock_out(resource, action)


def describe_warning(action: Action, records: Sequence[Record]) -> str:
    """Return what an action does to each of many objects, as a sentence on all of them."""
    sentences = list(dict.fromkeys(filter(None, (action.warn(record.object) for record in records))))
    if not sentences:
        return "This cannot be undone." if action.risk in (Risk.STOP, Risk.GRAVE) else ""
    if sentences == ["This cannot be undone."]:
        return sentences[0]
    each = "For each of them" if len(sentences) == 1 else "For some of them"
    return " ".join(f"{each}: {words[0].lower()}{words[1:]}" for words in sentences[:_SENTENCES])


def word_to_type(resource: Resource, record: Record) -> str:
    """Return what to type before something grave: what people call it, if that can be typed, else its id."""
    title = title_of(resource, record)
    easy = title.isascii() and title.isprintable() and title == title.strip() and len(title) <= _EASY
    return title if title and easy else record.id


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
