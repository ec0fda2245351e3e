"""A JSON value, pretty and foldable."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message

from tui.resources.language.cells import stamp
from tui.resources.language.reading.amounts import dump_json
from tui.resources.language.reading.times import unix_time
from tui.text import clean, clean_lines
from tui.widgets.text.json_tree import NodeLines, Path, Step, format_scalar, identity_of, nodes_of
from tui.widgets.text.line_view import LineView
from tui.widgets.text.painted import Painted, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.widgets.text.lines import LineSource

CUT = 200  # characters of a string shown until it is opened
OPENED = 100_000  # characters of a string shown once it is

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SIGNS: dict[type, tuple[str, str]] = {dict: ("{", "}"), list: ("[", "]")}
_FIRST = 1e9  # unix seconds; what is less is more likely a length of time


class JsonView(LineView):
    """Shows a JSON value: folds, the path of the cursor, ids that can be followed, long strings that open."""

    BINDINGS = [
        Binding("left", "fold", "fold", id="json.fold"),
        Binding("right", "unfold", "unfold", id="json.unfold"),
        Binding("enter", "choose", "follow, fold or open", id="json.open"),
    ]

    @dataclass
    class PathChanged(Message):
        """The cursor stands on `path`, such as `$.request_counts.failed`. It is clean text."""

        view: JsonView
        path: str

        def can_replace(self, message: Message) -> bool:
            """Let the latest path replace earlier ones."""
            return isinstance(message, JsonView.PathChanged)

    @dataclass
    class Follow(Message):
        """The user wants to see the object with this id. It is raw."""

        view: JsonView
        id: str

    def __init__(
        self,
        value: object = None,
        *,
        is_id: Callable[[str], bool] = lambda _: False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = True,
    ) -> None:
        """`is_id` tells which strings are ids of objects that can be followed."""
        super().__init__(id=id, classes=classes, wrapped=wrapped)
        self._is_id = is_id
        self._value = value
        self._tree = nodes_of(value)
        self._folded: set[int] = set()
        self._opened: set[int] = set()
        self._rows_shown: list[tuple[int, int]] = []  # node, and the line of an opened string or -1
        self._arrange()

    def show(self, value: object) -> None:
        """Show `value`. If its `id` says that it is the same object as before, cursor and folds stay."""
        if value == self._value and type(value) is type(self._value):
            return
        old, same = self._tree, identity_of(value) == identity_of(self._value)
        folded = {self._path(node) for node in self._folded}
        opened = {self._path(node) for node in self._opened}
        place, above = self._path(self._node()), self.cursor - self.top
        closes = bool(old) and old[self._node()].closes
        self._value, self._tree = value, nodes_of(value)
        self._folded, self._opened = set(), set()
        row = 0
        if same:
            kept = folded | opened | {place}
            at = {path: node for node, path in self._walk() if path in kept}
            self._folded = {at[path] for path in folded if path in at}
            self._opened = {at[path] for path in opened if path in at}
            self._arrange()
            node = at.get(place, 0)
            row = self.row_of(self._tree[node].end if closes else node)
        else:
            self._arrange()
        self.refresh_rows()
        self.scroll_top(row - above if same else 0)
        self.move_to(row)
        self.search_again()
        self._say_path()

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the rows concerned and post the path."""
        super().watch_cursor(old, new)
        self._say_path()

    @property
    def path(self) -> str:
        """The path of the cursor: `$.request_counts.failed`."""
        path = "$"
        for step in self._path(self._node()):
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += f".{step}" if _PLAIN_KEY.fullmatch(step) else f"[{json.dumps(step)}]"
        return clean(path)

    def _say_path(self) -> None:
        self.post_message(self.PathChanged(self, self.path))

    # Folding.

    def action_fold(self) -> None:
        """Fold what the cursor stands on, or go up to what holds it."""
        node = self._node()
        if node in self._opened:
            self._toggle(self._opened, node)
        elif self._tree[node].opens and node not in self._folded:
            self._toggle(self._folded, node)
        elif self._tree[node].parent >= 0:
            self.move_to(self.row_of(self._tree[node].parent))

    def action_unfold(self) -> None:
        """Unfold what the cursor stands on, or go into it."""
        node = self._node()
        if node in self._folded:
            self._toggle(self._folded, node)
        elif self._is_long(node) and node not in self._opened:
            self._toggle(self._opened, node)
        elif self._tree[node].opens:
            self.action_move(1)

    def action_choose(self) -> None:
        """Follow an id, fold or unfold, open or close a long string."""
        node = self._node()
        value = self._tree[node].value
        if isinstance(value, str) and self._is_id(value):
            self.post_message(self.Follow(self, value))
        elif self._tree[node].closes:
            self._toggle(self._folded, self._tree[node].parent)
        elif self._tree[node].opens:
            self._toggle(self._folded, node)
        elif self._is_long(node):
            self._toggle(self._opened, node)

    def _toggle(self, which: set[int], node: int) -> None:
        which.symmetric_difference_update({node})
        self._arrange()
        self.refresh_rows()
        self.move_to(self.row_of(node))

    def _arrange(self) -> None:
        """List the rows: folded ones are left out, an opened string takes several."""
        rows: list[tuple[int, int]] = []
        node = 0
        while node < len(self._tree):
            rows.append((node, -1))
            if node in self._opened:
                rows += [(node, line) for line in range(len(self._list_opened_lines(node)))]
            node = self._tree[node].end + 1 if node in self._folded else node + 1
        self._rows_shown = rows

    def _node(self) -> int:
        return self._rows_shown[min(self.cursor, len(self._rows_shown) - 1)][0]

    def _path(self, node: int) -> Path:
        steps: list[Step] = []
        while node > 0:
            held = self._tree[node]
            if held.step is not None:
                steps.append(held.step)
            node = held.parent
        return tuple(reversed(steps))

    def _walk(self) -> Iterator[tuple[int, Path]]:
        """Yield all nodes but closing ones, with their paths."""
        path: list[Step] = []
        for index, node in enumerate(self._tree):
            if not node.closes:
                del path[max(0, node.depth - 1) :]
                if node.step is not None:
                    path.append(node.step)
                yield index, tuple(path)

    # Searching: all nodes, folded or not.

    def searchable(self) -> LineSource:
        """Return every line of the value, strings whole."""
        return NodeLines(self._tree)

    def row_of(self, unit: int) -> int:
        """Return the row of a node, unfolded; a string is opened when the match lies past the cut."""
        hiding = self._tree[unit].parent
        hidden = set()
        while hiding >= 0:
            hidden.add(hiding)
            hiding = self._tree[hiding].parent
        pattern = self.pattern
        deep = pattern is not None and self._is_long(unit) and not pattern.search(self._paint_node(unit).text)
        if hidden & self._folded or (deep and unit not in self._opened):
            self._folded -= hidden
            self._opened |= {unit} if deep else set()
            self._arrange()
            self.refresh_rows()
        return bisect_left(self._rows_shown, (unit, -1))

    def unit_of(self, row: int) -> int:
        """Return the node a row shows."""
        return self._rows_shown[row][0]

    # How rows look.

    def count(self) -> int:
        """Return the number of rows that are not folded away."""
        return len(self._rows_shown)

    def raw(self, row: int) -> str:
        """Return the value: a string as it is, anything else as JSON."""
        value = self._tree[self._rows_shown[row][0]].value
        return value if isinstance(value, str) else dump_json(value, indent=2, ensure_ascii=False)

    def prefix(self, row: int) -> str:
        """Return the sign of a row that can be folded or unfolded."""
        node, line = self._rows_shown[row]
        if line >= 0 or not self._tree[node].opens:
            return "  "
        return "▸ " if node in self._folded else "▾ "

    def paint(self, row: int) -> Painted:
        """Return a node, or a line of an opened string."""
        node, line = self._rows_shown[row]
        if line < 0:
            return self._paint_node(node)
        indent = 2 * self._tree[node].depth + 2
        text = " " * indent + self._list_opened_lines(node)[line]
        return Painted(text, [(indent, len(text), "string")], indent)

    def _paint_node(self, index: int) -> Painted:
        """Return the line of a node: its key, its value, and what folds it."""
        node = self._tree[index]
        spans: list[Span] = []
        text = "  " * node.depth

        def add(piece: str, tone: str = "") -> None:
            nonlocal text
            spans.append((len(text), len(text) + len(piece), tone))
            text += piece

        if isinstance(node.step, str):
            add(clean(json.dumps(node.step, ensure_ascii=False), limit=CUT), "key")
            add(": ")
        value, comma = node.value, "" if node.last else ","
        if isinstance(value, dict | list):
            opening, closing = _SIGNS[type(value)]
            if node.closes:
                add(closing + comma)
            elif index in self._folded:
                add(f"{opening} … {closing}{comma}")
                unit = "key" if isinstance(value, dict) else "item"
                add(f" {len(value):,} {unit}{'' if len(value) == 1 else 's'}", "dim")
            else:
                add(opening if value else opening + closing + comma)
        elif isinstance(value, str):
            self._add_string(add, index, value, comma)
        else:
            add(
                format_scalar(value),
                "word" if value is None or isinstance(value, bool) else "number",
            )
            add(comma)
            if when := _read_time(node.step, value):
                add(f"  {when}", "dim")
        return Painted(text, spans, 2 * node.depth + 2)

    def _add_string(self, add: Callable[[str, str], None], index: int, value: str, comma: str) -> None:
        tone = "accent" if self._is_id(value) else "string"
        if index in self._opened:
            add(f"▾ {len(value):,} characters", "dim")
        elif self._is_long(index):
            add(clean(json.dumps(value[:CUT], ensure_ascii=False)[:-1], limit=sys.maxsize), tone)
            more = (
                f"{len(value) - CUT:,} more"
                if len(value) > CUT
                else f"{len(self._list_opened_lines(index))} lines"
            )
            add(f"… ▸ {more}", "dim")
        else:
            add(clean(dump_json(value, ensure_ascii=False), limit=sys.maxsize), tone)
            add(comma, "")

    def _is_long(self, node: int) -> bool:
        value = self._tree[node].value
        return isinstance(value, str) and (len(value) > CUT or "\n" in value.rstrip("\n"))

    def _list_opened_lines(self, node: int) -> list[str]:
        return clean_lines(str(self._tree[node].value), limit=OPENED)


def _read_time(step: Step | None, value: object) -> str:
    """Return when a number is that its key calls a time, as people read it; "" for any other."""
    is_time = isinstance(step, str) and (step.endswith(("_at", "_time", "_finish")) or step == "created")
    at = unix_time(value) if is_time and not isinstance(value, bool) else None
    return stamp(at) if at is not None and at >= _FIRST else ""
