"""What went over the wire lately, without secrets or bodies: for `:http`, the request budget and bug reports."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.api.log.silence import Silence
from tui.api.operation import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.api.recording.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it. Each repetition of a request is an exchange of its own."""

    when: float
    """The local time it left, in unix seconds."""
    method: str
    path: str
    """The path with its query, redacted."""
    status: int | None = None
    """The status of the answer; None where none came, and `error` says why."""
    error: str = ""
    ms: float = 0.0
    """How long it took, in milliseconds."""
    bytes_in: int = 0
    """The size of the answer's body on the wire."""
    bytes_out: int = 0
    """The size of the request's body on the wire."""
    request_id: str = ""
    limits: Mapping[str, str] = field(default_factory=dict)
    """The `x-ratelimit-*` headers."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Other headers of the answer that hold no secrets: its date, type, length, server and the like."""
    retries: int = 0
    """How many times it had been tried before."""
    key: Key = Key.PROJECT
    form: bool = False
    """Whether its body was multipart."""


MOST = 10_000  # answers of a minute that are counted: no budget is larger


class Exchanges:
    """The last exchanges, oldest first. Old ones fall out: a week of watching stays small."""

    def __init__(self, size: int = 500) -> None:
        self._ring: deque[Exchange] = deque(maxlen=size)
        self._answered: deque[float] = deque(maxlen=MOST)  # when
        self.silence = Silence()
        """Whether the server answers at all."""
        self._listeners: list[Callable[[Exchange], None]] = []
        self.recorder: Recorder | None = None
        """What keeps them whole, with their bodies, while that is asked for."""

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._ring))

    def __len__(self) -> int:
        return len(self._ring)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange and tell the listeners."""
        self._ring.append(exchange)
        if exchange.status is not None:
            self._answered.append(exchange.when)
        for listener in tuple(self._listeners):
            listener(exchange)

    def subscribe(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call `listener` with each further exchange; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def requests_last_minute(self, now: float) -> int:
        """Return how many requests were answered in the minute before `now` (seconds since 1970).

        Those that met no server cost nobody anything; they must not hold up the first ones after an outage.
        """
        while self._answered and self._answered[0] <= now - 60:
            self._answered.popleft()
        return sum(now - 60 < when <= now for when in self._answered)
