"""When an old key was last used is known, or it stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.driving import ADMIN_KEY
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.workflows.plan.plan import make_steps
from tui.workflows.rotation import Rotation, find_rotations

PROJECT = "/organization/projects/proj_1"
ACCOUNT = {"id": "svc_1", "object": "organization.project.service_account", "name": "nightly"}
OLD = {"id": "key_1", "last_used_at": 1, "owner": {"type": "service_account", "service_account": {"id": "svc_1"}}}


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"data": [OLD], "has_more": False}, ""),
        ({"data": [OLD], "has_more": True}, "more of this than it gave"),
        ({"data": [OLD, None], "has_more": False}, "something that cannot be read"),
    ],
)
async def test_a_key_stays_where_the_list_that_tells_of_its_use_is_not_whole(
    keys: dict[str, Any], why: str
) -> None:
    routes = {f"{PROJECT}/service_accounts/svc_1": ACCOUNT, f"{PROJECT}/api_keys": {"object": "list", **keys}}
    with odd_server(routes) as url:
        platform = Platform(Client(Connection(base_url=url, admin_key=Secret(ADMIN_KEY))), REGISTRY)
        accounts = REGISTRY["service-accounts"]
        delete = next(action for action in accounts.actions if action.removes)
        (step,) = make_steps(platform, accounts, {"project_id": "proj_1"}, [accounts.record(ACCOUNT)], delete)
        found = await Rotation(platform, step, "nightly", made_at=1.0, overlap=1.0).look(platform)
        await platform.aclose()
    assert (why in found) if why else not found


@pytest.mark.parametrize("is_restored", [False, True])
async def test_it_is_over_once_the_old_one_was_deleted_otherwise(is_restored: bool) -> None:
    routes: dict[str, Any] = {
        f"DELETE {PROJECT}/service_accounts/{id_}": {**ACCOUNT, "id": id_, "deleted": True}
        for id_ in ("svc_1", "svc_2")
    }
    with odd_server(routes) as url:
        platform = Platform(Client(Connection(base_url=url, admin_key=Secret(ADMIN_KEY))), REGISTRY)
        accounts = REGISTRY["service-accounts"]
        delete = next(action for action in accounts.actions if action.removes)
        old, other = (accounts.record({**ACCOUNT, "id": id_}) for id_ in ("svc_1", "svc_2"))
        (step,) = make_steps(platform, accounts, {"project_id": "proj_1"}, [old], delete)
        rotation = Rotation(platform, step, "nightly", made_at=1.0, overlap=1.0)
        if is_restored:
            platform.tasks.restore([rotation])
        else:
            platform.tasks.hold(rotation)
        await platform.act(accounts, {"project_id": "proj_1"}, other, delete)
        assert rotation.state == "paused"
        await platform.act(accounts, {"project_id": "proj_1"}, old, delete)
        await asyncio.wait_for(rotation.end.wait(), 10)
        assert (rotation.state, rotation.counts["gone"]) == ("done", 1)
        assert not find_rotations(platform.tasks.all), "nothing is due any more"
        await platform.aclose()
