"""Whether somebody else is an owner, looked at once more right before a person is taken out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.workflows.offboarding.kinds import PERSON
from tui.workflows.plan.calls import LOOK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.workflows.offboarding.search import HoldingsSearch
    from tui.workflows.plan.plan import Step


class OwnerLook:
    """Leaves an owner in the organization who is the last one by now, or may be."""

    def __init__(self, search: HoldingsSearch) -> None:
        self._search = search

    async def find(
        self,
        steps: Iterable[Step],
        patience: float = LOOK,
        *,
        is_accepted: bool = False,  # noqa: ARG002
    ) -> tuple[dict[str, str], str]:
        """Return by call why the owner stays; nothing else speaks against the calls. See `Look`.

        That the list of users is refused is told before the calls, and is no reason here.
        """
        owner = next((each for each in steps if each.resource is PERSON.resource), None)
        if owner is None or owner.record.at("role") != "owner":
            return {}, ""
        why = ""
        try:
            async with asyncio.timeout(patience):
                if not await self._search.find_other_owner():
                    why = "They are the last owner by now."
        except TimeoutError:
            why = "It took too long to see whether anybody else is an owner."
        except ApiError as error:
            if not error.permanent:
                why = f"It is not known whether anybody else is an owner: {error.sentence}"
        return {owner.call: f"{why} They were left in the organization."} if why else {}, ""
