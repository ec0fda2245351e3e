"""References of made-up lists, and the operations of the lists that they are read from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tui.api.paging.pages import Page
from tui.live.addresses import Addresses
from tui.live.references.references import References
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Operation

NOW = 1_790_000_000.0


def operation(resource: str, action: str = "") -> Operation:
    """What an action of a list calls, or its reading."""
    declared = REGISTRY[resource]
    found = declared.action(action) if action else None
    told = found.operation if found else declared.list
    assert told
    return told


def make_references(pages: Mapping[str, list[Any]] | None = None) -> References:
    """References whose lists are these, by the operation's name; all others are empty."""

    async def page(asked: Operation, path: Mapping[str, str], **_: Any) -> Page:
        items = (pages or {}).get(asked.name, [])
        told.note(asked, path, None, {"data": items})
        return Page(items, False, None, None)

    client: Any = SimpleNamespace(page=page)
    told = References(client, REGISTRY, Addresses(REGISTRY).child_scope, lambda: NOW)
    return told
