"""What is asked before something is done: as much as on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.headless.writes.orders import Consent, Order
from tui.headless.writes.requests import model_of
from tui.headless.writes.targets import Target, make_stand_in
from tui.resources.language.action import Risk
from tui.resources.language.asking.inputs import Paid
from tui.resources.language.asking.questions import gives_power, list_questions
from tui.resources.language.column import ODD_DATA
from tui.resources.language.resource import title_of
from tui.workflows.consequences.consequences import (
    describe_power_lost,
    describe_repetition,
    describe_warning,
    find_word_to_type,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.live.platform import Platform
    from tui.resources.language.asking.assignments import Given
    from tui.resources.language.asking.questions import Question


async def build_question(
    platform: Platform, order: Order, targets: Sequence[Target], given: Given | None, warnings: Sequence[str]
) -> Consent | None:
    """Return what has to be asked before an order is carried out; None for what is done at once."""
    action, resource = order.action, order.resource
    several = len(targets) > 1 and not action.operation.reads_only
    weighty, paid, lost = [], "", list[str]()
    if given is not None and not action.operation.reads_only:
        weighty = _find_power(order, given)
        paid = await _find_repetition(platform, order, given)
        for target in targets if weighty else ():
            lost.append(await describe_power_lost(platform, resource, action, target.record))
    if action.risk is Risk.NONE and not (weighty or paid or several):
        return None
    things = [] if action.on == "list" else [(each.name, _find_title(order, each)) for each in targets]
    values = given.values if given else {}
    things += [(field.name, _describe_change(field, values.get(field), targets)) for field in weighty]
    general = _warn(platform, order, targets)
    words = [*warnings, general, *(field.description for field in weighty), paid, *lost]
    what = resource.singular if len(targets) == 1 else f"{len(targets):,} {resource.name}"
    title = action.label.capitalize() if action.on == "list" else f"{action.label.capitalize()} {what}"
    typed = f"{len(targets)}" if several else ""
    if action.risk is Risk.GRAVE and action.on != "list" and not several:
        typed = find_word_to_type(resource, make_stand_in(platform, resource, targets[0]))
    said = list(dict.fromkeys(filter(None, words)))
    return Consent(f"{title}{platform.whose}?", things, said, len(targets), action.label, typed, general)


def _find_title(order: Order, target: Target) -> str:
    return title_of(order.resource, target.record) if target.record else ""


def _describe_change(field: Question, value: Any, targets: Sequence[Target]) -> str:
    """Return what a field is to be, and what it is now where that is known: `reader → owner`."""
    after = field.write(value) or "nothing"
    if len(targets) != 1 or targets[0].record is None:
        return after
    return f"{field.write(targets[0].record.at(field.name)) or 'nothing'} → {after}"


def _warn(platform: Platform, order: Order, targets: Sequence[Target]) -> str:
    """Return a sentence on what follows."""
    records = [make_stand_in(platform, order.resource, target) for target in targets]
    try:
        if order.action.on == "list":
            return order.action.warn(None)
        several = len(records) > 1
        return describe_warning(order.action, records) if several else order.action.warn(records[0].object)
    except ODD_DATA:
        return ""


def _find_power(order: Order, given: Given) -> list[Question]:
    """Return the fields given that give somebody power or money."""
    model = model_of(order.action)
    fields = list_questions(model) if model else ()
    return [field for field in fields if gives_power(field) and (field in given.values or field in given.entries)]


async def _find_repetition(platform: Platform, order: Order, given: Given) -> str:
    """Return a sentence on an object that did the work which is ordered, and paid for, again; "" for none."""
    paid = [field for field, value in given.values.items() if field.mark(Paid) and value]
    if not paid:
        return ""
    await platform.watch(order.resource).refresh()
    found = (describe_repetition(platform, order.resource, field, given.values[field]) for field in paid)
    return next(filter(None, found), "")
