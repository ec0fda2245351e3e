"""`o9s upload` and `o9s download`: files of this machine sent, and contents saved."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.completing import complete_id, complete_purpose, complete_resource
from tui.cli.options import connection_options
from tui.cli.writes.actions import PARENTS, SETS, end_without_ids, read_ids, read_resource
from tui.cli.writes.carrying_out import carry_out

if TYPE_CHECKING:
    from tui.headless.writes.downloads import DownloadOrder
    from tui.headless.writes.outcomes import Outcome


@click.command(
    epilog="""
Prints a line of JSON for each file: path, id, outcome, and the platform's answer as "object".

Exit codes: 0 all sent, 3 some were not, 4 none was, such as one that its
check refuses, 7 it is not known whether one arrived (look before you
try again), 1 the platform, the link or the key failed, 2 wrong usage, 130, 143 or
129 stopped by ctrl+c, SIGTERM or SIGHUP.
"""
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--purpose",
    shell_complete=complete_purpose,
    metavar="PURPOSE",
    help="What it is for: batch, fine-tune, assistants, evals …",
)
@click.option("--expires-after", metavar="TIME", help="When it is deleted by itself, such as 30d.")
@click.option(
    "--to",
    "resource",
    default="files",
    callback=read_resource,
    shell_complete=complete_resource,
    metavar="RESOURCE",
    help="What is made of it: files, skills, skill-versions, container-files, store-files …  [default: files]",
)
@PARENTS
@SETS
@click.option("--dry-run", is_flag=True, help="Check each file and say what would be called; send nothing.")
@connection_options
@click.pass_context
def upload(ctx: click.Context, /, resource: Any, **given: Any) -> None:
    """Send files of this machine, each checked first.

    The check is that of the purpose, such as every line of a batch. Large files go up in parts.
    """
    from tui.headless.writes.uploads import UploadOrder, Uploads, find_maker, read_paths

    said = list(given["assignments"])
    said += [f"purpose={given['purpose']}"] if given["purpose"] else []
    said += [f"expires_after.seconds={given['expires_after']}"] if given["expires_after"] else []
    if resource.name == "files" and not any(each.startswith("purpose=") for each in said):
        from typing import get_args

        from tui.resources.files import Purpose

        raise click.UsageError(f"Say what they are for: --purpose {', '.join(get_args(Purpose))}.")
    carry_out(
        ctx,
        given,
        lambda platform, hearing: Uploads(
            platform,
            UploadOrder(read_paths(given["files"]), resource, given["parents"], tuple(said), given["dry_run"]),
            hearing,
        ),
        lambda outcomes: _describe(find_maker(resource), "files", outcomes),
    )


@click.command(
    epilog="""
Prints a line of JSON for each file: id, outcome, path, bytes and sha256. A file is whole or not there at all;
one that is there already in the same size is kept, another stays as well unless --force replaces it. What was cut
or stopped stays as FILE.part, and the same command goes on with it.

Exit codes: 0 all saved, 3 some were not, 4 none was, 1 the platform, the link or the key failed, 2 wrong
usage, 6 it could not be written, 130, 143 or
129 stopped by ctrl+c, SIGTERM or SIGHUP.
"""
)
@click.argument("ids", nargs=-1, callback=read_ids, shell_complete=complete_id, metavar="[ID|-]...")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="The folder; - prints the content of one object.",
)
@click.option(
    "--from",
    "resource",
    callback=read_resource,
    shell_complete=complete_resource,
    metavar="RESOURCE",
    help="What the ids are of.  [default: as they begin]",
)
@click.option("--only", metavar="CONTENT", default="", help="Of a batch: output, errors or input.")
@PARENTS
@click.option("--force", is_flag=True, help="Replace files that are there.")
@connection_options
@click.pass_context
def download(ctx: click.Context, /, resource: Any, **given: Any) -> None:
    """Save contents of files, skills and batches.

    Contents are of files, files of containers (CONTAINER/FILE), skills, and the files of batches.
    """
    from tui.headless.writes.downloads import DownloadOrder, Downloads, find_fetches
    from tui.resources.registry import REGISTRY

    end_without_ids(ctx)
    order = DownloadOrder(given["ids"], given["folder"], given["parents"], resource, given["only"], given["force"])
    if str(order.folder) == "-":
        _print_content(ctx, order, given)
    carry_out(
        ctx,
        given,
        lambda platform, hearing: Downloads(platform, order, hearing),
        lambda outcomes: _describe(find_fetches(REGISTRY["files"], "download")[0], "files", outcomes),
        saves=True,
    )


def _print_content(ctx: click.Context, order: DownloadOrder, given: dict[str, Any]) -> None:
    """Print one content once all of it is there, and end. Raises UsageError in a terminal, which might obey it."""
    import shutil
    import tempfile

    from tui.headless.writes.downloads import Downloads

    if sys.stdout.isatty():
        raise click.UsageError("A content is not printed into a terminal: give -o FOLDER, or pipe it on.")

    def show(outcome: Outcome) -> None:
        if outcome.state == "done":
            with Path(outcome.line["path"]).open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()

    with tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True) as folder:
        private = replace(order, folder=Path(folder), alone=True)
        carry_out(
            ctx,
            given,
            lambda platform, hearing: Downloads(platform, private, hearing),
            lambda _: "",
            saves=True,
            show=show,
        )


def _describe(action: Any, what: str, outcomes: Any) -> str:
    from tui.headless.writes.outcomes import describe_done

    return describe_done(action, what, outcomes)
