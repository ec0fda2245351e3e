"""`o9s sandbox`: the embedded platform, for any client."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.options import SPEED, check_faults
from tui.cli.output import print_lines
from tui.sandbox.scenarios import SCENARIOS

_SPECIFICATION = """Several are separated by commas. What each is limited to may stand behind it:
@/files (paths that begin so), @POST /files (a method, too), x3 (three times):
  o9s --sandbox --faults 'latency=300ms,429=0.2,drop-after@POST /batches x1'"""


def _list_faults(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print each fault with what it does, and end the command."""
    if not wanted or ctx.resilient_parsing:
        return
    from tui.sandbox.serving.faults import list_faults

    formatter = ctx.make_formatter()
    formatter.write_dl(list_faults(), col_max=28)
    print_lines([*formatter.getvalue().rstrip().splitlines(), "", *_SPECIFICATION.splitlines()])
    ctx.exit()


@click.command(epilog="Exit codes: 0 it was ended, 1 it cannot be served: standard error says why, 2 wrong usage.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="N", default=0, help="0 picks a free one.", show_default=True
)
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="busy", show_default=True)
@click.option(
    "--speed",
    type=SPEED,
    metavar="TIMES",
    default=1.0,
    show_default=True,
    help="How much faster than real jobs run.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Which world it starts with.")
@click.option(
    "--faults",
    metavar="SPEC",
    default="",
    callback=check_faults,
    help="Faults to make: name[=value][@[METHOD ]path][xN], …",
)
@click.option(
    "--list-faults",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_faults,
    help="List all faults that --faults can make.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep its state in this folder; serve the take-out or the recording that is in it.",
)
def sandbox(port: int, scenario: str, speed: float, seed: int, faults: str, data: Path | None) -> None:
    """Serve the sandbox on 127.0.0.1 for any client.

    The first line printed is its base URL. It takes any key that starts with sk-; the organization's paths want
    one that starts with sk-admin-.
    """
    from tui.sandbox.serving.server import serve

    serve(port=port, scenario=scenario, speed=speed, seed=seed, faults=faults, data=data)
