"""Writing: make an action's call, and show in the lists what it changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import Conflict, NotDone, NotFound, OutcomeUnknown
from tui.resources.language.action import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.client import Client
    from tui.live.addresses import Addresses
    from tui.live.memory import Memory
    from tui.live.polling.pollers import Pollers
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource


class Writes:
    """Makes the calls of actions; lists and memory follow their answers."""

    def __init__(self, client: Client, addresses: Addresses, pollers: Pollers, memory: Memory) -> None:
        self._client = client
        self._addresses = addresses
        self._pollers = pollers
        self._memory = memory

    async def write(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        id_: str | None,
        action: Action,
        path: Mapping[str, str],
        body: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Make the call for the object `id_`, or (None) for the list, and return the platform's answer.

        Raises ApiError. After one that leaves the object's state open the list is refreshed.
        """
        from tui.live.writes.answer_checks import check_answer

        watch = self._pollers.watch_of(resource, scope)
        try:
            check = partial(check_answer, self._addresses, resource, scope, id_, action, body or {})
            answer = await self._client.call(
                action.operation, path, body=body, check=None if action.operation.reads_only else check
            )
        except NotFound:
            if id_:
                self._memory.drop(resource, scope, id_)
            raise
        except (Conflict, NotDone, OutcomeUnknown):
            if watch:
                watch.outdate()
            raise
        if action.operation.reads_only:
            return answer
        if isinstance(action.does, Ask) and action.does.secret:  # no list may hold it
            if watch:
                watch.outdate()
            return answer
        if action.removes and id_:
            self._memory.drop(resource, scope, id_)
            return answer
        self.note(resource, scope, id_, answer)
        return answer

    def note(
        self, resource: Resource, scope: Mapping[str, str], id_: str | None, answer: Mapping[str, Any]
    ) -> None:
        """Show in the lists what an answer tells of the object `id_`, or (None) of a new one."""
        watch = self._pollers.watch_of(resource, scope)
        made = self._addresses.find(str(answer.get("id")))
        if made and made is not resource:  # such as the run of an assistant, or the batch of files of a store
            self._memory.note(made, {**answer, **scope}, answer)
        elif _is_object(resource, id_, answer):
            self._memory.note(resource, scope, answer)
        if watch is None:
            return
        if _is_object(resource, id_, answer) and (
            id_ or not watch.is_filtered
        ):  # filters may not let a new one in
            watch.put(answer)
        else:
            watch.outdate()


def _is_object(resource: Resource, id_: str | None, answer: Mapping[str, Any]) -> bool:
    """Return whether an answer is an object of the resource: `id_`, or a new one by how its id begins."""
    found = answer.get(resource.identify)
    return isinstance(found, str) and (found == id_ if id_ else found.startswith(resource.prefixes or ("\0",)))
