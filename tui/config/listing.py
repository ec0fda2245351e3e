"""What is set, and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.config.kinds import ByName, Kind, Rows, Table, settings_of
from tui.config.source import CONFIG_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.config.settings import Config
    from tui.config.source import Way

HIDDEN = "…"


def list_settings(config: Config, *, with_defaults: bool = False) -> list[tuple[str, Any, str]]:
    """Return name, value and origin of each setting: those of the file, and with their defaults the others.

    Those of the file whose value cannot be used are among them, and said to be ignored. A value that may hold a
    secret is not shown.
    """
    rows: list[tuple[str, Any, str]] = []
    for name, way, value, is_private in _walk(type(config), config, ()):
        line = config.source.lines.get(way)
        origin = f"{CONFIG_FILE}:{line}" if line else "default"
        if way in config.source.unused:
            ignored = config.source.unused[way]
            rows.append((name, HIDDEN if is_private else ignored, f"{origin}, ignored"))
            origin, line = "default", None
        if line or with_defaults:
            shown = HIDDEN if is_private and value else list(value) if isinstance(value, tuple) else value
            rows.append((name, shown, origin))
    return rows


def _walk(kind: type, values: Any, way: Way, called: str = "") -> Iterator[tuple[str, Way, Any, bool]]:
    """Yield each setting of a table: how it is called, the way to it, its value, and whether that is private."""
    for each in settings_of(kind).values():
        value, here = getattr(values, each.name), (*way, each.name)
        name = f"{called}.{each.name}" if called else each.name
        if isinstance(each.kind, Kind):
            yield name, here, value, each.is_private
        elif isinstance(each.kind, Table):
            yield from _walk(each.kind.of, value, here, name)
        elif isinstance(each.kind, Rows):
            for row in value:
                yield from _walk(each.kind.of, row, (*here, row.number), f"{name}[{row.number + 1}]")
        elif isinstance(each.kind, ByName):
            for inner, held in value.items():
                if isinstance(each.kind.of, Kind):
                    yield f"{name}.{inner}", (*here, inner), held, each.is_private
                else:
                    yield from _walk(each.kind.of, held, (*here, inner), f"{name}.{inner}")


def find_line(notice: str) -> int:
    """Return the line of the config file that a notice tells of; 0 for none."""
    found = re.match(rf"{re.escape(CONFIG_FILE)} line (\d+): ", notice)
    return int(found[1]) if found else 0
