"""What needs its owner is gathered from all lists, the worst first, what is alike together and by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.listed import NOW, batch, listed
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.resources.registry import REGISTRY
from tui.workflows.overview.attention import find_in_flight, find_needs, find_watched_resources


def test_what_failed_comes_before_what_warns_and_what_is_well_does_not_come() -> None:
    files = listed("files", {"id": "file-1", "filename": "cut.jsonl", "status": "failed"})
    batches = listed("batches", batch(1, 5, 4, 1), batch(2, 5, 5, 0), batch(3, 5, 0, 5))
    found = find_needs([files, batches], NOW, lambda _: "")
    assert [(need.resource.name, need.names, need.state.tone) for need in found] == [
        ("files", ("cut.jsonl",), "bad"),
        ("batches", ("batch_3",), "bad"),
        ("batches", ("batch_1",), "warn"),
    ]
    assert [need.reason for need in found[1:]] == ["all 5 requests failed", "1 of 5 requests failed"]


def test_of_what_is_listed_by_project_it_says_in_which_it_is() -> None:
    keys = [
        {"id": f"key_{name}", "name": name, "owner_project_access": "inactive", "project": {"name": name}}
        for name in ("search", "research")
    ]
    (need,) = find_needs([listed("keys", keys[0])], NOW, lambda _: "")
    assert need.reason.startswith("search: ")
    (need,) = find_needs([listed("keys", *keys)], NOW, lambda _: "")
    assert need.reason.startswith("2 projects: "), "they are in several"


def test_what_needs_somebody_for_the_same_reason_is_one_line() -> None:
    batches = listed("batches", *(batch(number, 5, 4, 1) for number in range(3)), batch(9, 6, 4, 2))
    found = find_needs([batches], NOW, lambda _: "")
    assert [[record.id for record in need.records] for need in found] == [
        ["batch_0", "batch_1", "batch_2"],
        ["batch_9"],
    ]


def test_a_batch_goes_by_its_metadata_else_by_its_file() -> None:
    batches = listed(
        "batches",
        batch(1, 1, 0, 1, metadata={"run": "nightly"}, input_file_id="file-a"),
        batch(2, 2, 0, 2, input_file_id="file-b"),
        batch(3, 3, 0, 3, input_file_id="file-c"),
    )
    found = find_needs([batches], NOW, {"file-a": "a.jsonl", "file-b": "b.jsonl"}.get)  # type: ignore[arg-type]
    assert [need.names for need in found] == [("nightly",), ("b.jsonl",), ("batch_3",)]


def test_what_is_in_flight_tells_how_far_it_is_and_when_it_is_due() -> None:
    running = {"status": "in_progress", "expires_at": NOW + 3_600, "in_progress_at": NOW}
    collection = listed("batches", batch(1, 100, 20, 1, **running), batch(2, 5, 5, 0))
    collection.apply([batch(1, 100, 40, 1, **running)], after=None, has_more=True, next="batch_1", now=NOW + 20)
    (found,) = find_in_flight([collection], NOW + 20, lambda _: "")
    assert found.progress == (41, 1, 100)
    assert found.seconds_left == pytest.approx(59)
    assert found.due == NOW + 3_600


def test_without_an_admin_key_only_the_lists_of_the_project_are_looked_at() -> None:
    key = Secret("sk-test-only-project-key")
    with_admin = Connection(project_key=key, admin_key=Secret("sk-admin-test-only-key"))
    names = {resource.name for resource in find_watched_resources(REGISTRY, with_admin)}
    assert {"batches", "fine-tuning", "vector-stores", "files", "models", "keys", "certificates"} <= names
    without = {resource.name for resource in find_watched_resources(REGISTRY, Connection(project_key=key))}
    assert without == {name for name in names if str(REGISTRY[name].key) == "project"}


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"id": 5}, {"id": "batch_x", "request_counts": [1, 2]}])
def test_odd_objects_cost_only_themselves(odd: Any) -> None:
    batches = listed("batches", batch(1, 5, 0, 5), odd)
    assert "batch_1" in [record.id for need in find_needs([batches], NOW, lambda _: "") for record in need.records]
    assert list(find_in_flight([batches], NOW, lambda _: "")) is not None
