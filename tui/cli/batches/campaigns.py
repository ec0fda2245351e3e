"""`o9s batch run`, `status`, `pause`, `resume` and `cancel`: campaigns, for scripts and cron."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli.options import connection_options, merge_options, open_connection, read_one_profile
from tui.cli.output import StatusLine, end_on_error, print_lines, say
from tui.cli.wait import split_command

_ALSO = {"refused": "r", "answered": "a", "unsure": "u"}


def _read_changes(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, Any] | None:
    """Read `path=value` pairs; a value is JSON where it can be, else text. Raises BadParameter."""
    from tui.workflows.batch_results.changes import read_change

    try:
        changes = [read_change(each) for each in values]
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    names = [name for name, _ in changes]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise click.BadParameter(f"{twice} is set twice: set it once.")
    return dict(changes) or None


def _complete(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    from tui.workflows.campaigns.journal import list_campaigns

    return [name for name in list_campaigns() if name.startswith(begun)]


_NAME = click.argument("name", shell_complete=_complete)


@click.command(
    epilog="""
Exit codes: 0 every request was answered, 3 some were not, 4 none was, 5 it was cancelled, 7 it cannot be told
for sure what became of some or a batch was made twice, since the platform listed it too late, 1 the
platform or the link failed for good, 2 wrong usage or input, 6 a file here could not be read or
written, 130, 143 or 129 it was stopped by a signal.

It may be ended at any moment, and the machine may crash: --resume goes on, and nothing is sent twice.
Faults that pass, and 429, are waited out. The command of --exec finds O9S_NAME, O9S_OUTCOME, O9S_SUMMARY, O9S_OK,
O9S_FAILED, O9S_CODE and O9S_MERGED in its environment.

