"""Odd objects and odd requests do the organization no harm."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.conftest import NOW
from tests.support import nursery
from tests.support.certificate import PEM
from tests.support.examples import examples
from tests.support.odd_bodies import JSON_VALUES, find_posts
from tui.sandbox.families.organization import FAMILIES
from tui.sandbox.families.organization.certificates.x509 import read_certificate, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN = {"authorization": "Bearer sk-admin-test"}


@pytest.fixture(scope="module")
def nasty() -> Iterator[httpx.Client]:
    with (
        nursery.sandbox(scenario="nasty", now=NOW) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=ADMIN, trust_env=False) as client,
    ):
        yield client


def pages(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All objects of a list."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        answer = client.get(path, params={"limit": 100, **query})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        page = answer.json()
        found += page["data"]
        query["after"] = page.get("next") or page.get("last_id")
    return found


def test_odd_objects_harm_no_list(nasty: httpx.Client) -> None:
    projects = pages(nasty, "/organization/projects", include_archived=True)
    odd = [one["id"] for one in projects if str(one["id"]).startswith("proj_odd")]
    assert len(odd) == 20
    team = next(one["id"] for one in projects if one.get("name") == "storefront")
    start = {"start_time": int(NOW) - 86400}
    for family in FAMILIES:
        for method, path in family.routes:
            if method != "GET":
                continue
            for project_id in (team, odd[0], "proj_odd_bare", "proj_odd_types"):
                whole = path.replace("{project_id}", project_id)
                if "{" not in whole:
                    answer = nasty.get(
                        whole, params=start if "usage" in path or "costs" in path else {"limit": 20}
                    )
                    assert answer.status_code < 500, f"{whole}: {answer.text}"
    keys = pages(nasty, f"/organization/projects/{team}/api_keys", owner_project_access="any")
    assert {"key_odd_bare", "key_odd_owner_type", "key_odd_access"} <= {key["id"] for key in keys}
    types = {entry["type"] for entry in pages(nasty, "/organization/audit_logs")}
    assert "galaxy.renamed" in types
    assert "role.bound_to_resource" not in types
    (tenant,) = pages(nasty, "/organization/audit_logs", tenant_only=True)
    assert tenant["type"] == "role.bound_to_resource"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/organization/certificates/cert_odd_bare?include=content"),
        ("POST", "/organization/certificates/cert_odd_bare"),
        ("DELETE", "/organization/certificates/cert_odd_name"),
        ("POST", "/organization/projects/proj_odd_types/archive"),
        ("GET", "/organization/users/user-odd-bare"),
        ("GET", "/organization/users/user-odd-role/roles"),
        ("DELETE", "/organization/users/user-odd-name"),
        ("DELETE", "/organization/invites/invite-odd"),
        ("DELETE", "/organization/admin_api_keys/key_odd_owner"),
        ("DELETE", "/organization/groups/group_odd"),
        ("GET", "/organization/groups/group_odd/users"),
        ("DELETE", "/organization/roles/role_odd"),
    ],
)
def test_odd_objects_can_be_acted_on(nasty: httpx.Client, method: str, path: str) -> None:
    answer = nasty.request(method, path, json={"name": "plain"} if path.endswith("bare") else None)
    assert answer.status_code < 500, answer.text


POSTS = find_posts(FAMILIES)


@examples(80)
@given(data=st.data())
def test_no_body_is_too_much(nasty: httpx.Client, data: st.DataObject) -> None:
    path, names = data.draw(st.sampled_from(POSTS))
    for holder, id_ in (("project", "proj_odd_bare"), ("user", "user-odd-role"), ("group", "group_odd")):
        path = path.replace(f"{{{holder}_id}}", id_)
    body = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=5), JSON_VALUES))
    answer = nasty.post(path.replace("{rate_limit_id}", "rl-gpt-5"), content=json.dumps(body))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]


# -- certificates


@given(
    st.text(max_size=200),
    st.integers(-(2**31), 2**33),
    st.integers(0, 2**33),
    st.integers(1, 2**64),
    st.booleans(),
)
def test_certificates_made_up_say_what_they_were_made_with(
    name: str, start: int, end: int, serial: int, padded: bool
) -> None:
    start, name = max(start, -(2**31)), name.encode("utf-8", "replace").decode()
    pem = simulate(name, start, end, serial)
    found = read_certificate(f"Subject: us\n{pem}\n" if padded else pem)
    assert found == (name, start, end)


def test_openssl_takes_them_too() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=simulate("edge.example", 1_700_000_000, 1_900_000_000, 7))
    assert context.cert_store_stats()["x509"] == 1


@given(st.integers(0, len(PEM)), st.sampled_from("AZ9+/=\n-%"))
def test_whatever_is_sent_is_read_or_refused(place: int, letter: str) -> None:
    try:
        read_certificate(PEM[:place] + letter + PEM[place + 1 :])
    except ValueError as refused:
        assert "certificate" in str(refused)
