"""The work of runs: what they read, which tools they use, what they answer, and what is stored at their end."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.answers import generate
from tui.sandbox.families.assistants.run_objects import Run
from tui.sandbox.families.assistants.run_tools import cite, count_tokens, logs_of, plan_calls
from tui.sandbox.families.models import model_ids
from tui.sandbox.jobs.assistant_run import ACTIVE, RunFacts, plan_marks, status
from tui.sandbox.jobs.assistant_tools import choose_tools

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

_LIFE = 600
_WRITING = "writing"  # tags runs whose message is there
_SIMULATED = {
    "failed": {"code": "rate_limit_exceeded", "message": "[simulated] You exceeded your current quota."},
    "expired": None,
    "incomplete": None,
}


class _Said(NamedTuple):
    """A message as a model reads it."""

    role: str
    text: str


def begin(world: World, thread_id: str, request: JSON, *, created: float | None = None) -> Row:
    """Begin a run on what its thread holds. `metadata.simulate` of `request` chooses another end."""
    created = world.now() if created is None else created
    id_ = world.new_id("run_")
    context, fits = _context(world, thread_id, request)
    asked = next((said.text for said in reversed(context) if said.role == "user"), "")
    read = generate.tokens(request["instructions"]) + sum(generate.tokens(said.text) for said in context)
    steps: list[JSON] = []
    kinds: list[str] = []
    tools = choose_tools(request["tools"], request["tool_choice"], asked)
    for kind, calls in plan_calls(world, request, tools, asked):
        steps.append({"id": world.new_id("step_"), "calls": calls, "usage": _usage(read, count_tokens(calls))})
        kinds.append(kind)
    steps.append({"id": world.new_id("step_"), "message_id": world.new_id("msg_"), "usage": _usage(read, 0)})
    known: JSON = {"request": request, "steps": steps, "error": None, "limit": None}
    fate = (request["metadata"] or {}).get("simulate", "completed")
    if not fits:
        known |= {"steps": [], "limit": "max_prompt_tokens"}
        fate, kinds = "incomplete", []
    facts = RunFacts(
        created=created,
        expires=created + _LIFE,
        waiting=world.lasting(1.0),
        cancelling=world.lasting(1.0),
        steps=tuple((kind, world.lasting(1.5)) for kind in kinds),
        fate=fate if fate in _SIMULATED else "completed",
    )
    facts = _answer(world, known, facts, context)
    known["facts"] = dataclasses.asdict(facts)
    return world.put(
        "run", id=id_, facts=known, parent=thread_id, created=created, due=_due(facts, known, created)
    )


def submit(world: World, row: Row, outputs: JSON, *, at: float) -> Row:
    """Give the functions' outputs, by id of their call, to a run that waits for them."""
    run, known = Run.of(row), row.known
    wanted = {call["id"] for call in run.open_calls(at)}
    for step in known["steps"]:
        for call in step.get("calls", ()):
            if call["id"] in wanted:
                call["function"]["output"] = outputs[call["id"]]
    facts = dataclasses.replace(run.facts, submitted=(*run.facts.submitted, at))
    context, _ = _context(world, row.parent, run.request)
    return _change(world, row, known, _answer(world, known, facts, context), at)


def cancel(world: World, row: Row) -> Row:
    """Stop a run."""
    now = world.now()
    return _change(world, row, row.known, dataclasses.replace(Run.of(row).facts, cancelled=now), now)


def _change(world: World, row: Row, known: JSON, facts: RunFacts, at: float) -> Row:
    return world.derive(row, known | {"facts": dataclasses.asdict(facts)}, _due(facts, known, at))


def active_run(world: World, thread_id: str) -> Row | None:
    """Return the run under way in a thread, if there is one: only the newest can be."""
    newest = world.page("run", parent=thread_id, limit=1, newest=True)
    running = newest and newest[0].text is None and status(Run.of(newest[0]).facts, world.now()) in ACTIVE
    return newest[0] if running else None


def _due(facts: RunFacts, known: JSON, after: float) -> float | None:
    """Return when a run changes next: its message begins, or it ends."""
    writing = len(known["steps"]) - 1
    course = plan_marks(facts)
    moments = [mark.moment for mark in course if mark.step == writing and mark.status == "in_progress"]
    return next((moment for moment in (*moments[:1], course[-1].moment) if moment > after), None)


