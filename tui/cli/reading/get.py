"""`o9s get` and `o9s resources`: lists without a screen, and what can be listed."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import click

from tui.cli.completing import complete_column, complete_id, complete_parent, complete_resource
from tui.cli.open import check_resource
from tui.cli.options import connection_options, merge_options, open_connections
from tui.cli.output import PRINTED, Refusal, StatusLine, end_on_error, print_lines
from tui.cli.writes.actions import read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.selection import Selection
    from tui.resources.language.resource import Resource

_COMMANDS = {
    "home": "o9s home -o json",
    "due": "o9s due -o json",
    "storage": "o9s storage -o json",
    "tasks": "o9s tasks -o json",
    "campaigns": "o9s batch status -o json",
    "costs": "o9s costs -o json",
    "usage": "o9s usage KIND -o json",
}
"""What prints what is no list of the platform."""


@click.command(
    epilog="""
What takes further requests is read where --columns, --filter or --sort names it: used_by of files (the lists of
all that may use one), passed of evals, loss and progress of fine-tuning, asked of completions, keys and members
of projects (a request for each object).

Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 3 no such object, 4 no access,
6 the output could not be written, 7 printed, but not whole: standard error says what is missing,
130, 143 or 129 --watch was ended by ctrl+c, SIGTERM or SIGHUP, 141 its reader ended first (as with `| head -1`).
"""
)
@click.argument("resource", shell_complete=complete_resource)
@click.argument("id", required=False, shell_complete=complete_id, metavar="[ID|-]")
@click.option(
    "--in",
    "parents",
    multiple=True,
    metavar="PARENT_ID",
    shell_complete=complete_parent,
    help="What it is in, outermost first.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json", "jsonl", "csv", "ids"]),
    default="table",
    show_default=True,
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many; without it, all.")
@click.option("--filter", "words", default="", metavar="WORDS", help="As after `/`: 'outcome:failed age<2d'.")
@click.option(
    "--sort",
    shell_complete=complete_column,
    default="",
    metavar="[-]COLUMN",
    help="By a column or field; with - before it, descending.",
)
@click.option("--since", default="", metavar="TIME", help="Made since then: 2d, 12h, or 2026-11-20.")
@click.option(
    "--columns",
    shell_complete=complete_column,
    default="",
    metavar="NAMES",
    help="These and no others: columns, fields, metadata.run …",
)
@click.option(
    "--view", "as_shown", is_flag=True, help="As [views] of the config shows it, where nothing else is said."
)
@click.option("--watch", is_flag=True, help="Print the newest page, then every change, until ctrl+c.")
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
    words: str,
    sort: str,
    since: str,
    columns: str,
    as_shown: bool,
    watch: bool,
    **options: Any,
) -> None:
    """Print a list, or objects by their ids, without a screen.

    RESOURCE is such as batches, files or fine-tuning: o9s resources lists them. ID is one object, - reads the ids
    of several from standard input.
    """
    from tui.headless.lists.listing import NOT_WHOLE, Reporter
    from tui.headless.lists.printing import list_lines
    from tui.headless.lists.selection import Selection
    from tui.headless.writes.targets import WrongUse
    from tui.resources.registry import lookup_place

    check_resource(resource)
    found = lookup_place(resource)
    if other := _COMMANDS.get(found.name):
        raise click.UsageError(f"{found.name} is no list of objects: `{other}` prints what is in it.")
    ids = [each for each in read_lines(found) if each] if id == "-" else []
    if id:
        given = {"--limit": limit, "--filter": words, "--sort": sort, "--since": since, "--view": as_shown}
        if told := [name for name, value in given.items() if value]:
            raise click.UsageError(f"{told[0]} is for a list: leave it out, or the id.")
    chosen = tuple(filter(None, (name.strip() for name in columns.split(","))))
    selection = Selection(words, sort, since, chosen)
    if as_shown or "@" in words:
        from tui.config.reading import load
        from tui.headless.lists.views import use_config

        selection = use_config(selection, found, load(), as_shown=as_shown)
    if watch and (id or limit):
        raise click.UsageError("--watch is for a list, as it is; `o9s wait` waits for one object.")
    if watch and (figures := selection.find_figures(found)):
        raise click.UsageError(f"--watch does not read {', '.join(sorted(figures))}: leave it out, or --watch.")
    line = StatusLine()
    reporter = Reporter(line.progress, line.note)
    try:
        with (
            end_on_error(),
            open_connections(merge_options(ctx, options), None if watch else found) as connections,
        ):
            if watch:
                import asyncio

                sys.exit(asyncio.run(_watch(connections, found, parents, selection, output, line)))
            if id == "-":
                from tui.headless.lists.by_ids import lines_by_ids

                if len(connections) > 1:
                    raise click.UsageError("Ids on standard input are of one profile: name it with --profile.")
                lines = lines_by_ids(connections[0], found, ids, parents, output, reporter, chosen)
            elif len(connections) > 1:
                from tui.headless.lists.combined import list_combined

                lines = list_combined(connections, found, id, parents, limit, output, reporter, selection)
            else:
                lines = list_lines(connections[0], found, id, parents, limit, output, reporter, selection)
            print_lines(lines, output)
    except WrongUse as error:
        raise Refusal(*error.lines) from None
    if not reporter.whole:
        sys.exit(NOT_WHOLE)


async def _watch(
    connections: Sequence[Connection],
    resource: Resource,
    parents: tuple[str, ...],
    selection: Selection,
    output: str,
    line: StatusLine,
) -> int:
    """Watch a list until a signal such as ctrl+c, and return its exit code.

    Raises ApiError and WrongUse, and OSError where the output is lost.
    """
    from tui.headless.lists.watching import ListWatch, place_of
    from tui.headless.writes.connected import connect
    from tui.system.signals import on_signals

    lost: list[OSError] = []

    def write(text: str) -> None:
        try:
            print_lines([text], output)
            sys.stdout.flush()
        except OSError as error:
            lost.append(error)
            watching.stopped.set()

    selection.check(resource)
    place = place_of(resource, parents)
    async with AsyncExitStack() as stack:
        platforms = {each.profile: await stack.enter_async_context(connect(each)) for each in connections}
        watching = ListWatch(platforms, resource, place, selection, output, write, line.note)
        with on_signals(watching.stopped.set) as caught:
            await watching.run()
    if lost:
        raise lost[0]
    return caught.code


@click.command(epilog=PRINTED)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resources(output: str) -> None:
    """List every resource with its operations."""
    from tui.headless.lists.declared import resource_lines

    print_lines(resource_lines(output), output)
