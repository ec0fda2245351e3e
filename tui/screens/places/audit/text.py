"""The audit log in words: its entries as lines, and its filters."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import NO_VALUE
from tui.resources.language.column import CellContext
from tui.screens.navigation.command import CommandError
from tui.text import cell_width, clean, fit
from tui.widgets.text.log_lines import LogLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_LEVELS = {"bad": "failure", "warn": "removal"}
Widths = tuple[int, int, int, int]
LEAST: Widths = (23, 17, 13, 0)  # cells of event, actor, target and project, so that the first three stand in 76
_SPARE = (4, 17, 13)  # the most that each takes of what is left; the actor first
_TAKEN = 73  # cells of these with the time before them
_WHOLE = (5, 14)  # the most that event and target take then, so that names and ids stand whole
_PROJECT = (8, 17, 30)  # cells of a project: at least, or it is left out; usually; at the most
_AGO = re.compile(r"(\d+)\s*([mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}


def parse_filter(param: str, value: str, now: float) -> Any:
    """Return a filter as the server wants it: several values by commas, times as `2h` or `3d`
    before `now`, the server's time (unix seconds), or as `2026-11-20`.

    Raises CommandError for a time that is none.
    """
    if param.endswith("[]"):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not param.startswith("effective_at") or value.isdigit():
        return value
    if match := _AGO.fullmatch(value):
        return int(now) - int(match[1]) * _SECONDS[match[2]]
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            return int(time.mktime(time.strptime(value, form)))
        except (ValueError, OverflowError):
            continue
    raise CommandError(f"{value!r} is no time: write 2h, 3d, 2026-11-20 or 2026-11-20 14:00.")


def format_filter(value: object) -> str:
    """Return the value of a filter as it would be typed."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def share_room(width: int) -> Widths:
    """Return the cells of event, actor, target and project in a log of some cells."""
    event, actor, target, _ = LEAST
    least, usual, most = _PROJECT
    left = max(0, width - _TAKEN)
    project = min(left, usual) if left >= least else 0
    left -= project
    for_actor = min(left, _SPARE[1])
    for_target = min(left - for_actor, _SPARE[2])
    for_event = min(left - for_actor - for_target, _SPARE[0])
    left -= for_actor + for_target + for_event
    event += min(left, _WHOLE[0])
    left -= min(left, _WHOLE[0])
    target += min(left, _WHOLE[1])
    left -= min(left, _WHOLE[1])
    return event + for_event, actor + for_actor, target + for_target, min(project + left, most) if project else 0


def build_log_lines(
    resource: Resource, records: Iterable[Record], now: float, widths: Widths = LEAST
) -> list[LogLine]:
    """Return entries as lines of the log, in columns."""
    context = CellContext(now)
    event, actor, target = (resource.column(name) for name in ("event", "actor", "target"))
    lines = []
    for record in records:
        cells = [column.cell(record, context) if column else NO_VALUE for column in (event, actor, target)]
        fitted = zip(cells, widths[:3], strict=True)
        words = [fit(cell.text, width, middle="@" not in cell.text) for cell, width in fitted]
        at = record.read("effective_at")
        project = clean(record.at("project.name") or "")
        words.append(fit(project, min(widths[3], cell_width(project)), middle=True))
        text = "  ".join(words)
        lines.append(
            LogLine(math.nan if at is None else at, _LEVELS.get(cells[0].tone, "event"), text.rstrip(), record.id)
        )
    return lines
