"""The list of files: how much they take, and what uses them, read while it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.listeners import combine_ends
from tui.resources.language.cells import short_size
from tui.resources.language.reading.amounts import read_count
from tui.screens.places.listing.filter_words import MANY
from tui.screens.places.listing.screen import ResourceScreen
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.widgets.base.freshness import Parts
    from tui.widgets.table.side import Side

_HUGE = 2**60  # bytes that no file has; what is smaller is added up without a look at its digits


class FilesScreen(ResourceScreen):
    """Lists files."""

    def on_mount(self) -> None:
        """Say how far the reading of what uses files is."""
        self._sums: dict[str, tuple[object, Parts]] = {}  # by side, with what they were summed up from
        self._used_by = {each.platform.account: each.kept.used_by() for each in self.accounts}
        listening = (each.listen(lambda _: self.say()) for each in self._used_by.values())
        self._end_listening: Callable[[], object] = combine_ends(*listening)

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._end_listening()

    def on_screen_resume(self) -> None:
        """Read what uses files."""
        for each in self._used_by.values():
            each.start()

    def on_screen_suspend(self) -> None:
        """Stop reading while hidden."""
        for each in self._used_by.values():
            each.stop()

    def describe_side(self, side: Side) -> Parts:
        """Return how much a side lists, how many bytes that is, and how many of them nothing uses."""
        count, *notes = super().describe_side(side)
        told = {
            account: " · ".join(filter(None, (each.progress or each.as_of, each.unread)))
            for account, each in self._used_by.items()
            if side.account in ("", account)
        }
        unread = " · ".join(
            f"{account}: {words}" if account and not side.account else words
            for account, words in told.items()
            if words
        )
        return [count, *self._describe_sums(side), *notes, *_mark(unread)]

    def _describe_sums(self, side: Side) -> Parts:
        """Return the bytes of the files shown, and the number and bytes of those that nothing uses."""
        view, collection = side.view, side.list_watch.collection
        is_whole = len(view) == len(collection.records)
        state = (collection.version, len(view), "" if is_whole else self.location.filter)
        known = self._sums.get(side.account)
        if known is None or known[0] != state:
            is_changing = side.list_watch.loading_more or view.is_working or self.query_one(Prompt).is_open
            if len(view) > MANY and is_changing:
                return []  # it would be summed up anew with each page, or letter
            total, unused, spare = sum_up([record.raw for record in view.list_records()])
            parts: Parts = [(f" · {short_size(total)}", "")] if view.ids else []
            parts += [(f" · {unused:,} unused, {short_size(spare)}", "dim")] if unused else []
            self._sums[side.account] = known = state, parts
        return known[1]


def sum_up(raws: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """Return the bytes of files, how many nothing uses, and the bytes of those. Without a call for each."""
    spare = [raw for raw in raws if raw.get("used_by") == []]
    return _sum_bytes(raws), len(spare), _sum_bytes(spare)


def _sum_bytes(raws: Sequence[dict[str, Any]]) -> int:
    sizes: list[Any] = [raw.get("bytes") for raw in raws]
    if set(map(type, sizes)) == {int} and min(sizes) >= 0 and max(sizes) < _HUGE:
        return sum(sizes)
    return sum(int(read_count(size) or 0) for size in sizes)


def _mark(words: str) -> Parts:
    return [(f" · {words}", "dim")] if words else []
