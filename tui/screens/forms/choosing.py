"""What a question of a form can be answered with from a list, and the choice among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError
from tui.resources.language.asking.inputs import Among, FileRef
from tui.resources.language.asking.questions import QuestionKind
from tui.resources.language.column import CellContext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.asking.questions import Question
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.input.form_field import FormField


class Choices(NamedTuple):
    """The list that a question can be answered from."""

    platform: Platform
    resource: Resource
    scope: Mapping[str, str]
    """The path parameters of the parents."""
    path: str
    """Where the objects have the values that are asked for; "" for their ids."""


def find_choices(
    platform: Platform, question: Question, resource: Resource, scope: Mapping[str, str], record: Record | None
) -> Choices | None:
    """Return the list a question is answered from, where it can be read from here; None otherwise.

    The form is about a `record` of a `resource`, or about their list in a scope.
    """
    if not question.resource:
        return None
    listed, among = platform.registry[question.resource], question.mark(Among)
    child = resource.child(listed.name) if record else None
    if record and child:
        try:
            scope = platform.child_scope(resource, scope, record, child)
        except ApiError:
            return None
    if not set(listed.within) <= set(scope):
        return None
    return Choices(platform, listed, scope, among.path if among else "")


async def choose(app: App[Any], field: FormField, choices: Choices) -> None:
    """Let the user choose the answer of a field."""
    from tui.screens.forms.pick_object import PickObject, PickValue

    before, typed = field.list_chosen(), field.text().strip()
    # What is typed and is no answer yet is what to look for.
    is_new = field.question.kind is QuestionKind.TEXT and not field.is_untouched and len(typed) <= _LONGEST
    wanted = typed if is_new and not _is_known(choices, typed) else ""
    platform, resource, scope, path = choices
    file = field.question.mark(FileRef)
    if path:
        pick: PickObject = PickValue(platform, resource, scope, path, before=before, wanted=wanted)
    else:
        purpose = file.purpose if file else ""
        pick = PickObject(platform, resource, scope, purpose, before=before, wanted=wanted)
    chosen = await app.push_screen_wait(pick)
    if chosen is not None and (chosen or before):
        field.take(chosen)


_LONGEST = 40  # characters of a name to look for


def _is_known(choices: Choices, typed: str) -> bool:
    """Return whether what was typed is an id or the path of a file, and no name to look for."""
    platform, resource = choices.platform, choices.resource
    if "/" in typed or any(typed.startswith(prefix) for prefix in resource.prefixes):
        return True
    return any(typed in each.records for each in platform.loaded() if each.resource is resource)


def describe_chosen(platform: Platform, question: Question, value: Any) -> str:
    """Return what an answer names by id: name, size and age of one object, the names of several; "" if unknown."""
    if not question.resource:
        return ""
    if isinstance(value, list):
        known = [_find(platform, question.resource, str(each)) for each in value]
        names = [each[0] if each else str(id_) for each, id_ in zip(known, value, strict=True)]
        return f"{len(names):,} chosen: {', '.join(names)}" if len(names) > 1 else ""
    if not value:
        return ""
    found = _find(platform, question.resource, str(value)) or (platform.names.of(str(value)),)
    return " · ".join(part for part in found if part) if found[0] != value else ""


def _find(platform: Platform, resource: str, id_: str) -> tuple[str, ...]:
    """Return the name of a loaded object, and what tells it from others of that name; nothing for others."""
    from tui.screens.forms.pick_object import name_of, tell_apart

    for collection in platform.loaded():
        if collection.resource.name == resource and (record := collection.records.get(id_)):
            context = CellContext(platform.now())
            told = tell_apart(collection.resource, record, context).split("  ")
            return name_of(collection.resource, record, context), *map(str.strip, told)
    return ()
