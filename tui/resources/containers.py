"""Containers: machines of the code interpreter, and the files in them.

https://platform.openai.com/docs/api-reference/containers
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.action import Action, Fetch
from tui.resources.language.asking.inputs import FileRef, More, ObjectId, Own, When
from tui.resources.language.cells import age, id_link, instant, own_id, size, status, until
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import create, delete
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Child, Resource, ServerFilter
from tui.resources.language.units import Unit


class ContainerExpiry(Object):
    """How long a container lives without being used."""

    minutes: float | None = None


class Network(Object):
    """What a container may reach."""

    type: str | None = None
    allowed_domains: list[str] | None = None


class Container(Object):
    """A container."""

    created_at: Time = None
    name: str | None = None
    status: Status = None
    last_active_at: Time = None
    expires_after: ContainerExpiry | None = None
    memory_limit: str | None = None
    network_policy: Network | None = None

    @property
    def expires_at(self) -> float | None:
        """When it goes if nobody uses it."""
        minutes = self.expires_after.minutes if self.expires_after else None
        return self.last_active_at + 60 * minutes if self.last_active_at and minutes and not self.is_gone else None

    @property
    def is_gone(self) -> bool:
        """Whether nothing is in it any more."""
        return self.status in ("deleted", "expired")


class ContainerFile(Object):
    """A file in a container. `source` says who put it there."""

    created_at: Time = None
    container_id: Id = None
    bytes: int | None = None
    path: str | None = None
    source: str | None = None


class ContainerExpires(Request):
    """How long a container lives without being used."""

    anchor: Literal["last_active_at"] = "last_active_at"
    minutes: Annotated[int, Unit.MINUTES] = Input(
        ge=1, title="delete after", description="After it was last used; the platform takes 20m."
    )


class NetworkPolicy(Request):
    """What a container may reach."""

    type: Literal["disabled", "allowlist"] = Input(
        "disabled", title="network", description="Nothing, or the domains you name."
    )
    allowed_domains: Annotated[list[str], When("network_policy.type", "allowlist")] = Input(
        min_length=1, description="Domains, separated by commas, such as example.com."
    )


class CreateContainer(Request):
    """The request that creates a container."""

    name: Annotated[str, Own()] = Input(min_length=1, description="Name.")
    file_ids: Annotated[list[str] | None, ObjectId("files")] = Input(
        None, description="Ids of files to copy into it, separated by commas."
    )
    expires_after: ContainerExpires | None = None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = Input(None, description="The platform takes 1g.")
    network_policy: NetworkPolicy | None = None
    skills: Annotated[list[dict[str, Any]] | None, More(), ObjectId("skills")] = Input(
        None, description='JSON list, such as [{"type": "skill_reference", "skill_id": "skill_…"}].'
    )


class AddFile(Request):
    """The request that copies a file into a container."""

    file_id: Annotated[str, FileRef("user_data")] = Input(description="A file on this machine, or a file's id.")


_ONE = "/containers/{container_id}"
_CONTENT = Operation("RetrieveContainerFileContent", "GET", f"{_ONE}/files/{{file_id}}/content")


def _network_reach(container: Container) -> str:
    policy = container.network_policy
    return ", ".join(policy.allowed_domains or ()) if policy else ""


CONTAINERS: Resource[Container] = Resource(
    name="containers",
    singular="container",
    family="Containers",
    model=Container,
    aliases=("cntr", "container"),
    prefixes=("cntr_",),
    list=Operation("ListContainers", "GET", "/containers"),
    get=Operation("RetrieveContainer", "GET", _ONE),
    filters=(ServerFilter("name"),),
    title="name",
    stops=lambda container: container.expires_at,
    columns=(
        Column("NAME", "name", width=18, grow=True),
        Column("STATUS", "status", status, 12),
        Column("MEMORY", "memory_limit", width=6, align="right", drop_order=3),
        Column("NETWORK", "network_policy.type", width=10, drop_order=4),
        Column("USED", "last_active_at", age, 5, align="right", drop_order=2, first_sort="down"),
        Column("EXPIRES", lambda container: container.expires_at, until, 7, align="right"),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=5),
    ),
    detail=(
        Section(
            "Container",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("status", "status", status),
                Field("memory", "memory_limit"),
                Field("network", "network_policy.type"),
                Field("may reach", _network_reach),
                Field("created", "created_at", instant),
                Field("last used", "last_active_at", instant),
                Field("expires", lambda container: container.expires_at, instant),
            ),
        ),
    ),
    actions=(
        create(Operation("CreateContainer", "POST", "/containers", body=CreateContainer), "new container"),
        delete(Operation("DeleteContainer", "DELETE", _ONE), "The files in it go with it. This cannot be undone."),
    ),
    children=(Child("container-files", over=lambda container: container.is_gone),),
    enter="container-files",
    empty="No containers. Models that run code make them, and they go when unused. Press n to make one.",
)

CONTAINER_FILES: Resource[ContainerFile] = Resource(
    name="container-files",
    singular="file of a container",
    family="Containers",
    model=ContainerFile,
    aliases=("cf", "container-file"),
    prefixes=("cfile_",),
    parent="containers",
    list=Operation("ListContainerFiles", "GET", f"{_ONE}/files"),
    get=Operation("RetrieveContainerFile", "GET", f"{_ONE}/files/{{file_id}}"),
    title="path",
    columns=(
        Column("PATH", "path", width=24, grow=True),
        Column("SIZE", "bytes", size, 9, align="right", first_sort="down"),
        Column("FROM", "source", width=10, drop_order=2),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=3),
    ),
    detail=(
        Section(
            "File",
            (
                Field("id", "id", own_id),
                Field("path", "path"),
                Field("size", "bytes", size),
                Field("from", "source"),
                Field("container", "container_id", id_link),
                Field("created", "created_at", instant),
            ),
        ),
    ),
    actions=(
        create(Operation("CreateContainerFile", "POST", f"{_ONE}/files", body=AddFile), "add a file"),
        Action("view", "enter", "view content", Fetch(_CONTENT, "screen")),
        Action("download", "D", "download", Fetch(_CONTENT, "disk"), on="many"),
        delete(
            Operation("DeleteContainerFile", "DELETE", f"{_ONE}/files/{{file_id}}"),
            "It is gone from the container. This cannot be undone.",
        ),
    ),
    enter="view",
    empty="No files in this container. Press n to add one.",
)
