"""Lines of files told briefly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui.resources.batch.brief import tell_briefly

ASKED = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Why?"}]}
ANSWERED = {"model": "gpt-5-mini", "choices": [{"message": {"content": "Because."}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            {"custom_id": "r1", "method": "POST", "url": "/v1/chat/completions", "body": ASKED},
            "gpt-5-mini user: Why?",
        ),
        ({"custom_id": "r1", "response": {"status_code": 200, "body": ANSWERED}}, "gpt-5-mini Because."),
        (
            {"custom_id": "r1", "response": None, "error": {"code": "batch_expired", "message": "Too late."}},
            "· batch_expired Too late.",
        ),
        ({"custom_id": "r1", "body": 7}, "·"),
    ],
)
def test_requests_and_answers_begin_with_whose_they_are(line: dict[str, Any], told: str) -> None:
    assert " ".join(tell_briefly(json.dumps(line)).split()) == f"r1 {told}"


def test_training_is_what_is_said_and_other_lines_stay() -> None:
    assert tell_briefly(json.dumps({"messages": ASKED["messages"]})) == "user: Why?"
    for other in ("", "plain", '{"a": 1}', "[1]", '{"custom_id": "r1"', '{"messages": "odd"}'):
        assert tell_briefly(other) == ""
