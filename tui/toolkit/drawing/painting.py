"""How an application paints: the lines that changed, through one filter, and of them what the terminal lacks."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual._styles_cache import StylesCache
from textual.app import App
from textual.filter import LineFilter
from textual.geometry import Region
from textual.screen import Screen
from textual.style import Style

from tui.toolkit.drawing.harmless import Harmless
from tui.toolkit.drawing.legible import Legible, system_of
from tui.toolkit.drawing.remembered import remember_less
from tui.toolkit.terminal.flow import Flow
from tui.toolkit.terminal.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.segment import Segment
    from textual.color import Color
    from textual.strip import Strip
    from textual.widget import Widget


class LineCompositor(Compositor):
    """Draws the lines of a screen that changed, where Textual draws all from the first to the last of them."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: list[Region] = []

    def render_partial_update(self) -> Any:
        """Return what changed, for the terminal."""
        self._changed = find_bands(self._dirty_regions, self.size.width, self.size.height)
        try:
            return super().render_partial_update()
        finally:
            self._changed = []

    def _render_chops(self, crop: Region, _is_rendered_line: object) -> list[dict[int, Strip]]:
        """Return each line to draw as pieces by their columns, taken from the frontmost widget that is there."""
        cuts = self.cuts
        lines: list[dict[int, Any]] = [dict.fromkeys(cut[:-1]) for cut in cuts]
        places = [
            (widget, region, region.intersection(clip)) for widget, (region, clip) in self.visible_widgets.items()
        ]
        for band in self._changed or [crop]:
            for widget, region, shown in places:
                part = shown.intersection(band)
                left, right = part.column_span
                if not part or (
                    widget.children and not any(_open(lines[y], left, right) for y in part.line_range)
                ):
                    continue  # a container is covered by its children here
                for y, strip in zip(
                    part.line_range, widget.render_lines(part.translate(-region.offset)), strict=False
                ):
                    line, own = lines[y], [cut for cut in cuts[y] if left <= cut <= right]
                    for cut, piece in zip(own, strip.divide([cut - left for cut in own[1:]]), strict=False):
                        if line.get(cut) is None:
                            line[cut] = piece
        return lines


def _open(line: dict[int, Any], left: int, right: int) -> bool:
    """Return whether a line has a piece between two columns that nothing is drawn in yet."""
    return any(piece is None and left <= cut < right for cut, piece in line.items())


def find_bands(regions: Iterable[Region], width: int, height: int) -> list[Region]:
    """Return the lines that regions touch as few regions, as wide as the screen and apart from each other."""
    found: list[Region] = []
    for y in sorted({y for region in regions for y in region.line_range if 0 <= y < height}):
        if found and found[-1].bottom == y:
            found[-1] = Region(0, found[-1].y, width, found[-1].height + 1)
        else:
            found.append(Region(0, y, width, 1))
    return found


@lru_cache(1024)
def find_backgrounds(behind: Color, own: Color) -> tuple[Style, Style]:
    """Return the styles inside and outside the border of a widget."""
    return Style(background=behind + own), Style(background=behind)


class DrawnLines(StylesCache):
    """The lines of a widget as they were drawn, which go when it goes.

    Textual remembers the backgrounds of widgets together with what asked for them: with this, and so the lines of
    the thousand widgets that were drawn last.
    """

    def get_inner_outer(  # type: ignore[override]  # not to be remembered here
        self, base_background: Color, background: Color
    ) -> tuple[Style, Style]:
        """Return the styles inside and outside the border."""
        return find_backgrounds(base_background, background)


