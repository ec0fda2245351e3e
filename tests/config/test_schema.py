"""The settings are declared once: the schema, the reader, `o9s config` and README know the same ones."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.support.driving import write_config
from tui.cli.main import cli
from tui.config.kinds import ByName, Kind, Rows, Table, settings_of
from tui.config.listing import list_settings
from tui.config.reading import load
from tui.config.schema import build_schema
from tui.config.settings import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = build_schema()
README = (Path(__file__).parents[2] / "README.md").read_text()
# For each kind of value, by what it must be: some that fit and some that do not.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "a text, or a command that prints it": (["a", ["pass", "x"]], ["", "  ", 3, [], [""], {}]),
    "a text": (["a", " a b "], ["", "  ", 3, True, ["a"], {}]),
    "true or false": ([True, False], ["true", 0, 1, []]),
    "a share from 0 to 1": ([0, 1, 0.5], [-0.1, 1.1, True, "0.5"]),
    "a number from 1 to 10000": ([1, 10_000], [0, 10_001, 1.5, True, "1"]),
    "a list of texts such as": ([["a"], ["a", "b c"]], ["a", [""], [3], {}]),
    "a list of hosts such as": (
        [["a"], ["a.example", "B.example:80", "[::1]:80", "::1"]],
        ["a", ["*"], ["https://a"], ["a b"], ["a:"], [3], {}],
    ),
    "a name or a list of names": (["a", "a, b", ["a", "b"]], ["", [], 3, [""], [3]]),
    "a key or a list of keys": (["f5", "f5, ctrl+r", ["f5", "m"]], ["", [], 3, [""], [3]]),
}


def kinds(kind: type = Config, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Kind]]:
    """Yield every setting: the way to it, with NAME for a name that the user gives, and its kind of value."""
    for each in settings_of(kind).values():
        here, of = (*way, each.name), each.kind
        if isinstance(of, Kind):
            yield here, of
        elif isinstance(of, ByName):
            yield from [((*here, "NAME"), of.of)] if isinstance(of.of, Kind) else kinds(of.of, (*here, "NAME"))
        elif isinstance(of, Rows):
            yield from kinds(of.of, (*here, "0"))
        elif isinstance(of, Table):
            yield from kinds(of.of, here)


def schema_of(way: tuple[str, ...]) -> Any:
    """Return the part of the schema that describes a setting."""
    part: Any = SCHEMA
    for name in way:
        part = (
            part["items"]
            if name == "0"
            else part["additionalProperties"]
            if name == "NAME"
            else part["properties"][name]
        )
    return part


def described(part: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the way to every setting that a part of the schema describes."""
    if part.get("type") == "object":
        for name, inner in part.get("properties", {}).items():
            yield from described(inner, (*way, name))
        if isinstance(inner := part["additionalProperties"], dict):
            yield from described(inner, (*way, "NAME"))
    elif part.get("items", {}).get("type") == "object":
        yield from described(part["items"], (*way, "0"))
    else:
        yield way


def test_the_schema_is_one_and_has_every_setting() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(described(SCHEMA)) == {way for way, _ in kinds()}
    assert json.loads(CliRunner().invoke(cli, ["config", "schema"]).output) == SCHEMA


def read_all(kind: Kind, value: object) -> None:
    """Read a value with all its entries. Raises ValueError."""
    for each in kind.read(value) if kind.entry else ():
        assert kind.entry
        kind.entry.read(each)
    kind.read(value)


@pytest.mark.parametrize(("way", "kind"), [pytest.param(*each, id=".".join(each[0])) for each in kinds()])
def test_the_schema_takes_what_the_reader_takes(way: tuple[str, ...], kind: Kind) -> None:
    right: list[Any] = list(kind.choices)
    wrong: list[Any] = ["no such choice", 3, []]
    if not kind.choices:
        right, wrong = next(values for words, values in VALUES.items() if kind.must_be.startswith(words))
    validator = Draft202012Validator(schema_of(way))
    for value in right:
        read_all(kind, value)
        assert validator.is_valid(value), f"the schema refuses {value!r}"
    for value in wrong:
        assert not validator.is_valid(value), f"the schema takes {value!r}"
        with pytest.raises(ValueError):
            read_all(kind, value)


def test_the_readme_shows_every_setting_and_each_is_read(tmp_path: Path) -> None:
    shown = "\n".join(re.findall(r"```toml\n(.*?)```", README, re.DOTALL))
    path = tmp_path / "config.toml"
    path.write_text(shown)
    config = load(path)
    assert config.notices == ()
    assert list(Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(shown))) == []
    named = {re.sub(r"\[\d+\]", "", name) for name, _, _ in list_settings(config)}
    missing = []
    for way, _ in kinds():
        pattern = r"\.".join(".+" if name == "NAME" else re.escape(name) for name in way if name != "0")
        if not any(re.fullmatch(pattern, name) for name in named):
            missing.append(".".join(way))
    assert not missing, f"README's config shows no {', '.join(missing)}"


def test_the_command_lists_what_is_set_with_its_line_and_what_is_wrong() -> None:
    write_config('theme = "nord"\nstart = 3\n\n[profiles.work]\nread_onyl = true\nproject = "proj_1"\n')
    told = CliRunner().invoke(cli, ["config"])
    assert told.exit_code == 1
    lines = [re.split(r"\s{2,}", line) for line in told.stdout.splitlines()]
    assert lines == [
        ["SETTING", "VALUE", "FROM"],
        ["theme", '"nord"', "config.toml:1"],
        ["start", "3", "config.toml:2, ignored"],
        ["profiles.work.project", '"proj_1"', "config.toml:6"],
    ]
    assert "config.toml line 2: start must be a text; it is ignored." in told.stderr
    assert (
        "config.toml line 5: profiles.work.read_onyl is no setting of o9s; did you mean read_only?" in told.stderr
    )
    assert "config.toml line 1: There is no theme" not in told.stderr
    rows = json.loads(CliRunner().invoke(cli, ["config", "--all", "-o", "json"]).stdout)
    assert {"setting": "start", "value": "home", "from": "default"} in rows
    write_config("\ntheme = 'o9s-drak'\n[views.batchs]\n")
    told = CliRunner().invoke(cli, ["config"])
    assert told.exit_code == 1
    assert "config.toml line 2: There is no theme o9s-drak; did you mean o9s-dark?" in told.stderr
    assert "config.toml line 3: views.batchs is for no list." in told.stderr
    assert re.split(r"\s{2,}", told.stdout.splitlines()[1]) == ["theme", '"o9s-drak"', "config.toml:2, faulty"]
    write_config("[filters]\nf = 'size>x'\n[profiles.work]\nreadonly = true\n[keys]\nnope = 'x'\n")
    sentences = CliRunner().invoke(cli, ["config"]).stderr.splitlines()[1:]
    assert sentences == sorted(sentences, key=lambda line: int(line.split()[2].rstrip(":")))
    assert len(sentences) > 1
    write_config("")
    assert CliRunner().invoke(cli, ["config"]).exit_code == 0
