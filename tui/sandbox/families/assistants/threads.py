"""Threads and their messages. The API cannot list threads; `GET /_sandbox/threads` can."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.families.assistants.bodies import (
    CreateMessage,
    CreateThread,
    ImageFilePart,
    ImageUrlPart,
    MessageQuery,
    MessageText,
    ModifyMetadata,
    ModifyThread,
    Part,
)
from tui.sandbox.families.assistants.routes import make_store, tool_resources
from tui.sandbox.families.assistants.run_work import active_run, show_message
from tui.sandbox.families.files import find_file
from tui.sandbox.families.vector_stores import work as vector_store_work
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, Listing, Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.world import JSON, Row, World

family = Family()
family.shows("message")(show_message)

_MAX_TEXT = 256_000
_STORE_LIFE = {"anchor": "last_active_at", "days": 7}


@family.control("GET", "/threads", query=Listing)
def list_threads(world: World, query: Listing) -> Answer:
    """List all threads, newest first."""
    return list_stored(world, "thread", after=query.after, limit=query.limit)


@family.route("POST", "/threads", body=CreateThread)
def create_thread(world: World, body: CreateThread) -> Answer:
    """Begin a thread."""
    return add_thread(world, body)


def add_thread(world: World, body: CreateThread, *, created: float | None = None) -> JSON:
    """Store a thread and its first messages. Raises `Problem` for files that do not exist."""
    created = world.now() if created is None else created
    thread = {
        "id": world.new_id("thread_"),
        "object": "thread",
        "created_at": int(created),
        "metadata": body.metadata or {},
        "tool_resources": tool_resources(world, body.tool_resources) if body.tool_resources else {},
    }
    row = world.put("thread", thread, created=created)
    for message in body.messages:
        add_message(world, row, message, created=created)
    thread |= json.loads(world.text(find_thread(world, row.id)))  # messages may have added files
    return thread


@family.route("GET", "/threads/{thread_id}")
def retrieve_thread(world: World, thread_id: str) -> Answer:
    """Retrieve a thread."""
    return json_response(world.text(find_thread(world, thread_id)))


@family.route("POST", "/threads/{thread_id}", body=ModifyThread)
def modify_thread(world: World, thread_id: str, body: ModifyThread) -> Answer:
    """Change the metadata or what the tools have at hand."""
    row = find_thread(world, thread_id)
    thread: JSON = json.loads(world.text(row))
    if "metadata" in body.model_fields_set:
        thread["metadata"] = body.metadata or {}
    if "tool_resources" in body.model_fields_set:
        thread["tool_resources"] = tool_resources(world, body.tool_resources) if body.tool_resources else {}
    world.finish(row, thread)
    return thread


@family.route("DELETE", "/threads/{thread_id}")
def delete_thread(world: World, thread_id: str) -> Answer:
    """Delete a thread with its messages and runs."""
    row = find_thread(world, thread_id)
    for kind in ("message", "run"):
        for child in world.rows(kind, parent=thread_id):
            world.remove(child)
    world.remove(row)
    return {"id": thread_id, "object": "thread.deleted", "deleted": True}


def find_thread(world: World, thread_id: str) -> Row:
    """Return the thread of this id. Raises `Problem`."""
    row = world.find("thread", thread_id)
    if not row:
        raise Problem(f"No thread found with id '{thread_id}'.", status=404)
    return row


# Messages.


@family.route("GET", "/threads/{thread_id}/messages", query=MessageQuery)
def list_messages(world: World, thread_id: str, query: MessageQuery) -> Answer:
    """List a thread's messages, newest first unless asked otherwise; those of one run."""
    find_thread(world, thread_id)
    return list_stored(
        world,
        "message",
        parent=thread_id,
        tag=query.run_id,
        after=query.after,
        before=query.before,
        limit=query.limit,
        newest=query.order == "desc",
    )


@family.route("POST", "/threads/{thread_id}/messages", body=CreateMessage)
def create_message(world: World, thread_id: str, body: CreateMessage) -> Answer:
    """Add a message; not while a run answers."""
    row = find_thread(world, thread_id)
    if run := active_run(world, thread_id):
        raise Problem(f"Can't add messages to {thread_id} while a run {run.id} is active.")
    return add_message(world, row, body)


