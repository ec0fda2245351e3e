"""Consequences of a write, looked up before anybody agrees to it: what uses an object, what is paid for again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Always, Risk, Together
from tui.resources.language.asking.inputs import Paid
from tui.resources.language.resource import title_of
from tui.workflows.consequences.lockouts import find_lockouts, may_lock_out
from tui.workflows.consequences.unseen import Unseen
from tui.workflows.consequences.uses import PATIENCE, UseSearch, describe_uses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_EASY = 32  # characters of a name that people may be asked to type
_SENTENCES = 3  # of what an action does, where it does not do the same to each object


class UserSearch:
    """Looks for what needs the objects of an action: what uses those that are to go, and who is shut out."""

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        action: Action,
        records: Sequence[Record],
        scope: Mapping[str, str],
        *,
        is_last: bool = False,
        going: Set[str] = frozenset(),
    ) -> None:
        """What `is_last` before the objects are deleted is looked for whatever the budget says.

        `going` are the ids of what goes together with them: that needs them no longer.
        """
        self._unseen, self._going = Unseen(), going
        ids = [record.id for record in records] if action.removes else []
        self._uses = UseSearch(platform, resource, ids, self._unseen, is_last=is_last)
        if not ids:
            self._uses.left.clear()
        self._find_lockouts = partial(
            find_lockouts, platform, resource, action, records, scope, self._unseen, is_last=is_last
        )
        self._looks_for_lockouts = may_lock_out(resource, action)
        self._lockouts: dict[str, str] = {}

    async def run(self) -> None:
        """Look everywhere."""
        await self._uses.run()
        if self._looks_for_lockouts:
            self._lockouts = await self._find_lockouts()
            self._looks_for_lockouts = False

    @property
    def users(self) -> dict[str, str]:
        """A sentence for each object that something or somebody needs, as far as it looked."""
        found = {
            id_: [use for use in users if use.record.id not in self._going]
            for id_, users in self._uses.users.items()
        }
        return {id_: describe_uses(users) for id_, users in found.items() if users} | self._lockouts

    @property
    def unseen(self) -> Unseen:
        """What was not looked at, or not yet."""
        late = ["who would be shut out"] if self._looks_for_lockouts else []
        return replace(self._unseen, late=[*self._uses.left, *late])


async def find_users(
    platform: Platform,
    resource: Resource,
    action: Action,
    records: Sequence[Record],
    scope: Mapping[str, str],
    patience: float = PATIENCE,
    *,
    is_last: bool = False,
    going: Set[str] = frozenset(),
) -> tuple[dict[str, str], Unseen]:
    """Return a sentence for each object that something or somebody needs; and what was not looked at.

    It looks for as long as `patience` (seconds); what `is_last` before they are deleted does not ask the budget.
    What is `going` together with them, by id, needs them no longer.
    """
    search = UserSearch(platform, resource, action, records, scope, is_last=is_last, going=going)
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await search.run()
    return search.users, search.unseen


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
    if isinstance(action.warn, Together):
        return action.warn.of([record.object for record in records])
    every = (
        [action.warn.sentence]
        if isinstance(action.warn, Always)
        else [action.warn(each.object) for each in records]
    )
    sentences = list(dict.fromkeys(filter(None, every)))
    if not sentences:
        return "This cannot be undone." if action.risk in (Risk.STOP, Risk.GRAVE) else ""
    if sentences == ["This cannot be undone."]:
        return sentences[0]
    each = "For each of them" if len(sentences) == 1 else "For some of them"
    return " ".join(f"{each}: {words[0].lower()}{words[1:]}" for words in sentences[:_SENTENCES])


def find_word_to_type(resource: Resource, record: Record) -> str:
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
