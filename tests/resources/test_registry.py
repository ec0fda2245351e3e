"""The registry: what is declared fits together, and every operation can be called from where it stands."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding

from tests.support.declared import declared, described, platform, sample, scope_of
from tui.api.operation import Key
from tui.resources.language.asking.inputs import ObjectId
from tui.resources.language.asking.questions import QuestionKind, list_questions
from tui.resources.language.units import Unit
from tui.resources.registry import REGISTRY, lookup
from tui.screens.places.base import PlaceScreen
from tui.screens.places.listing.screen import ResourceScreen
from tui.widgets.table.fitting import lay_out

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

EVERY = [pytest.param(resource, id=resource.name) for resource in REGISTRY.values()]
ACTIONS = [
    pytest.param(resource, action, id=f"{resource.name}-{action.name}")
    for resource in REGISTRY.values()
    for action in resource.actions
]
# Operations of a project that only make something and leave nothing to list; they belong to benches.
BENCHES = {"/completions", "/embeddings", "/moderations"}
# Families that o9s has no resources for.
OTHERS = ("/audio", "/images", "/realtime", "/videos", "/chatkit", "/content_provenance_checks", "/live")


def twice(names: Any) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_names_and_aliases_are_unique() -> None:
    names = [name for resource in REGISTRY.values() for name in (resource.name, *resource.aliases)]
    assert not twice(names)
    assert all(lookup(name).name in REGISTRY for name in names)


def test_an_id_prefix_belongs_to_one_resource() -> None:
    assert not twice(prefix for resource in REGISTRY.values() for prefix in resource.prefixes)


@pytest.mark.parametrize("resource", EVERY)
def test_what_a_resource_refers_to_exists(resource: Resource) -> None:
    for child in resource.children:
        assert REGISTRY[child.resource].parent == resource.name, f"{child.resource} does not name its parent"
    if resource.parent:
        assert REGISTRY[resource.parent].child(resource.name), "its parent does not list it"
    assert not resource.enter or resource.action(resource.enter) or resource.child(resource.enter)
    assert not resource.chart or resource.child(resource.chart.child)
    assert not resource.sort or resource.column(resource.sort.removeprefix("-"))
    for action in resource.actions:
        for question in list_questions(action.operation.body) if action.operation.body else ():
            mark = question.mark(ObjectId)
            assert mark is None or mark.resource in REGISTRY, f"{question.name} wants a {mark.resource}"


@pytest.mark.parametrize("resource", EVERY)
def test_columns_are_unique_and_fit_beside_the_detail(resource: Resource) -> None:
    assert not twice(column.name for column in resource.columns)
    assert any(column.grow for column in resource.columns), "nothing takes the room that is left"
    for width in (77, 80, 120):
        slots = lay_out(resource.columns, width, wide=False)
        assert slots[-1].x + slots[-1].width <= width, (
            f"at {width} cells it ends at {slots[-1].x + slots[-1].width}"
        )
        assert len(slots) >= min(3, len(resource.columns)), f"at {width} cells only {len(slots)} columns are left"


@pytest.mark.parametrize("resource", EVERY)
def test_a_key_means_one_thing(resource: Resource) -> None:
    named = [child.key for child in resource.children if child.key]
    by_key: dict[str, list[Action]] = {}
    for action in resource.actions:
        if action.key:
            by_key.setdefault(action.key, []).append(action)
    assert not set(named) & set(by_key)
    assert not twice(named)
    assert not twice(action.name for action in resource.actions)
    for key, actions in by_key.items():
        refusing = {action.refuse for action in actions}
        assert len(refusing) == len(actions), f"{key} stands for {[action.name for action in actions]} at once"


@pytest.mark.parametrize(("resource", "action"), ACTIONS)
def test_keys_are_bound_where_objects_are_shown(resource: Resource, action: Action) -> None:
    bound = {
        key
        for screen in (PlaceScreen, ResourceScreen)
        for binding in screen.BINDINGS
        if isinstance(binding, Binding)
        for key in (*binding.key.split(","), binding.action.removeprefix("act('").removesuffix("')"))
    }
    assert not action.key or action.key in bound


@pytest.mark.parametrize("resource", EVERY)
def test_lists_and_objects_are_found_from_where_they_stand(resource: Resource) -> None:
    scope, here = scope_of(resource), platform()
    record = sample(resource)
    assert set(scope) >= set(resource.within)
    if resource.list and not resource.listed_per:
        filled = here.path(resource.list, None, resource, scope)
        assert set(filled) == set(resource.list.placeholders)
    if resource.get:
        assert (filled := here.path(resource.get, record, resource, scope))
        assert filled[resource.get.placeholders[-1]] == record.id
        assert resource.list is None or resource.get.placeholders[:-1] == resource.within[: len(filled) - 1]


@pytest.mark.parametrize(("resource", "action"), ACTIONS)
def test_actions_are_addressed_from_where_they_stand(resource: Resource, action: Action) -> None:
    scope, record = scope_of(resource), sample(resource)
    filled = platform().path(action.operation, None if action.on == "list" else record, resource, scope)
    assert set(filled) == set(action.operation.placeholders)
    if action.on != "list" and not resource.single and filled and getattr(action.does, "field", "id") == "id":
        assert filled[action.operation.placeholders[-1]] == record.id


@pytest.mark.parametrize(("resource", "action"), ACTIONS)
def test_actions_say_what_they_do(resource: Resource, action: Action) -> None:
    assert action.label
    assert not action.edits or (action.operation.body and action.on != "list"), "only a form on an object edits"
    assert action.on != "many" or not action.operation.body, "a form is for one object"
    if action.removes:
        assert action.risk.value >= 2, "deleting is asked for"
        assert action.warn(sample(resource).object).endswith("."), "deleting says what follows"


FORMS = {
    action.operation.body: f"{resource.name}-{action.name}"
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.operation.body
}
_JARGON = re.compile(r"[_.{}\[\]]|\b(ids?|max|min|num|config|threshold|enabled|completion|seconds|amount|n)\b")
_UNITS = {
    "max_requests": Unit.COUNT,
    "max_tokens_per": Unit.COUNT,
    "max_images": Unit.COUNT,
    "batch_1": Unit.COUNT,
}
_UNITS |= {"seconds": Unit.SECONDS, "minutes": Unit.MINUTES, "days": Unit.DAYS, "megabytes": Unit.MEGABYTES}
# Ids that nothing can be listed for: the API has no list of external keys.
_UNLISTED = {"external_key_id"}


@pytest.mark.parametrize("body", FORMS, ids=FORMS.values())
def test_forms_ask_in_words(body: type[BaseModel]) -> None:
    shown = [question for question in list_questions(body) if question.kind is not QuestionKind.FIXED]
    for question in shown:
        assert question.words == question.words.strip() != "", question.name
        assert not _JARGON.search(question.words), f"{question.name} is called {question.words!r}"
        assert len(question.words) <= 22, f"{question.words!r} does not fit beside its control"
    for one, other in combinations(shown, 2):
        apart = {when.path: when.equals for when in one.when} | {when.path: when.equals for when in other.when}
        at_once = all(apart[when.path] == when.equals for each in (one, other) for when in each.when)
        assert one.words != other.words or not at_once, f"two of {body.__name__} are called {one.words!r}"


@pytest.mark.parametrize("body", FORMS, ids=FORMS.values())
def test_forms_take_amounts_with_their_units_and_let_objects_be_chosen(body: type[BaseModel]) -> None:
    for question in list_questions(body):
        if question.kind is QuestionKind.FIXED:
            continue
        last = question.path[-1]
        counted = next((unit for word, unit in _UNITS.items() if word in last), None)
        assert question.unit is (Unit.CENTS if last.endswith("amount") else counted), question.name
        if last.endswith(("_id", "_ids", "_file")) or last == "model":
            assert question.resource or last in _UNLISTED, f"{question.name} is no choice among objects"


def test_a_resource_that_cannot_be_listed_is_a_ledger() -> None:
    ledgers = {resource.name for resource in REGISTRY.values() if resource.ledger}
    assert ledgers == {"threads", "responses", "conversations", "file-batches"}
    for name in ledgers:
        assert "API has no list" in REGISTRY[name].empty, f"{name} does not say why its list is empty"
    assert REGISTRY["file-batches"].within == ("vector_store_id",)


def test_operations_are_those_of_the_api() -> None:
    assert not declared() - described(), "the API has no such operation"


def test_every_operation_of_a_project_is_within_reach() -> None:
    project = {
        operation
        for operation in described()
        if not (path := operation.split()[1]).startswith(("/organization", "/projects", *OTHERS))
        and path not in BENCHES
    }
    assert not project - declared()


def test_operations_are_named_once() -> None:
    named: dict[str, set[tuple[str, str]]] = {}
    for resource in REGISTRY.values():
        for operation in resource.operations:
            named.setdefault(operation.name, set()).add((operation.method, operation.path))
    assert not {name: calls for name, calls in named.items() if len(calls) > 1}


def test_only_permissions_of_checkpoints_want_an_admin_key_here() -> None:
    wanting = {
        resource.name
        for resource in REGISTRY.values()
        for operation in resource.operations
        if operation.key is Key.ADMIN and not operation.path.startswith(("/organization", "/projects"))
    }
    assert wanting == {"permissions"}


@pytest.mark.parametrize(
    ("family", "words"), [("Assistants", "2026-08-26"), ("Evals", "2026-11-30"), ("Fine-tuning", "2027-01-06")]
)
def test_families_that_end_say_when(family: str, words: str) -> None:
    notices = [resource.notice for resource in REGISTRY.values() if resource.family == family and resource.notice]
    assert notices
    assert all(words in notice for notice in notices)


@pytest.mark.parametrize("resource", EVERY)
def test_ids_stand_last_unless_an_id_is_the_name(resource: Resource) -> None:
    heads = [column.header for column in resource.columns]
    is_id = [head.split()[-1] == "ID" for head in heads]
    assert is_id[1:] == sorted(is_id[1:]), heads


def test_each_action_reads_well_after_cannot() -> None:
    verbs = {action.verb.split()[0] for name in REGISTRY for action in REGISTRY[name].actions}
    assert not verbs & {"new", "results", "a", "the"}, "no verb: see `Action.verb`"
