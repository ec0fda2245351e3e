"""Keys: those of a project, those of all projects in one list, and the organization's admin keys.

https://platform.openai.com/docs/api-reference/project-api-keys,
https://platform.openai.com/docs/api-reference/admin-api-keys
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import Field as Input

from tui.resources.language.action import Action, Ask, Call, Risk
from tui.resources.language.amounts import shown
from tui.resources.language.cells import NO_VALUE, age, duration, ident, instant, own
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
    Timed,
)
from tui.resources.language.objects import Object, Request, Time
from tui.resources.language.resource import Join, Resource, ServerFilter
from tui.resources.organization.common import (
    DAY,
    ORGANIZATION,
    PROJECT,
    Created,
    Named,
    Of,
    Owner,
    admin,
    expiry,
    role,
    used,
)
from tui.resources.usage import COSTS_KIND

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

NEVER_USED, UNUSED, ENDING = 30 * DAY, 90 * DAY, 14 * DAY
HARMLESS = "never expires"  # true of most keys: shown, but nobody has to act
FOREIGN = "not an admin key"
_BEGINNING = re.compile(r"[^*.…•]*")  # of a key whose rest is hidden
_ADMIN_HEAD = "sk-admin"


def kind_of_key(redacted: object) -> str:
    """What the visible beginning of a key says it is: "admin", "project", or "" where that cannot be told."""
    seen = _BEGINNING.match(redacted) if isinstance(redacted, str) else None
    head = seen[0] if seen else ""
    if head.startswith(_ADMIN_HEAD):
        return "admin"
    return "project" if head.startswith("sk-") and not _ADMIN_HEAD.startswith(head) else ""


class Holder(Object):
    """Who a project's key belongs to: a user or a service account, under its own kind."""

    type: str | None = None
    user: Owner | None = None
    service_account: Owner | None = None

    @property
    def held(self) -> Owner:
        """The user or the service account."""
        return self.user or self.service_account or Owner()


class ProjectKey(Created):
    """A key of a project as the platform returns it: never its secret."""

    redacted_value: str | None = None
    last_used_at: Time = None
    expires_at: Time = None
    owner_project_access: str | None = None
    owner: Holder | None = None
    project: Of | None = None

    @property
    def of_account(self) -> bool:
        """Whether it belongs to a service account."""
        return self.owner is not None and self.owner.type == "service_account"

    @property
    def who(self) -> str | None:
        """The address or name of its owner."""
        held = self.owner.held if self.owner else Owner()
        return held.email or held.name or held.id

    @property
    def tail(self) -> str | None:
        """The end of it, by which people know it."""
        return f"••••{self.redacted_value[-4:]}" if self.redacted_value else None


class AdminKey(Created):
    """An admin key as the platform returns it: its secret only when it is made."""

    redacted_value: str | None = None
    last_used_at: Time = None
    expires_at: Time = None
    owner: Owner | None = None

    @property
    def foreign(self) -> bool:
        """Whether it is no admin key: some servers list keys of projects among them."""
        return kind_of_key(self.redacted_value) == "project"


class CreateAdminKey(Request):
    """The request that makes an admin key."""

    name: Named
    expires_in_seconds: int | None = Input(
        None, ge=1, le=31_536_000, description="Seconds it lives, such as 7776000 for 90 days; empty: for ever."
    )


def risks(key: Any, now: float) -> list[str]:
    """What speaks against a key as it is, in words, the worst first."""
    found = []
    if getattr(key, "foreign", False):
        found.append(FOREIGN)
    if getattr(key, "owner_project_access", "active") == "inactive":
        found.append("owner has no access")
    ends = key.expires_at
    if ends and ends <= now:
        found.append("expired")
    elif ends and ends < now + ENDING:
        found.append(f"expires in {duration(ends - now)}")
    if key.last_used_at is None:
        if key.created_at and now - key.created_at > NEVER_USED:
            found.append(f"never used in {duration(now - key.created_at)}")
    elif now - key.last_used_at > UNUSED:
        found.append(f"unused for {duration(now - key.last_used_at)}")
    if not ends:
        found.append(HARMLESS)
    return found


