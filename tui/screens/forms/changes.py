"""The title of a form, and the question before a change that gives somebody power or money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Risk
from tui.resources.language.forms import start_values
from tui.resources.language.questions import gives_power
from tui.resources.language.resource import title_of
from tui.screens.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.input.form_field import FormField


def changes_object(action: Action, record: Record | None) -> bool:
    """Return whether a form changes an object: it sends the fields touched, or the whole of it again."""
    return record is not None and (action.edits or (action.on != "list" and action.name == "edit"))


def label_of(resource: Resource, action: Action, record: Record | None, name: str = "") -> str:
    """Return kind and name of the object that a form changes; "" where it makes one."""
    if record is None or action.on == "list":
        return ""
    own = record.at("name")
    named = own if isinstance(own, str) and own else title_of(resource, record) or name or record.id
    title = "" if resource.single else named
    return f"{resource.singular} {title}".strip()


def build_title(
    resource: Resource, action: Action, record: Record | None, name: str = ""
) -> list[tuple[str, str]]:
    """Return the title of a form, as parts of a line: the action, and its object."""
    label = action.label
    if about := label_of(resource, action, record, name):
        between = "" if changes_object(action, record) else ":"
        return [(f" {_change_in_words(action, about, between)}", "strong")]
    like = f"  as {record.id}" if record and start_values(action, record) else ""
    return [(f" {resource.name}", "strong"), (f"  {label}", ""), (like, "dim")]


def _change_in_words(action: Action, about: str, between: str = "") -> str:
    """Return an action and its object as people say it: `Edit user Ada`, `Change role of user Ada`."""
    of = " of" if action.label.startswith("change ") and about else between
    return f"{action.label.capitalize()}{of} {about}".strip()


async def confirm_change(app: App[Any], action: Action, about: str, fields: Iterable[FormField]) -> bool:
    """Ask again before somebody gets power or money, naming what changes; not where that was asked already."""
    changed = [(field.question, change) for field in fields if (change := field.find_change())]
    weighty = [question for question, _ in changed if gives_power(question)]
    if not weighty or action.risk in (Risk.STOP, Risk.GRAVE):
        return True
    things = [(question.words, " → ".join(change)) for question, change in changed]
    warning = " ".join(dict.fromkeys(question.description for question in weighty))
    dialog = Confirm(f"{_change_in_words(action, about)}?", things, warning, verb=action.label.split()[0])
    answer: bool = await app.push_screen_wait(dialog)
    return answer
