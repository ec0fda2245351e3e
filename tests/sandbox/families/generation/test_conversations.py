"""Conversations and their items through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.conversations import Conversation, Message

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.conftest import Steer


CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city": "Bern"}'}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}


def say(text: str, role: str = "user") -> dict[str, Any]:
    return {"type": "message", "role": role, "content": text}


def begin(official: openai.OpenAI, *items: dict[str, Any]) -> Conversation:
    given: Any = items
    return official.conversations.create(items=given, metadata={"topic": "demo"})


def test_a_conversation_lives_and_dies(official: openai.OpenAI) -> None:
    made = begin(official)
    assert isinstance(made, Conversation)
    assert made.metadata == {"topic": "demo"}
    assert official.conversations.retrieve(made.id) == made
    changed = official.conversations.update(made.id, metadata={"topic": "other"})
    assert (changed.id, changed.metadata) == (made.id, {"topic": "other"})
    gone = official.conversations.delete(made.id)
    assert (gone.deleted, gone.object) == (True, "conversation.deleted")
    with pytest.raises(openai.NotFoundError, match="not found"):
        official.conversations.retrieve(made.id)


def test_items_are_added_listed_and_taken_away(official: openai.OpenAI) -> None:
    made = begin(official, say("hello"), say("good morning", "assistant"))
    given: Any = [say("what is the weather?"), CALL, OUTPUT]
    added = official.conversations.items.create(made.id, items=given)
    assert [item.type for item in added.data] == ["message", "function_call", "function_call_output"]
    found = list(official.conversations.items.list(made.id, limit=2))
    assert [item.id for item in found[:3]] == [item.id for item in added.data[::-1]], "newest first"
    assert len(found) == 5
    first, second = list(official.conversations.items.list(made.id, order="asc"))[:2]
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert [part.type for message in (first, second) for part in message.content] == ["input_text", "output_text"]
    assert official.conversations.items.retrieve(first.id, conversation_id=made.id) == first
    assert official.conversations.items.delete(first.id, conversation_id=made.id).id == made.id
    with pytest.raises(openai.NotFoundError):
        official.conversations.items.retrieve(first.id, conversation_id=made.id)


def test_an_item_of_elsewhere_can_be_referred_to(official: openai.OpenAI, api: httpx.Client) -> None:
    item = next(iter(official.conversations.items.list(begin(official, say("remember me")).id)))
    copy = begin(official, {"type": "item_reference", "id": item.id})
    found = next(iter(official.conversations.items.list(copy.id)))
    assert isinstance(found, Message)
    assert found.content[0].to_dict()["text"] == "remember me"
    answer = api.post("/conversations", json={"items": [{"type": "item_reference", "id": "msg_none"}]})
    assert answer.json()["error"]["param"] == "items[0].id"


def test_some_fields_are_told_on_request(official: openai.OpenAI, api: httpx.Client) -> None:
    search = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["x"], "results": []}
    made = begin(official, search)
    path = f"/conversations/{made.id}/items"
    assert api.get(path).json()["data"][0]["results"] is None
    assert api.get(path, params={"include[]": "file_search_call.results"}).json()["data"][0]["results"] == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"items": [say("x")] * 21}, "items"),
        ({"items": [{"type": "message", "role": "nobody", "content": "x"}]}, "items[0].role"),
        ({"items": [{"type": "telepathy"}]}, "items[0].type"),
        ({"items": [{"type": "message", "role": "user"}]}, "items[0].content"),
        ({"metadata": {"k": 1}}, "metadata.k"),
    ],
)
def test_bodies_are_checked(api: httpx.Client, body: dict[str, Any], param: str) -> None:
    answer = api.post("/conversations", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param, answer.text


def test_the_sandbox_tells_which_there_are(api: httpx.Client, steer: Steer) -> None:
    known = [conversation["id"] for conversation in steer("conversations")["data"]]
    assert len(known) > 3
    assert all(api.get(f"/conversations/{id_}").status_code == 200 for id_ in known)
