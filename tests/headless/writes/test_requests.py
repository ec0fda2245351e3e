"""The requests of commands: the same as forms make, with a sentence for each field that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.answering import answers, every_body
from tui.headless.writes.orders import find_action
from tui.headless.writes.requests import build_request, model_of, read_values
from tui.headless.writes.targets import WrongUse
from tui.resources.language.action import Open
from tui.resources.language.asking.assignments import Given, complete, list_fields, read_given
from tui.resources.language.asking.forms import build_body
from tui.resources.language.asking.inputs import Kept
from tui.resources.language.asking.questions import QuestionKind, list_questions
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.action import Action

WRITES = [
    (resource, action)
    for resource in REGISTRY.values()
    for action in resource.actions
    if not action.operation.reads_only
]
FORMS = {
    f"{action.operation.name}{'-edit' if action.edits else ''}": action
    for resource, action in WRITES
    if action.operation.body
}


def leaves(action: Action, body: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a body with their values, by name."""
    model = model_of(action)
    assert model
    if path in list_fields(model) or not isinstance(body, dict):
        yield path, body
        return
    for name, value in body.items():
        yield from leaves(action, value, f"{path}.{name}".lstrip("."))


def assignments(action: Action, body: dict[str, Any]) -> list[str]:
    """What `--set` says to make this body."""
    return [f"{name}={write(value)}" for name, value in leaves(action, body)]


def write(value: Any) -> str:
    """A value as `--set` takes it."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("action", FORMS.values(), ids=FORMS)
def test_commands_make_the_requests_of_forms(action: Action) -> None:
    """From assignments and from JSON, whatever the form can send."""
    model = action.operation.body
    assert model
    if isinstance(action.does, Open) and action.does.workflow == "bench":
        given = read_values(action, ["model=gpt-5", "input=Hello"], None)
        assert given
        assert "Hello" in json.dumps(build_request(action, given, REGISTRY["models"], None))
        return
    for what, body in () if action.edits else every_body(model):
        for given in (read_given(model, assignments(action, body)), read_given(model, [], body)):
            made = complete(model, given)
            assert {**made, **body} == made, what  # what is said goes along, be it as usual
    for question in list_questions(model) if action.edits else ():
        for value in answers(model, question) if question.kind is not QuestionKind.FIXED else ():
            for before, after in ((None, value), (value, None)):
                if after is None and (question.required or question.mark(Kept)):
                    continue
                start = {each.name: answers(model, each)[0] for each in list_questions(model) if each.required}
                start[question.name] = before
                given = read_given(model, [f"{question.name}={write(after)}"])
                kept = {each: each.answer_of(start.get(each.name)) for each in list_questions(model)}
                expected = build_body(model, {**kept, question: after}, start)
                assert complete(model, given, start, edits=True) == expected, question.name


def read(resource: str, action: str, *said: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    wanted = find_action(REGISTRY[resource], action)
    given = read_values(wanted, said, body)
    assert isinstance(given, Given)
    return build_request(wanted, given, REGISTRY[resource], None)


FROM_THEN = {"anchor": "created_at"}


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (["metadata.run=007", "metadata.a.b=1"], {"metadata": {"run": "007", "a.b": "1"}}),
        (["metadata.run="], {}),
        (['metadata={"a": "b"}', "metadata.c=d"], {"metadata": {"a": "b", "c": "d"}}),
        (
            ["output_expires_after.seconds=2d"],
            {"output_expires_after": {**FROM_THEN, "seconds": 172_800}},
        ),
        (
            ['output_expires_after={"seconds": 3600}'],
            {"output_expires_after": {**FROM_THEN, "seconds": 3600}},
        ),
    ],
)
def test_values_are_what_the_request_says_they_are(said: list[str], part: dict[str, Any]) -> None:
    needed = ["input_file_id=file-1", "endpoint=/v1/responses"]
    usual = {"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
    assert read("batches", "create", *needed, *said) == {**usual, **part}


def test_amounts_and_maps_of_any_values() -> None:
    alert = ["notification_channel.recipients=a@acme.example,b@acme.example"]
    assert read("spend-alerts", "create", "threshold_amount=$5", *alert)["threshold_amount"] == 500
    assert read("spend-alerts", "create", "threshold_amount=500", *alert)["threshold_amount"] == 500
    made = read("store-files", "create", "file_id=file-1", "attributes.legs=4", "attributes.kind=cat")
    assert made == {"file_id": "file-1", "attributes": {"legs": 4, "kind": "cat"}}


@pytest.mark.parametrize(
    ("said", "body", "told"),
    [
        ([], None, "endpoint is needed: --set endpoint=VALUE.\nThe fields are: input_file_id, endpoint, metadata"),
        (["metadata.=x"], None, "metadata.: Give a name behind the dot: metadata.NAME=VALUE."),
        (["endpont=x"], None, "endpont: There is no such field. Did you mean endpoint? There are: input_file_id,"),
        (["endpoint=/v1/x", "input_file_id=f"], None, "endpoint: Should be '/v1/responses'"),
        (["endpoint"], None, "'endpoint' sets nothing: write FIELD=VALUE."),
        (["metadata=5"], None, "metadata: '5' is no pair"),
        (["endpoint=/v1/responses", "endpoint=/v1/embeddings"], None, "endpoint: Is set twice: give it once."),
        (["metadata.a=1", "metadata.a="], None, "metadata.a: Is set twice: give it once."),
        (["metadata.a=1", 'metadata={"b": "2"}'], None, "metadata: Is set twice: give it once."),
        (
            ['output_expires_after={"seconds": 5000}', "output_expires_after.seconds=2d"],
            None,
            "output_expires_after.seconds: Is set twice: give it once.",
        ),
        (["output_expires_after=5"], None, "output_expires_after: Has parts: set output_expires_after."),
        (
            ["output_expires_after.seconds=soon"],
            None,
            "seconds: Should be a number and its unit",
        ),
        ([], {"completion_window": "48h"}, "completion_window: Can only be 24h."),
        ([], {"metadata": {"a": 1}, "endpoint": "/v1/responses", "input_file_id": "f"}, "metadata: "),
        ([], {"output_expires_after": 5}, "output_expires_after: Should be a JSON object."),
    ],
)
def test_what_is_wrong_is_said_with_its_field(said: list[str], body: dict[str, Any] | None, told: str) -> None:
    with pytest.raises(WrongUse) as wrong:
        read("batches", "create", *said, body=body)
    assert told in str(wrong.value)


def test_what_is_set_goes_before_what_a_file_says() -> None:
    body = {"input_file_id": "file-1", "endpoint": "/v1/responses", "metadata": {"a": "1"}}
    made = read("batches", "create", "endpoint=/v1/embeddings", "metadata.b=2", body=body)
    assert made["endpoint"] == "/v1/embeddings"
    assert made["metadata"] == {"a": "1", "b": "2"}


def test_what_is_taken_on_a_condition_says_which() -> None:
    with pytest.raises(WrongUse, match=r"Is only taken where network_policy\.type is allowlist"):
        read("containers", "create", "name=x", "network_policy.allowed_domains=a.example")


def test_a_list_is_given_whole_and_other_actions_take_no_fields() -> None:
    with pytest.raises(WrongUse, match=r"messages\.0: Give messages whole, as JSON\."):
        read("threads", "create", "messages.0=x")
    with pytest.raises(WrongUse, match="takes no fields"):
        read("batches", "cancel", "a=b")
