"""Declarations are held against their models by mypy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from pydantic import BaseModel

from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.resources.language.resource import Resource

ROOT = Path(__file__).parents[3]

# Each line that ends with a mark holds one misspelt name.
SNIPPET = """
from tui.api.operation import Operation
from tui.resources.language.action import Action, Ask, Call
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object, Record
from tui.resources.language.parts import META, cancel, create, delete, edit
from tui.resources.language.resource import Resource


class Thing(Object):
    status: str | None = None


def show(value: object, record: Record[Thing], context: CellContext) -> Cell:
    return Cell(record.object.staus or "")  # wrong


THINGS: Resource[Thing] = Resource(
    name="things",
    singular="thing",
    family="Things",
    model=Thing,
    columns=(
        Column("STATUS", lambda thing: thing.status),
        Column("STATUS", lambda thing: thing.statu),  # wrong
        Column("STATUS", "status", show),
        META,
    ),
    active=lambda thing: thing.stats == "busy",  # wrong
    attention=lambda thing, context: thing.tatus,  # wrong
    detail=(
        Section("Thing", (Field("status", lambda thing: thing.sttus),)),  # wrong
        Section("Lines", lines=lambda thing, context: [(thing.stat, Cell(""))]),  # wrong
    ),
    actions=(
        Action("stop", "x", "stop", Call(Operation("o", "POST", "/o")), refuse=lambda thing: thing.sta),  # wrong
        Action("edit", "e", "edit", Ask(Operation("o", "POST", "/o"), lambda thing: {"a": thing.st})),  # wrong
        create(Operation("o", "POST", "/o"), "make"),
        edit(Operation("o", "POST", "/o"), refuse=lambda thing: thing.tus),  # wrong
        edit(Operation("o", "POST", "/o"), fill=lambda thing: {"a": thing.tats}),  # wrong
        cancel(Operation("o", "POST", "/o"), lambda thing: thing.satus or ""),  # wrong
        cancel(Operation("o", "POST", "/o"), "It stops.", lambda thing: thing.statu),  # wrong
        delete(Operation("o", "DELETE", "/o"), "It is gone.", refuse=lambda thing: thing.sta),  # wrong
        delete(Operation("o", "DELETE", "/o"), lambda thing: thing.stas or ""),  # wrong
    ),
)
"""


def test_a_misspelt_field_in_a_declaration_fails_mypy(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    faults = {int(line.split(":")[1]) for line in told.splitlines() if "[attr-defined]" in line}
    marked = {number for number, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# wrong")}
    assert faults == marked, told


@pytest.mark.parametrize("resource", REGISTRY.values(), ids=lambda resource: resource.name)
def test_every_path_leads_through_fields_of_the_model(resource: Resource) -> None:
    declared = {
        *resource.model.model_fields,
        *([resource.join.name] if resource.join else []),
        *([REGISTRY[resource.listed_per].singular] if resource.listed_per else []),
    }
    values = [resource.identify, resource.title, *(column.value for column in resource.columns)]
    values += [field.value for section in resource.detail for field in section.fields]
    paths = {value for value in values if isinstance(value, str) and value}
    unknown = {path for path in paths if path.split(".")[0] not in declared or not leads(resource.model, path)}
    assert not unknown


def leads(model: type[BaseModel], path: str) -> bool:
    """Whether each step of a path is a field, as far as models tell: anything may be below a mapping."""
    first, _, rest = path.partition(".")
    if not rest or first not in model.model_fields:
        return True  # the first step of all is held above
    kind = model.model_fields[first].annotation
    inner = [each for each in (kind, *get_args(kind)) if isinstance(each, type) and issubclass(each, BaseModel)]
    step = rest.partition(".")[0]
    return not inner or any(step in each.model_fields and leads(each, rest) for each in inner)


def test_a_path_that_leads_nowhere_is_seen() -> None:
    assert leads(REGISTRY["batches"].model, "request_counts.failed")
    assert not leads(REGISTRY["batches"].model, "request_counts.fialed")


@pytest.mark.parametrize("path", sorted((ROOT / "tui" / "resources").rglob("*.py")), ids=lambda path: path.stem)
def test_every_declaration_names_its_model(path: Path) -> None:
    # Without `NAME: Resource[Model]` mypy takes any model, and checks nothing.
    bare = [
        ast.unparse(node.targets[0])
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Resource"
    ]
    assert not bare
