"""A finding: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

State = Literal["good", "odd", "broken", "absent"]
"""How something is: `odd` works and may surprise, `absent` is not there and need not be."""
GLYPHS: dict[State, str] = {"good": "✓", "odd": "▲", "broken": "✖", "absent": "·"}
_NAME = 19  # cells


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is."""

    area: str
    name: str
    state: State
    what: str
    """How it is, as a clause or a sentence."""
    then: str = ""
    """What to do, as a sentence; "" where nothing is to be done."""


def is_broken(findings: Iterable[Finding]) -> bool:
    """Return whether something of what was looked at does not work."""
    return any(each.state == "broken" for each in findings)


def format_findings(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield findings as lines, those of an area under its name."""
    area = ""
    for each in findings:
        if each.area != area:
            yield from ([""] if area else [])
            yield each.area
            area = each.area
        yield f"  {GLYPHS[each.state]} {each.name:<{_NAME}}{each.what}"
        if each.then:
            yield f"    {'':<{_NAME}}→ {each.then}"


AREAS = ("This machine", "The connection", "The server has")
"""What is looked at, in the order in which it is shown."""


def group_by_area(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by their areas."""
    return sorted(findings, key=lambda each: AREAS.index(each.area))


def export_findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings for JSON."""
    return [asdict(each) for each in findings]
