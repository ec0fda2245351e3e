"""Paging: every style behind one cursor, and an end whatever the server does."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox import contract
from tui.api.credentials.keys import Secret
from tui.api.errors import BadAnswer, StatusError
from tui.api.operation import Key, Operation
from tui.api.paging.pages import Page, page_of, walk_pages
from tui.live.gathered import Gathered
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.api.conftest import MakeClient

LIST = Operation("listFiles", "GET", "/files")
COSTS = Operation("usage-costs", "GET", "/organization/costs", key=Key.ADMIN)
USAGE = Operation("usage-completions", "GET", "/organization/usage/completions", key=Key.ADMIN)
A = {"id": "a"}
B = {"id": "b"}


@pytest.mark.parametrize(
    ("operation", "envelope", "has_more", "cursor"),
    [
        (LIST, {"data": [A, B], "has_more": True}, True, "b"),
        (LIST, {"data": [A, B], "has_more": True, "last_id": "z"}, True, "z"),
        (LIST, {"data": [A, B], "has_more": True, "last_id": None}, True, "b"),
        (LIST, {"data": [A, B], "has_more": False, "last_id": "b"}, False, None),
        (LIST, {"data": [A, B], "has_more": True, "next": "n"}, True, "n"),
        (LIST, {"data": [A, B], "has_more": True, "next": None}, True, None),
        (LIST, {"data": [A, B], "next": "n"}, True, "n"),
        (LIST, {"data": [A, B], "last_id": "b"}, True, "b"),
        (LIST, {"data": [A, B]}, False, None),
        (LIST, {"data": [A, B], "has_more": True, "next_page": "p"}, True, "b"),
        (LIST, {"data": [], "has_more": True, "last_id": "z"}, True, None),
        (LIST, {"data": [], "has_more": False}, False, None),
        (LIST, {"data": ["odd", 3, None], "has_more": True}, True, None),
        (LIST, {"data": [{"id": 7}], "has_more": True}, True, "7"),
        (LIST, {"data": [{"id": None}], "has_more": True}, True, None),
        (LIST, {"data": [A], "has_more": "true", "last_id": "a"}, True, "a"),
        (LIST, {"data": [A], "has_more": "false", "last_id": "a"}, False, None),
        (LIST, {"data": [A], "has_more": 1}, True, "a"),
        (LIST, {"data": [{"x": 1}], "has_more": True, "next_page": "p"}, True, "p"),
        (LIST, {"data": [A], "error": "one backend of two is down"}, True, None),
        (LIST, {"data": [A], "has_more": "no", "last_id": "a"}, False, None),
        (LIST, {"data": [A], "has_more": 0.0, "last_id": "a"}, False, None),
        # A way on beside the word that there is none is followed; where it cannot be, the list is not whole.
        (COSTS, {"data": [A], "has_more": False, "next_page": "p"}, True, "p"),
        (COSTS, {"data": [A], "has_more": False, "next_page": None}, False, None),
        (COSTS, {"data": [], "has_more": False, "next_page": "p"}, False, None),
        (LIST, {"data": [A], "has_more": False, "next": "n"}, True, "n"),
        (LIST, {"data": [A], "has_more": False, "next_page": "p"}, True, None),
        (LIST, {"data": [A], "has_more": False, "next_page_token": "t"}, True, None),
        (LIST, {"data": [A], "has_more": False, "total": 9}, False, None),
        # Ways on that this API does not have: the list is not whole.
        (LIST, {"data": [A], "next_page_token": "t"}, True, None),
        (LIST, {"data": [A], "nextPageToken": "t"}, True, None),
        (LIST, {"data": [A], "next_cursor": "c", "has_more": False}, True, None),
        (LIST, {"data": [A], "next_cursor": None}, False, None),
        (LIST, {"data": [A, B], "total": 5}, True, None),
        (LIST, {"data": [A, B], "total_count": 2}, False, None),
        (LIST, {"data": [A], "next": "https://host/v1/files?limit=2&after=n"}, True, "n"),
        (LIST, {"data": [A], "has_more": True, "next": "/v1/files?offset=2"}, True, None),
        (LIST, {"data": [A], "nextLink": "https://host/v1/files?$skip=1"}, True, None),
        (LIST, {"data": [A], "meta": {"next_cursor": "c"}}, True, None),
        (LIST, {"data": [A], "meta": {"total": 1, "next_cursor": None}}, False, None),
        (LIST, {"data": [A], "pagination": {"total": 9}}, True, None),
        (LIST, {"data": [A], "pagination": {"hasMore": True}}, True, None),
        (LIST, {"data": [A], "pagination": {"next_page": None}}, False, None),
        (LIST, {"data": [A], "pagination": {"next_page": 2}}, True, None),
        (LIST, {"data": [A], "links": {"next": "/files?page=2"}}, True, None),
        (LIST, {"data": [A], "_links": {"next": {"href": "/files?page=2"}, "self": {"href": "/"}}}, True, None),
        (LIST, {"data": [A], "_links": {"next": None}}, False, None),
        (LIST, {"data": [A], "truncated": True}, True, None),
        (LIST, {"data": [A], "is_truncated": "false"}, False, None),
        # What others call what this API has.
        (LIST, {"data": [A, B], "hasMore": True}, True, "b"),
        (LIST, {"data": [A, B], "hasMore": True, "lastId": "z"}, True, "z"),
        (LIST, {"data": [A, B], "hasMore": False, "lastId": "z"}, False, None),
        (COSTS, {"data": [A], "hasMore": True, "nextPage": "p"}, True, "p"),
        (COSTS, {"data": [{}], "has_more": True, "next_page": "p"}, True, "p"),
        (USAGE, {"data": [{}], "has_more": False, "next_page": None}, False, None),
    ],
)
def test_each_style_gives_one_cursor(
    operation: Operation, envelope: dict[str, Any], has_more: bool, cursor: str | None
) -> None:
    assert page_of(operation, envelope, None) == Page(envelope["data"], has_more, None, cursor)


@pytest.mark.parametrize("name", ["items", "results", "files", "batches"])
def test_a_list_under_another_name_is_the_list(name: str) -> None:
    assert page_of(LIST, {name: [A, B], "count": 2}, None) == Page([A, B], False, None, None)
    assert page_of(LIST, {"object": "list", name: [A], "has_more": True}, None) == Page([A], True, None, "a")


@pytest.mark.parametrize("envelope", [{"data": None}, {"object": "list"}, {"object": "list", "data": None}])
def test_a_list_that_is_null_or_left_out_is_empty(envelope: dict[str, Any]) -> None:
    assert page_of(LIST, envelope, None) == Page([], False, None, None)


def test_an_envelope_around_the_envelope_is_taken_off() -> None:
    envelope = {"success": True, "data": {"object": "list", "data": [A], "has_more": True}}
    assert page_of(LIST, envelope, None) == Page([A], True, None, "a")


@pytest.mark.parametrize(
    "body", [b'[{"id": "a"}]', b'{"data": [{"id": "a"}]}', b'{"data": {"data": [{"id": "a"}]}}']
)
async def test_a_bare_array_is_a_list(client_of: MakeClient, body: bytes) -> None:
    client = client_of(lambda _: httpx.Response(200, content=body))
    assert (await client.page(LIST)).items == [A]


@pytest.mark.parametrize("body", [b"null", b"[]", b'{"data": null}', b'{"object": "list"}'])
async def test_nothing_is_an_empty_list(client_of: MakeClient, body: bytes) -> None:
    client = client_of(lambda _: httpx.Response(200, content=body))
    assert await client.page(LIST) == Page([], False, None, None)


@pytest.mark.parametrize(
    "envelope",
    [
        {},
        {"data": {}},
        {"data": "text"},
        {"data": 3},
        {"object": "file"},
        {"items": ["a"]},
        {"items": [A], "results": [B]},
    ],
)
def test_an_answer_without_a_list_is_told(envelope: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match="no list"):
        page_of(LIST, envelope, None)


@pytest.mark.parametrize(
    "envelope",
    [
        {"id": "req_1", "error": {"message": "no credit"}},
        {"data": {"error": {"message": "no credit"}}},
        {"request": "r", "errno": 17, "errmsg": "no credit"},
        {"trace": 1, "base_resp": {"status_code": 1004, "status_msg": "no credit"}},
    ],
)
def test_what_an_answer_without_a_list_says_is_told(envelope: dict[str, Any]) -> None:
    with pytest.raises(StatusError, match="no credit"):
        page_of(LIST, envelope, None)


QUERIES = json.loads(gzip.decompress((Path(contract.__file__).with_name("schemas.json.gz")).read_bytes()))[
    "queries"
]


@pytest.mark.parametrize("name", [each.name for each in REGISTRY.values() if each.list and not each.single])
async def test_a_list_is_asked_with_nothing_that_its_operation_does_not_take(
    client_of: MakeClient, name: str
) -> None:
    asked: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"data": [A], "has_more": len(asked) < 2, "next": "n", "next_page": "p"})

    resource, key = REGISTRY[name], Secret("sk-admin-" + "TESTONLY" * 3)
    assert resource.list
    client = client_of(handler, admin_key=key)
    query = dict(resource.query) if not resource.listed_per else {}
    path = dict.fromkeys(resource.list.placeholders, "x")
    pages = [page async for page in client.pages(resource.list, path, query=query, limit=resource.page_max)]
    assert pages
    takes = {each.partition("[")[0] for each in QUERIES[f"{resource.list.method} {resource.list.path}"]}
    assert {each.partition("[")[0] for url in asked for each in parse_qs(url.query.decode())} <= takes


def test_the_same_cursor_again_is_the_end() -> None:
    page = page_of(LIST, {"data": [A], "has_more": True, "last_id": "a"}, "a")
    assert (page.next, page.has_more) == (None, True)
    page = page_of(LIST, {"data": [A], "has_more": None, "last_id": "a"}, "a")
    assert (page.next, page.has_more) == (None, False), "it says of nothing that there is more"


@pytest.mark.parametrize(("operation", "parameter"), [(LIST, "after"), (USAGE, "page"), (COSTS, "page")])
async def test_a_page_is_asked_for_in_the_familys_way(
    client_of: MakeClient, operation: Operation, parameter: str
) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": []})

    client = client_of(handler, admin_key=Secret("sk-admin-" + "TESTONLY" * 3))
    await client.page(operation, query={"purpose": "batch", "after": None}, after="c", limit=5)
    await client.page(operation)
    assert [parse_qs(urlsplit(str(request.url)).query) for request in asked] == [
        {"purpose": ["batch"], "limit": ["5"], parameter: ["c"]},
        {},
    ]


async def test_a_list_without_pages_is_asked_for_without_a_limit(client_of: MakeClient) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": []})

    from tui.resources.models import MODELS

    assert MODELS.list
    await client_of(handler).page(MODELS.list, limit=100)
    assert str(asked[0].url).endswith("/models")


class Shelf:
    """A server's list, handed out page by page, to which things happen meanwhile."""

    def __init__(self, ids: list[str], size: int) -> None:
        self.ids, self.size = ids, size
        self.happens: list[Callable[[], None]] = []

    def fetch(self) -> Callable[[str | None], Awaitable[Page]]:
        async def fetch(after: str | None) -> Page:
            start = self.ids.index(after) + 1 if after in self.ids else 0
            found = self.ids[start : start + self.size]
            more = start + self.size < len(self.ids)
            envelope = {"data": [{"id": id_} for id_ in found], "has_more": more}
            if self.happens:
                self.happens.pop(0)()
            return page_of(LIST, json.loads(json.dumps(envelope)), after)

        return fetch


