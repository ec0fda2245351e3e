"""What a project may use: models and hosted tools.

https://platform.openai.com/docs/api-reference/projects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.resources.language.asking.inputs import ObjectId
from tui.resources.language.cells import NO_VALUE
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object, Request
from tui.resources.language.parts import delete, edit
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Resource
from tui.resources.organization.common import PROJECT, admin

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_RULES, _SWITCHES = f"{PROJECT}/model_permissions", f"{PROJECT}/hosted_tool_permissions"
_TOOLS = ("file_search", "web_search", "image_generation", "mcp", "code_interpreter")


class Models(Object):
    """The models a project may use, or may not."""

    mode: str | None = None
    model_ids: list[str] | None = None


class SetModels(Request):
    """The request that says which models a project may use."""

    mode: Literal["allow_list", "deny_list"] = Input(
        title="which models", description="Whether these models alone, or all but these."
    )
    model_ids: Annotated[list[str], ObjectId("models")] = Input(description="Ids of models, separated by commas.")


class ToolPermission(Object):
    """The switch of a hosted tool."""

    enabled: bool | None = None


class HostedTools(Object):
    """The hosted tools, and whether a project may use each."""

    file_search: ToolPermission | None = None
    web_search: ToolPermission | None = None
    image_generation: ToolPermission | None = None
    mcp: ToolPermission | None = None
    code_interpreter: ToolPermission | None = None


class Switch(Request):
    """Whether a tool may be used."""

    enabled: bool = Input(description="Whether the project may use it.")


class SetTools(Request):
    """The request that switches hosted tools on and off."""

    file_search: Switch | None = Input(None, title="file search")
    web_search: Switch | None = Input(None, title="web search")
    image_generation: Switch | None = Input(None, title="image generation")
    mcp: Switch | None = Input(None, title="MCP servers")
    code_interpreter: Switch | None = Input(None, title="code interpreter")


def _mode(value: Any, record: Record, _context: CellContext) -> Cell:
    named = bool(record.at("model_ids"))
    words = {
        "allow_list": ("only these", "accent") if named else ("no model", "bad"),
        "deny_list": ("all but these", "accent") if named else ("all models", "good"),
    }
    text, tone = words.get(str(value), (word_of(value or "·"), "warn"))
    return Cell(text, tone)  # type: ignore[arg-type]


def _models(models: Models, _context: CellContext) -> list[tuple[str, Cell]]:
    return [("", Cell(name, ref=name)) for name in models.model_ids or []]


def _permission(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if value is None else Cell("✓ on", "good") if value else Cell("■ off", "dim")


PROJECT_MODELS: Resource[Models] = Resource(
    name="project-models",
    singular="model permissions",
    family="Organization",
    model=Models,
    aliases=("model-permissions",),
    parent="projects",
    list=admin("retrieve-project-model-permissions", "GET", _RULES, single=True),
    columns=(
        Column("MAY USE", "mode", _mode, 14),
        Column("MODELS", lambda models: ", ".join(models.model_ids or ()), width=40, grow=True),
    ),
    detail=(Section("Model permissions", (Field("may use", "mode", _mode),)), Section("Models", lines=_models)),
    actions=(
        edit(
            admin("update-project-model-permissions", "POST", _RULES, SetModels),
            "change",
            fill=lambda now: {"mode": now.mode, "model_ids": now.model_ids},
        ),
        delete(
            admin("delete-project-model-permissions", "DELETE", _RULES),
            "The project may use all models of the organization again.",
        ),
    ),
    empty="The platform tells no permissions.",
)

PROJECT_TOOLS: Resource[HostedTools] = Resource(
    name="project-tools",
    singular="hosted tools",
    family="Organization",
    model=HostedTools,
    aliases=("hosted-tools",),
    parent="projects",
    list=admin("retrieve-project-hosted-tool-permissions", "GET", _SWITCHES, single=True),
    columns=(
        *(
            Column(
                tool.replace("_", " ").upper(),
                f"{tool}.enabled",
                _permission,
                max(5, len(tool)),
                drop_order=index,
                grow=not index,
            )
            for index, tool in enumerate(_TOOLS)
        ),
    ),
    detail=(
        Section(
            "Hosted tools",
            tuple(Field(tool.replace("_", " "), f"{tool}.enabled", _permission) for tool in _TOOLS),
        ),
    ),
    actions=(edit(admin("update-project-hosted-tool-permissions", "POST", _SWITCHES, SetTools), "switch"),),
    empty="The platform tells no permissions.",
)
