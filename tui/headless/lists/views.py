"""Lists as the config says they are shown, without a screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.config.settings import OwnView
from tui.live.lists.query import expand_saved

if TYPE_CHECKING:
    from tui.config.settings import Config
    from tui.headless.lists.selection import Selection
    from tui.resources.language.resource import Resource


def use_config(selection: Selection, resource: Resource, config: Config, *, as_shown: bool) -> Selection:
    """Return what is asked of a list, with the saved filters it names.

    `as_shown` has it filtered, sorted and with the columns as the user's view of the list, where it does not say
    so itself. What needs its owner comes first on the screen only, where that is known.
    """
    own = OwnView()
    if as_shown:
        names = (resource.name, *resource.aliases)
        own = next((view for name, view in config.views.items() if name.lower() in names), own)
    return replace(
        selection,
        filter=expand_saved(selection.filter or own.filter, config.filters),
        sort=selection.sort or ("" if own.sort.removeprefix("-") == "needs" else own.sort),
        columns=selection.columns or own.columns,
    )
