"""An effect: what a fault does to a request, and how its value is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Apply = Callable[[str, ASGIApp, Scope, Receive, Send], Awaitable[None]]


def take_any(_value: str) -> None:
    """Take any value."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does. `example` is one that is worth trying, `says` what happens then.

    `values` are those it knows, the first if none is given; where there are none, `check` raises ValueError, whose
    text says why, for a value that cannot be used. A `final` one answers itself: the platform is not asked, and no
    further fault is met.
    """

    apply: Apply
    example: str
    says: str
    final: bool = False
    values: tuple[str, ...] = ()
    check: Callable[[str], object] = take_any


def read_seconds(text: str) -> float:
    """Read "300ms" or "2s" as seconds; nothing is 50 ms. Raises ValueError."""
    match = re.fullmatch(r"([\d.]+)(ms|s)", text or "50ms")
    if not match:
        raise ValueError(f"{text} is no duration such as 300ms or 2s")
    return float(match[1]) * (0.001 if match[2] == "ms" else 1)


async def record(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Let the platform answer, and return the head and the whole body of that."""
    messages: list[Message] = []

    async def take(message: Message) -> None:
        messages.append(message)

    # Without this extension a file answers in plain messages, which can be recorded.
    await app({**scope, "extensions": {}}, receive, take)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])