def _attention(key: Any, context: CellContext) -> str | None:
    return next((risk for risk in risks(key, context.now) if risk != HARMLESS), None)


def _risk(_value: Any, record: Record, context: CellContext) -> Cell:
    found = risks(record.object, context.now)
    if not found:
        return Cell("✓ no risk found", "good")
    if found == [HARMLESS]:
        return Cell(f"· {HARMLESS}", "dim")
    worst, *others = (risk for risk in found if risk != HARMLESS)
    return Cell(f"▲ {worst}{f' +{len(others)}' if others else ''}", _tone(found))


def _tone(found: list[str]) -> Any:
    return "bad" if {"owner has no access", "expired"} & set(found) else "warn" if found != [HARMLESS] else "dim"


def _risk_lines(key: Any, context: CellContext) -> list[tuple[str, Cell]]:
    return [("", Cell(risk, _tone([risk]))) for risk in risks(key, context.now)]


def _access(value: Any, _record: Record, _context: CellContext) -> Cell:
    if not value:
        return NO_VALUE
    return Cell("✓ active", "good") if value == "active" else Cell(f"✖ {value}", "bad")


def _spent(value: Any, _record: Record, _context: CellContext) -> Cell:
    if not isinstance(value, Decimal):
        return NO_VALUE
    return Cell(shown(value, "$"), "warn" if getattr(value, "unread", 0) else "" if value else "dim")


def _project(_value: Any, record: Record, _context: CellContext) -> Cell:
    id_, name = record.at("project.id"), record.at("project.name")
    return Cell(str(name or id_), ref=str(id_)) if id_ else NO_VALUE


_RISK = Column("RISK", Timed(lambda key, context: ", ".join(risks(key, context.now))), _risk, 24)
_USED = (
    Column("CREATED", "created_at", age, 7, align="right", drop_order=6, first_sort="down"),
    Column("LAST USED", "last_used_at", used, 9, align="right", drop_order=2),
    Column("EXPIRES", "expires_at", expiry, 7, align="right", drop_order=3),
)
_COST = Join("cost_30_days", "cost", COSTS_KIND, "api_key_id", 30)
_OWNED = (
    Column("COST 30D", _COST.name, _spent, 10, align="right", drop_order=1, first_sort="down"),
    Column("OWNER", lambda key: key.who, width=24, drop_order=4),
    Column("ACCESS", "owner_project_access", _access, 10, drop_order=5),
    *_USED,
)
_NAMED = (
    Column("NAME", "name", width=12, grow=True),
    Column("KEY", lambda key: key.tail, width=8),
)
_DETAIL = (
    Section("", lines=_risk_lines),
    Section(
        "Key",
        (
            Field("name", "name"),
            Field("id", "id", own),
            Field("value", "redacted_value"),
            Field("project", "", _project),
            Field("created", "created_at", instant),
            Field("last used", "last_used_at", instant),
            Field("expires", "expires_at", instant),
            Field("cost, 30 days", _COST.name, _spent),
        ),
    ),
    Section(
        "Owner",
        (
            Field("kind", lambda key: (key.owner.type or "").replace("_", " ")),
            Field("owner", lambda key: key.owner.held.name),
            Field("email", lambda key: key.owner.held.email),
            Field("id", lambda key: key.owner.held.id, ident),
            Field("role", lambda key: key.owner.held.role, role),
            Field("access", "owner_project_access", _access),
        ),
    ),
)
_KEY = f"{PROJECT}/api_keys/{{api_key_id}}"
_LIST = admin("list-project-api-keys", "GET", f"{PROJECT}/api_keys")
# Without this the platform leaves out enabled keys whose owner is no member of the project.
_ANY = {"owner_project_access": "any"}
_ACCESS = ServerFilter("owner_project_access", ("active", "inactive", "any"))
_DELETE = Action(
    "delete",
    "ctrl+d",
    "delete",
    Call(admin("delete-project-api-key", "DELETE", _KEY)),
    Risk.GRAVE,
    on="many",
    refuse=lambda key: "it goes with its service account: delete that" if key.of_account else None,
    warn=lambda _: "Whatever uses it stops working at once. This cannot be undone.",
)

