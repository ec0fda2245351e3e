"""`o9s batch`: waiting for a batch and keeping what came of it, for scripts and cron."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.options import aside, connected, connecting, failing, merged


@click.group(invoke_without_command=True)
@connecting
@click.pass_context
def batch(ctx: click.Context, /, **options: Any) -> None:
    """Wait for a batch and keep its results. Bare, it opens the program on batches."""
    if ctx.invoked_subcommand is None:
        group = ctx.find_root().command
        assert isinstance(group, click.Group)
        ctx.invoke(group.commands["open"], resource="batches", **options)


@batch.command(
    epilog="""\b
Exit codes: 0 every request was answered, 3 some failed, 4 all failed or the file was refused,
5 it expired or was cancelled, 1 the platform or the link failed, 2 wrong usage,
6 the output could not be written.
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
@connecting
@click.pass_context
def wait(
    ctx: click.Context,
    /,
    id: str,  # noqa: A002
    salvage: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Wait until the batch ID is over, say what became of it, and end with a code that tells."""
    from tui.salvage import wait as waited

    if out and not salvage:
        raise click.UsageError("--out is the folder for what --salvage keeps; give both.")
    folder = (out or Path()) if salvage else None
    with failing(1), connected(merged(ctx, options)) as connection:
        code, lines = waited(connection, id, folder, aside)
    for line in lines:
        click.echo(line)
    sys.exit(code)
