"""What has changed since calls were agreed to: what they take away may be in use by now."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from tui.workflows.consequences.consequences import find_users, needs_look
from tui.workflows.plan.calls import LOOK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.live.platform import Platform
    from tui.workflows.plan.plan import Step


class Look(Protocol):
    """What is looked at right before calls are made, and again before they are gone on with."""

    async def find(
        self, steps: Iterable[Step], patience: float = LOOK, *, is_accepted: bool = False
    ) -> tuple[dict[str, str], str]:
        """Return by call why it is not made, and in a sentence what is not known, "" for nothing. Raises ApiError.

        It looks for as long as `patience` (seconds). What is not known is no reason the next
        time if it `is_accepted`: if people are asked about it.
        """


class UseLook:
    """Looks for what uses the objects of calls right before they are made, whatever was known before."""

    def __init__(self, platform: Platform, used: Iterable[str] = (), unseen: Iterable[str] = ()) -> None:
        """`used` are the ids of what is to go although something uses it, `unseen` what need not be looked at."""
        self._platform, self._used, self._accepted = platform, frozenset(used), set(unseen)

    async def find(
        self, steps: Iterable[Step], patience: float = LOOK, *, is_accepted: bool = False
    ) -> tuple[dict[str, str], str]:
        """Return by call what uses its object, and in a sentence what is not known. See `Look`."""
        found: dict[str, str] = {}
        unknown = []
        every = list(steps)
        going = frozenset(step.record.id for step in every if step.action.removes)
        for _, group in groupby(every, lambda step: (step.resource.name, step.action.name, dict(step.scope))):
            alike: Sequence[Step] = list(group)
            first, records = alike[0], [step.record for step in alike]
            if not needs_look(first.resource, first.action):
                continue
            users, unseen = await find_users(
                self._platform,
                first.resource,
                first.action,
                records,
                first.scope,
                patience,
                is_last=True,
                going=going,
            )
            found |= {
                step.call: f"{users[step.record.id]} It was left alone."
                for step in alike
                if step.record.id in users and step.record.id not in self._used
            }
            if unseen.open - self._accepted:
                unknown.append(f"{unseen} {unseen.fault.sentence}" if unseen.fault else str(unseen))
            if is_accepted:
                self._accepted |= unseen.open
        it = "it" if len(every) == 1 else "them"
        return found, f"It is not known whether something uses {it}. {' '.join(unknown)}" if unknown else ""