PROJECT_KEYS: Resource[ProjectKey] = Resource(
    name="project-keys",
    singular="API key",
    family="Organization",
    model=ProjectKey,
    aliases=("pk", "project-key"),
    prefixes=("key_",),
    parent="projects",
    list=_LIST,
    get=admin("retrieve-project-api-key", "GET", _KEY),
    query=_ANY,
    filters=(_ACCESS,),
    join=_COST,
    columns=(_RISK, *_NAMED, *_OWNED),
    title="name",
    attention=_attention,
    ages=True,
    detail=_DETAIL,
    actions=(_DELETE,),
    empty="No keys in this project. Users make theirs on the web; service accounts get one when they are made.",
)

KEYS: Resource[ProjectKey] = Resource(
    name="keys",
    singular="API key",
    family="Organization",
    model=ProjectKey,
    aliases=("key", "api-keys"),
    listed_per="projects",
    list=_LIST,
    query=_ANY,
    filters=(_ACCESS, ServerFilter("include_archived", ("true",))),
    join=_COST,
    columns=(_RISK, *_NAMED, Column("PROJECT", "project.name", _project, 15, drop_order=1), *_OWNED),
    title="name",
    attention=_attention,
    ages=True,
    detail=_DETAIL,
    actions=(_DELETE,),
    empty="No project has a key.",
)

_ADMIN, _ADMIN_KEY = f"{ORGANIZATION}/admin_api_keys", f"{ORGANIZATION}/admin_api_keys/{{key_id}}"

ADMIN_KEYS: Resource[AdminKey] = Resource(
    name="admin-keys",
    singular="admin key",
    family="Organization",
    model=AdminKey,
    aliases=("ak", "admin-key"),
    list=admin("admin-api-keys-list", "GET", _ADMIN),
    get=admin("admin-api-keys-get", "GET", _ADMIN_KEY),
    columns=(
        _RISK,
        Column("NAME", "name", width=18, grow=True),
        Column("KEY", lambda key: f"••••{(key.redacted_value or '')[-4:]}", width=8),
        Column("OWNER", lambda key: key.owner and (key.owner.name or key.owner.id), width=18, drop_order=3),
        *_USED,
    ),
    title="name",
    attention=_attention,
    ages=True,
    detail=(
        Section("", lines=_risk_lines),
        Section(
            "Admin key",
            (
                Field("name", "name"),
                Field("id", "id", own),
                Field("value", "redacted_value"),
                Field("created", "created_at", instant),
                Field("last used", "last_used_at", instant),
                Field("expires", "expires_at", instant),
            ),
        ),
        Section(
            "Owner",
            (
                Field("owner", lambda key: key.owner and key.owner.name),
                Field("id", lambda key: key.owner and key.owner.id, ident),
                Field("role", lambda key: key.owner and key.owner.role, role),
            ),
        ),
    ),
    actions=(
        Action(
            "create",
            "n",
            "new admin key",
            Ask(admin("admin-api-keys-create", "POST", _ADMIN, CreateAdminKey), secret="value"),
            on="list",
        ),
        Action(
            "delete",
            "ctrl+d",
            "delete",
            Call(admin("admin-api-keys-delete", "DELETE", _ADMIN_KEY)),
            Risk.GRAVE,
            on="many",
            refuse=lambda key: (
                "it is no admin key: delete it among the keys of its project" if key.foreign else None
            ),
            warn=lambda _: "It stops working at once; if it is the one used here, these pages close with it.",
        ),
    ),
    empty="No admin keys. Press n to make one; its secret is shown once.",
)
