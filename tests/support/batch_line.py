"""A request of a batch, as it stands on a line of its file."""

from typing import Any

BATCH_LINE: dict[str, Any] = {
    "custom_id": "1",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]},
}
