"""The request of a form as it would be sent now, beside its fields."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.api.redaction import redact
from tui.text import clean
from tui.widgets.base.tones import STYLES, build_line
from tui.widgets.text.painted import find_cuts, find_json_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

_TONES = {"key": STYLES["accent"], "number": STYLES["warn"], "word": STYLES["warn"]}
_STEP = 2  # cells a further level is set in
_MOST = 300  # lines of JSON that are drawn; ctrl+r shows all


class RequestPane(VerticalScroll, can_focus=False):
    """Shows a request's body, what changes, and what is still needed. It is drawn anew only where it differs."""

    DEFAULT_CSS = """
    RequestPane { padding: 1 1 0 2; border-left: vkey $foreground 20%; }
    RequestPane Static { height: auto; }
    """

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = build_line([(title, "strong"), (f"  {note}", "dim")])
        self._static = Static(markup=False)
        self._lines: list[Content] = []
        self._shown: Content | None = None

    def compose(self) -> ComposeResult:
        """Yield the text."""
        yield self._static

    def show(
        self,
        body: Mapping[str, Any],
        changes: Sequence[tuple[str, str, str]],
        needed: Sequence[str],
        *,
        nothing: bool = False,
    ) -> None:
        """Show a request, or that `nothing` would be sent.

        `changes` are name, before and after, `needed` what is not answered yet.
        """
        lines = [self._title, Content("")]
        lines += [
            build_line([(f"{name}  ", "dim"), (before, ""), (" → ", "dim"), (after, "warn")])
            for name, before, after in changes
        ]
        lines += [Content("")] if changes else []
        lines += [build_line([("Nothing is changed yet.", "dim")])] if nothing else format_json(body)
        if needed:
            lines += [Content(""), build_line([("missing, or not right: ", "dim"), (", ".join(needed), "warn")])]
        self._lines = lines
        self.on_resize()

    def on_resize(self) -> None:
        """Draw the lines; those that are longer than the pane go on below, under what they say."""
        width = self.scrollable_content_region.width
        shown = Content("\n").join(part for line in self._lines for part in wrap_line(line, width))
        if shown != self._shown:
            self._shown = shown
            self._static.update(shown)


def format_json(body: Mapping[str, Any]) -> list[Content]:
    """Return the lines of a request's body, coloured, harmless and without what looks like a key."""
    text = redact(json.dumps(body, indent=2, ensure_ascii=False))
    lines = text.split("\n")
    shown = [_paint(clean(each)) for each in lines[:_MOST]]
    return [*shown, build_line([(f"… {len(lines) - _MOST:,} more lines", "dim")])] if lines[_MOST:] else shown


def wrap_line(line: Content, width: int) -> list[Content]:
    """Return a line in parts of so many cells; those that follow stand a step further in than it begins."""
    indent = len(line.plain) - len(line.plain.lstrip()) + _STEP
    if width < 2 * indent or line.cell_length <= width:
        return [line]
    first, *rest = (line[start:end].rstrip() for start, end in pairwise(find_cuts(line.plain, width, indent)))
    return [first, *(Content.assemble(" " * indent, part) for part in rest)]


def _paint(text: str) -> Content:
    content = Content(text)
    for start, end, kind in find_json_spans(text):
        if style := _TONES.get(kind):
            content = content.stylize(style, start, end)
    return content
