"""A large campaign that is killed again and again, and the merging of its answers.

Run with `pytest tests/benchmarks/test_campaigns.py -m figures -n 0 -s`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.campaigns import (
    answers_of,
    batches_of,
    count_good_answers,
    find_doubles,
    read_lines,
    write_parts,
)
from tests.support.driving import PROJECT_KEY, Server, served

if TYPE_CHECKING:
    from pathlib import Path

FILES, LINES, KILLS = 40, 5_000, 20
MODEL, LIMIT = "gpt-5-mini", 1_500_000  # input tokens, of which the campaign has five times as many
PATIENCE = 3_600.0  # seconds for all of it


def start(server: Server, *arguments: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tui",
        "batch",
        "run",
        "--base-url",
        server.url,
        "--name",
        "large",
        *arguments,
    ]
    env = {**os.environ, "OPENAI_API_KEY": PROJECT_KEY}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for_moment(process: subprocess.Popen[bytes], journal: Path, chance: random.Random) -> bool:
    """Wait for a random moment: while the input is cut, or some records on. Returns whether it still runs then."""

    def size() -> int:
        return journal.read_text().count("\n") if journal.exists() else 0

    before = size()
    wanted = before + chance.randint(1, 60) if before > 1 else chance.randint(0, 2)
    while process.poll() is None and size() < wanted:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    with suppress(subprocess.TimeoutExpired):
        process.wait(chance.uniform(0, 2))
    return process.poll() is None


@pytest.mark.figures
@pytest.mark.timeout(PATIENCE)
def test_a_large_campaign_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(7)
    ids = write_parts(tmp_path / "in", FILES, LINES, MODEL)
    target = tmp_path / "out.jsonl"
    first = (str(tmp_path / "in"), "--retry", "3", "--merge", str(target))
    said: list[str] = []
    began = time.monotonic()
    with served(scenario="calm", speed=20.0, faults="batch-errors=0.03,batch-expiry=0.05") as server:
        project = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]
        for each in project:
            path = f"/organization/projects/{each['id']}/rate_limits/rl-{MODEL}"
            server.call("POST", path, admin=True, json={"batch_1_day_max_input_tokens": LIMIT})
        journal = tmp_path / "state" / "campaigns" / "large" / "journal.jsonl"
        kills = 0
        while True:
            process = start(server, *(("--resume",) if journal.exists() else first))
            if kills < KILLS and wait_for_moment(process, journal, chance):
                process.send_signal(signal.SIGKILL)
                kills += 1
            out, _ = process.communicate()
            said.append(out.decode())
            if process.returncode != -signal.SIGKILL:
                break
        seconds = time.monotonic() - began
        assert process.returncode in (0, 3), said[-1]
        assert kills == KILLS, said[-1]
        assert find_doubles(server, "large") == []
        wanted = answers_of(server, "large")
        twice = [id_ for id_, times in count_good_answers(server, "large").items() if times > 1]
        batches = batches_of(server, "large")
    merged = read_lines(target)
    assert [line["custom_id"] for line in merged] == ids
    assert {line["custom_id"]: (line["batch_id"], line["response"]) for line in merged} == wanted
    assert twice == [], "paid for twice"
    outcomes = Counter(line["outcome"] for line in merged)
    generations = Counter(line["generation"] for line in merged)
    full = sum("no room" in line for line in journal.read_text().splitlines())
    sys.stdout.write(
        f"\n{len(merged):,} requests of {FILES} files in {len(batches)} batches, {full} refused for want of room, "
        f"{kills} kills, {seconds:.0f} s: {dict(outcomes)}, by generation {dict(sorted(generations.items()))}\n"
        f"{said[-1]}\n"
    )


TEXT = "She sells sea shells; the 7 “shells” are café-brown.\n"
ROUNDS = 3
# Each is run in a process of its own, and tells CPU seconds and the most memory there was, in MB.
_HARNESS = """
import json, resource, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
%s
began = time.process_time()
%s
seconds = time.process_time() - began
scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale]))
"""
_READ = """
for path in sorted(folder.glob("*.input")) + sorted(folder.glob("*.output")):
    with path.open("rb") as lines:
        for line in lines:
            json.loads(line)
