"""The consumption of the organization: streams of requests whose amount up to any minute is a formula.

A stream is one key using one thing in one way. Its requests of a day follow from the weekday, a trend and chance;
within the day they follow a rhythm of hours and minutes. All figures of a request are the same within a day, so
that what is added up by minute, hour or day is exactly the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.families.organization.common import DAY, chance, id_of_name
from tui.sandbox.families.organization.roster import SPIKING, Credential, Venture, credentials, ventures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui.sandbox.world import JSON, World

HISTORY = 90  # days of usage before the start
SPIKE_AGE = 8  # days ago, one key cost far more than usual
_GIBIBYTE = 2**30


@dataclass(frozen=True, eq=False)  # each is itself only: they are looked up very often
class Stream:
    """One use: endpoint, dimensions, requests on a weekday, rhythm, and its days since the epoch."""

    kind: str
    has: Mapping[str, Any]
    base: float
    rhythm: str
    first: int
    last: int
    spike: int = 0


class Charge(NamedTuple):
    """A line of the bill, in billionths of a dollar."""

    line_item: str
    nano: int
    quantity: float
    unit: str | None


class Day(NamedTuple):
    """A stream's requests in one day, and the figures of each."""

    requests: int
    figures: Mapping[str, int]


# Billionths of a dollar for a token read, read from the cache and written.
_PRICES = {
    "gpt-5.4": (2500, 250, 15_000),
    "gpt-5.4-mini": (750, 75, 4500),
    "gpt-5": (1250, 125, 10_000),
    "gpt-5-mini": (250, 25, 2000),
    "gpt-5-nano": (50, 5, 400),
    "gpt-4.1": (2000, 500, 8000),
    "gpt-4.1-mini": (400, 100, 1600),
    "gpt-4o-mini": (150, 75, 600),
}
# The figure that is paid for, its price, how the bill calls it ({} is the model) and in what unit, by endpoint.
_PAID = {
    "embeddings": ("input_tokens", 20, "{}, input", "tokens"),
    "images": ("images", 40_000_000, "{}, images", "images"),
    "audio_speeches": ("characters", 15_000, "{}, characters", "characters"),
    "audio_transcriptions": ("seconds", 100_000, "{}, audio_seconds", "duration_seconds"),
    "code_interpreter_sessions": ("num_sessions", 30_000_000, "code_interpreter, sessions", None),
    "file_search_calls": ("num_requests", 2_500_000, "file_search, calls", None),
    "web_search_calls": ("num_requests", 10_000_000, "web_search, calls", None),
}


def _sums(weights: Sequence[int]) -> tuple[int, ...]:
    return (0, *accumulate(weights))


_HOURS = {
    "office": _sums([2, 1, 1, 1, 2, 4, 9, 18, 30, 36, 38, 36, 31, 36, 40, 39, 34, 25, 15, 9, 6, 5, 4, 3]),
    "steady": _sums(
        [18, 16, 15, 14, 14, 15, 17, 19, 21, 22, 23, 23, 23, 24, 24, 24, 24, 24, 24, 24, 23, 22, 21, 19]
    ),
    "night": _sums([0, 40, 60, 40, 12] + [0] * 19),
}
_WEEKS = {
    # Monday first. The epoch was a Thursday.
    "office": (1.0, 1.05, 1.08, 1.04, 0.9, 0.3, 0.22),
    "steady": (1.0, 1.0, 1.0, 1.0, 1.05, 1.15, 1.1),
    "night": (1.3, 1.0, 1.0, 1.0, 1.0, 0.8, 0.8),
}
_DAY_MINUTES = 24 * 60
_LOOP = 600  # how many times as much a script asks that never ends
_MINUTES = [
    _sums([1 + int(9 * chance("minute", pattern, minute)) for minute in range(60)]) for pattern in range(16)
]


@lru_cache(maxsize=2**16)
def day_of(seed: int, stream: Stream, day: int) -> Day:
    """Return the requests of a stream on a day of the epoch."""
    if not stream.first <= day <= stream.last:
        return Day(0, {})
    week = _WEEKS[stream.rhythm][(day + 3) % 7] if day != stream.spike else _LOOP
    trend = 1 + 0.004 * (day - stream.first)
    noise = 0.85 + 0.3 * chance(seed, stream, day)
    requests = int(stream.base * week * trend * noise)
    return Day(requests, _figures(stream, chance(seed, stream, day, "size")))


