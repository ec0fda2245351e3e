"""The parts of the API the sandbox speaks. A new one is a file here and a line below; seeded in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.families import (
    assistants,
    batches,
    chat,
    checkpoint_permissions,
    completions,
    containers,
    conversations,
    embeddings,
    files,
    fine_tuning,
    graders,
    models,
    moderations,
    organization,
    responses,
    runs,
    skills,
    threads,
    uploads,
    vector_store_files,
    vector_stores,
)

if TYPE_CHECKING:
    from tui.sandbox.wire import Family

FAMILIES: tuple[Family, ...] = (
    models.family,
    files.family,
    uploads.family,
    batches.family,
    fine_tuning.family,
    checkpoint_permissions.family,
    graders.family,
    assistants.family,
    threads.family,
    runs.family,
    vector_stores.family,
    vector_store_files.family,
    chat.family,
    responses.family,
    completions.family,
    embeddings.family,
    moderations.family,
    *organization.FAMILIES,
    containers.family,
    conversations.family,
    skills.family,
)
