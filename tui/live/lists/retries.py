"""Objects that need their owner no longer, as what failed in them was tried again, and that went well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_LONGEST = 20  # tries of one object that follow each other


class Retries:
    """Which objects of a list are tried again by which, and which of them need no more for that.

    `ask` answers a question about objects, None where odd data trips it up.
    """

    def __init__(self, resource: Resource, records: Mapping[str, Record], ask: Callable[..., Any]) -> None:
        self._resource, self._records, self._ask = resource, records, ask
        self._of: dict[str, str] = {}  # by a retry, what it is one of
        self._retries: dict[str, dict[str, None]] = {}  # by what was tried again, its retries
        self.made_up: set[str] = set()
        """What needs no more, as a retry went well."""

    def note(self, id_: str, held: Any) -> None:
        """Note what a new or changed object, read as its model, is a retry of."""
        of = self._ask(self._resource.retry_of, held)
        if of != self._of.get(id_):
            self.forget(id_)
        if isinstance(of, str) and of and of != id_:
            self._of[id_] = of
            self._retries.setdefault(of, {})[id_] = None

    def forget(self, id_: str) -> str:
        """Let go of an object; return what it was a retry of, "" for none."""
        self.made_up.discard(id_)
        of = self._of.pop(id_, "")
        if of:
            self._retries[of].pop(id_, None)
        return of

    def judge(self, changed: Iterable[str]) -> None:
        """Find out anew what is made up for, of what changed and of what that is a retry of."""
        concerned: set[str] = set()
        if not self._of and not self.made_up:
            return
        for id_ in changed:
            at, steps = id_, 0
            while at and at not in concerned and steps < _LONGEST:
                concerned.add(at)
                at, steps = self._of.get(at, ""), steps + 1
        for id_ in concerned:
            (self.made_up.add if self._is_made_up(id_) else self.made_up.discard)(id_)

    def _is_made_up(self, id_: str, steps: int = 0) -> bool:
        tried, known = self._retries.get(id_), self._records
        if not tried or id_ not in known or steps >= _LONGEST:
            return False
        read, makes_up = self._resource.model.read, self._resource.makes_up
        return any(
            self._ask(makes_up, read(known[id_].raw), read(known[each].raw), self._is_made_up(each, steps + 1))
            for each in tried
            if each in known
        )
