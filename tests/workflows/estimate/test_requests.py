"""Lines as what a model reads: counted by the platform in its own form, and here with a model's encoding."""

from __future__ import annotations

from typing import Any

import pytest

from tui.workflows.estimate.requests import CHAT, RESPONSES, Asked, can_be_counted, count_body, read_line
from tui.workflows.estimate.tokenizers import encoding_of, load_tokenizer

USER = {"role": "user", "content": "hello world"}
SAID = {"role": "assistant", "content": "hello"}


def test_a_chat_is_counted_as_the_response_that_reads_the_same() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    body = {
        "model": "m",
        "temperature": 1,
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "t"}, {"type": "image_url", "image_url": "u"}]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "o"}]},
            "no message",
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}, {"type": "odd"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
    }
    image = {"type": "input_image", "image_url": "u", "detail": "auto"}
    assert count_body(Asked(CHAT, body)) == {
        "model": "m",
        "input": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "input_text", "text": "t"}, image]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "o"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {}}],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {}}},
    }
    response = {"model": "m", "input": "i", "instructions": "", "store": False, "max_output_tokens": 5}
    assert count_body(Asked(RESPONSES, response)) == {"model": "m", "input": "i"}
    assert not can_be_counted(Asked("/v1/embeddings", {"input": "i"}))
    assert not can_be_counted(Asked(RESPONSES, {"prompt": {"id": "p"}}))


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ({"messages": [USER, SAID]}, [USER, SAID]),
        (
            {"input": {"messages": [USER]}, "preferred_output": [SAID], "non_preferred_output": [SAID]},
            [USER, SAID, SAID],
        ),
        ({"messages": "odd"}, []),
        ({}, []),
    ],
)
def test_examples_of_training_are_read_as_chats(line: dict[str, Any], messages: list[Any]) -> None:
    asked = read_line(line, "m")
    assert (asked.endpoint, asked.model, asked.body["messages"]) == (CHAT, "m", messages)


def test_the_longest_answer_counts_for_each_choice() -> None:
    assert Asked(CHAT, {"max_completion_tokens": 5, "n": 3}).cap == 15
    assert Asked(RESPONSES, {"max_output_tokens": 5}).cap == 5
    assert Asked(RESPONSES, {"input": "i"}).cap is None
    assert read_line({"prompt": "a", "completion": "b"}).body["input"] == "ab"


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("ft:gpt-3.5-turbo:a::b", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("gpt-5-mini", "o200k_base"),
        ("what comes next", "o200k_base"),
    ],
)
def test_each_model_has_its_encoding(model: str, encoding: str) -> None:
    assert encoding_of(model) == encoding


def test_texts_are_counted_as_the_encoding_cuts_them() -> None:
    pytest.importorskip("toktok")
    tokenizer = load_tokenizer("gpt-4o")

    def count(*asked: Asked) -> int:
        return tokenizer.count(asked)

    alone = count(Asked("/v1/embeddings", {"input": ["hello world", "", "hello \ud83d"]}))
    assert (alone, count(Asked("/v1/embeddings", {"input": [[1, 2, 3]]}))) == (4, 3)
    assert count(Asked(RESPONSES, {"input": "hello world", "instructions": "hello"})) == 3 + 2 * 4 + 3
    chat = Asked(CHAT, {"messages": [USER, {**SAID, "content": [{"type": "text", "text": "hello"}]}]})
    assert count(chat) == 3 + 2 * 4 + 3
    assert count(Asked(CHAT, {**chat.body, "tools": [{"type": "function"}]})) > count(chat)
    assert count(chat, chat) == 2 * count(chat)
