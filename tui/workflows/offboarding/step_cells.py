"""The steps of an off-boarding plan as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tui.resources.language.cells import duration, pluralize
from tui.resources.language.column import Cell
from tui.resources.language.reading.amounts import format_amount
from tui.resources.organization.keys import KEYS
from tui.text import clean
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, API_KEYS, GIVEN_ROLES

if TYPE_CHECKING:
    from tui.resources.language.objects import Record
    from tui.workflows.offboarding.plan import OffboardStep

LATELY = 86_400.0  # seconds since its last use in which a key counts as in use


def build_step_cells(step: OffboardStep, now: float) -> list[Cell]:
    """Return what to know of a thing before it is taken away, as columns; the first is its name."""
    record, name = step.record, Cell(step.name)
    if step.kind is API_KEYS:
        cost = record.at(KEYS.join.name) if KEYS.join else None
        spent = Cell("")
        if isinstance(cost, Decimal):
            spent = Cell(
                f"{format_amount(cost, '$')} in 30 d",
                "warn" if getattr(cost, "unread", 0) else "" if cost else "dim",
            )
        return [name, Cell(clean(record.at("project.name") or "")), _last_use(record, now), spent]
    if step.kind is ADMIN_API_KEYS:
        return [name, _last_use(record, now)]
    if step.kind is GIVEN_ROLES:
        permissions = record.at("permissions")
        return [
            name,
            Cell(pluralize(len(permissions), "permission") if isinstance(permissions, list) else "", "dim"),
        ]
    role = str(record.at("role") or "")
    return [name, Cell(clean(role), "accent" if role == "owner" else "dim")]


def _last_use(record: Record, now: float) -> Cell:
    """Return when a key was last used; a key in use warns, as what it serves will stop."""
    at = record.read("last_used_at")
    if at is None:
        return Cell("last use unknown", "warn") if record.at("last_used_at") else Cell("never used", "dim")
    passed = now - at
    return Cell("used now" if passed < 60 else f"used {duration(passed)} ago", "warn" if passed < LATELY else "")
