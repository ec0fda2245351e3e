"""`o9s doctor`: what works here and what does not."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, print_lines

if TYPE_CHECKING:
    from tui.api.credentials.connection import Connection
    from tui.headless.doctor.findings import Finding


@click.command(
    epilog="""
Every list of the platform is read once, one object of each and one after the other; nothing is changed.

✓ works, ▲ works and may surprise, ✖ is broken, · is not there and need not be.

Exit codes: 0 nothing is broken, 1 something is, 2 wrong usage, 6 the output could not be written.
"""
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@connection_options
@click.pass_context
def doctor(ctx: click.Context, /, output: str, **options: Any) -> None:
    """Tell what works here and what does not.

    It looks at the terminal, keys, the way to the server, and which lists that has.
    """
    from tui.api.errors import ApiError
    from tui.config.reading import load
    from tui.headless.doctor.findings import (
        AREAS,
        Finding,
        export_findings,
        format_findings,
        group_by_area,
        is_broken,
    )
    from tui.headless.doctor.machine import examine_keys, examine_machine

    found = list(examine_machine(load(), os.environ))
    try:
        with open_connection(merge_options(ctx, options)) as connection:
            found = group_by_area([*found, *examine_keys(connection), *asyncio.run(_examine(connection))])
    except ApiError as error:
        found.append(Finding(AREAS[1], "server", "broken", error.sentence, error.next))
    if output == "json":
        import json

        told = {"broken": is_broken(found), "findings": export_findings(found)}
        print_lines([json.dumps(told, indent=2, ensure_ascii=False)], "json")
    else:
        print_lines(format_findings(found))
    if is_broken(found):
        sys.exit(1)


async def _examine(connection: Connection) -> list[Finding]:
    """Return what the server has, and how the way to it is."""
    from tui.api.client import Client
    from tui.headless.doctor.server import examine_server
    from tui.resources.registry import REGISTRY

    client, line = Client(connection), StatusLine()
    found: list[Finding] = []
    try:
        async for each in examine_server(client, REGISTRY, os.environ):
            found.append(each)
            line.progress(f"{len(found)} lists…")
    finally:
        line.progress("")
        await client.aclose()
    return found
