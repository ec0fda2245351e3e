"""What the user wants to be told of, wherever the user is: objects that are over or stalled, and money.

The rules are kept in a file that only this user can read, so that they outlive the program. A rule is taken out of
it before it is told that its object is over: nobody is told twice.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError, NotFound
from tui.live.polling.poller import Poller
from tui.live.totals import last_days, read_totals
from tui.resources.language.reading.amounts import format_amount, read_number, sum_amounts
from tui.resources.language.resource import Resource
from tui.resources.usage import COSTS_KIND
from tui.workflows.overview.attention import name_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.system.state_file import StateFile

PACE = (10.0, 30.0)  # seconds between looks
MOST = 100  # rules; each costs a request a look
COSTS = COSTS_KIND.name
COSTS_PACE = 300.0  # seconds between looks at what is spent: it is told by the day
_ACTIVE = Resource.__dataclass_fields__["active"].default


class RuleError(ValueError):
    """An object cannot be watched; the message is a sentence."""


class WatchRule(NamedTuple):
    """An object to tell of when it is over; or, with the resource `costs`, an amount that a day may cost."""

    resource: str
    scope: Mapping[str, str]
    id: str
    """The id of the object, or the amount in dollars."""
    name: str
    told: str = ""
    """What was told of it already while it goes on: that it stalls, or the day (UTC) that cost more."""


class Ended(NamedTuple):
    """That the object of a rule is over or stalls, or that more was spent than the amount."""

    rule: WatchRule
    outcome: str
    """The word for its state, or `gone`."""
    well: bool
    told: str = ""
    """What is kept of this where the rule goes on, such as the day; "" for a rule that is done with."""

    @property
    def sentence(self) -> str:
        """Return what to tell."""
        return f"{self.rule.name}: {self.outcome}"


def read_rules(file: StateFile) -> dict[str, WatchRule]:
    """Return the rules kept in a file by the id of their object; none where it is missing or damaged."""
    return file.read(_read_kept) or {}


def _read_kept(told: Any) -> dict[str, WatchRule]:
    rules = [
        WatchRule(
            str(each["resource"]),
            dict(each["scope"]),
            str(each["id"]),
            str(each["name"]),
            str(each.get("told") or ""),
        )
        for each in told
    ]
    return {rule.id: rule for rule in rules[:MOST]}


def write_rules(file: StateFile, rules: Mapping[str, WatchRule]) -> None:
    """Keep these rules in the place of those before. Raises OSError."""
    file.write([rule._asdict() for rule in rules.values()])


class RuleWatcher(Poller):
    """Looks at the objects of the rules, and tells once of each that is over."""

    def __init__(
        self,
        platform: Platform,
        file: StateFile,
        on_end: Callable[[Ended], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with the rules kept in `file`. `on_end` hears of each end."""
        super().__init__(platform.scheduler, clock)
        self._platform, self._file, self._on_end = platform, file, on_end
        self._costs_due = 0.0  # when to look at what is spent again (local clock)
        self.rules: dict[str, WatchRule] = read_rules(file)
        if self.rules:
            self.start()

    @property
    def lasting(self) -> bool:
        """Whether the rules outlive the program."""
        return self._file.path is not None

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
        self._add(WatchRule(resource.name, {**scope, **origin}, record.id, name))
        return True

    def watch_costs(self, dollars: Decimal) -> None:
        """Watch what a day costs, and tell once each day that is more than this. An earlier amount is forgotten.

        Raises OSError where the rules cannot be kept.
        """
        for rule in [rule for rule in self.rules.values() if rule.resource == COSTS]:
            self._forget_rule(rule.id)
        self._costs_due = 0.0
        self._add(WatchRule(COSTS, {}, f"{dollars:f}", f"costs of a day over {format_amount(dollars, '$')}"))

    def _add(self, rule: WatchRule) -> None:
        self._keep({**self.rules, rule.id: rule})
        if not self.visible:
            self.start()

    def _forget_rule(self, id_: str) -> None:
        self._keep({known: rule for known, rule in self.rules.items() if known != id_})
        if not self.rules and self.visible:
            self.stop()

    def _keep(self, rules: dict[str, WatchRule]) -> None:
        write_rules(self._file, rules)
        self.rules = rules

    async def _round(self) -> bool:
        fault: ApiError | None = None
        for rule in list(self.rules.values()):
            try:
                ended = await self._look(rule)
            except ApiError as error:
                fault = error  # the others are looked at all the same
                continue
            if ended and self._claim(ended):
                self._on_end(ended)
        if fault:
            raise fault
        return False

    async def _look(self, rule: WatchRule) -> Ended | None:
        """Return that the object of a rule is over or stalls, or None. Raises ApiError."""
        if rule.resource == COSTS:
            return await self._look_at_costs(rule)
        resource = self._platform.registry.get(rule.resource)
        if resource is None:
            return Ended(rule, "gone", well=False)
        try:
            record = await self._platform.get(resource, rule.scope, rule.id)
        except NotFound:
            return Ended(rule, "gone", well=False)
        collection = self._platform.watch(resource, rule.scope).collection
        context = collection.context_of(record.id, self._platform.now())
        if resource.active(record.object):
            reason = None if rule.told else resource.stalled(record.object, context)
            return Ended(rule, f"stalled, {reason}", well=False, told="stalled") if reason else None
        state = state_of(resource, record, context)
        return Ended(rule, state.text[2:] or "over", well=state.tone == "good")

    async def _look_at_costs(self, rule: WatchRule) -> Ended | None:
        """Return that today cost more than the amount of a rule, or None. Raises ApiError."""
        if self._clock() < self._costs_due:
            return None
        self._costs_due = self._clock() + COSTS_PACE
        today = last_days(1, self._platform.now())
        totals = await read_totals(self._platform.client, COSTS_KIND, ("project_id",), *today)
        spent = sum_amounts(amount for amount, *_ in totals.values())
        day = time.strftime("%Y-%m-%d", time.gmtime(self._platform.now()))
        limit = read_number(rule.id)
        if limit is None:  # somebody changed the file
            return Ended(rule, "no amount", well=False)
        if spent <= limit or rule.told == day:
            return None
        return Ended(rule, f"{format_amount(spent, '$')} so far today", well=False, told=day)

    def _claim(self, ended: Ended) -> bool:
        """Change a rule before it is told of. Returns whether nobody else did, such as a second program."""
        rule = ended.rule
        if self.rules.get(rule.id) != rule:
            return False
        mine = not self.lasting or read_rules(self._file).get(rule.id) == rule
        if ended.told:
            self._keep({**self.rules, rule.id: rule._replace(told=ended.told)})
        else:
            self._forget_rule(rule.id)
        return mine

    def _pace(self) -> tuple[float, float]:
        return PACE
