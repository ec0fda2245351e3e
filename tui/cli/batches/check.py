"""`o9s batch check`: what is wrong with a file before it is sent, or with one that was."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines, say


@click.command(
    epilog="""
Exit codes: 0 no fault, 3 faults, 1 a file cannot be read, or not be fetched from the platform, 2 wrong usage,
4 no access.
"""
)
@click.argument("file", nargs=-1, required=True)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["batch", "chat", "dpo", "reinforcement", "pairs", "evals"]),
    help="What the file is for.  [default: as its first line and its purpose tell]",
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@connection_options
@click.pass_context
def check(ctx: click.Context, /, file: tuple[str, ...], kind: str | None, output: str, **options: Any) -> None:
    """Check each FILE as the platform would.

    It holds requests of a batch, or examples to train on.

    FILE is a file here, or the id of one that is uploaded. Every fault is told with its line. With -o json each
    file is an object on a line of its own.
    """
    from tui.api.errors import LocalFileError
    from tui.headless.batches.check import FAULTY, Unread, check_local, check_uploaded, is_id

    codes = [0]
    line = StatusLine()

    def tell(found: Any) -> None:
        if isinstance(found, Unread):
            say(str(found.error))
            codes.append(found.exit_code)
            print_lines(found.lines(output), output)
            return
        print_lines(found.lines(output), output)
        codes.append(FAULTY if found.report.fault_count else 0)

    for name in file:
        if not is_id(name):
            try:
                tell(check_local(name, kind or ""))
            except LocalFileError as error:
                tell(Unread(name, "", error))
    if ids := [name for name in file if is_id(name)]:
        with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
            for found in check_uploaded(connection, ids, kind or "", line.progress):
                tell(found)
    others = [code for code in codes if code not in (0, FAULTY)]
    sys.exit(others[0] if others else max(codes))