def _figures(stream: Stream, size: float) -> Mapping[str, int]:
    """Return the figures of one request, from dimensions and a number in [0, 1)."""
    match stream.kind:
        case "completions":
            read, written = 500 + int(1500 * size), 120 + int(260 * size)
            cached, kept = int(read * 0.35), int(read * 0.05)
            return {
                "input_tokens": read,
                "input_cached_tokens": cached,
                "input_cache_write_tokens": kept,
                "input_uncached_tokens": read - cached - kept,
                "output_tokens": written,
                "input_text_tokens": read,
                "output_text_tokens": written,
                "input_cached_text_tokens": cached,
                "input_audio_tokens": 0,
                "input_cached_audio_tokens": 0,
                "output_audio_tokens": 0,
                "input_image_tokens": 0,
                "input_cached_image_tokens": 0,
                "output_image_tokens": 0,
                "num_model_requests": 1,
            }
        case "embeddings" | "moderations":
            return {"input_tokens": 150 + int(400 * size), "num_model_requests": 1}
        case "images":
            return {"images": 1, "num_model_requests": 1}
        case "audio_speeches":
            return {"characters": 200 + int(300 * size), "num_model_requests": 1}
        case "audio_transcriptions":
            return {"seconds": 40 + int(80 * size), "num_model_requests": 1}
        case "code_interpreter_sessions":
            return {"num_sessions": 1}
        case "file_search_calls":
            return {"num_requests": 1}
        case _:
            return {"num_model_requests": 1, "num_requests": 2}


def requests_between(seed: int, stream: Stream, start: int, end: int) -> tuple[int, Day]:
    """Return the requests between two moments of the same day, to the minute, and the figures of each."""
    day = start // DAY
    found = day_of(seed, stream, day)
    first, last = (start - day * DAY) // 60, (end - day * DAY) // 60
    if stream.kind == "vector_stores":
        return last - first, found
    if first == 0 and last >= _DAY_MINUTES:  # as most are
        return found.requests, found
    return _until(seed, stream, day, found.requests, last) - _until(
        seed, stream, day, found.requests, first
    ), found


