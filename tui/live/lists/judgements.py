"""Judgements on the objects of a list: which still change, which need their owner, how fast they proceed."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Any

from tui.resources.language.column import CellContext, Progress
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.live.lists.retries import Retries
    from tui.resources.language.objects import Record
    from tui.resources.language.prices import PricesOf

RATE_SPAN = 900.0  # seconds of samples a rate is taken from
_RATE_SAMPLES = 256
_REJUDGE_AFTER = 60.0  # seconds after which what is judged by the time is judged again
_JUDGED_BY = ("active", "attention", "stalled", "progress")
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Resource)}
_FAULTS = (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError)


class Judgements:
    """Asks the resource about objects that have changed, and samples how far those are that are on their way.

    `records` is the mapping that the collection keeps. Times are the server's, unix seconds.
    """

    def __init__(
        self, resource: Resource, records: Mapping[str, Record], failed_share: float, prices: PricesOf
    ) -> None:
        self._resource, self._records = resource, records
        self._failed_share, self._prices = failed_share, prices
        self.reading: frozenset[str] = frozenset()
        """The figures beside the list that are being read for the first time."""
        self.absent: dict[str, set[str]] = {}
        """Those of them that objects do not have, by the ids of these."""
        self._needed = any(_declares(resource, name) for name in _JUDGED_BY)
        self._samples: dict[str, deque[tuple[float, int]]] = {}
        self._done: dict[str, int] = {}  # of what is on its way
        self._moved: dict[str, float] = {}  # when that last changed, or was first seen
        self._now = 0.0  # the time of the last update
        self._unjudged: set[str] = set()
        self._judged = 0.0  # the time at which all were last judged, where the resource `ages`
        self._active: set[str] = set()
        self._attention: dict[str, str] = {}
        self._retries: Retries | None = None  # once there is one

    def note(self, id_: str) -> None:
        """Note that an object is new or has changed; the resource is asked later."""
        if self._needed:
            self._unjudged.add(id_)

    def forget(self, id_: str) -> None:
        """Let go of all that is known of an object."""
        self._unjudged.discard(id_)
        self._active.discard(id_)
        self._attention.pop(id_, None)
        self.absent.pop(id_, None)
        self._unsample(id_)
        if self._retries and (of := self._retries.forget(id_)) in self._records:
            self._unjudged.add(of)

    def sample(self, ids: Iterable[str], now: float) -> None:
        """Note how far the objects are that are on their way."""
        self._now = now
        if not _declares(self._resource, "progress"):
            return
        self._judge()
        for id_ in ids:
            if (done := self._done.get(id_)) is None:
                continue
            samples = self._samples[id_]
            if not samples or done != samples[-1][1]:
                self._moved[id_] = now
            if samples and (done < samples[-1][1] or now < samples[-1][0]):
                samples.clear()  # it started again, or the clock did
            while len(samples) > 1 and samples[0][0] < now - RATE_SPAN:
                samples.popleft()
            if not samples or now > samples[-1][0]:
                samples.append((now, done))

    def rate(self, id_: str) -> float | None:
        """Return the units an object does per second, of the last quarter of an hour; None until seen twice."""
        samples = self._samples.get(id_)
        if not samples or len(samples) < 2:
            return None
        (since, before), (until, done) = samples[0], samples[-1]
        return (done - before) / (until - since)

    def context_of(self, id_: str, now: float, name: Callable[[str], str]) -> CellContext:
        """Return what an object's cells may know at a time; `name` tells what people call an id."""
        moved = self._moved.get(id_)
        idle = None if moved is None else now - moved
        reading = self.reading - self.absent.get(id_, frozenset()) if self.reading else self.reading
        return CellContext(now, self.rate(id_), idle, name, self._failed_share, self._prices, reading)

    def active(self) -> set[str]:
        """Return the ids of the objects that are still going to change."""
        self._judge()
        return self._active

    def attention(self) -> dict[str, str]:
        """Return the ids of the objects that need their owner, with the reason, as of the last update."""
        self._judge()
        found = self._attention
        if self._retries and self._retries.made_up:
            found = {id_: why for id_, why in found.items() if id_ not in self._retries.made_up}
        if not _declares(self._resource, "stalled"):
            return found
        waiting = [(self._records[id_], self.context_of(id_, self._now, _no_name)) for id_ in self._active]
        told = ((record.id, _ask(self._resource.stalled, record.object, context)) for record, context in waiting)
        return {**{id_: str(reason) for id_, reason in told if reason}, **found}

    def _judge(self) -> None:
        """Ask the resource about the objects that changed since it was last asked.

        What is built for that is let go again: thousands of finished objects need not stay parsed.
        """
        resource = self._resource
        if resource.ages and abs(self._now - self._judged) >= _REJUDGE_AFTER:
            self._unjudged.update(self._records)
            self._judged = self._now
        for id_ in self._unjudged:
            held = resource.model.read(self._records[id_].raw)
            (self._active.add if _ask(resource.active, held) else self._active.discard)(id_)
            if reason := _ask(resource.attention, held, self.context_of(id_, self._now, _no_name)):
                self._attention[id_] = str(reason)
            else:
                self._attention.pop(id_, None)
            if self._retries or _ask(resource.retry_of, held):
                self._note_retry(id_, held)
            progress = _ask(resource.progress, held)
            if isinstance(progress, Progress) and progress.done < progress.total:
                self._done[id_] = progress.done
                self._samples.setdefault(id_, deque(maxlen=_RATE_SAMPLES))
            else:
                self._unsample(id_)
        if self._retries:
            self._retries.judge(self._unjudged)
        self._unjudged.clear()

    def _note_retry(self, id_: str, held: Any) -> None:
        if self._retries is None:
            from tui.live.lists.retries import Retries  # few lists need it

            self._retries = Retries(self._resource, self._records, _ask)
        self._retries.note(id_, held)

    def _unsample(self, id_: str) -> None:
        """Let go of how far an object was."""
        for kept in (self._samples, self._done, self._moved):
            kept.pop(id_, None)


def _declares(resource: Resource, name: str) -> bool:
    """Return whether a resource declares this itself."""
    return getattr(resource, name) is not _DEFAULTS[name]


def _ask(question: Callable[..., Any], *held: Any) -> Any:
    """Return the answer for an object; None where odd data trips the question up."""
    try:
        return question(*held)
    except _FAULTS:
        return None


def _no_name(_id: str) -> str:
    """Return the name of an id where names do not matter: none."""
    return ""
