"""What uses each file of a list: how old it is, what is not known yet, and what is seen meanwhile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.support.references import NOW, make_references, operation
from tui.live.lists.collection import Collection
from tui.live.polling.used_by import UsedBy
from tui.resources.files import FILES
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    import pytest

FILE: list[dict[str, Any]] = [
    {"id": f"file-{number}", "created_at": NOW - 100 + 40 * number} for number in range(1, 4)
]
(COLUMN,) = (each for each in FILES.columns if each.name == "used_by")


def make_used_by(**pages: Any) -> tuple[UsedBy, Collection, Any]:
    files = Collection(FILES)
    files.apply(FILE, after=None, has_more=False, next=None, now=NOW)
    references = make_references(pages)
    scheduler: Any = SimpleNamespace(budget=4, poke=lambda job: poked.append(job), unreachable=False, held=False)
    scheduler.add = lambda *_, **__: None
    poked: list[Any] = []
    return UsedBy(scheduler, lambda: files, references, lambda: NOW), files, poked


def shown(files: Collection) -> list[str]:
    return [COLUMN.cell(files.records[each["id"]], files.context_of(each["id"], NOW)).text for each in FILE]


async def test_what_is_being_read_what_is_unused_and_what_is_not_known_look_different() -> None:
    jobs = [{"id": "ftjob-1", "training_file": "file-1"}]
    used_by, files, poked = make_used_by(**{operation("fine-tuning").name: jobs})
    used_by.start()
    assert (shown(files), used_by.as_of) == (["…", "…", "…"], "")
    while not used_by._references.is_known:
        await used_by._round()
    # The last was made after the reading began: it may be used by something that was read before.
    assert shown(files) == ["ftjob-1", "nothing", "?"]
    assert used_by.as_of.startswith("used by as of ")
    assert not used_by.progress

    # What is made from a file uses it at once, without another reading.
    poked.clear()
    used_by._references.note(operation("batches", "create"), {}, {"input_file_id": "file-2"}, {"id": "batch_1"})
    assert poked == [used_by]
    await used_by._round()
    assert shown(files) == ["ftjob-1", "batch_1", "?"]
    used_by._references.forget(REGISTRY["fine-tuning"], {}, "ftjob-1")
    await used_by._round()
    assert shown(files) == ["nothing", "batch_1", "?"]

    # Nothing is called unused while a list could not be read; and while all are read again, the age is told.
    used_by._references.missing = {"evals": "no"}
    used_by._references.version += 1
    await used_by._round()
    assert shown(files) == ["?", "batch_1", "?"]
    assert used_by.unread == "used by: evals could not be read"
    used_by.outdate()
    await used_by._references.step()
    assert used_by.progress.startswith("used by as of ")
    assert "reading again: 1/7 lists" in used_by.progress


async def test_of_many_files_it_is_told_once_when_all_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.live.polling.used_by.FEW", len(FILE) - 1)
    jobs = [{"id": "ftjob-1", "training_file": "file-1"}]
    used_by, files, _ = make_used_by(**{operation("fine-tuning").name: jobs})
    changes: list[int] = []
    files.subscribe(lambda delta: changes.append(len(delta.changed)))
    used_by.start()
    while not used_by._references.is_known:
        assert shown(files) == ["…", "…", "…"]
        await used_by._round()
    assert shown(files) == ["ftjob-1", "nothing", "?"]
    assert sum(map(bool, changes)) == 3, "that it is read, what is found, and that it is read no more"