async def walked(fetch: Callable[[str | None], Awaitable[Page]], most: int = 1000) -> tuple[list[Any], Page]:
    items: list[Any] = []
    last: Page | None = None
    async for page in walk_pages(fetch, None):
        items += page.items
        last = page
        most -= 1
        assert most, "it never ends"
    assert last is not None
    return items, last


async def test_pages_of_objects_without_ids_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.api.paging.pages._MOST_NAMELESS", 5)

    async def fetch(after: str | None) -> Page:
        number = int(after or 0)
        return Page([{"n": number}], True, after, str(number + 1))

    items, last = await walked(fetch)
    assert (len(items), last.cut) == (5, True)


@given(st.integers(0, 50), st.integers(1, 12))
async def test_every_item_comes_once_and_in_order(count: int, size: int) -> None:
    ids = [f"id-{number}" for number in range(count)]
    items, last = await walked(Shelf(ids, size).fetch())
    assert [item["id"] for item in items] == ids
    assert not last.has_more


@given(st.integers(2, 40), st.integers(1, 10), st.lists(st.integers(0, 40), max_size=8))
async def test_what_is_added_at_the_top_meanwhile_neither_loses_nor_repeats(
    count: int, size: int, added: list[int]
) -> None:
    ids = [f"id-{number}" for number in range(count)]
    shelf = Shelf(list(ids), size)
    shelf.happens = [lambda n=n: shelf.ids.insert(0, f"new-{n}-{len(shelf.ids)}") for n in added]  # type: ignore[misc]
    items, _ = await walked(shelf.fetch())
    assert [item["id"] for item in items] == ids


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["a", "b", "c", None, ""])), min_size=1))
async def test_any_server_comes_to_an_end(pages: list[tuple[str, str | None]]) -> None:
    calls = iter(range(10_000))

    async def fetch(after: str | None) -> Page:
        id_, cursor = pages[next(calls) % len(pages)]
        return page_of(LIST, {"data": [{"id": id_}], "has_more": True, "last_id": cursor}, after)

    items, last = await walked(fetch, most=20)
    ids = [item["id"] for item in items]
    assert len(ids) == len(set(ids)), "an object came twice"
    assert last.has_more
    assert last.next is None


