"""Help that can be run: every key that works here, searchable, enter does it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.resources.language.resource import title_of
from tui.screens.places.base import PlaceScreen
from tui.text import cell_width, clean
from tui.toolkit.controls import Input, LongOption, OptionList
from tui.toolkit.keys.key_names import show_key
from tui.toolkit.text_area import TextArea
from tui.widgets.base.bars import Bar
from tui.widgets.base.tones import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

# Groups of keys, by what the ids of their bindings begin with. Other keys of a screen are about what it shows,
# those of a part of it about how that is seen.
HERE, LIST, VIEW, GO = "here", "list and text", "view", "go"
_GROUPS = {
    **dict.fromkeys(("table", "list", "entries", "matrix", "text", "transcript", "json", "events"), LIST),
    **dict.fromkeys(("detail", "home", "live", "usage", "audit"), VIEW),
    **dict.fromkeys(("go", "app"), GO),
}
_HERE = {"go.used_by", "go.into", "detail.describe", "detail.json"}  # which are about the row, too
# Actions that several keys do, each a little differently: they stand in one line.
_SERIES = {"go.place": ("1 … 0", "your places")}
_COLUMN = 38  # fewest cells of a column of groups
_WIDEST = 90  # most, and what the keys of an object alone have
_KEYS = 9  # of them for the names of keys
_AROUND = 4  # for what is around the words
_BORDER = 4  # cells around all columns
_BELOW = f"\n{'':{_KEYS + 1}}"  # before what goes on in the next line


class _Entry(NamedTuple):
    keys: str
    words: str
    group: str
    reason: str
    run: Callable[[], object]


class _Group(OptionList):
    """The keys of a group, under its name."""

    can_focus = False  # keys go to the line above


class HelpScreen(ModalScreen[None]):
    """Lists actions of the object and keys of the place, in groups. What cannot act now says why."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "close", id="help.close"),
        Binding("down", "move(1)", "next", id="help.next", show=False),
        Binding("up", "move(-1)", "previous", id="help.previous", show=False),
        Binding("pagedown", "move(10)", "ten down", id="help.page_down", show=False),
        Binding("pageup", "move(-10)", "ten up", id="help.page_up", show=False),
        # With priority over the line above, while there is nothing in it to move in.
        Binding("right", "beside(1)", "next column", id="help.right", show=False, priority=True),
        Binding("left", "beside(-1)", "previous column", id="help.left", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        height: auto; max-height: 96%; border: round $primary; background: $surface;
    }
    HelpScreen Input { height: 1; border: none; padding: 0 1; background: $boost; }
    HelpScreen #columns { height: auto; }
    HelpScreen Horizontal { height: auto; }
    HelpScreen Horizontal > Vertical { height: auto; }
    HelpScreen .heading { height: 1; padding: 0 1; color: $text-accent; text-style: bold; }
    HelpScreen OptionList, HelpScreen OptionList:focus {
        height: auto; max-height: 400; border: none; padding: 0 1; background: $surface;
    }
    """

    def __init__(self, place: Screen[Any], *, only_actions: bool = False) -> None:
        super().__init__()
        self._place = place
        entries = [*(self._actions(place) if isinstance(place, PlaceScreen) else []), *self._keys()]
        groups = (HERE,) if only_actions else (HERE, GO, VIEW, LIST)
        self._entries = {name: found for name in groups if (found := [e for e in entries if e.group == name])}
        self._shown: dict[str, list[_Entry]] = {}
        self._columns: list[list[str]] = []  # the groups of each column ...
        self._widths: list[int] = []  # ... and its cells

    def compose(self) -> ComposeResult:
        """Yield a line to search with, and the keys in columns."""
        size = self.app.size
        self._columns, self._widths = self._lay_out()
        with Vertical() as box:
            box.border_title = self._title()
            box.styles.width = max(min(64, size.width * 98 // 100), sum(self._widths) + _BORDER)
            height = size.height * 96 // 100 - 4  # without the line to search with, the last line and the border
            yield Input(placeholder="type to search · enter runs", compact=True)
            with VerticalScroll(id="columns") as columns, Horizontal():
                columns.styles.max_height = max(3, height)
                for names, width in zip(self._columns, self._widths, strict=True):
                    with Vertical() as column:
                        column.styles.width = width
                        for name in names:
                            yield Static(
                                self._build_heading(name), classes="heading", id=f"heading-{_GROUP_IDS[name]}"
                            )
                            yield _Group(id=_GROUP_IDS[name])
            yield Bar()

    def on_mount(self) -> None:
        """Show everything."""
        self._begin()

    async def on_resize(self) -> None:
        """Stand in as many columns as fit now, as wide as they can be."""
        if self._columns and (self._columns, self._widths) != self._lay_out():
            await self.recompose()
            self._begin()

    @property
    def _fitting(self) -> int:
        """How many columns have room."""
        return max(1, min(len(self._entries), self.app.size.width // _COLUMN))

    def _lay_out(self) -> tuple[list[list[str]], list[int]]:
        """Return the groups of each column, and its cells."""
        columns = _fill_columns(self._entries, self._fitting)
        needs = [max(_measure(entry) for name in names for entry in self._entries[name]) for names in columns]
        return columns, _share_width(needs, self.app.size.width * 98 // 100 - _BORDER)

    def _begin(self) -> None:
        with_ways = isinstance(self._place, PlaceScreen) and len(self._entries) > 1  # the actions alone are narrow
        ways = ": goes to a resource or an id · / filters · " if with_ways else ""
        self.query_one(Bar).show([(f" {ways}the README has more", "dim")])
        self.set_focus(self.query_one(Input))
        self._show("")

    def _title(self) -> str:
        """Return what keys act on, by its name."""
        place = self._place
        if not isinstance(place, PlaceScreen) or place.record is None:
            return "keys"
        name = title_of(place.resource, place.record) or place.record.id
        return clean(f"{place.resource.singular} {name}", 60).replace("[", "\\[")

    def _build_heading(self, group: str) -> Content:
        """Return the name of a group; that of what keys act on says what it is."""
        place = self._place
        about = place.resource.singular if isinstance(place, PlaceScreen) and group == HERE else ""
        return Content(clean(f"this {about}" if about else group).upper())

    def _actions(self, place: PlaceScreen) -> list[_Entry]:
        entries = []
        for action in place.resource.actions:
            reason = place.find_obstacle(action) or ""
            run = partial(place.perform, action)
            entries.append(_Entry(show_key(place, action.key), action.label, HERE, reason, run))
        for child in place.resource.children:
            reason = "" if place.record else "there is nothing under the cursor"
            run = partial(place.open_child, child.resource)
            entries.append(_Entry(show_key(place, child.key), child.resource, HERE, reason, run))
        for own in place.own_commands():
            run_own = partial(place.run_own_command, own)
            entries.append(_Entry(own.key, own.name, HERE, place.own_refusal(own), run_own))
        return entries

    def _keys(self) -> list[_Entry]:
        """Return the keys that work in the place, those of the same action in one entry."""
        entries: dict[str, _Entry] = {}
        place = self._place
        for key, active in place.active_bindings.items():
            binding = active.binding
            if not binding.description or binding.system:
                continue
            if isinstance(place, PlaceScreen) and binding.action.startswith("act("):
                continue  # listed as what it does to the object
            if isinstance(place, PlaceScreen) and place.resource.action(binding.action):
                continue  # so is this, as it does what the resource has of that name
            if isinstance(active.node, Input | TextArea):
                continue  # how to edit a text everybody knows
            # Of a binding with several keys each by its own name.
            shown = place.app.get_key_display(replace(binding, key=key, key_display=None))
            words, name = binding.description.lower(), f"{binding.action}@{id(active.node)}"
            if series := _SERIES.get((binding.id or "").rpartition("_")[0]):
                shown, words = series
                entries.pop(name := words, None)
            if name in entries:
                entries[name] = entries[name]._replace(keys=f"{entries[name].keys} {shown}")
                continue
            if not binding.id:
                continue  # Textual's own, such as copying a selection
            own = HERE if isinstance(active.node, Screen) else VIEW
            group = _GROUPS.get(binding.id.partition(".")[0], own)
            group = HERE if binding.id in _HERE else group

            def run(action: str = binding.action, node: object = active.node) -> None:
                place.app.call_later(place.app.run_action, action, node)

            entries[name] = _Entry(shown, words, group, "", run)
        return list(entries.values())

    def _show(self, wanted: str) -> None:
        """Show the keys that hold these words, and put the choice on the first."""
        words = wanted.lower().split()
        for name, entries in self._entries.items():
            found = [
                entry for entry in entries if all(word in f"{entry.keys} {entry.words} {name}" for word in words)
            ]
            self._shown[name] = found
            options = self._list_of(name)
            options.display = self.query_one(f"#heading-{_GROUP_IDS[name]}").display = bool(found)
            options.clear_options()
            column = next(at for at, names in enumerate(self._columns) if name in names)
            room = max(20, self._widths[column] - _AROUND - len(_BELOW) + 1)
            for entry in found:
                options.add_option(LongOption(_draw(entry, room)))
        self._choose(next((name for name in self._entries if self._shown[name]), None), 0)

    def _list_of(self, name: str) -> _Group:
        return self.query_one(f"#{_GROUP_IDS[name]}", _Group)

    def _choose(self, name: str | None, at: int) -> None:
        """Put the choice on one key; no other group has one."""
        for each in self._entries:
            options = self._list_of(each)
            options.highlighted = max(0, min(at, len(self._shown[each]) - 1)) if each == name else None
            if each == name:
                options.scroll_to_highlight()
                self.query_one("#columns").scroll_to_widget(options, animate=False)

    @property
    def _chosen(self) -> tuple[str, int] | None:
        """The group that has the choice, and where in it."""
        found = ((name, self._list_of(name).highlighted) for name in self._entries)
        return next(((name, at) for name, at in found if at is not None and self._shown[name]), None)

    def action_move(self, by: int) -> None:
        """Move the choice within its column."""
        if (chosen := self._chosen) is None:
            return
        column = next(names for names in self._columns if chosen[0] in names)
        flat = [(name, at) for name in column for at in range(len(self._shown[name]))]
        self._choose(*flat[max(0, min(flat.index(chosen) + by, len(flat) - 1))])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the cursor keys to what is typed, if there is something."""
        if action == "beside" and self.query(Input) and self.query_one(Input).value:
            return False
        return super().check_action(action, parameters)

    def action_beside(self, by: int) -> None:
        """Move the choice to the next column, about as far down."""
        if (chosen := self._chosen) is None:
            return
        columns = [[name for name in names if self._shown[name]] for names in self._columns]
        columns = [names for names in columns if names]
        here = next(at for at, names in enumerate(columns) if chosen[0] in names)
        down = sum(len(self._shown[name]) for name in columns[here][: columns[here].index(chosen[0])]) + chosen[1]
        for name in columns[(here + by) % len(columns)]:
            last = name, min(down, len(self._shown[name]) - 1)
            if down < len(self._shown[name]):
                break
            down -= len(self._shown[name])
        self._choose(*last)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        name = next(name for name, id_ in _GROUP_IDS.items() if id_ == event.option_list.id)
        self._run(self._shown[name][event.option_index])

    @on(Input.Submitted)
    def _entered(self) -> None:
        if chosen := self._chosen:
            self._run(self._shown[chosen[0]][chosen[1]])

    def _run(self, entry: _Entry) -> None:
        if entry.reason:
            self.notify(f"Not now: {clean(entry.reason)}.", markup=False)
            return
        self.dismiss(None)
        entry.run()


