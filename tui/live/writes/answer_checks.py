"""Whether the answer to a write says that it was done: to what was asked for, and with what it tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer, NotDone, OutcomeUnknown
from tui.resources.language.action import Ask, Open
from tui.resources.language.cells import with_article
from tui.resources.language.reading.statuses import OVER, normalize_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.addresses import Addresses
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

_CANCELLED = ("cancelling", "cancelled")


def check_answer(
    addresses: Addresses,
    resource: Resource,
    scope: Mapping[str, str],
    id_: str | None,
    action: Action,
    body: Mapping[str, Any],
    answer: Mapping[str, Any],
) -> None:
    """Check the answer to a write for the object `id_`, or (None) for the list.

    Raises:
        NotDone: it says that it was not done.
        OutcomeUnknown: it tells of another object, or not what became of this one.
    """
    if id_ and len(action.operation.placeholders) > len(scope):
        found = answer.get(resource.identify)
        if isinstance(found, str) and found != id_ and found.startswith(resource.prefixes or ("\0",)):
            raise _unclear(f"The server answered for another {resource.singular}, {found}.")
        if action.removes and _says_no(answer.get("deleted")):
            raise NotDone(
                "The server answered that it was not deleted.", "Refresh and look whether it is still there."
            )
        if action.name == "cancel":
            _check_cancelled(answer)
    if action.edits:
        _check_changed(body, answer)
    if id_ and len(action.operation.placeholders) > len(scope):
        return
    for name, value in body.items():
        told = answer.get(name)
        if name == "model" or not (isinstance(value, str) and isinstance(told, str)):
            continue
        if value != told and addresses.find(value):
            raise _unclear(f"The server answered for another {resource.singular}: its {name} is {told}.")
    makes = action.on == "list" and isinstance(action.does, Ask | Open) and not action.removes
    if not makes or resource.get is None or resource.single:
        return
    if not action.operation.path.startswith(resource.get.path.rpartition("/")[0]):  # such as grading a text
        return
    several = answer.get("data")  # where several are made at once
    each_made = several if isinstance(several, list) and several and "id" not in answer else [answer]
    if not all(isinstance(made, dict) and find_made_id(resource, made, body) for made in each_made):
        raise _unclear(f"The server answered without the id of {with_article(resource.singular)}.")


def find_made_id(resource: Resource, answer: Mapping[str, Any], sent: Mapping[str, Any]) -> str:
    """Return the id of a new object: in the answer, or in the request where that names what is put in; or ""."""
    own = resource.get.placeholders[-1] if resource.get and not resource.single else ""
    told = (answer.get("id"), answer.get(resource.identify), answer.get(own), sent.get(own))
    return next((each for each in told if isinstance(each, str) and each.strip()), "")


def is_cancelled(raw: Mapping[str, Any]) -> bool:
    """Return whether an object is cancelled, or soon will be."""
    return normalize_status(raw.get("status")) in _CANCELLED


def is_asked_for(action: Action, raw: Mapping[str, Any]) -> bool:
    """Return whether an action was taken and its object, as the answer has it, is as before so far.

    Cancelling may be answered with the status from before, as that of a vector store's files is.
    """
    return action.name == "cancel" and not is_cancelled(raw)


def describe_call(action: Action, name: str, answer: Mapping[str, Any]) -> str:
    """Return a sentence on a call that was made for an object."""
    if is_asked_for(action, answer):
        return f"Asked to cancel {name}; it is still {answer.get('status')}."
    return f"{action.past} {name}."


def _check_changed(body: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Check that an answer has the plain values that were sent, as far as it has fields of these names."""
    for name, value in body.items():
        told = answer.get(name)
        if name != "model" and _differ(value, told):  # of a model it may tell the snapshot
            raise _unclear(f"The server answered that its {name.replace('_', ' ')} is {told!s:.60}.")


def _differ(sent: object, told: object) -> bool:
    if isinstance(sent, str) and isinstance(told, str):
        return sent.strip().casefold() != told.strip().casefold()
    if isinstance(sent, bool) or isinstance(told, bool):
        return isinstance(sent, bool) and isinstance(told, bool) and sent is not told
    return isinstance(sent, int | float) and isinstance(told, int | float) and sent != told


def _says_no(value: Any) -> bool:
    return value is not None and (not value or str(value).strip().casefold() in ("false", "no", "0"))


def _check_cancelled(answer: Mapping[str, Any]) -> None:
    status = normalize_status(answer.get("status"))
    if status is None:
        raise _unclear("The server did not say how it is.")
    if status in OVER and status not in _CANCELLED:
        raise NotDone(f"It was not cancelled: it was {answer['status']} before.")


def _unclear(sentence: str) -> OutcomeUnknown:
    return OutcomeUnknown(BadAnswer("shape", sentence))
