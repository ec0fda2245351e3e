"""Asking before something is done: what is shown, what is warned of, and what must be typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError
from tui.resources.language.action import Risk
from tui.screens.dialogs.confirm import Confirm, ConfirmMany, Thing
from tui.screens.dialogs.lookup import look_up
from tui.workflows.consequences.consequences import UserSearch, describe_warning, needs_look, word_to_type
from tui.workflows.consequences.uses import PATIENCE
from tui.workflows.plan.calls import LOOK
from tui.workflows.plan.changes import UseLook
from tui.workflows.plan.plan import make_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.resources.language.objects import Record
    from tui.screens.actions.target import Target
    from tui.workflows.consequences.uses import Unseen


class Agreement(NamedTuple):
    """The objects that something shall be done to, and what looks right before that for what uses them by then."""

    records: list[Record]
    look: UseLook | None = None


async def agree(app: App[Any], target: Target, records: Sequence[Record], left_out: int = 0) -> Agreement:
    """Ask before an action is done to `records`, and return those it shall be done to.

    Many or grave ones want a number or name typed. Of many that are to be deleted, those that something uses are
    left out unless they are ticked. `left_out` counts the marked objects that it cannot be done to.
    """
    action = target.action
    it = "it" if len(records) == 1 else "them"
    things = [(record.id, target.describe(record)) for record in records]
    search = UserSearch(target.platform, target.resource, action, records, target.scope)
    looking = asyncio.ensure_future(search.run())
    try:
        words = f"Looking for what uses {it}…"
        if not await look_up(app, _build_title(target, records), things, words, looking, PATIENCE):
            return Agreement([])
        while True:
            if looking.done():
                await looking
            users = search.users
            dialog = _build_dialog(target, records, users, left_out, describe_gaps(search.unseen, it))

            def tell(_: object, dialog: Confirm = dialog, users: object = users) -> None:
                gaps = describe_gaps(search.unseen, it)
                dialog.tell(f"Nothing more was found. {gaps}".strip() if search.users == users else None)

            if not looking.done():
                looking.add_done_callback(tell)
            try:
                agreed = await app.push_screen_wait(dialog)
            finally:
                looking.remove_done_callback(tell)
            if not dialog.outdated:
                chosen = [record for record in records if record.id in dialog.agreed] if agreed else []
                is_looked_at = needs_look(target.resource, action)
                look = UseLook(target.platform, users, search.unseen.open) if is_looked_at else None
                return Agreement(chosen, look)
    finally:
        looking.cancel()


async def leave_used(app: App[Any], target: Target, agreement: Agreement) -> tuple[list[Record], str]:
    """Look once more for what uses the objects, and return those that nothing uses by now; and why not the others.

    Raises ApiError where that is not known.
    """
    records, look = agreement
    if look is None or not records:
        return records, ""
    steps = make_steps(target.platform, target.resource, target.scope, records, target.action)
    looking = asyncio.ensure_future(look.find(steps))
    things = [(record.id, target.describe(record)) for record in records]
    words = "Looking once more for what uses it…"
    try:
        if not await look_up(app, _build_title(target, records), things, words, looking, LOOK):
            return [], ""
        used, unknown = await looking
    finally:
        looking.cancel()
    if unknown:
        raise ApiError(unknown, "Nothing was done; try again, and it is asked about.")
    free = [step.record for step in steps if step.call not in used]
    return free, " ".join(f"{step.name}: {used[step.call]}" for step in steps if step.call in used)


def describe_gaps(unseen: Unseen, it: str) -> str:
    """Return in sentences where something may use the objects (`it`) that was not looked at, and what to do."""
    told = []
    if unseen.late:
        told.append(f"Still looking in {', '.join(unseen.late)}: what is found is said here.")
    if unseen.failed:
        why = f": {unseen.fault.sentence}" if unseen.fault else "."
        told.append(
            f"Not looked at: {', '.join(dict.fromkeys(unseen.failed))}{why} Something there may use {it}: "
            "leave this and try again, or go on without knowing."
        )
    if unseen.unasked:
        told.append(
            "Not looked at yet, as the requests of this minute are used up: "
            f"{', '.join(dict.fromkeys(unseen.unasked))}. It is before anything is done."
        )
    if unseen.beyond:
        words = f"Not looked at, as there are too many: {', '.join(dict.fromkeys(unseen.beyond))}."
        told.append(f"{words} What uses {it} there, if anything, would lose {it}.")
    return " ".join(told)


def _build_title(target: Target, records: Sequence[Record]) -> str:
    one = len(records) == 1
    what = f"this {target.resource.singular}" if one else f"{len(records):,} {target.resource.name}"
    return f"{target.action.label.capitalize()} {what}{target.platform.whose}?"


def _build_dialog(
    target: Target, records: Sequence[Record], users: Mapping[str, str], left_out: int, gaps: str
) -> Confirm:
    """Return the question, with what is known by now."""
    action = target.action
    if len(records) == 1:
        record = records[0]
        return Confirm(
            _build_title(target, records),
            [(record.id, target.describe(record))],
            " ".join(filter(None, (*users.values(), action.warn(record.object)))),
            gaps,
            verb=action.label,
            typed=word_to_type(target.resource, record) if action.risk is Risk.GRAVE else "",
        )
    return ConfirmMany(
        action.label.capitalize(),
        target.resource.name,
        [_build_thing(target, record) for record in records if record.id not in users],
        [_build_thing(target, record, users[record.id]) for record in records if record.id in users],
        " ".join(filter(None, (_exclusion(left_out), describe_warning(action, records)))),
        gaps,
        verb=action.label,
        whose=target.platform.whose,
    )


def _exclusion(number: int) -> str:
    """Return a sentence on the marked objects that are left out."""
    if not number:
        return ""
    return f"{number:,} of the marked {'is' if number == 1 else 'are'} left out: not possible there."


def _build_thing(target: Target, record: Record, use: str = "") -> Thing:
    """Return the row of an object in the dialog."""
    size = record.at("bytes")
    return Thing(record.id, f"{target.describe(record)}  {use}".strip(), size if isinstance(size, int) else 0)
