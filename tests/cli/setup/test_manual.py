"""The manual page: every command stands in it with its options, and roff takes no text for a request."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from tui.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = {"TH", "SH", "SS", "TP", "PP", "B", "nf", "fi"}


def contexts(ctx: click.Context) -> Iterator[click.Context]:
    """Give each command that is shown, as it is called."""
    yield ctx
    if isinstance(group := ctx.command, click.Group):
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            if command and not command.hidden:
                yield from contexts(click.Context(command, info_name=name, parent=ctx))


def test_every_command_and_option_stands_in_the_manual() -> None:
    told = CliRunner().invoke(cli, ["man"], prog_name="o9s")
    assert told.exit_code == 0
    parts = re.split(r"^\.S[HS] ", told.output.replace("\\-", "-"), flags=re.MULTILINE)
    sections = {part.partition("\n")[0]: part for part in parts}
    missing = []
    for ctx in contexts(click.Context(cli, info_name="o9s")):
        section = sections.get(ctx.command_path if ctx.parent else "OPTIONS", "")
        if not section:
            missing.append(ctx.command_path)
        options = [each for each in ctx.command.get_params(ctx) if isinstance(each, click.Option)]
        names = {name for option in options if not option.hidden for name in option.opts}
        missing += [f"{ctx.command_path} {name}" for name in names if name not in section + sections["OPTIONS"]]
    assert not missing
    requests = {line[1:].partition(" ")[0] for line in told.output.splitlines() if line[:1] in (".", "'")}
    assert requests == REQUESTS
    if groff := shutil.which("groff"):
        command = [groff, "-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou"]
        shown = subprocess.run(command, input=told.output, capture_output=True, text=True, check=True)
        assert not shown.stderr
        assert "batch estimate" in shown.stdout
