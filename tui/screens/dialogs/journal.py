"""The journal of `:journal`: every write made from this machine, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import stamp
from tui.resources.language.reading.times import unix_time
from tui.screens.dialogs.viewer import Viewer
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADS = f"{'TIME':{len(stamp(0))}}  {'OUTCOME':<8}{'CODE':<5}{'METHOD':<7}PATH, PROFILE AND REQUEST ID"
NOTHING = "Nothing was written from this machine yet."


class JournalScreen(Viewer):
    """The writes, oldest first; enter opens one with all that is kept of it."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._entries = entries
        view = TextView(MemoryLines([format_entry(entry) for entry in entries]), empty=NOTHING)
        super().__init__(
            "journal", view, note="writes of this machine, oldest first", heads=HEADS if entries else ""
        )

    def value_of(self, line: TextView.LineChosen) -> object:
        """Return a write as it is kept, with the ids of what it was done to, and its time as people read it."""
        entry = self._entries[line.number - 1]
        at = unix_time(entry.get("time"))
        return entry if at is None else {**entry, "time": stamp(at)}


def format_entry(entry: Mapping[str, Any]) -> str:
    """Return a write in the journal as one line.

    Anybody may write to the file: a value of another kind is shown as it is.
    """
    texts = {name: "" if value is None else str(value) for name, value in entry.items()}
    at = unix_time(entry.get("time"))
    return (
        f"{stamp(at) if at is not None else '·'}  {texts['outcome']:<8}{texts.get('status', ''):<5}"
        f"{texts.get('method', ''):<7}{texts.get('path', '')}  {texts.get('profile', '')}  "
        f"{texts.get('request_id', '')}"
    )
