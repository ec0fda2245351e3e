"""Asking before something is done: what is shown, what is warned of, and what must be typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError
from tui.resources.language.action import Risk
from tui.screens.dialogs.confirm import MOST, Confirm, ConfirmMany, Many, Thing
from tui.screens.dialogs.lookup import SILENT, look_up
from tui.toolkit.keys.key_order import keys_wait
from tui.workflows.consequences.consequences import UserSearch, describe_warning, find_word_to_type, needs_look
from tui.workflows.consequences.uses import PATIENCE
from tui.workflows.plan.calls import LOOK_BEHIND, NOTHING_DONE
from tui.workflows.plan.changes import UseLook
from tui.workflows.plan.plan import make_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.resources.language.objects import Record
    from tui.screens.actions.target import Target
    from tui.workflows.consequences.unseen import Unseen


class Agreement(NamedTuple):
    """The objects that something shall be done to, and what looks right before that for what uses them by then."""

    records: list[Record]
    look: UseLook | None = None


async def agree(app: App[Any], target: Target, records: Sequence[Record]) -> Agreement:
    """Ask before an action is done to `records`, and return those it shall be done to.

    Many or grave ones want a number or name typed. Of many that are to be deleted, those that something uses are
    left out unless they are ticked. What is typed before the question stands waits for it.
    """
    with keys_wait(app):
        return await _agree(app, target, records)


async def _agree(app: App[Any], target: Target, records: Sequence[Record]) -> Agreement:
    action, size = target.action, 0
    it = "it" if len(records) == 1 else "them"
    search = UserSearch(target.platform, target.resource, action, records, target.scope)
    looking = asyncio.ensure_future(search.run())
    try:
        words = f"Looking for what uses {it}…"
        title, things = _build_title(target, records), _list_things(target, records)
        if not await look_up(app, target.platform, title, things, words, looking, PATIENCE):
            return Agreement([])
        if len(records) > 1:
            size, warning = await asyncio.to_thread(_weigh, target, records)
        while True:
            if looking.done():
                await looking
            users = search.users
            gaps = _tell_gaps(target, search, it)
            if len(records) == 1:
                dialog = _ask_about_one(target, records[0], users, gaps)
            else:
                dialog = _ask_about_many(target, records, users, size, warning, gaps)

            def tell(_: object, dialog: Confirm = dialog, users: object = users) -> None:
                gaps = describe_gaps(search.unseen, it)
                dialog.tell(f"Nothing more was found. {gaps}".strip() if search.users == users else None)

            def tell_silence(dialog: Confirm = dialog) -> None:
                if not looking.done():
                    dialog.tell(_tell_gaps(target, search, it))

            if not looking.done():
                looking.add_done_callback(tell)
            end = target.platform.scheduler.listen(tell_silence)
            try:
                agreed = await app.push_screen_wait(dialog)
            finally:
                looking.remove_done_callback(tell)
                end()
            if not dialog.outdated:
                left = users.keys() - dialog.ticked if isinstance(dialog, ConfirmMany) else ()
                chosen = [record for record in records if record.id not in left] if agreed else []
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
    things = _list_things(target, records)
    words = "Looking once more for what uses it…"
    try:
        title = _build_title(target, records)
        if not await look_up(app, target.platform, title, things, words, looking, LOOK_BEHIND):
            return [], ""
        used, unknown = await looking
    finally:
        looking.cancel()
    if unknown:
        raise ApiError(unknown, NOTHING_DONE)
    free = [step.record for step in steps if step.call not in used]
    return free, " ".join(f"{step.name}: {used[step.call]}" for step in steps if step.call in used)


def _tell_gaps(target: Target, search: UserSearch, it: str) -> str:
    """Return in sentences what is not known by now, and that the server is waited for where it is."""
    gaps = describe_gaps(search.unseen, it)
    silent = target.platform.scheduler.is_silent and search.unseen.late
    return f"{SILENT} {gaps}" if silent else gaps


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
    if unseen.later:
        told.append(
            f"Not read yet: {', '.join(dict.fromkeys(unseen.later))}. All of it is read before anything is "
            "deleted; what is in use there is left alone."
        )
    if unseen.beyond:
        words = f"Not looked at, as there are too many: {', '.join(dict.fromkeys(unseen.beyond))}."
        told.append(f"{words} What uses {it} there, if anything, would lose {it}.")
    return " ".join(told)


def _build_title(target: Target, records: Sequence[Record]) -> str:
    one = len(records) == 1
    what = f"this {target.resource.singular}" if one else f"{len(records):,} {target.resource.name}"
    return f"{target.action.label.capitalize()} {what}{target.platform.whose}?"


def _list_things(target: Target, records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the objects to name while something is looked up."""
    return [(record.id, target.describe(record)) for record in records[:MOST]]


def _weigh(target: Target, records: Sequence[Record]) -> tuple[int, str]:
    """Return the size of many objects in bytes, and what to say before they are gone; any thread may call it."""
    return sum(map(_size_of, records)), describe_warning(target.action, records)


def _ask_about_one(target: Target, record: Record, users: Mapping[str, str], gaps: str) -> Confirm:
    """Return the question on one object, with what is known by now."""
    action = target.action
    return Confirm(
        _build_title(target, [record]),
        [(record.id, target.describe(record))],
        " ".join(filter(None, (*users.values(), action.warn(record.object)))),
        gaps,
        verb=action.label,
        left=target.left_out,
        typed=find_word_to_type(target.resource, record) if action.risk is Risk.GRAVE else "",
    )


def _ask_about_many(
    target: Target, records: Sequence[Record], users: Mapping[str, str], size: int, warning: str, gaps: str
) -> Confirm:
    """Return the question on many objects of some size, with what is known by now."""
    action = target.action
    free = [record for record in records if record.id not in users]
    held = [record for record in records if record.id in users] if users else []
    held_size = sum(map(_size_of, held))
    be = "is" if len(held) == 1 else "are"
    marked = f"{len(held):,} of the {len(target.chosen):,} marked {be} in use, and left alone unless ticked."
    counted = marked if held else ""
    return ConfirmMany(
        action.label.capitalize(),
        (target.resource.singular, target.resource.name),
        Many([_build_thing(target, record) for record in free[:MOST]], len(free), size - held_size),
        Many([_build_thing(target, record, users[record.id]) for record in held[:MOST]], len(held), held_size),
        warning,
        gaps,
        verb=action.label,
        left=" ".join(filter(None, (counted, target.left_out))),
        whose=target.platform.whose,
    )


def _size_of(record: Record) -> int:
    size = record.raw.get("bytes")
    return size if isinstance(size, int) else 0


def _build_thing(target: Target, record: Record, use: str = "") -> Thing:
    """Return the row of an object in the dialog."""
    return Thing(record.id, f"{target.describe(record)}  {use}".strip(), _size_of(record))
