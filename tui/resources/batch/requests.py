"""The request that makes a batch, and what it says of answers that would be paid for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Input

from tui.resources.language.asking.inputs import FileRef, More, Paid, Pairs
from tui.resources.language.checks import Endpoint, check_requests
from tui.resources.language.objects import Request
from tui.resources.language.units import Unit

if TYPE_CHECKING:
    from tui.resources.batch.outcomes import Batch
    from tui.resources.language.objects import Record


class ExpiresAfter(Request):
    """When files a batch makes are deleted."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Unit.SECONDS] = Input(
        ge=3_600, le=2_592_000, title="delete results after", description="1h to 30d after they are made."
    )


def _describe_earlier_answers(record: Record) -> str:
    """Return a sentence on a batch that answered the requests of its file, or will; "" where it answered none."""
    batch: Batch = record.object
    counts = batch.counts
    done = counts.completed or 0 if counts else 0
    same = f"Same input file as {batch.name or record.id}"
    if batch.running:
        return f"{same}, which is in progress: its requests would be paid for twice."
    if not (batch.output_file_id or done):
        return ""
    some = f"{done:,} of its {counts.total:,}" if counts and done < (counts.total or 0) else f"its {done:,}"
    return f"{same}, which is over: {some} requests would be paid for again."


class CreateBatch(Request):
    """The request that creates a batch."""

    input_file_id: Annotated[
        str, FileRef("batch", check_requests, has_tokens=True, is_built=True), Paid(_describe_earlier_answers)
    ] = Input(description="A JSONL file on this machine, or the id of a file uploaded with purpose batch.")
    endpoint: Endpoint = Input(
        examples=["/v1/responses"], description="Every request of the file is for this one."
    )
    completion_window: Literal["24h"] = "24h"
    metadata: Pairs = None
    output_expires_after: Annotated[ExpiresAfter | None, More()] = None
