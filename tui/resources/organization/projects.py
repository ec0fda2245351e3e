"""Projects: made, renamed and archived, never deleted.

https://platform.openai.com/docs/api-reference/projects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.resources.language.action import Action, Call, Risk
from tui.resources.language.cells import NO_VALUE, age, instant, own_id, status
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
    Show,
)
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import create, edit
from tui.resources.language.reading.statuses import normalize_status
from tui.resources.language.resource import Child, Join, Peek, Resource, ServerFilter
from tui.resources.organization.common import (
    AGE,
    CREATED,
    ORGANIZATION,
    PROJECT,
    Named,
    NamedObject,
    Rename,
    admin,
    cost,
    identity_section,
)
from tui.resources.usage import COSTS_KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

Residency = Literal[
    "GLOBAL",
    "US_STORAGE_PROCESSING",
    "EU_STORAGE_PROCESSING",
    "JP_STORAGE",
    "KR_STORAGE",
    "CA_STORAGE",
    "SG_STORAGE",
    "IN_STORAGE",
    "AU_STORAGE",
    "GB_STORAGE",
    "AE_STORAGE",
    "AE_STORAGE_PROCESSING",
]
ExternalKey = Annotated[
    str | None, Input(title="encryption key", description="The external key that encrypts what it stores.")
]


class Count(Object):
    """How many objects there are, and whether there are more than were read."""

    number: int | None = None
    more: bool | None = None


class Project(NamedObject):
    """A project as the platform returns it."""

    archived_at: Time = None
    status: str | None = None
    external_key_id: Id = None
    residency: str | None = None
    key_count: Count | None = None
    member_count: Count | None = None

    @property
    def archived(self) -> bool:
        """Whether it was put away."""
        return normalize_status(self.status) == "archived"


class CreateProject(Request):
    """The request that makes a project."""

    name: Named
    residency: Residency | None = Input(None, description="Where data is kept. It cannot be changed later.")
    external_key_id: ExternalKey = None


class EditProject(Request):
    """The request that changes a project."""

    name: Rename = None
    external_key_id: ExternalKey = None


def refuse_archived(project: Project) -> str | None:
    """Return why an archived project cannot be touched, or None."""
    return "it is archived" if project.archived else None


def _headline(project: Project, _context: CellContext) -> list[tuple[str, Cell]]:
    return (
        [("", Cell("Archived for good: it can be neither used nor changed.", "dim"))] if project.archived else []
    )


def _count(objects: Sequence[Any], more: bool) -> dict[str, Any]:
    """Return how many there are, as far as they were read, and whether there are more."""
    return {"number": len(objects), "more": more}


def _show_count(name: str) -> Show:
    """Return a formatter of a number that may be more."""

    def show(value: Any, record: Record, _context: CellContext) -> Cell:
        if value is None:
            return NO_VALUE
        return Cell(f"{value}{'+' if record.at(f'{name}.more') else ''}", "" if value else "dim")

    return show


_COST = Join("cost_30_days", "cost", COSTS_KIND, "project_id", 30)
PROJECTS: Resource[Project] = Resource(
    name="projects",
    singular="project",
    family="Organization",
    model=Project,
    aliases=("proj", "project"),
    prefixes=("proj_",),
    list=admin("list-projects", "GET", f"{ORGANIZATION}/projects"),
    get=admin("retrieve-project", "GET", PROJECT),
    filters=(ServerFilter("include_archived", ("true",)),),
    columns=(
        Column("NAME", "name", width=24, grow=True),
        Column("STATUS", "status", status, 11),
        Column(
            "COST 30D",
            _COST.name,
            cost,
            10,
            align="right",
            drop_order=1,
            first_sort="down",
            beside=_COST.name,
        ),
        Column(
            "KEYS",
            "key_count.number",
            _show_count("key_count"),
            5,
            align="right",
            drop_order=1,
            first_sort="down",
            beside="key_count",
        ),
        Column(
            "MEMBERS",
            "member_count.number",
            _show_count("member_count"),
            7,
            align="right",
            drop_order=2,
            first_sort="down",
            beside="member_count",
        ),
        Column("RESIDENCY", "residency", width=16, drop_order=5),
        AGE,
        Column("ARCHIVED", "archived_at", age, 8, align="right", wide=True, drop_order=8),
        Column("ID", "id", own_id, 17, drop_order=4),
    ),
    join=_COST,
    peeks=(
        Peek("key_count", "project-keys", _count, 100),
        Peek("member_count", "project-users", _count, 100),
    ),
    title="name",
    detail=(
        Section("", lines=_headline),
        identity_section(
            "Project",
            Field("status", "status", status),
            Field("residency", "residency"),
            Field("external key", "external_key_id"),
            CREATED,
            Field("archived", "archived_at", instant),
        ),
    ),
    actions=(
        create(admin("create-project", "POST", f"{ORGANIZATION}/projects", CreateProject), "new project"),
        edit(admin("modify-project", "POST", PROJECT, EditProject), refuse=refuse_archived),
        Action(
            "archive",
            "ctrl+x",
            "archive",
            Call(admin("archive-project", "POST", f"{PROJECT}/archive")),
            Risk.GRAVE,
            refuse=refuse_archived,
            warn=lambda _: "Its keys stop working and its users lose it. An archived project never comes back.",
        ),
    ),
    children=tuple(
        Child(name)
        for name in (
            "project-keys",
            "project-users",
            "service-accounts",
            "rate-limits",
            "project-certificates",
            "project-groups",
            "project-roles",
            "project-models",
            "project-tools",
            "project-retention",
            "project-spend-limit",
            "project-spend-alerts",
        )
    ),
    empty="No projects yet. Press n to make one.",
)
