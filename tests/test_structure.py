"""The shape of the house: a folder shows at a glance what it holds, and a module holds one idea."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1] / "tui"
BESIDE = 15  # modules of a folder at the most
LONG = 350  # lines of a module at the most
ONE_IDEA = {
    "screens/forms/asking.py": "one form: its fields, what is said beside them, and its keys",
    "workflows/campaigns/runner.py": "one loop: each step of it notes what the next one goes by",
}
"""Longer modules that hold one idea all the same, and which."""


def test_no_folder_holds_more_modules_than_are_seen_at_a_glance() -> None:
    beside = Counter(path.parent for path in ROOT.rglob("*.py") if path.name != "__init__.py")
    assert not {f"{folder.relative_to(ROOT)}": count for folder, count in beside.items() if count > BESIDE}


def test_no_module_is_longer_than_one_idea_takes() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")}
    assert {name for name, count in lines.items() if count > LONG} == ONE_IDEA.keys()
