"""Threads and their messages. The API has no list of threads: those seen from here are remembered.

https://platform.openai.com/docs/api-reference/threads
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.assistants.assistants import ENDED, RETIRED, NewThread, Resources, resource_lines
from tui.resources.generation.contents import read_content_text
from tui.resources.language.action import Action, Open
from tui.resources.language.asking.inputs import EditMetadata, LongText, ObjectId, Pairs
from tui.resources.language.cells import age, excerpt, id_link, instant, metadata, own_id, paragraphs, status
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Metadata, Object, Request, Time
from tui.resources.language.parts import METADATA, Trouble, create, delete, describe_cut, edit
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Child, Resource, ServerFilter

if TYPE_CHECKING:
    from collections.abc import Sequence


class Thread(Object):
    """A thread: messages that belong together."""

    created_at: Time = None
    tool_resources: dict[str, Any] | None = None
    metadata: Metadata | None = None


class Message(Object):
    """A message of a thread."""

    created_at: Time = None
    completed_at: Time = None
    thread_id: Id = None
    assistant_id: Id = None
    run_id: Id = None
    role: str | None = None
    status: Status = None
    incomplete_details: Trouble | None = None
    content: str | list[Any] | None = None
    attachments: list[dict[str, Any]] | None = None
    metadata: Metadata | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return read_content_text(self.content)


class EditThread(Request):
    """The request that changes a thread."""

    tool_resources: Resources = None
    metadata: Pairs = None


class CreateMessage(Request):
    """The request that adds a message to a thread."""

    role: Literal["user", "assistant"] = Input(examples=["user"], description="Who says it.")
    content: Annotated[str, LongText()] = Input(min_length=1, description="What is said.")
    attachments: Annotated[list[dict[str, Any]] | None, ObjectId("files")] = Input(
        None, description='JSON list, such as [{"file_id": "file-…", "tools": [{"type": "file_search"}]}].'
    )
    metadata: Pairs = None


def _attachments(message: Message, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    files = (attached.get("file_id") for attached in message.attachments or [])
    return [("file", Cell(file, ref=file)) for file in files if isinstance(file, str)]


def _cut_lines(message: Message, _context: CellContext) -> str | None:
    return describe_cut(message.incomplete_details) if message.status == "incomplete" else None


_MESSAGES = Operation("listMessages", "GET", "/threads/{thread_id}/messages")

THREADS: Resource[Thread] = Resource(
    name="threads",
    singular="thread",
    family="Assistants",
    model=Thread,
    holds_text=True,
    aliases=("th", "thread"),
    prefixes=("thread_",),
    get=Operation("getThread", "GET", "/threads/{thread_id}"),
    columns=(
        Column("ID", "id", own_id, 36),
        Column("META", "metadata", metadata, 20, grow=True),
        Column("TOOLS", lambda thread: ", ".join(thread.tool_resources or ()), width=20, drop_order=3),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
    ),
    detail=(
        Section("Thread", (Field("id", "id", own_id), Field("created", "created_at", instant))),
        Section("Files of tools", lines=resource_lines),
        METADATA,
    ),
    actions=(
        Action("read", "enter", "read", Open("thread", _MESSAGES)),
        create(Operation("createThread", "POST", "/threads", body=NewThread), "new thread"),
        edit(Operation("modifyThread", "POST", "/threads/{thread_id}", body=EditThread)),
        delete(
            Operation("deleteThread", "DELETE", "/threads/{thread_id}"),
            "Its messages and runs go with it. This cannot be undone.",
        ),
    ),
    children=(Child("messages"), Child("runs", key="l")),
    enter="read",
    empty="No threads seen from here. The API has no list of them; :thread <id> opens one, n makes one.",
    notice=RETIRED,
    ends=ENDED,
)

MESSAGES: Resource[Message] = Resource(
    name="messages",
    singular="message",
    family="Assistants",
    model=Message,
    aliases=("msg", "message"),
    prefixes=("msg_",),
    parent="threads",
    list=_MESSAGES,
    get=Operation("getMessage", "GET", "/threads/{thread_id}/messages/{message_id}"),
    filters=(ServerFilter("run_id"),),
    columns=(
        Column("ROLE", "role", width=10),
        Column("TEXT", lambda message: message.text, excerpt, 30, grow=True),
        Column("STATUS", "status", status, 13, drop_order=3),
        Column("AGE", "created_at", age, 5, align="right", drop_order=1, first_sort="down"),
        Column("ID", "id", own_id, 15, drop_order=4),
    ),
    active=lambda message: message.status == "in_progress",
    attention=_cut_lines,
    detail=(
        Section("", lines=lambda message, _: paragraphs(message.text)),
        Section(
            "Message",
            (
                Field("id", "id", own_id),
                Field("role", "role"),
                Field("status", "status", status),
                Field("assistant", "assistant_id", id_link),
                Field("run", "run_id", id_link),
                Field("created", "created_at", instant),
            ),
        ),
        Section("Attachments", lines=_attachments),
        METADATA,
    ),
    actions=(
        create(
            Operation("createMessage", "POST", "/threads/{thread_id}/messages", body=CreateMessage), "new message"
        ),
        edit(
            Operation("modifyMessage", "POST", "/threads/{thread_id}/messages/{message_id}", body=EditMetadata),
            "edit metadata",
        ),
        delete(
            Operation("deleteMessage", "DELETE", "/threads/{thread_id}/messages/{message_id}"),
            "This cannot be undone.",
        ),
    ),
    empty="No messages yet. Press n to write one.",
    notice=RETIRED,
    ends=ENDED,
)
