"""What a task was not done to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.export import write_csv_line, write_text
from tui.resources.tasks import gather_alike
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.viewer import Viewer
from tui.text import clean
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.live.tasks.tasks import Task


class Outcome(Viewer):
    """Lists each object that a task was not done to, with the reason."""

    BINDINGS = [Binding("ctrl+s", "save", "save as CSV", id="outcome.save")]

    def __init__(self, task: Task) -> None:
        self._what, self._rows = task.what, task.failures()
        view = TextView(MemoryLines(list(self._list_lines())), empty="It was done to every object.", wrapped=True)
        super().__init__(task.what, view, note=f"{task.result} ctrl+s saves as CSV".strip())

    def _list_lines(self) -> Iterator[str]:
        """Yield a line for each object; a reason that many have stands above them, once."""
        widths = [max((len(row[part]) for row in self._rows), default=0) for part in (0, 1)]
        for ids, state, reason in gather_alike(self._rows):
            if len(ids) == 1:
                yield f"{ids[0]:<{widths[0]}}  {state:<{widths[1]}}  {reason}"
            else:
                yield f"{len(ids):,} {state}: {reason}"
                yield from (f"  {id_}" for id_ in ids)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the list to a file."""
        name = await self.app.push_screen_wait(
            Ask("Save what was not done to (.csv)", f"{self._what.replace(' ', '-')}.csv")
        )
        if name:
            self.app.notify(clean(write_text(Path(name), self._csv())), markup=False)

    def _csv(self) -> Iterator[str]:
        for row in (("id", "state", "reason"), *self._rows):
            yield write_csv_line(row)
