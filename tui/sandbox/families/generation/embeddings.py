"""Embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.embeddings import EmbeddingBody, build_embeddings
from tui.sandbox.families.generation.requests import accept, respond
from tui.sandbox.family import Family

if TYPE_CHECKING:
    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import World

family = Family()


@family.route("POST", "/embeddings", body=EmbeddingBody)
def create_embeddings(world: World, body: EmbeddingBody) -> Answer:
    """Return the vectors of texts."""
    accept(world, body)
    return respond(world, body.model, build_embeddings(body))