async def test_what_comes_again_is_as_it_was_told_last_and_what_comes_twice_is_counted() -> None:
    pages: list[list[dict[str, Any]]] = [
        [{"id": "a", "status": "queued"}, {"id": "b", "n": 1}, {"id": "b", "n": 2}, {"id": "c"}, {"id": "c"}],
        [{"id": "a", "status": "failed"}, {"id": "d"}, {"id": "d"}],
        [{"id": "e"}, {"id": "a", "status": "done"}],
    ]

    async def fetch(after: str | None) -> Page:
        at = int(after or 0)
        return Page(list(pages[at]), at < 2, after, str(at + 1) if at < 2 else None)

    found = Gathered()
    async for page in walk_pages(fetch, None):
        found.take(page)
    assert found.items == [{"id": "a", "status": "done"}, {"id": "b", "n": 1}, *({"id": id_} for id_ in "cde")]
    assert found.doubled == [{"id": "b", "n": 2}]
    assert not found.cut


async def test_items_without_an_id_all_come() -> None:
    async def fetch(after: str | None) -> Page:
        page = 1 if after is None else 2
        return Page([{}, {"id": ""}, 3, {"page": page}], after is None, after, "c" if after is None else None)

    items, _ = await walked(fetch)
    assert len(items) == 8


