"""Containers and their files through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.sandbox.conftest import Steer, upload

if TYPE_CHECKING:
    import httpx


def test_a_container_lives_and_dies(official: openai.OpenAI, api: httpx.Client) -> None:
    file_id = upload(api, "a,b\n1,2\n", "user_data", "table.csv")
    made = official.containers.create(
        name="analysis",
        file_ids=[file_id],
        memory_limit="4g",
        expires_after={"anchor": "last_active_at", "minutes": 5},
        network_policy={
            "type": "allowlist",
            "allowed_domains": ["example.com"],
            "domain_secrets": [{"domain": "example.com", "name": "token", "value": "hidden"}],
        },
    )
    assert (made.name, made.status, made.memory_limit) == ("analysis", "running", "4g")
    assert made.network_policy
    assert made.network_policy.to_dict() == {"type": "allowlist", "allowed_domains": ["example.com"]}
    found = official.containers.retrieve(made.id)
    assert found.to_dict() == made.to_dict()
    (copy,) = official.containers.files.list(made.id)
    assert (copy.path, copy.bytes, copy.source) == ("/mnt/data/table.csv", 8, "user")
    official.containers.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        official.containers.retrieve(made.id)
    assert official.files.retrieve(file_id).id == file_id


def test_an_unused_container_expires(official: openai.OpenAI, steer: Steer) -> None:
    made = official.containers.create(name="idle")
    steer("clock", advance=1000)
    assert list(official.containers.files.list(made.id)) == []
    steer("clock", advance=1000)
    assert official.containers.retrieve(made.id).status == "running", "the list was a use of it"
    steer("clock", advance=500)
    assert official.containers.retrieve(made.id).status == "expired"
    with pytest.raises(openai.NotFoundError, match="Container is expired"):
        official.containers.files.list(made.id)


def test_lists_page_and_filter(official: openai.OpenAI) -> None:
    made = [official.containers.create(name="twin").id for _ in range(3)]
    assert [one.id for one in official.containers.list(name="twin", limit=1)] == made[::-1]
    assert [one.id for one in official.containers.list(name="twin", order="asc")] == made
    assert len(list(official.containers.list(limit=2))) > 5


def test_files_come_as_bytes_or_by_id(official: openai.OpenAI, api: httpx.Client) -> None:
    made, data = official.containers.create(name="files"), bytes(range(256))
    sent = official.containers.files.create(made.id, file=("raw.bin", data))
    copied = official.containers.files.create(made.id, file_id=upload(api, data, "user_data", "copy.bin"))
    assert [sent.path, copied.path] == ["/mnt/data/raw.bin", "/mnt/data/copy.bin"]
    for file in (sent, copied):
        assert official.containers.files.retrieve(file.id, container_id=made.id).bytes == 256
        assert official.containers.files.content.retrieve(file.id, container_id=made.id).read() == data
    official.containers.files.delete(sent.id, container_id=made.id)
    assert [file.id for file in official.containers.files.list(made.id)] == [copied.id]
    with pytest.raises(openai.NotFoundError):
        official.containers.files.retrieve(sent.id, container_id=made.id)


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {}, "name"),
        ("", {"name": "x", "memory_limit": "2g"}, "memory_limit"),
        ("", {"name": "x", "network_policy": {"type": "allowlist"}}, "network_policy.allowed_domains"),
        ("", {"name": "x", "expires_after": {"anchor": "created_at", "minutes": 5}}, "expires_after.anchor"),
        ("", {"name": "x", "file_ids": ["file-none"]}, "id"),
        ("", {"name": "x", "skills": [{"type": "skill_reference", "skill_id": "none"}]}, "skills[0].skill_id"),
        ("/{id}/files", {}, "file"),
        ("/{id}/files", {"file_id": "file-none"}, "id"),
        ("/{id}/files", {"file": "not bytes"}, "file"),
    ],
)
def test_bodies_are_checked(api: httpx.Client, path: str, body: dict[str, Any], param: str) -> None:
    made = api.post("/containers", json={"name": "x"}).json()
    answer = api.post("/containers" + path.format(**made), json=body)
    assert answer.status_code == (404 if param.endswith("id") else 400)
    assert answer.json()["error"]["param"] == param, answer.text