def settle(world: World, row: Row) -> None:
    """Let the message appear when its writing begins; at the end let it and the run rest."""
    run, now = Run.of(row), row.due or 0.0
    course, writing = plan_marks(run.facts), len(run.steps) - 1
    begun = next((mark.moment for mark in course if mark.step == writing), math.inf)
    if begun <= now and row.tag != _WRITING:
        world.put(
            "message", id=run.steps[-1]["message_id"], facts={}, parent=row.parent, tag=row.id, created=begun
        )
    if now < course[-1].moment:
        world.derive(row, row.known, course[-1].moment, tag=_WRITING if begun <= now else "")
        return
    message = world.find("message", run.steps[-1]["message_id"]) if run.steps else None
    if message:
        world.finish(message, run.message(now, message.known.get("metadata")))
    world.finish(row, run.describe(now))


def show_message(world: World, row: Row) -> JSON:
    """Return the object of a message that is being written."""
    run = world.find("run", row.tag)
    assert run, "a message outlives its run only when finished"
    return Run.of(run).message(world.now(), row.known.get("metadata"))


# What is read.


def _context(world: World, thread_id: str, request: JSON) -> tuple[list[_Said], bool]:
    """Return the messages a run reads, as it truncates them, and whether they fit what it may read."""
    said = [
        _Said("assistant" if message.get("role") == "assistant" else "user", _text(message.get("content")))
        for row in world.rows("message", parent=thread_id)
        if row.text and (message := json.loads(row.text))
    ]
    if count := request["truncation_strategy"]["last_messages"]:
        said = said[-count:]
    most = request["max_prompt_tokens"]
    while most and len(said) > 1 and sum(generate.tokens(item.text) for item in said) > most:
        del said[0]
    return said, not most or sum(generate.tokens(item.text) for item in said) <= most


def _text(content: Any) -> str:
    """Return the text of a message, also of an odd one."""
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "\n".join(str(text.get("value", "")) for text in texts if isinstance(text, dict))


# What is answered.


def _answer(world: World, known: JSON, facts: RunFacts, context: list[_Said]) -> RunFacts:
    """Put the reply into what is known of a run. Returns the facts that follow from its length and its end."""
    if not known["steps"]:
        known["reply"] = {"type": "text", "pieces": [], "annotations": []}
        return facts
    request = known["request"]
    calls = [call for step in known["steps"] for call in step.get("calls", ())]
    body: JSON = {"model": request["model"], "messages": _messages(request, context, calls)}
    if isinstance(request["response_format"], dict):
        body["response_format"] = request["response_format"]
    if request["max_completion_tokens"]:
        body["max_completion_tokens"] = request["max_completion_tokens"]
    reply = generate.answer("/v1/chat/completions", body, model_ids(world), created=facts.created, seed=world.seed)
    fate = facts.fate
    if reply.status != 200:
        fate, text, refusal = "failed", "", None
        known["error"] = {"code": "server_error", "message": reply.body["error"]["message"]}
    else:
        choice: JSON = reply.body["choices"][0]
        text, refusal = choice["message"].get("content") or "", choice["message"].get("refusal")
        if choice["finish_reason"] == "length":
            fate = "incomplete"
    text += logs_of(calls)
    pieces = re.findall(r"\s*\S+", refusal or text)
    if fate in _SIMULATED:
        pieces = pieces[: len(pieces) // 2 + 1]
        known["error"] = known["error"] or _SIMULATED[fate]
        known["limit"] = "max_completion_tokens"
    notes = [] if refusal or fate in _SIMULATED else cite(calls, "".join(pieces))
    if notes:
        pieces[-1] += notes[0]["text"]
    known["reply"] = {"type": "refusal" if refusal else "text", "pieces": pieces, "annotations": notes}
    known["steps"][-1]["usage"] = _usage(
        known["steps"][-1]["usage"]["prompt_tokens"], generate.tokens("".join(pieces))
    )
    others = facts.steps[: len(known["steps"]) - 1]
    writing = ("message", world.lasting(0.5 + 0.05 * len(pieces)))
    return dataclasses.replace(facts, fate=fate, steps=(*others, writing))


def _messages(request: JSON, context: list[_Said], calls: list[JSON]) -> list[JSON]:
    """Return the conversation as a chat."""
    told: list[JSON] = [{"role": "system", "content": request["instructions"]}] if request["instructions"] else []
    told += [{"role": said.role, "content": said.text} for said in context if said.text]
    for call in calls:
        if (call.get("function") or {}).get("output"):
            gave = f"{call['function']['name']} gave: {call['function']['output']}"
            told.append({"role": "user", "content": gave})
    return told or [{"role": "user", "content": "An empty thread."}]


def _usage(read: int, written: int) -> JSON:
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
