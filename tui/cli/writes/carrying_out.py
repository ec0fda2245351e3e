"""Carrying out what a command orders: a line for each object, sentences beside it, and an exit code."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import merge_options, open_connections, refuse_several
from tui.cli.output import Refusal, StatusLine, end_on_error, print_lines, say
from tui.cli.writes.agreement import make_hearing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.credentials.connection import Connection
    from tui.headless.writes.orders import Hearing, Order
    from tui.headless.writes.outcomes import Outcome
    from tui.headless.writes.work import OrderedWork
    from tui.live.platform import Platform

_TOLD = 20  # sentences on objects


def carry_out(
    ctx: click.Context,
    options: dict[str, Any],
    work: Callable[[Platform, Hearing], OrderedWork[Any]],
    describe: Callable[[list[Outcome]], str],
    *,
    yes: bool = False,
    saves: bool = False,
    show: Callable[[Outcome], object] = lambda outcome: print_lines([outcome.json()], "jsonl"),
    order: Order | None = None,
) -> None:
    """Do what is ordered, and end with the code that tells how it went.

    `work` makes the work for a platform, `describe` gives the sentence at its end; `saves` says that files are
    written, `show` prints an outcome. By the objects of an `order` it is found which of several profiles is meant.
    Raises UsageError.
    """
    import asyncio

    from tui.api.errors import LocalFileError
    from tui.headless.writes.outcomes import DISK, NONE_DONE
    from tui.headless.writes.targets import WrongUse
    from tui.system.signals import find_code

    try:
        given = merge_options(ctx, options)
        if order is None:
            refuse_several(given)
        with end_on_error(1), open_connections(given) as connections:
            try:
                several = len(connections) > 1
                if order and several:
                    from tui.headless.writes.owner import NoOwner, find_owner

                    try:
                        connections = [asyncio.run(find_owner(connections, order))]
                    except NoOwner as error:
                        say(str(error))
                        sys.exit(NONE_DONE)
                    say(f"Found in profile {connections[0].profile}.")
                (connection,) = connections
                account = connection.profile if several else ""
                code = asyncio.run(_carry_out(connection, account, work, describe, show, yes=yes, saves=saves))
            except LocalFileError as error:
                say(str(error))
                sys.exit(DISK)
    except WrongUse as error:
        raise Refusal(*error.lines) from None
    except (KeyboardInterrupt, click.Abort) as error:  # while it looked or asked: nothing was begun
        say("Stopped.")
        sys.exit(find_code(error))
    sys.exit(code)


async def _carry_out(
    connection: Connection,
    account: str,
    make: Callable[[Platform, Hearing], OrderedWork[Any]],
    describe: Callable[[list[Outcome]], str],
    show: Callable[[Outcome], object],
    *,
    yes: bool,
    saves: bool,
) -> int:
    """Do it and return the exit code; `account` is named where it is one of several.

    Raises ApiError, WrongUse, and OSError where the output is lost.
    """
    from tui.headless.writes.connected import connect
    from tui.headless.writes.outcomes import exit_code_of
    from tui.resources.tasks import hide_id, name_first

    line = StatusLine()
    told: dict[str, list[str]] = {}  # by what was told of objects, their names
    lost: OSError | None = None
    lost_secrets: list[str] = []

    def tell(outcome: Outcome) -> None:
        nonlocal lost
        try:
            show(outcome)
        except OSError as error:  # what was agreed to goes on; that nobody reads of it is told at the end
            lost = lost or error
            if outcome.lost_secret:
                lost_secrets.append(outcome.lost_secret)
        if outcome.words:
            alike = told.setdefault(hide_id(outcome.words, outcome.name), [])
            alike.append(outcome.name)
            if len(alike) == 1 and len(told) <= _TOLD:
                line.note(outcome.sentence)

    hearing = make_hearing(line, yes=yes, tell=tell)
    async with connect(connection, line.note) as platform:
        platform.account = account
        work = make(platform, hearing)
        outcomes = await work.run()
        for first, *others in islice(told.values(), _TOLD):
            if others:
                line.note(f"{len(others):,} more like {first}: {name_first(others)}.")
        if len(told) > _TOLD:
            line.note(f"And {len(told) - _TOLD:,} more like these: the lines printed say of each.")
        for sentence in lost_secrets:
            line.note(sentence)
        if not lost_secrets and (sentence := describe(outcomes)):
            line.note(f"{account}: {sentence}" if account else sentence)
    if lost and not work.stopped:
        raise lost
    return exit_code_of(outcomes, stopped=work.stopped, saves=saves)
