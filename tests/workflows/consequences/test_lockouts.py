"""What shuts out o9s or the last owner is found before it is done, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.workflows.consequences.consequences import describe_power_lost, find_users

if TYPE_CHECKING:
    from collections.abc import Mapping

ORGANIZATION = "/organization"
IN_PROJECT = {"project_id": "proj_1"}


def listed(*objects: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(objects), "has_more": more}


def redacted(secret: str) -> str:
    return f"{secret[:9]}***{secret[-4:]}"


def key(id_: str, secret: str, **owner: Any) -> dict[str, Any]:
    return {"id": id_, "object": "key", "redacted_value": redacted(secret), "owner": owner}


ADMIN_KEYS = listed(
    key("key_own", ADMIN_KEY, id="user_me"), key("key_other", "sk-admin-other-0000", id="user_you")
)
PROJECT_KEYS = listed(
    key("key_own", PROJECT_KEY, type="service_account", service_account={"id": "svc_own"}),
    key("key_mine", PROJECT_KEY, type="user", user={"id": "user_me"}),
    key("key_other", "sk-proj-other-0000", type="user", user={"id": "user_you"}),
)
USERS = [
    {"id": "user_me", "role": "owner"},
    {"id": "user_you", "role": "owner"},
    {"id": "user_they", "role": "reader"},
]
ANSWERS = {
    f"{ORGANIZATION}/admin_api_keys": ADMIN_KEYS,
    f"{ORGANIZATION}/projects/proj_1/api_keys": PROJECT_KEYS,
    f"{ORGANIZATION}/projects/proj_2/api_keys": listed(),
    f"{ORGANIZATION}/users": listed(*USERS),
}


async def find(name: str, action: str, *ids: str, answers: dict[str, Any] = ANSWERS) -> tuple[dict[str, str], str]:
    """Return the sentences by id, and what was not looked at."""
    with odd_server(answers) as url:
        connection = Connection(
            base_url=url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY), project="proj_9"
        )
        platform, resource = Platform(Client(connection), REGISTRY), REGISTRY[name]
        wanted = next(each for each in resource.actions if each.name == action)
        records = [resource.record({resource.identify: id_, "id": id_}) for id_ in ids]
        if wanted.edits:
            told = {each.id: await describe_power_lost(platform, resource, wanted, each) for each in records}
            await platform.aclose()
            return {id_: words for id_, words in told.items() if words}, ""
        scope = IN_PROJECT if resource.parent == "projects" else {}
        found, unseen = await find_users(platform, resource, wanted, records, scope)
        await platform.aclose()
        return found, str(unseen)


@pytest.mark.parametrize(
    ("name", "action", "ids", "shut", "words"),
    [
        ("admin-keys", "delete", ("key_own", "key_other"), {"key_own"}, "It is the admin key that o9s uses"),
        ("project-keys", "delete", ("key_own", "key_other"), {"key_own"}, "It is the project key that o9s uses"),
        ("service-accounts", "delete", ("svc_own", "svc_other"), {"svc_own"}, "is theirs, and may stop working"),
        ("project-users", "delete", ("user_me", "user_you"), {"user_me"}, "is theirs, and may stop working"),
        ("projects", "archive", ("proj_1", "proj_2", "proj_9"), {"proj_1", "proj_9"}, "is of this project"),
        ("users", "delete", ("user_me", "user_they"), {"user_me"}, "is theirs, and may stop working"),
        ("users", "delete", ("user_you",), set(), ""),
        ("users", "edit", ("user_you", "user_they"), set(), ""),
        ("users", "delete", ("user_me", "user_you"), {"user_me", "user_you"}, "No other owner was found"),
    ],
)
async def test_who_would_be_shut_out(
    name: str, action: str, ids: tuple[str, ...], shut: set[str], words: str
) -> None:
    found, unseen = await find(name, action, *ids)
    assert (set(found), unseen) == (shut, "")
    assert all(words in told for told in found.values()), found


async def test_an_owner_that_a_filter_of_the_shown_list_hides_is_one_all_the_same() -> None:
    def users(query: Mapping[str, str]) -> dict[str, Any]:
        return listed() if "emails[]" in query else listed(*USERS)

    with odd_server({**ANSWERS, f"{ORGANIZATION}/users": users}) as url:
        connection = Connection(base_url=url, admin_key=Secret(ADMIN_KEY))
        platform, resource = Platform(Client(connection), REGISTRY), REGISTRY["users"]
        platform.watch(resource).set_query({"emails[]": "nobody@acme.example"})
        delete = next(each for each in resource.actions if each.removes)
        records = [resource.record(each) for each in USERS[:2]]
        found, _ = await find_users(platform, resource, delete, records, {})
        await platform.aclose()
    assert all("No other owner was found" in words for words in found.values())
    assert set(found) == {"user_me", "user_you"}


async def test_what_cannot_be_read_is_said() -> None:
    assert await find("admin-keys", "delete", "key_own", answers={}) == ({}, "Not looked at: admin-keys.")
    some = {**ANSWERS, f"{ORGANIZATION}/users": {**listed(*USERS, more=True), "last_id": "user_they"}}
    assert (await find("users", "delete", "user_you", answers=some))[1] == "Not looked at: more users."


async def test_right_before_a_deletion_the_lists_are_read_to_their_ends() -> None:
    def users(query: Mapping[str, str]) -> dict[str, Any]:
        if query.get("after"):
            return listed({"id": "user_of_page_2", "role": "owner"})
        return {**listed(*USERS, more=True), "last_id": USERS[-1]["id"]}

    with odd_server({**ANSWERS, f"{ORGANIZATION}/users": users}) as url:
        connection = Connection(base_url=url, admin_key=Secret(ADMIN_KEY))
        platform, resource = Platform(Client(connection), REGISTRY), REGISTRY["users"]
        delete = next(each for each in resource.actions if each.removes)
        records = [resource.record(each) for each in USERS]
        found = [
            await find_users(platform, resource, delete, records, {}, is_last=is_last) for is_last in (False, True)
        ]
        await platform.aclose()
    assert [any("No other owner was found" in words for words in each.values()) for each, _ in found] == [
        True,
        False,
    ]
    assert [str(unseen) for _, unseen in found] == ["Not looked at: more users.", ""]


async def test_the_last_owner_keeps_the_role() -> None:
    alone = {**ANSWERS, f"{ORGANIZATION}/users": listed(USERS[0], USERS[2])}
    found, _ = await find("users", "edit", "user_me", "user_they", answers=alone)
    assert list(found) == ["user_me"]
    assert found["user_me"].startswith("No other owner was found")


async def test_every_action_that_is_looked_at_is_declared() -> None:
    from tui.workflows.consequences.lockouts import _LOSSES

    declared = {(resource.name, each.name) for resource in REGISTRY.values() for each in resource.actions}
    assert declared >= _LOSSES.keys()
