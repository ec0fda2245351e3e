"""What became of a call whose answer was lost: its object tells, or for a new one the list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound, OutcomeUnknown, StatusError
from tui.live.writes.answer_checks import is_cancelled
from tui.resources.language.action import Ask, Call
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

LOOK_AFTER_STOP = 3.0  # seconds that a look may take once a signal has asked the program to end
_RECENT = 900.0  # seconds in which an object counts as just made


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the platform tells of a call that was not answered."""

    done: bool = False
    is_as_before: bool = False
    """Whether the object shows that it was not done so far."""
    object: dict[str, Any] | None = None
    sentence: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What is added to the line of output."""

    @property
    def doubt(self) -> str:
        """The sentence on how it is, where that tells nothing for sure."""
        return (
            f"{self.sentence} now, and may not be so for long: look again." if self.is_as_before else self.sentence
        )

    def judge(self, error: ApiError | None) -> tuple[str, ApiError | str]:
        """Return what became of a call that ended so (None: it was stopped), in one word and in a sentence."""
        cause = error.cause if isinstance(error, OutcomeUnknown) else None
        if self.done:
            return "done", f"{self.sentence} The answer was lost: {cause.sentence}" if cause else self.sentence
        if self.is_as_before and isinstance(cause, StatusError):  # it was answered: nothing is on its way
            return "failed", cause.with_words(f"{self.sentence}, so it was not done.")
        words = str(error or "It was stopped before the answer came.")
        return "unknown", f"{words} {self.doubt}".strip()


async def find_answer(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    action: Action,
    record: Record | None,
    body: Mapping[str, Any] | None,
    error: OutcomeUnknown,
) -> dict[str, Any]:
    """Return the object of a call that ended in `error`, where it was done all the same.

    Raises ApiError: why it was not done, or what is known of one that may have been.
    """
    if record and resource.listed_per:
        scope = {**scope, **platform.origin(resource, record)}
    found = await find_outcome(platform, resource, scope, action, record.id if record else "", record, body)
    state, words = found.judge(error)
    if state == "done":
        return found.object or {}
    raise words if isinstance(words, ApiError) else error.with_words("", found.doubt)


async def find_outcome(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    action: Action,
    id_: str,
    before: Record | None,
    body: Mapping[str, Any] | None,
    *,
    patience: float | None = None,
) -> Found:
    """Look whether a call that was not answered was done: at the object `id_`, or for a new one in the list.

    `before` is the object as it was, where that is known; a look takes no longer than `patience` (seconds).
    Nothing is raised: what cannot be read is told.
    """
    try:
        async with asyncio.timeout(patience):
            return await _look(platform, resource, scope, action, id_, before, body)
    except TimeoutError:
        return Found(sentence="How it is now could not be read in time.")


async def _look(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    action: Action,
    id_: str,
    before: Record | None,
    body: Mapping[str, Any] | None,
) -> Found:
    try:
        if makes_another(action, scope):
            return await _look_for_new(platform, resource, scope, action, body or {}, before)
        read = resource if resource.get else _find_read_alike(platform, action)
        if read is None or not id_:
            return Found()
        now = await platform.get(read, scope, id_)
    except NotFound:
        return Found(True, object={}, sentence="It is gone, so it was done.") if action.removes else Found()
    except ApiError as error:
        return Found(sentence=f"How it is now cannot be read: {error.sentence}")
    more = {"object": now.raw}
    if action.name == "cancel" and not is_cancelled(now.raw):
        return Found(is_as_before=True, sentence=f"It is {now.at('status')}", more=more)
    if action.removes:
        return Found(is_as_before=True, sentence="It is still there", more=more)
    refused = action.find_refusal(now)
    if refused and not (before and action.find_refusal(before)):
        return Found(True, object=now.raw, sentence=f"Now {refused}, so it was done.")
    if body and before and _has(now.raw, body) and not _has(before.raw, body):
        return Found(True, object=now.raw, sentence="It has the new values, so it was done.")
    return Found(sentence="It is as it was, as far as can be told.", more=more)


def _find_read_alike(platform: Platform, action: Action) -> Resource | None:
    """Return the resource whose objects are read where an action is done, such as the keys of one project."""
    path = action.operation.path
    return next((each for each in platform.registry.values() if each.get and each.get.path == path), None)


async def _look_for_new(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    action: Action,
    body: Mapping[str, Any],
    before: Record | None,
) -> Found:
    """Look for objects that a call may have made: the newest with the same values, but the one it was done to."""
    if resource.list is None or resource.listed_per:
        return Found()
    alike = [each.id for each in await find_alike(platform, resource, scope, body)]
    if before and before.id in alike:
        alike.remove(before.id)
    if not alike:
        return Found(sentence=f"None like it is among the newest {resource.name} yet.", more={"alike": []})
    sentence = f"Made in the last minutes with the same values: {', '.join(alike[:3])}. It may be one of them."
    if isinstance(action.does, Ask) and action.does.secret:
        sentence += " Its secret cannot be had any more: delete it before you make another."
    return Found(sentence=sentence, more={"alike": alike})


async def find_alike(
    platform: Platform, resource: Resource, scope: Mapping[str, str], body: Mapping[str, Any]
) -> list[Record]:
    """Return the objects of a list that were made in the last minutes with these values, the newest first.

    Raises ApiError.
    """
    assert resource.list
    if isinstance(path := body.get("file"), str):
        body = {**body, "filename": Path(path).name}
    page = await platform.client.page(resource.list, scope, query=resource.query, limit=resource.page)
    now = platform.now()
    found: list[tuple[float, Record]] = []
    for raw in page.items:
        record = resource.record(raw) if isinstance(raw, dict) else None
        made = unix_time(raw.get("created_at")) if record else None
        if record and made and now - made < _RECENT and _has(raw, body):
            found.append((made, record))
    return [record for _, record in sorted(found, key=lambda each: -each[0])]


def _has(raw: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Return whether an object has the plain values of a request, as far as it has fields of these names."""
    plain = [name for name in body if isinstance(body[name], str | int | float) or name == "metadata"]
    shared = [name for name in plain if name in raw]
    return bool(shared) and all(raw[name] == body[name] for name in shared)


def makes_another(action: Action, scope: Mapping[str, str]) -> bool:
    """Return whether the answer to an action is a new object, and not the one it was done to."""
    together = isinstance(action.does, Call) and action.does.ids
    return not together and len(action.operation.placeholders) <= len(scope)
