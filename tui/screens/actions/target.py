"""An action with its objects, settled when its key is pressed."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tui.api.errors import OutcomeUnknown
from tui.resources.language.action import Fetch
from tui.resources.language.cells import short_size
from tui.resources.language.resource import title_of
from tui.screens.actions.permissions import find_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


_REASONS = 3  # that are named
_SOON = 1_000  # objects that are gone through in less time than a key takes


@dataclass(frozen=True)
class Target:
    """An action with the objects it is done to and where they are."""

    platform: Platform
    action: Action
    resource: Resource
    scope: Mapping[str, str]
    """The path parameters of the parents."""
    chosen: Sequence[Record]
    """The marked objects, or the one under the cursor."""

    @property
    def record(self) -> Record | None:
        """The first of the objects."""
        return self.chosen[0] if self.chosen else None

    @cached_property
    def _refusals(self) -> list[str | None]:
        """Why it cannot be done to each of the objects."""
        return [find_refusal(self.action, each, self.platform) for each in self.chosen]

    @cached_property
    def able(self) -> list[Record]:
        """The objects that it can be done to."""
        return [each for each, why in zip(self.chosen, self._refusals, strict=True) if why is None]

    @property
    def left_out(self) -> str:
        """A sentence on the objects that it cannot be done to, and why; "" where it can be done to all."""
        told = Counter(filter(None, self._refusals)).most_common()
        if not told:
            return ""
        number = len(self.chosen) - len(self.able)
        reasons = [f"{count:,}: {why}" if len(told) > 1 else why for why, count in told[:_REASONS]]
        be = "is" if number == 1 else "are"
        return f"{number:,} of the {len(self.chosen):,} marked {be} left out: {'; '.join(reasons)}."

    async def settle(self) -> None:
        """Find what it can be done to: of a hundred thousand objects that takes a while."""
        if len(self.chosen) > _SOON:
            await asyncio.to_thread(lambda: self.able)

    @property
    def refusal(self) -> str:
        """The sentence on why it cannot be done at all, or ""."""
        action = self.action
        if len(self.chosen) > 1 and action.on != "many":
            return f"{action.label.capitalize()} takes one {self.resource.singular} at a time."
        possible = find_refusal(action, None, self.platform) is None if action.on == "list" else bool(self.able)
        return "" if possible else f"Cannot {action.verb}: {find_refusal(action, self.record, self.platform)}."

    async def act(self, record: Record | None, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do it to one object, or to the list, and return the platform's answer. Raises ApiError."""
        try:
            return await self.platform.act(self.resource, self.scope, record, self.action, body)
        except OutcomeUnknown as error:
            from tui.live.lost_answers import find_answer

            return await find_answer(self.platform, self.resource, self.scope, self.action, record, body, error)

    def path(self, record: Record) -> dict[str, str]:
        """Return the path parameters of the call for one object."""
        action = self.action
        path = self.platform.path(action.operation, record, self.resource, self.scope)
        if isinstance(action.does, Fetch) and action.does.field != "id":
            path[action.operation.placeholders[-1]] = str(record.at(action.does.field) or "")
        return path

    def title(self, record: Record) -> str:
        """Return what people call an object, else its id."""
        return title_of(self.resource, record) or record.id

    def describe(self, record: Record) -> str:
        """Return the name and size of an object, as far as it has them."""
        size = record.at("bytes")
        name = title_of(self.resource, record) or self.platform.names.of(record.id)
        holder = self.platform.registry[self.resource.listed_per].singular if self.resource.listed_per else ""
        place = record.at(f"{holder}.name") or record.at(f"{holder}.id") if holder else ""
        parts = [name, f"in {holder} {place}" if place else "", short_size(size) if isinstance(size, int) else ""]
        return "  ".join(part for part in parts if part)
