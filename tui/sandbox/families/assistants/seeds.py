"""The threads a scenario starts with, and what goes on in them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.assistants.bodies import CreateAssistantRun, CreateMessage, CreateThread
from tui.sandbox.families.assistants.run_objects import Run
from tui.sandbox.families.assistants.run_requests import build_request
from tui.sandbox.families.assistants.run_work import begin, submit
from tui.sandbox.families.assistants.threads import add_message, add_thread, find_thread
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.sandbox.world import JSON, Row, World

_HOUR = 3600
_OUTPUTS = {
    "get_order": '{"order_id": "A-4711", "status": "shipped", "carrier": "northbound"}',
    "refund_order": '{"refunded": true}',
}


class _Talk(NamedTuple):
    """A thread: whose it is, its age in seconds, and what the user says in turn."""

    assistant: str
    subject: str
    age: float
    says: tuple[str, ...]
    metadata: Mapping[str, str] = {}


_PAST = (
    _Talk(
        "Support",
        "Late kayak",
        26 * _HOUR,
        (
            "Where is my river kayak? Please get order A-4711.",
            "It arrived with a crack. How do I return it?",
            "Then refund order A-4711 please, all 349 of it.",
        ),
    ),
    _Talk("Analyst", "Margins", 7 * _HOUR, ("What is (349 - 212) / 349 in percent?", "And 12 * 137 + 40?")),
    _Talk("Translator", "Leaflet", 5 * _HOUR, ("To German: the tent is waterproof.",), {"simulate": "failed"}),
    _Talk("Analyst", "Long report", 3 * _HOUR, ("Write the whole report.",), {"simulate": "incomplete"}),
)
_QUESTIONS = (
    "Does the trail tent fit three people?",
    "Can I change the address of my parcel?",
    "Please get order A-4712, it is late.",
    "How do I wash a down jacket?",
    "Is the summit stove allowed on planes?",
)


def seed(world: World, scenario: str) -> None:
    """Start with conversations that are over; in a busy account one waits for functions, and another goes on."""
    if scenario == "huge":
        return
    world.settle(math.inf)  # the vector stores are read before somebody searches them
    now = world.now()
    told = [json.loads(world.text(row)) for row in world.rows("assistant")]
    assistants = {str(assistant.get("name")): str(assistant.get("id")) for assistant in told}
    for talk in _PAST:
        at = now - talk.age
        thread = _begin(world, talk, assistants, at)
        for text in talk.says:
            at = 90 + _answer_calls(
                world, _ask(world, thread, assistants[talk.assistant], text, at, talk.metadata), at
            )
    if scenario in ("busy", "nasty"):
        asked = _Talk("Support", "Waits for an order", world.lasting(40), ("Please get order A-4713.",))
        thread = _begin(world, asked, assistants, now - asked.age)
        _ask(world, thread, assistants["Support"], asked.says[0], now - asked.age, {})
    if scenario == "busy":
        live = _Talk("Support", "Chat on the website", 60, ())
        thread = _begin(world, live, assistants, now - live.age)
        facts = {"thread": thread.id, "assistant": assistants["Support"], "count": 0}
        world.put("question", id="questions", facts=facts, due=now + world.lasting(5))
    if scenario == "nasty":
        _seed_odd(world, assistants["Support"])


def ask_again(world: World, row: Row) -> None:
    """Ask the next question in the thread that goes on, unless it was deleted or still waits."""
    facts, at = row.known, max(row.due or 0.0, world.now() - 900)
    thread, assistant = world.find("thread", facts["thread"]), world.find("assistant", facts["assistant"])
    if not thread or not assistant:
        return
    newest = world.page("run", parent=thread.id, limit=1, newest=True)
    if not newest or newest[0].text is not None:
        _ask(world, thread, assistant.id, _QUESTIONS[facts["count"] % len(_QUESTIONS)], at, {})
    world.derive(row, facts | {"count": facts["count"] + 1}, at + max(world.lasting(45), 20))


def _begin(world: World, talk: _Talk, assistants: Mapping[str, str], created: float) -> Row:
    """Return an empty thread. Its assistant tells its id, as no list does."""
    thread = add_thread(world, CreateThread(metadata={"subject": talk.subject}), created=created)
    row = world.find("assistant", assistants[talk.assistant])
    assert row
    assistant = json.loads(world.text(row))
    world.finish(row, assistant | {"metadata": assistant["metadata"] | {"last_thread": thread["id"]}})
    return find_thread(world, thread["id"])


def _ask(world: World, thread: Row, assistant_id: str, text: str, at: float, metadata: Mapping[str, str]) -> Row:
    """Add a message of the user and begin a run."""
    add_message(world, thread, CreateMessage(role="user", content=text), created=at)
    request = build_request(
        world, thread.id, CreateAssistantRun(assistant_id=assistant_id, metadata=dict(metadata))
    )
    return begin(world, thread.id, request, created=at)


def _answer_calls(world: World, row: Row, at: float) -> float:
    """Answer the functions a run asks for. Returns when it is surely over."""
    while calls := Run.of(row).open_calls(at + 30):
        at += 30
        outputs = {call["id"]: _OUTPUTS.get(call["function"]["name"], "{}") for call in calls}
        row = submit(world, row, outputs, at=at)
    world.settle(math.inf)  # what is said next follows on the answer
    return at + 30


def _seed_odd(world: World, assistant_id: str) -> None:
    """Start with hostile texts, objects that do not keep to the schema, and a run that never ends by itself."""
    now = int(world.now())
    metadata = {HOSTILE[6]: HOSTILE[2], "note": HOSTILE[9]}
    hostile = find_thread(world, add_thread(world, CreateThread(metadata=metadata), created=now - 900)["id"])
    for number, text in enumerate(filter(str.strip, HOSTILE)):
        add_message(world, hostile, CreateMessage(role="user", content=text), created=now - 900 + number)
    stuck = _Talk("Support", "Never answered", 300, ("Hello?",), {"simulate": "expired"})
    thread = _begin(world, stuck, {"Support": assistant_id}, now - stuck.age)
    _ask(world, thread, assistant_id, stuck.says[0], now - stuck.age, stuck.metadata)
    message: JSON = {
        "object": "thread.message",
        "created_at": now - 600,
        "thread_id": "thread_Odd",
        "role": "user",
        "status": "completed",
        "content": [{"type": "text", "text": {"value": "plain", "annotations": []}}],
        "metadata": {},
    }
    run: JSON = {
        "object": "thread.run",
        "created_at": now - 500,
        "thread_id": "thread_Odd",
        "assistant_id": "asst_Gone",
        "status": "completed",
        "model": "gpt-4o",
        "usage": {"total_tokens": "many"},
    }
    error = {"code": HOSTILE[6], "message": HOSTILE[1]}
    call = {"id": "call_Odd", "type": "function", "function": {"name": HOSTILE[7], "arguments": "{not json"}}
    wanted = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call, None]}}
    world.put("thread", {"id": "thread_Odd", "object": "thread", "metadata": None}, created=now - 700)
    messages: list[JSON] = [
        {"id": "msg_OddRole", **message, "role": "ghost"},
        {"id": "msg_OddPart", **message, "content": [{"type": "hologram", "hologram": HOSTILE[0]}, None, "x"]},
        {"id": "msg_OddText", **message, "content": [{"type": "text", "text": "no object"}]},
        {"id": "msg_OddContent", **message, "content": "no list", "created_at": "now"},
        {"id": "msg_OddNulls", **dict.fromkeys(message)},
        {"id": "msg_OddBare"},
    ]
    runs: list[JSON] = [
        {"id": "run_OddStatus", **run, "status": "daydreaming"},
        {"id": "run_OddError", **run, "status": "failed", "last_error": error},
        {"id": "run_OddAction", **run, "status": "requires_action", "required_action": wanted},
        {"id": "run_OddWanted", **run, "status": "requires_action", "required_action": None},
        {"id": "run_OddNulls", **dict.fromkeys(run)},
        {"id": "run_OddBare"},
    ]
    for kind, odd in (("message", messages), ("run", runs)):
        for number, told in enumerate(odd):
            world.put(kind, told, parent="thread_Odd", created=now - 500 + number)
