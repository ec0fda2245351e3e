"""The model of a batch, and its outcome: never called better than its status and counts prove."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from tui.resources.language.cells import pluralize
from tui.resources.language.column import CellContext, Progress
from tui.resources.language.objects import Id, Object, Time
from tui.resources.language.reading.statuses import is_unknown, state_of
from tui.resources.language.work import TimedWork

# The keys by which a campaign knows its batches, beside its name.
_OF_CAMPAIGN = frozenset({"campaign_id", "part", "generation", "attempt"})

UNCLEAR = "completed ?"
NOTHING_RAN = "nothing ran"


def _read_figure(value: Any) -> int | None:
    """Return a number of requests: a whole number from 0 on, or its digits as text; None for all else."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


Figure = Annotated[int | None, BeforeValidator(_read_figure)]


class Counts(Object):
    """How many of a batch's requests are answered. None is a number that is missing or cannot be read."""

    total: Figure = None
    completed: Figure = None
    failed: Figure = None


class Tally(Object):
    """Counts that are all there and can be true together."""

    total: int = 0
    completed: int = 0
    failed: int = 0

    @property
    def rest(self) -> int:
        """Requests that have no answer."""
        return self.total - self.completed - self.failed


class BatchError(Object):
    """Why a batch was refused; `line` counts from 1, and is None where the whole file is meant."""

    code: str | None = None
    message: str | None = None
    line: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, as the platform says it."""
        return ": ".join(filter(None, (self.code, self.message))) or "no reason given"


def _read_errors(value: Any) -> list[BatchError]:
    """Return the errors of a batch from any form: a list object, a bare list, one error, a text."""
    if isinstance(value, dict) and "data" in value:
        return _read_errors(value["data"])
    if isinstance(value, list):
        return [error for each in value for error in _read_errors(each)]
    if isinstance(value, BatchError):
        return [value]
    if isinstance(value, dict):
        value = {name: each for name, each in value.items() if name != "object"}
        if set(value) == {"error"}:
            return _read_errors(value["error"])
        told = {name: value.get(name) for name in ("code", "message") if value.get(name) not in (None, "")}
        texts = {name: each if isinstance(each, str) else _json(each) for name, each in told.items()}
        rest = {} if texts or not any(value.values()) else {"message": _read_plain_words(_json(value))}
        return [BatchError(line=_read_figure(value.get("line")) or None, **texts, **rest)] if value else []
    if value is None or value == "":
        return []
    return [BatchError(message=_read_plain_words(value) if isinstance(value, str) else _json(value))]


def _read_plain_words(text: str) -> str:
    """Return what a text says that may be a web page or JSON."""
    if not text.lstrip().startswith(("<", "{", "[")):
        return text
    from tui.api.refusals import read_refusal

    return read_refusal(text).message or text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class Batch(TimedWork):
    """A batch."""

    endpoint: str | None = None
    model: str | None = None
    errors: Annotated[list[BatchError], BeforeValidator(_read_errors)] = []
    input_file_id: Id = None
    output_file_id: Id = None
    error_file_id: Id = None
    completion_window: str | None = None
    in_progress_at: Time = None
    expires_at: Time = None
    finalizing_at: Time = None
    cancelling_at: Time = None
    request_counts: Counts | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_error(cls, raw: Any) -> Any:
        """Take what some servers tell as `error`, as jobs do, where there are no `errors`."""
        if isinstance(raw, dict) and raw.get("error") and not raw.get("errors"):
            return {**raw, "errors": raw["error"]}
        return raw

    @property
    def name(self) -> str:
        """What its metadata call it: `name`, `run` or `title`; "" where they tell none."""
        told = (str((self.metadata or {}).get(key) or "").strip() for key in ("name", "run", "title"))
        return next(filter(None, told), "")

    @property
    def metadata_for_another(self) -> dict[str, Any]:
        """Its metadata but for those by which a campaign knows its own: another batch is none of them."""
        told = self.metadata or {}
        return {key: value for key, value in told.items() if "campaign_id" not in told or key not in _OF_CAMPAIGN}

    @property
    def counts(self) -> Tally | None:
        """How many requests are answered; None unless each number is there and they can be true together."""
        found = self.request_counts
        if found is None or found.total is None or found.completed is None or found.failed is None:
            return None
        tally = Tally(total=found.total, completed=found.completed, failed=found.failed)
        return tally if tally.rest >= 0 else None

    @property
    def done(self) -> Progress | None:
        """The requests answered, well or badly, of all."""
        counts = self.counts
        return Progress(counts.completed + counts.failed, counts.failed, counts.total) if counts else None

    @property
    def outcome(self) -> str:
        """The outcome in a word. `completed` alone may hide that every request failed, or that nobody knows."""
        counts = self.counts
        match state_of(self):
            case "completed" | "succeeded" | "partial" as word:
                if counts is None or counts.rest or (word == "partial" and counts.total and not counts.failed):
                    return UNCLEAR
                if not counts.total:
                    return NOTHING_RAN
                return "ok" if not counts.failed else "partial" if counts.completed else "all failed"
            case "failed":
                # To the platform this is a file that it refused; others answer some requests before.
                return "failed partial" if counts and counts.completed and self.output_file_id else "invalid"
            case "expired" | "cancelled" | "incomplete" as ended:
                return f"{ended} partial" if counts and counts.completed else ended
            case "in_progress":
                return "running"
            case other:
                return other

    @property
    def tally(self) -> str:
        """Its counts in words: `198 ok, 2 failed`; what never ran or is to come only where there is some."""
        counts = self.counts
        if counts is None:
            return "its counts cannot be read" if self.request_counts else "no counts"
        if not counts.total and not self.running:
            return "no request ran"
        if self.outcome == "invalid" and counts.completed:
            return f"{counts.completed:,} of its requests are counted as answered, but it names no output"
        parts = [f"{counts.completed:,} ok", f"{counts.failed:,} failed"]
        if counts.rest:
            unknown = "not accounted for" if self.outcome == UNCLEAR or is_unknown(self) else "not run"
            parts.append(f"{counts.rest:,} {'to go' if self.running else unknown}")
        return ", ".join(parts)

    @property
    def faulty_lines(self) -> list[int]:
        """The lines of its input file that its errors name, in their order."""
        return sorted({error.line for error in self.errors if error.line})

    @property
    def reason(self) -> str:
        """Why it was refused or broken off, in one line; "" where nothing is told."""
        if not self.errors:
            return ""
        first, more = self.errors[0], len(self.errors) - 1
        where = f"line {first.line}: " if first.line else ""
        return f"{where}{first.words}{f' and {more:,} more' if more else ''}"


def attention(batch: Batch, context: CellContext) -> str | None:
    """Return why a batch needs its owner, or None."""
    counts = batch.counts
    match batch.outcome:
        case "all failed":
            failed = counts.failed if counts else 0
            return f"all {failed:,} requests failed" if failed != 1 else "its only request failed"
        case "partial" | "failed partial" if counts:
            share = (counts.total - counts.completed) / counts.total
            told = f"{counts.failed:,} of {counts.total:,} requests failed"
            if batch.outcome != "partial" and not counts.failed:
                told = "it failed, although its counts tell of no failure"
            if batch.outcome != "partial":
                return f"{told}: {batch.reason}" if batch.reason else told
            return told if share > context.failed_share else None
        case "invalid":
            if counts and counts.completed and not batch.reason:
                return f"it failed, and {batch.tally}"
            return f"refused: {batch.reason}" if batch.reason else "refused, and no reason is given"
        case "expired" | "expired partial":
            if counts and not counts.rest:
                return "expired, although each of its requests is counted as run"
            return f"expired, {pluralize(counts.rest, 'request')} not run" if counts else "expired"
        case "incomplete" | "incomplete partial":
            return "incomplete" + (f": {batch.reason}" if batch.reason else "")
        case word if word == UNCLEAR:
            return f"completed, but its counts do not tell what became of its requests ({batch.tally})"
        case word if word == NOTHING_RAN:
            return "completed without having run any request"
        case word if is_unknown(batch) and not batch.running:
            return f"it is over, in a state that is not known here: {word}"
    return None


def makes_up(batch: Batch, retry: Batch, is_made_up: bool) -> bool:
    """Return whether a retry, or what made up for that in its turn, answered all that a batch did not."""
    told, left = retry.counts, batch.counts
    if told is None or not told.total or (left is None and batch.outcome != "invalid"):
        return False
    return (retry.outcome == "ok" or is_made_up) and (left is None or told.total >= left.total - left.completed)
