"""The fields of a form: what is nearly always answered first, the rest behind a line that says *more*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from tui.resources.language.asking.questions import is_asked
from tui.widgets.base.bars import shorten
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.app import ComposeResult, RenderResult

    from tui.widgets.input.form_field import FormField

FEWEST_EXTRA = 3  # fields that are worth a line to fold them away


class MoreLine(Static, can_focus=True):
    """The line that opens the fields seldom needed, and names them; a click, enter or space does it."""

    BINDINGS = [Binding("enter,space", "fold", "open or close", id="more.toggle")]

    DEFAULT_CSS = """
    MoreLine { height: 1; margin: 0 1 1 1; color: $text-muted; }
    MoreLine:hover { color: $text; }
    MoreLine:focus { color: $text; background: $primary 30%; text-style: bold; }
    """

    class Toggled(Message):
        """The line was clicked, or a key pressed on it."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.is_open = False
        self._names: list[str] = []

    def say(self, is_open: bool, names: list[str]) -> None:
        """Show whether it is open, and the fields it is about."""
        if (is_open, names) != (self.is_open, self._names):
            self.is_open, self._names = is_open, names
            self.refresh()

    def render(self) -> RenderResult:
        """Return the line, cut to the room there is."""
        if self.is_open:
            return build_line([("▾ less", "")])
        words = build_line([("▸ more  ", ""), (", ".join(self._names), "dim")])
        return shorten(words, self.size.width)

    def action_fold(self) -> None:
        """Open or close."""
        self.post_message(self.Toggled())

    def on_click(self) -> None:
        """Open or close."""
        self.action_fold()


class FieldList(VerticalScroll, can_focus=False):
    """Shows the fields of a form. What is asked on a condition is shown while that holds."""

    DEFAULT_CSS = """
    FieldList { height: 1fr; padding: 1 0; }
    FieldList #extra { height: auto; }
    """

    def __init__(self, fields: Mapping[str, FormField]) -> None:
        """`fields` are by the names of their questions."""
        super().__init__()
        self.fields = fields
        extra = [field for field in fields.values() if field.question.is_extra]
        self._extra = extra if FEWEST_EXTRA <= len(extra) < len(fields) else []
        self._line = MoreLine()
        self._box = Vertical(id="extra")

    def compose(self) -> ComposeResult:
        """Yield what is nearly always answered, the line, and the rest."""
        yield from (field for field in self.fields.values() if field not in self._extra)
        if self._extra:
            yield self._line
            yield self._box

    async def on_mount(self) -> None:
        """Hide what is seldom needed, unless something is there already."""
        await self.set_open(any(field.has_value for field in self._extra))

    @property
    def has_extra(self) -> bool:
        """Whether some fields are behind the line."""
        return bool(self._extra)

    async def set_open(self, is_open: bool) -> None:
        """Show or hide the fields seldom needed. They are made when first shown, as they cost what others do."""
        if is_open and not self._box.children:
            await self._box.mount_all(self._extra)
        self._box.display = is_open
        self.show_asked()

    @on(MoreLine.Toggled)
    async def toggle(self) -> None:
        """Show the fields seldom needed and go to the first, or hide them."""
        await self.set_open(not self._box.display)
        if not self._extra:
            return
        if self._box.display:
            first = next(field for field in self._extra if field.display)
            self.screen.set_focus(first.control, scroll_visible=False)
            self.call_after_refresh(self._line.scroll_visible, animate=False, top=True)
        elif self.screen.focused is None or self._box in self.screen.focused.ancestors:
            self.screen.set_focus(self._line)

    def read_typed(self) -> dict[str, Any]:
        """Return the answers so far, by name; None where one cannot be read."""
        return dict(self._read_typed())

    def _read_typed(self) -> Iterator[tuple[str, Any]]:
        for name, field in self.fields.items():
            try:
                yield name, field.answer()
            except ValueError:
                yield name, None

    def show_asked(self) -> None:
        """Show the fields that apply, now that something was answered."""
        values = self.read_typed()
        for field in self.fields.values():
            field.display = is_asked(field.question, values)
        self._line.say(self._box.display, [field.question.words for field in self._extra if field.display])

    def show_faults(self, faults: Mapping[str, str]) -> str:
        """Show faults, by name, beside their fields, and go to the first. Returns those that have no field."""
        for name, field in self.fields.items():
            field.fault(faults.get(name, ""))
        faulty = [self.fields[name] for name in faults if name in self.fields]
        if faulty:
            self.call_next(self._go_to, faulty[0], opens=any(field in self._extra for field in faulty))
        return " ".join(sentence for name, sentence in faults.items() if name not in self.fields)

    async def _go_to(self, field: FormField, *, opens: bool) -> None:
        if opens:
            await self.set_open(True)
        self.screen.set_focus(field.control)
        self.call_after_refresh(field.scroll_visible, animate=False)