A night's work: o9s batch run 'parts/*.jsonl' --name "nightly-$(date +%F)" --retry 2 --merge answers.jsonl
"""
)
@click.argument("sources", nargs=-1, metavar="[FOLDER|FILE|PATTERN]...")
@click.option("--name", required=True, help="What it is called from now on: letters, digits, points, hyphens.")
@click.option(
    "--max-queued",
    type=click.IntRange(min=1),
    metavar="TOKENS",
    help="Input tokens that may be in the platform's queue at once.  [default: the project's limit, where an "
    "admin key tells it, else learnt from what the platform refuses]",
)
@click.option(
    "--retry",
    type=click.IntRange(0, 20),
    metavar="N",
    help="How often to send again what failed for now, expired or did not run.  [default: 1]",
)
@click.option(
    "--retry-also",
    "also",
    type=click.Choice(list(_ALSO)),
    multiple=True,
    help="Send these again, too: what would be refused again unchanged, was answered badly, or may have been "
    "answered. They are paid for again.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    callback=_read_changes,
    metavar="FIELD=VALUE",
    help="Set a field of the body in what is sent again, such as model=gpt-5-mini.",
)
@click.option("--merge", type=click.Path(path_type=Path, dir_okay=False), help="The file for all answers.")
@click.option("--force", is_flag=True, default=None, help="Replace that file.")
@click.option("--exec", "command", metavar="COMMAND", callback=split_command, help="Run this at the end.")
@click.option("--resume", is_flag=True, help="Go on with a campaign, with the options given changed.")
@connection_options
@click.pass_context
def run(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    name: str,
    resume: bool,
    max_queued: int | None,
    retry: int | None,
    also: tuple[str, ...],
    changes: dict[str, Any] | None,
    merge: Path | None,
    force: bool | None,
    command: list[str],
    **options: Any,
) -> None:
    """Send files as batches, retry what failed, merge the answers.

    The input is cut into parts of up to 50,000 requests and 200 MB, which are sent as the queue has room.
    """
    from tui.api.errors import ApiError, LocalFileError
    from tui.headless.batches import campaigns
    from tui.workflows.campaigns.journal import CampaignError
    from tui.workflows.campaigns.parts import InputFaults
    from tui.workflows.campaigns.sending import WORTH_IT, Options

    if resume and sources:
        raise click.UsageError("--resume goes on with the input it was begun with: name no files.")
    if not resume and not sources:
        raise click.UsageError("Name a folder, files or a pattern in quotes; --resume goes on with a campaign.")
    given: dict[str, Any] = {
        "max_queued": max_queued,
        "retry": retry,
        "also": "".join(_ALSO[each] for each in also) or None,
        "changes": changes,
        "merge": None if merge is None else str(merge.absolute()),
        "force": force,
        "command": command or None,
    }
    wanted: dict[str, Any] = {option: value for option, value in given.items() if value is not None}
    if retry is not None or also:  # whatever was chosen on the screen before
        wanted |= {"worth": WORTH_IT, "rounds": {}}
    line = StatusLine()
    with end_on_error(1), open_connection(merge_options(ctx, options)) as connection:
        journal = None
        try:
            if resume:
                journal = campaigns.resume(name, wanted, connection.base_url)
            else:
                journal = campaigns.begin(name, sources, Options(**wanted), connection.base_url)
            code, rows = campaigns.run(connection, journal, on_progress=line.progress, on_note=line.note)
        except CampaignError as error:
            line.progress("")
            for fault in error.faults if isinstance(error, InputFaults) else ():
                say(fault)
            say(str(error))
            sys.exit(2)
        except ApiError as error:
            line.progress("")
            say(str(error))
            if journal and journal.folder.exists():
                say(f"Nothing is lost: o9s batch run --name {name} --resume goes on.")
            sys.exit(6 if isinstance(error, LocalFileError) else 1)
    if code > 128:
        say(*rows)
    else:
        print_lines(rows)
    sys.exit(code)


@click.command(
    epilog="""
Exit codes: 0 all of them are told, 3 there is none of a name, 6 the journal of one is damaged or cannot be read,
2 wrong usage.
"""
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="A line for each.")
def status(names: tuple[str, ...], output: str) -> None:
    """Say how campaigns are: all of them, or those named."""
    from tui.headless.batches.campaigns import read_rows, status_lines

    with end_on_error(1):
        rows, missing = read_rows(names)
    if rows:
        print_lines(status_lines(rows, output), output)
    elif not names:
        say("There is no campaign yet; `o9s batch run` begins one.")
    for sentence in missing:
        say(sentence)
    if missing:
        sys.exit(3)
    if any(row["state"] == "damaged" for row in rows):
        sys.exit(6)


_CONTROL_CODES = """
Exit codes: 0 it is so, or asked of the program that runs it, 3 there is no such campaign, 1 it is damaged, a
file here could not be written, or the platform or the link failed for good, 2 wrong usage. Where cancel stops
batches itself it ends as `o9s batch run` does: 5, or 7 where it cannot be told for sure what became of some.
"""


def _control(asked: str, text: str) -> click.Command:
    """Return the command that pauses, resumes or cancels a campaign."""

    @click.command(asked, help=text, epilog=_CONTROL_CODES)
    @_NAME
    @connection_options
    @click.pass_context
    def command(ctx: click.Context, /, name: str, **options: Any) -> None:
        from tui.headless.batches import campaigns
        from tui.workflows.campaigns.journal import NoCampaign

        given = merge_options(ctx, options)
        read_one_profile(given, "A campaign is sent by one profile")
        with end_on_error(1):
            try:
                said, stops = campaigns.control(name, asked)
            except NoCampaign as error:
                say(str(error))
                sys.exit(3)
            print_lines([said])
            if not stops:
                return
            line = StatusLine()
            with open_connection(given) as connection:
                journal = campaigns.resume(name, {}, connection.base_url)
                code, rows = campaigns.run(connection, journal, on_progress=line.progress, on_note=line.note)
        print_lines(rows)
        sys.exit(code)

    return command


pause = _control("pause", "Send nothing more of a campaign for now; what runs goes on.")
resume_ = _control("resume", "Let a paused campaign go on.")
cancel = _control("cancel", "Stop a campaign and its batches; what is answered is collected.")


@click.command(
    epilog="""
Exit codes: 0 it is gone, 3 there is no such campaign, 6 its folder could not be removed, 2 wrong usage, or it was
not agreed to. One that a program runs is not removed: that one is to be ended first.
"""
)
@_NAME
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(name: str, yes: bool) -> None:
    """Remove the folder of a campaign, after saying what is lost.

    The platform keeps what it has.
    """
    from tui.api.errors import LocalFileError
    from tui.cli.writes.agreement import agree
    from tui.headless.batches import forgetting
    from tui.headless.writes.orders import Consent
    from tui.workflows.campaigns.journal import CampaignError, NoCampaign

    try:
        lost = forgetting.describe_loss(name)
        question = Consent(f"Forget the campaign {name}? Lost is:", [], lost, 1, "forget it")
        if not agree(question, yes=yes):
            sys.exit(2)
        forgetting.forget(name)
    except (CampaignError, LocalFileError) as error:
        say(str(error))
        sys.exit(3 if isinstance(error, NoCampaign) else 6 if isinstance(error, LocalFileError) else 2)
    say(f"{name} is forgotten.")
