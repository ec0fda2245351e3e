"""`o9s create`, `edit`, `cancel`, `delete` and `act`: every write of the screen, for scripts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.cli.completing import complete_action, complete_field, complete_id, complete_parent, complete_resource
from tui.cli.options import connection_options
from tui.cli.output import print_lines, say
from tui.cli.writes.carrying_out import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.resources.language.resource import Resource

F = TypeVar("F", bound="Callable[..., Any]")
_NONE_CAME = "no ids came"

EXIT_CODES = """
Prints a line of JSON for each object: resource, id, outcome, and the platform's answer as "object".

Exit codes: 0 all done, 3 some were not (failed, refused, used by something, gone before, or unchecked: not
known whether something uses it), 4 none was, 7 it is not known whether something was done (look before you
try again), 1 the platform, the link or the key failed, 2 wrong usage, 6 the output could not be written,
130, 143 or 129 stopped by ctrl+c, SIGTERM or SIGHUP.
"""


def read_resource(_ctx: click.Context, _param: click.Parameter, name: str | None) -> Resource | None:
    """Return the resource of a name; None for none. Raises BadParameter."""
    if name is None:
        return None
    from tui.resources.registry import UnknownResource, lookup

    try:
        return lookup(name)
    except UnknownResource as error:
        raise click.BadParameter(str(error)) from None


def read_ids(ctx: click.Context, _param: click.Parameter, written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids, with those on standard input in the place of `-`. Raises BadParameter."""
    if ctx.resilient_parsing:  # the shell asks what may follow
        return written
    found: list[str] = []
    for each in written:
        found += read_lines(ctx.params.get("resource")) if each == "-" else [each]
    ids = tuple(filter(None, found))
    if "-" in written and not ids:
        ctx.meta[_NONE_CAME] = True
    return ids


def read_lines(resource: Resource | None) -> list[str]:
    """Return the ids on standard input, which are of a resource where that was said. Raises BadParameter."""
    from tui.headless.writes.targets import WrongUse, read_line

    try:
        return [read_line(line, resource) for line in sys.stdin]
    except WrongUse as error:
        raise click.BadParameter(str(error)) from None


def end_without_ids(ctx: click.Context, count: int | None = None) -> None:
    """End a command that got no ids on standard input. Raises UsageError where so many were said to come."""
    if not ctx.meta.get(_NONE_CAME):
        return
    none = "No ids came on standard input"
    if count:
        raise click.UsageError(f"--count says {count:,}. {none}: nothing was done.")
    say(f"{none}: nothing was done.")
    ctx.exit()


def _read_body(ctx: click.Context, _param: click.Parameter, name: str | None) -> dict[str, Any] | None:
    """Return the JSON object in a file, or (`-`) on standard input. Raises BadParameter."""
    if name is None or ctx.resilient_parsing:
        return None
    try:
        with click.open_file(name, encoding="utf-8") as file:
            text = file.read().rstrip()  # so that a fault at the end is on its line
        found = json.loads(text, object_pairs_hook=_take_each_once)
    except OSError as error:
        raise click.BadParameter(f"{name} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{name} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f"{name} holds no JSON object.")
    return found


def _take_each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises BadParameter where a name is in it twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise click.BadParameter(f"{name} is in it twice: give it once.")
        found[name] = value
    return found


_RESOURCE = click.argument("resource", callback=read_resource, shell_complete=complete_resource)
_IDS = click.argument("ids", nargs=-1, callback=read_ids, shell_complete=complete_id, metavar="[ID|-]...")
PARENTS = click.option(
    "--in",
    "parents",
    multiple=True,
    metavar="PARENT_ID",
    shell_complete=complete_parent,
    help="What it is in, outermost first; or write PARENT/ID.",
)
SETS = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="FIELD=VALUE",
    shell_complete=complete_field,
    help="A field of the request, such as metadata.run=nightly. Lists are a,b or JSON; $5 and 30d are read.",
)
_GIVEN: tuple[Callable[[F], F], ...] = (
    SETS,
    click.option(
        "-f", "--file", "body", callback=_read_body, metavar="FILE", help="The request as JSON; - reads it."
    ),
)
_ASKED: tuple[Callable[[F], F], ...] = (
    click.option("--dry-run", is_flag=True, help="Say what would be called, and what uses it; change nothing."),
    click.option("--yes", is_flag=True, help="Do not ask. More than one object wants --count, too."),
)
_COUNT = click.option(
    "--count",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many objects it is for; nothing is done to another number.",
)
_USED = click.option("--used", "used_too", is_flag=True, help="Delete what something else uses, too.")


