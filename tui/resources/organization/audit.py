"""The audit log: what people and keys did, newest first.

https://platform.openai.com/docs/api-reference/audit-logs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import BeforeValidator

from tui.resources.language.cells import NO_VALUE, TimeFormatter, id_link, instant, moment, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Time
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.reading.times import unix_time
from tui.resources.language.resource import Resource, ServerFilter
from tui.resources.organization.common import ORGANIZATION, ParentObject, admin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.objects import Record

# Kinds of event to filter by. The server knows as many more for tenants, which are left out.
EVENT_TYPES = tuple(
    f"{thing}.{what}"
    for thing, happenings in (
        ("api_key", "created updated deleted"),
        ("certificate", "created updated deleted"),
        ("certificates", "activated deactivated"),
        ("checkpoint.permission", "created deleted"),
        ("external_key", "registered removed"),
        ("group", "created updated deleted"),
        ("invite", "sent accepted deleted"),
        ("ip_allowlist", "created updated deleted config.activated config.deactivated"),
        ("login", "succeeded failed"),
        ("logout", "succeeded failed"),
        ("organization", "updated"),
        ("project", "created updated archived deleted"),
        ("rate_limit", "updated deleted"),
        ("resource", "deleted"),
        ("role", "created updated deleted bound_to_resource unbound_from_resource"),
        ("role.assignment", "created deleted"),
        ("scim", "enabled disabled"),
        ("service_account", "created updated deleted"),
        ("tunnel", "created updated deleted"),
        ("user", "added updated deleted"),
        ("workload_identity_provider", "created updated deleted"),
        ("workload_identity_provider_mapping", "created updated deleted"),
    )
    for what in happenings.split()
)


class DoneBy(NamedTuple):
    """Who did something: in words, and by id; both are "" where nobody is named."""

    words: str
    id: str


def _read_actor(value: Any) -> Any:
    """Return an actor, also one that is nothing but a name."""
    return {"type": value} if isinstance(value, str) and value else value


class AuditEntry(Object):
    """An entry of the audit log. What happened stands under a name like its type."""

    type: str | None = None
    effective_at: Time = None
    project: ParentObject | None = None
    actor: Annotated[dict[str, Any] | None, BeforeValidator(_read_actor)] = None

    @property
    def actor_kind(self) -> str:
        """What sort of actor did it: as it says, else as what is told of it is called; "" for none."""
        actor = self.actor or {}
        named = (name for name, told in actor.items() if isinstance(told, dict))
        return word_of(actor["type"]) if actor.get("type") else next(named, "")

    @property
    def actor_details(self) -> dict[str, Any]:
        """What is told of whoever did it, as far as it is told."""
        found = (self.actor or {}).get(self.actor_kind)
        return found if isinstance(found, dict) else {}

    @property
    def done_by(self) -> DoneBy:
        """Who did it."""
        by = self.actor_details
        for kind in ("user", "service_account"):
            if isinstance(one := by.get(kind), dict):
                return DoneBy(word_of(one.get("email") or one.get("id") or kind), word_of(one.get("id") or ""))
        if by.get("id"):
            return DoneBy(word_of(by["id"]), word_of(by["id"]))
        said = next((text for _, text in flatten_values(by) if text != "nothing"), "") if by else ""
        return DoneBy(" ".join(filter(None, (self.actor_kind.replace("_", " "), said))), "")

    @property
    def key(self) -> str:
        """The key it was done with, if any."""
        return word_of(self.actor_details.get("id") or "") if self.actor_kind == "api_key" else ""

    @property
    def ip(self) -> str:
        """Where it came from."""
        return word_of(self.actor_details.get("ip_address") or "")

    @property
    def change(self) -> dict[str, Any]:
        """What happened, as the platform tells it."""
        found = (self.model_extra or {}).get(self.type or "")
        return found if isinstance(found, dict) else {}

    @property
    def target(self) -> str:
        """The id of what it was done to."""
        return word_of(self.change.get("id") or "")

    @property
    def names(self) -> Iterator[tuple[str, str]]:
        """What an entry names, each in a word and by its id."""
        yield "object", self.target
        yield "actor", self.done_by.id
        yield "key", self.key
        yield "project", (self.project.id if self.project else "")


def flatten_values(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the plain values within a detail, by dotted names."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flatten_values(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for index, inner in enumerate(value):
            yield from flatten_values(inner, f"{name}[{index}]")
    else:
        shown = ", ".join(map(word_of, value)) if isinstance(value, list) else word_of(value)
        yield name, "nothing" if value in (None, "", [], {}) else shown


@TimeFormatter
def _time(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if (at := unix_time(value)) is None else Cell(moment(at), "dim")


def _actor(_value: Any, record: Record, _context: CellContext) -> Cell:
    words, id_ = record.object.done_by
    return Cell(words, ref=id_) if words else NO_VALUE


def _event(value: Any, _record: Record, _context: CellContext) -> Cell:
    if not value:
        return NO_VALUE
    word = str(value).rpartition(".")[2]
    bad, new = word in ("failed",), word in ("deleted", "archived", "deactivated", "disabled")
    return Cell(word_of(value), "bad" if bad else "warn" if new else "")


def _detail(entry: AuditEntry, _context: CellContext) -> list[tuple[str, Cell]]:
    return [(_shorten_name(name), Cell(text)) for name, text in flatten_values(entry.change) if name]


def _shorten_name(name: str) -> str:
    """Return the name of what was changed, in words that fit beside their values."""
    return name.removeprefix("changes_requested.").removeprefix("max_").replace("_per_1_", "/")


def _list_origin(entry: AuditEntry, _context: CellContext) -> list[tuple[str, Cell]]:
    names = ("ip_address", "user_agent", "ip_address_details.country", "ip_address_details.city")
    return [
        (name.rpartition(".")[2].replace("_", " "), Cell(text))
        for name, text in flatten_values(entry.actor_details)
        if name in names
    ]


AUDIT: Resource[AuditEntry] = Resource(
    name="audit",
    singular="audit log entry",
    family="Organization",
    model=AuditEntry,
    aliases=("log", "audit-logs"),
    prefixes=("audit_log-",),
    list=admin("list-audit-logs", "GET", f"{ORGANIZATION}/audit_logs"),
    filters=(
        ServerFilter("event_types[]", EVENT_TYPES),
        ServerFilter("project_ids[]"),
        ServerFilter("actor_emails[]"),
        ServerFilter("actor_ids[]"),
        ServerFilter("resource_ids[]"),
        ServerFilter("effective_at[gte]"),
        ServerFilter("effective_at[lt]"),
        ServerFilter("tenant_only", ("true",)),
    ),
    columns=(
        Column("TIME", "effective_at", _time, 14, first_sort="down"),
        Column("EVENT", "type", _event, 22),
        Column("ACTOR", lambda entry: entry.done_by.words, _actor, 26, grow=True),
        Column("TARGET", lambda entry: entry.target, id_link, 20, drop_order=2),
        Column("PROJECT", "project.name", width=16, drop_order=3),
        Column("IP", lambda entry: entry.ip, width=15, drop_order=4),
    ),
    title="type",
    detail=(
        Section(
            "Entry",
            (
                Field("event", "type", _event),
                Field("at", "effective_at", instant),
                Field("project", "project.id", id_link),
                Field("id", "id", own_id),
            ),
        ),
        Section("What", lines=_detail),
        Section(
            "Who",
            (
                Field("actor", "", _actor),
                Field("id", lambda entry: entry.done_by.id, id_link),
                Field("key", lambda entry: entry.key, id_link),
            ),
        ),
        Section("From where", lines=_list_origin),
    ),
    empty="No entries. An owner switches audit logging on in the organization's settings; it stays on from then.",
    screen="audit",
    notice="Audit logging must be switched on by an owner of the organization.",
)
