"""Conversations and their items. The API has no list of conversations: those seen from here are remembered.

https://platform.openai.com/docs/api-reference/conversations
"""

from __future__ import annotations

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.generation.contents import ITEM_COLUMNS, ITEM_DETAIL, Item
from tui.resources.generation.tools import ResponseItems
from tui.resources.language.asking.inputs import EditMetadata, Pairs
from tui.resources.language.cells import age, instant, metadata, own_id
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Metadata, Object, Request, Time
from tui.resources.language.parts import METADATA, create, delete, edit
from tui.resources.language.resource import Child, Resource

_ITEMS = 'JSON list of up to 20, such as [{"type": "message", "role": "user", "content": "Hello"}].'


class Conversation(Object):
    """A conversation."""

    created_at: Time = None
    metadata: Metadata | None = None


class CreateConversation(Request):
    """The request that begins a conversation."""

    items: ResponseItems | None = Input(None, max_length=20, description=_ITEMS)
    metadata: Pairs = None


class AddItems(Request):
    """The request that adds items to a conversation."""

    items: ResponseItems = Input(
        min_length=1,
        max_length=20,
        examples=[[{"type": "message", "role": "user", "content": "Hello"}]],
        description=_ITEMS,
    )


_ONE = "/conversations/{conversation_id}"

CONVERSATIONS: Resource[Conversation] = Resource(
    name="conversations",
    singular="conversation",
    family="Conversations",
    model=Conversation,
    holds_text=True,
    aliases=("conv", "conversation"),
    prefixes=("conv_",),
    get=Operation("getConversation", "GET", _ONE),
    columns=(
        Column("ID", "id", own_id, 36),
        Column("META", "metadata", metadata, 20, grow=True),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
    ),
    detail=(
        Section("Conversation", (Field("id", "id", own_id), Field("created", "created_at", instant))),
        METADATA,
    ),
    actions=(
        create(
            Operation("createConversation", "POST", "/conversations", body=CreateConversation), "new conversation"
        ),
        edit(Operation("updateConversation", "POST", _ONE, body=EditMetadata), "edit metadata"),
        delete(
            Operation("deleteConversation", "DELETE", _ONE),
            "Its items are kept by the platform, but can no longer be reached through it.",
        ),
    ),
    children=(Child("conversation-items"),),
    enter="conversation-items",
    empty="No conversations seen from here. The API has no list of them; :conv <id> opens one, n makes one.",
)

CONVERSATION_ITEMS: Resource[Item] = Resource(
    name="conversation-items",
    singular="item of a conversation",
    family="Conversations",
    model=Item,
    aliases=("ci", "conversation-item"),
    parent="conversations",
    list=Operation("listConversationItems", "GET", f"{_ONE}/items"),
    get=Operation("getConversationItem", "GET", f"{_ONE}/items/{{item_id}}"),
    query={"order": "desc"},
    columns=ITEM_COLUMNS,
    active=lambda item: item.status == "in_progress",
    detail=ITEM_DETAIL,
    actions=(
        create(Operation("createConversationItems", "POST", f"{_ONE}/items", body=AddItems), "add items"),
        delete(
            Operation("deleteConversationItem", "DELETE", f"{_ONE}/items/{{item_id}}"), "This cannot be undone."
        ),
    ),
    empty="Nothing has been said. Press n to add an item.",
)
