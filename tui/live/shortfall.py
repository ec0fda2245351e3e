"""Parts that are missing of something read in many, and why: one bad part never stops the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    LinkError,
    NoKey,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Redirected,
    ServerError,
    StatusError,
    Unauthorized,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Answers that stay until something is changed on the platform, and faults that may pass by themselves.
CLOSED = (NotFound, Forbidden)
PASSING = (ServerError, LinkError, BadAnswer)
HOPELESS = (Unauthorized, NoKey, QuotaExceeded)  # the same for every part until somebody does something
IN_A_ROW = 5  # parts that fail one after another for a passing reason: then the server is at fault, not the part
NAMED = 3  # parts that a sentence names


def affects_all(error: ApiError) -> bool:
    """Return whether every part is likely to fail like this now; what is not `HOPELESS` may be the part's own."""
    if isinstance(error, LinkError):
        return error.reason not in ("timeout", "cut")
    return isinstance(error, (*HOPELESS, RateLimited))


def name_reason(error: ApiError) -> str:
    """Return why a part could not be read, in a word or two: `500`, `no answer in time`, `bad answer`."""
    if isinstance(error, StatusError | Redirected):
        return str(error.status)
    if isinstance(error, LinkError):
        return {"timeout": "no answer in time", "cut": "cut off"}.get(error.reason, error.reason)
    if isinstance(error, BadAnswer):
        return {"cut": "cut off", "part": "gives no more"}.get(error.reason, "bad answer")
    return error.sentence


def describe_cut() -> BadAnswer:
    """Return the failure of a list that says there is more of it and gives no way to read on."""
    return BadAnswer("part", "The server has more of this than it gave.")


def describe_unreadable() -> BadAnswer:
    """Return the failure of a list with something in it that is no object."""
    return BadAnswer("shape", "The server listed something that cannot be read.")


def describe_doubled(count: int) -> str:
    """Return in words how many objects came twice: `2 objects came twice with different contents`; "" for none."""
    return f"{count:,} object{'s' if count != 1 else ''} came twice with different contents" if count else ""


def describe_lists(faults: Mapping[str, ApiError]) -> Iterator[tuple[str, ApiError]]:
    """Yield a sentence for each reason that lists could not be read, `faults` by their names, and the fault."""
    for names, error in group_alike(faults):
        yield f"Could not read {join_words(names)}: {error.sentence}", error


def describe_absent(names: Iterable[str]) -> str:
    """Return a sentence on what a server does not have."""
    return f"Not on this server: {', '.join(names)}."


def group_alike(faults: Mapping[str, ApiError]) -> Iterator[tuple[list[str], ApiError]]:
    """Yield the names of what fails for the same reason, and the fault of the first."""
    alike: dict[str, list[str]] = {}
    for name, error in faults.items():
        alike.setdefault(error.sentence, []).append(name)
    for names in alike.values():
        yield names, faults[names[0]]


def join_words(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: `batches, files and models`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def describe_missing(parts: str, total: int, failed: Mapping[str, ApiError], then: str = "") -> str:
    """Return what is missing: `2 of 230 projects could not be read: proj_005 (500), …`; "" for nothing.

    `parts` is what they are called, `failed` holds why by id, and `then` says what will be done.
    """
    if not failed:
        return ""
    named = [f"{id_} ({name_reason(error)})" for id_, error in list(failed.items())[:NAMED]]
    if len(failed) > NAMED:
        named.append(f"and {len(failed) - NAMED:,} more")
    end = f"; {then}" if then else ""
    is_begun = all(isinstance(error, BadAnswer) and error.reason == "part" for error in failed.values())
    how = "could not be read whole" if is_begun else "could not be read"
    return f"{len(failed):,} of {total:,} {parts} {how}: {', '.join(named)}{end}."
