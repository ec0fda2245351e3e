"""`o9s tasks`: what is left of transfers and of actions on many objects when a program was killed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui.cli.open import open_program
from tui.cli.options import connection_options, in_terminal, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines, say
from tui.cli.writes.agreement import make_hearing
from tui.cli.wrong_words import Commands

if TYPE_CHECKING:
    from tui.live.tasks.tasks import Task

_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...|all")
_TOLD = 20  # objects of a task that it was not done to
_CODES = {"done": 0, "partial": 3, "unknown": 7, "failed": 4, "paused": 130}


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""
What was begun on many objects, by the program or by a command such as o9s delete files -, is kept until its end:
when it is killed, what is left of it is listed here, and o9s tasks go-on does that, each object once.

Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 6 the output could not be written.
""",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json", "jsonl", "csv", "ids"]),
    help="Print them. [default: table, in a pipe]",
)
@connection_options
@click.pass_context
def tasks(ctx: click.Context, /, output: str | None, **options: Any) -> None:
    """List what was left undone; go on with it, or forget it.

    Such as what is left of transfers and of actions on many objects. Bare, in a terminal, it opens the program on
    tasks.
    """
    if ctx.invoked_subcommand is not None:
        return
    if output is None and in_terminal():
        open_program(ctx, "tasks", **options)
        return
    from tui.headless.lists.listing import render
    from tui.headless.tasks import read_tasks
    from tui.resources.tasks import TASKS

    line = StatusLine()
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        records, now = read_tasks(connection, line.note)
    print_lines(render(output or "table", TASKS, records, now, one=False), output or "table")


@tasks.command(
    "go-on",
    epilog="""
Exit codes: 0 all is done, 3 some of it was not, 4 nothing was, 7 it is not known whether something was done,
1 the platform, the link or the key failed, 2 wrong usage, 130, 143 or 129 stopped by ctrl+c,
SIGTERM or SIGHUP: what is left stays to be done.
""",
)
@_IDS
@click.option("--yes", is_flag=True, help="Do not ask.")
@connection_options
@click.pass_context
def go_on_command(ctx: click.Context, /, ids: tuple[str, ...], yes: bool, **options: Any) -> None:
    """Do what is left of tasks. What something uses by now is left alone."""
    from tui.headless.tasks import go_on
    from tui.headless.writes.targets import WrongUse

    line = StatusLine()
    hearing = make_hearing(line, yes=yes)
    with end_on_error(1), open_connection(merge_options(ctx, options)) as connection:
        try:
            found, stopped = go_on(connection, ids, hearing, _tell)
        except WrongUse as error:
            raise click.UsageError(str(error)) from None
    sys.exit(stopped or max(map(_find_code, found), default=0))


@tasks.command(epilog="Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage.")
@_IDS
@connection_options
@click.pass_context
def forget(ctx: click.Context, /, ids: tuple[str, ...], **options: Any) -> None:
    """Give up what is left of tasks. What is done stays done."""
    from tui.headless.tasks import forget as forget_tasks
    from tui.headless.writes.targets import WrongUse

    line = StatusLine()
    with end_on_error(1), open_connection(merge_options(ctx, options)) as connection:
        try:
            found = forget_tasks(connection, ids, line.note)
        except WrongUse as error:
            raise click.UsageError(str(error)) from None
    for task in found:
        say(f"Forgotten: {task.what}, {task.far} done.")


def _find_code(task: Task) -> int:
    """Return the exit code for a task that was gone on with."""
    from tui.headless.writes.outcomes import code_of_failure
    from tui.workflows.plan.run import PlanRun

    if task.is_over and isinstance(task, PlanRun):
        if task.counts["unknown"]:
            return _CODES["unknown"]
        if task.state == "failed" and task.outcomes:
            return code_of_failure([outcome.error for outcome in task.outcomes.values()])
    return _CODES.get(task.state, 1)


def _tell(task: Task) -> None:
    """Print what became of a task, and to standard error each object that it was not done to."""
    from tui.resources.language.reading.amounts import dump_json
    from tui.resources.tasks import describe_alike, gather_alike

    failures = gather_alike(task.failures() if task.is_over else ())
    for ids, state, why in failures[:_TOLD]:
        say(describe_alike(ids, state, why))
    if (more := len(failures) - _TOLD) > 0:
        say(f"And {more:,} more: o9s tasks -o json has them.")
    told = {"id": task.id, "what": task.what, "outcome": task.state, "done": task.done, "result": task.result}
    print_lines([dump_json(told)], "jsonl")