"""
_PREPARE = """
from tui.workflows.campaigns.answers.answers import write_answers
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.answers.merge import merge
from tui.resources.batch.batches import BATCHES
records = [json.loads(line) for line in (folder / "records").open()]
campaign = Campaign(records)
"""
_MERGE = """
for sending in campaign.parts:
    counts = {"total": sending.lines, "completed": sending.lines, "failed": 0}
    batch = BATCHES.record({"id": sending.batch_id, "status": "completed", "request_counts": counts}).object
    found = write_answers(sending, folder, {"output": folder / f"{sending.part}.output"}, batch, ())
    campaign.apply({"what": "collected", "at": 0, "part": sending.part, "generation": 0, "counts": found.counts})
merge(campaign, folder, folder / "merged", replace=True)
assert campaign.tally.ok == campaign.tally.total, campaign.tally
"""


def write_campaign(folder: Path, parts: int, lines: int, text: str) -> int:
    """Write the input and the answers of a campaign, and its journal. Returns the bytes of both."""
    options = {"retry": 0}
    begin = {"what": "begin", "at": 0, "name": "n", "id": "i", "base_url": "", "sources": [], "options": options}
    records: list[dict[str, object]] = [begin]
    size = 0
    for part in range(1, parts + 1):
        order = list(range(lines))
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
        with (folder / f"{part}.input").open("w") as file:
            for number in order:
                line = {"custom_id": f"request-{part}-{number}", "method": "POST", "url": "/v1/chat/completions"}
                print(json.dumps({**line, "body": body}), file=file)
        random.Random(part).shuffle(order)
        answer = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 900, "completion_tokens": 900, "total_tokens": 1800}
        reply = {"object": "chat.completion", "choices": [answer], "usage": usage}
        with (folder / f"{part}.output").open("w") as file:
            for number in order:
                response = {"status_code": 200, "request_id": f"req_{number}", "body": reply}
                named = {"id": f"batch_req_{number}", "custom_id": f"request-{part}-{number}"}
                print(json.dumps({**named, "response": response, "error": None}), file=file)
        size += sum((folder / f"{part}.{kind}").stat().st_size for kind in ("input", "output"))
        told = {"part": part, "generation": 0, "file": f"{part}.input", "lines": lines, "size": 0, "tokens": 0}
        rest = {"sha256": "", "endpoint": "", "model": MODEL, "source": ""}
        records += [{"what": "part", "at": 0, **told, **rest}]
        records += [{"what": "created", "at": 0, "part": part, "generation": 0, "batch_id": f"batch_{part}"}]
    records.append({"what": "planned", "at": 0})
    (folder / "records").write_text("\n".join(map(json.dumps, records)) + "\n")
    return size


def measured(folder: Path, prepare: str, code: str) -> tuple[float, float]:
    command = [sys.executable, "-c", _HARNESS % (prepare, code), str(folder)]
    seconds, megabytes = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seconds, megabytes


@pytest.mark.figures
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize(("parts", "lines", "repeated"), [(1, 50_000, 56), (10, 50_000, 5)])
def test_merging(tmp_path: Path, parts: int, lines: int, repeated: int) -> None:
    pytest.importorskip("resource", reason="POSIX tells what memory was used")
    size = write_campaign(tmp_path, parts, lines, TEXT * repeated)
    rounds = [(measured(tmp_path, "", _READ), measured(tmp_path, _PREPARE, _MERGE)) for _ in range(ROUNDS)]
    read, merge = (min(each[at][0] for each in rounds) for at in (0, 1))
    memory = max(each[1][1] for each in rounds)
    said = f"{merge:.2f} s, reading them {read:.2f} s, ratio {merge / read:.2f}, {memory:.0f} MB"
    sys.stdout.write(f"\n{parts * lines:,} requests, {size / 1e6:.0f} MB of JSON, joined and merged: {said}\n")
    with (tmp_path / "merged").open() as file:
        assert sum(1 for _ in file) == parts * lines
    assert memory <= 150
