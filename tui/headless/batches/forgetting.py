"""Removing the folder of a campaign that is no longer needed."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from tui.api.errors import ApiError, LocalFileError
from tui.resources.language.cells import pluralize, short_size
from tui.workflows.campaigns.answers.merge import is_as_merged
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.journal import (
    CampaignError,
    NoCampaign,
    find_holder,
    folder_of,
    list_campaigns,
    read_records,
)


def describe_loss(name: str) -> list[str]:
    """Return sentences on what is lost with the folder of a campaign. Reads the merged file to compare it.

    Raises NoCampaign, and CampaignError while something runs it.
    """
    folder = folder_of(name)
    if name not in list_campaigns():
        raise NoCampaign(name)
    if holder := find_holder(folder):
        raise CampaignError(f"{name} is run by {holder}.", "Cancel it or end that program first.")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    lost = [f"{short_size(size)} of requests, answers and journal in {folder}."]
    try:
        campaign = Campaign(read_records(folder))
    except ApiError as error:
        return [*lost, f"It is not known what else: {error.sentence}"]
    tally = campaign.tally
    if answered := tally.ok + tally.failed:
        merged = campaign.merged if is_as_merged(campaign.merged_file, Path(campaign.merged)) else ""
        kept = f"they are in {merged}" if merged else "no file is known that holds them all: save them first"
        lost.append(f"{answered:,} of {pluralize(tally.total, 'request')} came to something; {kept}.")
    if tally.left:
        running = sum(each.queued for each in campaign.parts)
        going = f", and nothing collects the {running:,} of its batches that run" if running else ""
        lost.append(f"{tally.left:,} are not over{going}.")
    lost.append("Batches and files on the platform stay as they are.")
    return lost


def forget(name: str) -> None:
    """Remove the folder of a campaign. Raises LocalFileError, and CampaignError as `describe_loss` does."""
    describe_loss(name)
    folder = folder_of(name)
    gone = folder.with_name(f".{name}.{secrets.token_hex(4)}")  # at once, whatever stops what follows
    try:
        folder.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise LocalFileError.of(error, folder) from None
