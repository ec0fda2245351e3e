"""The objects of a list, gathered from its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.paging.pages import identify_item

if TYPE_CHECKING:
    from tui.api.paging.pages import Page


class Gathered:
    """The objects of a list as its pages brought them: each once, as it was told last."""

    def __init__(self, identify: str = "id") -> None:
        self.items: list[Any] = []
        self.doubled: list[Any] = []
        """Objects with the id of another of the same page, and other contents."""
        self.cut = False
        """Whether the list goes on and there is no way to the rest of it."""
        self.is_odd = False
        """Whether something may be in it that cannot be read."""
        self._identify = identify
        self._places: dict[str, int] = {}

    def take(self, page: Page) -> None:
        """Take in the next page, as a `Trail` gives it."""
        for item in page.items:
            self._places[identify_item(item, self._identify)] = len(self.items)
            self.items.append(item)
        for item in page.again:
            if (place := self._places.get(identify_item(item, self._identify))) is not None:
                self.items[place] = item
        self.doubled += page.doubled
        self.cut = page.cut
        self.is_odd = self.is_odd or page.is_odd
