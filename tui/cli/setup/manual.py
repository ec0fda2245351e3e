"""`o9s man`: the manual page, made of what the commands declare."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui import __version__
from tui.cli.commands import HEADINGS
from tui.cli.output import PRINTED, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VARIABLES = (
    ("OPENAI_API_KEY, OPENAI_ADMIN_KEY", "The keys of a project and of the organization."),
    ("OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID", "The server, the organization and the project."),
    ("O9S_CONFIG_DIR, O9S_STATE_DIR", "Other folders for the config and for what is remembered."),
    ("NO_COLOR", "No colours, where it is set."),
)


@click.command(epilog=PRINTED)
@click.pass_context
def man(ctx: click.Context, /) -> None:
    """Print the manual page: o9s man | man -l -

    \b
      o9s man > ~/.local/share/man/man1/o9s.1
    """
    print_lines(write_manual(ctx.find_root().command))


def write_manual(root: click.Command) -> Iterator[str]:
    """Yield the lines of the manual page of a command and all below it, for man(1)."""
    from tui.system.private_files import directories

    ctx = click.Context(root, info_name="o9s", **root.context_settings)
    first, *more = _split_paragraphs(root.help)
    yield f'.TH O9S 1 "" "o9s {__version__}" "User Commands"'
    yield from (".SH NAME", f"o9s \\- {_escape(first.rstrip('.'))}")
    yield from (".SH SYNOPSIS", *_write_synopsis(ctx))
    yield from (".SH DESCRIPTION", *_write_paragraphs(more))
    yield from (".SH OPTIONS", *_write_options(ctx))
    yield from (".SH COMMANDS", "Those that talk to the platform take the options above, too.")
    for heading, entries in HEADINGS.items():
        yield f".SH {heading.upper()}"
        yield from _write_commands(ctx, entries)
    yield from (".SH ENVIRONMENT", *(line for pair in _VARIABLES for line in _write_term(*pair)))
    config = str(directories().config / "config.toml").replace(str(Path.home()), "~")
    yield from (
        ".SH FILES",
        *_write_term(config, "Profiles, key bindings and other settings: see o9s config."),
    )
    yield from (".SH EXAMPLES", *_write_paragraphs(_split_paragraphs(root.epilog)))


def _write_commands(ctx: click.Context, names: Iterable[str]) -> Iterator[str]:
    """Yield a section for each of the named commands of a group, with those of groups behind their group."""
    group = ctx.command
    assert isinstance(group, click.Group)
    for name in names:
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=ctx)
        yield f".SS {_escape(inner.command_path)}"
        yield from _write_synopsis(inner)
        yield ".PP"
        yield from _write_paragraphs(_split_paragraphs(command.help))
        yield from _write_options(inner)
        yield from _write_paragraphs(_split_paragraphs(command.epilog))
        if isinstance(command, click.Group):
            yield from _write_commands(inner, command.list_commands(inner))


def _write_synopsis(ctx: click.Context) -> Iterator[str]:
    yield f".B {_escape(ctx.command_path)}"
    yield _escape(" ".join(ctx.command.collect_usage_pieces(ctx)))


def _write_options(ctx: click.Context) -> Iterator[str]:
    """Yield what a command's own options do; those of the program are told of once."""
    root = ctx.find_root()
    known = {each.name for each in root.command.get_params(root)} if ctx.parent else set[str | None]()
    for parameter in ctx.command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record and record[1] and parameter.name not in known:
            yield from _write_term(*record)


def _write_term(name: str, meaning: str) -> Iterator[str]:
    yield from (".TP", f".B {_escape(name)}", _escape(" ".join(meaning.split())))


def _split_paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a help text; one that keeps its lines begins as click marks it."""
    whole = inspect.cleandoc(text or "").partition("\f")[0]
    return [part for part in re.split(r"\n\s*\n", whole) if part.strip("\b \n")]


def _write_paragraphs(paragraphs: list[str]) -> Iterator[str]:
    for part in paragraphs:
        yield ".PP"
        if part.lstrip().startswith("\b"):
            lines = textwrap.dedent(part.replace("\b", "").removeprefix("\nExamples:").strip("\n")).splitlines()
            yield from (".nf", *map(_escape, lines), ".fi")
        else:
            yield _escape(" ".join(part.split()))


def _escape(text: str) -> str:
    """Return a text as roff shows it: no line of it is taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text