_GROUP_IDS = {HERE: "row", LIST: "list", VIEW: "view", GO: "go"}


def _fill_columns(groups: Mapping[str, Sequence[_Entry]], count: int) -> list[list[str]]:
    """Return the groups by column, in so many columns of about the same height."""
    columns: list[list[str]] = [[] for _ in range(count)]
    heights = [0] * count
    for name, entries in groups.items():
        shortest = heights.index(min(heights))
        columns[shortest].append(name)
        heights[shortest] += len(entries) + 1
    return columns


def _measure(entry: _Entry) -> int:
    """Return the cells of a column that shows a key with what it does in one line, as far as it may be so wide."""
    reason = f"  {clean(entry.reason)}" if entry.reason else ""
    return min(_WIDEST, len(_BELOW) - 1 + cell_width(clean(entry.words) + reason) + _AROUND)


def _share_width(needs: Sequence[int], room: int) -> list[int]:
    """Return the cells of each column: what it needs; where there is less, no more than the others leave."""
    widths = list(needs)
    left = room
    for place, at in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        widths[at] = min(needs[at], left // (len(needs) - place))
        left -= widths[at]
    return widths


def _draw(entry: _Entry, room: int) -> Content:
    """Return a key with what it does in lines of so many cells: what goes on stands below the words."""
    reason = f"  {clean(entry.reason)}" if entry.reason else ""
    said = Content.assemble((clean(entry.words), STYLES["dim"] if reason else ""), (reason, "$text-warning"))
    shown = entry.keys if cell_width(entry.keys) <= _KEYS else entry.keys.split()[0]
    keys = (f"{shown:>{_KEYS}} ", "bold $text-accent" if not reason else STYLES["dim"])
    first, *rest = said.wrap(room)
    return Content.assemble(keys, first, *(part for each in rest for part in (_BELOW, each)))
