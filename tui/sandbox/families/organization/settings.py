"""Settings of the organization and of projects: retention, spending limits and alerts, models, hosted tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.families.organization.common import Both, Email, Order, find_row, look, objects, page, project
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

family = Family()

_PROJECT = "/organization/projects/{project_id}"
_TOOLS = ("file_search", "web_search", "image_generation", "mcp", "code_interpreter")
Retention = Literal[
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_zero_data_retention",
    "enhanced_modified_abuse_monitoring",
]


class OrganizationRetention(Body):
    """The data retention of the organization."""

    retention_type: Retention


class ProjectRetention(Body):
    """The data retention of a project."""

    retention_type: Retention | Literal["organization_default", "none"]


class SpendLimit(Body):
    """The most to spend in a month, in cents. Requests are refused beyond it."""

    threshold_amount: Annotated[int, Field(ge=1)]
    currency: Literal["USD"]
    interval: Literal["month"]


class Channel(Body):
    """The addresses of an alert."""

    type: Literal["email"]
    recipients: Annotated[list[Email], Field(min_length=1)]
    subject_prefix: str | None = None


class SpendAlert(Body):
    """The spending of a month, in cents, at which somebody is told."""

    threshold_amount: Annotated[int, Field(ge=0)]
    currency: Literal["USD"]
    interval: Literal["month"]
    notification_channel: Channel


class AlertQuery(Both):
    """The query of the lists of alerts."""

    limit: Annotated[int, Field(ge=0, le=100)] = 20
    order: Order = "asc"


class Models(Body):
    """The models a project may use, or may not."""

    mode: Literal["allow_list", "deny_list"]
    model_ids: list[str]


class Switch(Body):
    """A tool switched on or off."""

    enabled: bool


class Tools(Body):
    """The hosted tools to switch. Those left out stay."""

    file_search: Switch | None = None
    web_search: Switch | None = None
    image_generation: Switch | None = None
    mcp: Switch | None = None
    code_interpreter: Switch | None = None


def setting(world: World, name: str, project_id: str = "") -> JSON | None:
    """Return a setting, or None."""
    row = world.find("setting", f"{project_id}/{name}")
    return look(world, row) if row else None


def set_value(world: World, name: str, value: JSON, project_id: str = "") -> JSON:
    """Store a setting."""
    unset(world, name, project_id)
    world.put("setting", value, id=f"{project_id}/{name}")
    return value


def unset(world: World, name: str, project_id: str = "") -> bool:
    """Remove a setting. Return whether there was one."""
    row = world.find("setting", f"{project_id}/{name}")
    if row:
        world.remove(row)
    return row is not None


def add_alert(world: World, id_: str, alert: JSON, project_id: str = "", *, created: float | None = None) -> JSON:
    """Add a spending alert."""
    kind = "project.spend_alert" if project_id else "organization.spend_alert"
    made = {"id": id_, "object": kind, **alert}
    world.put("spend_alert", made, parent=project_id, created=created)
    return made


# The same for the organization and each project.


def _declare(path: str, scope: str, retention: type[Body], usual: str) -> None:
    """Declare retention, spending limit and alerts below a path."""

    def entered(world: World, project_id: str, *, alive: bool = False) -> None:
        if project_id:
            project(world, project_id, alive=alive)

    @family.route("GET", f"{path}/data_retention")
    def retrieve_retention(world: World, project_id: str = "") -> Answer:
        entered(world, project_id)
        return setting(world, "retention", project_id) or {"object": f"{scope}.data_retention", "type": usual}

    @family.route("POST", f"{path}/data_retention", body=retention)  # the one model in which the two differ
    def update_retention(world: World, body: Any, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        value = {"object": f"{scope}.data_retention", "type": body.retention_type}
        return set_value(world, "retention", value, project_id)

    @family.route("GET", f"{path}/spend_limit")
    def retrieve_limit(world: World, project_id: str = "") -> Answer:
        entered(world, project_id)
        if limit := setting(world, "spend_limit", project_id):
            return limit
        raise Problem(f"The {scope} has no spend limit.", status=404, code="not_found")

    @family.route("POST", f"{path}/spend_limit", body=SpendLimit)
    def update_limit(world: World, body: SpendLimit, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        limit = {"object": f"{scope}.spend_limit", **body.model_dump(), "enforcement": {"status": "enforcing"}}
        return set_value(world, "spend_limit", limit, project_id)

    @family.route("DELETE", f"{path}/spend_limit")
    def delete_limit(world: World, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        if not unset(world, "spend_limit", project_id):
            raise Problem(f"The {scope} has no spend limit.", status=404, code="not_found")
        return {"object": f"{scope}.spend_limit.deleted", "deleted": True}

    @family.route("GET", f"{path}/spend_alerts", query=AlertQuery)
    def list_alerts(world: World, query: AlertQuery, project_id: str = "") -> Answer:
        entered(world, project_id)
        return page(list(objects(world, "spend_alert", project_id)), query)

    @family.route("POST", f"{path}/spend_alerts", body=SpendAlert)
    def create_alert(world: World, body: SpendAlert, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        return add_alert(world, world.new_id("alert_"), body.model_dump(), project_id)

    @family.route("GET", f"{path}/spend_alerts/{{alert_id}}")
    def retrieve_alert(world: World, alert_id: str, project_id: str = "") -> Answer:
        return look(world, find_row(world, "spend_alert", alert_id, parent=project_id))

    @family.route("POST", f"{path}/spend_alerts/{{alert_id}}", body=SpendAlert)
    def update_alert(world: World, alert_id: str, body: SpendAlert, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        row = find_row(world, "spend_alert", alert_id, parent=project_id)
        alert = look(world, row) | body.model_dump()
        world.finish(row, alert)
        return alert

    @family.route("DELETE", f"{path}/spend_alerts/{{alert_id}}")
    def delete_alert(world: World, alert_id: str, project_id: str = "") -> Answer:
        entered(world, project_id, alive=True)
        world.remove(find_row(world, "spend_alert", alert_id, parent=project_id))
        return {"id": alert_id, "object": f"{scope}.spend_alert.deleted", "deleted": True}


_declare("/organization", "organization", OrganizationRetention, "modified_abuse_monitoring")
_declare(_PROJECT, "project", ProjectRetention, "organization_default")


# For projects only.


@family.route("GET", f"{_PROJECT}/model_permissions")
def retrieve_models(world: World, project_id: str) -> Answer:
    """Retrieve the models a project may use: all, unless something else was said."""
    project(world, project_id)
    usual = {"object": "project.model_permissions", "mode": "deny_list", "model_ids": []}
    return setting(world, "models", project_id) or usual


@family.route("POST", f"{_PROJECT}/model_permissions", body=Models)
def update_models(world: World, project_id: str, body: Models) -> Answer:
    """Choose the models a project may use."""
    project(world, project_id, alive=True)
    value = {"object": "project.model_permissions", **body.model_dump()}
    return set_value(world, "models", value, project_id)


@family.route("DELETE", f"{_PROJECT}/model_permissions")
def delete_models(world: World, project_id: str) -> Answer:
    """Let a project use all models again."""
    project(world, project_id, alive=True)
    unset(world, "models", project_id)
    return {"object": "project.model_permissions.deleted", "deleted": True}


@family.route("GET", f"{_PROJECT}/hosted_tool_permissions")
def retrieve_tools(world: World, project_id: str) -> Answer:
    """Retrieve the hosted tools a project may use."""
    project(world, project_id)
    return {name: {"enabled": True} for name in _TOOLS} | (setting(world, "tools", project_id) or {})


@family.route("POST", f"{_PROJECT}/hosted_tool_permissions", body=Tools)
def update_tools(world: World, project_id: str, body: Tools) -> Answer:
    """Switch hosted tools of a project."""
    project(world, project_id, alive=True)
    switched = (setting(world, "tools", project_id) or {}) | body.model_dump(exclude_none=True)
    set_value(world, "tools", switched, project_id)
    return {name: {"enabled": True} for name in _TOOLS} | switched
