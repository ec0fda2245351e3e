"""What a side of a list takes over from the sides that were there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.live.combined.rows import split_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.live.lists.view import View
    from tui.widgets.table.side import Side


def take_over(side: Side, views: Sequence[View]) -> None:
    """Have a side show what views showed, as far as it is of its account."""

    def find_own_keys(keys: set[str]) -> set[str]:
        return {key for key in keys if side.account in ("", split_key(key)[0])}

    view = side.view
    view.marks = find_own_keys(set().union(*(each.marks for each in views)))
    view.news = find_own_keys(set().union(*(each.news for each in views)))
    view.attention_only = views[0].attention_only
    view.set_query(views[0].query)
