"""Campaigns without a screen: begun, continued, told of, paused, resumed and cancelled."""

from __future__ import annotations

import asyncio
import dataclasses
import glob
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError, ReadOnly
from tui.api.log.journal import Journal as WriteJournal
from tui.headless.writes.connected import tell_lost_journal
from tui.resources.batch.answers import UNSURE
from tui.resources.language.cells import NO_VALUE, duration, pluralize, short_count, short_size
from tui.resources.language.reading.amounts import dump_json, format_amount
from tui.system.notify_command import run_notify_command
from tui.system.signals import on_signals
from tui.text import clean, fit
from tui.workflows.campaigns.answers.merge import is_as_merged, merge
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.journal import (
    CANCEL,
    PAUSE,
    CampaignError,
    Journal,
    NoCampaign,
    ask,
    find_holder,
    folder_of,
    list_campaigns,
    read_records,
)
from tui.workflows.campaigns.parts import digest_of, find_sources
from tui.workflows.campaigns.rows import describe_any
from tui.workflows.campaigns.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui.api.credentials.connection import Connection
    from tui.workflows.campaigns.sending import Options

    Hear = Callable[[str], None]

# Exit codes, besides 0, 1, 2 and 6 as everywhere; they are those of `o9s batch wait`.
PARTIAL, NONE_ANSWERED, CANCELLED, UNCERTAIN = 3, 4, 5, 7


def begin(name: str, sources: Sequence[str], options: Options, base_url: str) -> Journal:
    """Begin a campaign, and return its journal. Nothing is sent yet. Raises ApiError where it cannot be begun."""
    folder = folder_of(name)
    find_sources(sources)
    _check_target(options, {})
    journal = Journal(folder, new=True)
    # As they are found from anywhere: it may be continued from another folder.
    told = [_name_from_anywhere(source) for source in sources]
    try:
        journal.append(
            "begin",
            name=name,
            id=secrets.token_hex(4),
            base_url=base_url,
            sources=told,
            options=dataclasses.asdict(options),
        )
    except BaseException:
        journal.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return journal


def _name_from_anywhere(source: str) -> str:
    """Return an absolute path or pattern; what looks like one in the name of this folder is none."""
    path = Path(source).expanduser()
    return str(path.absolute() if path.exists() else Path(glob.escape(str(Path.cwd()))) / path)


def resume(name: str, changes: Mapping[str, Any], base_url: str) -> Journal:
    """Open the journal of a campaign to go on with it, some of its options changed. Raises ApiError."""
    journal = Journal(folder_of(name), new=False)
    try:
        campaign = Campaign(journal.records)
        if campaign.base_url.rstrip("/") != base_url.rstrip("/"):
            raise CampaignError(
                f"The campaign {name} was begun on {campaign.base_url}, and this is {base_url}.",
                "Its files and batches are there: connect as it was begun.",
            )
        if changes:
            options = dataclasses.replace(campaign.options, **changes)
            _check_target(options, campaign.merged_file)
            journal.append("options", options=dataclasses.asdict(options))
    except BaseException:
        journal.close()
        raise
    return journal


def _check_target(options: Options, merged: Mapping[str, Any]) -> None:
    """Check that the answers can be merged; the file of an earlier time, as it was `merged`, is replaced."""
    if not options.merge:
        return
    target = Path(options.merge)
    if os.path.lexists(target) and not options.force and not is_as_merged(merged, target):
        raise CampaignError(f"{target} exists already.", "--force replaces it at the end; nothing was sent.")
    if not target.parent.is_dir():
        raise CampaignError(f"The folder {target.parent} does not exist.", "Make it first; nothing was sent.")


def run(connection: Connection, journal: Journal, *, on_progress: Hear, on_note: Hear) -> tuple[int, list[str]]:
    """Run a campaign to its end, and close its journal. Returns the exit code and lines to print.

    It can be continued after whatever ends it, also after an ApiError that this raises.
    """
    with journal:
        return asyncio.run(_run(connection, journal, on_progress, on_note))


