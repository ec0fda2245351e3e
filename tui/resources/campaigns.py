"""Campaigns: folders of requests that are sent as batches from here, and how far each is.

They are no objects of the platform, so they are not registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Open
from tui.resources.language.cells import (
    NO_VALUE,
    age,
    count,
    duration,
    error_count,
    instant,
    pluralize,
    progress,
    short_count,
    status_like,
)
from tui.resources.language.column import Cell, CellContext, Column, Field, Progress, Section, Tone, share_of
from tui.resources.language.objects import Object
from tui.resources.language.reading.amounts import format_amount
from tui.resources.language.resource import Resource
from tui.resources.tasks import LOCAL

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

# The glyph and tone of a state are those of the platform's that means the same.
_STATE = status_like({"planning": "validating", "done": "completed", "not run": "paused"})


OVER = ("done", "cancelled", "damaged")


class CampaignRow(Object):
    """A campaign as it is shown."""

    name: str | None = None
    state: str | None = None
    """What no program runs, and is neither paused nor over, is `not run`."""
    parts: int = 0
    parts_done: int = 0
    ok: int = 0
    failed: int = 0
    left: int = 0
    generation: int = 0
    queued_tokens: int = 0
    queue_limit: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Any = None
    """What its tokens cost in dollars, as the organization's bill tells."""
    seconds_left: float | None = None
    began_at: float | None = None
    """In unix seconds."""
    run_by: str | None = None
    """Which program runs it; "" where none does."""
    merged: str | None = None
    base_url: str | None = None
    sources: Any = None
    causes: Any = None
    """How many requests have no good answer, by why."""
    generations: Any = None
    """How many good answers each generation brought."""
    reasons: Any = None
    """Sentences on what was refused or not sent."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER

    @property
    def moved(self) -> Progress | None:
        """How many requests have what they will have, of all."""
        total = self.ok + self.failed + self.left
        return Progress(self.ok + self.failed, self.failed, total) if total else None


def _tone(campaign: CampaignRow) -> Tone:
    if not campaign.is_over:
        return "accent"
    return "good" if not campaign.failed else "warn" if campaign.ok else "bad"


_BAR = progress(lambda campaign: campaign.moved, _tone, 10)


def _parts(value: Any, record: Record, context: CellContext) -> Cell:
    """Show a bar of the requests, and how many parts are over."""
    campaign: CampaignRow = record.object
    if campaign.moved is None:
        return NO_VALUE
    bar: Cell = _BAR(value, record, context)
    return Cell(f"{bar.text.split(' ')[0]} {campaign.parts_done}/{campaign.parts} parts", bar.tone)


def _queued(_value: Any, record: Record, _context: CellContext) -> Cell:
    campaign: CampaignRow = record.object
    if campaign.is_over:
        return NO_VALUE
    limit = "" if campaign.queue_limit is None else f"/{short_count(campaign.queue_limit)}"
    return Cell(f"{short_count(campaign.queued_tokens)}{limit}")


def _tokens(_value: Any, record: Record, _context: CellContext) -> Cell:
    campaign: CampaignRow = record.object
    if not campaign.input_tokens:
        return NO_VALUE
    return Cell(f"{short_count(campaign.input_tokens)} → {short_count(campaign.output_tokens)}")


def _cost(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if value is None else Cell(format_amount(value, "$"))


def _left(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if value is None else Cell(duration(value))


def _sources(value: Any, _record: Record, _context: CellContext) -> Cell:
    return Cell(", ".join(map(str, value))) if isinstance(value, list) and value else NO_VALUE


def _generation_lines(campaign: CampaignRow, _context: CellContext) -> list[tuple[str, Cell]]:
    good = campaign.generations or ()
    lines = [(f"generation {at}", Cell(f"{number:,} ok")) for at, number in enumerate(good)]
    return [*lines, ("left", Cell(f"{campaign.left + campaign.failed:,}"))] if lines else []


def _cause_lines(campaign: CampaignRow, _context: CellContext) -> list[tuple[str, Cell]]:
    causes = campaign.causes or {}
    counted = sorted(causes.items(), key=lambda each: -each[1])
    lines = [(str(cause), Cell(f"{number:,}")) for cause, number in counted]
    return [*lines, *(("", Cell(str(reason), "warn")) for reason in campaign.reasons or ())]


def _attention(campaign: CampaignRow, _context: CellContext) -> str | None:
    if campaign.state == "not run":
        return "nothing runs it; R goes on with it"
    if campaign.state == "done" and campaign.failed:
        return f"{pluralize(campaign.failed, 'request')} without a good answer"
    return None


def _refuse_over(campaign: CampaignRow) -> str | None:
    return f"it is {campaign.state}" if campaign.is_over else None


CAMPAIGNS: Resource[CampaignRow] = Resource(
    name="campaigns",
    singular="campaign",
    family="Home",
    model=CampaignRow,
    aliases=("campaign", "ca"),
    columns=(
        Column("STATE", "state", _STATE, 12),
        Column("NAME", "name", width=18, grow=True),
        Column("PROGRESS", lambda campaign: share_of(campaign.moved) or 0.0, _parts, 24, first_sort="down"),
        Column("OK", "ok", count, 9, align="right", drop_order=1, first_sort="down"),
        Column("FAIL", "failed", error_count, 7, align="right", first_sort="down"),
        Column("LEFT", "left", count, 9, align="right", drop_order=2, first_sort="down"),
        Column("GEN", "generation", count, 3, align="right", drop_order=4),
        Column("QUEUED", "queued_tokens", _queued, 13, align="right", drop_order=3, first_sort="down"),
        Column("TOKENS", "input_tokens", _tokens, 15, align="right", drop_order=5, first_sort="down"),
        Column("$", "cost", _cost, 9, align="right", drop_order=4, first_sort="down"),
        Column("ETA", "seconds_left", _left, 5, align="right"),
        Column("AGE", "began_at", age, 5, align="right", first_sort="down", drop_order=6),
    ),
    title=lambda campaign: campaign.name,
    active=lambda campaign: not campaign.is_over,
    attention=_attention,
    progress=lambda campaign: campaign.moved,
    detail=(
        Section(
            "Campaign",
            (
                Field("state", "state", _STATE),
                Field("run by", "run_by"),
                Field("began", "began_at", instant),
                Field("server", "base_url"),
                Field("input", "sources", _sources),
                Field("merged", "merged"),
                Field("queued tokens", "queued_tokens", _queued),
                Field("tokens", "input_tokens", _tokens),
                Field("cost, by your bill", "cost", _cost),
            ),
        ),
        Section("Answers", lines=_generation_lines),
        Section("Without a good answer", lines=_cause_lines),
    ),
    actions=(
        Action("new", "n", "new campaign", Open("campaigns", LOCAL), on="list"),
        Action(
            "pause",
            "s",
            "pause",
            Open("campaigns", LOCAL),
            refuse=lambda campaign: "it is paused" if campaign.state == "paused" else _refuse_over(campaign),
        ),
        Action(
            "resume",
            "s",
            "resume",
            Open("campaigns", LOCAL),
            refuse=lambda campaign: None if campaign.state == "paused" else "it is not paused",
        ),
        Action(
            "run",
            "R",
            "go on with it",
            Open("campaigns", LOCAL),
            refuse=lambda campaign: f"{campaign.run_by} runs it" if campaign.run_by else None,
        ),
        Action("cancel", "ctrl+x", "cancel", Open("campaigns", LOCAL), refuse=_refuse_over),
        Action(
            "forget",
            "ctrl+d",
            "forget",
            Open("campaigns", LOCAL),
            refuse=lambda campaign: f"{campaign.run_by} runs it" if campaign.run_by else None,
        ),
        Action("batches", "l", "its batches", Open("campaigns", LOCAL)),
        Action(
            "merge",
            "D",
            "save the answers",
            Open("campaigns", LOCAL),
            refuse=lambda campaign: None if campaign.ok or campaign.failed else "it has no answer yet",
        ),
    ),
    notice="folders of requests, sent as batches from here",
    screen="campaigns",
    empty="No campaign yet. Press n to send a folder of requests as batches.",
)
