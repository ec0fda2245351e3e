"""What the help of commands says, and where a wrong word leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from tui.cli.commands import COMMANDS
from tui.cli.main import cli
from tui.cli.wrong_words import describe_wrong_word
from tui.headless.writes.orders import explain_impossible, list_possible
from tui.resources.registry import REGISTRY, find_name

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE = 78  # cells that help has in a terminal of 80


def walk(ctx: click.Context) -> Iterator[click.Context]:
    """Give the context of a command and of all below it."""
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            inner = ctx.command.get_command(ctx, name)
            assert inner
            yield from walk(click.Context(inner, info_name=name, parent=ctx))


def contexts() -> list[click.Context]:
    return list(walk(click.Context(cli, info_name="o9s", terminal_width=WIDE)))


@pytest.mark.parametrize("ctx", contexts(), ids=lambda ctx: ctx.command_path)
def test_the_help_of_a_command(ctx: click.Context) -> None:
    told = ctx.command.get_help(ctx)
    is_only_a_name = isinstance(ctx.command, click.Group) and ctx.command_path in (
        "o9s auth",
        "o9s batch",
        "o9s store",
    )
    assert is_only_a_name or "Exit code" in told, "it does not say what its exit codes mean"
    assert max(map(len, told.splitlines())) <= WIDE, "a line is broken in a terminal of 80 columns"
    commands = told.partition("\nCommands:\n")[2] or told.partition("\nLook:\n")[2]
    for line in commands.partition("Examples:")[0].splitlines():
        assert not line.endswith("..."), "a description is cut: its first sentence is too long"
    shared = [line for line in told.splitlines() if line.lstrip().startswith(("--base-url", "--replay"))]
    assert bool(shared) == (ctx.parent is None), "the options of a connection are told by o9s --help alone"


def test_what_takes_the_options_of_a_connection_says_where_they_are_told() -> None:
    told = {ctx.command_path: ctx.command.get_help(ctx) for ctx in contexts() if ctx.parent}
    for ctx in contexts():
        takes = any(each.name == "base_url" for each in ctx.command.params)
        assert not ctx.parent or takes == ("see o9s --help" in told[ctx.command_path]), ctx.command_path


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("list batches", "o9s get batches"),
        ("gte batches", "o9s get batches"),
        ("show batches batch_1", "o9s get batches batch_1"),
        ("describe batches batch_1", "o9s get batches batch_1"),
        ("help get", "o9s get --help"),
        ("help", "o9s --help"),
        ("watch batches", "o9s get batches --watch"),
        ("version", "o9s --version"),
        ("status", "o9s auth status"),
        ("rm files file-1", "o9s delete files file-1"),
        ("batchs", "o9s batches"),
        ("filez", "o9s files"),
        ("batch banana", "There are: build, cancel, check, "),
        ("batch wiat batch_1", "o9s batch wait"),
        ("store sycn", "o9s store sync"),
        ("config shema", "o9s config schema"),
        ("files file-1", "o9s get files file-1"),
        ("nothing-like-it", "o9s --help"),
    ],
)
def test_a_wrong_word_leads_to_the_right_one(words: str, right: str) -> None:
    told = CliRunner().invoke(cli, words.split(), prog_name="o9s")
    assert (told.exit_code, right in told.stderr, told.stdout) == (2, True, ""), told.stderr


def test_what_a_word_is_said_to_mean_is_there() -> None:
    from tui.cli.wrong_words import _MEANT

    for word in _MEANT:
        assert word not in COMMANDS
        assert not find_name(word), "it opens the program"
        said = describe_wrong_word([word]).partition("`o9s ")[2].partition("`")[0].split()
        assert said[0] in COMMANDS or said[0] in ("--help", "--version", "--replay"), word


def test_a_short_option_tells_the_version() -> None:
    assert CliRunner().invoke(cli, ["-V"], prog_name="o9s").stdout.startswith("o9s, version ")


@pytest.mark.parametrize("name", list(REGISTRY))
def test_act_lists_what_it_does_and_refuses_the_rest(name: str) -> None:
    resource = REGISTRY[name]
    told = CliRunner().invoke(cli, ["act", name], prog_name="o9s")
    assert told.exit_code == 0, told.output
    possible = [each.name for each in list_possible(resource)]
    assert [line.split()[0] for line in told.stdout.splitlines()[1:]] == possible
    for action in resource.actions:
        assert bool(explain_impossible(resource, action)) != (action.name in possible)
    wrong = CliRunner().invoke(cli, ["act", name, "nonsense", "x"], prog_name="o9s")
    assert (wrong.exit_code, f"There are: {', '.join(possible) or 'none'}." in wrong.stderr) == (2, True)
