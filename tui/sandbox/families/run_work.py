"""The work of runs: what they read, which tools they use, what they answer, and what is kept when they end."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox import generate
from tui.sandbox.families.files import content_of
from tui.sandbox.families.graders import FormulaError, compute
from tui.sandbox.families.models import known_models
from tui.sandbox.families.run_objects import Run
from tui.sandbox.jobs.assistant_run import ACTIVE, Facts, marks, status
from tui.sandbox.jobs.assistant_tools import arguments, chosen, expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.sandbox.world import JSON, Row, World

_LIFE = 600
_SIMULATED = {
    "failed": {"code": "rate_limit_exceeded", "message": "[simulated] You exceeded your current quota."},
    "expired": None,
    "incomplete": None,
}
_CHUNK = 800


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
    tools = chosen(request["tools"], request["tool_choice"], asked)
    for kind, calls in _calls(world, thread_id, tools, asked, together=request["parallel_tool_calls"]):
        written = sum(generate.tokens(json.dumps(call)) for call in calls)
        steps.append({"id": world.new_id("step_"), "calls": calls, "usage": _usage(read, written)})
        kinds.append(kind)
    steps.append({"id": world.new_id("step_"), "message_id": world.new_id("msg_"), "usage": _usage(read, 0)})
    known: JSON = {"request": request, "steps": steps, "error": None, "limit": None}
    fate = (request["metadata"] or {}).get("simulate", "completed")
    if not fits:
        known |= {"steps": [], "limit": "max_prompt_tokens"}
        fate, kinds = "incomplete", []
    facts = Facts(
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


def submit(world: World, row: Row, outputs: JSON) -> Row:
    """Give the functions' outputs, by id of their call, to a run that waits for them."""
    run, known = Run.of(row), row.known
    wanted = {call["id"] for call in run.open_calls(world.now())}
    for step in known["steps"]:
        for call in step.get("calls", ()):
            if call["id"] in wanted:
                call["function"]["output"] = outputs[call["id"]]
    facts = dataclasses.replace(run.facts, submitted=(*run.facts.submitted, world.now()))
    context, _ = _context(world, row.parent, run.request)
    return _change(world, row, known, _answer(world, known, facts, context))


def cancel(world: World, row: Row) -> Row:
    """Stop a run."""
    return _change(world, row, row.known, dataclasses.replace(Run.of(row).facts, cancelled=world.now()))


def _change(world: World, row: Row, known: JSON, facts: Facts) -> Row:
    return world.derive(row, known | {"facts": dataclasses.asdict(facts)}, _due(facts, known, world.now()))


def active_run(world: World, thread_id: str) -> Row | None:
    """The run under way in a thread, if there is one: only the newest can be."""
    newest = world.page("run", parent=thread_id, limit=1, newest=True)
    running = newest and newest[0].text is None and status(Run.of(newest[0]).facts, world.now()) in ACTIVE
    return newest[0] if running else None


def _due(facts: Facts, known: JSON, after: float) -> float | None:
    """When something is to be kept next: the message that begins, or the end."""
    writing = len(known["steps"]) - 1
    course = marks(facts)
    moments = [mark.moment for mark in course if mark.step == writing and mark.status == "in_progress"]
    return next((moment for moment in (*moments[:1], course[-1].moment) if moment > after), None)


def settle(world: World, row: Row) -> None:
    """Let the message appear when its writing begins; at the end let it and the run rest."""
    run, now = Run.of(row), row.due
    course, writing = marks(run.facts), len(run.steps) - 1
    if now == next((mark.moment for mark in course if mark.step == writing), None):
        world.put("message", id=run.steps[-1]["message_id"], facts={}, parent=row.parent, tag=row.id, created=now)
    if now != course[-1].moment:
        world.derive(row, row.known, course[-1].moment)
        return
    message = world.find("message", run.steps[-1]["message_id"]) if run.steps else None
    if message:
        world.finish(message, run.message(now, message.known.get("metadata")))
    world.finish(row, run.told(now))


def show_message(world: World, row: Row) -> JSON:
    """The object of a message that is being written."""
    run = world.find("run", row.tag)
    assert run, "a message outlives its run only when finished"
    return Run.of(run).message(world.now(), row.known.get("metadata"))


# -- what is read


def _context(world: World, thread_id: str, request: JSON) -> tuple[list[_Said], bool]:
    """The messages a run reads, as it truncates them, and whether they fit what it may read."""
    said = [
        _Said(message["role"], _text(message["content"]))
        for row in world.rows("message", parent=thread_id)
        if row.text and (message := json.loads(row.text))
    ]
    if count := request["truncation_strategy"]["last_messages"]:
        said = said[-count:]
    most = request["max_prompt_tokens"]
    while most and len(said) > 1 and sum(generate.tokens(item.text) for item in said) > most:
        del said[0]
    return said, not most or sum(generate.tokens(item.text) for item in said) <= most


def _text(content: Iterable[JSON]) -> str:
    return "\n".join(part["text"]["value"] for part in content if part.get("type") == "text")


# -- what is done


