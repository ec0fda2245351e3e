"""The audit log in words: its entries as lines, and its filters."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import NO_VALUE
from tui.resources.language.column import CellContext
from tui.screens.navigation.command import CommandError
from tui.text import fit
from tui.widgets.text.event_log import LogLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_LEVELS = {"bad": "failure", "warn": "removal"}
_WIDTHS = (23, 17, 13)  # cells of event, actor and target, so that all three stand in 76
_WIDE = (27, 34, 26)  # the same where there is room
ROOM = 120  # cells of a log in which there is
_AGO = re.compile(r"(\d+)\s*([mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}


def parse_filter(param: str, value: str) -> Any:
    """Return a filter as the server wants it: several values by commas, times as `2h`, `3d` or `2026-11-20`.

    Raises CommandError for a time that is none.
    """
    if param.endswith("[]"):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not param.startswith("effective_at") or value.isdigit():
        return value
    if match := _AGO.fullmatch(value):
        return int(time.time()) - int(match[1]) * _SECONDS[match[2]]
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            return int(time.mktime(time.strptime(value, form)))
        except (ValueError, OverflowError):
            continue
    raise CommandError(f"{value!r} is no time: write 2h, 3d, 2026-11-20 or 2026-11-20 14:00.")


def format_filter(value: object) -> str:
    """Return the value of a filter as it would be typed."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def build_log_lines(
    resource: Resource, records: Iterable[Record], now: float, *, is_wide: bool = False
) -> list[LogLine]:
    """Return entries as lines of the log, in columns."""
    context = CellContext(now)
    event, actor, target = (resource.column(name) for name in ("event", "actor", "target"))
    lines = []
    for record in records:
        cells = [column.cell(record, context) if column else NO_VALUE for column in (event, actor, target)]
        fitted = zip(cells, _WIDE if is_wide else _WIDTHS, strict=True)
        words = [fit(cell.text, width, middle="@" not in cell.text) for cell, width in fitted]
        at = record.read("effective_at")
        text = "  ".join((*words, str(record.at("project.name") or "")))
        lines.append(
            LogLine(math.nan if at is None else at, _LEVELS.get(cells[0].tone, "event"), text.rstrip(), record.id)
        )
    return lines
