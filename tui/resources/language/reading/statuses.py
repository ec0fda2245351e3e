"""The one reader of statuses: what a word means, however a server spells it, and whether an object is over.

A model declares its field as `Status`, so that comparing it with the platform's own word is enough. What the
server sent stays in the raw object and is what people see.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from tui.resources.language.reading.times import unix_time

# Words that servers use for the platform's own.
_SAME = {
    **dict.fromkeys(("complete", "done", "ended", "finished", "ok", "success", "successful"), "completed"),
    **dict.fromkeys(("completed_with_errors", "finished_with_errors", "succeeded_with_errors"), "partial"),
    **dict.fromkeys(("completed_with_warnings", "succeeded_with_warnings"), "completed"),
    **dict.fromkeys(("partially_completed", "partially_succeeded"), "partial"),
    **dict.fromkeys(("error", "errored", "failure", "invalid", "rejected", "crashed"), "failed"),
    **dict.fromkeys(("validation_failed", "failed_validation", "execution_failed"), "failed"),
    **dict.fromkeys(("cancelled_by_user", "canceled_by_user", "user_cancelled", "revoked"), "cancelled"),
    **dict.fromkeys(("canceled", "aborted", "killed", "stopped", "terminated"), "cancelled"),
    **dict.fromkeys(("timed_out", "timedout", "timeout"), "expired"),
    **dict.fromkeys(("inprogress", "processing", "running", "started"), "in_progress"),
    **dict.fromkeys(("new", "queuing", "scheduled", "waiting"), "queued"),
    **dict.fromkeys(("canceling", "aborting", "stopping"), "cancelling"),
    "finalising": "finalizing",
}
# What stands before the word where a status is the name of a constant: `BatchStatus.`, `JOB_STATE_`.
_BEFORE = re.compile(r"^(?:\w+\.|(?:\w+_)?(?:status|state)_|(?:job|batch)_)")
_INSIDE = ("state", "status", "phase", "value")  # where a status that is an object has its word
OVER = frozenset({"completed", "succeeded", "partial", "failed", "cancelled", "expired", "incomplete"})
"""The words after which nothing changes any more, in any family."""
ACTIVE = frozenset(
    {
        *("validating", "validating_files", "queued", "pending", "created", "submitted", "in_progress"),
        *("finalizing", "cancelling", "pausing", "paused", "requires_action"),
    }
)
"""The words of what is still going on, in any family."""
# The times that only what is over has, and how it ended then.
_ENDS = (
    ("failed_at", "failed"),
    ("expired_at", "expired"),
    ("cancelled_at", "cancelled"),
    ("canceled_at", "cancelled"),
    ("completed_at", "completed"),
    ("finished_at", "completed"),
)


def normalize_status(value: Any) -> str | None:
    """Return the platform's own word for a status, however it is spelled: `inProgress`, `JOB_STATE_FAILED`.

    It has no case, and `_` between words. None if it is no text, and no object with one.
    """
    if isinstance(value, dict):
        value = next((value[name] for name in _INSIDE if name in value), None)
    return _read_word(value) if isinstance(value, str) else None


@lru_cache(1024)  # there are few, and every object of a long list has one
def _read_word(value: str) -> str | None:
    if not value.strip():
        return None
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value)
    word = "_".join(parted.casefold().replace("-", " ").replace("_", " ").split())
    word = _BEFORE.sub("", word) or word
    return _SAME.get(word, word)


Status = Annotated[str | None, BeforeValidator(normalize_status)]
"""The type of a model's status: the platform's own word, however it was spelled."""


def state_of(source: Any) -> str:
    """Return the state of an object: its status, unless that is late or missing and a time tells how it ended.

    A word that nobody knows stays where a time tells only that it is over: not that it went well. "unknown" where
    neither tells anything.
    """
    word: str | None = source.status
    ended = _end_of(source) if word not in OVER else ""
    if ended == "completed" and word is not None and word not in ACTIVE:
        return word
    return ended or word or "unknown"


def is_running(source: Any) -> bool:
    """Return whether an object with a `status` may still change, as one in an unknown state without an end may."""
    return state_of(source) not in OVER and not _end_of(source)


def is_unknown(source: Any) -> bool:
    """Return whether nothing tells how an object is: its status is missing, or in no family's words."""
    return state_of(source) not in OVER | ACTIVE


def _end_of(source: Any) -> str:
    """Return how an object ended, as its times tell; "" where they tell nothing."""
    return next((ended for name, ended in _ENDS if unix_time(getattr(source, name, None)) is not None), "")
