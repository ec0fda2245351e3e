"""An action on many objects, followed while the rest of the screen goes on, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding

from tui.export import csv_line, write_text
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.viewer import Viewer
from tui.text import clean
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App

    from tui.live.bulk import Bulk

PACE = 0.2  # seconds between looks at how far it is


async def follow_bulk(
    app: App[Any], bulk: Bulk, say: Callable[[str, bool], None], show: Callable[[], bool]
) -> None:
    """Do it to the end, the screen telling how far it is; then tell what became of it, with a list if need be.

    `show` has the place that is shown tell how far it is; it returns whether a place is shown.
    """

    timer = app.set_interval(PACE, show)
    try:
        await bulk.run()
    finally:
        timer.stop()
        bulk.over = True
        place_shown = show()
    verb = bulk.action.label.capitalize()
    if bulk.whole:
        say(f"{verb}: {bulk.summary}", False)
        return
    say(f"{verb}: {bulk.summary} :outcome lists them.", True)
    if place_shown:
        await app.push_screen(BulkOutcome(bulk))


class BulkOutcome(Viewer):
    """Lists each object that an action was not done to, with the reason."""

    BINDINGS = [Binding("ctrl+s", "save", "save as CSV", id="outcome.save")]

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk
        rows = list(bulk.rows())
        widths = [max((len(row[part]) for row in rows), default=0) for part in (0, 1)]
        lines = [f"{id_:<{widths[0]}}  {state:<{widths[1]}}  {reason}" for id_, state, reason in rows]
        view = TextView(MemoryLines(lines), empty="It was done to every object.", wrapped=True)
        super().__init__(f"{bulk.action.label} {bulk.resource.name}", view, note=f"{bulk.summary} ^s saves as CSV")

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the list to a file."""
        name = await self.app.push_screen_wait(
            Ask("Save what was not done to (.csv)", f"{self._bulk.action.name}-{self._bulk.resource.name}.csv")
        )
        if name:
            self.app.notify(clean(write_text(Path(name), self._csv())), markup=False)

    def _csv(self) -> Iterator[str]:
        for row in (("id", "state", "reason"), *self._bulk.rows()):
            yield csv_line(row)