@pytest.mark.parametrize(
    "items", [[{"id": "a"}], [{"id": 7}], [{"start_time": 0, "results": [{"amount": 3}]}], [5], []]
)
async def test_a_page_that_brings_nothing_new_is_the_last(items: list[Any]) -> None:
    asked: list[str | None] = []

    async def fetch(after: str | None) -> Page:
        asked.append(after)
        return Page(list(items), True, after, f"cursor-{len(asked)}")

    found, last = await walked(fetch)
    assert found == items, "what came again was counted again"
    assert len(asked) <= 2
    assert last.cut


async def test_a_cursor_that_was_asked_before_is_the_last() -> None:
    ids = iter(range(1000))

    async def fetch(after: str | None) -> Page:
        return Page([{"id": str(next(ids))}], True, after, {None: "x", "x": "y", "y": "z"}.get(after, "x"))

    found, last = await walked(fetch)
    assert len(found) == 4
    assert last.cut


async def test_pages_are_walked_over_the_wire(client_of: MakeClient) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params.get("after", -1))
        found = [{"id": str(number)} for number in range(after + 1, min(after + 4, 10))]
        return httpx.Response(200, json={"data": found, "has_more": after + 4 < 10})

    client = client_of(handler)
    pages = [page async for page in client.pages(LIST, limit=3)]
    assert [item["id"] for page in pages for item in page.items] == [str(number) for number in range(10)]
    assert [page.after for page in pages] == [None, "2", "5", "8"]
