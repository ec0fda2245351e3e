"""No screen is without a test that opens it from the keyboard."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from textual.screen import Screen

from tui.commands.keymap import find_owners

BASES = {
    "AskingScreen",
    "Bench",
    "DetailBeside",
    "FilteredList",
    "ListColumns",
    "ListNews",
    "ListPlans",
    "ListSides",
    "ListTargets",
    "Frame",
    "HomeSums",
    "JoinedScreen",
    "ObjectActions",
    "ObjectRows",
    "PlaceScreen",
    "PlanScreen",
    "Sheet",
}  # shown as what builds on them
SCREENS = {kind.__name__: kind for kind in find_owners() if issubclass(kind, Screen)}


@cache
def promised() -> set[str]:
    """The screens that tests say they open, each held to it by the fixture `opens`."""
    calls = (
        node
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.opens"
    )
    return {str(argument.value) for call in calls for argument in call.args if isinstance(argument, ast.Constant)}


@pytest.mark.parametrize("name", sorted(SCREENS.keys() - BASES))
def test_a_test_opens_it(name: str) -> None:
    assert name in promised(), f"no test opens {name}: let one, and mark it with `pytest.mark.opens`"


def test_names_are_those_of_screens_and_bases_are_built_on() -> None:
    assert promised() <= SCREENS.keys()
    assert {name for name in BASES if not SCREENS[name].__subclasses__()} == set()
