"""`o9s rotate`: a new key in the place of an old one, which is deleted later."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui.cli.completing import complete_id, complete_resource
from tui.cli.options import connection_options, merge_options, open_connection, read_span
from tui.cli.output import StatusLine, end_on_error, print_lines
from tui.cli.writes.actions import PARENTS, read_resource
from tui.cli.writes.agreement import make_hearing

if TYPE_CHECKING:
    from tui.resources.language.resource import Resource


@click.command(
    epilog="""
RESOURCE is admin-keys, service-accounts or project-keys. Of project-keys those of service accounts alone can be
rotated: the account is made anew, with a new key. Prints a line of JSON: the new id, and as "object" the answer
with its secret, which is told this once; "old" and "due" say what is to be deleted, and from when on.

The old one is never deleted by itself: o9s due names it, o9s tasks go-on ID deletes it once you agree, after a
look at when it was last used.

Exit codes: 0 done, 1 the platform or the link failed and no new one was made, 2 wrong usage, 3 no such key,
4 not agreed to, or rotated already, 6 the new one was made, and its secret could not be printed or the deletion of
the old one not kept, 7 it is not known whether a new one was made: look before you try again,
130, 143 or 129 stopped by ctrl+c, SIGTERM or SIGHUP.
"""
)
@click.argument("resource", callback=read_resource, shell_complete=complete_resource)
@click.argument("id_", metavar="ID", shell_complete=complete_id)
@PARENTS
@click.option(
    "--overlap", metavar="TIME", callback=read_span, help="How long the old one is to be unused.  [default: 7d]"
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@connection_options
@click.pass_context
def rotate(
    ctx: click.Context,
    /,
    resource: Resource,
    id_: str,
    parents: tuple[str, ...],
    overlap: float | None,
    yes: bool,
    **options: Any,
) -> None:
    """Put a new key in the place of an old one.

    The old one is kept until it is no longer used.
    """
    from tui.headless.lists.listing import NOT_FOUND
    from tui.headless.rotation import rotate_key
    from tui.headless.writes.targets import WrongUse
    from tui.resources.language.reading.amounts import dump_json
    from tui.workflows.rotation import OVERLAP

    action = resource.action("rotate")
    if action is None:
        raise click.UsageError(f"{resource.name} are no keys: rotate admin-keys, service-accounts or project-keys")
    line = StatusLine()
    hearing = make_hearing(line, yes=yes)

    def show(told: dict[str, Any]) -> None:
        print_lines([dump_json(told)], "jsonl")

    with end_on_error(1, not_found=NOT_FOUND), open_connection(merge_options(ctx, options)) as connection:
        try:
            code = rotate_key(connection, resource, action, parents, id_, overlap or OVERLAP, hearing, show)
        except WrongUse as error:
            raise click.UsageError(str(error)) from None
    sys.exit(code)
