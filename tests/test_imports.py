"""What each start imports: the first frame and `--help` wait for no library that they do not need."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.resources.index import PLACES, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = {
    *("httpx", "pydantic", "keyring", "tomlkit", "aiolimiter", "openai"),
    *("textual", "rich", "starlette", "uvicorn"),
    *("tui.cli.batches.batch", "tui.cli.takeout"),  # commands that others have no use for
}
WIRE = {"httpx", "aiolimiter"}

# Ends as soon as the first frame stands, where the program would go on and connect.
FIRST_FRAME = """
from tui.app import O9s
O9s.connect = O9s.exit
O9s().run(headless=True)
"""
# A port nobody listens on: everything is imported by the time that is told.
COMMAND = """
import sys
sys.argv = ["o9s", *{words!r}]
from tui.cli.main import main
try:
    main()
except SystemExit:
    pass
"""

# Ends as soon as the list stands, where it would show that nobody listens.
LIST = """
import asyncio
from tui.app import O9s
from tui.start import Start

async def open_list():
    app = O9s(Start(resource="batches", base_url="http://127.0.0.1:9/v1"))
    async with app.run_test(size=(120, 40)):
        while not (app.navigator and app.platform.health.error):
            await asyncio.sleep(0.01)

asyncio.run(open_list())
"""
LINES = 30_500  # of the program, until rows stand, however they are cut into modules
ROOT = Path(__file__).parents[1]


def imported(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has after running `code`."""
    return HEAVY & loaded(code)


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running `code`."""
    path = [entry for entry in sys.path if entry]
    begin, end = f"import sys; sys.path[:0] = {path!r}", "print('IMPORTED', *sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", "\n".join((begin, code, end))], capture_output=True, text=True, check=True
    )
    return set(shown.stdout.splitlines()[-1].split()[1:])


def count_lines(module: str) -> int:
    """How long a module of the program is; nothing of others."""
    if module.partition(".")[0] != "tui":
        return 0
    path = ROOT.joinpath(*module.split("."))
    return len((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text().splitlines())


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("tui.text", set[str]()),
        ("tui.config", set[str]()),
        ("tui.api.operation", set[str]()),
        ("tui.api.credentials.keys", set[str]()),
        ("tui.api.errors", set[str]()),
        ("tui.api.log.exchanges", set[str]()),
        ("tui.api.credentials.resolve", set[str]()),
        ("tui.api.log.journal", set[str]()),
        ("tui.api.client", WIRE),
    ],
)
def test_a_module_brings_no_more_than_it_may(module: str, allowed: set[str]) -> None:
    assert imported(f"import {module}") <= allowed


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["create", "--help"], ["completion", "bash"]], ids=" ".join
)
def test_words_about_itself_bring_nothing(words: list[str]) -> None:
    names = loaded(COMMAND.format(words=words))
    assert not HEAVY & names
    assert words[-1] != "--help" or not {"bz2", "lzma", "shutil", "dataclasses", "ipaddress"} & names


def test_the_first_frame_waits_for_textual_alone() -> None:
    assert imported(FIRST_FRAME) == {"textual", "rich"}


def test_a_list_brings_its_own_family_and_nothing_that_is_opened_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-1234567890abcdefghij")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-test-1234567890abcdefghij")
    names = loaded(LIST)
    declared = {f"tui.resources.{entry.module}" for entry in (*RESOURCES, *PLACES)}
    # The frame tells of tasks; batches are made from files, and cost what usage tells.
    own = {f"tui.resources.{name}" for name in ("batch.batches", "files", "tasks", "usage")}
    assert names & declared == own
    later = ("tui.screens.forms", "tui.screens.dialogs", "tui.screens.workflows", "tui.commands.builtin")
    assert not {name for name in names if name.startswith((*later, "keyring", "tomlkit"))}
    assert sum(map(count_lines, names)) <= LINES, "more than a list needs"


def test_lists_without_a_screen_bring_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-1234567890abcdefghij")
    command = COMMAND.format(words=["get", "batches", "--base-url", "http://127.0.0.1:9/v1"])
    assert imported(command) == {"httpx", "pydantic"}, "the keyring has no key that is needed"


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Give what stands in a module, at any depth, without the expressions in it."""
    yield tree
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        for each in getattr(tree, name, ()):
            yield from statements(each)


def test_the_libraries_imported_are_those_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["tokens"]]
    names = {re.split(r"[<>=\[; ]", each)[0].replace("-", "_").lower().removesuffix("_rs") for each in declared}
    imported: dict[str, Path] = {}
    for path in (ROOT / "tui").rglob("*.py"):
        for node in statements(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {each.name.partition(".")[0]: path for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported[node.module.partition(".")[0]] = path
    others = {name: path for name, path in imported.items() if name not in {*sys.stdlib_module_names, "tui"}}
    assert len(others) > 8
    assert not {name: path for name, path in others.items() if name.lower() not in names}
    needed = {*others, "python_multipart"}  # by starlette, to read what is uploaded
    assert not {name for name in names if name not in needed}, "declared, and imported nowhere"


def test_every_library_has_a_lowest_and_a_highest_version() -> None:
    """Both ends are run by the workflow. pydantic says itself which pydantic-core it goes with."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["tokens"]]
    bounded = re.compile(r"[\w-]+>=[\d.]+,<[\d.]+")
    assert [each for each in declared if not bounded.fullmatch(each)] == ["pydantic-core"]
