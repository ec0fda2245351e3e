"""Uploads as tasks: they go on by themselves when the link is lost, and with the parts that are there."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.uploads import Uploads
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import LinkError
from tui.api.transfers import sending as transfers
from tui.live import transfers as tasks_of_transfers
from tui.live.platform import Platform
from tui.live.transfers import TRIES, Download, Transfer, Upload
from tui.resources.files import FILES
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from tui.live.tasks.store import Fact

BODY = os.urandom(300_000)
GONE = httpx.Response(404, json={"error": {"message": "No such Upload object"}})


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that goes in parts, on a machine where waiting takes no time."""
    for module, name, value in (
        (transfers, "WHOLE_BYTES", 100_000),
        (tasks_of_transfers, "WHOLE_BYTES", 100_000),
        (transfers, "PART_BYTES", 70_000),
        (tasks_of_transfers, "LONGEST", 0.0),
    ):
        monkeypatch.setattr(module, name, value)
    path = tmp_path / "big.jsonl"
    path.write_bytes(BODY)
    return path


def begin(uploads: Uploads, source: Path) -> tuple[Platform, Upload]:
    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=Secret("sk-proj-" + "TESTONLY" * 4))
    platform = Platform(Client(connection, transport=uploads.transport), REGISTRY)
    task = Upload(platform, source, "batch")
    platform.tasks.add(task)
    return platform, task


async def test_a_lost_link_is_gone_on_with_by_itself(source: Path) -> None:
    uploads = Uploads()
    uploads.fail = {number: httpx.ReadError("cut") for number in range(4, 10)}  # twice all tries of a part
    platform, task = begin(uploads, source)
    await asyncio.wait_for(task.end.wait(), 40)
    assert (task.state, task.object_id, task.done) == ("done", "file-9", len(BODY))
    assert (uploads.begun, uploads.done) == (1, BODY)
    await platform.aclose()


async def test_what_waits_for_its_user_goes_on_with_its_parts_unless_they_or_the_file_are_others(
    source: Path,
) -> None:
    uploads = Uploads()
    uploads.fail = {number: httpx.ReadError("cut") for number in range(4, 4 + 3 * TRIES)}
    platform, task = begin(uploads, source)
    await asyncio.wait_for(task.end.wait(), 40)
    assert (task.state, task.can_go_on, len(task.sent.parts)) == ("failed", True, 2)

    os.utime(source, ns=(1, 1))
    platform.tasks.go_on(task)
    await asyncio.wait_for(task.end.wait(), 40)
    assert "has changed" in str(task.error)
    assert not uploads.done
    task._seen = source.stat().st_size, 1  # as if it was so before

    uploads.fail = {len(uploads.asked) + 1: GONE}  # its parts have expired
    platform.tasks.go_on(task)
    await asyncio.wait_for(task.end.wait(), 40)
    assert (task.state, uploads.begun, uploads.done) == ("done", 2, BODY)
    await platform.aclose()


async def test_what_is_cancelled_is_forgotten_by_the_platform(source: Path) -> None:
    uploads = Uploads()
    platform, task = begin(uploads, source)
    task.sent.changed = lambda: platform.tasks.cancel(task) if len(task.sent.parts) == 2 else None
    await asyncio.wait_for(task.end.wait(), 40)
    assert task.state == "cancelled"
    assert uploads.asked[-1] == "/uploads/upload_1/cancel"
    assert uploads.done is None
    await platform.aclose()


async def test_what_goes_in_one_piece_is_begun_again_unless_all_of_it_may_have_arrived(source: Path) -> None:
    source.write_bytes(BODY[:50_000])
    uploads = Uploads()
    platform, task = begin(uploads, source)
    task.move(10_000, 50_000)
    platform.tasks.cancel(task)
    await asyncio.wait_for(task.end.wait(), 40)
    assert (task.state, task.can_pause, task.can_go_on) == ("cancelled", False, True)
    task.done = 50_000
    assert not task.can_go_on
    await platform.aclose()


async def test_what_is_cut_before_where_it_was_once_is_not_tried_for_ever(source: Path) -> None:
    class Cut(Transfer):
        tries = 0

        async def _move(self) -> None:
            self.tries += 1
            self.move(100 if self.tries % 2 else 50)
            raise LinkError("cut", "cut")

        def describe(self) -> Fact:
            return {}

    task = Cut("transfer", None)
    with pytest.raises(LinkError):
        await asyncio.wait_for(task.work(), 10)
    assert task.tries == TRIES


async def test_a_download_of_another_size_than_is_told_says_so(tmp_path: Path) -> None:
    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=Secret("sk-proj-" + "TESTONLY" * 4))
    answer = httpx.Response(200, headers={"content-length": "4"}, stream=httpx.ByteStream(b"four"))
    client = Client(connection, transport=httpx.MockTransport(lambda _: answer))
    action = FILES.action("download")
    assert action
    task = Download(client, FILES, action, {"file_id": "file-1"}, tmp_path / "out", name="out", expected=-5)
    await task.work()
    assert (tmp_path / "out").read_bytes() == b"four"
    assert task.result.endswith("It is 4 bytes, and the platform says -5.")
    await client.aclose()
