"""`o9s store fill` and `o9s store sync`: folders of this machine as the files of a vector store."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tui.cli.open import open_program
from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines, say
from tui.cli.wrong_words import Commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.workflows.store_folder.fill import StoreFill
    from tui.workflows.store_folder.plan import FolderPlan
    from tui.workflows.store_folder.scan import Scan, Value

_NAMED = 10  # changes and files left out that are named
_IDS = 20  # files taken out that are named
_CODES = """
Exit codes: 0 the store holds the folder and can search it, 3 some files could not be sent, added or read by the
platform, 7 it is not known whether something was done, or files are still being read: the same command looks,
1 the platform, the link, the key or this machine's disk failed: the same command goes on, 2 wrong usage,
130, 143 or 129 stopped by ctrl+c, SIGTERM or SIGHUP.
"""


def _read_attributes(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, Value]:
    """Read `key=value` pairs; a value is JSON where it can be, else text. Raises BadParameter."""
    import json

    found: dict[str, Value] = {}
    for each in values:
        key, equals, written = each.partition("=")
        if not key or not equals or key in ("path", "sha256"):
            raise click.BadParameter(f"{each!r} is no KEY=VALUE; path and sha256 are set by o9s.")
        if key in found:
            raise click.BadParameter(f"{key} is given twice: give it once.")
        try:
            value = json.loads(written)
        except ValueError:
            value = written
        found[key] = value if isinstance(value, str | float | int | bool) else written
    return found


@click.group(cls=Commands, invoke_without_command=True)
@connection_options
@click.pass_context
def store(ctx: click.Context, /, **options: Any) -> None:
    """Keep folders of this machine as vector stores.

    Bare, in a terminal, it opens the program on vector stores.
    """
    if ctx.invoked_subcommand is None:
        open_program(ctx, "vector-stores", **options)


def _add_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = connection_options(command)
    command = click.option("--yes", is_flag=True, help="Do it without asking.")(command)
    command = click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")(command)
    return click.option(
        "--attribute",
        "attributes",
        multiple=True,
        callback=_read_attributes,
        metavar="KEY=VALUE",
        help="What searches can filter by, for every file; values in the front matter of Markdown go too.",
    )(command)


@store.command(epilog=_CODES)
@click.argument("folder", nargs=-1, required=True, metavar="FOLDER|FILE|PATTERN...")
@click.option("--into", "store_id", default="", metavar="STORE", help="The vector store that is filled.")
@click.option(
    "--new",
    default="",
    metavar="NAME",
    help="Make a vector store of this name, or take an empty one or the one that a run for FOLDER left unfilled.",
)
@_add_options
@click.pass_context
def fill(ctx: click.Context, /, folder: tuple[str, ...], store_id: str, new: str, **options: Any) -> None:
    """Put what is new or changed in FOLDER into a vector store.

    What is gone from FOLDER stays there.
    """
    if bool(store_id) == bool(new):
        raise click.UsageError("Name the vector store with --into STORE, or make one with --new NAME.")
    _fill(ctx, folder, store_id, new, removes=False, **options)


@store.command(epilog=_CODES)
@click.argument("folder", nargs=-1, required=True, metavar="FOLDER|FILE|PATTERN...")
@click.option("--into", "store_id", required=True, metavar="STORE", help="The vector store that is kept like it.")
@click.option(
    "--count",
    type=click.IntRange(min=0),
    metavar="N",
    help="How many files are taken out; nothing is done for others.",
)
@_add_options
@click.pass_context
def sync(ctx: click.Context, /, folder: tuple[str, ...], store_id: str, **options: Any) -> None:
    """Keep a vector store like FOLDER.

    What is new or changed is added, what is gone is taken out.

    Files of the store that came from elsewhere are left alone.
    """
    _fill(ctx, folder, store_id, "", removes=True, **options)


def _fill(
    ctx: click.Context,
    folder: tuple[str, ...],
    store_id: str,
    new: str,
    *,
    removes: bool,
    attributes: dict[str, Value],
    dry_run: bool,
    yes: bool,
    count: int | None = None,
    **options: Any,
) -> None:
    """Fill a store from a folder, or keep it like that, and end with the code that tells how it went."""
    from tui.headless.store_folder import FillOrder, fill_store
    from tui.system.signals import find_code

    line = StatusLine()
    order = FillOrder(folder, store_id, new, attributes, removes)
    with end_on_error(1), open_connection(merge_options(ctx, options)) as connection:
        try:
            agree = partial(_agree, is_new=bool(new), dry_run=dry_run, yes=yes, count=count)
            task = fill_store(connection, order, agree, line.progress, say)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        except KeyboardInterrupt as error:
            say("Stopped. What was sent stays, and the same command goes on with it.")
            sys.exit(find_code(error))
    if task is None:
        return
    if code := _tell_end(task):
        sys.exit(code)


def _agree(found: Scan, plan: FolderPlan, *, is_new: bool, dry_run: bool, yes: bool, count: int | None) -> bool:
    """Say what would be done, and return whether it shall be. Raises UsageError where nobody can be asked.

    Where all is there, what the platform still reads is waited for, and an earlier run brought to its end.
    """
    from tui.cli.writes.agreement import can_ask

    for path, why in list(found.left_out.items())[:_NAMED]:
        say(f"{path} is left out: {why}.")
    if (more := len(found.left_out) - _NAMED) > 0:
        say(f"{more:,} more are left out.")
    if dry_run or not (plan.changes or plan.reading or is_new):
        print_lines([*_list_changes(plan), f"{plan.describe()}."])
        return False
    if count is not None and count != plan.lost:
        raise click.UsageError(f"--count says {count:,}, and {plan.lost:,} would go: nothing was done.")
    if yes and plan.lost > 1 and count is None:
        words = f"{plan.lost:,} files would be taken out of the store"
        raise click.UsageError(f"{words}: say so with --yes --count {plan.lost}, or look with --dry-run.")
    if yes or not plan.changes:
        return True
    for line in _list_changes(plan)[: _NAMED * 2]:
        say(line)
    say(f"{plan.describe()}.")
    if not can_ask():
        raise click.UsageError("Nobody can be asked here: say --yes.")
    if plan.lost > 1:
        words = f"Type {plan.lost} to take so many files out of the store"
        return str(click.prompt(words, default="", show_default=False, err=True)).strip() == str(plan.lost)
    return click.confirm("Go on?", default=False, err=True)


def _tell_end(task: StoreFill) -> int:
    """Print how it went and what can be done next, and return the exit code."""
    from tui.api.errors import OutcomeUnknown
    from tui.headless.writes.outcomes import UNKNOWN
    from tui.resources.tasks import describe_alike, gather_alike

    for names, state, why in gather_alike(task.failures()):
        say(describe_alike(names, state, why))
    if task.unread:
        say("Each run tries them again, unless they are moved away or their names begin with a dot.")
    print_lines([f"{task.object_id}: {task.result}"])
    if 0 < len(task.taken_out) <= _IDS:
        say(f"o9s delete files {' '.join(task.taken_out)} deletes them.")
    elif task.taken_out:
        say("o9s storage --unreferenced lists them, with all else that nothing uses.")
    if task.reading:
        say(f"o9s wait vector-stores {task.object_id} waits until all are read.")
    if any(isinstance(error, OutcomeUnknown) for error in task.faults.values()):
        return UNKNOWN
    if task.faults or task.unread:
        return 3
    return UNKNOWN if task.reading else 0


def _list_changes(plan: FolderPlan) -> list[str]:
    """Return a line for each change."""
    from tui.text import clean

    lines = [f"new       {file.name}" for file in plan.new]
    lines += [f"changed   {name}" for name in plan.changed]
    lines += [f"again     {each.name}" for each in plan.again]
    lines += [f"labelled  {name}" for name in plan.labelled]
    lines += [f"gone      {each.name}" for each in plan.gone]
    return [clean(line, 600) for line in lines]
