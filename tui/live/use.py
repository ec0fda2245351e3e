"""Uses: one object that names another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


class Use(NamedTuple):
    """An object that names another, and as what or where: `as input file`, `in its runs`."""

    resource: Resource
    record: Record
    where: str
