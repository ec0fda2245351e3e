"""`o9s create`, `edit`, `cancel`, `delete` and `act`: every write of the screen, for scripts."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.cli.agreement import agree, can_ask
from tui.cli.open import complete_resource
from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.credentials.connection import Connection
    from tui.headless.outcomes import Outcome
    from tui.headless.writes import Order
    from tui.resources.language.resource import Resource

F = TypeVar("F", bound="Callable[..., Any]")

EXIT_CODES = """\b
Prints a line of JSON for each object: resource, id, outcome, and the platform's answer as "object".
Exit codes: 0 all done, 3 some were not (failed, refused, used by something, gone before), 4 none was,
7 it is not known whether something was done (look before you try again), 1 the platform, the link or
the key failed, 2 wrong usage, 6 the output could not be written, 130 stopped by ctrl+c.
"""
_TOLD = 20  # sentences on single objects


def _resource(_ctx: click.Context, _param: click.Parameter, name: str) -> Resource:
    """Return the resource of a name. Raises BadParameter."""
    from tui.resources.registry import UnknownResource, lookup

    try:
        return lookup(name)
    except UnknownResource as error:
        raise click.BadParameter(str(error)) from None


def _ids(_ctx: click.Context, _param: click.Parameter, written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids, with those on standard input in the place of `-`."""
    found: list[str] = []
    for each in written:
        found += [line.strip() for line in sys.stdin] if each == "-" else [each]
    return tuple(filter(None, found))


def _body(_ctx: click.Context, _param: click.Parameter, name: str | None) -> dict[str, Any] | None:
    """Return the JSON object in a file, or (`-`) on standard input. Raises BadParameter."""
    if name is None:
        return None
    try:
        with click.open_file(name, encoding="utf-8") as file:
            found = json.load(file)
    except OSError as error:
        raise click.BadParameter(f"{name} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{name} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f"{name} holds no JSON object.")
    return found


_RESOURCE = click.argument("resource", callback=_resource, shell_complete=complete_resource)
_IDS = click.argument("ids", nargs=-1, callback=_ids, metavar="[ID|-]...")
_IN = click.option(
    "--in",
    "parents",
    multiple=True,
    metavar="PARENT_ID",
    help="What it is in, outermost first; or write PARENT/ID.",
)
_GIVEN: tuple[Callable[[F], F], ...] = (
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="FIELD=VALUE",
        help="A field of the request, such as metadata.run=nightly. Lists are a,b or JSON; $5 and 30d are read.",
    ),
    click.option("-f", "--file", "body", callback=_body, metavar="FILE", help="The request as JSON; - reads it."),
)
_ASKED: tuple[Callable[[F], F], ...] = (
    click.option("--dry-run", is_flag=True, help="Say what would be called, and what uses it; change nothing."),
    click.option("--yes", is_flag=True, help="Do not ask. More than one object wants --count, too."),
)
_COUNT = click.option(
    "--count", type=click.IntRange(min=1), help="How many objects it is for; nothing is done to another number."
)
_USED = click.option("--used", "used_too", is_flag=True, help="Delete what something else uses, too.")


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    def give(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return give


@click.command(epilog=EXIT_CODES)
@_with(_RESOURCE, _IN, *_GIVEN, *_ASKED, connection_options)
@click.pass_context
def create(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Make an object, as its form does: o9s create batches --set input_file_id=requests.jsonl."""
    _run(ctx, resource, "create", given)


@click.command(epilog=EXIT_CODES)
@_with(_RESOURCE, _IDS, _IN, *_GIVEN, *_ASKED, _COUNT, connection_options)
@click.pass_context
def edit(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Change an object: what is set and differs is sent, and nothing else. FIELD= empties."""
    _run(ctx, resource, "edit", given)


@click.command(epilog=EXIT_CODES)
@_with(_RESOURCE, _IDS, _IN, *_ASKED, _COUNT, connection_options)
@click.pass_context
def cancel(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Stop what is on its way: batches, jobs, runs, responses."""
    _run(ctx, resource, "cancel", given)


@click.command(epilog=EXIT_CODES)
@_with(_RESOURCE, _IDS, _IN, *_ASKED, _COUNT, _USED, connection_options)
@click.pass_context
def delete(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Delete objects for good, such as o9s delete files - --dry-run, with ids from o9s get files -o ids.

    What uses each is looked for first, and what is used is left alone unless --used says otherwise.
    """
    _run(ctx, resource, "delete", given)


@click.command(epilog=EXIT_CODES)
@_with(_RESOURCE, click.argument("action"), _IDS, _IN, *_GIVEN, *_ASKED, _COUNT, _USED, connection_options)
@click.pass_context
def act(ctx: click.Context, /, resource: Resource, action: str, **given: Any) -> None:
    """Do an action by its name, such as o9s act fine-tuning pause ftjob-abc."""
    _run(ctx, resource, action, given)


def _run(ctx: click.Context, resource: Resource, name: str, given: dict[str, Any]) -> None:
    """Carry out an action, and end with the code that tells how it went."""
    from tui.headless.targets import WrongUse
    from tui.headless.writes import Order, find_action

    try:
        order = Order(
            resource,
            find_action(resource, name),
            given["parents"],
            given.get("ids", ()),
            given.get("assignments", ()),
            given.get("body"),
            used_too=given.get("used_too", False),
            dry_run=given["dry_run"],
            count=given.get("count"),
        )
        with end_on_error(1), open_connection(merge_options(ctx, given)) as connection:
            code = asyncio.run(_carry_out(connection, order, yes=given["yes"]))
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    sys.exit(code)


async def _carry_out(connection: Connection, order: Order, *, yes: bool) -> int:
    """Carry out an order and return the exit code. Raises ApiError and WrongUse."""
    from tui.headless.connected import connect
    from tui.headless.outcomes import describe_done, exit_code_of
    from tui.headless.writes import Hearing, Work

    line = StatusLine()
    told = 0

    def tell(outcome: Outcome) -> None:
        nonlocal told
        click.echo(outcome.json())
        if outcome.sentence:
            told += 1
            if told <= _TOLD:
                line.note(outcome.sentence)

    hearing = Hearing(
        tell=tell,
        say=line.note,
        progress=line.progress,
        agree=lambda question: agree(question, yes=yes),
        asks=can_ask() and not yes,
    )
    async with connect(connection) as platform:
        work = Work(platform, order, hearing)
        outcomes = await work.run()
        if told > _TOLD:
            line.note(f"And {told - _TOLD:,} more like these: the lines printed say of each.")
        if sentence := describe_done(order.action, order.resource, outcomes):
            line.note(sentence)
        journal = platform.client.journal
        if journal and journal.fault and not order.action.operation.reads_only:
            line.note(f"The journal of writes is not kept: {journal.fault}")
    return exit_code_of(outcomes, stopped=work.stopped)
