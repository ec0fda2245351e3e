"""The evals and runs that scenarios start with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.evals.bodies import CreateEval
from tui.sandbox.families.evals.routes import add_eval
from tui.sandbox.families.evals.work import begin
from tui.sandbox.families.files import add_file
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

_DAY = 86400
_TOPICS = ("Technology", "Markets", "World", "Business", "Sports")
_HEADLINES = (
    ("Maker of chips opens a plant in the north", "Technology"),
    ("Shares fall after the central bank hesitates", "Markets"),
    ("Two neighbours sign a treaty about their river", "World"),
    ("Furniture chain buys its largest rival", "Business"),
    ("Underdogs win the cup after extra time", "Sports"),
    ("A phone that folds twice goes on sale", "Technology"),
    ("Oil prices jump and sink within a day", "Markets"),
)
_EXACT = {
    "type": "string_check",
    "name": "Exact topic",
    "input": "{{sample.output_text}}",
    "reference": "{{item.topic}}",
    "operation": "eq",
}
_MENTIONS = {**_EXACT, "name": "Mentions the topic", "operation": "ilike"}
_ALIKE = {
    "type": "text_similarity",
    "name": "Close to the reference",
    "input": "{{sample.output_text}}",
    "reference": "{{item.reference}}",
    "evaluation_metric": "fuzzy_match",
    "pass_threshold": 0.72,
}
_TONE = {
    "type": "label_model",
    "name": "Tone",
    "model": "gpt-4.1-mini",
    "input": [
        {"role": "developer", "content": "Is the tone of this answer friendly, neutral or harsh?"},
        {"role": "user", "content": "{{sample.output_text}}"},
    ],
    "labels": ["friendly", "neutral", "harsh"],
    "passing_labels": ["friendly", "neutral"],
}
_QUALITY = {
    "type": "score_model",
    "name": "Quality",
    "model": "gpt-4.1",
    "input": [{"role": "user", "content": "Score this from 1 to 5: {{sample.output_text}}"}],
    "range": [1, 5],
    "pass_threshold": 2.5,
}
_LENGTH = {
    "type": "python",
    "name": "Length",
    "source": "def grade(sample, item):\n    return float(len(sample['output_text']) < 300)\n",
    "pass_threshold": 0.3,
}


def _schema(*names: str) -> JSON:
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": properties, "required": list(names)}


def _custom(*names: str) -> JSON:
    return {"type": "custom", "item_schema": _schema(*names), "include_sample_schema": True}


_EVALS: tuple[JSON, ...] = (
    {"name": "Headline topics", "data_source_config": _custom("headline", "topic"), "testing_criteria": [_EXACT]},
    {
        "name": "Answers against references",
        "data_source_config": _custom("question", "reference"),
        "testing_criteria": [_ALIKE, _TONE],
        "metadata": {"team": "support"},
    },
    {
        "name": "Tone of stored answers",
        "data_source_config": {"type": "logs", "metadata": {"team": "support"}},
        "testing_criteria": [_TONE, _QUALITY],
    },
    {
        "name": "Topics by model",
        "data_source_config": _custom("headline", "topic"),
        "testing_criteria": [_MENTIONS, _LENGTH],
        "metadata": {"owner": "data", "release": "2026-11"},
    },
)


class _Past(NamedTuple):
    """A run to start with: the number of its eval, its items, its age in seconds and what of its fate is known."""

    eval_: int
    name: str
    items: int
    age: float
    model: str = ""
    skill: int = 7
    fate: JSON = {}
    still: bool = False


_RUNS = (
    _Past(0, "prompt v1", 60, 12 * _DAY, skill=2),
    _Past(0, "prompt v2", 60, 9 * _DAY, skill=4),
    _Past(0, "prompt v3", 60, 2 * _DAY, skill=9),
    _Past(1, "macros of October", 45, 8 * _DAY, skill=3),
    _Past(1, "macros of November", 45, 1 * _DAY, skill=8),
    _Past(3, "gpt-4.1-mini", 30, 6 * _DAY, model="gpt-4.1-mini"),
    _Past(3, "gpt-retired", 8, 5 * _DAY, model="gpt-4-32k-0314"),
    _Past(3, "gpt-4.1", 30, 3 * _DAY, model="gpt-4.1", fate={"canceled": 1.2}),
    _Past(2, "an empty week", 0, 4 * _DAY),
)
# Ages and lengths of these pass faster at a higher speed.
_RUNNING = (
    _Past(0, "prompt v4", 600, 160, skill=9, fate={"working": 600.0}, still=True),
    _Past(3, "gpt-5-mini", 120, 30, model="gpt-5-mini", fate={"working": 240.0}, still=True),
    _Past(1, "waiting for capacity", 30, 5, fate={"waiting": 90.0}, still=True),
)


def seed(world: World, scenario: str) -> None:
    """Start with evals at every stage; in calm and huge ones nothing is under way."""
    now = world.now()
    evals = [
        add_eval(world, CreateEval.model_validate(body), created=now - (20 - 1.5 * number) * _DAY)
        for number, body in enumerate(_EVALS)
    ]
    for past in (*_RUNS, *(_RUNNING if scenario in ("busy", "nasty") else ())):
        age = world.lasting(past.age) if past.still else past.age
        fate = {name: world.lasting(value) if past.still else value for name, value in past.fate.items()}
        if "canceled" in fate:
            fate["canceled"] += now - age + 3
        begin(
            world,
            evals[past.eval_],
            _source(world, past, now - age),
            name=past.name,
            metadata={"skill": str(past.skill)},
            created=now - age,
            **fate,
        )
    if scenario == "nasty":
        _seed_odd(world)


def _source(world: World, past: _Past, created: float) -> JSON:
    """Return the data source of a run: stored answers, a file, or items in the request."""
    if past.eval_ == 2:
        return {"type": "completions", "source": {"type": "stored_completions", "metadata": {"week": "none"}}}
    lines = [_line(past, number) for number in range(past.items)]
    if past.model:
        template = [
            {"type": "message", "role": role, "content": {"type": "input_text", "text": text}}
            for role, text in (
                ("developer", f"Name the topic of a headline: {', '.join(_TOPICS)}."),
                ("user", "{{item.headline}} ({{item.topic}})"),
            )
        ]
        source: JSON = {"type": "file_content", "content": [{"item": line["item"]} for line in lines]}
        messages = {"type": "template", "template": template}
        return {"type": "completions", "model": past.model, "input_messages": messages, "source": source}
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    name = past.name.replace(" ", "-")
    file = add_file(world, filename=f"{name}.jsonl", purpose="evals", content=content, created=created - 20)
    return {"type": "jsonl", "source": {"type": "file_id", "id": file["id"]}}


def _line(past: _Past, number: int) -> JSON:
    """Return an item and its answer, right `skill` times of ten."""
    right = number * 7 % 10 < past.skill
    if past.eval_ == 1:
        reference = f"Order {number} left our warehouse and arrives tomorrow."
        answer = f"Order {number} has left the warehouse and arrives tomorrow." if right else "We do not know."
        item = {"question": f"Where is my order {number}?", "reference": reference}
        return {"item": item, "sample": {"output_text": answer}}
    headline, topic = _HEADLINES[number % len(_HEADLINES)]
    answer = topic if right else _TOPICS[(number + 1) % len(_TOPICS)]
    item = {"headline": f"{headline} ({number})", "topic": topic}
    return {"item": item, "sample": {"output_text": answer}}


def _seed_odd(world: World) -> None:
    """Start with evals and runs that do not keep to the schema."""
    now = int(world.now())
    plain: JSON = {
        "object": "eval",
        "name": "odd",
        "data_source_config": {"type": "custom", "schema": {}},
        "testing_criteria": [],
        "created_at": now - 700,
        "metadata": {},
    }
    odd: list[JSON] = [
        {"id": "eval_odd_name", **plain, "name": HOSTILE[7], "metadata": {HOSTILE[6]: HOSTILE[2]}},
        {"id": "eval_odd_nulls", **dict.fromkeys(plain)},
        {"id": "eval_odd_bare", "object": "eval"},
        {"id": "eval_odd_types", **plain, "name": 7, "testing_criteria": {"type": "vibes"}, "created_at": "1"},
        {
            "id": "eval_odd_criteria",
            **plain,
            "testing_criteria": [{"type": "telepathy", "name": HOSTILE[0]}, None],
        },
    ]
    for number, eval_ in enumerate(odd):
        world.put("eval", eval_, facts={"updated": now}, created=now - 300 + number)
    counts = {"total": 9, "errored": 1, "failed": 3, "passed": 5}
    run: JSON = {
        "object": "eval.run",
        "eval_id": "eval_odd_name",
        "status": "completed",
        "model": "gpt-4o",
        "name": "odd",
        "created_at": now - 600,
        "report_url": "javascript:alert(1)",
        "result_counts": counts,
        "per_model_usage": None,
        "per_testing_criteria_results": None,
        "data_source": {"type": "telepathy"},
        "metadata": None,
        "error": None,
    }
    runs: list[JSON] = [
        {"id": "evalrun_odd_status", **run, "status": "pondering", "name": HOSTILE[9]},
        {"id": "evalrun_odd_cancelled", **run, "status": "cancelled"},
        {"id": "evalrun_odd_counts", **run, "result_counts": {"total": 3, "passed": 9, "failed": -1}},
        {"id": "evalrun_odd_strings", **run, "result_counts": {"total": "9", "passed": None}, "created_at": "x"},
        {"id": "evalrun_odd_nulls", **dict.fromkeys(run)},
        {"id": "evalrun_odd_bare"},
        {
            "id": "evalrun_odd_error",
            **run,
            "status": "failed",
            "error": {"code": HOSTILE[6], "message": HOSTILE[1]},
        },
    ]
    for number, told in enumerate(runs):
        world.put("eval_run", told, parent="eval_odd_name", created=now - 200 + number)
