"""What became of the objects of a command: a line of JSON for each, sentences, and the exit code for all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import (
    ApiError,
    BadAnswer,
    LinkError,
    LocalFileError,
    NoKey,
    QuotaExceeded,
    RateLimited,
    ReadOnly,
    Redirected,
    ServerError,
    Unauthorized,
)
from tui.headless.writes.targets import write_deletion
from tui.live.lost_answers import makes_another
from tui.live.writes.answer_checks import describe_call, find_made_id, is_asked_for
from tui.resources.language.action import Ask, Call, Fetch
from tui.resources.language.reading.amounts import dump_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.headless.writes.targets import Target
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

# Exit codes, besides 0 and, for wrong usage, 2.
FAULT, SOME_FAILED, NONE_DONE, DISK, UNKNOWN = 1, 3, 4, 6, 7
WORDS = {
    "done": "done",
    "asked": "asked for, and still as before",
    "planned": "would be done",
    "kept": "there already",
    "unchanged": "unchanged",
    "gone": "gone already",
    "used": "used, and left alone",
    "unchecked": "left alone, as it is not known whether something uses it",
    "refused": "cannot be done",
    "failed": "failed",
    "unknown": "not known",
    "skipped": "not tried",
}
"""The words for each state, in the order in which they are told."""
_ONE = {
    "unchanged": "{}: nothing is changed, so nothing was sent.",
    "planned": "Nothing was called: this was a dry run.",
    "skipped": "{}: nothing was done.",
}
_REASONS = 3  # why an object failed that are told
_GOOD = ("done", "asked", "planned", "unchanged", "kept")
# Of the server, the link or the key: another object would have met the same.
_FAULTS = (
    LinkError,
    BadAnswer,
    ServerError,
    RateLimited,
    QuotaExceeded,
    Unauthorized,
    NoKey,
    ReadOnly,
    Redirected,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object: `done`, or the word for why not."""

    name: str
    """How it is called in sentences."""
    state: str
    line: dict[str, Any]
    """The object of the line of output."""
    error: ApiError | None = None
    words: str = ""
    """What is told of it beside the output; "" for nothing."""
    lost_secret: str = ""
    """What to say where the line of output tells a secret, and could not be printed; "" for no secret."""

    @property
    def sentence(self) -> str:
        """The same with its name."""
        return self.words if not self.words or self.name in self.words else f"{self.name}: {self.words}"

    @property
    def good(self) -> bool:
        """Whether what was asked for is so."""
        return self.state in _GOOD

    def json(self) -> str:
        """Return the line of output."""
        return dump_json(self.line)


Reason = ApiError | str | None  # why something was not done, and None where it was


class Outcomes:
    """What became of the objects of a command, each told as it comes."""

    def __init__(self, platform: Platform, tell: Callable[[Outcome], None]) -> None:
        self.all: list[Outcome] = []
        self._platform, self._tell = platform, tell

    def add(
        self,
        resource: Resource,
        action: Action,
        target: Target,
        state: str,
        error: Reason = None,
        *,
        name: str = "",
        answer: Mapping[str, Any] | None = None,
        sent: Mapping[str, Any] | None = None,
        note: str = "",
        **more: Any,
    ) -> None:
        """Keep and tell what became of an object.

        `answer` is the platform's to what was `sent`, `note` is told beside the output, `more` goes into the line.
        """
        kind, id_ = resource, target.id
        if state == "done" and answer and is_asked_for(action, answer):
            state = "asked"
        if answer and makes_another(action, target.scope):
            id_ = find_made_id(resource, answer, sent or {})
            kind = _find_kind(self._platform, resource, action, id_)
        whose = {"profile": self._platform.account} if self._platform.account else {}
        line: dict[str, Any] = {**whose, "resource": kind.name, "action": action.name, **target.scope}
        line |= {"id": id_, "outcome": state, **more}
        if answer is not None:
            line["object"] = answer
        if error:
            line["error"] = str(error)
        name = name or target.name or id_ or resource.singular
        failure = error if isinstance(error, ApiError) else None
        lost = ""
        if state == "done" and isinstance(action.does, Ask) and action.does.secret:
            made = _find_secret_id(line)
            owner = f"the {kind.singular} {id_}" if made != id_ else ""
            lost = describe_lost_secret(made, write_deletion(kind, line, id_), owner)
        outcome = Outcome(name, state, line, failure, str(error or note), lost)
        self.all.append(outcome)
        self._tell(outcome)


