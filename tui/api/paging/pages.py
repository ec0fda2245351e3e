"""All paging styles of the API behind one page and one cursor."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.paging.cursors import read_flag, write_cursor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping

    from tui.api.operation import Operation


_MOST_NAMELESS = 1_000  # pages of nothing but objects without ids: whether they are new cannot be told
# What the API's envelopes hold.
_NAMES = frozenset(["object", "data", "first_id", "last_id", "has_more", "next", "next_page", "error"])


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list."""

    items: list[Any]
    """The JSON values as received; an item may be anything."""
    has_more: bool
    """Whether the server has more; without `next` it gives no way to reach it."""
    after: str | None
    """The cursor this page was asked with."""
    next: str | None
    """The cursor to ask the next page with; None where this is the last."""
    again: tuple[Any, ...] = ()
    """What a `Trail` found to be on an earlier page too: told later, it is as it is now."""
    doubled: tuple[Any, ...] = ()
    """What a `Trail` found to have the id of another object of this page, and other contents."""
    is_told: bool = field(default=True, compare=False)
    """Whether the answer has its objects where a list has them; an empty page that has not may hide some."""

    @property
    def cut(self) -> bool:
        """Whether the list goes on and there is no way to the rest of it."""
        return self.has_more and self.next is None

    @property
    def is_odd(self) -> bool:
        """Whether something may be in the list that cannot be read."""
        return not self.is_told or not all(isinstance(item, dict) for item in self.items)


def find_cursor_parameter(operation: Operation) -> str:
    """Return the query parameter that takes the cursor: a page for usage and costs, else an id to go on after."""
    counted = operation.path.startswith(("/organization/usage/", "/organization/costs"))
    return "page" if counted else "after"


def page_of(operation: Operation, envelope: Mapping[str, Any], after: str | None) -> Page:
    """Read the envelope of a list. `data` that is null, or left out of an envelope that says `list`, is empty.

    The only list of objects in an envelope without `data` is the list. Raises BadAnswer where it holds none, or
    the StatusError that it tells of.
    """
    envelope = _name_alike(envelope)
    inner = envelope.get("data")
    is_told = isinstance(inner, list | dict)
    if isinstance(inner, dict) and isinstance(inner.get("data"), list):
        envelope, inner = _name_alike(inner), inner["data"]
    if inner is None and ("data" in envelope or envelope.get("object") == "list"):
        inner = []
    if not isinstance(inner, list):
        from tui.api.paging.other_names import explain_no_list

        raise explain_no_list(envelope, inner)
    if operation.relate:
        inner = operation.relate(inner)
    more = read_flag(envelope.get("has_more"))
    # A cursor to a next page goes before the word that there is none: what it leads to may be money.
    cursor = _read_cursor(operation, envelope, inner, more) if inner and not operation.whole else None
    # An error beside objects says that some are missing, and so does a way on that this API does not have.
    cut = bool(envelope.get("error")) or (
        more is not True
        and cursor is None
        and bool(inner or more is None)
        and _tells_of_more(envelope, inner, after)
    )
    # The same cursor again would bring the same page again: the end, where `has_more` is null.
    if cursor == after and more is None and "has_more" in envelope:
        cursor = None
    goes_on = more is True or cursor is not None or cut
    return Page(inner, goes_on, after, cursor if cursor != after else None, is_told=is_told)


def _name_alike(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an envelope with what this API has under the names that it has there."""
    if envelope.keys() <= _NAMES and "data" in envelope:
        return envelope
    from tui.api.paging.other_names import use_own_names

    return use_own_names(envelope)


def _tells_of_more(envelope: Mapping[str, Any], items: list[Any], after: str | None) -> bool:
    """Return whether an envelope tells otherwise than by `has_more` that the list goes on."""
    if write_cursor(envelope.get("next_page")) is not None:
        return True
    if envelope.keys() <= _NAMES:
        return False
    from tui.api.paging.other_names import tells_of_more

    return tells_of_more(envelope, items, after)


def _read_cursor(
    operation: Operation, envelope: Mapping[str, Any], items: list[Any], more: bool | None
) -> str | None:
    """Return the cursor of the next page, where the envelope says that there may be one.

    `more` is what it says of that. An id of the last object is given with the last page, too.
    """
    if find_cursor_parameter(operation) == "page":
        return write_cursor(envelope.get("next_page"))
    if "next" in envelope:
        return write_cursor(envelope["next"])
    if more is False:
        return None
    found = write_cursor(envelope.get("last_id"))
    # Some families name no cursor; without `has_more` such a list is whole.
    if not found and more:
        found = write_cursor(items[-1].get("id")) if isinstance(items[-1], dict) else None
        found = found or write_cursor(envelope.get("next_page"))
    return found


class Trail:
    """Where a loop over pages has been: it tells when the server leads in circles, or nowhere.

    Each page is to be taken in the order it came. One that brings nothing new, and one whose cursor was asked
    before, is the last, whatever it says. `seen` are ids known before, and `identify` is where an item has its id.
    """

    def __init__(self, after: str | None = None, *, seen: Iterable[str] = (), identify: str = "id") -> None:
        self._cursors: set[str | None] = {after}
        self._seen = set(seen)
        self._identify = identify
        self._nameless = 0
        self.next = after
        """The cursor that the last page led to."""

    def turn(self, after: str | None, seen: Iterable[str]) -> None:
        """Go on from another cursor than the last page led to; `seen` are the ids known before that."""
        self.next, self._seen = after, set(seen)

    def take(self, page: Page) -> Page:
        """Return the page with what is new of it, and without `next` where that leads nowhere."""
        items: list[Any] = []
        again: list[Any] = []
        doubled: list[Any] = []
        here: dict[str, Any] = {}
        names = [identify_item(item, self._identify) for item in page.items]
        new = not self._seen.issuperset(names)
        self._nameless += all(name.startswith("=") for name in names)
        if len(set(names)) == len(names) and self._seen.isdisjoint(names):  # as nearly always
            items, here = list(page.items), dict.fromkeys(names)
        for item, name in zip(page.items, names, strict=True) if not items else ():
            if name in here and not name.startswith("="):
                doubled += [item] if item != here[name] else []
            elif name not in self._seen or (new and name.startswith("=")):
                # What has no id may be there twice, unless all of the page was there before.
                items.append(item)
                here[name] = item
            else:
                again.append(item)
        self._seen.update(here)
        going = new and page.next not in self._cursors and self._nameless < _MOST_NAMELESS
        self._cursors.add(page.next)
        self.next = page.next if going else None
        return Page(items, page.has_more, page.after, self.next, tuple(again), tuple(doubled), page.is_told)


def identify_item(item: Any, identify: str) -> str:
    """Return what tells an item from others: its id, or, after "=", all that it holds."""
    if type(item) is dict and type(id_ := item.get(identify)) is str and id_ and "?" not in id_:
        return id_  # as nearly all have
    id_ = write_cursor(item.get(identify)) if isinstance(item, dict) else None
    return id_ or f"={json.dumps(item, sort_keys=True, default=str)}"


async def walk_pages(
    fetch: Callable[[str | None], Awaitable[Page]], after: str | None, identify: str = "id"
) -> AsyncGenerator[Page, None]:
    """Yield page after page until the last, each object once, as a `Trail` leads.

    Where it had to end early, the last page says `has_more` and has no `next`.
    """
    trail = Trail(after, identify=identify)
    while True:
        page = trail.take(await fetch(after))
        yield page
        if page.next is None:
            return
        after = page.next
