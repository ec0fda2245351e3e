"""Files a user has and sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def requests_file(folder: Path, count: int = 200) -> Path:
    """Write the requests of a batch."""
    path = folder / "requests.jsonl"
    lines = (
        json.dumps(
            {
                "custom_id": f"request-{number}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": f"Say {number}"}]},
            }
        )
        for number in range(count)
    )
    path.write_text("\n".join(lines) + "\n")
    return path


def texts_file(path: Path, *texts: str) -> bytes:
    """Write the requests of a batch that has texts moderated, each a short line. Returns what the file holds."""
    lines = (
        {"custom_id": f"text-{at}", "method": "POST", "url": "/v1/moderations", "body": {"input": text}}
        for at, text in enumerate(texts)
    )
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    path.write_bytes(content)
    return content


def training_file(folder: Path, count: int = 20) -> Path:
    """Write examples to tune on."""
    path = folder / "train.jsonl"
    example = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    path.write_text((json.dumps(example) + "\n") * count)
    return path
