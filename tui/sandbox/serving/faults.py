"""Faults on demand, to see how a client takes them.

A specification is a comma separated list of faults, each `name[=value][@[METHOD ]path-prefix][xN]`. `@` limits a
fault to paths below /v1 that begin so, and to a method if given; `xN` to its first N times.
Example: `latency=300ms,429=0.2,drop-after@POST /batches x1`.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tui.sandbox.serving.effects.bodies import BODIES
from tui.sandbox.serving.effects.changes import CHANGES
from tui.sandbox.serving.effects.effect import Effect
from tui.sandbox.serving.effects.links import LINKS
from tui.sandbox.serving.effects.refusals import REFUSALS, answer_status, read_pace
from tui.sandbox.world import ERRORS, EXPIRY, SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp

EFFECTS: Mapping[str, Effect] = {**LINKS, **REFUSALS, **BODIES, **CHANGES}
_SPEC = re.compile(
    r"(?P<name>[a-z0-9-]+?)(=(?P<value>[^@]*?))?(@((?P<method>[A-Z]+) )?(?P<path>/\S*?))?( ?x(?P<times>\d+))?"
)
_STATUS = re.compile(r"[45]\d\d")
_SHARES = {
    ERRORS: "in new batches, answer this share of the requests with an error that passes",
    EXPIRY: "let new batches expire before this share of their requests is tried",
}


def list_faults() -> list[tuple[str, str]]:
    """Return each fault as it may be written, and what it does."""
    statuses = ("429, 500=0.1, 401", "answer with this status (400 to 599), always or with this probability")
    shares = [(f"{name}=0.03", says) for name, says in _SHARES.items()]
    return [statuses, *((effect.example, _describe(effect)) for effect in EFFECTS.values()), *shares]


def _describe(effect: Effect) -> str:
    return f"{effect.says}: {', '.join(effect.values)}" if effect.values else effect.says


class BadFault(ValueError):
    """A fault specification that cannot be understood. Its text says why."""


@dataclass(slots=True)
class Fault:
    """One fault: what it does, how often, and to which requests. `times` left; None without end."""

    effect: Effect
    value: str = ""
    chance: float = 1.0
    method: str = ""
    path: str = ""
    times: int | None = None
    served: deque[float] | None = None

    def hits(self, method: str, path: str, chance: float) -> bool:
        """Return whether the fault befalls this request, and count it if so."""
        if self.times == 0 or chance >= self.chance or self.method not in ("", method):
            return False
        if not path.startswith(self.path):
            return False
        if self.served is not None and not self._is_full(self.served):
            return False
        if self.times:
            self.times -= 1
        return True

    def refusal(self) -> str:
        """Return the limit and the whole seconds until the next request will be served, as `60/12`."""
        limit, window = read_pace(self.value)
        return f"{limit}/{math.ceil((self.served or (0.0,))[0] + window - time.monotonic()) or 1}"

    def _is_full(self, served: deque[float]) -> bool:
        """Return whether the limit of requests is used up; count this one if not."""
        now, (limit, window) = time.monotonic(), read_pace(self.value)
        while served and served[0] <= now - window:
            served.popleft()
        if len(served) < limit:
            served.append(now)
            return False
        return True


class Faults:
    """The faults in force. Raises `BadFault` when `spec` is not understood."""

    def __init__(self, spec: str = "", seed: int = 1) -> None:
        self.spec = spec
        parts = [part.strip() for part in spec.split(",") if part.strip()]
        self.shares = dict(_parse_share(part) for part in parts if part.startswith(SHARES))
        """Which share of the requests of new batches goes wrong, by the name of the fault."""
        self._faults = [_parse_fault(part) for part in parts if not part.startswith(SHARES)]
        self._random = random.Random(seed)

    def around(self, app: ASGIApp, method: str, path: str) -> ASGIApp:
        """Return `app` wrapped in the faults that this request meets. `path` is the one below /v1."""
        met: list[Fault] = []
        for fault in self._faults:
            if fault.hits(method, path, self._random.random()):
                met.append(fault if fault.served is None else replace(fault, value=fault.refusal()))
                if fault.effect.final:
                    break
        for fault in reversed(met):
            app = _wrap(fault, app)
        return app


def _wrap(fault: Fault, app: ASGIApp) -> ASGIApp:
    return partial(fault.effect.apply, fault.value, app)


def _parse_share(part: str) -> tuple[str, float]:
    name, _, value = part.partition("=")
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if name not in SHARES or not 0 <= share <= 1:
        raise BadFault(f"'{part}': expected a share from 0 to 1, such as {SHARES[0]}=0.03")
    return name, share


def _parse_fault(part: str) -> Fault:
    """Read one fault of a specification. Raises `BadFault`."""
    match = _SPEC.fullmatch(part)
    if not match:
        raise BadFault(f"cannot read the fault '{part}': expected name[=value][@[METHOD ]/path][xN]")
    name, value = match["name"], match["value"] or ""
    effect, chance = EFFECTS.get(name), 1.0
    if _STATUS.fullmatch(name):
        effect = Effect(answer_status, name, "", final=True)
        try:
            chance, value = float(value or 1), name
        except ValueError:
            raise BadFault(f"'{part}': {value} is no probability") from None
    if effect is None:
        known = ", ".join(sorted((*EFFECTS, *SHARES)))
        raise BadFault(f"unknown fault '{name}': use a status (400-599) or one of {known}")
    if effect.values:
        value = value or effect.values[0]
        if value not in effect.values:
            raise BadFault(f"'{part}': {value} is none of {', '.join(effect.values)}")
    try:
        effect.check(value)
    except ValueError as error:
        raise BadFault(f"'{part}': {error}") from None
    return Fault(
        effect,
        value,
        chance,
        match["method"] or "",
        match["path"] or "",
        int(match["times"]) if match["times"] else None,
        deque() if name == "rpm" else None,
    )
