"""What all kinds of keys have in common: columns and fields, and the risks of a key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Open, refuse_nothing
from tui.resources.language.cells import age, duration, instant, own_id
from tui.resources.language.column import Cell, CellContext, Column, Field, Section, Timed, Tone
from tui.resources.language.objects import Time
from tui.resources.organization.common import DAY, NamedObject, expiry, last_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.operation import Operation
    from tui.resources.language.objects import Record

NEVER_USED, UNUSED, ENDING = 30 * DAY, 90 * DAY, 14 * DAY
NO_ACCESS = "owner has no access"
HARMLESS = "never expires"  # true of most keys: shown, but nobody has to act
_BEGINNING = re.compile(r"[^*.…•]*")  # of a key whose rest is hidden
_ADMIN_HEAD = "sk-admin"


def kind_of_key(redacted: object) -> str:
    """Return the kind of a key by its visible beginning: "admin", "project", or "" where that does not tell."""
    seen = _BEGINNING.match(redacted) if isinstance(redacted, str) else None
    head = seen[0] if seen else ""
    if head.startswith(_ADMIN_HEAD):
        return "admin"
    return "project" if head.startswith("sk-") and not _ADMIN_HEAD.startswith(head) else ""


def rotate(get: Operation, refuse: Callable[[Any], str | None] = refuse_nothing) -> Action[Any]:
    """Return the action that puts a new key in the place of one, which is deleted later."""
    return Action("rotate", "I", "rotate", Open("rotate", get), refuse=refuse)


class ApiKey(NamedObject):
    """Base of keys."""

    redacted_value: str | None = None
    last_used_at: Time = None
    expires_at: Time = None

    @property
    def flaws(self) -> list[str]:
        """What speaks against it beside its times, the worst first."""
        return []


def list_risks(key: ApiKey, now: float) -> list[str]:
    """Return what speaks against a key at `now` (unix seconds), in words, the worst first."""
    found = key.flaws
    ends = key.expires_at
    if ends and ends <= now:
        found.append("expired")
    elif ends and ends < now + ENDING:
        found.append(f"expires in {duration(ends - now)}")
    if disuse := find_disuse(key, now):
        found.append(disuse)
    if not ends:
        found.append(HARMLESS)
    return found


def find_disuse(key: ApiKey, now: float) -> str | None:
    """Return for how long a key has not been used, where that is so long that nobody needs it; else None."""
    if key.last_used_at is None:
        made = key.created_at
        return f"never used in {duration(now - made)}" if made and now - made > NEVER_USED else None
    unused = now - key.last_used_at
    return f"unused for {duration(unused)}" if unused > UNUSED else None


def find_worst_risk(key: ApiKey, context: CellContext) -> str | None:
    """Return the worst risk that somebody has to act on, or None."""
    return next((risk for risk in list_risks(key, context.now) if risk != HARMLESS), None)


def _risk(_value: Any, record: Record, context: CellContext) -> Cell:
    found = list_risks(record.object, context.now)
    if not found:
        return Cell("✓ no risk found", "good")
    if found == [HARMLESS]:
        return Cell(f"· {HARMLESS}", "dim")
    worst, *others = (risk for risk in found if risk != HARMLESS)
    return Cell(f"▲ {worst}{f' +{len(others)}' if others else ''}", _tone(found))


def _tone(found: list[str]) -> Tone:
    return "bad" if {NO_ACCESS, "expired"} & set(found) else "warn" if found != [HARMLESS] else "dim"


def _rank(found: list[str]) -> int:
    """Return the place of a key among others, the one with the worst and the most risks first."""
    tones: list[Tone] = ["bad", "warn", "dim"]
    return 10 * tones.index(_tone(found)) - min(9, len(found)) if found else 100


def _risk_lines(key: ApiKey, context: CellContext) -> list[tuple[str, Cell]]:
    return [("", Cell(risk, _tone([risk]))) for risk in list_risks(key, context.now)]


RISKS: Section[Any] = Section("", lines=_risk_lines)
RISK_COLUMN: Column[Any] = Column(
    "RISK",
    Timed(lambda key, context: ", ".join(list_risks(key, context.now))),
    _risk,
    24,
    sort_value=Timed(lambda key, context: _rank(list_risks(key, context.now))),
)
TIME_COLUMNS = (
    Column("CREATED", "created_at", age, 7, align="right", drop_order=6, first_sort="down"),
    Column("LAST USED", "last_used_at", last_use, 9, align="right", drop_order=2),
    Column("EXPIRES", "expires_at", expiry, 7, align="right", drop_order=3),
)
ID_COLUMN = Column("ID", "id", own_id, 24, wide=True)
IDENTITY_FIELDS = (Field("name", "name"), Field("id", "id", own_id), Field("value", "redacted_value"))
TIME_FIELDS = (
    Field("created", "created_at", instant),
    Field("last used", "last_used_at", instant),
    Field("expires", "expires_at", instant),
)
