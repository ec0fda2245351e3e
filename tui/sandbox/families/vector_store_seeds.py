"""The vector stores a scenario starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.sandbox.world import World


def seed(world: World, scenario: str) -> None:
    """Fill a world."""
