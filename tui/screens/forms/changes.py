"""The title of a form, and the question before a change that gives somebody power or money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Risk
from tui.resources.language.asking.forms import start_values
from tui.resources.language.asking.questions import gives_power
from tui.resources.language.resource import title_of
from tui.screens.dialogs.confirm import Confirm
from tui.screens.forms.choosing import describe_chosen
from tui.text import fit
from tui.workflows.consequences.consequences import describe_power_lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.input.form_field import FormField

_SHORT = 18  # cells of an id in a title


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
        words = _describe_action(action, about, is_change=changes_object(action, record))
        return [(f" {words}", "strong")]
    copied = record is not None and bool(start_values(action, record))
    like = ""
    if record and copied:
        like = f"  like {title_of(resource, record) or name or fit(record.id, _SHORT, middle=True).rstrip()}"
    return [(f" {resource.name}", "strong"), (f"  {label}", ""), (like, "dim")]


def _describe_action(action: Action, about: str, *, is_change: bool) -> str:
    """Return an action and its object as people say it: `Edit user Ada`, `Change role of user Ada`."""
    link = ":" if not is_change else " of" if " " in action.label else ""
    return f"{action.label.capitalize()}{link if about else ''} {about}".strip()


async def confirm_change(
    app: App[Any],
    platform: Platform,
    resource: Resource,
    action: Action,
    record: Record | None,
    fields: Iterable[FormField],
) -> bool:
    """Ask again before somebody gets power or money, naming what changes; not where that was asked already.

    `record` is the object that is changed, or from which another is made.
    """
    about = label_of(resource, action, record)
    changes = bool(about)
    changed = [(field.question, change) for field in fields if (change := field.find_change())]
    weighty = [question for question, _ in changed if gives_power(question)]
    asked_already = action.risk in (Risk.STOP, Risk.GRAVE)
    if asked_already or not (weighty or action.risk is Risk.CHANGE):
        return True
    things = [
        (question.words, _describe_change(platform, question, change if changes else change[1:]))
        for question, change in changed
    ]
    lost = await describe_power_lost(platform, resource, action, record) if weighty else ""
    warnings = dict.fromkeys([action.warn(None), *(question.description for question in weighty), lost])
    verb = action.label.split()[0]
    dialog = Confirm(
        f"{_describe_action(action, about, is_change=changes_object(action, record))}{platform.whose}?",
        things,
        " ".join(filter(None, warnings)),
        verb="create" if verb == "new" else verb,
    )
    answer: bool = await app.push_screen_wait(dialog)
    return answer


def _describe_change(platform: Platform, question: Question, change: Sequence[str]) -> str:
    """Return what changes, objects by their names too: `reader → owner`, `nothing → Billing (role_…)`."""
    names = [describe_chosen(platform, question, value).partition(" · ")[0] for value in change]
    return " → ".join(f"{name} ({value})" if name else value for name, value in zip(names, change, strict=True))
