"""`o9s open RESOURCE`, hidden, and what else opens the program: a bare `o9s`, `o9s files`, `o9s costs` …"""

from __future__ import annotations

import gc
import os
from typing import Any

import click

from tui.cli.completing import complete_resource
from tui.cli.options import connection_options, merge_options, present_option, refuse_profiles


def check_resource(name: str) -> None:
    """Raise UsageError for a name that is no resource's."""
    if not name:
        return
    from tui.resources.registry import UnknownResource, find_name

    if not find_name(name):
        raise click.UsageError(str(UnknownResource(name)))


class _Opening(click.Command):
    """A command that is called by the name of what it opens."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return what stands behind the name of the resource."""
        return ["[OPTIONS]"]


@click.command("open", cls=_Opening, hidden=True)
@click.argument("resource", shell_complete=complete_resource)
@present_option
@connection_options
@click.pass_context
def open_command(ctx: click.Context, /, resource: str, **options: Any) -> None:
    """Open the program on a resource."""
    from tui.system import terminal

    given = merge_options(ctx, options)
    if resource.startswith("-"):
        raise click.NoSuchOption(resource)
    check_resource(resource)
    if given.get("profile") and not given.get("sandbox"):
        from tui.config.reading import load

        refuse_profiles(given, load())
    if refused := terminal.find_drawing_refusal(os.environ):
        raise click.UsageError(refused)
    terminal.prepare_environment(os.environ)
    gc.disable()  # to the first place, as looking for garbage among all that is loaded takes a tenth of the time
    from tui.app import run
    from tui.start import Start

    terminal.leave(run(Start(resource=resource, **given)))


def open_program(ctx: click.Context, resource: str, **options: Any) -> None:
    """Open the program on a resource from within another command, with the options given to that."""
    ctx.invoke(open_command, resource=resource, **options)
