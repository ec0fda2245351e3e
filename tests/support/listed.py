"""Lists as if they had been read, for what is gathered from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.lists.collection import Collection
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_795_000_000.0


def listed(resource: str, *raws: Mapping[str, Any]) -> Collection:
    """Return a list that holds these objects."""
    collection = Collection(REGISTRY[resource], {})
    collection.apply(raws, after=None, has_more=False, next=None, now=NOW)
    return collection


def batch(number: int, total: int, completed: int, failed: int, **more: Any) -> dict[str, Any]:
    counts = {"total": total, "completed": completed, "failed": failed}
    return {"id": f"batch_{number}", "status": "completed", "request_counts": counts, "created_at": NOW, **more}