class Filters(LineFilter):
    """Several filters as one, so that a line is looked up once when it is drawn again."""

    def __init__(self, filters: tuple[LineFilter, ...]) -> None:
        super().__init__()
        self._filters = filters

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line as all the filters leave them."""
        for each in self._filters:
            segments = each.apply(segments, background)
        return segments


class Changes(CompositorUpdate):
    """What makes the terminal show an update."""

    def __init__(self, written: str) -> None:
        self._written = written

    def render_segments(self, console: Console) -> str:  # noqa: ARG002
        """Return the bytes for the terminal."""
        return self._written


def find_lines(update: LayoutUpdate | ChopsUpdate) -> dict[int, list[Strip]]:
    """Return the lines that an update holds, by number. Those of a part are whole: see `LineCompositor`."""
    if isinstance(update, LayoutUpdate):
        return dict(enumerate(map(list, update.strips), update.region.y))
    numbers = sorted({y for y, *_ in update.spans})
    return {y: [strip for strip in update.chops[y].values() if strip] for y in numbers}


class FrugalPainting(App[None]):
    """An application that sends little, and nothing that a terminal would obey or nobody could read."""

    def __init__(self, **options: Any) -> None:
        remember_less()
        super().__init__(**options)
        self._harmless, self._legible = Harmless(), Legible(self.console)
        self._chain = lru_cache(8)(Filters)
        self._shown = Shown(os.environ)
        self.flow = Flow()
        self._kept_back: tuple[Screen[Any] | None, dict[int, list[Strip]]] = None, {}
        """Lines that the link has no room for yet, with the screen that they are of."""
        self._is_timed = False

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Send the terminal what it does not show yet; nothing where it shows all of an update."""
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            renderable = self._find_changes(screen, find_lines(renderable))
        super()._display(screen, renderable)

    def _find_changes(self, screen: Screen[Any], lines: dict[int, list[Strip]]) -> Changes | None:
        """Return what to send: of these lines and of those left as much as there is room for."""
        if self._batch_count or self.is_headless or self._closed or not self._running:
            return None  # in these cases Textual sends nothing either
        left_of, left = self._kept_back
        if left_of is screen:
            first, then = (lines, left) if self.flow.follows_key else (left, lines)
            lines = {y: lines.get(y, left.get(y, [])) for y in (*first, *then)}
        size, system = screen._compositor.size, system_of(self.console)
        written = self._shown.change(lines, size, system, self.flow.room)
        self._kept_back = screen, lines
        if lines and not self._is_timed:
            self._is_timed = True
            self.set_timer(self.flow.pause, self._send_timed)
        cursor = screen.outer_size.clamp_offset(self.cursor_position)
        if not written and cursor == self._previous_cursor_position:
            return None
        return Changes(self.flow.send(written))

    def _send_timed(self) -> None:
        self._is_timed = False
        self._send_left()

    def _send_left(self) -> None:
        """Send what was left when there was no room."""
        screen, left = self._kept_back
        if left and screen is self.screen and (changes := self._find_changes(screen, {})):
            self._display(screen, changes)

    def on_arrived(self) -> None:
        """Send on: the link may have room again."""
        self._send_left()

    def redraw_on_resume(self) -> None:
        """Draw all again whenever the program has the terminal back, from the shell or from an editor."""
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal may show by now."""
        self._forget()
        self.screen.refresh()

    def on_resize(self) -> None:
        """Draw all again: the terminal may have lost it. Textual draws for another size, but not for the same."""
        self._forget()
        for screen in self.screen_stack[-1:]:
            screen.refresh()

    def _forget(self) -> None:
        self._shown.forget()
        self._kept_back = None, {}

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line of every widget goes through before it is drawn."""
        return [self._chain((*super().get_line_filters(), self._harmless, self._legible))]

    def _start_widget(self, parent: Widget, widget: Widget) -> None:
        """Take in a part of a widget, such as its scroll bar."""
        widget._styles_cache = DrawnLines()
        super()._start_widget(parent, widget)

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget. A screen paints line by line; what shows through it stays as dim as it was made."""
        super()._register_child(parent, child, before, after)
        child._styles_cache = DrawnLines()
        if isinstance(child, Screen):
            child._compositor = LineCompositor()
            filters = super().get_line_filters
            vars(child)["get_line_filters"] = lambda: [self._chain((*filters(), self._harmless))]
