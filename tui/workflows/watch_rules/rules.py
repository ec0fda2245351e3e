"""What the user wants to be told of: objects that are over or stall, all of a list that are or will be, and money.

The rules are kept in a file that only this user can read, so that they outlive the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.live.lists.query import QueryError, parse
from tui.resources.language.reading.times import unix_time
from tui.resources.usage import COSTS_KIND
from tui.workflows.overview.attention import name_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tui.live.lists.collection import Collection as LiveList
    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.system.state_file import StateFile

MOST = 100  # rules; each costs a request a look
COSTS = COSTS_KIND.name
SLACK = 60.0  # seconds: an object is taken for new though one that was made so much later is known


class WatchRule(NamedTuple):
    """An object to tell of when it is over; or, with the resource `costs`, an amount that a day may cost."""

    resource: str
    scope: Mapping[str, str]
    id: str
    """The id of the object, or the amount in dollars."""
    name: str
    told: str = ""
    """What was told of it already while it goes on: that it stalls, or the day (UTC) that cost more."""


class ListRule(NamedTuple):
    """A list of which each object that a filter fits is told when it is over, those to come included.

    An object counts that fits while it is active, or once it is over.
    """

    resource: str
    scope: Mapping[str, str]
    query: Mapping[str, str]
    """What the server filters by."""
    filter: str
    """In the language of `/`; "" for the whole list."""
    since: float
    """Objects made before (unix seconds) are known: those that are not `open` need no look."""
    done: tuple[str, ...]
    """The ids of objects made since then that need no look either, in order."""
    open: Mapping[str, str]
    """By the id of an active object "", `fits`, or `stalled` for one that was told to stall."""

    @property
    def id(self) -> str:
        """What the rule is known by."""
        within = "".join(f" {key}={value}" for key, value in sorted({**self.scope, **self.query}.items()))
        return f":{self.resource}{within} /{self.filter}"

    @property
    def name(self) -> str:
        """What is watched, in words."""
        return f"{self.resource} that match /{self.filter}" if self.filter else f"all {self.resource}"

    @property
    def itself(self) -> WatchRule:
        """What the rule is told of as, where the list itself is gone."""
        return WatchRule(self.resource, self.scope, self.id, self.name)


Rule = WatchRule | ListRule


class RuleError(ValueError):
    """What is asked for cannot be watched; the message is a sentence."""


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
        """The sentence to tell."""
        return f"{self.rule.name}: {self.outcome}"


def read_rules(file: StateFile) -> dict[str, Rule] | None:
    """Return the rules kept in a file by their ids; None where it is missing or damaged."""
    return file.read(_read_kept)


def _read_kept(told: Any) -> dict[str, Rule]:
    rules = [_read_list_rule(each) if "filter" in each else _read_rule(each) for each in told]
    return {rule.id: rule for rule in rules[:MOST]}


def _read_rule(each: Mapping[str, Any]) -> WatchRule:
    return WatchRule(
        str(each["resource"]),
        dict(each["scope"]),
        str(each["id"]),
        str(each["name"]),
        str(each.get("told") or ""),
    )


def _read_list_rule(each: Mapping[str, Any]) -> ListRule:
    return ListRule(
        str(each["resource"]),
        dict(each["scope"]),
        dict(each["query"]),
        str(each["filter"]),
        float(each["since"]),
        tuple(map(str, each["done"])),
        {str(id_): str(state) for id_, state in each["open"].items()},
    )


def write_rules(file: StateFile, rules: Mapping[str, Rule]) -> None:
    """Keep these rules in the place of those before. Raises OSError."""
    file.write([rule._asdict() for rule in rules.values()])


def check_object(resource: Resource, record: Record) -> None:
    """Raise RuleError for an object that will not change by itself."""
    if not resource.changes_itself or resource.get is None:
        raise RuleError(f"There is nothing to wait for: {resource.name} do not change by themselves.")
    if not resource.active(record.object):
        raise RuleError(f"There is nothing to wait for: this {resource.singular} is over.")


def begin_list_rule(
    live_list: LiveList, query: Mapping[str, str], filter_: str, now: float, name: Callable[[str], str]
) -> ListRule:
    """Return the rule of a list as it is now (`now` is the server's time). Raises RuleError for one that rests."""
    resource = live_list.resource
    if not resource.changes_itself or resource.list is None or resource.get is None or resource.listed_per:
        raise RuleError(f"There is nothing to wait for: {resource.name} do not change by themselves.")
    try:
        wanted = parse(filter_)
    except QueryError as error:
        raise RuleError(error.message) from None
    active = live_list.active()
    open_ = {
        id_: "fits"
        if wanted.matches(live_list.records[id_], resource.columns, live_list.context_of(id_, now, name))
        else ""
        for id_ in active
    }
    since = max((at for each in live_list.records.values() if (at := _read_creation(each))), default=now) - SLACK
    rule = ListRule(resource.name, live_list.scope, dict(query), filter_, since, (), open_)
    return _remember(rule, live_list, set(live_list.records))


def reaches_known(rule: ListRule, live_list: LiveList) -> bool:
    """Return whether so much of a list is there, newest first, that all is there which the rule does not know."""
    return live_list.complete or any(
        (_read_creation(each) or 0) < rule.since for each in live_list.records.values()
    )


def look_at_list(
    rule: ListRule,
    live_list: LiveList,
    followed: Collection[str],
    now: float,
    name: Callable[[str], str],
    gone: Collection[str] = (),
) -> tuple[ListRule, list[Ended]]:
    """Return a rule after a look at its list, and what is to be told.

    `followed` are the ids of objects that have rules of their own: those tell of them. `gone` are ids of open
    objects that are no longer there, `name` tells what people call an id. Raises QueryError where the filter is no
    filter.
    """
    resource, query = live_list.resource, parse(rule.filter)
    open_, done, ended = dict(rule.open), set(rule.done), list[Ended]()
    for record in live_list.records.values():
        id_ = record.id
        is_active = resource.active(record.object)  # such as a store that is given more files
        is_new = (_read_creation(record) or 0) >= rule.since and id_ not in done
        if not (is_active or is_new or id_ in open_):
            continue
        context = live_list.context_of(id_, now, name)
        state = open_.pop(id_, "")
        if not state and query.matches(record, resource.columns, context):
            state = "fits"
        told = "stalled" if state == "stalled" else ""
        own = WatchRule(resource.name, rule.scope, id_, name_of(resource, record, name), told)
        news = judge(own, resource, record, context) if state else None
        done.add(id_)
        if id_ in followed:
            continue
        if is_active:
            open_[id_] = "stalled" if news else state
        if news:
            ended.append(news)
    for id_ in gone:
        if open_.pop(id_, ""):
            ended.append(Ended(WatchRule(resource.name, rule.scope, id_, id_), "gone", well=False))
    return _remember(rule._replace(open=open_), live_list, done), ended


def judge(rule: WatchRule, resource: Resource, record: Record, context: CellContext) -> Ended | None:
    """Return the end of a rule whose object is over or stalls, else None."""
    if resource.active(record.object):
        reason = None if rule.told else resource.stalled(record.object, context)
        return Ended(rule, f"stalled, {reason}", well=False, told="stalled") if reason else None
    state = state_of(resource, record, context)
    return Ended(rule, state.text[2:] or "over", well=state.tone == "good")


def _remember(rule: ListRule, live_list: LiveList, done: set[str]) -> ListRule:
    """Return a rule that remembers of what is `done` no more than it must."""
    made = {id_: at for id_, record in live_list.records.items() if (at := _read_creation(record)) is not None}
    since = max(rule.since, max(made.values(), default=rule.since) - SLACK)
    kept = sorted(id_ for id_ in done - rule.open.keys() if made.get(id_, 0) >= since)
    return rule._replace(since=since, done=tuple(kept))


def _read_creation(record: Record) -> float | None:
    """Return when an object was made, in unix seconds."""
    return unix_time(record.at("created_at"))
