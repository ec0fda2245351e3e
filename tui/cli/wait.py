"""`o9s wait`: until objects of any kind are over, for scripts and cron."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

from tui.cli.completing import complete_waitable
from tui.cli.options import connection_options, merge_options, open_connection, read_seconds
from tui.cli.output import StatusLine, end_on_error, print_lines


def split_command(_ctx: click.Context, _option: click.Parameter, value: str | None) -> list[str]:
    """Split a command into its program and arguments, as a shell would. Raises BadParameter."""
    try:
        return shlex.split(value or "")
    except ValueError as error:
        raise click.BadParameter(f"This is no command: {str(error).lower()}.") from None


@click.command(
    epilog="""
Exit codes: 0 all ended well, 3 some did not, or one is not there, 4 none did (failed, cancelled, expired or gone
meanwhile), 7 it cannot be told for sure, 8 not over in time, 1 the platform or the link failed for good, 2 wrong
usage, 6 the output could not be written. With --any the code is that of the one which ended.

The command of --exec finds O9S_ID, O9S_RESOURCE, O9S_NAME, O9S_OUTCOME and O9S_SUMMARY in its environment.

For one batch, with its results: o9s batch wait.
"""
)
@click.argument("words", nargs=-1, required=True, shell_complete=complete_waitable, metavar="[RESOURCE] ID...")
@click.option("--any", "any_", is_flag=True, help="End with the first that is over.")
@click.option("--exec", "command", metavar="COMMAND", callback=split_command, help="Run this for each that ends.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="A line for each.")
@click.option(
    "--timeout",
    metavar="TIME",
    callback=read_seconds,
    help="Wait no longer than this: 90, 30m, 2h or 1d.  [default: until all are over]",
)
@connection_options
@click.pass_context
def wait(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    any_: bool,
    command: list[str],
    output: str,
    timeout: float | None,
    **options: Any,
) -> None:
    """Wait until batches, jobs, runs and the like are over.

    For batches, jobs, stores, runs and responses; PARENT/ID names one inside another. An id says by how it begins
    what it is of; where a server makes ids of its own, name RESOURCE before them.
    """
    from tui.headless.waiting.several import Wait, WaitError

    line = StatusLine()
    waiting = Wait(
        any_=any_,
        timeout=timeout,
        command=command,
        on_end=lambda end: print_lines([end.line(output)], output),
        on_progress=line.progress,
        on_note=line.note,
    )
    with end_on_error(1), open_connection(merge_options(ctx, options)) as connection:
        try:
            code = waiting.run(connection, words)
        except WaitError as error:
            raise click.UsageError(str(error)) from None
    sys.exit(code)
