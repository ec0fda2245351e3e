"""Joining the largest batch there can be, beside reading its files as JSON once, each in a process of its own."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 50_000
TEXT = "She sells sea shells; the 7 “shells” are café-brown.\n" * 56  # with which the files hold 200 MB each
ROUNDS = 2

_READ = """
for path in paths.values():
    with path.open("rb") as lines:
        for line in lines:
            json.loads(line)
"""
_JOIN = """
from tui.workflows.batch_results.join import join
rows = join(paths).rows
"""
# What the screen keeps beside it.
_LIST = """
from tui.live.lists.collection import Collection
from tui.resources.batch.results import RESULTS
Collection(RESULTS).apply(rows, after=None, has_more=False, next=None, now=0.0)
assert len(rows) == int(sys.argv[2]), len(rows)
"""
# Tells seconds, and the most memory there was, in MB.
_HARNESS = """
import json, resource, sys, time
from pathlib import Path
paths = {kind: Path(sys.argv[1]) / kind for kind in ("input", "output", "error")}
began = time.process_time()
%s
seconds = time.process_time() - began
%s
scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale]))
"""


def write(folder: Path) -> int:
    """A batch of which one request in a hundred failed, answered in another order. Returns its bytes."""
    order = list(range(COUNT))
    message = {"role": "user", "content": TEXT}
    with (folder / "input").open("w") as file:
        for number in order:
            body: dict[str, Any] = {"model": "gpt-5-mini", "messages": [message]}
            line = {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions"}
            print(json.dumps({**line, "body": body}), file=file)
    random.Random(1).shuffle(order)
    usage = {"prompt_tokens": 900, "completion_tokens": 900, "total_tokens": 1800}
    with (folder / "output").open("w") as output, (folder / "error").open("w") as error:
        for number in order:
            fine = number % 100
            failure = {"error": {"code": "rate_limit_exceeded", "message": "Slow down."}}
            answer = {"message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
            body = {"object": "chat.completion", "choices": [answer], "usage": usage} if fine else failure
            response = {"status_code": 200 if fine else 429, "request_id": f"req_{number}", "body": body}
            line = {"id": f"batch_req_{number}", "custom_id": f"request-{number}"}
            print(json.dumps({**line, "response": response, "error": None}), file=output if fine else error)
    return sum(path.stat().st_size for path in folder.iterdir())


def measured(folder: Path, code: str, after: str = "") -> tuple[float, float]:
    command = [sys.executable, "-c", _HARNESS % (code, after), str(folder), str(COUNT)]
    seconds, megabytes = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seconds, megabytes


def figures() -> Iterator[Figure]:
    """Join 50,000 requests, in two rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write(folder) / 1e6
        pairs = [(measured(folder, _READ), measured(folder, _JOIN, _LIST)) for _ in range(ROUNDS)]
    read, join = (min(pair[at][0] for pair in pairs) for at in (0, 1))
    beside = "reading them as JSON once"
    yield Figure(f"joining {size:,.0f} MB of a batch", join, "s", beside, read, times=1.5)
    yield Figure("memory for that", max(pair[1][1] for pair in pairs), "MB", most=150)
