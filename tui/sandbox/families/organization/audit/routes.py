"""The audit log: what people and keys did, newest first. Writes through the sandbox are entries too."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from tui.sandbox.families.organization.audit.events import EVENT_TYPES, administrator, background, of_tenant
from tui.sandbox.families.organization.common import Both, Strings, chance, look
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Fields, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.world import JSON, Row, World

family = Family()

_CHUNK = 500  # rows read at a time


class Range(Fields):
    """A span of unix seconds."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, moment: int) -> bool:
        """Return whether a moment lies in it."""
        return (
            (self.gt is None or moment > self.gt)
            and (self.gte is None or moment >= self.gte)
            and (self.lt is None or moment < self.lt)
            and (self.lte is None or moment <= self.lte)
        )

    def over(self, moment: float) -> bool:
        """Return whether nothing at this moment or before it can lie in it."""
        floor = max(-1 if self.gt is None else self.gt + 1, -1 if self.gte is None else self.gte)
        return int(moment) < floor


def _check_types(types: list[str]) -> list[str]:
    for type_ in types:
        if type_ not in EVENT_TYPES and not of_tenant(type_):
            raise Problem(f"Invalid value: '{type_}'.", param="event_types", code="invalid_value")
    return types


class AuditQuery(Both):
    """The filters and the page of the audit log."""

    effective_at: Range = Range()
    project_ids: Strings = []
    event_types: Annotated[Strings, AfterValidator(_check_types)] = []
    actor_ids: Strings = []
    actor_emails: Strings = []
    resource_ids: Strings = []
    tenant_only: bool = False


class Burst(Body):
    """A number of entries to write at once."""

    count: Annotated[int, Field(ge=1, le=100_000)]


def record(world: World, type_: str, detail: JSON, project: JSON | None = None) -> None:
    """Write an entry about what the caller just did, with an admin key."""
    add(world, world.new_id("audit_log-"), type_, world.now(), administrator(world), detail, project)


def add(
    world: World, id_: str, type_: str, moment: float, actor: JSON | None, detail: Any, project: JSON | None
) -> None:
    """Write an entry."""
    entry: JSON = {"id": id_, "type": type_, "effective_at": int(moment)}
    if project:
        entry["project"] = {"id": project["id"], "name": project.get("name")}
    world.put("audit_log", {**entry, "actor": actor, type_: detail}, created=moment, tag=type_)


@family.route("GET", "/organization/audit_logs", query=AuditQuery)
def list_audit_logs(world: World, query: AuditQuery) -> Answer:
    """List entries, newest first."""
    if query.tenant_only and not all(map(of_tenant, query.event_types)):
        message = "With 'tenant_only' all event types must be tenant-scoped."
        raise Problem(message, param="event_types", code="invalid_value")
    catch_up(world)
    for name in ("after", "before"):
        if (cursor := getattr(query, name)) and not world.find("audit_log", cursor):
            message = f"Invalid '{name}': no object found with id '{cursor}'."
            raise Problem(message, param=name, code="invalid_value")
    backwards = query.before is not None and query.after is None
    entries = _entries(world, query.before if backwards else query.after, newest=not backwards)
    shown: list[JSON] = []
    more = False
    for row, entry in entries:
        if entry["id"] == query.before or (not backwards and query.effective_at.over(row.created)):
            break
        if _matches(entry, query):
            if len(shown) == query.limit:
                more = True
                break
            shown.append(entry)
    if backwards:
        shown.reverse()
    ends = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    return {"object": "list", "data": shown, "first_id": ends[0], "last_id": ends[1], "has_more": more}


def _entries(world: World, cursor: str | None, *, newest: bool) -> Iterator[tuple[Row, JSON]]:
    """Yield the entries that follow a cursor, read as far as they are looked at."""
    last = world.find("audit_log", cursor) if cursor else None
    while rows := world.page("audit_log", after=last, limit=_CHUNK, newest=newest):
        for row in rows:
            yield row, look(world, row)
        last = rows[-1]


def _matches(entry: JSON, query: AuditQuery) -> bool:
    type_ = entry.get("type")
    if of_tenant(type_) != query.tenant_only or (query.event_types and type_ not in query.event_types):
        return False
    if query.project_ids and (entry.get("project") or {}).get("id") not in query.project_ids:
        return False
    if query.resource_ids and not set(query.resource_ids) & set(_targets(entry.get(str(type_)))):
        return False
    ids, emails = _who(entry.get("actor"))
    if (query.actor_ids and not ids & set(query.actor_ids)) or (
        query.actor_emails and not emails & set(query.actor_emails)
    ):
        return False
    moment = entry.get("effective_at")
    return query.effective_at.holds(moment if isinstance(moment, int) else 0)


def _targets(detail: Any) -> Iterator[str]:
    """Yield the ids of what an entry is about."""
    if isinstance(detail, dict):
        if isinstance(detail.get("id"), str):
            yield detail["id"]
        for name in ("certificates", "configs"):
            for item in detail.get(name, ()):
                yield item["id"]


def _who(actor: Any) -> tuple[set[str], set[str]]:
    """Return the ids and addresses of who did something."""
    ids: set[str] = set()
    emails: set[str] = set()
    held = (actor or {}).get((actor or {}).get("type")) or {}
    for one in (held, held.get("user") or {}, held.get("service_account") or {}):
        ids |= {one["id"]} if one.get("id") else set()
        emails |= {one["email"]} if one.get("email") else set()
    return ids, emails


# What happens by itself.

_PACE = 3600  # seconds between two entries when nobody is looking
_LIVELY = 10_000  # entries until somebody would have looked


def begin(world: World, *, history: float, gap: float | None) -> None:
    """Start the log with `history` seconds of the past; from now on something happens every `gap` seconds.

    A sandbox that runs for weeks slows down, so that it never has very much to make up for.
    """
    world.note("audit", json.dumps([world.now(), int(history / _PACE), gap, 0]))


def catch_up(world: World) -> None:
    """Write what happened by itself since somebody looked: a function of the clock alone."""
    start, past, gap, written = json.loads(world.meta("audit", "[0, 0, null, 0]"))
    number = written
    while (moment := moment_of(number, start, past, gap)) <= world.now():
        _happen(world, number, moment)
        number += 1
    if number > written:
        world.note("audit", json.dumps([start, past, gap, number]))


def moment_of(number: int, start: float, past: int, gap: float | None) -> float:
    """Return when the event of this number happens, in a log that began with so many past ones."""
    delay = 0.9 * chance("when", number)
    if number < past:
        return start - (past - number - delay) * _PACE
    if gap is None:
        return math.inf
    lively = min(number - past, _LIVELY)
    return start + lively * gap + (number - past - lively) * _PACE + delay * gap


def _happen(world: World, number: int, moment: float) -> None:
    type_, actor, detail, project = background(world, number)
    add(world, f"audit_log-{world.seed:04x}{number:020d}", type_, moment, actor, detail, project)


@family.control("POST", "/audit", body=Burst)
def burst(world: World, body: Burst) -> Answer:
    """Write that many entries now."""
    catch_up(world)
    start = int(world.meta("audit bursts", "0"))
    for number in range(start, start + body.count):
        _happen(world, 10_000_000 + number, world.now())
    world.note("audit bursts", str(start + body.count))
    return {"count": body.count}
