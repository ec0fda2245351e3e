"""Looking at what the user wants to be told of, and telling once.

A rule is changed in its file before it is told what became of it: nobody is told twice.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.api.errors import ApiError, NotFound
from tui.api.requests import fill_path
from tui.api.retries import seconds_until
from tui.live.lists.query import QueryError
from tui.live.polling.poller import Poller
from tui.live.totals import find_last_days, read_totals
from tui.resources.language.reading.amounts import format_amount, read_number, sum_amounts
from tui.resources.usage import COSTS_KIND
from tui.workflows.overview.attention import name_of
from tui.workflows.watch_rules.rules import (
    COSTS,
    MOST,
    Ended,
    ListRule,
    Rule,
    RuleError,
    WatchRule,
    begin_list_rule,
    check_object,
    judge,
    look_at_list,
    reaches_known,
    read_rules,
    write_rules,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from tui.live.lists.collection import Collection
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.system.state_file import StateFile

PACE = (5.0, 10.0)  # seconds between looks, ...
SHARE = 4  # ... more where they would take more than one in so many requests of the budget
COSTS_PACE = 300.0  # seconds between looks at what is spent: it is told by the day
PAGES = 10  # the most of a list that are read at once for what is new in it
MISSED = 20  # objects that a list no longer holds: so many are read by their ids in a look


class RuleWatcher(Poller):
    """Looks at the objects and lists of the rules, and tells once of each object that is over.

    Objects of one list are read together.
    """

    heeds_focus = False  # who is told of an end need not look

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
        self._lists: dict[str, Watch] = {}  # by the id of a rule
        self._looking = asyncio.Lock()
        self._read: dict[str, Record] = {}  # by id, objects that were read together with others
        self.rules: dict[str, Rule] = {}
        self._hold(read_rules(file) or {})

    @property
    def lasting(self) -> bool:
        """Whether the rules outlive the program."""
        return self._file.path is not None

    def toggle(self, resource: Resource, scope: Mapping[str, str], record: Record) -> bool:
        """Watch an object from now on, or no more. Returns whether it is watched now.

        Raises RuleError for one that will not change by itself, and OSError where the rules cannot be kept.
        """
        if record.id in self.rules:
            self._change(record.id, None)
            return False
        check_object(resource, record)
        origin = self._platform.origin(resource, record) if resource.listed_per else {}
        name = name_of(resource, record, self._platform.names.of)
        self._add(WatchRule(resource.name, {**scope, **origin}, record.id, name))
        return True

    def toggle_list(self, live_list: Collection, query: Mapping[str, str], filter_: str) -> ListRule | None:
        """Watch all of a list that a filter fits, now or later, or no more. Returns the rule; None where it ends.

        `query` is what the server filters by. Raises RuleError for a list whose objects do not change by
        themselves, and OSError where the rules cannot be kept.
        """
        now, name = self._platform.now(), self._platform.names.of
        rule = begin_list_rule(live_list, query, filter_, now, name)
        if rule.id in self.rules:
            self._change(rule.id, None)
            return None
        self._add(rule)
        return rule

    def end(self, id_: str) -> None:
        """Watch by the rule with this id no more. Raises OSError where that cannot be kept."""
        self._change(id_, None)

    def watch_costs(self, dollars: Decimal) -> None:
        """Watch what a day costs, and tell once each day that is more than this. An earlier amount is forgotten.

        Raises OSError where the rules cannot be kept.
        """
        for rule in [rule for rule in self.rules.values() if rule.resource == COSTS]:
            self._change(rule.id, None)
        self._costs_due = 0.0
        self._add(WatchRule(COSTS, {}, f"{dollars:f}", f"costs of a day over {format_amount(dollars, '$')}"))

    def _add(self, rule: Rule) -> None:
        if len(self.rules) >= MOST:
            raise RuleError(f"{MOST} objects and lists are watched already, which is the most.")
        self._change(rule.id, rule)

    def _kept(self) -> dict[str, Rule]:
        """Return the rules as they are kept, which a second program may have changed."""
        kept = read_rules(self._file) if self.lasting else None
        return dict(self.rules) if kept is None else kept

    def _change(self, id_: str, rule: Rule | None) -> None:
        """Keep a rule in the place of the one with this id, or none. Raises OSError."""
        rules = self._kept()
        rules.pop(id_, None)
        if rule:
            rules[id_] = rule
        write_rules(self._file, rules)
        self._hold(rules)

    def _hold(self, rules: dict[str, Rule]) -> None:
        self.rules = rules
        self._lists = {id_: watch for id_, watch in self._lists.items() if id_ in rules}
        if rules and not self.visible:
            self.start()
        elif self.visible and not rules:
            self.stop()

    def _claim(self, rule: Rule, after: Rule | None) -> bool:
        """Put what becomes of a rule in its place before it is told. Returns whether nobody else did meanwhile."""
        kept = self._kept()
        if self.rules.get(rule.id) != rule:
            return False
        if kept.get(rule.id) != rule:  # a second program was quicker
            self._hold(kept)
            return False
        self._change(rule.id, after)
        return True

    async def _round(self) -> bool:
        async with self._looking:  # a list half read tells nothing
            return await self._look_at_all()

    async def _look_at_all(self) -> bool:
        """Look at each rule once, and tell of the ends. Return False, so that the pace stays. Raises ApiError."""
        fault: ApiError | None = None
        told: set[str] = set()  # an object may be in two lists: it is told once
        await self._read_together()
        # Lists first: an object with a rule of its own is told of by that.
        for rule in sorted(self.rules.values(), key=lambda rule: not isinstance(rule, ListRule)):
            after: Rule | None
            try:
                if isinstance(rule, ListRule):
                    after, ended = await self._look_at_list(rule)
                else:
                    after, ended = await self._look(rule)
            except ApiError as error:
                fault = error  # the others are looked at all the same
                continue
            if after != rule and self._claim(rule, after):
                for each in ended:
                    if each.rule.id not in told:
                        self._on_end(each)
                told.update(each.rule.id for each in ended)
        if fault:
            raise fault
        return False

    async def _look(self, rule: WatchRule) -> tuple[WatchRule | None, list[Ended]]:
        """Return what becomes of a rule, and what there is to tell. Raises ApiError."""
        ended = await (self._look_at_costs(rule) if rule.resource == COSTS else self._look_at_object(rule))
        if ended is None:
            return rule, []
        return rule._replace(told=ended.told) if ended.told else None, [ended]

    async def _look_at_object(self, rule: WatchRule) -> Ended | None:
        """Return the end of a rule whose object is over or stalls, else None. Raises ApiError."""
        resource = self._platform.registry.get(rule.resource)
        if resource is None:
            return Ended(rule, "gone", well=False)
        try:
            record = self._read.get(rule.id) or await self._platform.get(resource, rule.scope, rule.id)
        except NotFound:
            return Ended(rule, "gone", well=False)
        collection = self._platform.watch(resource, rule.scope).collection
        return judge(rule, resource, record, collection.context_of(record.id, self._platform.now()))

    async def _read_together(self) -> None:
        """Read in one request the objects of rules that are of one list, as far as its first page has them."""
        self._read = {}
        alike: dict[str, list[WatchRule]] = {}
        for rule in self.rules.values():
            if isinstance(rule, WatchRule) and rule.resource in self._platform.registry:
                alike.setdefault(f"{rule.resource} {sorted(rule.scope.items())}", []).append(rule)
        for rules in alike.values():
            resource, scope = self._platform.registry[rules[0].resource], rules[0].scope
            if len(rules) < 2 or resource.list is None or resource.listed_per:
                continue
            with suppress(ApiError):  # then each is read by itself
                path = fill_path(resource.list, scope)
                page = await self._platform.client.page(
                    resource.list, path, query=resource.query, limit=resource.page_max or None
                )
                found = {resource.identity(raw): raw for raw in page.items}
                self._read |= {rule.id: resource.record(found[rule.id]) for rule in rules if rule.id in found}

    async def _look_at_list(self, rule: ListRule) -> tuple[ListRule | None, list[Ended]]:
        """Return the rule of a list after a look at it, and what there is to tell. Raises ApiError."""
        resource = self._platform.registry.get(rule.resource)
        if resource is None:
            return None, [Ended(rule.itself, "gone", well=False)]
        watch = self._lists.get(rule.id)
        if watch is None:
            watch = self._lists[rule.id] = self._platform.list_apart(resource, rule.scope, rule.query)
        await watch.poll()
        for _ in range(PAGES):
            if watch.health.error or reaches_known(rule, watch.collection):
                break
            await watch.load_more()
        if isinstance(watch.health.error, NotFound):
            return None, [Ended(rule.itself, "gone", well=False)]
        if watch.health.error:
            raise watch.health.error
        gone: set[str] = set()
        for id_ in [id_ for id_ in rule.open if id_ not in watch.collection.records][:MISSED]:
            try:
                watch.put((await self._platform.get(resource, rule.scope, id_)).raw)
            except NotFound:
                gone.add(id_)
        name, now = self._platform.names.of, self._platform.now()
        try:
            return look_at_list(rule, watch.collection, self.rules.keys(), now, name, gone)
        except QueryError:  # somebody changed the file
            return None, [Ended(rule.itself, "no filter", well=False)]

    async def _look_at_costs(self, rule: WatchRule) -> Ended | None:
        """Return the end of a rule if today cost more than its amount, else None. Raises ApiError."""
        if seconds_until(self._costs_due, now := self._clock(), COSTS_PACE):
            return None
        self._costs_due = now + COSTS_PACE
        today = find_last_days(1, self._platform.now())
        totals = await read_totals(self._platform.client, COSTS_KIND, ("project_id",), *today)
        spent = sum_amounts(amount for amount, *_ in totals.values())
        day = time.strftime("%Y-%m-%d", time.gmtime(self._platform.now()))
        limit = read_number(rule.id)
        if limit is None:  # somebody changed the file
            return Ended(rule, "no amount", well=False)
        if spent <= limit or rule.told == day:
            return None
        return Ended(rule, f"{format_amount(spent, '$')} so far today", well=False, told=day)

    def _pace(self) -> tuple[float, float]:
        rules = self.rules.values()
        lists = {f"{rule.resource} {sorted(rule.scope.items())}" for rule in rules if rule.id in self._read}
        requests = len(lists) + len(self.rules.keys() - self._read.keys())
        quickest, slowest = (max(pace, 60.0 * SHARE * requests / self._scheduler.budget) for pace in PACE)
        return quickest, slowest
