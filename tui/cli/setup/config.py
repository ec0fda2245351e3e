"""`o9s config`: what the config file sets, and the schema of it."""

from __future__ import annotations

import json
import sys

import click

from tui.cli.output import PRINTED, print_lines, say
from tui.cli.wrong_words import Commands
from tui.config.source import CONFIG_FILE


@click.group(cls=Commands, invoke_without_command=True)
@click.option("-a", "--all", "with_defaults", is_flag=True, help="List the settings with their defaults, too.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def config(ctx: click.Context, /, *, with_defaults: bool, output: str) -> None:
    """List what the config file sets, and its faults.

    o9s config schema prints its schema. Exit code 1 says that some of it cannot be used.
    """
    if ctx.invoked_subcommand:
        return
    import tui.app  # noqa: F401 (it has bindings, too)
    from tui.commands.own_settings import OwnSettings
    from tui.config.listing import find_line, list_settings
    from tui.config.reading import find_config_path, load
    from tui.headless.lists.listing import align
    from tui.themes import find_theme_fault

    found = load()
    if found.unreadable:
        for notice in found.notices:
            say(notice)
        sys.exit(1)
    notices = [*found.notices, *OwnSettings(found).notices]
    if fault := find_theme_fault(found.theme, find_config_path().parent / "themes"):
        notices.append(f"{found.source.at('theme')}{fault}")
    notices.sort(key=find_line)
    faulty = {f"{CONFIG_FILE}:{find_line(notice)}" for notice in notices}
    rows = [
        (name, value, f"{at}, faulty" if at in faulty else at)
        for name, value, at in list_settings(found, with_defaults=with_defaults)
    ]
    names = ("setting", "value", "from")
    if output == "json":
        print_lines(
            [json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2, default=str)], output
        )
    else:
        where = find_config_path()
        say(
            f"{where}"
            if where.exists() or found.unreadable
            else f"{where} is not there: every setting has its default."
        )
        shown = [
            (name, json.dumps(value, ensure_ascii=False, default=str), origin) for name, value, origin in rows
        ]
        print_lines(align([name.upper() for name in names], shown, ["left"] * 3))
    for notice in notices:
        say(notice)
    if notices:
        sys.exit(1)


@config.command(epilog=PRINTED)
def schema() -> None:
    """Print the JSON schema of the config file.

    Editors complete and check the file by it.
    """
    from tui.config.schema import build_schema

    print_lines([json.dumps(build_schema(), indent=2)], "json")
