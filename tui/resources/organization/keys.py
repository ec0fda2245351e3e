"""Keys of projects: those of one project, and those of all projects in one list.

https://platform.openai.com/docs/api-reference/project-api-keys
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Risk
from tui.resources.language.cells import NO_VALUE, id_link
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object
from tui.resources.language.parts import delete
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Join, Resource, ServerFilter
from tui.resources.organization.common import PROJECT, Owner, ParentObject, admin, cost, role
from tui.resources.organization.key_risks import (
    ID_COLUMN,
    IDENTITY_FIELDS,
    NO_ACCESS,
    RISK_COLUMN,
    RISKS,
    TIME_COLUMNS,
    TIME_FIELDS,
    ApiKey,
    find_disuse,
    find_worst_risk,
    rotate,
)
from tui.resources.usage import COSTS_KIND

if TYPE_CHECKING:
    from tui.resources.language.objects import Record


class Holder(Object):
    """Who a project's key belongs to: a user or a service account, under its own kind."""

    type: str | None = None
    user: Owner | None = None
    service_account: Owner | None = None

    @property
    def account(self) -> Owner:
        """The user or the service account."""
        return self.user or self.service_account or Owner()


class ProjectKey(ApiKey):
    """A key of a project as the platform returns it: never its secret."""

    owner_project_access: str | None = None
    owner: Holder | None = None
    project: ParentObject | None = None

    @property
    def flaws(self) -> list[str]:
        """That its owner lost access to the project, if so."""
        return [NO_ACCESS] if self.owner_project_access == "inactive" else []

    @property
    def of_service_account(self) -> bool:
        """Whether it belongs to a service account."""
        return self.owner is not None and self.owner.type == "service_account"

    @property
    def owner_name(self) -> str | None:
        """The address or name of its owner."""
        account = self.owner.account if self.owner else Owner()
        return account.email or account.name or account.id

    @property
    def visible_end(self) -> str | None:
        """Its last characters, by which people know it: `••••abcd`."""
        return f"••••{self.redacted_value[-4:]}" if self.redacted_value else None


def _access(value: Any, _record: Record, _context: CellContext) -> Cell:
    if not value:
        return NO_VALUE
    return Cell("✓ active", "good") if value == "active" else Cell(f"✖ {word_of(value)}", "bad")


def _project(_value: Any, record: Record, _context: CellContext) -> Cell:
    id_, name = record.at("project.id"), record.at("project.name")
    return Cell(word_of(name or id_), ref=word_of(id_)) if id_ else NO_VALUE


_COST = Join("cost_30_days", "cost", COSTS_KIND, "api_key_id", 30)
_OWNED = (
    Column("COST 30D", _COST.name, cost, 10, align="right", drop_order=1, first_sort="down", beside=_COST.name),
    Column("OWNER", lambda key: key.owner_name, width=24, drop_order=4),
    Column("ACCESS", "owner_project_access", _access, 10, wide=True),
    *TIME_COLUMNS,
    ID_COLUMN,
    Column("OWNER ID", lambda key: key.owner and key.owner.account.id, id_link, 24, wide=True),
)
_NAMED = (
    Column("NAME", "name", width=12, grow=True),
    Column("KEY", lambda key: key.visible_end, width=8),
)
_DETAIL = (
    RISKS,
    Section(
        "Key",
        (
            *IDENTITY_FIELDS,
            Field("project", "", _project),
            *TIME_FIELDS,
            Field("cost, 30 days", _COST.name, cost),
        ),
    ),
    Section(
        "Owner",
        (
            Field("kind", lambda key: (key.owner.type or "").replace("_", " ")),
            Field("owner", lambda key: key.owner.account.name),
            Field("email", lambda key: key.owner.account.email),
            Field("id", lambda key: key.owner.account.id, id_link),
            Field("role", lambda key: key.owner.account.role, role),
            Field("access", "owner_project_access", _access),
        ),
    ),
)
_KEY = f"{PROJECT}/api_keys/{{api_key_id}}"
_LIST = admin("list-project-api-keys", "GET", f"{PROJECT}/api_keys")
# Without this the platform leaves out enabled keys whose owner is no member of the project.
_ANY = {"owner_project_access": "any"}
_ACCESS = ServerFilter("owner_project_access", ("active", "inactive", "any"))


def _refuse_delete(key: ProjectKey) -> str | None:
    return "it goes with its service account: delete that" if key.of_service_account else None


def _refuse_rotate(key: ProjectKey) -> str | None:
    if key.of_service_account:
        return None
    return "its owner makes the new one, on the web; once that is in use, delete this one"


_GET = admin("retrieve-project-api-key", "GET", _KEY)
_ROTATE = rotate(_GET, _refuse_rotate)
_DELETE = delete(
    admin("delete-project-api-key", "DELETE", _KEY),
    "Whatever uses it stops working at once. This cannot be undone.",
    risk=Risk.GRAVE,
    refuse=_refuse_delete,
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
    get=_GET,
    query=_ANY,
    filters=(_ACCESS,),
    join=_COST,
    columns=(RISK_COLUMN, *_NAMED, *_OWNED),
    title="name",
    sort=RISK_COLUMN.header,
    attention=find_worst_risk,
    spare=find_disuse,
    ages=True,
    detail=_DETAIL,
    actions=(_ROTATE, _DELETE),
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
    columns=(
        RISK_COLUMN,
        *_NAMED,
        Column("PROJECT", "project.name", _project, 13, drop_order=1),
        *_OWNED,
        Column("PROJECT ID", "project.id", id_link, 24, wide=True),
    ),
    title="name",
    sort=RISK_COLUMN.header,
    attention=find_worst_risk,
    spare=find_disuse,
    stops="expires_at",
    ages=True,
    detail=_DETAIL,
    actions=(_ROTATE, _DELETE),
    empty="No project has a key.",
)
