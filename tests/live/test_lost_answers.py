"""What became of a call whose answer was lost is looked for, whatever it was done to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.samples import sample_of
from tui.api.errors import ApiError, LinkError, NotFound, OutcomeUnknown, ServerError
from tui.live.lost_answers import find_answer, makes_another
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
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
