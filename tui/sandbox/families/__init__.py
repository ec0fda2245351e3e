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
    eval_runs,
    evals,
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
    vector_stores.family,
    vector_store_files.family,
    assistants.family,
    threads.family,
    runs.family,
    chat.family,
    responses.family,
    completions.family,
    embeddings.family,
    moderations.family,
    evals.family,
    eval_runs.family,
    *organization.FAMILIES,
    containers.family,
    conversations.family,
    skills.family,
)
