"""Where one object names another, in words."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.paging.pages import Trail
from tui.live.platform import Platform
from tui.live.references.naming import HOLDERS, Reference, describe_role
from tui.live.references.walk import ReferenceWalk, _Place
from tui.resources.registry import REGISTRY
from tui.screens.actions.agreement import describe_gaps
from tui.workflows.consequences.consequences import find_users
from tui.workflows.consequences.unseen import Unseen
from tui.workflows.consequences.uses import UseSearch, find_path, list_named

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("input_file_id", "as input file"),
        ("training_file", "as training file"),
        ("result_files", "as result file"),
        ("tool_resources file_search vector_store_ids", "as file search vector store"),
        ("metadata parent_id", "in metadata parent id"),
        ("id", "as id"),
        ("", ""),
    ],
)
def test_the_path_to_an_id_tells_as_what_it_is_used(path: str, role: str) -> None:
    assert describe_role(path) == role


def test_the_first_value_that_is_the_id_counts() -> None:
    raw = {"id": "file-b", "model": "m", "result_files": ["file-a"], "metadata": {"of": "file-a"}}
    assert find_path(raw, "file-a") == "as result file"
    assert find_path(raw, "file-c") == ""


def test_what_an_object_names_is_listed_once_and_never_the_object() -> None:
    batches, files = REGISTRY["batches"], REGISTRY["files"]
    prefixes = {"batch_": batches, "file-": files}
    known = files.record({"id": "file-2", "filename": "kept.jsonl"})
    platform: Any = SimpleNamespace(
        find=lambda text: next((found for prefix, found in prefixes.items() if text.startswith(prefix)), None),
        loaded=lambda: [SimpleNamespace(records={"file-2": known})],
    )
    raw = {"id": "batch_1", "input_file_id": "file-1", "output_file_id": "file-2", "error_file_id": "file-1"}
    named = list_named(platform, batches.record({**raw, "metadata": {"run": "nightly", "of": "batch_1"}}))
    assert [(use.resource.name, use.record.id) for use in named] == [("files", "file-1"), ("files", "file-2")]
    assert named[1].record is known

    # What a file is for, and what it is called, may begin as an id does; neither names an object.
    made = files.record({"id": "file-3", "purpose": "batch_output", "filename": "batch_1_output.jsonl"})
    assert list_named(platform, made) == []


def named_files(resource: str, raw: dict[str, Any]) -> set[str]:
    walk = ReferenceWalk(SimpleNamespace(), REGISTRY, lambda *_: {}, 0.0)  # type: ignore[arg-type]
    found = REGISTRY[resource]
    holder = None if resource in HOLDERS else Reference("evals", "holder", "", "")
    walk._take(_Place(found, {}, Trail(), holder), found.record(raw))
    return set(walk.users)


@pytest.mark.parametrize(
    ("resource", "raw"),
    [
        ("batches", {"id": "7f", "input_file_id": "A", "output_file_id": "B", "error_file_id": None}),
        ("fine-tuning", {"id": "7f", "training_file": "A", "result_files": ["B"], "model": "gpt"}),
        ("assistants", {"id": "7f", "tool_resources": {"code_interpreter": {"file_ids": ["A", "B"]}}}),
        ("store-files", {"id": "A", "status": "completed", "attributes": {"about_file_id": "B"}}),
        ("eval-runs", {"id": "7f", "data_source": {"source": {"type": "file_id", "id": "A"}, "file": "B"}}),
    ],
)
def test_files_whose_ids_a_server_made_in_its_own_way_are_known_by_the_fields_that_name_them(
    resource: str, raw: dict[str, Any]
) -> None:
    assert named_files(resource, raw) - {"file_id"} == {"A", "B"}  # a type that begins as an id does harms nothing


@pytest.mark.parametrize("is_fresh", [True, False])
async def test_what_was_read_lately_is_not_said_to_be_unseen(
    monkeypatch: pytest.MonkeyPatch, is_fresh: bool
) -> None:
    async def look(self: UseSearch, holder: str) -> None:
        self._behind.append(f"older {holder}")

    monkeypatch.setattr(UseSearch, "_search_list", look)
    references = SimpleNamespace(users={}, is_fresh=is_fresh)
    platform: Any = SimpleNamespace(uses={}, references=references, loaded=list, registry=REGISTRY)
    for name, is_said in (
        ("files", not is_fresh),
        ("vector-stores", True),
    ):  # only of files it is read what uses them
        unseen = Unseen()
        await UseSearch(platform, REGISTRY[name], {"id-1"}, unseen).run()
        assert bool(unseen.beyond or unseen.later) is is_said


@pytest.mark.parametrize("holder", [name for name in HOLDERS if REGISTRY[name].filters])
async def test_what_a_filter_of_the_shown_list_hides_is_searched_too(holder: str) -> None:
    resource, files = REGISTRY[holder], REGISTRY["files"]
    (hiding, *_), delete = resource.filters, next(each for each in files.actions if each.removes)
    assert resource.list
    user = {"id": "user-of-it", "some_file_id": "file-1"}

    def answer(query: Mapping[str, str]) -> dict[str, Any]:
        return {"object": "list", "data": [] if hiding.param in query else [user], "has_more": False}

    lists = filter(None, (REGISTRY[name].list for name in HOLDERS))
    routes: dict[str, Any] = {each.path: {"object": "list", "data": []} for each in lists}
    with odd_server({**routes, resource.list.path: answer}) as url:
        connection = Connection(base_url=url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY))
        platform = Platform(Client(connection), REGISTRY)
        shown = platform.watch(resource)
        shown.set_query({hiding.param: "others"})
        await shown.refresh()
        found, _ = await find_users(platform, files, delete, [files.record({"id": "file-1"})], {})
        assert "user-of-it" in found["file-1"]
        assert shown.query[hiding.param] == "others", "what is shown stays filtered"
        assert not shown.collection.records
        await platform.aclose()


async def test_why_something_was_not_looked_at_is_the_true_reason() -> None:
    files, paths = REGISTRY["files"], [each.path for name in HOLDERS if (each := REGISTRY[name].list)]
    delete = next(each for each in files.actions if each.removes)
    store = {"object": "list", "data": [{"id": "vs_1"}], "has_more": False}
    routes: dict[str, Any] = {path: {"object": "list", "data": []} for path in paths}
    del routes["/assistants"]  # this server has none, so that none uses anything
    connections = [Connection(base_url="http://127.0.0.1:9/v1", project_key=Secret(PROJECT_KEY))]

    async def look(platform: Platform) -> Unseen:
        _, unseen = await find_users(platform, files, delete, [files.record({"id": "file-1"})], {})
        return unseen

    with odd_server({**routes, "/vector_stores": store, "/vector_stores/vs_1/files": 403}) as url:
        connections.append(replace(connections[0], base_url=url))
        nowhere, platform = (Platform(Client(each), REGISTRY) for each in connections)
        unseen = await look(platform)
        assert (unseen.failed, unseen.unasked, unseen.beyond) == (["some store-files"], [], [])
        assert "403" in describe_gaps(unseen, "it") or "no access" in describe_gaps(unseen, "it")

        # All requests of this minute are used up: some was read before, and the rest is not known.
        platform.scheduler.budget = 0
        unseen = await look(platform)
        assert not (unseen.failed or unseen.beyond)
        newest = {f"the newest {name}" for name in HOLDERS if name != "assistants"}
        assert {*unseen.unasked} == {*newest, "some store-files"}
        assert "as the requests of this minute are used up: the newest batches" in describe_gaps(unseen, "it")

        # The link has just broken, and nothing else is the reason.
        platform.scheduler.unreachable = True
        unseen = await look(platform)
        assert (unseen.unasked, unseen.beyond) == ([], [])
        assert {*unseen.failed} == {*HOLDERS, "some store-files"} - {"assistants"}

        unseen = await look(nowhere)
        assert unseen.failed == [*HOLDERS]
        assert "refuses the connection" in describe_gaps(unseen, "it")
        assert "too many" not in describe_gaps(unseen, "it")
        for one in (nowhere, platform):
            await one.aclose()


async def test_what_is_gone_of_itself_is_not_asked_for_what_it_holds() -> None:
    files, asked = REGISTRY["files"], list[str]()
    delete = next(each for each in files.actions if each.removes)
    lists = filter(None, (REGISTRY[name].list for name in HOLDERS))
    routes: dict[str, Any] = {each.path: {"object": "list", "data": []} for each in lists}
    containers = [{"id": "cntr_1", "status": "running"}, {"id": "cntr_2", "status": "expired"}]
    routes["/containers"] = {"object": "list", "data": containers, "has_more": False}

    def hear(id_: str) -> Any:
        def answer(_: object) -> dict[str, Any]:
            asked.append(id_)
            return {"object": "list", "data": [], "has_more": False}

        return answer

    routes |= {f"/containers/{each['id']}/files": hear(each["id"]) for each in containers}
    with odd_server(routes) as url:
        connection = Connection(base_url=url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY))
        platform = Platform(Client(connection), REGISTRY)
        records = [files.record({"id": f"file-{at}"}) for at in range(30)]
        await find_users(platform, files, delete, records, {}, is_last=True)
        await find_users(platform, files, delete, records, {}, is_last=True)
        assert "cntr_1" in asked
        assert "cntr_2" not in asked
        assert len(asked) <= 3, "a look does not ask for each file"
        await platform.aclose()


async def test_before_files_go_all_that_may_name_them_is_read_and_until_then_that_is_said() -> None:
    files = REGISTRY["files"]
    delete = next(each for each in files.actions if each.removes)
    lists = filter(None, (REGISTRY[name].list for name in HOLDERS))
    routes: dict[str, Any] = {each.path: {"object": "list", "data": []} for each in lists}
    newest, oldest = {"id": "batch_2", "input_file_id": "file-2"}, {"id": "batch_1", "input_file_id": "file-1"}

    def answer(query: Mapping[str, str]) -> dict[str, Any]:
        return {
            "object": "list",
            "data": [oldest if "after" in query else newest],
            "has_more": "after" not in query,
        }

    routes["/batches"] = answer
    with odd_server(routes) as url:
        connection = Connection(base_url=url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY))
        platform = Platform(Client(connection), REGISTRY)
        records = [files.record({"id": f"file-{at}"}) for at in (1, 2, 3)]
        users, unseen = await find_users(platform, files, delete, records, {})
        assert (set(users), unseen.later, unseen.beyond) == ({"file-2"}, ["older batches"], [])
        assert "Not read yet: older batches. All of it is read before" in describe_gaps(unseen, "them")
        users, unseen = await find_users(platform, files, delete, records, {}, is_last=True)
        assert (set(users), str(unseen)) == ({"file-1", "file-2"}, "")
        await platform.aclose()
