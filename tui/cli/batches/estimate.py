"""`o9s batch estimate`: tokens and dollars of a file before it is sent."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines, say


@click.command(
    epilog="""
The platform counts the tokens of a random sample (for nothing), and the rest follows from the lines' sizes; ± is
the error that the sum has at most in 19 of 20 cases. With pip install 'o9s[tokens]', --offline counts every line
here: texts exactly, what stands around messages, tools and schemas about, images and files not at all.

Dollars are those of the organization's own bill of the last 30 days, amount by quantity of a line item, with its
day. They need an admin key.

Exit codes: 0 estimated, also without dollars, 3 nothing in the file can be counted, 1 the platform or the link
failed, or the file cannot be read, 2 wrong usage, 4 no access.
"""
)
@click.argument("file", nargs=-1, required=True)
@click.option(
    "--sample",
    type=click.IntRange(min=2),
    metavar="N",
    default=50,
    show_default=True,
    help="How many requests the platform counts; up to four times as many while the error is above 2 %.",
)
@click.option("--offline", is_flag=True, help="Count every line here instead.")
@click.option(
    "--simulated", is_flag=True, help="Count as the sandbox does, whose words are no model's tokens.", hidden=True
)
@click.option("-m", "--model", default="", help="The model of a training, whose file does not name it.")
@click.option(
    "--epochs", type=click.IntRange(min=1), metavar="N", help="How often a training goes through the file."
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@connection_options
@click.pass_context
def estimate(
    ctx: click.Context,
    /,
    file: tuple[str, ...],
    sample: int,
    offline: bool,
    simulated: bool,
    model: str,
    epochs: int | None,
    output: str,
    **options: Any,
) -> None:
    """Estimate the tokens of the requests in each FILE.

    It says what they cost, too, where your own bill tells prices.

    FILE holds requests of a batch or examples to train on, here or by the id of an uploaded one. With -o json each
    is an object on a line of its own.
    """
    from tui.headless.batches.estimate import (
        UNCOUNTED,
        EstimateError,
        EstimateQuery,
        describe_total,
        estimate_file,
        estimate_lines,
    )

    line = StatusLine()
    code, every = 0, []
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        for name in file:
            query = EstimateQuery(
                name, sample, offline or simulated, simulated or connection.sandbox, model, epochs
            )
            try:
                found = estimate_file(connection, query, line.progress)
            except EstimateError as error:
                say(str(error))
                code = UNCOUNTED
                continue
            every.append(found)
            print_lines(estimate_lines(name, found, output), output)
        if len(every) > 1 and output == "table":
            print_lines([describe_total(every)])
    sys.exit(code)
