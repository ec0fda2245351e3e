"""Estimating a file without a screen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui.api.client import Client
from tui.headless.batch_check import fetch_uploaded, is_id
from tui.headless.listing import server_now
from tui.live.bill import fetch_line_items
from tui.resources.language.reading.amounts import dump_json
from tui.text import clean
from tui.workflows.estimate.count import NotCounted, count_tokens
from tui.workflows.estimate.estimate import Estimate, price_tokens
from tui.workflows.estimate.tokenizers import NoTokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.api.credentials.connection import Connection

    Hear = Callable[[str], None]

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
            return await price_tokens(
                lambda: fetch_line_items(client, server_now(client)), count, epochs=query.epochs
            )
        finally:
            on_progress("")
            await client.aclose()

    try:
        return asyncio.run(go())
    except (NotCounted, NoTokenizer) as error:
        raise EstimateError(str(error)) from None


def estimate_lines(name: str, found: Estimate, form: str) -> Iterator[str]:
    """Yield the lines of an estimate: `table` or `json`."""
    if form == "json":
        yield dump_json({"file": name, **found.json()})
        return
    first, *rest = found.lines()
    yield clean(f"{name}: {first}", 500)
    yield from (clean(f"  {line}", 500) for line in rest)
