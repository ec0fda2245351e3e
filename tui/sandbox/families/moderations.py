"""Moderations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.moderations import ModerationBody, moderation
from tui.sandbox.families.asking import accept, answered
from tui.sandbox.wire import Answer, Family

if TYPE_CHECKING:
    from tui.sandbox.world import World

family = Family()


@family.route("POST /moderations")
def create_moderation(world: World, body: ModerationBody) -> Answer:
    """What texts and images are flagged for."""
    return answered(world, body.model, moderation(body, id_=f"modr-{accept(world, body)}"))
