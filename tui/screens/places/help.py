"""Help that can be run: every key that works here, searchable, enter does it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.screens.actions.permissions import find_refusal
from tui.screens.places.base import PlaceScreen
from tui.text import clean
from tui.toolkit.controls import Input, LongOption, OptionList
from tui.toolkit.key_names import show_key
from tui.toolkit.text_area import TextArea
from tui.widgets.base.bars import Bar
from tui.widgets.base.tones import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.screen import Screen

# Keys by what their ids begin with; those of other ids work everywhere on the screen.
_GROUPS = {
    "table": "list",
    "list": "list",
    "entries": "text",
    "matrix": "matrix",
    "text": "text",
    "transcript": "text",
}


_ORDER = {"everywhere": 0, "also": 2}
_WIDTH = 76  # cells of the dialog
_AROUND = 6  # of them for its border, padding and scroll bar
_KEYS = 16  # for the names of keys
_BELOW = f"\n{'':{_KEYS + 2}}"  # before what goes on in the next line


class _Entry(NamedTuple):
    keys: str
    words: str
    group: str
    reason: str
    run: Callable[[], object]


class HelpScreen(ModalScreen[None]):
    """Lists actions of the object and keys of the place. What cannot act now says why."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "close", id="help.close"),
        Binding("down", "move(1)", "next", id="help.next", show=False),
        Binding("up", "move(-1)", "previous", id="help.previous", show=False),
        Binding("pagedown", "move(10)", "ten down", id="help.page_down", show=False),
        Binding("pageup", "move(-10)", "ten up", id="help.page_up", show=False),
    ]

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical { width: 76; max-width: 98%; height: 90%; border: round $primary; background: $surface; }
    HelpScreen Input { height: 1; border: none; padding: 0 1; background: $boost; }
    HelpScreen OptionList, HelpScreen OptionList:focus {
        height: 1fr; border: none; padding: 0 1; background: $surface;
    }
    """

    def __init__(self, place: Screen[Any], *, only_actions: bool = False) -> None:
        super().__init__()
        self._place = place
        actions = self._actions(place) if isinstance(place, PlaceScreen) else []
        self._entries = actions if only_actions else [*actions, *self._keys()]
        self._shown: list[_Entry] = []

    def compose(self) -> ComposeResult:
        """Yield a line to search with, and the keys."""
        with Vertical():
            yield Input(placeholder="type to search · enter runs", compact=True)
            yield OptionList()
            yield Bar()

    def on_mount(self) -> None:
        """Show everything."""
        ways = ": goes to a resource or an id · / filters · " if isinstance(self._place, PlaceScreen) else ""
        self.query_one(Bar).show([(f" {ways}the README has more", "dim")])
        self.set_focus(self.query_one(Input))
        self._show("")

    def _actions(self, place: PlaceScreen) -> list[_Entry]:
        entries = []
        for action in place.resource.actions:
            record = None if action.on == "list" else place.record
            reason = find_refusal(action, record, place.platform) or ""
            run = partial(place.perform, action)
            entries.append(_Entry(show_key(place, action.key), action.label, place.resource.name, reason, run))
        for child in place.resource.children:
            reason = "" if place.record else "there is nothing under the cursor"
            run = partial(place.open_child, child.resource)
            entries.append(_Entry(show_key(place, child.key), child.resource, place.resource.name, reason, run))
        return entries

    def _keys(self) -> list[_Entry]:
        entries: dict[str, _Entry] = {}
        place = self._place
        for key, active in place.active_bindings.items():
            binding = active.binding
            if not binding.description or binding.system:
                continue
            if isinstance(place, PlaceScreen) and binding.action.startswith("act("):
                continue  # listed as what it does to the object
            if isinstance(active.node, Input | TextArea):
                continue  # how to edit a text everybody knows
            # Of a binding with several keys each by its own name.
            shown = place.app.get_key_display(replace(binding, key=key, key_display=None))
            name = f"{binding.action}@{id(active.node)}"
            if name in entries:
                entries[name] = entries[name]._replace(keys=f"{entries[name].keys} {shown}")
                continue
            # What has no id comes with Textual.
            group = _GROUPS.get(binding.id.partition(".")[0], "everywhere") if binding.id else "also"

            def run(action: str = binding.action, node: object = active.node) -> None:
                place.app.call_later(place.app.run_action, action, node)

            entries[name] = _Entry(shown, binding.description.lower(), group, "", run)
        # What works everywhere is worth knowing before how to move.
        return sorted(entries.values(), key=lambda entry: _ORDER.get(entry.group, 1))

    def _show(self, wanted: str) -> None:
        words = wanted.lower().split()
        self._shown = [
            entry
            for entry in self._entries
            if all(word in f"{entry.keys} {entry.words} {entry.group}" for word in words)
        ]
        options = self.query_one(OptionList)
        width = min(_WIDTH, self.app.size.width * 98 // 100) - _AROUND
        room = max(20, width - len(_BELOW) + 1)
        options.clear_options()
        for entry in self._shown:
            reason = f"  {clean(entry.reason)}" if entry.reason else ""
            said = Content.assemble(
                (f"{clean(entry.words)}", STYLES["dim"] if reason else ""),
                (reason, "$text-warning"),
                (f"  {entry.group}", STYLES["dim"]),
            )
            keys = (f"{entry.keys:>{_KEYS}}  ", "bold $text-accent" if not reason else STYLES["dim"])
            first, *rest = said.wrap(room)  # what goes on below stands below the words, not below the key
            label = Content.assemble(keys, first, *(part for each in rest for part in (_BELOW, each)))
            options.add_option(LongOption(label))
        if self._shown:
            options.highlighted = 0

    def action_move(self, by: int) -> None:
        """Move the choice."""
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = max(0, min(len(self._shown) - 1, (options.highlighted or 0) + by))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is None or index >= len(self._shown):
            return
        entry = self._shown[index]
        if entry.reason:
            self.notify(f"Not now: {clean(entry.reason)}.", markup=False)
            return
        self.dismiss(None)
        entry.run()
