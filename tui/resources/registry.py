"""The one registry: every resource, by name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.resources.assistants.assistants import ASSISTANTS
from tui.resources.assistants.runs import RUNS, STEPS
from tui.resources.assistants.threads import MESSAGES, THREADS
from tui.resources.batch.batches import BATCHES
from tui.resources.campaigns import CAMPAIGNS
from tui.resources.containers import CONTAINER_FILES, CONTAINERS
from tui.resources.due import DUE
from tui.resources.evals.evals import EVALS
from tui.resources.evals.items import EVAL_ITEMS
from tui.resources.evals.runs import EVAL_RUNS
from tui.resources.files import FILES
from tui.resources.fine_tuning.checkpoints import CHECKPOINTS, PERMISSIONS
from tui.resources.fine_tuning.events import EVENTS
from tui.resources.fine_tuning.jobs import JOBS
from tui.resources.generation.chat import COMPLETION_MESSAGES, COMPLETIONS
from tui.resources.generation.conversations import CONVERSATION_ITEMS, CONVERSATIONS
from tui.resources.generation.responses import INPUT_ITEMS, RESPONSES
from tui.resources.home import HOME
from tui.resources.models import MODELS
from tui.resources.organization import RESOURCES as _ADMIN
from tui.resources.skills import SKILL_VERSIONS, SKILLS
from tui.resources.storage import STORAGE
from tui.resources.tasks import TASKS
from tui.resources.usage import COSTS, USAGE
from tui.resources.vector_stores.file_batches import BATCH_FILES, FILE_BATCHES
from tui.resources.vector_stores.store_files import STORE_FILES
from tui.resources.vector_stores.stores import VECTOR_STORES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.resource import Resource

_PROJECT: tuple[Resource, ...] = (
    *(BATCHES, FILES),
    *(JOBS, EVENTS, CHECKPOINTS, PERMISSIONS, MODELS),
    *(VECTOR_STORES, STORE_FILES, FILE_BATCHES, BATCH_FILES),
    *(RESPONSES, INPUT_ITEMS, CONVERSATIONS, CONVERSATION_ITEMS),
    *(COMPLETIONS, COMPLETION_MESSAGES),
    *(EVALS, EVAL_RUNS, EVAL_ITEMS),
    *(ASSISTANTS, THREADS, MESSAGES, RUNS, STEPS),
    *(CONTAINERS, CONTAINER_FILES),
    *(SKILLS, SKILL_VERSIONS),
)

_CONSUMPTION: tuple[Resource, ...] = (USAGE, COSTS)

REGISTRY: dict[str, Resource] = {resource.name: resource for resource in (*_PROJECT, *_ADMIN, *_CONSUMPTION)}


# Gathered from the lists of others: they can be gone to, and are no objects of the platform.
PLACES: dict[str, Resource] = {resource.name: resource for resource in (HOME, DUE, STORAGE, TASKS, CAMPAIGNS)}


class UnknownResource(LookupError):
    """No resource has this name; the message says which are near."""

    def __init__(self, name: str) -> None:
        known = PLACES | REGISTRY
        names = [alias for resource in known.values() for alias in (resource.name, *resource.aliases)]
        near = get_close_matches(name.lower(), names, n=3)
        self.hint = f"did you mean {' or '.join(near)}?" if near else ""
        """What may be meant; "" where no name is near."""
        known_names = ", ".join(known)
        super().__init__(f"There is no resource called {name!r}: {self.hint or f'known are {known_names}.'}")


def lookup(name: str) -> Resource:
    """Return the resource of this name or alias, whatever its case. Raises `UnknownResource`."""
    return _find(name, REGISTRY)


def lookup_place(name: str) -> Resource:
    """Return what can be gone to by this name or alias: a place, or a resource. Raises `UnknownResource`."""
    return _find(name, PLACES | REGISTRY)


def _find(name: str, known: Mapping[str, Resource]) -> Resource:
    wanted = name.strip().lower()
    for resource in known.values():
        if wanted == resource.name or wanted in resource.aliases:
            return resource
    raise UnknownResource(name)
