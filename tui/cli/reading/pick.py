"""`o9s pick`: a list on the screen, of which the chosen ids are printed."""

from __future__ import annotations

import os
from typing import Any

import click

from tui.cli.completing import complete_parent, complete_resource
from tui.cli.open import check_resource
from tui.cli.options import connection_options, merge_options, present_option, read_one_profile
from tui.cli.output import print_lines, say
from tui.system import terminal


@click.command(
    epilog="Exit codes: 0 something was chosen, 1 nothing was, 2 wrong usage, 6 the output could not be written."
)
@click.argument("resource", shell_complete=complete_resource)
@click.option(
    "--in",
    "parents",
    multiple=True,
    metavar="PARENT_ID",
    shell_complete=complete_parent,
    help="What it is in, outermost first.",
)
@click.option("--filter", "words", default="", metavar="TEXT", help="Begin with this filter, as after /.")
@present_option
@connection_options
@click.pass_context
def pick(
    ctx: click.Context,
    /,
    resource: str,
    parents: tuple[str, ...],
    words: str,
    **options: Any,
) -> None:
    """Choose in a list on the screen, and print the ids.

    Such as: o9s batch wait "$(o9s pick batches)".

    Enter takes the marked objects, or the one under the cursor. Left without a choice it prints nothing and ends
    with 1. The screen is drawn on the terminal, wherever the output goes.
    """
    given = merge_options(ctx, options)
    check_resource(resource)
    read_one_profile(given, "An id alone does not say whose it is")
    scope = _read_scope(resource, parents)
    terminal.prepare_environment(os.environ)
    try:
        with terminal.redirect_streams():
            if refused := terminal.find_drawing_refusal(os.environ):
                raise click.UsageError(refused)
            from tui.app import O9s
            from tui.start import Start

            app = O9s(Start(resource=resource, scope=scope, filter=words, is_pick=True, **given))
            app.run()
    except OSError as error:
        reason = error.strerror or error
        instead = f"`o9s get {resource} -o ids` lists all"
        raise click.UsageError(f"There is no terminal to choose on ({reason}): {instead}.") from None
    print_lines(app.picked, "ids")
    if app.picked_note:
        say(app.picked_note)
    terminal.leave(0 if app.picked else app.return_code or 1)


def _read_scope(name: str, parents: tuple[str, ...]) -> dict[str, str]:
    """Return the ids that a list is in, by the parameters of its path. Raises UsageError for what is no list."""
    from tui.api.errors import ApiError
    from tui.headless.lists.watching import place_of
    from tui.resources.registry import PLACES, REGISTRY, lookup_place

    found = lookup_place(name)
    child = REGISTRY[found.parent].child(found.name) if found.parent else None
    if found.name in PLACES or not found.list or found.single or (child and child.tail):
        raise click.UsageError(f"{found.name} is no list of objects to choose from.")
    if found.parent and not parents:
        raise click.UsageError(f"{found.name} are in {found.parent}: say in which with --in ID.")
    try:
        return place_of(found, parents)
    except ApiError as error:
        raise click.UsageError(str(error)) from None
