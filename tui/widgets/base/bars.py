"""The single lines at the edges of a screen. They repaint only when what they say has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Static

from tui.text import cell_width, cut_between_numbers
from tui.toolkit.keys.key_names import key_name, show_key
from tui.toolkit.presenting import is_presenting
from tui.widgets.base.tones import Part, build_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import App


MARK: Part = (" presenting ", "badge")


def list_marks(app: App[Any]) -> list[Part]:
    """Return the mark of the presentation mode, while an application is in it."""
    return [MARK] if is_presenting(app) else []


WAY = " ▸ "
"""What stands between the places on the way to the one that is shown."""
_LEFT_OUT = f" …{WAY}"


class KeyHint(NamedTuple):
    """A key in the footer: the key, what it does, and whether it can act now."""

    key: str
    label: str
    enabled: bool = True


class Bar(Widget):
    """One line: parts from the left, and parts from the right where there is room."""

    DEFAULT_CSS = """
    Bar { height: 1; width: 100%; }
    """
    KEEPS_RIGHT: ClassVar[bool] = False
    """Whether the left gives way to the right where there is not room for both, down to half of the width."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """What is shown, from the left and from the right."""
        return self._left, self._right

    def show(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show these parts instead."""
        new = tuple(left), tuple(right)
        if new == (self._left, self._right):
            return
        before, same_right = build_line(self._left), self._right == new[1]
        self._left, self._right = new
        end = max(before.cell_length, build_line(self._left).cell_length)
        if same_right and end + build_line(self._right).cell_length < self.size.width:
            self.refresh(Region(0, 0, end, 1))  # what stands at the right stays
        else:
            self.refresh()

    def render(self) -> Content:
        """Lay the parts out over the width; the right gives way to the left, unless it is kept."""
        right = build_line(self._right)
        left = build_line(_shorten_way(self._left, self.size.width - right.cell_length - 1))
        room = self.size.width - right.cell_length - 1
        if self.KEEPS_RIGHT and left.cell_length > room >= self.size.width // 2:
            left = shorten(left, room)
        gap = self.size.width - left.cell_length - right.cell_length
        if gap < 1:  # the right gives way, down to nothing; its margin stays
            words = right.rstrip()
            margin = right.cell_length - words.cell_length
            words = shorten(words, max(0, self.size.width - left.cell_length - 1 - margin))
            right = Content.assemble(words, " " * margin) if words.plain else words
            gap = self.size.width - left.cell_length - right.cell_length
        if gap < 1:
            return shorten(left, self.size.width)
        return Content.assemble(left, " " * gap, right)


def _shorten_way(parts: Sequence[Part], width: int) -> Sequence[Part]:
    """Return a line that has room in so many cells, less the beginning of the way to what is shown."""
    while parts and build_line(parts).cell_length > width:
        (way, tone), *rest = parts
        _, arrow, nearer = way.removeprefix(_LEFT_OUT).partition(WAY)
        if not arrow or not nearer.strip():
            break
        parts = [(f"{_LEFT_OUT}{nearer}", tone), *rest]
    return parts


def shorten(content: Content, width: int) -> Content:
    """Return a line cut to so many cells, with `…` where something is missing. No number is cut in two."""
    if content.cell_length <= width or width <= 0:
        return content.truncate(width, ellipsis=True)
    head = content.truncate(width - 1)
    return Content.assemble(head[: len(cut_between_numbers(content.plain, len(head.plain)))], "…")


