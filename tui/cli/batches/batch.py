"""`o9s batch`: campaigns, and waiting for a batch and keeping what came of it, for scripts and cron."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli.batches.build import build
from tui.cli.batches.campaigns import cancel, forget, pause, resume_, run, status
from tui.cli.batches.check import check
from tui.cli.batches.estimate import estimate
from tui.cli.open import open_program
from tui.cli.options import connection_options, merge_options, open_connection, read_seconds
from tui.cli.output import StatusLine, end_on_error, print_lines
from tui.cli.wrong_words import Commands


@click.group(cls=Commands, invoke_without_command=True)
@connection_options
@click.pass_context
def batch(ctx: click.Context, /, **options: Any) -> None:
    """Build, check, price, run and wait for batches.

    Bare, in a terminal, it opens the program on batches.
    """
    if ctx.invoked_subcommand is None:
        open_program(ctx, "batches", **options)


@batch.command(
    epilog="""
Exit codes: 0 every request was answered, 3 some failed or there is no such batch, 4 none was answered
(all failed, nothing ran, or the file was refused), 5 it expired or was cancelled, 7 it cannot be told for sure
(its counts do not add up, answers cannot be paired with requests, or its state stays unknown), 8 it was
not over in time, 1 the platform or the link failed for good, 2 wrong usage, 6 the output could not be written.

A fault of the connection that is there from the beginning is waited out for 30 seconds, a later one and
a fault of the platform for 15 minutes; a certificate or a proxy that is not right ends it at once.

For a nightly script: o9s batch wait "$ID" --salvage --out results || notify "batch $ID ended with $?"
"""
)
@click.argument("id")
@click.option("--salvage", is_flag=True, help="Keep the results, whatever became of the batch.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for them: each request with its answer as ID.joined.jsonl and .csv, and the requests "
    "worth sending again as ID.retry.jsonl.  [default: .]",
)
@click.option("--force", is_flag=True, help="Replace files of an earlier time; without it they are kept.")
@click.option(
    "--timeout",
    metavar="TIME",
    callback=read_seconds,
    help="Wait no longer than this: 90, 30m, 2h or 1d.  [default: until it is over]",
)
@connection_options
@click.pass_context
def wait(
    ctx: click.Context,
    /,
    id: str,  # noqa: A002
    salvage: bool,
    out: Path | None,
    force: bool,
    timeout: float | None,
    **options: Any,
) -> None:
    """Wait until the batch ID is over, and say what became of it."""
    from tui.headless.batches.wait import wait_for_batch
    from tui.headless.lists.listing import NOT_FOUND

    if out and not salvage:
        raise click.UsageError("--out is the folder for what --salvage keeps; give both.")
    if force and not salvage:
        raise click.UsageError("--force replaces what --salvage kept; give both.")
    folder = (out or Path()) if salvage else None
    with end_on_error(1, not_found=NOT_FOUND), open_connection(merge_options(ctx, options)) as connection:
        line = StatusLine()
        code, lines = wait_for_batch(
            connection, id, folder, on_progress=line.progress, on_note=line.note, timeout=timeout, force=force
        )
    print_lines(lines)
    sys.exit(code)


for _command in (run, status, pause, resume_, cancel, forget, build, check, estimate):
    batch.add_command(_command)
