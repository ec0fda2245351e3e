"""`o9s get` and `o9s resources`: lists without a screen, and what can be listed."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.open import check_resource, complete_resource
from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines


@click.command(
    epilog="""\b
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 3 no such object, 4 no access,
6 the output could not be written, 7 printed, but not whole: standard error says what is missing,
141 its reader ended first (as with `| head -1`).
"""
)
@click.argument("resource", shell_complete=complete_resource)
@click.argument("id", required=False)
@click.option("--in", "parents", multiple=True, metavar="PARENT_ID", help="What it is in, outermost first.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table", show_default=True
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; without it, all.")
@connection_options
@click.pass_context
def get(
    ctx: click.Context,
    /,
    resource: str,
    id: str | None,  # noqa: A002
    parents: tuple[str, ...],
    output: str,
    limit: int | None,
    **options: Any,
) -> None:
    """Print a list, or one object, without a screen."""
    from tui.headless.listing import NOT_WHOLE, Reporter, list_lines
    from tui.resources.registry import PLACES, lookup_place

    check_resource(resource)
    found = lookup_place(resource)
    if found.name in PLACES:
        raise click.UsageError(f"{found.name} is no list of objects: `o9s home -o json` prints what is in it.")
    line = StatusLine()
    reporter = Reporter(line.progress, line.note)
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        lines = list_lines(connection, found, id, parents, limit, output, reporter)
        print_lines(lines, output)
    if not reporter.whole:
        sys.exit(NOT_WHOLE)


@click.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resources(output: str) -> None:
    """List every resource with its operations."""
    from tui.headless.listing import resource_lines

    for row in resource_lines(output):
        click.echo(row)