def _find_kind(platform: Platform, resource: Resource, action: Action, id_: str) -> Resource:
    """Return the resource of what an action has made: another than its own where the id says so."""
    found = platform.find(id_)
    if found is None or (resource.prefixes and id_.startswith(resource.prefixes)):
        return resource
    return found if action.on != "list" or found.parent == resource.parent else resource


def describe_failure(action: Action, answer: Mapping[str, Any]) -> str:
    """Return a sentence on a new object that has failed at once, with the reasons it gives; "" for none."""
    if action.on != "list" or answer.get("status") not in ("failed", "error"):
        return ""
    told = answer.get("errors") or answer.get("error") or answer.get("last_error") or answer.get("status_details")
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        told = told["data"]
    reasons = [
        each.get("message") if isinstance(each, dict) else each
        for each in (told if isinstance(told, list) else [told])
    ]
    said = " ".join(str(each) for each in reasons[:_REASONS] if each)
    return f"It was made, and has failed at once{f': {said}' if said else ''}".rstrip(".") + "."


def describe_done(action: Action, what: str, outcomes: Sequence[Outcome]) -> str:
    """Return a sentence on how it went: what was done to `what`, and how much else there was."""
    counts = Counter(outcome.state for outcome in outcomes)
    if not outcomes:
        return ""
    if len(outcomes) == 1:
        only = outcomes[0]
        return (
            _describe_one(action, only)
            if only.state in ("done", "asked")
            else _ONE.get(only.state, "").format(only.name)
        )
    told = [f"{counts.pop(state):,} {words}" for state, words in WORDS.items() if counts[state]]
    return f"{action.label.capitalize()}, {len(outcomes):,} {what}: {', '.join(told)}."


def _describe_one(action: Action, outcome: Outcome) -> str:
    """Return a sentence on what was done to one object."""
    match action.does:
        case Ask(secret=secret) if secret:
            return f"Created {_find_secret_id(outcome.line)}. Its secret is told this once: keep it."
        case Ask(edit=True):
            return f"Changed {outcome.name}."
        case Ask() if action.on == "list":
            return f"Created {outcome.line['id'] or outcome.name}."
        case Call():
            return describe_call(action, outcome.name, outcome.line.get("object") or {})
        case Fetch():
            return f"Saved {outcome.line['path']}."
    return "" if action.operation.reads_only else f"{action.label.capitalize()}: {outcome.name}."


def describe_lost_secret(id_: str, deletion: str, owner: str = "") -> str:
    """Return in sentences that the secret of something new could not be printed.

    `deletion` is the command that deletes it, or its `owner`, with which alone it goes.
    """
    then = f"It goes with {owner} and all its keys only" if owner else "Nobody can use it, so delete it"
    return f"{id_} is there, and its secret is lost: it is told once, and could not be printed. {then}: {deletion}"


def _find_secret_id(line: Mapping[str, Any]) -> str:
    """Return the id of what a secret is of: of the new object, or of the key that an object was given."""
    made = line.get("object") or {}
    return str(made.get("id") or line["id"])


def exit_code_of(outcomes: Sequence[Outcome], *, stopped: int = 0, saves: bool = False) -> int:
    """Return the exit code for all objects of a command.

    `stopped` is the one of the signal that stopped it, `saves` says that it writes files.
    """
    if any(outcome.state == "unknown" for outcome in outcomes):
        return UNKNOWN
    bad = [outcome for outcome in outcomes if not outcome.good]
    if stopped:
        return stopped
    if saves and any(isinstance(outcome.error, LocalFileError) for outcome in bad):
        return DISK
    if not bad:
        return 0
    if len(bad) < len(outcomes):
        return SOME_FAILED
    return code_of_failure([outcome.error for outcome in bad])


def code_of_failure(errors: Sequence[ApiError | None]) -> int:
    """Return the exit code where nothing was done, by why that is for each object."""
    return FAULT if all(isinstance(error, _FAULTS) for error in errors) else NONE_DONE