def _until(seed: int, stream: Stream, day: int, requests: int, minute: int) -> int:
    """Count those of a day's requests that come before a minute of it."""
    before, within, minutes = _hour(seed, stream, day, requests, minute // 60)
    return before + within * minutes[minute % 60] // minutes[-1]


@lru_cache(maxsize=2**16)
def _hour(seed: int, stream: Stream, day: int, requests: int, hour: int) -> tuple[int, int, tuple[int, ...]]:
    """Return a day's requests before an hour, those within it, and how these go over its minutes."""
    hours = _HOURS[stream.rhythm]
    before, after = (requests * hours[min(end, 24)] // hours[-1] for end in (hour, hour + 1))
    # The hash of a tuple of integers is always the same, and quicker than `chance`.
    return before, after - before, _MINUTES[hash((seed, stream.first, int(stream.base), day, hour)) % 16]


def bytes_stored(stream: Stream, day: int) -> int:
    """Return the bytes in a project's vector stores on a day."""
    return int(stream.base * (1 + 0.01 * (day - stream.first))) if stream.first <= day <= stream.last else 0


def charges(stream: Stream, requests: int, day: Day, number: int) -> Iterator[Charge]:
    """Yield the costs of so many requests of a day; for stored bytes, of so many minutes of that day."""
    has = stream.has
    if stream.kind == "completions":
        prices = _PRICES[has["model"]]
        name, share = (f"batch api | {has['model']}", 2) if has["batch"] else (has["model"], 1)
        figures = day.figures
        cached = figures["input_cached_tokens"] * requests
        read = figures["input_tokens"] * requests - cached
        written = figures["output_tokens"] * requests
        kinds = ("input", "cached input", "output")
        for kind, price, tokens in zip(kinds, prices, (read, cached, written), strict=True):
            yield Charge(f"{name}, {kind}", tokens * price // share, tokens, "tokens")
    elif stream.kind == "vector_stores":
        stored = bytes_stored(stream, number)
        hours = round(stored * requests / 60 / _GIBIBYTE, 6)
        yield Charge(
            "vector_store, storage", stored * requests * 10**8 // (1440 * _GIBIBYTE), hours, "gibibyte_hours"
        )
    elif paid := _PAID.get(stream.kind):
        figure, price, name, unit = paid
        amount = day.figures[figure] * requests
        yield Charge(name.format(has.get("model")), amount * price, amount, unit)


# The streams of a scenario.


def streams(world: World) -> list[Stream]:
    """Return all streams of the organization."""
    return _parse_streams(world.meta("usage", "[]"))


@lru_cache(maxsize=4)
def _parse_streams(text: str) -> list[Stream]:
    return [Stream(*fields) for fields in json.loads(text)]


def begin(world: World, scenario: str) -> None:
    """Decide who uses what from now on, and used in the last months."""
    today = int(world.now()) // DAY
    made = [stream for venture in ventures(scenario) for stream in _of(world, venture, today)]
    world.note("usage", json.dumps([list(vars(stream).values()) for stream in made]))


_MODELS = ("gpt-5-mini", "gpt-5.4-mini", "gpt-4.1-mini", "gpt-5", "gpt-5.4", "gpt-5-nano")


def _of(world: World, venture: Venture, today: int) -> Iterator[Stream]:
    """Yield the streams of a project: its keys in use, and what its name stands for."""
    last = today - venture.archived if venture.archived else 10**6
    for number, key in enumerate(credentials(venture)):
        if key.used == 0 or venture.archived:
            model = _MODELS[int(chance(venture.name, key.name) * len(_MODELS))]
            first = max(today - HISTORY, today - int(key.age))
            rhythm = "steady" if isinstance(key.owner, str) and number == 0 else "office"
            base, spike = 900 * venture.weight / (1 + number), 0
            if key == SPIKING:
                model, base, spike = "gpt-5.4", 160.0, today - SPIKE_AGE
            yield Stream("completions", _who(world, key, model), base, rhythm, first, last, spike)
    first = today - HISTORY
    keys = [key for key in credentials(venture) if key.used == 0]
    for kind, with_model, base, rhythm, more in _EXTRAS.get(venture.name, ()):
        if kind in ("code_interpreter_sessions", "vector_stores"):
            yield Stream(kind, {"project_id": venture.id(world)}, base, rhythm, first, last)
        elif kind == "completions":
            yield Stream(kind, _who(world, keys[0], with_model, batch=True), base, rhythm, first, last)
        else:
            told = {
                name: id_of_name(world, "vs_", one) if name == "vector_store_id" else one
                for name, one in more.items()
            }
            yield Stream(kind, {**_who(world, keys[0], with_model), **told}, base, rhythm, first, last)


def _who(world: World, key: Credential, model: str | None, *, batch: bool = False) -> JSON:
    """Return the dimensions of what a key does with a model. Service accounts are no users."""
    return {
        "project_id": key.venture.id(world),
        "user_id": None if isinstance(key.owner, str) else key.owner_id(world),
        "api_key_id": key.id(world),
        "model": model,
        "batch": batch,
        "service_tier": "flex" if model == "gpt-5" else "default",
    }


# Endpoint, model, requests on a weekday, rhythm, and further dimensions.
_EXTRAS: Mapping[str, tuple[tuple[str, str | None, float, str, Mapping[str, str]], ...]] = {
    "storefront": (
        ("images", "gpt-image-1", 60, "office", {"source": "image.generation", "size": "1024x1024"}),
        ("images", "gpt-image-1", 25, "office", {"source": "image.edit", "size": "1024x1792"}),
        ("moderations", "omni-moderation-latest", 900, "steady", {}),
    ),
    "support-bot": (
        ("file_search_calls", None, 700, "steady", {"vector_store_id": "handbook"}),
        ("file_search_calls", None, 220, "office", {"vector_store_id": "tickets"}),
        ("vector_stores", None, 14.0 * _GIBIBYTE, "steady", {}),
        ("moderations", "omni-moderation-latest", 2100, "steady", {}),
    ),
    "search": (
        ("embeddings", "text-embedding-3-small", 5200, "steady", {}),
        ("vector_stores", None, 61.0 * _GIBIBYTE, "steady", {}),
    ),
    "data-pipeline": (
        ("completions", "gpt-5-mini", 21_000, "night", {}),
        ("embeddings", "text-embedding-3-large", 9000, "night", {}),
    ),
    "mobile-app": (
        ("audio_speeches", "gpt-4o-mini-tts", 340, "steady", {}),
        ("audio_transcriptions", "gpt-4o-transcribe", 180, "steady", {}),
    ),
    "research": (
        ("web_search_calls", "gpt-5.4", 210, "office", {"context_level": "high"}),
        ("web_search_calls", "gpt-5-mini", 480, "office", {"context_level": "low"}),
        ("code_interpreter_sessions", None, 130, "office", {}),
    ),
    "internal-tools": (("code_interpreter_sessions", None, 40, "office", {}),),
}
