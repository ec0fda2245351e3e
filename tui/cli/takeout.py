"""`o9s takeout`: lists and contents of the platform, kept in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli.options import connection_options, merge_options, open_connection
from tui.cli.output import StatusLine, end_on_error, print_lines, say


def _read_families(_ctx: click.Context, _option: click.Parameter, value: str | None) -> list[str]:
    """Read names of families with commas between them. Raises BadParameter."""
    if value is None:
        return []
    from tui.resources.registry import REGISTRY, UnknownResource, lookup
    from tui.workflows.takeout.takeout import list_families

    known, names = list_families(REGISTRY), []
    for word in filter(None, map(str.strip, value.split(","))):
        try:
            names.append(lookup(word).name)
        except UnknownResource:
            raise click.BadParameter(f"There is no list {word}. There are: {', '.join(known)}.") from None
    if not names:
        raise click.BadParameter(f"Name lists: {', '.join(known)}.")
    if other := next((name for name in names if name not in known), None):
        raise click.BadParameter(f"{other} are no list of their own. There are: {', '.join(known)}.")
    return list(dict.fromkeys(names))


def _complete_families(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    from tui.resources.registry import REGISTRY
    from tui.workflows.takeout.takeout import list_families

    before, comma, last = begun.rpartition(",")
    return [f"{before}{comma}{name}" for name in list_families(REGISTRY) if name.startswith(last)]


@click.command(
    epilog="""
Without --only it takes everything that a project key can read, but for containers, which end within minutes:
lists, what is inside their objects (runs and items of evals, events and checkpoints of jobs, files of vector
stores), and the contents of files that the platform gives back. Each list is a file of JSON lines at its own
path, such as evals/eval_1/runs.jsonl. The same command goes on with a take-out that was stopped: what is
there as it was taken out is not read again, what differs is. manifest.json holds counts and SHA-256.
o9s sandbox --data DIR opens it with every screen.

Exit codes: 0 all is there, 7 something could not be read (standard error and the manifest say what) or differs
from the manifest, 1 the platform or the link failed: the same command goes on, 2 wrong usage, 4 no access,
130, 143 or 129 stopped by
ctrl+c, SIGTERM or SIGHUP.
"""
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--only",
    "families",
    metavar="NAMES",
    callback=_read_families,
    shell_complete=_complete_families,
    help="Take these lists alone: evals,fine-tuning",
)
@click.option(
    "--verify", "checks", is_flag=True, help="Compare what is in DIR with its manifest, without the network."
)
@click.option(
    "--anew", is_flag=True, help="Put a damaged manifest aside, and take out again what is not known without it."
)
@connection_options
@click.pass_context
def takeout(
    ctx: click.Context, /, folder: Path, families: list[str], checks: bool, anew: bool, **options: Any
) -> None:
    """Keep what the platform holds in a folder, and verify it.

    Lists, what is inside their objects and the contents of files go into DIR.
    """
    from tui.headless.lists.listing import NOT_WHOLE
    from tui.headless.takeout import take_out, verify_folder
    from tui.system.signals import find_code
    from tui.workflows.takeout.takeout import describe

    folder = folder.expanduser()
    if checks:
        with end_on_error():
            manifest, wrong = verify_folder(folder)
        for sentence in wrong:
            say(sentence)
        if not wrong:
            print_lines([f"{describe(manifest, folder)} All is as the manifest tells."])
        sys.exit(NOT_WHOLE if wrong or manifest.missing else 0)
    line = StatusLine()
    with end_on_error(), open_connection(merge_options(ctx, options)) as connection:
        try:
            task = take_out(connection, families, folder, line.progress, anew=anew)
        except KeyboardInterrupt as error:
            say(f"Stopped. What is in {folder} stays, and the same command goes on with it.")
            sys.exit(find_code(error))
    print_lines([task.result])
    assert task.manifest
    for name, why in sorted(task.manifest.missing.items()):
        say(f"{name}: {why}")
    if withheld := task.manifest.withheld:
        words = "1 content is of a purpose" if withheld == 1 else f"{withheld:,} contents are of purposes"
        say(f"{words} that the platform does not give back.")
    if task.manifest.missing:
        sys.exit(NOT_WHOLE)
