"""Campaigns of tests: their input, and what the platform itself says came of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.driving import Server


def write_parts(folder: Path, files: int, lines: int, model: str = "gpt-5-mini") -> list[str]:
    """Write files of requests. Returns the custom_ids in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = []
    for file in range(1, files + 1):
        with (folder / f"part{file}.jsonl").open("w") as written:
            for line in range(lines):
                ids.append(f"request-{file}-{line}")
                body = {"model": model, "messages": [{"role": "user", "content": f"Say {file} and {line}"}]}
                request = {"custom_id": ids[-1], "method": "POST", "url": "/v1/chat/completions", "body": body}
                print(json.dumps(request), file=written)
    return ids


def batches_of(server: Server, name: str) -> list[dict[str, Any]]:
    """All batches of a campaign, oldest first."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = server.call("GET", f"/batches?limit=100{after}")
        found += [each for each in page["data"] if (each["metadata"] or {}).get("campaign") == name]
        if not page["has_more"]:
            return found[::-1]
        after = f"&after={page['last_id']}"


def find_doubles(server: Server, name: str) -> list[Any]:
    """What the platform has twice of a campaign: batches of one attempt, and batches that one replaced too early.

    An attempt follows another only where that was refused for want of room in the queue.
    """
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    doubles: list[Any] = []
    for batch in batches_of(server, name):
        told = batch["metadata"]
        key = told["campaign_id"], told["part"], told["generation"], told["attempt"]
        if key in seen:
            doubles.append(key)
        seen[key] = batch
        before = seen.get((*key[:3], str(int(key[3]) - 1)))
        if before and [each["code"] for each in before["errors"]["data"]] != ["token_limit_exceeded"]:
            doubles.append((key, before["id"]))
    return doubles


def answers_of(server: Server, name: str) -> dict[str, tuple[str, Any]]:
    """The last good answer to each custom_id by its batch, else the last of any kind, as the platform has them."""
    found: dict[str, tuple[str, Any]] = {}
    for batch in sorted(batches_of(server, name), key=lambda each: int(each["metadata"]["generation"])):
        for line in _lines(server, batch):
            response = line["response"]
            good = response is not None and response["status_code"] == 200
            before = found.get(line["custom_id"])
            if good or before is None or before[1] is None or before[1]["status_code"] != 200:
                found[line["custom_id"]] = batch["id"], response
    return found


def count_good_answers(server: Server, name: str) -> Counter[str]:
    """How many good answers each custom_id has, all of which are paid for."""
    return Counter(
        line["custom_id"]
        for batch in batches_of(server, name)
        for line in _lines(server, batch)
        if line["response"] is not None and line["response"]["status_code"] == 200
    )


def _lines(server: Server, batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in ("error_file_id", "output_file_id"):
        if batch[kind]:
            content: bytes = server.call("GET", f"/files/{batch[kind]}/content")
            yield from map(json.loads, content.splitlines())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file, a line each."""
    with path.open() as lines:
        return [json.loads(line) for line in lines]
