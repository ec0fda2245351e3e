"""Vector stores through the official client: files are really read, cut, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.vector_stores import VectorStoreFile, VectorStoreFileBatch

from tests.sandbox.conftest import Steer, upload

if TYPE_CHECKING:
    import httpx
    from openai.types import VectorStore, VectorStoreSearchResponse


RETURNS = "Articles can be returned within thirty days. The refund arrives on the card that paid. " * 80
SHIPPING = "Parcels leave the warehouse at noon. Islands and mountain huts take two more days of delivery. " * 80
NUMBERS = " ".join(f"word{number}" for number in range(1000))


def text_file(api: httpx.Client, text: str | bytes, name: str = "notes.txt") -> str:
    return upload(api, text, "assistants", name)


@pytest.fixture
def store(official: openai.OpenAI, api: httpx.Client, steer: Steer) -> VectorStore:
    """A store with two files that are read."""
    made = official.vector_stores.create(name="shop")
    for topic, text in (("returns", RETURNS), ("shipping", SHIPPING)):
        official.vector_stores.files.create(
            made.id,
            file_id=text_file(api, text, f"{topic}.md"),
            attributes={"topic": topic, "pages": len(text), "new": True},
        )
    steer("clock", advance=60)
    return official.vector_stores.retrieve(made.id)


def test_a_store_lives_and_dies(official: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    files = [text_file(api, RETURNS), text_file(api, SHIPPING)]
    made = official.vector_stores.create(
        name="faq",
        file_ids=files,
        metadata={"team": "support"},
        expires_after={"anchor": "last_active_at", "days": 2},
        chunking_strategy={"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 50}},
    )
    assert (made.status, made.file_counts.in_progress, made.usage_bytes) == ("in_progress", 2, 0)
    assert made.last_active_at
    assert made.expires_at == made.last_active_at + 2 * 86400
    steer("clock", advance=30)
    ready = official.vector_stores.retrieve(made.id)
    assert (ready.status, ready.file_counts.completed, ready.file_counts.total) == ("completed", 2, 2)
    assert ready.usage_bytes > len(RETURNS + SHIPPING), "the vectors of its chunks take room too"
    changed = official.vector_stores.update(made.id, name="help", metadata={})
    assert (changed.name, changed.metadata, changed.expires_at) == ("help", {}, made.expires_at)
    assert official.vector_stores.update(made.id, expires_after=None).expires_at is None
    gone = official.vector_stores.delete(made.id)
    assert (gone.deleted, gone.object) == (True, "vector_store.deleted")
    with pytest.raises(openai.NotFoundError, match="not found"):
        official.vector_stores.retrieve(made.id)
    assert official.files.retrieve(files[0]).id == files[0]


def test_an_unused_store_expires(official: openai.OpenAI, steer: Steer) -> None:
    made = official.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})
    steer("clock", advance=80_000)
    official.vector_stores.search(made.id, query="anything")
    steer("clock", advance=80_000)
    assert official.vector_stores.retrieve(made.id).status == "completed", "the search was a use of it"
    steer("clock", advance=10_000)
    assert official.vector_stores.retrieve(made.id).status == "expired"
    with pytest.raises(openai.BadRequestError, match="expired"):
        official.vector_stores.search(made.id, query="anything")


def test_lists_go_both_ways(official: openai.OpenAI) -> None:
    made = [official.vector_stores.create(name=f"s{number}").id for number in range(5)]
    found = list(official.vector_stores.list(limit=2))
    assert [one.id for one in found[:5]] == made[::-1]
    assert len({one.id for one in found}) == len(found)
    ahead = official.vector_stores.list(before=made[1], limit=2)
    assert [one.id for one in ahead.data] == [made[3], made[2]]
    assert [one.id for one in official.vector_stores.list(order="asc", after=made[2], limit=1).data] == [made[3]]


# -- files


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (RETURNS, "returns.txt", "completed", None),
        ("résumé".encode("utf-16"), "wide.txt", "completed", None),
        (b"%PDF-1.7 ...", "scan.pdf", "failed", "unsupported_file"),
        (bytes(range(256)), "noise.txt", "failed", "unsupported_file"),
        ("  \n ", "blank.txt", "failed", "invalid_file"),
    ],
    ids=lambda value: value if str(value).endswith((".txt", ".pdf")) else "",
)
def test_a_file_is_read(
    official: openai.OpenAI,
    api: httpx.Client,
    steer: Steer,
    content: str | bytes,
    name: str,
    status: str,
    code: str | None,
) -> None:
    made = official.vector_stores.create()
    file = official.vector_stores.files.create(made.id, file_id=text_file(api, content, name))
    assert (file.status, file.last_error) == ("in_progress", None)
    assert official.vector_stores.files.content(file.id, vector_store_id=made.id).data == []
    steer("clock", advance=30)
    file = official.vector_stores.files.retrieve(file.id, vector_store_id=made.id)
    assert (file.status, file.last_error and file.last_error.code) == (status, code)
    assert (file.usage_bytes > 0) == (status == "completed")
    assert [one.id for one in official.vector_stores.files.list(made.id, filter=status)] == [file.id]
    assert official.vector_stores.retrieve(made.id).file_counts.to_dict()[status] == 1


def test_chunks_have_the_size_asked_for(official: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    made, file_id = official.vector_stores.create(), text_file(api, NUMBERS)

    def chunks(**options: Any) -> list[list[str]]:
        official.vector_stores.files.create(made.id, file_id=file_id, **options)
        steer("clock", advance=30)
        page = official.vector_stores.files.content(file_id, vector_store_id=made.id)
        return [(part.text or "").split() for part in page]

    assert list(map(len, chunks())) == [800, 600]
    sizes = {"max_chunk_size_tokens": 300, "chunk_overlap_tokens": 100}
    first, second, *others = chunks(chunking_strategy={"type": "static", "static": sizes})
    assert first == NUMBERS.split()[:300]
    assert second[:100] == first[-100:]
    assert others[-1][-1] == "word999"
    assert official.vector_stores.retrieve(made.id).file_counts.total == 1, "attached again, not twice"


def test_attributes_change(official: openai.OpenAI, store: VectorStore) -> None:
    file = next(iter(official.vector_stores.files.list(store.id)))
    assert VectorStoreFile.model_validate(file.to_dict())
    wanted: dict[str, str | float | bool] = {"draft": False, "year": 2026, "by": "ann"}
    changed = official.vector_stores.files.update(file.id, vector_store_id=store.id, attributes=wanted)
    assert changed.attributes == wanted
    assert official.vector_stores.files.retrieve(file.id, vector_store_id=store.id) == changed


def test_files_leave_a_store(official: openai.OpenAI, store: VectorStore) -> None:
    first, second = official.vector_stores.files.list(store.id)
    assert official.vector_stores.files.delete(first.id, vector_store_id=store.id).deleted
    assert official.files.retrieve(first.id).id == first.id, "it stays a file"
    official.files.delete(second.id)
    assert official.vector_stores.retrieve(store.id).file_counts.total == 0
    with pytest.raises(openai.NotFoundError):
        official.vector_stores.files.retrieve(second.id, vector_store_id=store.id)


# -- batches


def test_a_batch_reads_file_by_file(official: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    made = official.vector_stores.create()
    files = [text_file(api, RETURNS, f"{number}.txt") for number in range(8)] + [text_file(api, "x", "bad.pdf")]
    batches = official.vector_stores.file_batches
    batch = batches.create(made.id, file_ids=files, attributes={"run": 1})
    assert isinstance(batch, VectorStoreFileBatch)
    assert (batch.status, batch.file_counts.in_progress, batch.file_counts.total) == ("in_progress", 9, 9)
    seen = []
    while batch.status == "in_progress":
        steer("clock", advance=1)
        batch = batches.retrieve(batch.id, vector_store_id=made.id)
        seen.append(batch.file_counts.completed)
        assert len(seen) < 60, "it does not end"
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "files end one after the other"
    assert (batch.status, batch.file_counts.completed, batch.file_counts.failed) == ("completed", 8, 1)
    listed = list(batches.list_files(batch.id, vector_store_id=made.id, filter="completed", limit=3))
    assert len(listed) == 8
    assert all(file.attributes == {"run": 1} for file in listed)


def test_a_batch_can_say_it_per_file_and_be_cancelled(
    official: openai.OpenAI, api: httpx.Client, steer: Steer
) -> None:
    made, batches = official.vector_stores.create(), official.vector_stores.file_batches
    batch = batches.create(
        made.id, files=[{"file_id": text_file(api, RETURNS), "attributes": {"n": number}} for number in range(20)]
    )
    steer("clock", advance=9)
    batch = batches.cancel(batch.id, vector_store_id=made.id)
    assert (batch.status, batch.file_counts.in_progress) == ("cancelled", 0)
    assert batch.file_counts.cancelled > 0 < batch.file_counts.completed
    assert official.vector_stores.retrieve(made.id).file_counts.cancelled == batch.file_counts.cancelled
    with pytest.raises(openai.BadRequestError, match="Cannot cancel"):
        batches.cancel(batch.id, vector_store_id=made.id)
    attributes = [file.attributes for file in batches.list_files(batch.id, vector_store_id=made.id, order="asc")]
    assert attributes == [{"n": number} for number in range(20)]


# -- search


def found(
    official: openai.OpenAI, store: VectorStore, query: str | list[str], **options: Any
) -> list[VectorStoreSearchResponse]:
    return list(official.vector_stores.search(store.id, query=query, **options))


def test_the_right_chunks_come_first(official: openai.OpenAI, store: VectorStore) -> None:
    for query, name in (("how is a refund paid", "returns.md"), ("delivery to islands", "shipping.md")):
        for ranker in ("auto", "none"):
            results = found(official, store, query, ranking_options={"ranker": ranker})
            assert results[0].filename == name, (query, ranker)
            assert results[0].content[0].text in RETURNS + SHIPPING
            assert [one.score for one in results] == sorted((one.score for one in results), reverse=True)
            assert all(0 <= one.score <= 1 for one in results)


def test_results_are_limited(official: openai.OpenAI, store: VectorStore) -> None:
    everything = found(official, store, "refund")
    assert len(everything) > 2
    assert found(official, store, "refund", max_num_results=1) == everything[:1]
    bound = everything[0].score
    assert all(
        one.score >= bound for one in found(official, store, "refund", ranking_options={"score_threshold": bound})
    )
    assert {one.filename for one in found(official, store, ["refund", "islands"], max_num_results=6)} == {
        "returns.md",
        "shipping.md",
    }


def test_a_query_is_rewritten(api: httpx.Client, store: VectorStore) -> None:
    body = {"query": "Where is the refund on my card?", "rewrite_query": True}
    assert api.post(f"/vector_stores/{store.id}/search", json=body).json()["search_query"] == ["refund card"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"type": "eq", "key": "topic", "value": "returns"}, {"returns"}),
        ({"type": "ne", "key": "topic", "value": "returns"}, {"shipping"}),
        ({"type": "ne", "key": "missing", "value": 1}, {"returns", "shipping"}),
        ({"type": "eq", "key": "new", "value": True}, {"returns", "shipping"}),
        ({"type": "eq", "key": "new", "value": 1}, set()),
        ({"type": "gt", "key": "pages", "value": len(RETURNS)}, {"shipping"}),
        ({"type": "gte", "key": "pages", "value": len(RETURNS)}, {"returns", "shipping"}),
        ({"type": "lt", "key": "pages", "value": len(SHIPPING)}, {"returns"}),
        ({"type": "lte", "key": "pages", "value": 1}, set()),
        ({"type": "gt", "key": "topic", "value": 1}, set()),
        ({"type": "in", "key": "topic", "value": ["returns", "x"]}, {"returns"}),
        ({"type": "nin", "key": "topic", "value": ["returns", "x"]}, {"shipping"}),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "topic", "value": "returns"},
                    {
                        "type": "and",
                        "filters": [
                            {"type": "eq", "key": "topic", "value": "shipping"},
                            {"type": "gt", "key": "pages", "value": 1},
                        ],
                    },
                ],
            },
            {"returns", "shipping"},
        ),
        (
            {
                "type": "and",
                "filters": [{"type": "eq", "key": "topic", "value": t} for t in ("returns", "shipping")],
            },
            set(),
        ),
    ],
)
def test_filters_choose_files(
    official: openai.OpenAI, store: VectorStore, condition: dict[str, Any], names: set[str]
) -> None:
    results = found(official, store, "refund islands", filters=condition, max_num_results=50)
    assert {one.filename.removesuffix(".md") for one in results} == names


# -- what is refused


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"expires_after": {"anchor": "last_active_at", "days": 366}}, "expires_after.days"),
        ("", {"chunking_strategy": {"type": "magic"}}, "chunking_strategy.type"),
        ("/{id}/files", {"file_id": 7}, "file_id"),
        ("/{id}/files", {"file_id": "file-none"}, "id"),
        ("/{id}/file_batches", {}, "file_ids"),
        ("/{id}/file_batches", {"file_ids": []}, "file_ids"),
        ("/{id}/search", {}, "query"),
        ("/{id}/search", {"query": "x", "max_num_results": 51}, "max_num_results"),
        (
            "/{id}/search",
            {"query": "x", "ranking_options": {"score_threshold": 2}},
            "ranking_options.score_threshold",
        ),
        ("/{id}/search", {"query": "x", "filters": {"type": "like", "key": "k", "value": "v"}}, "filters.type"),
        (
            "/{id}/files",
            {
                "file_id": "file-none",
                "chunking_strategy": {
                    "type": "static",
                    "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 150},
                },
            },
            "chunking_strategy.static.chunk_overlap_tokens",
        ),
    ],
)
def test_bodies_are_checked(api: httpx.Client, path: str, body: dict[str, Any], param: str) -> None:
    made = api.post("/vector_stores", json={}).json()
    answer = api.post("/vector_stores" + path.format(**made), json=body)
    assert answer.status_code == (404 if param == "id" else 400)
    assert answer.json()["error"]["param"] == param, answer.text


def test_a_busy_file_says_when_to_ask_again(api: httpx.Client, steer: Steer) -> None:
    made = api.post("/vector_stores", json={}, headers={"openai-beta": "assistants=v2"}).json()
    path = f"/vector_stores/{made['id']}/files"
    file = api.post(path, json={"file_id": text_file(api, RETURNS)})
    assert file.headers["openai-poll-after-ms"] == "1000"
    steer("clock", advance=30)
    assert "openai-poll-after-ms" not in api.get(f"{path}/{file.json()['id']}").headers
