"""Pieces of reading lists by parent: whose lists there are, all pages of one, its rows, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live import shortfall
from tui.live.gathered import Gathered
from tui.resources.language.column import value_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from tui.api.errors import ApiError
    from tui.api.paging.pages import Page
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def find_parents(parent: Resource, items: Iterable[Any]) -> dict[str, Record]:
    """Return the objects among the items of the parents' list, by id; what has none cannot be asked."""
    records = (parent.record(item) for item in items if isinstance(item, dict))
    return {record.id: record for record in records if record.id}


async def read_pages(pages: AsyncIterator[Page]) -> Gathered:
    """Read all objects of a list."""
    gathered = Gathered()
    async for page in pages:
        gathered.take(page)
    return gathered


def build_row(resource: Resource, parent: Resource, holder: Record, item: Any) -> Any:
    """Return an item of the list of `holder`, an object of `parent`, with what its row needs of that."""
    if not isinstance(item, dict):
        return item
    title = parent.title if isinstance(parent.title, str) else "title"
    # Ids that are the same in every parent take a name of ours that is not.
    own = {"id": item.get("id"), resource.identify: f"{holder.id} {item.get('id')}"}
    return {**own, **item, parent.singular: {"id": holder.id, title: value_of(parent.title, holder)}}


def describe_gaps(
    parent: Resource, total: int, failed: Mapping[str, ApiError], nameless: int, cut: bool, then: str = ""
) -> list[str]:
    """Return sentences on what is missing.

    `failed` holds why a list could not be read, by the id of its parent; `nameless` parents have no id; `cut` says
    that the list of the parents broke off; `then` says what will be done.
    """
    sentences = [shortfall.describe_missing(parent.name, total, failed, then)]
    if nameless:
        sentences.append(f"{nameless:,} of the {parent.name} listed cannot be read.")
    if cut:
        sentences.append(f"The server has more {parent.name} than it gave.")
    return list(filter(None, sentences))
