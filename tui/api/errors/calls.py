"""What becomes of a call other than an answer: it is not made, or what it did is not known."""

from __future__ import annotations

from tui.api.errors.base import ApiError
from tui.config.reading import find_config_path

TAKEOUT = "the take-out"
"""Who wants nothing changed where a take-out is what answers."""


class ReadOnly(ApiError):
    """A write that was refused before anything left this machine."""

    about_caller = True

    def __init__(self, by: str = "") -> None:
        """`by` says who wants it so, such as `--read-only`; "" where that is the user, by `:ro`."""
        super().__init__("Writing is off: this is read-only.", advise_writing(by))


def explain_read_only(by: str) -> str:
    """Return as a clause that nothing may be changed, and what ends that; `by` is who wants it so."""
    if not by:
        return "read-only mode is on; :rw turns it off"
    advice = advise_writing(by)
    return f"read-only mode is on; {advice[0].lower()}{advice[1:].rstrip('.')}"


def advise_writing(by: str) -> str:
    """Return what ends read-only mode, by who wants it."""
    if not by:
        return "Turn it on with `:rw`."
    if by == TAKEOUT:
        return "Nothing in a take-out can be changed."
    if by.startswith("--"):
        return f"To write, start without {by}."
    if by.startswith("profile "):
        return f"To write, change read_only = true of {by} in {find_config_path()}."
    return f"To write, mend {find_config_path()} and start again."


class BadRequest(ApiError):
    """A request that cannot be put together, such as one for an empty id. Nothing was sent."""

    permanent = True


class OutcomeUnknown(ApiError):
    """A write whose outcome is not known: it may have been done, so it is never repeated."""

    def __init__(self, cause: ApiError) -> None:
        self.cause = cause
        """Why the outcome is not known."""
        self.alike: list[str] = []
        """The ids of what it may have made, as far as somebody looked."""
        super().__init__(
            f"It is not known whether this was done: {cause.sentence}",
            "Refresh and look before trying again: a second try could do it twice.",
        )

    @property
    def before_retry(self) -> str:
        """The same without the advice to look first."""
        return f"{self.cause.sentence} It may have been done, and paid for, all the same."


class NotDone(ApiError):
    """A write whose answer is no refusal, and says that it was not done."""
