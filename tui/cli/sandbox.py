"""`o9s sandbox`: the embedded platform, for any client."""

from __future__ import annotations

from pathlib import Path

import click

from tui.sandbox.scenarios import SCENARIOS


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0 picks a free one.", show_default=True)
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="busy", show_default=True)
@click.option("--speed", type=float, default=1.0, show_default=True, help="How much faster than real jobs run.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which world it starts with.")
@click.option("--faults", metavar="SPEC", default="", help="Faults to make: name[=value][@[METHOD ]path][xN], …")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep its state in this folder; serve the take-out that is in it.",
)
def sandbox(port: int, scenario: str, speed: float, seed: int, faults: str, data: Path | None) -> None:
    """Serve the sandbox on 127.0.0.1 for any client.

    The first line printed is its base URL. It takes any key that starts with sk-; the organization's paths want
    one that starts with sk-admin-.
    """
    from tui.sandbox.serving.server import serve

    serve(port=port, scenario=scenario, speed=speed, seed=seed, faults=faults, data=data)
