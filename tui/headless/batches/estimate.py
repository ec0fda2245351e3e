"""Estimating a file without a screen."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui.api.client import Client
from tui.headless.batches.check import fetch_uploaded, is_id
from tui.live.bill import fetch_line_items
from tui.resources.language.cells import short_count
from tui.resources.language.reading.amounts import dump_json, format_amount
from tui.text import clean
from tui.workflows.estimate.count import NotCounted, count_tokens
from tui.workflows.estimate.estimate import Estimate, price_tokens
from tui.workflows.estimate.tokenizers import NoTokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.api.credentials.connection import Connection
    from tui.live.listeners import Hear

UNCOUNTED = 3  # the exit code where nothing in the file can be counted


class EstimateError(ValueError):
    """A file cannot be estimated; the message is a sentence."""


class EstimateQuery(NamedTuple):
    """What is asked for."""

    file: str
    sample: int
    offline: bool
    simulated: bool
    """Whether tokens are counted as the sandbox does."""
    model: str
    epochs: int | None


def estimate_file(connection: Connection, query: EstimateQuery, on_progress: Hear) -> Estimate:
    """Count the tokens of a file, here or uploaded, and find their price. Raises EstimateError and ApiError."""
    if is_id(query.file):
        with fetch_uploaded(connection, query.file, on_progress) as (path, _, _):
            return estimate_file(connection, query._replace(file=str(path)), on_progress)

    async def go() -> Estimate:
        client = Client(connection)
        try:
            count = await count_tokens(
                client,
                Path(query.file).expanduser(),
                sample=query.sample,
                tokenizer=(lambda model: load_tokenizer(model, simulated=query.simulated))
                if query.offline
                else None,
                model=query.model,
                on_progress=lambda done, of: on_progress(f"counted {done} of {of}"),
            )
            return await price_tokens(lambda: fetch_line_items(client, client.now()), count, epochs=query.epochs)
        finally:
            on_progress("")
            await client.aclose()

    try:
        return asyncio.run(go())
    except (NotCounted, NoTokenizer) as error:
        raise EstimateError(str(error)) from None


def describe_total(every: Sequence[Estimate]) -> str:
    """Return what several files take together: tokens with their error, and dollars where each has a price."""
    total = sum(each.tokens for each in every)
    errors = [each.count.error for each in every]
    known = [error * (each.epochs or 1) for error, each in zip(errors, every, strict=True) if error is not None]
    off = (
        f" ±{100 * math.hypot(*known) / total:.1f} %" if len(known) == len(errors) and any(known) and total else ""
    )
    dollars = [each.dollars for each in every if each.dollars is not None]
    cost = f", {format_amount(sum(dollars, Decimal(0)), '$')}" if len(dollars) == len(errors) else ""
    tokens = f"about {short_count(total)}" if off else f"{total:,.0f}"
    return f"total of {len(every):,} files: {tokens} tokens{off}{cost}"


def estimate_lines(name: str, found: Estimate, form: str) -> Iterator[str]:
    """Yield the lines of an estimate: `table` or `json`."""
    if form == "json":
        yield dump_json({"file": name, **found.json()})
        return
    first, *rest = found.lines()
    yield clean(f"{name}: {first}", 500)
    yield from (clean(f"  {line}", 500) for line in rest)
