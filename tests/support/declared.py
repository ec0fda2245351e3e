"""What the registry declares, and what the API's description names."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.support.samples import sample_of
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.api.client import Client
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

CONTRACT = Path(__file__).parents[1] / "sandbox" / "contract" / "schemas.json.gz"


def platform() -> Platform:
    """A platform that is connected to nothing."""
    connection = SimpleNamespace(requests_per_minute=0)
    return Platform(cast("Client", SimpleNamespace(connection=connection)), REGISTRY)


def sample(resource: Resource) -> Record:
    """An object of a resource."""
    return resource.record(sample_of(resource))


def scope_of(resource: Resource) -> dict[str, str]:
    """The scope of a resource's place, entered through the samples of its parents."""
    if not resource.parent:
        return {}
    parent = REGISTRY[resource.parent]
    child = parent.child(resource.name)
    assert child, f"{resource.name} names {parent.name} as its parent, which has no such child"
    return platform().child_scope(parent, scope_of(parent), sample(parent), child)


def declared() -> set[str]:
    """Every operation of a project's key, as the API's description names it."""
    found = (operation for resource in REGISTRY.values() for operation in resource.operations)
    return {f"{operation.method} {operation.path}" for operation in found}


def described() -> set[str]:
    """Every operation that the API's description names."""
    answers: dict[str, Any] = json.loads(gzip.decompress(CONTRACT.read_bytes()))["answers"]
    return set(answers)
