"""Skills: instructions and code that models take up when they need them, in versions.

https://platform.openai.com/docs/api-reference/skills
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.action import Action, Fetch
from tui.resources.language.asking.inputs import Among, LocalFile
from tui.resources.language.cells import age, excerpt, id_link, instant, own_id, paragraphs
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.resource import Child, Resource


class Skill(Object):
    """A skill."""

    created_at: Time = None
    name: str | None = None
    description: str | None = None
    default_version: str | None = None
    latest_version: str | None = None


class SkillVersion(Object):
    """A version of a skill. Within its skill it is found by its number."""

    created_at: Time = None
    skill_id: Id = None
    version: str | None = None
    name: str | None = None
    description: str | None = None


class CreateSkill(Request):
    """The request that creates a skill."""

    files: Annotated[str, LocalFile()] = Input(description="A zip on this machine, with a SKILL.md in it.")


class CreateVersion(CreateSkill):
    """The request that adds a version to a skill."""

    default: bool = Input(False, title="use it at once", description="Use it from now on.")


class SetDefault(Request):
    """The request that says which version of a skill is used."""

    default_version: Annotated[str, Among("skill-versions", "version")] = Input(
        min_length=1, description="The number of a version."
    )


_ONE = "/skills/{skill_id}"
_VERSION = f"{_ONE}/versions/{{version}}"

SKILLS: Resource[Skill] = Resource(
    name="skills",
    singular="skill",
    family="Skills",
    model=Skill,
    aliases=("sk", "skill"),
    prefixes=("skill_",),
    list=Operation("ListSkills", "GET", "/skills"),
    get=Operation("GetSkill", "GET", _ONE),
    query={"order": "desc"},
    title="name",
    columns=(
        Column("NAME", "name", width=18, grow=True),
        Column("ABOUT", "description", excerpt, 24, grow=True, drop_order=2),
        Column("DEFAULT", "default_version", width=7, align="right"),
        Column("LATEST", "latest_version", width=6, align="right"),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=3),
    ),
    detail=(
        Section(
            "Skill",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("default", "default_version"),
                Field("latest", "latest_version"),
                Field("created", "created_at", instant),
            ),
        ),
        Section("About", lines=lambda skill, _: paragraphs(skill.description)),
    ),
    actions=(
        create(Operation("CreateSkill", "POST", "/skills", body=CreateSkill, multipart=True), "new skill"),
        edit(Operation("UpdateSkillDefaultVersion", "POST", _ONE, body=SetDefault), "choose the default version"),
        Action(
            "download",
            "D",
            "download",
            Fetch(Operation("GetSkillContent", "GET", f"{_ONE}/content"), "disk"),
            on="many",
        ),
        delete(Operation("DeleteSkill", "DELETE", _ONE), "All its versions go with it. This cannot be undone."),
    ),
    children=(Child("skill-versions"),),
    enter="skill-versions",
    empty="No skills. One is a zip of instructions and code that models take up. Press n to add one.",
)

SKILL_VERSIONS: Resource[SkillVersion] = Resource(
    name="skill-versions",
    singular="version of a skill",
    family="Skills",
    model=SkillVersion,
    aliases=("sv", "skill-version"),
    parent="skills",
    list=Operation("ListSkillVersions", "GET", f"{_ONE}/versions"),
    get=Operation("GetSkillVersion", "GET", _VERSION),
    query={"order": "desc"},
    identify="version",
    title="name",
    columns=(
        Column("VERSION", "version", width=8, align="right"),
        Column("NAME", "name", width=18, drop_order=1),
        Column("ABOUT", "description", excerpt, 24, grow=True),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=3),
    ),
    detail=(
        Section(
            "Version",
            (
                Field("version", "version"),
                Field("id", "id", own_id),
                Field("skill", "skill_id", id_link),
                Field("name", "name"),
                Field("created", "created_at", instant),
            ),
        ),
        Section("About", lines=lambda version, _: paragraphs(version.description)),
    ),
    actions=(
        create(
            Operation("CreateSkillVersion", "POST", f"{_ONE}/versions", body=CreateVersion, multipart=True),
            "new version",
        ),
        Action(
            "download",
            "D",
            "download",
            Fetch(Operation("GetSkillVersionContent", "GET", f"{_VERSION}/content"), "disk"),
            on="many",
        ),
        delete(Operation("DeleteSkillVersion", "DELETE", _VERSION), "This cannot be undone."),
    ),
    empty="No versions.",
)
