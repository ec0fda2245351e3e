"""Chat completions: made, streamed, and kept when asked to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from tui.sandbox.answers.chat import build_ask, build_completion, split_chunks, stored_messages
from tui.sandbox.answers.chat_bodies import ChatBody
from tui.sandbox.answers.writer import make_failure, pace_of, planned_failure, thinking_time
from tui.sandbox.families.generation.requests import accept, count_request, respond
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, Body, Listing, Metadata, Problem, json_response
from tui.sandbox.scenarios import HOSTILE
from tui.sandbox.streams import break_off, pace_chunks, stream

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_KIND = "chat.completion"


class UpdateChat(Body):
    """Changes to a stored completion."""

    metadata: Metadata | None


class MessagesQuery(Listing):
    """The query of a completion's messages."""

    order: Literal["asc", "desc"] = "asc"


class ChatQuery(MessagesQuery):
    """The query of the list."""

    model: str = ""
    metadata: dict[str, str] | Literal["null"] | None = None


@family.route("POST", "/chat/completions", body=ChatBody)
def create_chat(world: World, body: ChatBody) -> Answer:
    """Answer at once, or as a stream."""
    key, now = accept(world, body), world.now()
    asked = build_ask(body, key)
    if (fate := planned_failure(asked)) and not body.stream:
        raise make_failure()
    whole = build_completion(body, key, id_=world.new_id("chatcmpl-", 29), created=int(now))
    if body.store and not fate:
        _keep(world, body, whole, now)
    if not body.stream:
        return respond(world, body.model, whole)
    begins = world.lasting(thinking_time(asked, whole["usage"]["completion_tokens_details"]["reasoning_tokens"]))
    events = pace_chunks(split_chunks(whole, body), world.lasting(pace_of(asked)), begins)
    limits = count_request(world, body.model, whole["usage"])
    return stream(world, now, break_off(events, make_failure().error) if fate else events, headers=limits)


def _keep(world: World, body: ChatBody, whole: JSON, created: float) -> None:
    """Store a completion, with what it was asked."""
    plain = body.model_dump(exclude_none=True, by_alias=True)
    asked = ("seed", "top_p", "temperature", "presence_penalty", "frequency_penalty", "tools", "response_format")
    told = {name: plain.get(name) for name in asked}
    shown = {**whole, **told, "request_id": world.new_id("req_"), "input_user": body.user}
    facts = {"messages": stored_messages(body, whole["id"])}
    world.put(_KIND, shown, facts=facts, created=created, tag=body.model)


@family.route("GET", "/chat/completions", query=ChatQuery)
def list_chats(world: World, query: ChatQuery) -> Answer:
    """List stored completions, oldest first unless asked otherwise."""
    newest, tag = query.order == "desc", query.model
    if query.metadata in (None, "null", {}):
        return list_stored(world, _KIND, after=query.after, limit=query.limit, newest=newest, tag=tag)
    assert isinstance(query.metadata, dict)
    wanted = query.metadata.items()
    rows = [row for row in world.rows(_KIND) if tag in ("", row.tag)]
    found = [
        shown for row in rows if wanted <= ((shown := json.loads(world.text(row))).get("metadata") or {}).items()
    ]
    found = found[::-1] if newest else found
    ids = [shown["id"] for shown in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit)


@family.route("GET", "/chat/completions/{completion_id}")
def retrieve_chat(world: World, completion_id: str) -> Answer:
    """Retrieve a stored completion."""
    return json_response(world.text(_find(world, completion_id)))


@family.route("POST", "/chat/completions/{completion_id}", body=UpdateChat)
def update_chat(world: World, completion_id: str, body: UpdateChat) -> Answer:
    """Change the metadata of a stored completion."""
    row = _find(world, completion_id)
    shown: JSON = {**json.loads(world.text(row)), "metadata": body.metadata or {}}
    world.finish(row, shown)
    return shown


@family.route("DELETE", "/chat/completions/{completion_id}")
def delete_chat(world: World, completion_id: str) -> Answer:
    """Delete a stored completion for good."""
    world.remove(_find(world, completion_id))
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}


@family.route("GET", "/chat/completions/{completion_id}/messages", query=MessagesQuery)
def list_messages(world: World, completion_id: str, query: MessagesQuery) -> Answer:
    """List the messages of a stored completion's request."""
    found = _find(world, completion_id).known.get("messages", [])
    found = found if query.order == "asc" else found[::-1]
    ids = [message["id"] for message in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit)


