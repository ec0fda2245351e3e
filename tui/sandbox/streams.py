"""Server-sent events that come as time passes, on the sandbox's clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    from tui.sandbox.world import World

_GRAIN = 0.01  # seconds; what is due within one goes out together: 10,000 events per second in 100 writes


class Event(NamedTuple):
    """An event, and when it comes: seconds after the stream's beginning. Without a name it is only `data:`."""

    due: float
    data: Any
    name: str = ""

    def encode_event(self) -> bytes:
        """Return the event as bytes. Data that is text goes as it is."""
        head = f"event: {self.name}\n" if self.name else ""
        text = self.data if isinstance(self.data, str) else json.dumps(self.data, separators=(",", ":"))
        return f"{head}data: {text}\n\n".encode()


def stream(
    world: World,
    began: float,
    events: Iterable[Event],
    goes_on: Callable[[], bool] = lambda: True,
    headers: Mapping[str, str] | None = None,
) -> StreamingResponse:
    """Send each event when it is due, those due by now at once; end when `goes_on` says so."""
    sent = _send_in_time(world, began, events, goes_on)
    return StreamingResponse(sent, 200, headers, media_type="text/event-stream; charset=utf-8")


async def _send_in_time(
    world: World, began: float, events: Iterable[Event], goes_on: Callable[[], bool]
) -> AsyncIterator[bytes]:
    waiting: list[bytes] = []
    until = 0.0
    for event in events:
        if event.due > until:
            if waiting:
                yield b"".join(waiting)
                waiting = []
            until = event.due + _GRAIN
            await world.until(began + event.due)
            if not goes_on():
                return
        waiting.append(event.encode_event())
    yield b"".join(waiting)


def pace_chunks(chunks: Iterable[tuple[Any, bool]], pace: float, first: float = 0.0) -> Iterator[Event]:
    """Yield chunks, each with whether it is a step, as events so many seconds apart; then `[DONE]`."""
    due = first
    for chunk, step in chunks:
        due += pace * step
        yield Event(due, chunk)
    yield Event(due, "[DONE]")


def break_off(events: Iterable[Event], error: Any) -> list[Event]:
    """Return events that end in the middle, with an error."""
    found = list(events)
    found = found[: max(len(found) // 2, 1)]
    return [*found, Event(found[-1].due, {"error": error})]
