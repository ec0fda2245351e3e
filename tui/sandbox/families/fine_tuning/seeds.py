"""The fine-tuning jobs a scenario starts with, and those that arrive in a busy one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.files import add_file
from tui.sandbox.families.fine_tuning.work import begin
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

_DAY = 86400
_SAFETY = (
    "unsafe_model",
    "The model did not pass the safety evaluation: refusals_v3 (category: harassment).",
    None,
)


class _Training(NamedTuple):
    """A job to start with: its examples and its age in seconds."""

    suffix: str
    model: str
    examples: int
    age: float
    method: str = "supervised"
    tail: str = ""
    fate: JSON = {}


_PAST = (
    _Training("triage", "gpt-4.1-mini-2025-04-14", 120, 40 * _DAY),
    _Training("tone-of-voice", "gpt-4o-mini-2024-07-18", 80, 31 * _DAY),
    _Training("answers", "gpt-4.1-2025-04-14", 60, 22 * _DAY, "dpo"),
    _Training("routing", "gpt-4.1-nano-2025-04-14", 40, 12 * _DAY, tail='{"messages": [{"role": "user"}]}\n'),
    _Training("triage-v2", "gpt-4.1-mini-2025-04-14", 150, 5 * _DAY, fate={"cancelled_after": 1700.0}),
    _Training("refunds", "gpt-4o-mini-2024-07-18", 90, 2 * _DAY, fate={"late_fault": _SAFETY}),
)
# Ages and lengths of these pass faster at a higher speed.
_PRESENT = (
    _Training("archive", "gpt-4.1-2025-04-14", 900, 420, fate={"running": 1500.0}),
    _Training("triage-v3", "gpt-4.1-mini-2025-04-14", 200, 38),
)


def seed(world: World, scenario: str) -> None:
    """Fill a world with what a scenario starts with."""
    now = world.now()
    for work in _PAST:
        # In the past, jobs took as long as they do.
        fate = {"validating": 60.0, "queued": 400.0, "running": work.examples * 25.0, **work.fate}
        _start(world, work._replace(fate=fate), created=now - work.age)
    if scenario in ("busy", "nasty"):
        for work in _PRESENT:
            hurried = {name: world.lasting(value) for name, value in work.fate.items()}
            _start(world, work._replace(fate=hurried), created=now - world.lasting(work.age))
    if scenario == "busy":
        world.put("job_arrival", id="jobs", facts={"count": 0}, due=now + world.lasting(90))
    if scenario == "nasty":
        _seed_odd(world)


def _start(world: World, work: _Training, *, created: float, expiry: float | None = None) -> Row:
    """Upload the examples of a job and begin it."""
    fate = dict(work.fate)
    if "cancelled_after" in fate:
        fate["cancelled"] = created + fate.pop("cancelled_after")
    files = [
        add_file(
            world,
            filename=f"{work.suffix}-{part}.jsonl",
            purpose="fine-tune",
            content=(_examples(work.method, count) + (work.tail if part == "train" else "")).encode(),
            created=created - 30,
            expires_after=expiry,
        )["id"]
        for part, count in (("train", work.examples), ("valid", work.examples // 5 + 1))
    ]
    request = {
        "model": work.model,
        "training_file": files[0],
        "validation_file": files[1],
        "seed": work.examples * 7919 + len(work.suffix),
        "integrations": [],
        "metadata": {"owner": "support"},
        "method": {"type": work.method, work.method: {}},
    }
    return begin(world, request, {}, suffix=work.suffix, created=created, **fate)


def _examples(method: str, count: int) -> str:
    """Return the lines of a training file."""
    lines = []
    for number in range(count):
        question = {"role": "user", "content": f"Where is my order {number}?"}
        good = {"role": "assistant", "content": f"Order {number} left our warehouse and arrives tomorrow."}
        poor = {"role": "assistant", "content": "No idea."}
        if method == "dpo":
            example: JSON = {"input": {"messages": [question]}}
            example |= {"preferred_output": [good], "non_preferred_output": [poor]}
        else:
            example = {"messages": [question, good]}
        lines.append(json.dumps(example) + "\n")
    return "".join(lines)


def arrive(world: World, row: Row) -> None:
    """Begin a new job, and plan the next."""
    count = row.known["count"] + 1
    moment = max(row.due or 0.0, world.now() - 900)
    work = _Training(f"weekly-{count}", "gpt-4.1-mini-2025-04-14", 60 + count * 31 % 140, 0)
    _start(world, work, created=moment, expiry=_DAY)
    world.derive(row, {"count": count}, moment + max(world.lasting(600), 60))


def _seed_odd(world: World) -> None:
    """Start with jobs in states the schema does not know, with fields it would not allow."""
    now = world.now()
    held = _Training("held", "gpt-4.1-mini-2025-04-14", 120, 0)
    _start(world, held._replace(fate={"halts": ((now - 3000, None),)}), created=now - 3060)
    plain: JSON = {
        "object": "fine_tuning.job",
        "model": "gpt-4.1-mini-2025-04-14",
        "created_at": int(now) - 5000,
        "training_file": "file-Gone",
        "status": "running",
        "hyperparameters": {"n_epochs": "auto"},
        "result_files": [],
        "seed": 1,
    }
    error = {"code": HOSTILE[6], "message": HOSTILE[7] + HOSTILE[0], "param": 3}
    odd: list[JSON] = [
        {"id": "ftjob-OddPaused", **plain, "status": "paused"},
        {"id": "ftjob-OddPausing", **plain, "status": "pausing"},
        {"id": "ftjob-OddStatus", **plain, "status": "meditating"},
        {"id": "ftjob-OddNulls", **dict.fromkeys(plain)},
        {"id": "ftjob-OddBare"},
        {"id": "ftjob-OddTypes", **plain, "status": 3, "hyperparameters": "auto", "result_files": "none"},
        {"id": "ftjob-OddError", **plain, "status": "failed", "error": error},
        {"id": "ftjob-OddMetadata", **plain, "metadata": {HOSTILE[6]: HOSTILE[2], "n": 3}},
        {"id": "ftjob-OddModel", **plain, "status": "succeeded", "fine_tuned_model": f"ft:{HOSTILE[9]}"},
    ]
    told: list[JSON] = [
        {"level": "shout", "message": HOSTILE[2], "data": None},
        {"level": "error", "message": HOSTILE[7], "data": {"step": "seven", "train_loss": "NaN"}},
        {"level": None, "message": None, "data": {"step": 3, "train_loss": None}},
        {"level": "info", "message": HOSTILE[12], "data": [1, 2]},
    ]
    for number, job in enumerate(odd):
        named = [{"id": f"ftevent-odd{number}-{place}", **item} for place, item in enumerate(told)]
        world.put("job", job, facts={"events": named}, created=now - 200 - number)
