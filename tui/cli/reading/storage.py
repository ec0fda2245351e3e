"""`o9s storage`: what files take, and which of them nothing uses."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.open import open_program
from tui.cli.options import connection_options, in_terminal, merge_options, open_connection, read_span
from tui.cli.output import StatusLine, end_on_error, print_lines


@click.command(
    epilog="""
Unreferenced are files that no batch, job, vector store, eval, assistant or container names; every list of them
is read to its end. If one cannot be read, no file is called unreferenced, and the exit code is 7.

Cleaning up: o9s storage --unreferenced --older 30d -o ids | o9s delete files - --yes --count N

Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 4 no access, 6 the output could not be
written, 7 printed, but not whole: standard error says what is missing.
"""
)
@click.option("--unreferenced", is_flag=True, help="List the files that nothing uses.")
@click.option("--older", metavar="TIME", callback=read_span, help="List files made longer ago: 12h, 30d.")
@click.option("--expiring", metavar="TIME", callback=read_span, help="List files that expire within: 7d.")
@click.option("--purpose", default="", help="List files of this purpose.")
@click.option("--copies", is_flag=True, help="List files that have the name and size of a newer one.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json", "jsonl", "csv", "ids"]),
    help="Groups as table or json; files in any form.  [default: table]",
)
@connection_options
@click.pass_context
def storage(
    ctx: click.Context,
    /,
    unreferenced: bool,
    older: float | None,
    expiring: float | None,
    purpose: str,
    copies: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Sum up what files take, or list those that fit.

    Files are told by purpose, use, age and end.

    Bare, in a terminal, it opens the program on storage.
    """
    chosen = unreferenced or older is not None or expiring is not None or purpose or copies
    if not chosen and output is None and in_terminal():
        open_program(ctx, "storage", **options)
        return
    from tui.headless.lists.listing import NOT_WHOLE, Reporter, render
    from tui.headless.storage import FILES, Choice, read_storage, storage_lines

    choice = Choice(unreferenced, older, expiring, purpose, copies)
    form = output or "table"
    if not choice.is_any and form not in ("table", "json"):
        raise click.UsageError(f"Groups are printed as table or json. Name files to list them as {form}.")
    line = StatusLine()
    reporter = Reporter(line.progress, line.note)
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        records, now = read_storage(connection, reporter)
        if told := choice.find_fault(records):
            raise click.BadParameter(told, param_hint="--purpose")
        if choice.is_any:
            wanted = choice.select(records, now, line.note)
            print_lines(render(form, FILES, wanted, now, one=False), form)
        else:
            print_lines(storage_lines(form, records, now), form)
    if not reporter.whole:
        sys.exit(NOT_WHOLE)
