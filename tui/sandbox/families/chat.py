"""Chat completions: made, streamed, and kept when asked to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from tui.sandbox.answers.chat import ask, chunks, completion, messages
from tui.sandbox.answers.chat_bodies import ChatBody  # noqa: TC001  the route reads it
from tui.sandbox.answers.writer import broke, fails, pace, thinking
from tui.sandbox.families.asking import accept
from tui.sandbox.streams import broken, in_steps, stream
from tui.sandbox.wire import (
    Answer,
    Body,
    Family,
    Listing,
    Metadata,
    Problem,
    computed_listing,
    json_response,
    listing,
)

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_KIND = "chat.completion"
_DAY = 86400


class UpdateChat(Body):
    """What of a stored completion can be changed."""

    metadata: Metadata | None


class MessagesQuery(Listing):
    """The query of a completion's messages."""

    order: Literal["asc", "desc"] = "asc"


class ChatQuery(MessagesQuery):
    """The query of the list."""

    model: str = ""
    metadata: dict[str, str] | Literal["null"] | None = None


@family.route("POST /chat/completions")
def create_chat(world: World, body: ChatBody) -> Answer:
    """Answer at once, or as a stream."""
    key, now = accept(world, body), world.now()
    asked = ask(body, key)
    if (fate := fails(asked)) and not body.stream:
        raise broke()
    whole = completion(body, key, id_=world.new_id("chatcmpl-", 29), created=int(now))
    if body.store and not fate:
        _keep(world, body, whole, now)
    if not body.stream:
        return whole
    begins = world.lasting(thinking(asked, whole["usage"]["completion_tokens_details"]["reasoning_tokens"]))
    events = in_steps(chunks(whole, body), world.lasting(pace(asked)), begins)
    return stream(world, now, broken(events, broke().error) if fate else events)


def _keep(world: World, body: ChatBody, whole: JSON, created: float) -> None:
    """Store a completion, with what it was asked."""
    plain = body.model_dump(exclude_none=True, by_alias=True)
    asked = ("seed", "top_p", "temperature", "presence_penalty", "frequency_penalty", "tools", "response_format")
    told = {name: plain.get(name) for name in asked}
    shown = {**whole, **told, "request_id": world.new_id("req_"), "input_user": body.user}
    facts = {"messages": messages(body, whole["id"])}
    world.put(_KIND, shown, facts=facts, created=created, tag=body.model)


@family.route("GET /chat/completions")
def list_chats(world: World, query: ChatQuery) -> Answer:
    """Stored completions, oldest first unless asked otherwise."""
    newest, tag = query.order == "desc", query.model
    if query.metadata in (None, "null", {}):
        return listing(world, _KIND, after=query.after, limit=query.limit, newest=newest, tag=tag)
    assert isinstance(query.metadata, dict)
    wanted = query.metadata.items()
    rows = [row for row in world.rows(_KIND) if tag in ("", row.tag)]
    found = [
        shown for row in rows if wanted <= ((shown := json.loads(world.text(row))).get("metadata") or {}).items()
    ]
    found = found[::-1] if newest else found
    ids = [shown["id"] for shown in found]
    return computed_listing(ids, found.__getitem__, after=query.after, limit=query.limit)


@family.route("GET /chat/completions/{completion_id}")
def retrieve_chat(world: World, completion_id: str) -> Answer:
    """One stored completion."""
    return json_response(world.text(_found(world, completion_id)))


@family.route("POST /chat/completions/{completion_id}")
def update_chat(world: World, completion_id: str, body: UpdateChat) -> Answer:
    """Change the metadata of a stored completion."""
    row = _found(world, completion_id)
    shown: JSON = {**json.loads(world.text(row)), "metadata": body.metadata or {}}
    world.finish(row, shown)
    return shown


@family.route("DELETE /chat/completions/{completion_id}")
def delete_chat(world: World, completion_id: str) -> Answer:
    """Delete a stored completion for good."""
    world.remove(_found(world, completion_id))
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}


@family.route("GET /chat/completions/{completion_id}/messages")
def list_messages(world: World, completion_id: str, query: MessagesQuery) -> Answer:
    """What a stored completion was asked."""
    found = _found(world, completion_id).known.get("messages", [])
    found = found if query.order == "asc" else found[::-1]
    ids = [message["id"] for message in found]
    return computed_listing(ids, found.__getitem__, after=query.after, limit=query.limit)


def _found(world: World, completion_id: str) -> Row:
    row = world.find(_KIND, completion_id)
    if not row:
        raise Problem(f"Chat completion with id '{completion_id}' not found.", status=404, param="completion_id")
    return row
