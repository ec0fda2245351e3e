"""Counting the tokens that the requests of a file have a model read: some by the platform, or all of them here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.api.errors import LocalFileError, StatusError
from tui.resources.generation.responses import COUNT_TOKENS
from tui.resources.language.cells import pluralize
from tui.resources.language.json_lines import is_blank, object_of
from tui.workflows.estimate.requests import Asked, can_be_counted, count_body, list_messages, read_line
from tui.workflows.estimate.sampling import Reservoir, Sampled, estimate_total

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tui.api.client import Client
    from tui.workflows.estimate.tokenizers import Tokenizer

SAMPLE = 50  # requests whose tokens the platform counts
GOOD = 0.02  # an error that is small enough; else more are counted, up to
_MORE = 4  # times the sample
_AT_ONCE = 4
_TOGETHER = 256  # requests that are counted here at once
_REFUSED = (400, 422)  # statuses that are about one request


class NotCounted(ValueError):
    """Nothing of a file can be counted; the message is a sentence."""


@dataclass(slots=True)
class TokenCount:
    """The tokens that all requests of a file, or examples of a training, have a model read."""

    requests: int
    tokens: float
    error: float | None
    """Half the width of the interval that holds the true number in 19 of 20 cases; 0 where all were counted.

    None where it is not known.
    """
    sampled: int
    """How many requests were counted."""
    method: str
    """How they were counted, in words."""
    endpoint: str = ""
    model: str = ""
    cap: int | None = None
    """The most tokens of all answers, where every request says so."""
    training: bool = False
    refused: int = 0
    """How many requests the platform refused to count: what they take is not known."""
    unread: int = 0
    """How many lines are no JSON objects, or neither a request nor an example: they are not counted."""
    notes: list[str] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        """The error as a share of the tokens."""
        return Sampled(self.tokens, self.error).share


@dataclass(slots=True)
class _Scan:
    """What one way through a file tells."""

    kept: Reservoir[tuple[int, bytes]]
    requests: int = 0
    unread: int = 0
    bytes: int = 0
    tokens: int = 0
    caps: int | None = 0
    models: dict[str, int] = field(default_factory=dict)
    endpoint: str = ""
    training: bool = False


async def count_tokens(
    client: Client | None,
    path: Path,
    *,
    sample: int = SAMPLE,
    tokenizer: Callable[[str], Tokenizer] | None = None,
    model: str = "",
    wait: Callable[[], Awaitable[None]] | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> TokenCount:
    """Count the tokens that a batch's file, or one for training, has a model read.

    With a `tokenizer` (given a model's name) every line is counted here; without one the platform counts a random
    sample, of which more is taken while the error is above 2 %. `model` is that of a training; `wait` is awaited
    before each request. Raises NotCounted, NoTokenizer, LocalFileError and ApiError.
    """
    scan = await asyncio.to_thread(_scan, path, sample * _MORE, tokenizer, model)
    if not scan.requests:
        raise NotCounted(f"{path.name} holds no request and no example.")
    if len(scan.models) > 1:
        raise NotCounted(f"{path.name} is for several models: {', '.join(list(scan.models)[:5])}.")
    found = TokenCount(
        scan.requests,
        scan.tokens,
        0.0,
        scan.requests,
        "",
        endpoint=scan.endpoint,
        model=next(iter(scan.models), model),
        cap=None if scan.training else scan.caps,
        training=scan.training,
        unread=scan.unread,
    )
    if scan.unread:
        lines = pluralize(scan.unread, "line")
        what = ("no example" if scan.training else "no request") + ("" if scan.unread == 1 else "s")
        found.notes.append(f"{lines} {'is' if scan.unread == 1 else 'are'} {what}, and not counted.")
    if tokenizer is not None:
        found.method = f"every line counted {tokenizer(found.model).words}"
        return found
    assert client is not None
    return await _count_sample(client, found, scan, sample, model, wait, on_progress)


def _scan(path: Path, most: int, tokenizer: Callable[[str], Tokenizer] | None, model: str) -> _Scan:
    """Go through a file once. Raises NoTokenizer and LocalFileError."""
    try:
        with path.open("rb") as lines:
            scan = _Scan(Reservoir(most, path.stat().st_size))
            waiting: list[Asked] = []

            def count() -> None:
                if tokenizer is not None and waiting:
                    scan.tokens += tokenizer(waiting[0].model).count(waiting)
                    waiting.clear()

            for line in lines:
                if is_blank(line):
                    continue
                value = object_of(line) or {}
                asked, is_request = read_line(value, model), isinstance(value.get("body"), dict)
                other = scan.requests and is_request == scan.training
                if other or not (is_request or any(list_messages(asked))):
                    scan.unread += 1
                    continue
                scan.training = not is_request
                scan.requests += 1
                scan.bytes += len(line)
                scan.endpoint = scan.endpoint or asked.endpoint
                if asked.model:
                    scan.models.setdefault(asked.model, scan.requests)
                scan.caps = None if scan.caps is None or asked.cap is None else scan.caps + asked.cap
                if tokenizer is None:
                    scan.kept.take((len(line), line))
                else:
                    waiting.append(asked)
                    if len(waiting) == _TOGETHER:
                        count()
            count()
            return scan
    except OSError as error:
        raise LocalFileError.of(error, path) from None


async def _count_sample(
    client: Client,
    found: TokenCount,
    scan: _Scan,
    sample: int,
    model: str,
    wait: Callable[[], Awaitable[None]] | None,
    on_progress: Callable[[int, int], None],
) -> TokenCount:
    """Count a sample by the platform, more of it while the error is large. Raises NotCounted and ApiError."""
    if not can_be_counted(Asked(found.endpoint, {"input": ""})):
        raise NotCounted(
            f"The platform counts tokens of responses and chats, not for {found.endpoint or 'no url'}: "
            "--offline counts here."
        )
    lines, pairs = scan.kept.items(), list[tuple[float, float]]()
    refused: list[StatusError] = []
    gate = asyncio.Semaphore(_AT_ONCE)

    async def count(size: int, line: bytes) -> None:
        asked = read_line(object_of(line) or {}, model)
        async with gate:
            if wait:
                await wait()
            try:
                told = await client.call(COUNT_TOKENS, body=count_body(asked))
            except StatusError as error:
                if error.status not in _REFUSED:
                    raise
                refused.append(error)
                return
            tokens = told.get("input_tokens")
            if isinstance(tokens, int) and tokens >= 0:
                pairs.append((size, tokens))
                on_progress(len(pairs), min(sample, scan.requests))

    at, total = 0, Sampled(0, None)
    while at < len(lines) and (at == 0 or total.share is None or total.share > GOOD):
        try:
            async with asyncio.TaskGroup() as group:
                for size, line in lines[at : at + sample]:
                    group.create_task(count(size, line))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        at += sample
        if not pairs:
            raise refused[0] if refused else NotCounted("The platform told no number of tokens.")
        total = estimate_total(pairs, scan.requests - len(refused), scan.bytes)
    found.tokens, found.error, found.sampled = total.total, total.error, len(pairs)
    counted = "every request" if found.sampled == found.requests else f"a sample of {found.sampled:,}"
    found.method = f"the platform counted {counted}"
    if client.connection.sandbox:
        found.method = f"the sandbox counted {counted}, in simulated tokens"
    if refused:
        found.error, found.refused = None, len(refused)
        tried = pluralize(len(refused) + len(pairs), "request")
        are = "is" if len(refused) == 1 else "are"
        found.notes.append(f"{len(refused):,} of {tried} that were tried {are} not counted: {refused[0].sentence}")
    return found
