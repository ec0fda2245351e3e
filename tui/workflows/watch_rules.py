"""What the user wants to be told of: objects that are looked at until they are over, wherever the user is.

The rules are kept in a file that only this user can read, so that they outlive the program. A rule is taken out of
it before it is told that its object is over: nobody is told twice.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

from tui.api.errors import ApiError, NotFound
from tui.config import write_private
from tui.live.polling.poller import Poller
from tui.resources.language.resource import Resource
from tui.workflows.overview.attention import name_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record

PACE = (10.0, 30.0)  # seconds between looks
MOST = 100  # rules; each costs a request a look
_ACTIVE = Resource.__dataclass_fields__["active"].default


class RuleError(ValueError):
    """An object cannot be watched; the message is a sentence."""


class WatchRule(NamedTuple):
    """An object to tell of when it is over."""

    resource: str
    scope: Mapping[str, str]
    id: str
    name: str


class Ended(NamedTuple):
    """That the object of a rule is over."""

    rule: WatchRule
    outcome: str
    """The word for its state, or `gone`."""
    well: bool

    @property
    def sentence(self) -> str:
        """Return what to tell."""
        return f"{self.rule.name}: {self.outcome}"


def read_rules(path: Path) -> dict[str, WatchRule]:
    """Return the rules kept in a file by the id of their object; none where it is missing or damaged."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        rules = [
            WatchRule(str(each["resource"]), dict(each["scope"]), str(each["id"]), str(each["name"]))
            for each in told
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {rule.id: rule for rule in rules[:MOST]}


def write_rules(path: Path, rules: Mapping[str, WatchRule]) -> None:
    """Keep these rules in the place of those before. Raises OSError."""
    write_private(path, json.dumps([rule._asdict() for rule in rules.values()]).encode())


class RuleWatcher(Poller):
    """Looks at the objects of the rules, and tells once of each that is over."""

    def __init__(
        self,
        platform: Platform,
        path: Path | None,
        on_end: Callable[[Ended], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with the rules kept in `path`; without it none are kept. `on_end` hears of each end."""
        super().__init__(platform.scheduler, clock)
        self._platform, self._path, self._on_end = platform, path, on_end
        self.rules: dict[str, WatchRule] = read_rules(path) if path else {}
        if self.rules:
            self.start()

    @property
    def lasting(self) -> bool:
        """Whether the rules outlive the program."""
        return self._path is not None

    def toggle(self, resource: Resource, scope: Mapping[str, str], record: Record) -> bool:
        """Watch an object from now on, or no more. Returns whether it is watched now.

        Raises RuleError for one that will not change by itself, and OSError where the rules cannot be kept.
        """
        if record.id in self.rules:
            self._forget_rule(record.id)
            return False
        if resource.active is _ACTIVE or resource.get is None:
            raise RuleError(f"There is nothing to wait for: {resource.name} do not change by themselves.")
        if not resource.active(record.object):
            raise RuleError(f"There is nothing to wait for: this {resource.singular} is over.")
        if len(self.rules) >= MOST:
            raise RuleError(f"{MOST} objects are watched already, which is the most.")
        origin = self._platform.origin(resource, record) if resource.listed_per else {}
        name = name_of(resource, record, self._platform.names.of)
        self._keep({**self.rules, record.id: WatchRule(resource.name, {**scope, **origin}, record.id, name)})
        if not self.visible:
            self.start()
        return True

    def _forget_rule(self, id_: str) -> None:
        self._keep({known: rule for known, rule in self.rules.items() if known != id_})
        if not self.rules and self.visible:
            self.stop()

    def _keep(self, rules: dict[str, WatchRule]) -> None:
        if self._path:
            write_rules(self._path, rules)
        self.rules = rules

    async def _round(self) -> bool:
        fault: ApiError | None = None
        for rule in list(self.rules.values()):
            try:
                ended = await self._look(rule)
            except ApiError as error:
                fault = error  # the others are looked at all the same
                continue
            if ended and self._claim(rule):
                self._on_end(ended)
        if fault:
            raise fault
        return False

    async def _look(self, rule: WatchRule) -> Ended | None:
        """Return that the object of a rule is over, or None. Raises ApiError."""
        resource = self._platform.registry.get(rule.resource)
        if resource is None:
            return Ended(rule, "gone", well=False)
        try:
            record = await self._platform.get(resource, rule.scope, rule.id)
        except NotFound:
            return Ended(rule, "gone", well=False)
        if resource.active(record.object):
            return None
        collection = self._platform.watch(resource, rule.scope).collection
        state = state_of(resource, record, collection.context_of(record.id, self._platform.now()))
        return Ended(rule, state.text[2:] or "over", well=state.tone == "good")

    def _claim(self, rule: WatchRule) -> bool:
        """Take a rule out before it is told of. Returns whether nobody else did, such as a second program."""
        if rule.id not in self.rules:
            return False
        mine = self._path is None or rule.id in read_rules(self._path)
        self._forget_rule(rule.id)
        return mine

    def _pace(self) -> tuple[float, float]:
        return PACE
