"""What the documents say of the code is so: what they name exists, and the layers are those held."""

from __future__ import annotations

import re
import shlex
import tomllib
from itertools import takewhile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tui.cli.main import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md")
# In backticks, relative to the repository or to `tui/`: what ends in a slash or in the suffix of a file here.
PATH = re.compile(r"`((?:[\w.-]+/)+|(?:[\w.-]+/)*[\w-]+\.(?:py|md|tcss))`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MODULE = re.compile(r"`(tui(?:\.\w+)+)`")
WITHOUT_A_MIRROR = {
    "peers",
    "benchmarks",
    "end_to_end",
    "snapshots",
    "support",
    "contract",
}  # folders of tests of the whole
LAYER = re.compile(r"^   ([a-z]+/|[a-z]+\.py(?: [a-z]+\.py)*)(?=\s|$)", re.MULTILINE)


def named(pattern: re.Pattern[str], document: str) -> set[str]:
    """What a document names in one way."""
    return set(pattern.findall((ROOT / document).read_text()))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_named_exists(document: str) -> None:
    modules = {module.replace(".", "/") for module in named(MODULE, document)}
    paths = named(PATH, document) | named(LINK, document)
    missing = {path for path in paths if not ((ROOT / path).exists() or (ROOT / "tui" / path).exists())}
    missing |= {path for path in modules if not ((ROOT / path).is_dir() or (ROOT / f"{path}.py").exists())}
    assert not missing, f"{document} names what is not there: {sorted(missing)}"


def test_the_commands_shown_are_taken() -> None:
    """Every command of the README names commands and options that there are."""
    shown = re.findall(r"^(?:\| `)?o9s ([^`#\n]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(shown) > 20
    for line in shown:
        reader = shlex.shlex(line, posix=True, punctuation_chars=True)
        reader.whitespace_split = True
        words = list(takewhile(lambda word: word[0] not in "|<>;&", reader))
        command: click.Command = cli
        while isinstance(command, click.Group) and words:
            inner = command.get_command(click.Context(command), words[0])
            if inner is None:
                break
            command = inner
            words.pop(0)
        try:
            command.make_parser(click.Context(command)).parse_args(words)
        except click.UsageError as error:
            raise AssertionError(f"o9s {line.strip()}: {error.format_message()}") from None


def test_the_one_test_shown_is_there() -> None:
    """The command of CONTRIBUTING.md that runs some tests of a file selects at least one."""
    shown = re.findall(r"pytest -n 0 \S+ (tests/\S+\.py) -k (\w+)", (ROOT / "CONTRIBUTING.md").read_text())
    assert shown
    for path, word in shown:
        assert re.search(rf"def test_\w*{word}", (ROOT / path).read_text()), f"{path} has no test with {word}"


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("resources/batch/batches.py", "columns="),
        ("workflows/batch_results/join.py", "def join("),
        ("commands/keymap.py", "def find_bindings("),
        ("widgets/table/table_rows.py", "def row("),
        ("live/polling/scheduler.py", "class Scheduler"),
        ("live/polling/poller.py", "def interval("),
        ("sandbox/families/batches/routes.py", '@family.route("POST", "/batches"'),
    ],
)
def test_contributing_leads_to_what_it_says(path: str, holds: str) -> None:
    assert path in named(PATH, "CONTRIBUTING.md"), f"CONTRIBUTING.md does not name {path}"
    assert holds in (ROOT / "tui" / path).read_text(), f"{path} is not what CONTRIBUTING.md says it is"


def test_the_layers_drawn_are_the_layers_held() -> None:
    drawn = {
        name.removesuffix(".py").strip("/") for line in named(LAYER, "CONTRIBUTING.md") for name in line.split()
    }
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = {name for layer in contracts[0]["layers"] for name in layer.replace("tui.", "").split(" | ")}
    there = {
        path.stem for path in (ROOT / "tui").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert drawn | {"themes"} == held | {"sandbox"}, "the picture of CONTRIBUTING.md and pyproject.toml differ"
    assert there - {"__init__", "__main__"} == held | {"sandbox"}, "a part of tui/ has no layer in pyproject.toml"


def test_what_is_promised_is_what_is_run() -> None:
    """The Pythons and systems that README and --version name are those of the workflow, and of the package."""
    workflow = (ROOT / ".github/workflows/check.yml").read_text()
    pythons = re.findall(r'"(3\.\d+)"', workflow[workflow.index("python: [") :].partition("]")[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    classified = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert pythons == classified
    assert project["requires-python"] == f">={pythons[0]}"
    promise = f"Python {pythons[0]} to {pythons[-1]} on Linux and macOS"
    told = CliRunner().invoke(cli, ["--version"], prog_name="o9s").output
    for where, text in (("README.md", (ROOT / "README.md").read_text()), ("--version", told)):
        assert promise in text, f"{where} does not say: {promise}"
    assert "[ubuntu-latest, macos-latest, windows-latest]" in workflow
    assert "--resolution lowest-direct" in workflow, "the lowest versions are not run"
    assert "https://github.com/o9s/o9s#security" in told
    assert "\n## Security\n" in (ROOT / "README.md").read_text()


def test_tests_lie_where_their_modules_do() -> None:
    """Every folder of tests is one of `tui/`; what bears the name of a module stands in its folder."""
    astray = []
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = test.parent.relative_to(ROOT / "tests")
        if WITHOUT_A_MIRROR & set(folder.parts):
            continue
        name, mirrored = test.stem.removeprefix("test_"), ROOT / "tui" / folder
        here = (mirrored / f"{name}.py").exists() or (mirrored / name).exists() or mirrored.name == name
        below = {path.parent for path in mirrored.rglob(f"{name}.py")} if folder.parts and not here else set()
        if not mirrored.is_dir() or len(below) == 1:
            astray.append(f"{test.relative_to(ROOT)}: {', '.join(map(str, below)) or 'no such folder in tui/'}")
    assert not astray, "\n".join(astray)


def test_no_test_leans_on_another() -> None:
    leaning = [
        f"{test.relative_to(ROOT)} imports from {found[1]}: what both need belongs into tests/support/"
        for test in (ROOT / "tests").rglob("*.py")
        if (found := re.search(r"^\s*from (tests\.(?:\w+\.)*test_\w+) import", test.read_text(), re.MULTILINE))
    ]
    assert not leaning, "\n".join(leaning)
