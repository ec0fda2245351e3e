"""Asking before something is done: what is shown, what is warned of, and what must be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Risk
from tui.screens.dialogs.confirm import Confirm, ConfirmMany, Thing
from tui.screens.dialogs.lookup import look_up
from tui.workflows.consequences import describe_warning, find_users, word_to_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.resources.language.objects import Record
    from tui.screens.actions.target import Target


async def agree(app: App[Any], target: Target, records: Sequence[Record], left_out: int = 0) -> list[Record]:
    """Ask before an action is done to `records`, and return those it shall be done to.

    Many or grave ones want a number or name typed. Of many that are to be deleted, those that something uses are
    left out unless they are ticked. `left_out` counts the marked objects that it cannot be done to.
    """
    action = target.action
    one = len(records) == 1
    what = f"this {target.resource.singular}" if one else f"{len(records):,} {target.resource.name}"
    title = f"{action.label.capitalize()} {what}?"
    things = [(record.id, target.describe(record)) for record in records]
    users_found = find_users(target.platform, target.resource, action, records, target.scope)
    looked = await look_up(app, title, things, f"Looking for what uses {'it' if one else 'them'}…", users_found)
    if looked is None:
        return []
    users, unseen = looked
    not_looked = str(unseen)
    dialog: Confirm | ConfirmMany
    if one:
        record = records[0]
        dialog = Confirm(
            title,
            things,
            " ".join(filter(None, (*users.values(), action.warn(record.object), not_looked))),
            verb=action.label,
            typed=word_to_type(target.resource, record) if action.risk is Risk.GRAVE else "",
        )
    else:
        dialog = ConfirmMany(
            action.label.capitalize(),
            target.resource.name,
            [_thing(target, record) for record in records if record.id not in users],
            [_thing(target, record, users[record.id]) for record in records if record.id in users],
            " ".join(filter(None, (_exclusion(left_out), describe_warning(action, records), not_looked))),
            verb=action.label,
        )
    if not await app.push_screen_wait(dialog):
        return []
    return [record for record in records if record.id in dialog.agreed]


def _exclusion(number: int) -> str:
    """Return a sentence on the marked objects that are left out."""
    if not number:
        return ""
    return f"{number:,} of the marked {'is' if number == 1 else 'are'} left out: not possible there."


def _thing(target: Target, record: Record, use: str = "") -> Thing:
    """Return the row of an object in the dialog."""
    size = record.at("bytes")
    return Thing(record.id, f"{target.describe(record)}  {use}".strip(), size if isinstance(size, int) else 0)
