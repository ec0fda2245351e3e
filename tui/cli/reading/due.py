"""`o9s due`: what stops or expires, and who uses it, on the screen or as output."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.open import open_program
from tui.cli.options import connection_options, in_terminal, merge_options, open_connections, read_span
from tui.cli.output import StatusLine, end_on_error, print_lines

_DAYS = 30
USED = 1  # the exit code where something in use ends


@click.command(
    epilog="""
Everything with an end: models, files, vector stores, keys, certificates, batches, containers, families; models
with who used them in the last 7 days, which an admin key tells.

For cron: o9s due --within 30d -o md || mail -s "something you use ends soon" ops@example.com

Exit codes: 0 nothing in use ends by then, 1 something in use does, 2 wrong usage, 4 no access, 6 the output could
not be written, 7 it cannot be told: the platform or the link failed, or a part could not be read.
"""
)
@click.option("--within", metavar="TIME", callback=read_span, help="Look so far ahead: 7d, 30d.  [default: 30d]")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json", "md", "ics"]),
    help="Print it. [default: table, in a pipe]",
)
@connection_options
@click.pass_context
def due(ctx: click.Context, /, within: float | None, output: str | None, **options: Any) -> None:
    """Show what stops or expires soon, and who uses it.

    In a terminal it opens the screen, elsewhere and with -o or --within it prints.
    """
    if output is None and within is None and in_terminal():
        open_program(ctx, "due", **options)
        return
    from tui.api.errors import Forbidden, NoKey, Unauthorized
    from tui.headless.due import end_lines, is_used, read_ends
    from tui.headless.lists.listing import NO_ACCESS, NOT_WHOLE, Reporter

    line = StatusLine()
    reporter = Reporter(line.progress, line.note)
    with end_on_error(NOT_WHOLE), open_connections(merge_options(ctx, options)) as connections:
        try:
            ends, now = read_ends(connections, within or _DAYS * 86_400.0, reporter)
        except (NoKey, Unauthorized, Forbidden) as error:
            line.note(str(error))
            sys.exit(NO_ACCESS)
    form = output or "table"
    print_lines(end_lines(form, ends, now), form)
    if any(map(is_used, ends)):
        sys.exit(USED)
    if not reporter.whole:
        sys.exit(NOT_WHOLE)