def _find(world: World, completion_id: str) -> Row:
    row = world.find(_KIND, completion_id)
    if not row:
        raise Problem(f"Chat completion with id '{completion_id}' not found.", status=404, param="completion_id")
    return row


# What scenarios start with.

_HOUR = 3600
_TASKS = (
    ("triage", "gpt-4.1-mini", "You sort tickets.", "Ticket {n}: the kettle arrived broken, I want a refund."),
    ("summary", "gpt-5-mini", "You summarize in one sentence.", "Summarize order {n}: two lamps, one returned."),
    ("translation", "gpt-4o-mini", "You translate to German.", "Translate: your parcel {n} is on its way."),
    ("lookup", "gpt-4.1", "You answer with tools.", "Use find_order for order {n}."),
    ("extraction", "gpt-4.1-nano", "You answer in JSON.", "As JSON: invoice {n}, 3 items, 42.50 EUR."),
)
_TOOL = {
    "name": "find_order",
    "description": "Finds an order.",
    "parameters": {
        "type": "object",
        "properties": {
            "order": {"type": "integer", "minimum": 1000, "maximum": 9999},
            "year": {"enum": [2025, 2026]},
        },
        "required": ["order"],
    },
}


@family.seeds
def _seed(world: World, scenario: str) -> None:
    for number in range(8 if scenario == "calm" else 30):
        task, model, instruction, question = _TASKS[number % len(_TASKS)]
        mark = " [refuse]" if number % 13 == 12 else ""
        body: JSON = {
            "model": model,
            "store": True,
            "metadata": {"task": task, "ticket": str(4000 + number), "team": ("support", "billing")[number % 2]},
            "messages": [
                {"role": "developer", "content": instruction},
                {"role": "user", "content": question.format(n=4000 + number) + mark},
            ],
        }
        if task == "lookup":
            body["tools"] = [{"type": "function", "function": _TOOL}]
        elif task == "extraction":
            body["response_format"] = {"type": "json_object"}
        elif number % 11 == 5:
            body["max_completion_tokens"] = 12
        _seed_one(world, body, world.now() - number * 1.7 * _HOUR - 300)
    if scenario == "nasty":
        _seed_odd(world)


def _seed_one(world: World, given: JSON, created: float) -> None:
    body = ChatBody.model_validate(given)
    id_ = world.new_id("chatcmpl-", 29)
    _keep(world, body, build_completion(body, body.key(world.seed), id_=id_, created=int(created)), created)


def _seed_odd(world: World) -> None:
    """Start with completions with hostile text, and objects that do not keep to the schema."""
    now = world.now()
    for number, text in enumerate(HOSTILE):
        user = {"role": "user", "content": f"Repeat: {text}"}
        said = {"role": "assistant", "content": text, "refusal": None}
        shown = {
            "id": f"chatcmpl-hostile{number:02}",
            "object": _KIND,
            "created": int(now) - number,
            "model": text,
        }
        shown |= {
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "metadata": {"from": text[:512]},
        }
        facts = {"messages": [{"id": f"{shown['id']}-0", **user, "refusal": None}]}
        world.put(_KIND, shown, facts=facts, created=now - 50 - number)
    plain: JSON = {"object": _KIND, "created": int(now), "model": "gpt-5-mini"}
    odd: list[JSON] = [
        {"id": "chatcmpl-odd-bare"},
        {"id": "chatcmpl-odd-no-choices", **plain, "choices": []},
        {"id": "chatcmpl-odd-null-choices", **plain, "choices": None, "usage": None, "metadata": None},
        {"id": "chatcmpl-odd-finish", **plain, "choices": [{"index": 0, "finish_reason": "tired", "message": {}}]},
        {"id": "chatcmpl-odd-message", **plain, "choices": [{"message": "text"}, 7, None], "usage": [1, 2]},
        {"id": "chatcmpl-odd-content", **plain, "choices": [{"message": {"role": 7, "content": {"a": ["b"]}}}]},
        {
            "id": "chatcmpl-odd-times",
            **plain,
            "created": "yesterday",
            "model": None,
            "metadata": ["not", "a", "map"],
        },
        {
            "id": "chatcmpl-odd-usage",
            **plain,
            "choices": [],
            "usage": {"total_tokens": "many", "prompt_tokens": -1},
        },
    ]
    for number, shown in enumerate(odd):
        world.put(_KIND, shown, created=now - 100 - number, tag="gpt-5-mini")
