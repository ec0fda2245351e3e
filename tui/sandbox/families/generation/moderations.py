"""Moderations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.moderations import ModerationBody, build_moderation
from tui.sandbox.families.generation.requests import accept, respond
from tui.sandbox.family import Family

if TYPE_CHECKING:
    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import World

family = Family()


@family.route("POST", "/moderations", body=ModerationBody)
def create_moderation(world: World, body: ModerationBody) -> Answer:
    """Moderate texts and images."""
    return respond(world, body.model, build_moderation(body, id_=f"modr-{accept(world, body)}"))
