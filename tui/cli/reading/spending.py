"""`o9s costs` and `o9s usage`: what was spent and used, for pipes and cron."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tui.cli.completing import complete_dimension, complete_kind
from tui.cli.open import open_program
from tui.cli.options import NAMES, connection_options, in_terminal, merge_options, open_connection
from tui.cli.output import end_on_error, print_lines, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tui.cli.options import F
    from tui.headless.spending import Spending

_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option(
        "--since", default="30d", metavar="DAY", show_default=True, help="The first day: 30d, or 2026-11-20 (UTC)."
    ),
    click.option(
        "--until", default="", metavar="DAY", help="The first day that no longer counts; else today does."
    ),
    click.option("-o", "--output", type=click.Choice(["table", "json", "csv"]), help="[default: table]"),
)


class Dollars(click.ParamType):  # type: ignore[type-arg]
    """An amount of dollars, read to the last digit."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read an amount. Fails for what is none, or is negative."""
        from tui.resources.language.reading.amounts import read_number

        found = read_number(value.strip().removeprefix("$") if isinstance(value, str) else value)
        if found is None or found < 0:
            self.fail(f"{value!r} is no amount of dollars: write 200 or 12.50.", param, ctx)
        return found


def _spending_options(command: F) -> F:
    """Give a command the options of costs and usage."""
    command = connection_options(command)
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _is_bare(ctx: click.Context) -> bool:
    """Return whether a command stands alone in a terminal: then it is the resource of its name, to be opened."""
    own = {param.name for param in ctx.command.params} - set(NAMES)
    bare = all(ctx.get_parameter_source(name) is ParameterSource.DEFAULT for name in own if name)
    return bare and in_terminal()


@click.command(
    epilog="""
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 4 no access, 5 above --fail-above,
6 the output could not be written, 7 some amounts cannot be read, and are not in the sums.

For cron, each morning for the day before: o9s costs --since 2d --until 1d --fail-above 200
"""
)
@click.option(
    "--by",
    shell_complete=complete_dimension,
    default="project",
    show_default=True,
    help="Any of project, key, line_item, with commas.",
)
@click.option(
    "--fail-above",
    type=Dollars(),
    metavar="DOLLARS",
    help="End with 5 if it is more, and with 7 if that cannot be told.",
)
@_spending_options
@click.pass_context
def costs(
    ctx: click.Context,
    /,
    by: str,
    since: str,
    until: str,
    output: str | None,
    fail_above: Decimal | None,
    **options: Any,
) -> None:
    """Print what was spent, by project, key, model …

    Bare, in a terminal, it opens the program on costs.
    """
    if _is_bare(ctx):
        open_program(ctx, "costs", **options)
        return
    spending = _print_spending(ctx, "costs", by, since, until, output, options)
    if fail_above is not None and (total := spending.total[0]) > fail_above:
        from tui.headless.lists.listing import ABOVE
        from tui.resources.language.reading.amounts import format_amount

        told, most = format_amount(total, "$"), format_amount(fail_above, "$")
        if told == most:  # the difference is less than a cent
            told = f"${total:f}"
        say(f"{told} is more than {most}.")
        sys.exit(ABOVE)
    _exit_if_not_whole(spending)


@click.command(
    epilog="Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 4 no access, "
    "6 the output could not be written, 7 some amounts cannot be read, and are not in the sums."
)
@click.argument("kind", required=False, shell_complete=complete_kind)
@click.option(
    "--by",
    shell_complete=complete_dimension,
    default="project",
    show_default=True,
    help="Such as project, user, key, model, with commas.",
)
@_spending_options
@click.pass_context
def usage(
    ctx: click.Context,
    /,
    kind: str | None,
    by: str,
    since: str,
    until: str,
    output: str | None,
    **options: Any,
) -> None:
    """Print what was used: tokens, requests, images …

    KIND is such as completions, embeddings or images.

    Bare, in a terminal, it opens the program on usage.
    """
    if _is_bare(ctx):
        open_program(ctx, "usage", **options)
        return
    _exit_if_not_whole(_print_spending(ctx, kind or "completions", by, since, until, output, options))


def _print_spending(
    ctx: click.Context, kind: str, by: str, since: str, until: str, output: str | None, options: dict[str, Any]
) -> Spending:
    """Print what was spent or used, on standard error what of it cannot be read, and return it."""
    from tui.headless.spending import parse_question, read_spending
    from tui.headless.spending_text import spending_lines
    from tui.headless.writes.targets import WrongUse

    try:
        question = parse_question(kind, by, since, until)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    form = output or "table"
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        try:
            spending = read_spending(connection, question, with_month=form != "csv")
        except WrongUse as error:
            raise click.UsageError(str(error)) from None
    print_lines(spending_lines(form, spending), form)
    if spending.missing:
        say(spending.missing)
    return spending


def _exit_if_not_whole(spending: Spending) -> None:
    """Exit with NOT_WHOLE if the sums lack something."""
    if spending.missing:
        from tui.headless.lists.listing import NOT_WHOLE

        sys.exit(NOT_WHOLE)
