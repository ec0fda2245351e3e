"""Files sent and contents saved by commands."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import lines, run
from tests.support.driving import Server, served
from tests.support.sent_files import texts_file
from tui.system.locking import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", speed=200.0) as server:
        yield server


def states(told: Result) -> list[str]:
    return [line["outcome"] for line in lines(told)]


def test_files_go_up_each_checked_and_come_back(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, gone = tmp_path / "good.jsonl", tmp_path / "bad.jsonl", tmp_path / "gone.jsonl"
    content = texts_file(good, "a")
    bad.write_text("x\n")
    told = run(server.url, "upload", str(good), str(bad), str(gone), "--purpose", "batch", "--expires-after", "2h")
    assert told.exit_code == 3, told.output
    found = {line["path"]: line for line in lines(told)}
    assert "line 1 is not JSON" in found[str(bad)]["error"]
    assert f"There is no file {gone}." in found[str(gone)]["error"]
    file = found[str(good)]["object"]
    assert found[str(good)]["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["expires_at"] - file["created_at"] == 7200

    folder = tmp_path / "made" / "here"
    for state in ("done", "kept"):
        told = run(server.url, "download", file["id"], "-o", str(folder))
        (line,) = lines(told)
        assert (told.exit_code, line["outcome"]) == (0, state), told.output
        assert line["sha256"] == hashlib.sha256(content).hexdigest()
    (saved,) = folder.iterdir()
    saved.unlink()
    server.control("faults", spec=f"cut@GET /files/{file['id']}/content x1")
    (line,) = lines(run(server.url, "download", file["id"], "-o", str(folder)))
    assert (line["outcome"], saved.read_bytes()) == ("done", content), "it is not gone on with where it was cut"
    saved.unlink()
    with monkeypatch.context() as impatient:
        impatient.setattr("tui.live.transfers.TRIES", 1)
        server.control("faults", spec=f"cut@GET /files/{file['id']}/content x1")
        told = run(server.url, "download", file["id"], "-o", str(folder))
    (part,) = folder.iterdir()
    came = part.stat().st_size
    assert (told.exit_code, part.name, f"What came is kept as {part}" in told.stderr) == (
        1,
        f"{saved.name}.part",
        True,
    )
    part.write_bytes(b"#" * came)  # by which it is known again
    with part.open("rb") as held:
        assert lock(held)
        told = run(server.url, "download", file["id"], "-o", str(folder))
        assert (told.exit_code, "is being written by another program" in told.stderr) == (6, True)
    (line,) = lines(run(server.url, "download", file["id"], "-o", str(folder)))
    assert (line["outcome"], saved.read_bytes()) == ("done", b"#" * came + content[came:])
    assert list(folder.iterdir()) == [saved]
    saved.write_bytes(b"another")
    told = run(server.url, "download", file["id"], "-o", str(folder))
    assert (told.exit_code, states(told)) == (4, ["failed"])
    assert "--force replaces it" in told.stderr
    assert run(server.url, "download", file["id"], "-o", str(folder), "--force").exit_code == 0
    assert saved.read_bytes() == content
    assert list(folder.iterdir()) == [saved], "something was left beside it"
    told = run(server.url, "download", file["id"], "-o", str(saved / "below"))
    assert told.exit_code == 6, told.output


def test_a_large_file_goes_up_in_parts(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.jsonl"
    content = texts_file(path, "a", "b")
    monkeypatch.setattr("tui.api.transfers.sending.WHOLE_BYTES", 4)
    monkeypatch.setattr("tui.api.transfers.sending.PART_BYTES", 80)
    (line,) = lines(run(server.url, "upload", str(path), "--purpose", "batch"))
    assert server.call("GET", f"/files/{line['id']}/content") == content
    server.control("faults", spec="400@POST /uploads/upload_ x1")
    told = run(server.url, "upload", str(path), "--purpose", "batch")
    assert (told.exit_code, states(told)) == (4, ["failed"])
    cancelled = [each["path"] for each in server.requests() if each["path"].endswith("/cancel")]
    assert cancelled, "what was sent half is not taken back"


def test_an_upload_whose_answer_is_lost_is_looked_for_and_not_sent_again(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "lost.jsonl"
    texts_file(path, "a")
    server.control("faults", spec="drop-after@POST /files x1")
    told = run(server.url, "upload", str(path), "--purpose", "batch")
    (line,) = lines(told)
    there = [file["id"] for file in server.call("GET", "/files")["data"] if file["filename"] == "lost.jsonl"]
    assert (told.exit_code, line["outcome"], line["alike"]) == (7, "unknown", there), told.output
    assert len(there) == 1


def test_a_batch_gives_its_answers_and_its_errors(server: Server, tmp_path: Path) -> None:
    batches = server.call("GET", "/batches?limit=100")["data"]
    batch = next(each for each in batches if each["output_file_id"] and each["error_file_id"])
    told = run(server.url, "download", "-", "-o", str(tmp_path), typed=f"{batch['id']}\n")
    assert told.exit_code == 0, told.output
    names = {line["action"]: line["path"] for line in lines(told)}
    assert set(names) == {"output", "errors"}
    for line in lines(told):
        assert Path(line["path"]).read_bytes() == server.call(
            "GET", f"/files/{batch[FIELDS[line['action']]]}/content"
        )
    told = run(server.url, "download", batch["id"], "--only", "input", "-o", str(tmp_path))
    assert states(told) == ["done"]
    told = run(server.url, "download", batch["id"], "--only", "output", "-o", "-")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout_bytes == server.call("GET", f"/files/{batch['output_file_id']}/content")
    told = run(server.url, "download", batch["id"], "-o", "-")
    assert told.exit_code == 2
    assert "One content can be printed, and these are 2" in told.stderr
    assert states(run(server.url, "download", batch["id"], "-o", str(tmp_path))) == ["kept", "kept"]


FIELDS = {"output": "output_file_id", "errors": "error_file_id"}


def test_files_become_skills_and_go_into_containers_and_stores(server: Server, tmp_path: Path) -> None:
    bundle, note = tmp_path / "csv.zip", tmp_path / "note.txt"
    note.write_text("in the box")
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("csv/SKILL.md", "---\nname: csv\ndescription: Reads tables.\n---\nRead them.\n")
    (skill,) = lines(run(server.url, "upload", str(bundle), "--to", "skills"))
    (version,) = lines(run(server.url, "upload", str(bundle), "--to", "skill-versions", "--in", skill["id"]))
    assert version["object"]["version"] == "2"
    told = run(server.url, "download", f"{skill['id']}/2", "-o", str(tmp_path / "skills"))
    assert told.exit_code == 0, told.output

    box = server.call("POST", "/containers", json={"name": "box"})["id"]
    (inside,) = lines(run(server.url, "upload", str(note), "--to", "container-files", "--in", box))
    (saved,) = lines(run(server.url, "download", f"{box}/{inside['id']}", "-o", str(tmp_path / "box")))
    assert Path(saved["path"]).read_text() == "in the box"
    store = server.call("POST", "/vector_stores", json={"name": "notes"})["id"]
    sets = ("--set", "attributes.kind=note")
    (held,) = lines(run(server.url, "upload", str(note), "--to", "store-files", "--in", store, *sets))
    assert held["object"]["attributes"] == {"kind": "note"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["upload", "a.jsonl"], 2, "Say what they are for: --purpose "),
        (["upload", "a.jsonl", "--purpose", "batsch"], 2, "purpose: Should be 'assistants', 'batch'"),
        (["upload", "a.jsonl", "--to", "models"], 2, "models are not made of files."),
        (["upload", "a.jsonl", "--purpose", "batch", "--read-only"], 1, "Writing is off"),
        (["download", "zzz"], 2, "zzz: no kind of object has ids that begin like this; say which with --from"),
        (["download", "vs_1"], 2, "vector-stores have no content to download."),
        (["download", "batch_1", "--only", "all"], 2, "There are: output, errors, input."),
        (["download", "cfile_1"], 2, "as CONTAINER_ID/ID"),
        (["download"], 2, "Give the ids"),
        (["download", "file-none"], 4, "No such File object"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said(
    server: Server, words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts_file(tmp_path / "a.jsonl", "a")
    told = run(server.url, *words)
    assert said in told.stderr, told.output
    assert told.exit_code == code, told.output


def test_what_the_platform_does_not_give_back_is_refused_with_its_reason(server: Server, tmp_path: Path) -> None:
    (file,) = lines(run(server.url, "upload", __file__, "--purpose", "user_data"))
    told = run(server.url, "download", file["id"], "-o", str(tmp_path))
    assert (told.exit_code, states(told)) == (4, ["refused"])
    assert "does not give back files of purpose user_data" in told.stderr