class HeaderBar(Bar):
    """Profile, project, rw or ro, freshness, and requests a minute. The left gives way to how fresh all is."""

    DEFAULT_CSS = """
    HeaderBar { dock: top; background: $panel; }
    """
    KEEPS_RIGHT = True

    def __init__(self, draw: Callable[[], tuple[Sequence[Part], Sequence[Part]]] | None = None) -> None:
        """`draw` returns the parts for the width that the terminal has now; screens above show them, too."""
        super().__init__()
        self.draw = draw
        self._below: HeaderBar | None = None

    def show(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show these parts instead, and in presentation mode a mark for it."""
        parts = [part for part in left if part != MARK]
        super().show([*parts[:1], *list_marks(self.app), *parts[1:]], right)

    def on_mount(self) -> None:
        """Show what the last header below says of the account, until there is something else to say."""
        screens = reversed(self.app.screen_stack)
        below = (bar for screen in screens for bar in screen.query(HeaderBar) if bar is not self)
        if not self._left and self.draw is None and (bar := next(below, None)):
            self._below, self.draw = bar, bar.draw
            self._show_account()

    def on_resize(self) -> None:
        """Show of the account what there is room for now; a screen with a header of its own does so itself."""
        if self._below:
            self._show_account()

    def _show_account(self) -> None:
        """Show what the header below would, but not how fresh what stands below is: that does not matter here."""
        assert self._below
        left, right = self.draw() if self.draw else self._below.parts
        self.show(left, (*right[:1], (" ", "")))


class TitleBar(Bar):
    """The name of the list, its size, and its filter."""

    DEFAULT_CSS = """
    TitleBar { background: $surface; }
    """


class NoticeBar(Static):
    """A fault and its remedy, in as many lines as its style allows; hidden while there is none."""

    DEFAULT_CSS = """
    NoticeBar { height: auto; max-height: 3; padding: 0 1; display: none; background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._said: tuple[Part, ...] = ()

    def show(self, parts: Sequence[Part]) -> None:
        """Show these parts; none hides the bar."""
        if (said := tuple(parts)) != self._said:
            self._said = said
            self.update(self._fit(self.size.width or self.app.size.width - 2))
            self.display = bool(said)

    def on_resize(self, event: events.Resize) -> None:
        """Cut it to the room that there is."""
        self.update(self._fit(event.size.width - self.gutter.width))

    def _fit(self, width: int) -> Content:
        """Return what is said in lines of so many cells, with `…` where that are more than are shown."""
        line = build_line(self._said)
        most = self.styles.max_height.cells if self.styles.max_height else None
        lines = line.wrap(width) if width > 0 and most else []
        if len(lines) <= (most or 0):
            return line
        kept = [each.rstrip() for each in lines[:most]]
        kept[-1] = shorten(Content.assemble(kept[-1], " …"), width)
        return Content("\n").join(kept)


class FooterBar(Bar):
    """The keys that work here and now."""

    DEFAULT_CSS = """
    FooterBar { dock: bottom; background: $panel; }
    """

    FIXED: ClassVar[tuple[str, ...]] = (
        "/",
        ":",
        "a",
        "?",
        "esc",
    )  # keys that stand at the right, and never give way

    def __init__(self) -> None:
        super().__init__()
        self._hints: Sequence[KeyHint] = ()
        self._left_hints: list[KeyHint] = []
        self._right_hints: list[KeyHint] = []

    def show_keys(self, keys: Sequence[KeyHint]) -> None:
        """Show the keys that can act now, as far as they fit; what cannot is in the help, with its reason."""
        if keys != self._hints:
            self._hints = keys
            self._fit_keys()

    def _fit_keys(self) -> None:
        keys = self._hints
        usable = [each for each in keys if each.enabled]
        self._right_hints = [self._as_shown(each) for each in usable if each.key in self.FIXED]
        room = (self.size.width or 80) - self.fixed_cells - 1  # a gap between both
        self._left_hints = []
        for hint in (self._as_shown(each) for each in usable if each.key not in self.FIXED):
            room -= _count_cells(hint)
            if room < 0:
                break
            self._left_hints.append(hint)
        self.show(_build_parts(self._left_hints), _build_parts(self._right_hints))

    def on_resize(self) -> None:
        """Show as many keys as fit now."""
        self._fit_keys()

    @property
    def fixed_cells(self) -> int:
        """The cells of the keys at the right."""
        return sum(map(_count_cells, self._right_hints))

    def _as_shown(self, hint: KeyHint) -> KeyHint:
        """Return a hint with the user's own key."""
        return hint._replace(key=show_key(self.screen, hint.key))

    def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        at = self.size.width - self.fixed_cells
        start, hints = (at, self._right_hints) if event.x >= at else (0, self._left_hints)
        for hint in hints:
            start += _count_cells(hint)
            if event.x < start:
                self.app.simulate_key(key_name(hint.key.split()[0]))
                return


def _build_parts(hints: Sequence[KeyHint]) -> list[Part]:
    parts: list[Part] = []
    for key, label, _ in hints:
        parts += [(f" {key}", "key"), (f" {label} ", "")]
    return parts


def _count_cells(hint: KeyHint) -> int:
    return cell_width(hint.key) + cell_width(hint.label) + 3
