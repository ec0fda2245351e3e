"""What is known of who names which file: from a reading of all lists, and from every answer since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.references import NOW, make_references, operation
from tui.api.operation import Operation
from tui.live.references.answers import FIRST
from tui.live.references.naming import HOLDERS, Reference
from tui.resources.registry import REGISTRY
from tui.resources.vector_stores.store_files import ATTACH_MANY
from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from pathlib import Path

    from tui.live.references.references import References

STORE = {"vector_store_id": "vs_1"}


def users(references: References, id_: str = "file-1") -> list[str]:
    return list(references.users.get(id_, {}))


def test_the_calls_of_each_list_whose_objects_name_files_are_known_by_their_path() -> None:
    assert {name: operation(name).path.split("/")[1] for name in HOLDERS} == {
        name: first for first, name in FIRST.items()
    }


@pytest.mark.parametrize(
    ("asked", "path", "body", "answer", "user"),
    [
        (operation("batches"), {}, None, {"data": [{"id": "batch_1", "input_file_id": "file-1"}]}, "batch_1"),
        (operation("batches", "create"), {}, {"input_file_id": "file-1"}, {"id": "batch_1"}, "batch_1"),
        (operation("fine-tuning", "create"), {}, {"training_file": "file-1"}, {"id": "ftjob-1"}, "ftjob-1"),
        (
            operation("assistants", "create"),
            {},
            {},
            {"id": "asst_1", "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}}},
            "asst_1",
        ),
        (operation("vector-stores", "create"), {}, {"file_ids": ["file-1"]}, {"id": "vs_1"}, "vs_1"),
        (operation("store-files", "attach"), STORE, {"file_id": "file-1"}, {"id": "file-1"}, "vs_1"),
        (ATTACH_MANY, STORE, {"file_ids": ["file-1"]}, {"id": "vsfb_1"}, "vs_1"),
        (ATTACH_MANY, STORE, {"files": [{"file_id": "file-1"}]}, {"id": "vsfb_1"}, "vs_1"),
        (operation("store-files"), STORE, None, {"data": [{"id": "file-1"}]}, "vs_1"),
        (
            operation("eval-runs", "create"),
            {"eval_id": "eval_1"},
            {"data_source": {"source": {"type": "file_id", "id": "file-1"}}},
            {"id": "evalrun_1"},
            "eval_1",
        ),
        (operation("containers", "create"), {}, {"file_ids": ["file-1"]}, {"id": "cntr_1"}, "cntr_1"),
    ],
)
def test_what_is_listed_or_made_uses_its_files_at_once(
    asked: Operation, path: dict[str, str], body: Any, answer: dict[str, Any], user: str
) -> None:
    references, told = make_references(), []
    references.subscribe(lambda: told.append(set(references.news)))
    references.note(asked, path, body, answer)
    assert (users(references), len(told)) == ([user], 1)
    assert references.users.keys() - {"file_id"} == {"file-1"}  # a type that begins as an id does harms nothing


@pytest.mark.parametrize(
    ("asked", "path", "answer"),
    [
        (Operation("d", "DELETE", "/vector_stores/{vector_store_id}"), STORE, {"id": "file-1"}),
        (
            Operation("e", "GET", "/fine_tuning/jobs/{job_id}/events"),
            {"job_id": "j"},
            {"data": [{"id": "file-1"}]},
        ),
        (
            Operation("c", "GET", "/vector_stores/{vector_store_id}/files/{file_id}/content"),
            {**STORE, "file_id": "file-1"},
            {"data": [{"text": "file-1"}]},
        ),
        (operation("files"), {}, {"data": [{"id": "file-1"}]}),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_what_is_no_such_object_uses_nothing(
    asked: Operation, path: dict[str, str], answer: dict[str, Any]
) -> None:
    references = make_references()
    references.note(asked, path, None, answer)
    assert not references.users


def test_a_store_is_called_by_its_name_once_it_was_seen() -> None:
    references = make_references()
    references.note(operation("vector-stores"), {}, None, {"data": [{"id": "vs_1", "name": "Manuals"}]})
    references.note(operation("store-files", "attach"), STORE, {"file_id": "file-1"}, {"id": "file-1"})
    assert references.users["file-1"]["vs_1"] == Reference("vector-stores", "vs_1", "Manuals", "in its files")


def test_what_is_detached_or_deleted_uses_its_files_no_longer_and_all_else_still_does() -> None:
    references = make_references()
    for store in ("vs_1", "vs_2"):
        attach = operation("store-files", "attach")
        references.note(attach, {"vector_store_id": store}, {"file_id": "file-1"}, {"id": "file-1"})
    references.note(operation("batches"), {}, None, {"data": [{"id": "batch_1", "input_file_id": "file-1"}]})
    references.news.clear()
    references.forget(REGISTRY["store-files"], STORE, "file-1")
    assert (users(references), references.news) == (["vs_2", "batch_1"], {"file-1"})
    references.forget(REGISTRY["vector-stores"], {}, "vs_2")
    assert users(references) == ["batch_1"]
    references.forget(REGISTRY["eval-runs"], {"eval_id": "eval_1"}, "evalrun_1")
    references.forget(REGISTRY["files"], {}, "file-1")
    assert users(references) == []


async def test_what_changes_while_all_lists_are_read_is_kept() -> None:
    jobs = [{"id": "ftjob-1", "training_file": "file-2"}, {"id": "ftjob-2", "training_file": "file-3"}]
    references = make_references({operation("fine-tuning").name: jobs})
    references.note(operation("batches"), {}, None, {"data": [{"id": "batch_0", "input_file_id": "file-0"}]})
    await references.step()  # the batches were read
    assert references.progress
    create = operation("batches", "create")
    references.note(create, {}, {"input_file_id": "file-1"}, {"id": "batch_1"})
    await references.step()  # the jobs were read
    references.forget(REGISTRY["fine-tuning"], {}, "ftjob-1")
    while not await references.step():
        pass
    assert references.is_whole
    assert {id_: users(references, id_) for id_ in ("file-0", "file-1", "file-2", "file-3")} == {
        "file-0": [],  # the list of batches has it no longer
        "file-1": ["batch_1"],
        "file-2": [],
        "file-3": ["ftjob-2"],
    }


async def test_what_was_noted_since_the_reading_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "references"
    references = make_references()
    references.keep_in(StateFile(path, "what uses files"))
    references.note(operation("batches", "create"), {}, {"input_file_id": "file-0"}, {"id": "batch_0"})
    references.write()
    assert not path.exists(), "what is not known whole is not kept"
    while not await references.step():
        pass
    references.note(operation("batches", "create"), {}, {"input_file_id": "file-1"}, {"id": "batch_1"})
    references.write()
    again = make_references()
    again.note(operation("batches", "create"), {}, {"input_file_id": "file-1"}, {"id": "batch_2"})
    again.keep_in(StateFile(path, "what uses files"))
    assert (users(again), again.is_known) == (["batch_1", "batch_2"], True)
    assert json.loads(path.read_text())["began_at"] == NOW
