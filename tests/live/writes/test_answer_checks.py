"""Answers to writes that are no success, though the server says 200."""

from __future__ import annotations

from typing import Any

import pytest

from tui.api.errors import ApiError, NotDone, OutcomeUnknown
from tui.live.addresses import Addresses
from tui.live.writes.answer_checks import check_answer
from tui.resources.registry import REGISTRY

ADDRESSES = Addresses(REGISTRY)


def judge(
    name: str, action: str, answer: dict[str, Any], id_: str | None = None, /, **body: Any
) -> ApiError | None:
    """What an answer is refused for; None where it is taken."""
    resource = REGISTRY[name]
    wanted = next(each for each in resource.actions if each.name == action)
    try:
        check_answer(ADDRESSES, resource, {}, id_, wanted, body, answer)
    except ApiError as error:
        return error
    return None


@pytest.mark.parametrize(
    "answer", [{}, {"deleted": True}, {"deleted": None}, {"id": "file-1", "deleted": True}, {"id": "conv_1"}]
)
def test_what_says_that_it_was_deleted_is_a_success(answer: dict[str, Any]) -> None:
    assert judge("files", "delete", answer, "file-1") is None


def test_a_deletion_that_was_none_and_one_of_another_object() -> None:
    for no in (False, 0, "false", ""):
        error = judge("files", "delete", {"id": "file-1", "deleted": no}, "file-1")
        assert isinstance(error, NotDone), no
        assert error.sentence == "The server answered that it was not deleted."
    error = judge("files", "delete", {"id": "file-2", "deleted": True}, "file-1")
    assert isinstance(error, OutcomeUnknown)
    assert "answered for another file, file-2." in error.sentence


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({"id": "batch_1", "status": "cancelling"}, None, ""),
        ({"status": "cancelled"}, None, ""),
        ({"status": "Canceled"}, None, ""),
        ({"status": "in_progress"}, None, ""),
        ({"status": "draining"}, None, ""),
        ({"status": ["x"]}, OutcomeUnknown, "did not say how it is"),
        ({}, OutcomeUnknown, "did not say how it is"),
        ({"status": "completed"}, NotDone, "It was not cancelled: it was completed before."),
        ({"status": "incomplete"}, NotDone, "It was not cancelled: it was incomplete before."),
        ({"id": "batch_2", "status": "cancelling"}, OutcomeUnknown, "another batch, batch_2"),
    ],
)
def test_cancelling_is_done_where_the_status_says_so(answer: dict[str, Any], kind: Any, said: str) -> None:
    error = judge("batches", "cancel", answer, "batch_1")
    assert type(error) is (kind or type(None))
    assert said in str(error)


@pytest.mark.parametrize("id_", ["missing", None, 7, "", " ", ["batch_1"], {}])
def test_what_is_made_has_an_id(id_: Any) -> None:
    answer = {} if id_ == "missing" else {"id": id_}
    error = judge("batches", "create", answer, input_file_id="file-1")
    assert isinstance(error, OutcomeUnknown)
    assert "without the id of a batch" in error.sentence


def test_what_is_made_is_what_was_asked_for() -> None:
    made = {"id": "batch_1", "input_file_id": "file-1", "endpoint": "/v1/x"}
    assert judge("batches", "create", made, input_file_id="file-1", endpoint="/x") is None
    error = judge("batches", "create", made, input_file_id="file-2")
    assert isinstance(error, OutcomeUnknown)
    assert "another batch: its input_file_id is file-1." in error.sentence


def test_what_is_changed_is_as_it_was_sent() -> None:
    sent = {"name": "new", "metadata": {"a": "1"}}
    for answer, taken in (
        ({"id": "vs_1", "name": "New "}, True),
        ({"id": "vs_1"}, True),
        ({"id": "vs_1", "name": None}, True),
        ({"id": "vs_1", "name": "old"}, False),
    ):
        error = judge("vector-stores", "edit", answer, "vs_1", **sent)
        assert (error is None) is taken, answer
    assert isinstance(error, OutcomeUnknown)
    assert "The server answered that its name is old." in error.sentence
    assert judge("assistants", "edit", {"model": "gpt-5-2025"}, "asst_1", model="gpt-5") is None
    assert judge("assistants", "edit", {"temperature": 1}, "asst_1", temperature=1.0) is None
    assert judge("assistants", "edit", {"temperature": 2}, "asst_1", temperature=1.0)


def test_every_field_that_names_an_object_is_looked_at() -> None:
    answer = {
        "id": "ftjob-1",
        "model": "m-2026",
        "seed": 7,
        "training_file": "file-1",
        "validation_file": "file-3",
    }
    sent = {"model": "m", "seed": 7, "training_file": "file-1", "validation_file": "file-2"}
    error = judge("fine-tuning", "create", answer, **sent)
    assert isinstance(error, OutcomeUnknown)
    assert "its validation_file is file-3." in str(error)
    assert judge("fine-tuning", "create", {**answer, "validation_file": "file-2"}, **sent) is None


def test_several_that_are_made_at_once_have_an_id_each() -> None:
    for ids, taken in ((["msg_1", "msg_2"], True), (["msg_1", None], False), ([], False)):
        answer = {"object": "list", "data": [{"id": id_} for id_ in ids]}
        error = judge("conversation-items", "create", answer, items=[])
        assert (error is None) is taken, ids
