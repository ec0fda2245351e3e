"""What became of a call whose answer was lost is looked for, whatever it was done to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.filling import filled
from tests.support.samples import NOW, sample_of
from tui.api.errors import ApiError, LinkError, NotFound, OutcomeUnknown, ServerError
from tui.live.lost_answers import find_answer, makes_another
from tui.resources.language.action import Ask
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

REMOVING = [
    (resource, action)
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.removes and resource.get and not makes_another(action, dict.fromkeys(resource.within, "in_1"))
]


class Answering:
    """A platform that answers the look for one object."""

    def __init__(self, resource: Resource, answer: ApiError | dict[str, Any]) -> None:
        self._resource, self._answer = resource, answer
        self.client = SimpleNamespace(page=None)

    def now(self) -> float:
        return NOW

    def origin(self, *_: Any) -> dict[str, str]:
        return {}

    async def get(self, *_: Any) -> Any:
        if isinstance(self._answer, ApiError):
            raise self._answer
        return self._resource.record(self._answer)


async def look(resource: Resource, action: Action, answer: ApiError | dict[str, Any], cause: ApiError) -> Any:
    platform: Any = Answering(resource, answer)
    record = resource.record(sample_of(resource))
    scope = dict.fromkeys(resource.within, "in_1")
    return await find_answer(platform, resource, scope, action, record, None, OutcomeUnknown(cause))


@pytest.mark.parametrize(
    ("resource", "action"), [pytest.param(*each, id=f"{each[0].name}-{each[1].name}") for each in REMOVING]
)
async def test_what_is_removed_is_gone_or_still_there(resource: Resource, action: Action) -> None:
    there = sample_of(resource)
    assert await look(resource, action, NotFound(404), LinkError("cut", "The answer was cut.")) == {}
    with pytest.raises(ServerError, match="It is still there, so it was not done"):
        await look(resource, action, there, ServerError(500, "It broke."))
    with pytest.raises(OutcomeUnknown, match="It is still there now, and may not be so for long"):
        await look(resource, action, there, LinkError("cut", "The answer was cut."))
    with pytest.raises(OutcomeUnknown, match="How it is now cannot be read"):
        await look(resource, action, ServerError(503, "Busy."), LinkError("cut", "The answer was cut."))


CREATING = [
    (resource, action)
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.on == "list" and isinstance(action.does, Ask) and not action.operation.reads_only
    if action.name != "run-grader"  # it makes nothing
]


def make(resource: Resource, body: Mapping[str, Any], id_: str) -> dict[str, Any]:
    """An object as a request has made it just now, by the names that its fields have."""
    raw = sample_of(resource) | {resource.identify: id_, resource.identify.split(".")[0]: id_}
    for name, value in body.items():
        if name == "file":
            raw["filename"] = value
        at = "name" if name.endswith("_name") and "name" in raw else name
        if at in raw and at != resource.identify:
            raw[at] = value
    times = {name: NOW for name in raw if name in ("created_at", "added_at", "created")}
    return raw | times


@pytest.mark.parametrize(
    ("resource", "action"), [pytest.param(*each, id=f"{each[0].name}-{each[1].name}") for each in CREATING]
)
async def test_what_may_have_been_made_is_named(resource: Resource, action: Action) -> None:
    body = filled(action)
    old = make(resource, body, "old_1")
    old |= {name: NOW - 86_400 for name in ("created_at", "added_at", "created") if name in old}
    old |= {name: "other" for name in body if name in old and isinstance(body[name], str)} | {"name": "other"}
    ids = (value for name, value in body.items() if name.endswith("_id") and sample_of(resource).get(name) is None)
    named = body.get(resource.identify) or next(map(str, ids), "new_1")
    platform: Any = Answering(resource, NotFound(404))

    async def page(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(items=[old, make(resource, body, named)])

    platform.client.page = page
    lost = OutcomeUnknown(LinkError("cut", "The answer was cut."))
    scope = dict.fromkeys(resource.within, "in_1")
    with pytest.raises(OutcomeUnknown) as raised:
        await find_answer(platform, resource, scope, action, None, body, lost)
    if resource.list is None:
        assert f"The platform has no list of {resource.name} to look in." in str(raised.value)
        return
    if resource.name == "conversation-items":
        assert "Whether it was made cannot be told from the conversation-items: look there." in str(raised.value)
        return
    assert raised.value.alike == [resource.record(make(resource, body, named)).id]
    assert f": {raised.value.alike[0]}. It may be one of them." in str(raised.value)
    assert isinstance(action.does, Ask)
    assert ("Its secret cannot be had any more" in str(raised.value)) == bool(action.does.secret)