def add_message(world: World, thread: Row, body: CreateMessage, *, created: float | None = None) -> JSON:
    """Store a message; files that code may read join those of the thread. Raises `Problem`."""
    created = world.now() if created is None else created
    attachments = [item.model_dump() for item in body.attachments or []]
    for item in attachments:
        find_file(world, item["file_id"])
    message = {
        "id": world.new_id("msg_"),
        "object": "thread.message",
        "created_at": int(created),
        "thread_id": thread.id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": int(created),
        "incomplete_at": None,
        "role": body.role,
        "content": _build_content(world, body.content),
        "assistant_id": None,
        "run_id": None,
        "attachments": attachments,
        "metadata": body.metadata or {},
    }
    world.put("message", message, parent=thread.id, created=created)
    _offer(world, thread.id, attachments)
    return message


def _offer(world: World, thread_id: str, attachments: Sequence[JSON]) -> None:
    """Let the tools of a thread read attached files too; to be searched they go into a vector store of its own."""
    if not attachments:
        return
    row = find_thread(world, thread_id)
    thread: JSON = json.loads(world.text(row))
    at_hand = thread["tool_resources"]
    for item in attachments:
        tools = {tool["type"] for tool in item["tools"]}
        if "code_interpreter" in tools:
            had = at_hand.setdefault("code_interpreter", {"file_ids": []})["file_ids"]
            had += [item["file_id"]] if item["file_id"] not in had else []
        if "file_search" in tools:
            stores = at_hand.setdefault("file_search", {"vector_store_ids": []})["vector_store_ids"]
            if stores:
                world.settle_now(vector_store_work.attach(world, stores[0], item["file_id"], seconds=0.0))
            else:
                stores.append(make_store(world, [item["file_id"]], expires_after=_STORE_LIFE))
    world.finish(row, thread)


def _build_content(world: World, given: str | list[Part]) -> list[JSON]:
    """Return the parts of a message as they are told. Raises `Problem`."""
    told: list[JSON] = []
    for part in [MessageText(type="text", text=given)] if isinstance(given, str) else given:
        match part:
            case MessageText(text=text):
                if not text:
                    raise Problem("Message content must be non-empty.", param="content")
                if len(text) > _MAX_TEXT:
                    raise Problem(f"Message content is longer than {_MAX_TEXT} characters.", param="content")
                told.append({"type": "text", "text": {"value": text, "annotations": []}})
            case ImageFilePart(image_file=image):
                find_file(world, image.file_id)
                told.append({"type": "image_file", "image_file": image.model_dump()})
            case ImageUrlPart(image_url=address):
                told.append({"type": "image_url", "image_url": address.model_dump()})
    return told


@family.route("GET", "/threads/{thread_id}/messages/{message_id}")
def retrieve_message(world: World, thread_id: str, message_id: str) -> Answer:
    """Retrieve a message."""
    return json_response(world.text(_find_message(world, thread_id, message_id)))


@family.route("POST", "/threads/{thread_id}/messages/{message_id}", body=ModifyMetadata)
def modify_message(world: World, thread_id: str, message_id: str, body: ModifyMetadata) -> Answer:
    """Change a message's metadata."""
    row = _find_message(world, thread_id, message_id)
    changes = {"metadata": body.metadata or {}} if "metadata" in body.model_fields_set else {}
    if row.text is None:  # one that is being written
        world.derive(row, row.known | changes, row.due)
    else:
        world.finish(row, json.loads(row.text) | changes)
    return retrieve_message(world, thread_id, message_id)


@family.route("DELETE", "/threads/{thread_id}/messages/{message_id}")
def delete_message(world: World, thread_id: str, message_id: str) -> Answer:
    """Delete a message for good."""
    world.remove(_find_message(world, thread_id, message_id))
    return {"id": message_id, "object": "thread.message.deleted", "deleted": True}


def _find_message(world: World, thread_id: str, message_id: str) -> Row:
    find_thread(world, thread_id)
    row = world.find("message", message_id)
    if not row or row.parent != thread_id:
        raise Problem(f"No message found with id '{message_id}'.", status=404)
    return row