def _add_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def give(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return give


@click.command(epilog=EXIT_CODES)
@_add_options(_RESOURCE, PARENTS, *_GIVEN, *_ASKED, connection_options)
@click.pass_context
def create(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Make an object, as its form does.

    Such as: o9s create batches --set input_file_id=requests.jsonl. A wrong field is told with the right ones;
    o9s resources lists what RESOURCE may be.
    """
    _run(ctx, resource, "create", given)


@click.command(epilog=EXIT_CODES)
@_add_options(_RESOURCE, _IDS, PARENTS, *_GIVEN, *_ASKED, _COUNT, connection_options)
@click.pass_context
def edit(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Change fields of objects; nothing else is sent.

    Of what is set only what differs is sent. FIELD= with nothing behind it empties a field.
    """
    _run(ctx, resource, "edit", given)


@click.command(epilog=EXIT_CODES)
@_add_options(_RESOURCE, _IDS, PARENTS, *_ASKED, _COUNT, connection_options)
@click.pass_context
def cancel(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Stop what is on its way: batches, jobs, runs, responses."""
    _run(ctx, resource, "cancel", given)


@click.command(epilog=EXIT_CODES)
@_add_options(_RESOURCE, _IDS, PARENTS, *_ASKED, _COUNT, _USED, connection_options)
@click.pass_context
def delete(ctx: click.Context, /, resource: Resource, **given: Any) -> None:
    """Delete objects for good; what is used is left alone.

    What uses each is looked for first; --used deletes it all the same. Such as: o9s get files -o ids |
    o9s delete files - --dry-run.
    """
    _run(ctx, resource, "delete", given)


@click.command(epilog=EXIT_CODES)
@_add_options(
    _RESOURCE,
    click.argument("action", required=False, shell_complete=complete_action),
    _IDS,
    PARENTS,
    *_GIVEN,
    *_ASKED,
    _COUNT,
    _USED,
    connection_options,
)
@click.pass_context
def act(ctx: click.Context, /, resource: Resource, action: str | None, **given: Any) -> None:
    """Do any other action by its name, or list those there are.

    Such as: o9s act fine-tuning pause ftjob-abc; o9s act fine-tuning lists the actions.
    """
    if action is None:
        _list_actions(resource)
        return
    _run(ctx, resource, action, given)


def _list_actions(resource: Resource) -> None:
    """Print the actions of a resource that commands can do, and what each is done to."""
    from tui.headless.lists.listing import align
    from tui.headless.writes.orders import list_possible

    done_to = {"list": "", "one": "ID", "many": "ID..."}
    rows = [(each.name, done_to[each.on], each.label) for each in list_possible(resource)]
    print_lines(align(("ACTION", "OF", "DOES"), rows, ("left",) * 3))


def _run(ctx: click.Context, resource: Resource, name: str, given: dict[str, Any]) -> None:
    """Carry out an action, and end with the code that tells how it went. Raises UsageError."""
    from tui.headless.writes.actions import Actions
    from tui.headless.writes.orders import Order, find_action
    from tui.headless.writes.outcomes import describe_done
    from tui.headless.writes.targets import WrongUse

    end_without_ids(ctx, given.get("count"))
    try:
        action = find_action(resource, name)
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    order = Order(
        resource,
        action,
        given["parents"],
        given.get("ids", ()),
        given.get("assignments", ()),
        given.get("body"),
        used_too=given.get("used_too", False),
        dry_run=given["dry_run"],
        count=given.get("count"),
    )
    carry_out(
        ctx,
        given,
        lambda platform, hearing: Actions(platform, order, hearing),
        lambda outcomes: describe_done(action, resource.name, outcomes),
        yes=given["yes"],
        order=order,
    )
