"""The sandbox's inner order, with imports for types only counted too."""

from __future__ import annotations

import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "tui/sandbox"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("tui", exclude_type_checking_imports=False, cache_dir=None)


def test_imports_point_down(graph: grimp.ImportGraph) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["tui.sandbox"])
    listed = {name for layer in layers for name in layer.split(" | ")}
    modules = {module.removeprefix("tui.sandbox.") for module in graph.find_children("tui.sandbox")}
    assert modules - listed == {"__main__"}, "each part has its place"
    order = [grimp.Layer(*layer.split(" | ")) for layer in layers]
    assert not graph.find_illegal_dependencies_for_layers(order, containers={"tui.sandbox"})


def test_there_are_no_circles(graph: grimp.ImportGraph) -> None:
    inside = graph.find_descendants("tui.sandbox")
    left = {module: graph.find_modules_directly_imported_by(module) & inside for module in inside}
    while ready := {module for module, needed in left.items() if not needed & left.keys()}:
        left = {module: needed for module, needed in left.items() if module not in ready}
    assert not left


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    for folder in {path.parent for path in SANDBOX.rglob("*.py")}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 15, folder
