"""Conversations and the items they hold. The API has no list of them: `GET /_sandbox/conversations` has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from tui.sandbox.answers.responses import response as responses
from tui.sandbox.answers.responses.bodies import Include, ItemsQuery
from tui.sandbox.answers.responses.items import Item
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, Body, Fields, Listing, Metadata, Problem
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tui.sandbox.world import JSON, Row, World

family = Family()

_KIND = "conversation"
_ITEM = "conversation.item"

# What an item tells only when asked: the value of `include`, the type of item, the field, what stands there else.
_ON_REQUEST: tuple[tuple[str, str, str, Any], ...] = (
    ("file_search_call.results", "file_search_call", "results", None),
    ("code_interpreter_call.outputs", "code_interpreter_call", "outputs", None),
    ("reasoning.encrypted_content", "reasoning", "encrypted_content", None),
)

Items = Annotated[list[Item], Field(max_length=20)]


class CreateConversation(Body):
    """A conversation to begin."""

    items: Items | None = None
    metadata: Metadata | None = None


class UpdateConversation(Body):
    """Changes to a conversation."""

    metadata: Metadata | None


class AddItems(Body):
    """Items to add."""

    items: Items


class Including(Fields):
    """The query of single items."""

    include: list[Include] | Include = []


@family.route("POST", "/conversations", body=CreateConversation)
def create_conversation(world: World, body: CreateConversation) -> Answer:
    """Begin a conversation."""
    row = begin(world, body.metadata or {})
    append(world, row.id, _resolve_items(world, body.items or []))
    return _show(world, row)


@family.route("GET", "/conversations/{conversation_id}")
def retrieve_conversation(world: World, conversation_id: str) -> Answer:
    """Retrieve a conversation."""
    return _show(world, find_conversation(world, conversation_id))


@family.route("POST", "/conversations/{conversation_id}", body=UpdateConversation)
def update_conversation(world: World, conversation_id: str, body: UpdateConversation) -> Answer:
    """Give a conversation other metadata."""
    row = find_conversation(world, conversation_id)
    conversation = _show(world, row) | {"metadata": body.metadata or {}}
    world.finish(row, conversation)
    return conversation


@family.route("DELETE", "/conversations/{conversation_id}")
def delete_conversation(world: World, conversation_id: str) -> Answer:
    """Delete a conversation. What referred to its items still can."""
    world.remove(find_conversation(world, conversation_id))
    return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}


@family.route("GET", "/conversations/{conversation_id}/items", query=ItemsQuery)
def list_items(world: World, conversation_id: str, query: ItemsQuery) -> Answer:
    """List the items of a conversation, newest first unless asked otherwise."""
    items = items_of(world, find_conversation(world, conversation_id).id)
    items = items if query.order == "asc" else items[::-1]
    ids = [item["id"] for item in items]
    return list_computed(
        ids, lambda number: _veil(items[number], query.include), after=query.after, limit=query.limit
    )


@family.route("POST", "/conversations/{conversation_id}/items", body=AddItems, query=Including)
def add_items(world: World, conversation_id: str, body: AddItems, query: Including) -> Answer:
    """Add items. Answers with those that were added."""
    row = find_conversation(world, conversation_id)
    items = append(world, row.id, _resolve_items(world, body.items))
    ids = [item["id"] for item in items]
    return list_computed(ids, lambda number: _veil(items[number], query.include), after=None, limit=len(ids) or 1)


@family.route("GET", "/conversations/{conversation_id}/items/{item_id}", query=Including)
def retrieve_item(world: World, conversation_id: str, item_id: str, query: Including) -> Answer:
    """Retrieve an item."""
    return _veil(_show(world, _find_item(world, conversation_id, item_id)), query.include)


@family.route("DELETE", "/conversations/{conversation_id}/items/{item_id}")
def delete_item(world: World, conversation_id: str, item_id: str) -> Answer:
    """Take an item away. Answers with the conversation."""
    world.remove(_find_item(world, conversation_id, item_id))
    return _show(world, find_conversation(world, conversation_id))


@family.control("GET", "/conversations", query=Listing)
def list_conversations(world: World, query: Listing) -> Answer:
    """List all conversations, newest first, for who wants to look at one."""
    return list_stored(world, _KIND, after=query.after, limit=query.limit)


# For other families.


def begin(world: World, metadata: Mapping[str, Any], *, created: float | None = None) -> Row:
    """Begin a conversation without items."""
    created = world.now() if created is None else created
    conversation = {"id": world.new_id("conv_", 48), "object": "conversation", "created_at": int(created)}
    return world.put(_KIND, conversation | {"metadata": metadata}, created=created)


def find_conversation(world: World, conversation_id: str) -> Row:
    """Return the conversation of this id. Raises `Problem`."""
    row = world.find(_KIND, conversation_id)
    if not row:
        raise Problem(f"Conversation with id '{conversation_id}' not found.", status=404)
    return row


def items_of(world: World, conversation_id: str) -> list[JSON]:
    """Return the items of a conversation, oldest first."""
    return [_show(world, row) for row in world.rows(_ITEM, parent=conversation_id)]


def append(world: World, conversation_id: str, items: Sequence[JSON]) -> list[JSON]:
    """Add complete items. One whose id is known gets a new one."""
    added = []
    for item in items:
        prefix = item["id"].partition("_")[0]
        new = item | ({"id": world.new_id(f"{prefix}_", 48)} if world.find(_ITEM, item["id"]) else {})
        world.put(_ITEM, new, parent=conversation_id)
        added.append(new)
    return added


def _resolve_items(world: World, given: list[Item]) -> list[JSON]:
    """Complete items, each with an id, and replace references by their items. Raises `Problem`."""
    items = responses.complete_items(given, world.new_id("", 40)) if given else []
    for number, item in enumerate(items):
        if item["type"] == "item_reference":
            row = world.find(_ITEM, item["id"])
            if not row:
                message = f"Item with id '{item['id']}' not found."
                raise Problem(message, status=404, param=f"items[{number}].id", code="item_not_found")
            items[number] = _show(world, row)
    return items


def _veil(item: JSON, include: Collection[str] | str) -> JSON:
    """Return an item without the fields that are shown only if asked for."""
    veiled = {
        field: instead
        for value, kind, field, instead in _ON_REQUEST
        if item.get("type") == kind
        and field in item
        and value not in ([include] if isinstance(include, str) else include)
    }
    return item | veiled


def _find_item(world: World, conversation_id: str, item_id: str) -> Row:
    row = world.find(_ITEM, item_id)
    if not row or row.parent != find_conversation(world, conversation_id).id:
        message = f"Item with id '{item_id}' not found in conversation '{conversation_id}'."
        raise Problem(message, status=404)
    return row


def _show(world: World, row: Row) -> JSON:
    object_: JSON = json.loads(world.text(row))
    return object_


# What scenarios start with.

_TALKS = (
    ("returns", "Can I return a tent I used once?", "Yes, within thirty days, if it is clean and dry."),
    ("shipping", "When does my parcel arrive on the island?", "Two days after it leaves the warehouse."),
    ("billing", "I was charged twice in March.", "I found the second charge and asked for its refund."),
    ("repairs", "My stove does not light any more.", "Clean the nozzle first; here is how to take it out."),
)


@family.seeds
def _seed(world: World, scenario: str) -> None:
    if scenario == "huge":
        return
    for number, (topic, question, answer) in enumerate(_TALKS):
        row = begin(world, {"topic": topic, "channel": "chat"}, created=world.now() - (number + 1) * 17_000)
        _say(world, row, question, answer)
    if scenario == "nasty":
        row = begin(world, {HOSTILE[6]: HOSTILE[7], "note": HOSTILE[2]})
        _say(world, row, HOSTILE[2] + HOSTILE[7], HOSTILE[12])
        world.put(_ITEM, {"id": "msg_odd_bare"}, parent=row.id)
        world.put(_ITEM, {"id": "odd_kind", "type": "telepathy", "status": 7, "content": None}, parent=row.id)


def _say(world: World, row: Row, question: str, answer: str) -> None:
    for role, kind, text in (("user", "input_text", question), ("assistant", "output_text", answer)):
        part: JSON = {"type": kind, "text": text} | (
            {"annotations": [], "logprobs": []} if role == "assistant" else {}
        )
        message = {"id": world.new_id("msg_", 48), "type": "message", "status": "completed", "role": role}
        append(world, row.id, [message | {"content": [part]}])
