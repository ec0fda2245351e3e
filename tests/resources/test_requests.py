"""Every request that a form can make, held against the API's description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.resources.answering import every_body, every_edit
from tests.sandbox.contract import Breach, check_body, check_query
from tui.resources.registry import REGISTRY
from tui.screens.bench.dialects import DIALECTS, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.base import Action, Resource
    from tui.screens.bench.dialects import Dialect

FORMS = {
    f"{action.operation.name}{'-edit' if action.edit else ''}": action
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.operation.body and action.screen != "bench"
}
LISTS = {resource.name: resource for resource in REGISTRY.values() if resource.list}


@pytest.mark.parametrize("action", FORMS.values(), ids=FORMS)
def test_no_form_makes_a_request_that_is_refused(action: Action) -> None:
    operation = action.operation
    assert operation.body
    kind = "multipart/form-data" if operation.multipart else "application/json"
    breaches, held = [], 0
    for what, body in every_edit(operation.body) if action.edit else every_body(operation.body):
        if body or not action.edit:  # an edit of nothing is not sent
            held += 1
            try:
                check_body(operation.method, operation.path, body, kind)
            except Breach as breach:
                breaches.append(f"{what}: {breach}")
    assert held
    assert not breaches, "\n".join(breaches[:10])


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_no_bench_makes_a_request_that_is_refused(dialect: Dialect) -> None:
    image, url = ("a.png", "file-1"), ("b.png", "data:image/png;base64,AAAA")
    files = [url] if dialect.name == "chat" else [image, url]
    turns = [Said("Hello", files=files)] if dialect.talks else [Said("Hello")]
    for what, settings in every_body(dialect.settings):
        try:
            check_body("POST", dialect.operation.path, dialect.body(settings, turns))
        except Breach as breach:
            raise AssertionError(f"{what}: {breach}") from None


@pytest.mark.parametrize("resource", LISTS.values(), ids=LISTS)
def test_no_list_is_asked_for_with_a_parameter_that_is_refused(resource: Resource) -> None:
    assert resource.list
    for query in (resource.query, *_filters(resource), {"limit": min(resource.page, resource.page_max)}):
        if query != {"limit": 0}:
            check_query(resource.list.method, resource.list.path, dict(query))


def _filters(resource: Resource) -> Iterator[dict[str, Any]]:
    for each in resource.filters:
        for choice in each.choices or ("a",):
            yield {each.param: [choice] if each.param.endswith("[]") else choice}