def _calls(
    world: World, thread_id: str, tools: list[JSON], text: str, *, together: bool
) -> Iterable[tuple[str, list[JSON]]]:
    """The kind and the calls of each step: tools of the platform one by one, functions together if they may."""
    functions = []
    for tool in tools:
        id_ = world.new_id("call_")
        if tool["type"] == "function":
            wanted = json.dumps(arguments(tool["function"].get("parameters"), text))
            call = {"name": tool["function"]["name"], "arguments": wanted, "output": None}
            functions.append({"id": id_, "type": "function", "function": call})
        elif tool["type"] == "code_interpreter":
            yield "tool", [{"id": id_, "type": "code_interpreter", "code_interpreter": _code(text)}]
        elif found := _search(world, thread_id, tool, text):
            yield "tool", [{"id": id_, "type": "file_search", "file_search": found}]
    if together and functions:
        yield "function", functions
    else:
        yield from (("function", [call]) for call in functions)


def _code(text: str) -> JSON:
    """Code that computes the first sum of a text, and what it prints."""
    formula = expression(text)
    try:
        logs = f"{compute(formula, {}):g}" if formula else "[simulated] nothing was run: the message holds no sum"
    except FormulaError as error:
        logs = f"[simulated] {error}"
    return {"input": f"print({formula})", "outputs": [{"type": "logs", "logs": logs}]}


def _search(world: World, thread_id: str, tool: JSON, text: str) -> JSON | None:
    """The best piece of each file attached for searching, ranked by likeness; None when there is no file."""
    settings = tool.get("file_search") or {}
    ranking = settings.get("ranking_options") or {"ranker": "default_2024_08_21", "score_threshold": 0.0}
    wanted = generate.embed(text, 512)
    results = []
    for row in world.rows("message", parent=thread_id):
        message = json.loads(row.text or "{}")
        for attachment in message.get("attachments") or []:
            file = world.find("file", attachment["file_id"])
            if file and {"type": "file_search"} in attachment["tools"]:
                results.append(_best(world, json.loads(world.text(file)), wanted))
    results = [found for found in results if found["score"] >= ranking["score_threshold"]]
    results.sort(key=lambda found: -found["score"])
    told = {"ranking_options": ranking, "results": results[: settings.get("max_num_results") or 20]}
    return told if results else None


def _best(world: World, file: JSON, wanted: list[float]) -> JSON:
    """The piece of a file nearest to what is wanted."""
    with content_of(world, file["id"]).open("rb") as content:
        text = content.read(64 * _CHUNK).decode("utf-8", "replace")
    pieces = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]

    def score(piece: str) -> float:
        return sum(a * b for a, b in zip(generate.embed(piece, 512), wanted, strict=True))

    best = max(pieces, key=score, default="")
    content_ = [{"type": "text", "text": best}]
    rank = round(min(max(score(best), 0.0), 1.0), 4)
    return {"file_id": file["id"], "file_name": file["filename"], "score": rank, "content": content_}


# -- what is answered


def _answer(world: World, known: JSON, facts: Facts, context: list[_Said]) -> Facts:
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
    reply = generate.answer(
        "/v1/chat/completions", body, known_models(world), created=facts.created, seed=world.seed
    )
    fate = facts.fate
    if reply.status != 200:
        fate, text, refusal = "failed", "", None
        known["error"] = {"code": "invalid_prompt", "message": reply.body["error"]["message"]}
    else:
        choice: JSON = reply.body["choices"][0]
        text, refusal = choice["message"].get("content") or "", choice["message"].get("refusal")
        if choice["finish_reason"] == "length":
            fate = "incomplete"
    text += _logs(calls)
    pieces = re.findall(r"\s*\S+", refusal or text)
    if fate in _SIMULATED:
        pieces = pieces[: len(pieces) // 2 + 1]
        known["error"] = known["error"] or _SIMULATED[fate]
        known["limit"] = "max_completion_tokens"
    notes = [] if refusal or fate in _SIMULATED else _citation(calls, "".join(pieces))
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
    """The conversation as a chat."""
    told: list[JSON] = [{"role": "system", "content": request["instructions"]}] if request["instructions"] else []
    told += [{"role": said.role, "content": said.text} for said in context if said.text]
    for call in calls:
        if (call.get("function") or {}).get("output"):
            gave = f"{call['function']['name']} gave: {call['function']['output']}"
            told.append({"role": "user", "content": gave})
    return told or [{"role": "user", "content": "An empty thread."}]


def _logs(calls: list[JSON]) -> str:
    """What code printed, as the end of an answer."""
    printed = [call["code_interpreter"]["outputs"][0]["logs"] for call in calls if "code_interpreter" in call]
    return "".join(f" The result is {logs}." for logs in printed)


def _citation(calls: list[JSON], text: str) -> list[Any]:
    """The mark at the end of an answer that names the best file found."""
    found = [result for call in calls for result in call.get("file_search", {}).get("results", ())]
    if not found:
        return []
    mark = f"【4:0†{found[0]['file_name']}】"
    note = {"type": "file_citation", "text": mark, "file_citation": {"file_id": found[0]["file_id"]}}
    return [note | {"start_index": len(text), "end_index": len(text) + len(mark)}]


def _usage(read: int, written: int) -> JSON:
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
