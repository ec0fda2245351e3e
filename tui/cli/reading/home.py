"""`o9s home`: what needs you now, on the screen or as output."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.open import open_program
from tui.cli.options import connection_options, in_terminal, merge_options, open_connections
from tui.cli.output import StatusLine, end_on_error, print_lines


@click.command(
    epilog="""
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 4 no access,
6 the output could not be written, 7 printed, but not whole: standard error says what is missing.
"""
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), help="Print it. [default: table, in a pipe]")
@connection_options
@click.pass_context
def home(ctx: click.Context, /, output: str | None, **options: Any) -> None:
    """Show what needs you, what is in flight, money, storage.

    In a terminal it opens the screen, elsewhere and with -o it prints.
    """
    if output is None and in_terminal():
        open_program(ctx, "home", **options)
        return
    from tui.headless.home import read_home
    from tui.headless.home_text import home_lines
    from tui.headless.lists.listing import NOT_WHOLE, Reporter

    line = StatusLine()
    reporter = Reporter(line.progress, line.note)
    with end_on_error(), open_connections(merge_options(ctx, options)) as connections:
        form = output or "table"
        print_lines(home_lines(form, read_home(connections, reporter)), form)
    if not reporter.whole:
        sys.exit(NOT_WHOLE)
