"""The list of a child in a tab of the detail: live, to look at; its keys work where it stands by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui.live.lists.view import View
from tui.widgets.base.tones import build_line
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch


class ChildList(Vertical):
    """Shows what a watch holds, or why that is nothing. The list of the screen hears nothing of it."""

    DEFAULT_CSS = """
    ChildList .blank { height: 1fr; padding: 1 2; display: none; }
    ChildList.-empty LiveTable { height: 1; }
    ChildList.-empty .blank { display: block; }
    """

    @dataclass
    class Chosen(Message):
        """An object was chosen, or where there is none the list itself."""

        child: str
        id: str | None

    def __init__(self) -> None:
        super().__init__()
        self._watch: Watch | None = None

    def compose(self) -> ComposeResult:
        """Yield the rows, and the text that stands there when there are none."""
        yield LiveTable()
        yield Static(classes="blank")

    def follow(self, watch: Watch, platform: Platform) -> Callable[[], None]:
        """Show what a watch holds, and keep it fresh. Returns what ends that."""
        table = self.query_one(LiveTable)
        self._watch = watch
        table.show(View(watch.collection, clock=platform.now, name=platform.names.of))

        def apply(delta: Delta) -> None:
            table.apply(delta)
            self._say_why_empty(watch)

        let_go = watch.subscribe(apply, lambda _: self._say_why_empty(watch))
        self._say_why_empty(watch)
        watch.start()

        def end() -> None:
            let_go()
            watch.stop()

        return end

    def _say_why_empty(self, watch: Watch) -> None:
        health, resource = watch.health, watch.collection.resource
        self.set_class(not watch.collection.records, "-empty")
        if health.error:
            words = [(f"{health.error}", "bad")]
        elif health.state == "loading":
            words = [("Loading…", "dim")]
        else:
            words = [(resource.empty_sentence, ""), (" Enter here opens the list.", "dim")]
        self.query_one(".blank", Static).update(build_line(words))

    def on_live_table_selected(self, event: LiveTable.Selected) -> None:
        """Open the object, or the list where it is empty."""
        event.stop()
        if self._watch:
            self.post_message(self.Chosen(self._watch.collection.resource.name, event.id))

    def on_live_table_near_end(self, event: LiveTable.NearEnd) -> None:
        """Load the next page before it is needed."""
        event.stop()
        if self._watch and not self._watch.collection.complete and not self._watch.loading_more:
            self._load_more(self._watch)

    @work(group="more", exclusive=True, exit_on_error=False)
    async def _load_more(self, watch: Watch) -> None:
        await watch.load_more()

    def on_live_table_highlighted(self, event: LiveTable.Highlighted) -> None:
        """Stop here: nothing follows this cursor."""
        event.stop()

    def on_live_table_marks_changed(self, event: LiveTable.MarksChanged) -> None:
        """Stop here: nothing counts these marks."""
        event.stop()

    def on_live_table_sorted(self, event: LiveTable.Sorted) -> None:
        """Stop here: nothing remembers this order."""
        event.stop()
