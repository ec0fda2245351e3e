"""The batches a scenario starts with, and the new work that arrives in a busy one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.families.batches.work import begin
from tui.sandbox.families.files import add_file, huge_file_id
from tui.sandbox.jobs.batch import LineError
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

_HOUR = 3600
_DAY = 24 * _HOUR
_PROMPTS = (
    "Classify this support ticket: the invoice of March was charged twice and the refund has not arrived.",
    "Summarize in one sentence: the deployment failed because a migration locked the orders table.",
    "Extract the product names from: we compared the trail tent, the summit stove and the river kayak.",
    "Translate to German: the parcel was delivered to a neighbour without a signature.",
    "Is this review positive or negative? The battery lasts two days but the screen scratches easily.",
)


class _SeedBatch(NamedTuple):
    """A batch to start with: its lines, every how many of them is bad, and its age in seconds."""

    name: str
    endpoint: str
    lines: int
    age: float
    flaw: int = 0
    model: str = "gpt-5-mini"
    fate: JSON = {}
    refusal: LineError | None = None


_TOKEN_LIMIT = LineError(
    "token_limit_exceeded",
    None,
    "Enqueued token limit reached for gpt-5 in organization acme. Limit: 2,000,000 enqueued tokens. Please try "
    "again once some in_progress batches have been completed.",
    None,
)
_CHAT, _RESPONSES, _EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
_PAST = (
    _SeedBatch("tickets-monday", _CHAT, 90, 6 * _DAY),
    _SeedBatch("tickets-tuesday", _CHAT, 100, 5 * _DAY, flaw=40),
    _SeedBatch("catalogue-embeddings", _EMBEDDINGS, 40, 4.6 * _DAY, model="text-embedding-3-small"),
    _SeedBatch("tickets-wednesday", _CHAT, 80, 4 * _DAY),
    _SeedBatch("reviews-backfill", _RESPONSES, 60, 3.5 * _DAY, flaw=6),
    _SeedBatch("moderation-sweep", "/v1/moderations", 50, 3 * _DAY, model="omni-moderation-latest"),
    _SeedBatch("wrong-model", _RESPONSES, 30, 2.5 * _DAY, model="gpt-5-minni"),
    _SeedBatch("summaries-long", _CHAT, 150, 2.2 * _DAY, flaw=60, fate={"running": _DAY / 0.82}),
    _SeedBatch("legacy-completions", "/v1/completions", 30, 1.9 * _DAY, model="gpt-3.5-turbo-instruct"),
    _SeedBatch(
        "translations-de", _RESPONSES, 120, 1.5 * _DAY, fate={"running": 3000.0, "cancelled_after": 1500.0}
    ),
    _SeedBatch("tickets-thursday", _CHAT, 90, 1.2 * _DAY),
    _SeedBatch("wrong-endpoint", _RESPONSES, 20, 22 * _HOUR, fate={"url": _CHAT}),
    _SeedBatch("overnight-gpt-5", _CHAT, 30, 20 * _HOUR, model="gpt-5", refusal=_TOKEN_LIMIT),
    _SeedBatch("tickets-friday", _CHAT, 90, 14 * _HOUR, flaw=75),
    _SeedBatch("product-tags", _RESPONSES, 110, 9 * _HOUR),
    _SeedBatch(
        "broken-export", _CHAT, 30, 5 * _HOUR, fate={"tail": '{"custom_id": "request-31", "met\nnot json\n'}
    ),
    _SeedBatch("quality-check", _CHAT, 60, 2 * _HOUR, model="gpt-4.1-mini"),
    _SeedBatch("faq-embeddings", _EMBEDDINGS, 20, 0.8 * _HOUR, model="text-embedding-3-small"),
)
# Ages and lengths of these pass faster at a higher speed.
_PRESENT = (
    _SeedBatch("archive-summaries", _RESPONSES, 2400, 700, flaw=21, fate={"running": 1800.0}),
    _SeedBatch("nightly-tickets", _CHAT, 3000, 45),
    _SeedBatch("reviews-live", _RESPONSES, 1250, 31, flaw=9),
    _SeedBatch("contracts-extract", _CHAT, 500, 60, fate={"running": 40.0, "finalizing": 75.0}),
    _SeedBatch(
        "translations-fr", _RESPONSES, 750, 70, fate={"running": 180.0, "cancelling": 45.0, "cancelled_after": 62}
    ),
    _SeedBatch("memory-embeddings", _EMBEDDINGS, 400, 6, model="text-embedding-3-small", fate={"running": 90.0}),
    _SeedBatch("fresh-tickets", _CHAT, 800, 2, fate={"validating": 14.0}),
)


def seed(world: World, scenario: str) -> None:
    """Fill a world with what a scenario starts with."""
    if scenario == "huge":
        _seed_many(world, 10_000)
        return
    for work in _PAST:
        # In the past, batches took as long as they do.
        fate = {"validating": 40.0, "running": work.lines * 9.0, "finalizing": 90.0, **work.fate}
        _start(world, work._replace(fate=fate), created=world.now() - work.age)
    if scenario == "calm":
        return
    for work in _PRESENT:
        hurried = {name: world.lasting(value) for name, value in work.fate.items()}
        _start(world, work._replace(fate=hurried), created=world.now() - world.lasting(work.age))
    if scenario == "nasty":
        _seed_odd(world)
    else:
        world.put("arrival", id="batches", facts={"count": 0}, due=world.now() + world.lasting(20))


def _start(world: World, work: _SeedBatch, *, created: float, expiry: float | None = None) -> Row:
    """Upload the input of a batch and begin it."""
    fate = dict(work.fate)
    url = fate.pop("url", work.endpoint)
    content = _write_input(url, work) + fate.pop("tail", "")
    if "cancelled_after" in fate:
        fate["cancelled"] = created + fate.pop("cancelled_after")
    file = add_file(
        world,
        filename=f"{work.name}.jsonl",
        purpose="batch",
        content=content.encode(),
        created=created - 4,
        expires_after=expiry,
    )
    metadata = {"run": work.name, "team": "support" if "tickets" in work.name else "data"}
    return begin(
        world,
        file["id"],
        work.endpoint,
        created=created,
        metadata=metadata,
        output_expiry=expiry,
        refusal=work.refusal,
        **fate,
    )


def _write_input(url: str, work: _SeedBatch) -> str:
    """Return the lines of an input file; bad ones ask for what the model cannot do."""
    lines = []
    for number in range(work.lines):
        prompt = f"{_PROMPTS[number % len(_PROMPTS)]} (case {number})"
        flawed = work.flaw and number % work.flaw == work.flaw - 1
        body: dict[str, Any] = {"model": work.model} | ({"temperature": 0.2} if flawed else {})
        if url == _CHAT:
            body["messages"] = [{"role": "user", "content": prompt}]
        elif url == _EMBEDDINGS:
            body |= {"input": prompt, "dimensions": 64}
        else:
            body["prompt" if url == "/v1/completions" else "input"] = prompt
        line = {"custom_id": f"request-{number + 1}", "method": "POST", "url": url, "body": body}
        lines.append(json.dumps(line))
    return "\n".join(lines) + "\n"


def arrive(world: World, row: Row) -> None:
    """Begin a new batch, and plan the next. Its files expire after an hour, so that the disk does not fill."""
    count = row.known["count"] + 1
    moment = max(row.due or 0.0, world.now() - 900)
    name, endpoint = (("incoming-tickets", _CHAT), ("incoming-reviews", _RESPONSES))[count % 2]
    work = _SeedBatch(f"{name}-{count}", endpoint, 200 + count * 617 % 1400, 0, flaw=(0, 0, 23, 7)[count % 4])
    _start(world, work, created=moment, expiry=_HOUR)
    world.derive(row, {"count": count}, moment + max(world.lasting(60 + count * 37 % 50), 15))


def _seed_odd(world: World) -> None:
    """Start with batches that went wrong in every known way, and some the schema does not know."""
    now = int(world.now())
    stuck = _SeedBatch("stuck-finalizing", _CHAT, 100, 0, fate={"finalizing": 1e9})
    _start(world, stuck, created=now - 13 * _HOUR)
    _start(world, _SeedBatch("stalled", _RESPONSES, 500, 0, fate={"ceiling": 0.43}), created=now - 12 * _HOUR)
    _start(world, _SeedBatch("never-ran", _CHAT, 100, 0, fate={"ceiling": 0.0}), created=now - 30 * _HOUR)
    file = add_file(world, filename=HOSTILE[0], purpose="batch", content=_write_input(_CHAT, stuck).encode())
    hostile = {HOSTILE[6]: HOSTILE[7], "note": HOSTILE[2], HOSTILE[9]: HOSTILE[12][:500], "family": HOSTILE[14]}
    begin(world, file["id"], _CHAT, created=now - 5000, metadata=hostile)
    plain = {
        "object": "batch",
        "endpoint": _CHAT,
        "input_file_id": file["id"],
        "completion_window": "24h",
        "status": "completed",
        "created_at": now - 4000,
        "expires_at": now - 4000 + _DAY,
        "completed_at": now - 3000,
        "output_file_id": None,
        "error_file_id": None,
        "request_counts": {"total": 9, "completed": 0, "failed": 9},
    }
    error = {"code": HOSTILE[6], "message": HOSTILE[1] + HOSTILE[7], "param": None, "line": "3"}
    odd: list[JSON] = [
        {"id": "batch_odd_empty_ids", **plain, "output_file_id": "", "error_file_id": ""},
        {"id": "batch_odd_gone_files", **plain, "output_file_id": "file-Gone", "error_file_id": "file-GoneToo"},
        {"id": "batch_odd_unknown_status", **plain, "status": "hibernating"},
        {"id": "batch_odd_nulls", **dict.fromkeys(plain)},
        {"id": "batch_odd_bare", "object": "batch"},
        {"id": "batch_odd_strings", **plain, "created_at": "1", "request_counts": {"total": "9", "failed": "x"}},
        {"id": "batch_odd_counts", **plain, "request_counts": {"total": 5, "completed": 9, "failed": 3}},
        {"id": "batch_odd_negative", **plain, "request_counts": {"total": -1, "completed": -2, "failed": 0}},
        {"id": "batch_odd_list", **plain, "request_counts": [1, 2], "metadata": ["not", "a", "map"]},
        {"id": "batch_odd_status_type", **plain, "status": 7, "endpoint": None},
        {"id": "batch_odd_errors", **plain, "status": "failed", "errors": {"object": "list", "data": [error]}},
        {"id": "batch_odd_errors_string", **plain, "status": "failed", "errors": "it broke"},
        {"id": "batch_odd_times", **plain, "created_at": now + _DAY, "completed_at": 10**15, "expires_at": 0},
        {"id": "batch_odd_metadata", **plain, "metadata": {"k" * 64: HOSTILE[19][:512], "": None, "n": 3}},
    ]
    for number, batch in enumerate(odd):
        world.put("batch", batch, created=now - 100 - number)


def _seed_many(world: World, count: int) -> None:
    """Start with finished batches in bulk; their files are among those of the scenario."""
    plain = {"object": "batch", "endpoint": _CHAT, "model": "gpt-5-mini", "completion_window": "24h"}
    for number in range(count):
        created = int(world.now()) - (count - number) * 300
        total, flawed = 100 + number * 7919 % 900, number * 31 % 7 if number % 5 == 0 else 0
        oldest_first = (count - number) * 7
        batch = {
            "id": f"batch_{number:08x}{number * 2654435761:024x}",
            **plain,
            "status": "completed",
            "input_file_id": huge_file_id(oldest_first + 3),
            "output_file_id": huge_file_id(oldest_first + 1),
            "error_file_id": huge_file_id(oldest_first + 8) if flawed else None,
            "created_at": created,
            "in_progress_at": created + 5,
            "finalizing_at": created + 200,
            "completed_at": created + 210,
            "expires_at": created + _DAY,
            "request_counts": {"total": total, "completed": total - flawed, "failed": flawed},
            "metadata": {"run": f"shard-{number}"},
        }
        world.put("batch", batch, created=created)
