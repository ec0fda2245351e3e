"""What became of a call whose answer was lost: its object tells, or for a new one the list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
_TIMES = ("created_at", "added_at", "created")  # where objects say when they were made
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

    @property
    def alike(self) -> list[str]:
        """The ids of what the call may have made."""
        return list(self.more.get("alike", ()))

    def judge(self, error: ApiError | None) -> tuple[str, ApiError | str]:
        """Return what became of a call that ended so (None: it was stopped), in one word and in a sentence."""
        cause = error.cause if isinstance(error, OutcomeUnknown) else None
        if self.done:
            return "done", f"{self.sentence} The answer was lost: {cause.sentence}" if cause else self.sentence
        if self.is_as_before and isinstance(cause, StatusError):  # it was answered: nothing is on its way
            return "failed", cause.with_words(f"{self.sentence}, so it was not done.")
        if not error:
            return "unknown", f"It was stopped before the answer came. {self.doubt}".strip()
        return "unknown", " ".join(filter(None, (error.sentence, "" if self.alike else error.next, self.doubt)))


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
    if isinstance(words, ApiError):
        raise words
    lost = error.with_words("")
    # What a look has found takes the place of the advice to look.
    lost.next = found.doubt if found.alike else f"{lost.next} {found.doubt}".rstrip()
    lost.args = (lost.sentence, lost.next)
    lost.alike = found.alike
    raise lost


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
            if makes_another(action, scope) and not (resource.single and action.on == "one"):
                return await _look_for_new(platform, resource, scope, action, body or {}, before)
            read = resource if resource.get else _find_read_alike(platform, action)
            if read is None or not id_:
                return Found()
            now = await platform.get(read, scope, id_)
    except TimeoutError:
        return Found(sentence="How it is now could not be read in time.")
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
    if resource.list is None:
        return Found(sentence=f"The platform has no list of {resource.name} to look in.")
    if resource.listed_per and not set(resource.list.placeholders) <= scope.keys():
        return Found()
    if not _is_beside(action.operation.path, resource.list.path):
        return Found()  # it makes none of these
    found = await _find_like(platform, resource, scope, body)
    known = [each for each in found if each.made or each.is_compared]
    if found and not known:
        return Found(sentence=f"Whether it was made cannot be told from the {resource.name}: look there.")
    alike = {each.record.id: each for each in known if not (before and before.id == each.record.id)}
    if not alike:
        return Found(sentence=f"None like it is among the newest {resource.name} yet.", more={"alike": []})
    since = "Made in the last minutes" if all(each.made for each in alike.values()) else "There is"
    how = " with the same values" if all(each.is_compared for each in alike.values()) else ""
    sentence = f"{since}{how}: {', '.join(list(alike)[:3])}. It may be one of them."
    if isinstance(action.does, Ask) and action.does.secret:
        sentence += " Its secret cannot be had any more: delete it before you make another."
    return Found(sentence=sentence, more={"alike": list(alike)})


def _is_beside(path: str, other: str) -> bool:
    """Return whether two paths differ by their last part at the most."""
    return path.rpartition("/")[0] == other.rpartition("/")[0]


async def find_alike(
    platform: Platform, resource: Resource, scope: Mapping[str, str], body: Mapping[str, Any]
) -> list[Record]:
    """Return the objects of a list that were made in the last minutes with these values, the newest first.

    Raises ApiError.
    """
    return [each.record for each in await _find_like(platform, resource, scope, body) if each.made]


class _Like(NamedTuple):
    """An object that a call may have made."""

    record: Record
    made: float
    """When it was made (unix seconds); 0 where that is not told."""
    is_compared: bool
    """Whether it has values of the request; else it has none of its fields."""


async def _find_like(
    platform: Platform, resource: Resource, scope: Mapping[str, str], body: Mapping[str, Any]
) -> list[_Like]:
    """Return the objects of a list that a request may have made, the newest first. Raises ApiError.

    Where nothing in them can be compared with the request, the time alone tells, if they say it.
    """
    assert resource.list
    if isinstance(path := body.get("file"), str):
        body = {**body, "filename": Path(path).name}
    page = await platform.client.page(resource.list, scope, query=resource.query, limit=resource.page)
    now = platform.now()
    found: list[_Like] = []
    for raw in page.items:
        if not isinstance(raw, dict):
            continue
        record = resource.record(raw)
        made = next(filter(None, (unix_time(raw.get(name)) for name in _TIMES)), 0.0)
        same = _compare(raw, record.id, body)
        if same is not False and (not made or now - made < _RECENT):
            found.append(_Like(record, made, bool(same)))
    return sorted(found, key=lambda each: -each.made)


def _has(raw: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Return whether an object has the plain values of a request, as far as it has fields of these names."""
    return bool(_compare(raw, "", body))


def _compare(raw: Mapping[str, Any], id_: str, body: Mapping[str, Any]) -> bool | None:
    """Return whether an object has the plain values of a request; None where it has none of its fields."""
    told = []
    for name, value in body.items():
        if not isinstance(value, str | int | float) and name != "metadata":
            continue
        if name in raw:
            told.append(raw[name] == value)
        elif name.endswith("_name") and "name" in raw:  # such as the `role_name` of a role
            told.append(raw["name"] == value)
        elif name.endswith("_id") and value == id_:  # such as the `user_id` of a member
            told.append(True)
    return all(told) if told else None


def makes_another(action: Action, scope: Mapping[str, str]) -> bool:
    """Return whether the answer to an action is a new object, and not the one it was done to."""
    together = isinstance(action.does, Call) and action.does.ids
    return not together and len(action.operation.placeholders) <= len(scope)
