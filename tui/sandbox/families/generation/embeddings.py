"""Embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.embeddings import EmbeddingBody, embeddings
from tui.sandbox.families.generation.requests import accept, answered
from tui.sandbox.family import Family

if TYPE_CHECKING:
    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import World

family = Family()


@family.route("POST", "/embeddings", body=EmbeddingBody)
def create_embeddings(world: World, body: EmbeddingBody) -> Answer:
    """The vectors of texts."""
    accept(world, body)
    return answered(world, body.model, embeddings(body))
