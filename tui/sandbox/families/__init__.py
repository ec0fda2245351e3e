"""The parts of the API the sandbox speaks. A new one is a file here and a line below; seeded in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.families import containers, files, models, organization, skills, uploads
from tui.sandbox.families.assistants import routes as assistants
from tui.sandbox.families.assistants import runs, threads
from tui.sandbox.families.batches import routes as batches
from tui.sandbox.families.evals import routes as evals
from tui.sandbox.families.evals import runs as eval_runs
from tui.sandbox.families.fine_tuning import graders, permissions
from tui.sandbox.families.fine_tuning import routes as fine_tuning
from tui.sandbox.families.generation import (
    chat,
    completions,
    conversations,
    embeddings,
    moderations,
    responses,
)
from tui.sandbox.families.vector_stores import files as vector_store_files
from tui.sandbox.families.vector_stores import routes as vector_stores
from tui.sandbox.family import merge_kinds

if TYPE_CHECKING:
    from tui.sandbox.family import Family

FAMILIES: tuple[Family, ...] = (
    models.family,
    files.family,
    uploads.family,
    batches.family,
    fine_tuning.family,
    permissions.family,
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
KINDS = merge_kinds(FAMILIES)
