"""Records of the journals of campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui.workflows.campaigns.sending import Sending

MODEL = "gpt-5-mini"


def begun(*parts: int, retry: int = 1, **options: Any) -> list[dict[str, Any]]:
    """The records of a campaign with so many requests in each of its parts."""
    begin = {"what": "begin", "at": 1.0, "name": "n", "id": "i", "base_url": "u", "sources": []}
    return [
        {**begin, "options": {"retry": retry, **options}},
        {"what": "plan", "at": 1.0},
        *(part_of(number, 0, lines) for number, lines in enumerate(parts, 1)),
        {"what": "planned", "at": 1.0},
    ]


def part_of(part: int, generation: int, lines: int, letters: str = "", tokens: int = 100) -> dict[str, Any]:
    told = {"what": "part", "at": 2.0, "part": part, "generation": generation, "file": f"p{part}g{generation}"}
    facts = {"lines": lines, "size": lines * 4, "tokens": tokens, "sha256": "", "endpoint": "/v1/responses"}
    return {**told, **facts, "model": MODEL, "source": "s", "letters": letters}


def of(sending: Sending, what: str, **told: Any) -> dict[str, Any]:
    return {"what": what, "at": 3.0, "part": sending.part, "generation": sending.generation, **told}
