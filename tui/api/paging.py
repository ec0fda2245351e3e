"""All paging styles of the API behind one page and one cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from tui.api.operation import Operation


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    `items` are the JSON values as received; an item may be anything. `after` is the cursor this page was asked
    with, `next` the one to ask the next page with, None when it is the last. `has_more` without `next` means
    that the server has more but says no way to reach it: the list is not whole.
    """

    items: list[Any]
    has_more: bool
    after: str | None
    next: str | None


def cursor_parameter(operation: Operation) -> str:
    """The query parameter that takes the cursor: usage and costs count pages, all else goes on after one."""
    counted = operation.path.startswith(("/organization/usage/", "/organization/costs"))
    return "page" if counted else "after"


def page_of(operation: Operation, envelope: Mapping[str, Any], after: str | None) -> Page:
    """Read the envelope of a list. Raises BadAnswer where it holds no list."""
    items = envelope.get("data")
    if not isinstance(items, list):
        raise BadAnswer("shape", "The server answered with something that is no list.")
    more = envelope.get("has_more")
    cursor = _cursor(operation, envelope, items) if items and more is not False else None
    # The same cursor again would bring the same page again.
    return Page(items, more is True or cursor is not None, after, cursor if cursor != after else None)


def _cursor(operation: Operation, envelope: Mapping[str, Any], items: list[Any]) -> str | None:
    """The cursor of the next page, where the envelope says that there may be one."""
    if cursor_parameter(operation) == "page":
        found = envelope.get("next_page")
    elif "next" in envelope:
        found = envelope["next"]
    else:
        found = envelope.get("last_id")
        # Some families name no cursor; without `has_more` such a list is whole.
        if not found and envelope.get("has_more") and isinstance(items[-1], dict):
            found = items[-1].get("id")
    return found if isinstance(found, str) and found else None


async def walk(fetch: Callable[[str | None], Awaitable[Page]], after: str | None) -> AsyncGenerator[Page, None]:
    """Page after page until the last. Ends where a cursor comes again; an object that moved is given once.

    Where it had to end early, the last page says `has_more` and has no `next`.
    """
    cursors: set[str | None] = {after}
    seen: set[str] = set()
    while True:
        page = await fetch(after)
        ids = [item.get("id") if isinstance(item, dict) else None for item in page.items]
        items = [
            item for item, id_ in zip(page.items, ids, strict=True) if not (isinstance(id_, str) and id_ in seen)
        ]
        seen.update(id_ for id_ in ids if isinstance(id_, str) and id_)
        following = page.next if page.next not in cursors else None
        yield Page(items, page.has_more, after, following)
        if following is None:
            return
        cursors.add(following)
        after = following