async def _run(
    connection: Connection, journal: Journal, on_progress: Hear, on_note: Hear
) -> tuple[int, list[str]]:
    client = Client(connection, journal=WriteJournal(connection.profile))
    task = asyncio.current_task()
    assert task
    with on_signals(task.cancel) as caught:
        try:
            with tell_lost_journal(client, on_note):
                return await go_on(client, journal, on_progress, on_note)
        except asyncio.CancelledError:
            if not caught.code:
                raise
            on_progress("")
            again = f"`o9s batch run --name {journal.folder.name} --resume` goes on"
            return caught.code, [f"Stopped. What is sent goes on by itself; {again} with the rest."]
        finally:
            await client.aclose()


async def go_on(client: Client, journal: Journal, on_progress: Hear, on_note: Hear) -> tuple[int, list[str]]:
    """Run a campaign to its end. Returns the exit code and lines that say what came of it. Raises ApiError.

    One that is refused before its parts are cut leaves nothing behind: it can be begun anew once that is mended.
    """
    runner = Runner(client, journal, on_progress=on_progress, on_note=on_note)
    try:
        if client.read_only:
            raise ReadOnly(client.connection.held_by)
        await runner.run()
    except ApiError:
        if not runner.campaign.planned:
            shutil.rmtree(journal.folder, ignore_errors=True)
        raise
    return await _finish(runner.campaign, journal, on_progress, on_note)


async def _finish(campaign: Campaign, journal: Journal, on_progress: Hear, on_note: Hear) -> tuple[int, list[str]]:
    """Merge the answers, run the command, and note the end. Raises LocalFileError where they cannot be merged."""
    options, tally = campaign.options, campaign.tally
    lines = [f"{campaign.name} {campaign.state}: {tally.ok:,} ok, {tally.failed:,} failed of {tally.total:,}"]
    lines += [f"{cause} {count:,}" for cause, count in sorted(tally.causes.items(), key=lambda each: -each[1])]
    if campaign.generation:
        good = (f"{at}: {number:,} ok" for at, number in enumerate(campaign.good_by_generation))
        lines.append(f"generation {' · '.join(good)}")
    lines += campaign.reasons[:20]
    if options.merge and campaign.merged != options.merge:
        on_progress("merging")
        target = Path(options.merge)
        replace = options.force or await asyncio.to_thread(is_as_merged, campaign.merged_file, target)
        size = await asyncio.to_thread(_merge_noting, campaign, journal, options.merge, replace=replace)
        on_progress("")
        lines.append(f"{pluralize(tally.total, 'result')}, {short_size(size)}: {target}")
    code = exit_code_of(campaign)
    if options.command and not campaign.told:
        facts = _build_facts(campaign, lines[0], code)
        if failed := await run_notify_command(options.command, facts, "The --exec command"):
            on_note(failed)
        campaign.apply(journal.append("told"))
    if campaign.finished is None:
        campaign.apply(journal.append("end", code=code))
    return code, [clean(line, 500) for line in lines]


def merge_into(name: str, target: Path) -> tuple[Campaign, int]:
    """Write all answers of a campaign into a file and note which; return the campaign and the bytes.

    While a program runs it, itself or another, nothing can be noted. Raises LocalFileError and CampaignError.
    """
    folder, target = folder_of(name), target.absolute()
    if find_holder(folder):
        campaign = Campaign(read_records(folder))
        return campaign, merge(campaign, folder, target)
    with Journal(folder, new=False) as journal:
        campaign = Campaign(journal.records)
        return campaign, _merge_noting(campaign, journal, str(target))


def _merge_noting(campaign: Campaign, journal: Journal, path: str, *, replace: bool = False) -> int:
    """Merge the answers into a file, note which it is, and return its bytes. Raises LocalFileError."""
    size = merge(campaign, journal.folder, Path(path), replace=replace)
    campaign.apply(journal.append("merged", path=path, size=size, sha256=digest_of(Path(path))))
    return size


