"""The sandbox as a process: start, signals, ports, restarts, scenarios."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.conftest import NOW
from tests.support import nursery
from tui.sandbox.families import FAMILIES, KINDS
from tui.sandbox.scenarios import HOSTILE, SCENARIOS
from tui.sandbox.serving.child import Sandbox, SandboxError
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = "/v1/chat/completions"
HEADERS = {"authorization": "Bearer sk-test"}
ROOT = Path(__file__).parents[3]


def get(url: str, path: str) -> Any:
    answer = httpx.get(url + path, headers=HEADERS, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def advance(running: Sandbox, seconds: float) -> None:
    clock = running.url.removesuffix("/v1") + "/_sandbox/clock"
    httpx.post(clock, json={"advance": seconds, "settle": True}, timeout=60, trust_env=False).raise_for_status()


def spawn(*options: str, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tui.sandbox", "--scenario=calm", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


@pytest.fixture
def calm() -> Iterator[Path]:
    """A directory with a world for what is about the process."""
    with nursery.world(scenario="calm") as folder:
        yield folder


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals, calm: Path) -> None:
    with spawn(f"--data={calm}", stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        url = process.stdout.readline().decode().strip()
        with httpx.Client(trust_env=False) as held_open:
            assert held_open.get(url + "/models").status_code == 401
            process.send_signal(number)
            rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, b"", b"")


def test_it_ends_with_its_stdin_and_warns_once_about_a_key_that_looks_real(calm: Path) -> None:
    key = "sk-proj-" + "TESTONLY" * 3 + "T3Blbk" + "FJ" + "TESTONLY" * 3
    with spawn("--follow-stdin", f"--data={calm}", stdin=subprocess.PIPE) as process:
        assert process.stdout
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        for _ in range(2):
            httpx.get(url + "/models", headers={"authorization": f"Bearer {key}"}, trust_env=False)
        errors = process.communicate(timeout=20)[1].decode()
    assert process.returncode == 0
    assert errors.count("looks real") == 1
    assert "TESTONLY" not in errors


def test_a_child_is_alone_in_its_directory_on_loopback_without_credentials_and_can_be_stopped_twice(
    calm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-" + "TESTONLY" * 4)
    with Sandbox.start(scenario="calm", data=calm) as running:
        assert running.url.startswith("http://127.0.0.1:")
        port = int(running.url.rsplit(":", 1)[1].removesuffix("/v1"))
        outside = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in outside - {"127.0.0.1"}:
            with socket.socket() as probe:
                probe.settimeout(2)
                assert probe.connect_ex((str(address), port)) != 0, f"{address} answers"
        environ = Path(f"/proc/{running.pid}/environ")
        if environ.exists():
            assert b"TESTONLY" not in environ.read_bytes()
        with pytest.raises(SandboxError, match=r"locked"):
            Sandbox.start(scenario="calm", data=calm)
        running.stop()
        running.stop()
        with pytest.raises(httpx.TransportError):
            httpx.get(running.url + "/models", trust_env=False)


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with spawn(f"--port={port}", stdin=subprocess.DEVNULL) as process:
            out, errors = process.communicate(timeout=20)
        assert (process.returncode, out) == (1, b"")
        assert errors.decode().count("\n") == 1
        assert f"port {port}" in errors.decode()


@pytest.mark.parametrize("option", [{"faults": "nonsense"}, {"speed": 0}, {"port": 99999}])
def test_a_bad_option_is_explained(option: dict[str, Any]) -> None:
    with pytest.raises(SandboxError) as error:
        Sandbox.start(**option)
    assert str(next(iter(option.values()))) in str(error.value) or "speed" in str(error.value)
    assert "Traceback" not in str(error.value)


def test_help_explains_faults_and_scenarios() -> None:
    with spawn("--help") as process:
        out = process.communicate(timeout=20)[0].decode()
    assert all(name in out for name in SCENARIOS)
    assert "name[=value][@[METHOD ]path-prefix][xN]" in out


def test_state_survives_a_kill(tmp_path: Path) -> None:
    def everything(url: str) -> list[Any]:
        return [get(url, path) for path in ("/files", "/batches?limit=100", "/fine_tuning/jobs", "/models")]

    options: dict[str, Any] = {"scenario": "calm", "data": tmp_path, "now": NOW, "seed": 5}
    first = Sandbox.start(**options)
    port = int(first.url.rsplit(":", 1)[1].removesuffix("/v1"))
    batches = get(first.url, "/batches?limit=100")["data"]
    done = next(batch for batch in batches if batch["status"] == "completed")
    body = {name: done[name] for name in ("input_file_id", "endpoint", "completion_window")}
    begun = httpx.post(first.url + "/batches", json=body, headers=HEADERS, trust_env=False).json()
    httpx.post(first.url.removesuffix("/v1") + "/_sandbox/clock", json={"advance": 5}, trust_env=False)
    before = everything(first.url)
    os.kill(first.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    first.stop()
    with Sandbox.start(**options, port=port) as second:
        assert second.url == first.url
        assert everything(second.url) == before
        newest = get(second.url, "/batches")["data"][0]
        assert (newest["id"], newest["status"]) == (begun["id"], "in_progress")


# -- scenarios


def test_the_same_seed_makes_the_same_world(tmp_path: Path) -> None:
    def made(folder: Path, seed: int) -> list[str]:
        world = World(folder, kinds=KINDS, seed=seed, now=NOW)
        with world.transaction():
            if not world.meta("scenario", ""):
                for family in FAMILIES:
                    family.seed(world, "nasty")
                world.settle(math.inf)
        found = [world.text(row) for kind in ("file", "batch", "job") for row in world.rows(kind)]
        world.close()
        return found

    with nursery.world(scenario="nasty", now=NOW) as by_another_process:
        first = made(by_another_process, 1)
    assert first == made(tmp_path / "again", 1)
    assert first != made(tmp_path / "other", 2)


def test_calm_stays_as_it_is() -> None:
    with nursery.sandbox(scenario="calm", now=NOW) as running:
        before = get(running.url, "/batches?limit=100")
        advance(running, 3600)
        assert get(running.url, "/batches?limit=100") == before
        assert {batch["status"] for batch in before["data"]} == {"completed", "failed", "expired", "cancelled"}


def test_busy_moves_within_seconds() -> None:
    with nursery.sandbox(scenario="busy", now=NOW) as running:
        batches = get(running.url, "/batches?limit=100")["data"]
        statuses = {batch["status"] for batch in batches}
        assert {"validating", "in_progress", "finalizing", "cancelling", "completed", "failed"} <= statuses
        jobs = get(running.url, "/fine_tuning/jobs")["data"]
        assert [job["status"] for job in jobs].count("running") == 2
        advance(running, 2)
        moved = get(running.url, "/batches?limit=100")["data"]
        pairs = zip(batches, moved, strict=True)
        changed = [new["id"] for old, new in pairs if old["request_counts"] != new["request_counts"]]
        assert len(changed) >= 3


def test_nasty_holds_what_is_odd() -> None:
    with nursery.sandbox(scenario="nasty", now=NOW) as running:
        files = get(running.url, "/files")["data"]
        assert set(HOSTILE) <= {file.get("filename") for file in files if isinstance(file.get("filename"), str)}
        batches = get(running.url, "/batches?limit=100")["data"]
        codes = [
            error["code"]
            for batch in batches
            if isinstance(batch.get("errors"), dict)
            for error in batch["errors"]["data"]
        ]
        assert "token_limit_exceeded" in codes
        assert any(batch.get("output_file_id") == "" for batch in batches)
        hours = [NOW - batch["created_at"] for batch in batches if batch.get("status") == "finalizing"]
        assert max(hours) > 10 * 3600, "none is stuck"
        wrong = [
            batch
            for batch in batches
            if batch.get("status") == "completed"
            and batch.get("error_file_id")
            and not batch.get("output_file_id")
        ]
        assert wrong, "none has completed with nothing done"
        expired = [batch["request_counts"] for batch in batches if batch.get("status") == "expired"]
        assert any(0 < counts["completed"] < counts["total"] for counts in expired)
        jobs = get(running.url, "/fine_tuning/jobs?limit=100")["data"]
        assert {"paused", "pausing", "meditating"} <= {job.get("status") for job in jobs}
        unsafe = next(job for job in jobs if (job.get("error") or {}).get("code") == "unsafe_model")
        newest = get(running.url, f"/fine_tuning/jobs/{unsafe['id']}/events")["data"][0]
        assert newest["level"] == "error"
        odd = get(running.url, "/fine_tuning/jobs/ftjob-OddStatus/events")["data"]
        assert len(odd) == 4


def test_huge_is_there_at_once() -> None:
    """That it pages whole is seen in tests/workflows/test_against_database.py."""
    with nursery.sandbox(scenario="huge", now=NOW) as running:
        assert len(get(running.url, "/models")["data"]) >= 200
        batch = get(running.url, "/batches?limit=100")["data"][-1]
        given, output = (get(running.url, f"/files/{batch[name]}") for name in ("input_file_id", "output_file_id"))
        assert (given["purpose"], output["purpose"]) == ("batch", "batch_output")
        path = f"/files/{batch['input_file_id']}/content"
        content = httpx.get(running.url + path, headers=HEADERS, trust_env=False).content
        assert len(content) == given["bytes"]
        assert json.loads(content.splitlines()[0])["custom_id"]
        batch_file = get(running.url, "/files?limit=1&order=asc&purpose=batch")["data"][0]
        body = {"input_file_id": batch_file["id"], "endpoint": CHAT, "completion_window": "24h"}
        assert httpx.post(running.url + "/batches", json=body, headers=HEADERS, trust_env=False).status_code == 200
