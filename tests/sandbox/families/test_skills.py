"""Skills and their versions through the official client."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openai
import pytest

if TYPE_CHECKING:
    import httpx


def files(version: int = 1) -> list[tuple[str, bytes]]:
    manifest = f"---\nname: maps\ndescription: Draws maps, {version}.\n---\nDo it.\n"
    return [("maps/SKILL.md", manifest.encode()), ("maps/run.py", b"print()\n")]


def zipped(*contents: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return sink.getvalue()


def test_a_skill_lives_and_dies(official: openai.OpenAI) -> None:
    made = official.skills.create(files=files())
    assert (made.name, made.description) == ("maps", "Draws maps, 1.")
    assert (made.default_version, made.latest_version) == ("1", "1")
    assert official.skills.retrieve(made.id) == made
    second = official.skills.versions.create(made.id, files=("maps.zip", zipped(*files(2))))
    assert (second.version, second.description) == ("2", "Draws maps, 2.")
    found = official.skills.retrieve(made.id)
    assert (found.default_version, found.latest_version, found.description) == ("1", "2", "Draws maps, 1.")
    assert official.skills.update(made.id, default_version="2").description == "Draws maps, 2."
    assert official.skills.versions.create(made.id, files=files(3), default=True).version == "3"
    assert official.skills.retrieve(made.id).default_version == "3"
    assert [one.version for one in official.skills.versions.list(made.id, limit=2)] == ["3", "2", "1"]
    assert official.skills.versions.retrieve("2", skill_id=made.id) == second
    with pytest.raises(openai.BadRequestError, match="default"):
        official.skills.versions.delete("3", skill_id=made.id)
    assert official.skills.versions.delete("1", skill_id=made.id).version == "1"
    assert official.skills.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        official.skills.retrieve(made.id)


def test_the_files_come_back_as_a_zip(official: openai.OpenAI) -> None:
    made = official.skills.create(files=files())
    content = official.skills.content.retrieve(made.id).read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [(name, archive.read(name)) for name in archive.namelist()] == files()
    assert official.skills.versions.content.retrieve("1", skill_id=made.id).read() == content


def test_there_are_some(official: openai.OpenAI) -> None:
    found = list(official.skills.list(limit=1))
    assert len({skill.id for skill in found}) == len(found) > 2
    assert list(official.skills.list(order="asc")) == found[::-1]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"files": ("s.zip", b"PK nonsense")}, "cannot be read"),
        ({"files": ("s.zip", zipped(("a.txt", b"")))}, "exactly one SKILL.md, this has 0"),
        ({"files": ("s.zip", zipped(("SKILL.md", b"no head")))}, "has no name"),
        ({"files": ("s.zip", zipped(*files(), ("../x", b"")))}, "leads out"),
        ({"files[]": ("SKILL.md", b"---\nname: x\n---\n")}, "has no description"),
    ],
)
def test_what_is_no_skill_is_refused(api: httpx.Client, sent: dict[str, Any], complaint: str) -> None:
    answer = api.post("/skills", files=sent)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]["message"]
