"""Batches: many requests in one file, answered within a day at half the price.

https://platform.openai.com/docs/api-reference/batch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.batch.outcomes import Batch, attention, makes_up
from tui.resources.batch.requests import CreateBatch
from tui.resources.files import CONTENT
from tui.resources.language.action import Action, Fetch, Open, Together
from tui.resources.language.cells import (
    NO_VALUE,
    TimeFormatter,
    age,
    duration,
    error_count,
    id_link,
    instant,
    metadata,
    moment,
    name_or,
    own_id,
    pluralize,
    progress,
    short_count,
    span,
    status_cell,
    tally_of,
    time_left,
    unless_stalled,
    until,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
    Tone,
    share_of,
)
from tui.resources.language.parts import METADATA, cancel, create, list_tokens, tokens
from tui.resources.language.reading.amounts import format_amount
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

STALLED = 1_800.0  # seconds without progress


def _outcome(value: Any, record: Record, _context: CellContext) -> Cell:
    batch: Batch = record.object
    word = str(value)
    kind = word.removesuffix(" partial")
    if kind != word and batch.done and batch.done.total:
        share = round(100 * batch.done.done / batch.done.total)
        return status_cell(kind, f"{kind} {share} %")._replace(tone="warn")
    return status_cell(kind, word)


def _tone(batch: Batch) -> Tone:
    match batch.outcome:
        case "all failed" | "invalid":
            return "bad"
        case "ok":
            return "good"
        case "cancelled":
            return "dim"
        case _:
            return "accent" if batch.running else "warn"


_BAR = progress(lambda batch: batch.done, _tone, 8)


def _progress(value: Any, record: Record, context: CellContext) -> Cell:
    """Show a bar of what is answered while it runs, and how much is when it is over; for a refused batch, why."""
    batch: Batch = record.object
    if batch.outcome in ("invalid", "failed partial") and batch.reason:
        return Cell(batch.reason, "bad")
    # A refused batch has answered nothing, whatever it counts.
    if batch.done is None or (batch.outcome == "invalid" and batch.done.done):
        return NO_VALUE
    if batch.running:
        shown: Cell = _BAR(value, record, context)
        return shown
    return Cell(tally_of(batch.done), _tone(batch))


@TimeFormatter
def _time_to_expiry(value: Any, record: Record, context: CellContext) -> Cell:
    return until(value, record, context) if record.object.running else NO_VALUE


def _expires(batch: Batch) -> float | None:
    """Return when it expires, as long as that can happen."""
    return batch.expires_at if batch.running else None


def _rate(_value: Any, _record: Record, context: CellContext) -> Cell:
    return Cell(f"{short_count(context.rate * 60)}/min") if context.rate else NO_VALUE


def _tokens(batch: Batch) -> int | None:
    return batch.usage.total_tokens if batch.usage else None


def _describe_stall(batch: Batch, context: CellContext) -> str | None:
    if not batch.running:
        return None
    moved = {
        "validating": batch.created_at,
        "in_progress": batch.in_progress_at,
        "finalizing": batch.finalizing_at,
        "cancelling": batch.cancelling_at,
    }.get(batch.status or "")
    if batch.status == "in_progress" and batch.done and batch.done.done:
        # The platform does not tell when it answered last; only what is watched is known to stand still.
        moved = None if context.seconds_idle is None else context.now - context.seconds_idle
    if not moved or context.now - moved < STALLED:
        return None
    return f"{str(batch.status).replace('_', ' ')}; nothing has moved for {duration(context.now - moved)}"


def _headline(batch: Batch, context: CellContext) -> list[tuple[str, Cell]]:
    lines = [("", Cell(batch.tally.replace(", ", " · "), _tone(batch)))]
    waiting = batch.counts.rest if batch.counts else 0
    if context.rate and waiting and batch.running:
        left = waiting / context.rate
        pace = f"{context.rate * 60:,.0f}/min · done in {duration(left)}"
        late = batch.expires_at is not None and context.now + left > batch.expires_at
        lines.append(("", Cell(pace + (" · later than it expires" if late else ""), "warn" if late else "")))
    if batch.running and batch.expires_at:
        lines.append(("", Cell(f"due in {duration(batch.expires_at - context.now)}")))
    if reason := attention(batch, context):
        lines.append(("", Cell(reason, "bad")))
    return lines


def _phases(batch: Batch, context: CellContext) -> list[tuple[str, Cell]]:
    """Return when each phase began and how long it took, or has taken so far."""
    moments = [
        ("validating", batch.created_at),
        ("in progress", batch.in_progress_at),
        ("finalizing", batch.finalizing_at),
        ("cancelling", batch.cancelling_at),
        ("completed", batch.completed_at),
        ("failed", batch.failed_at),
        ("expired", batch.expired_at),
        ("cancelled", batch.cancelled_at),
    ]
    reached = sorted(((at, name) for name, at in moments if at), key=lambda moment: moment[0])
    lines = []
    for index, (at, name) in enumerate(reached):
        if index + 1 < len(reached):
            took = span(reached[index + 1][0] - at)
        else:
            took = "" if not batch.running else f"{span(context.now - at)} …"
        lines.append((name, Cell(f"{moment(at)}  {took}".rstrip())))
    return lines


def _errors(batch: Batch, _context: CellContext) -> list[tuple[str, Cell]]:
    """Return a line for each error; one on a line of the input leads there."""
    file = batch.input_file_id
    return [
        (f"line {error.line:,}", Cell(error.words, "bad", f"{file}#{error.line}" if file else ""))
        if error.line
        else ("file", Cell(error.words, "bad"))
        for error in batch.errors
    ]


def _tokens_and_cost(batch: Batch, context: CellContext) -> list[tuple[str, Cell]]:
    """Return the tokens used and, once the batch is over and there is a price for them, what they cost."""
    lines, usage = list(list_tokens(batch, context)), batch.usage
    prices = context.prices(batch.model) if lines and batch.model and not batch.running else None
    cost = prices and usage and prices.cost(usage.tokens_in or 0, usage.cached, usage.tokens_out or 0)
    if prices and cost:
        dollars, price = cost
        at = "at your price" if prices.batch else "at most, at your price outside batches"
        lines.append(("cost", Cell(f"{format_amount(dollars, '$')} {at} of {price.date}")))
    return lines


def _refuse_without_faulty_line(batch: Batch) -> str | None:
    if not batch.faulty_lines:
        return "it has no error file" if batch.output_file_id else "its errors name no line of the file"
    return None if batch.input_file_id else "its input file is not named"


def _refuse_unless_invalid(batch: Batch) -> str | None:
    if batch.outcome != "invalid":
        return "it was not refused; R in its results sends requests again"
    return None if batch.input_file_id else "its input file is not named"


def _warn_of_cancel(batches: Sequence[Batch]) -> str:
    tallies = [counts for batch in batches if (counts := batch.counts) and counts.total]
    completed, rest = sum(counts.completed for counts in tallies), sum(counts.rest for counts in tallies)
    is_known = len(tallies) == len(batches)  # a batch that is validated tells no numbers yet
    if not is_known and not completed:
        return "What is answered stays downloadable and is charged; the rest will not run."
    stay = "stays downloadable and is charged" if completed == 1 else "stay downloadable and are charged"
    kept = f"{pluralize(completed, 'answered request')} {stay}"
    if not is_known:
        return f"{kept}; the rest will not run."
    return f"{kept}; {rest:,} will not run." if rest else f"{kept}."


def _refuse_without_results(batch: Batch) -> str | None:
    if batch.output_file_id or batch.error_file_id:
        return None
    return "it is not done yet" if batch.running else "it has neither output nor errors"


_CREATE = Operation("createBatch", "POST", "/batches", body=CreateBatch)


def _without_campaign(batch: Batch) -> dict[str, Any]:
    free = batch.metadata_for_another
    return {} if free == (batch.metadata or {}) else {"metadata": free}


BATCHES: Resource[Batch] = Resource(
    name="batches",
    singular="batch",
    family="Batch",
    model=Batch,
    aliases=("b", "ba", "batch"),
    prefixes=("batch_", "batch-"),
    list=Operation("listBatches", "GET", "/batches"),
    get=Operation("retrieveBatch", "GET", "/batches/{batch_id}"),
    columns=(
        Column("OUTCOME", lambda batch: batch.outcome, unless_stalled(_describe_stall, _outcome), 17),
        Column("NAME", lambda batch: batch.name, name_or("input_file_id"), 18, grow=True, sort_by_text=True),
        Column("MODEL", "model", width=14, drop_order=6),
        Column("ENDPOINT", "endpoint", width=20, drop_order=8, wide=True),
        Column(
            "PROGRESS",
            lambda batch: share_of(batch.done) or 0.0,
            _progress,
            26,
            drop_order=4,
            least=14,
            first_sort="down",
        ),
        Column(
            "FAIL",
            lambda batch: batch.done and batch.done.failed,
            error_count,
            5,
            align="right",
            drop_order=1,
            first_sort="down",
        ),
        Column("RATE", "", _rate, 9, align="right", drop_order=8, wide=True),
        Column("ETA", "", time_left(lambda batch: batch.done), 5, align="right", drop_order=2),
        Column("DUE", "expires_at", _time_to_expiry, 5, align="right", drop_order=5),
        Column("AGE", "created_at", age, 5, align="right", drop_order=3, first_sort="down"),
        Column("TOKENS", _tokens, tokens, 13, align="right", drop_order=8, wide=True, first_sort="down"),
        Column("META", "metadata", metadata, 16, drop_order=8, wide=True),
        Column("ID", "id", own_id, 15, drop_order=7),
    ),
    title=lambda batch: batch.name,
    named_after="input_file_id",
    mends=("resend", "results"),
    active=lambda batch: batch.running,
    attention=attention,
    retry_of=lambda batch: (batch.metadata or {}).get("retry_of"),
    makes_up=makes_up,
    stops=_expires,
    stalled=_describe_stall,
    progress=lambda batch: batch.done,
    detail=(
        Section("", lines=_headline),
        Section(
            "Batch",
            (
                Field("status", "status"),
                Field("model", "model"),
                Field("endpoint", "endpoint"),
                Field("window", "completion_window"),
                Field("expires", _expires, instant),
            ),
        ),
        Section("Phases", lines=_phases),
        Section("Errors", lines=_errors),
        Section(
            "Files",
            (
                Field("input", "input_file_id", id_link),
                Field("output", "output_file_id", id_link),
                Field("errors", "error_file_id", id_link),
            ),
        ),
        Section("Tokens", lines=_tokens_and_cost),
        METADATA,
    ),
    actions=(
        create(_CREATE, "new batch", fill=_without_campaign),
        cancel(Operation("cancelBatch", "POST", "/batches/{batch_id}/cancel"), Together(_warn_of_cancel)),
        Action("results", "enter", "results", Open("results", CONTENT), refuse=_refuse_without_results),
        Action(
            "output",
            "l",
            "view output",
            Fetch(CONTENT, "screen", field="output_file_id"),
            refuse=lambda batch: None if batch.output_file_id else "it has no output file",
        ),
        Action(
            "errors",
            "E",
            "view errors",
            Fetch(CONTENT, "screen", field="error_file_id"),
            refuse=lambda batch: None if batch.error_file_id else "it has no error file",
        ),
        Action(
            "input",
            "l",
            "view input",
            Fetch(CONTENT, "screen", field="input_file_id"),
            refuse=lambda batch: None if batch.input_file_id else "it has no input file",
        ),
        Action("faulty", "E", "view faulty line", Open("refused", CONTENT), refuse=_refuse_without_faulty_line),
        Action("resend", "R", "send again", Open("refused", _CREATE), refuse=_refuse_unless_invalid),
    ),
    enter="results",
    empty="No batches yet. A batch answers up to 50,000 requests of one JSONL file in a day. Press n to make one.",
)