def _build_facts(campaign: Campaign, summary: str, code: int) -> dict[str, str]:
    """Return what the command at the end is told in its environment."""
    tally = campaign.tally
    told = {
        "ID": campaign.name,
        "RESOURCE": "campaigns",
        "NAME": campaign.name,
        "OUTCOME": campaign.state,
        "SUMMARY": summary,
        "CODE": str(code),
        "OK": str(tally.ok),
        "FAILED": str(tally.failed),
        "MERGED": campaign.merged,
    }
    return {f"O9S_{name}": value for name, value in told.items()}


def exit_code_of(campaign: Campaign) -> int:
    """Return the exit code for what became of a campaign that is settled."""
    tally = campaign.tally
    if tally.causes.get(UNSURE) or campaign.extras or campaign.unlisted:
        return UNCERTAIN
    if campaign.cancelled:
        return CANCELLED
    if not tally.failed:
        return 0
    return PARTIAL if tally.ok else NONE_ANSWERED


# What other programs ask and want to know.


def control(name: str, asked: str) -> tuple[str, bool]:
    """Pause or resume a campaign, or have it cancelled. Returns a sentence on what is so now.

    A program that runs it does so at its next look. Also returns whether there is none, and batches to stop: going
    on with the campaign does that. Raises ApiError.
    """
    folder = folder_of(name)
    campaign = Campaign(read_records(folder))
    if campaign.is_settled:
        return f"{name} is over: {campaign.state}.", False
    if holder := find_holder(folder):
        ask(folder, asked)
        return f"Asked of {holder}, which runs it: it does so within seconds.", False
    with Journal(folder, new=False) as journal:
        campaign = Campaign(journal.records)
        if not campaign.cancelled and (asked == CANCEL or (asked == PAUSE) != campaign.paused):
            campaign.apply(journal.append(asked))
    if campaign.cancelled:
        return f"{name} is cancelled.", True
    if campaign.paused:
        return f"{name} is paused; nothing runs it now.", False
    return f"{name} is paused no more; nothing runs it: `o9s batch run --name {name} --resume` goes on.", False


def read_rows(names: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of the campaigns named, of all where none is, and a sentence for each that is not there."""
    rows: list[dict[str, Any]] = []
    missing: list[str] = []
    for name in names or list_campaigns():
        try:
            read_records(folder_of(name))
        except NoCampaign as error:
            missing.append(str(error))
            continue
        except ApiError:
            pass  # its row says what is wrong with it
        rows.append(describe_any(name))
    return rows, missing


_HEADERS = (
    "NAME",
    "STATE",
    "PARTS",
    "OK",
    "FAIL",
    "LEFT",
    "GEN",
    "QUEUED",
    "LIMIT",
    "TOKENS IN",
    "OUT",
    "$",
    "ETA",
)


def status_lines(rows: Sequence[Mapping[str, Any]], form: str) -> Iterator[str]:
    """Yield the lines of a list of campaigns: `table` or `json`."""
    if form == "json":
        yield from (dump_json(row) for row in rows)
        return
    table = [_HEADERS, *map(_build_cells, rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(_HEADERS))]
    for row in table:
        yield "  ".join(
            fit(cell, width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
    for each in rows:
        counted = sorted((each["causes"] or {}).items(), key=lambda cause: -cause[1])
        causes = (f"{cause} {count:,}" for cause, count in counted)
        yield from (clean(f"{each['name']}: {told}", 500) for told in (*causes, *each["reasons"]))


def _build_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    limit, left = row["queue_limit"], row["seconds_left"]
    state = row["state"] + (", not run" if row["state"] == "paused" and not row["run_by"] else "")
    return (
        row["name"],
        state,
        f"{row['parts_done']}/{row['parts']}",
        *(f"{row[name]:,}" for name in ("ok", "failed", "left")),
        str(row["generation"]),
        short_count(row["queued_tokens"]),
        NO_VALUE.text if limit is None else short_count(limit),
        *(short_count(row[name]) for name in ("input_tokens", "output_tokens")),
        NO_VALUE.text if row["cost"] is None else format_amount(row["cost"], "$"),
        NO_VALUE.text if left is None else duration(left),
    )
