"""Every request that a form can make, held against the API's description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.contract import Breach, check_body, check_query
from tests.support.answering import edited, every_body, every_edit, made
from tests.support.samples import sample_of
from tui.resources.language.action import Ask, Open
from tui.resources.language.asking.forms import start_values
from tui.resources.language.asking.questions import QuestionKind, is_asked, list_questions
from tui.resources.registry import REGISTRY
from tui.workflows.generation.dialects import DIALECTS, UserTurn

if TYPE_CHECKING:
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource
    from tui.workflows.generation.dialects import Dialect

FORMS = {
    f"{action.operation.name}{'-edit' if action.edits else ''}": action
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.operation.body and not (isinstance(action.does, Open) and action.does.workflow == "bench")
}
LISTS = {each.name: each for each in REGISTRY.values() if each.list and not each.single}


@pytest.mark.parametrize("action", FORMS.values(), ids=FORMS)
def test_no_form_makes_a_request_that_is_refused(action: Action) -> None:
    operation = action.operation
    assert operation.body
    kind = "multipart/form-data" if operation.multipart else "application/json"
    breaches, held = [], 0
    for what, body in every_edit(operation.body) if action.edits else every_body(operation.body):
        if body or not action.edits:  # an edit of nothing is not sent
            held += 1
            try:
                check_body(operation.method, operation.path, body, kind)
            except Breach as breach:
                breaches.append(f"{what}: {breach}")
    assert held
    assert not breaches, "\n".join(breaches[:10])


COPYING = {
    resource.name: (resource, action)
    for resource in REGISTRY.values()
    for action in resource.actions
    if isinstance(action.does, Ask) and action.on == "list" and action.operation.body
}


@pytest.mark.parametrize(("resource", "action"), COPYING.values(), ids=COPYING)
def test_a_new_object_made_like_another_is_not_refused(resource: Resource, action: Action) -> None:
    operation, record = action.operation, resource.record(sample_of(resource))
    assert operation.body
    body = made(operation.body, start_values(action, record))
    check_body(
        operation.method,
        operation.path,
        body,
        "multipart/form-data" if operation.multipart else "application/json",
    )


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_no_bench_makes_a_request_that_is_refused(dialect: Dialect) -> None:
    image, url = ("a.png", "file-1"), ("b.png", "data:image/png;base64,AAAA")
    files = [url] if dialect.name == "chat" else [image, url]
    turns = [UserTurn("Hello", files=files)] if dialect.talks else [UserTurn("Hello")]
    for what, settings in every_body(dialect.settings):
        try:
            check_body("POST", dialect.operation.path, dialect.build_body(settings, turns))
        except Breach as breach:
            raise AssertionError(f"{what}: {breach}") from None


@pytest.mark.parametrize("resource", LISTS.values(), ids=LISTS)
def test_no_list_is_asked_for_with_a_parameter_that_is_refused(resource: Resource) -> None:
    assert resource.list
    limit = {} if resource.list.whole else {"limit": resource.page_max}
    check_query(resource.list.method, resource.list.path, {**resource.query, **limit})
    parent = REGISTRY[resource.listed_per] if resource.listed_per else None
    of_parent = {each.param for each in parent.filters} if parent else set()
    for each in resource.filters:
        # A list across many others is filtered by what those are filtered by, too.
        asked = parent.list if parent and each.param in of_parent else resource.list
        assert asked
        for choice in each.choices or ("a",):
            check_query(asked.method, asked.path, {each.param: choice})


_TYPED = st.one_of(
    st.text(max_size=20),
    st.integers(min_value=-(10**6), max_value=10**12).map(str),
    st.floats(min_value=-5, max_value=200).map(str),
    st.integers(min_value=60, max_value=600).map("a".__mul__),
)


@pytest.mark.parametrize("action", FORMS.values(), ids=FORMS)
@given(data=st.data())
def test_whatever_is_typed_is_told_or_taken(action: Action, data: st.DataObject) -> None:
    operation = action.operation
    assert operation.body
    found = [
        each
        for each in list_questions(operation.body)
        if each.kind in (QuestionKind.TEXT, QuestionKind.LONG, QuestionKind.LIST, QuestionKind.PAIRS)
    ]
    asking = data.draw(st.sampled_from(found)) if found else None
    if asking is None or not is_asked(
        asking, {each.name: each.default for each in list_questions(operation.body)}
    ):
        return
    try:
        value = asking.read(data.draw(_TYPED))
        if value is None:
            return
        given_ = {asking.name: value}
        body = edited(operation.body, given_) if action.edits else made(operation.body, given_)
    except ValueError:
        return  # the form says so
    check_body(
        operation.method,
        operation.path,
        body,
        "multipart/form-data" if operation.multipart else "application/json",
    )
