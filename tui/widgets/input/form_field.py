"""One question of a form: its control, what it is about, and what is wrong with the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal, Vertical
from textual.suggester import Suggester
from textual.widgets import Static

from tui.resources.language.inputs import Cents, FileRef, Kept, LocalFile, ObjectId
from tui.resources.language.questions import Question, QuestionKind
from tui.resources.language.reading.amounts import format_amount, read_number
from tui.system.paths import BadPath, read_path
from tui.toolkit.controls import Checkbox, Input, Select
from tui.widgets.base.tones import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget


class PathSuggester(Suggester):
    """Completes the path of a file on this machine."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first entry of the folder that goes on from what is typed."""
        if not value:
            return None
        head, slash, start = value.rpartition("/")
        try:
            folder = read_path(head + slash or ".")
            names = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in folder.iterdir()
                if entry.name.startswith(start) and (start or not entry.name.startswith("."))
            )
        except (OSError, BadPath):
            return None
        return f"{head}{slash}{names[0]}" if names else None


_SHOWN = 48  # characters of a value in the line on what changes


class FormField(Vertical):
    """Asks one question of a request."""

    DEFAULT_CSS = """
    FormField { height: auto; padding: 0 1; }
    FormField > Horizontal { height: auto; }
    FormField .label { width: 28; color: $text-muted; }
    FormField .note { height: auto; padding-left: 28; color: $text-muted; display: none; }
    FormField .fault { height: auto; padding-left: 28; color: $text-error; display: none; }
    FormField.-asking .label { color: $text; text-style: bold; }
    FormField.-asking .note { display: block; }
    FormField.-faulty .fault { display: block; }
    FormField.-noted .note { display: block; }
    FormField .change { height: auto; padding-left: 28; color: $text-warning; display: none; }
    FormField.-changed .change { display: block; }
    FormField Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    FormField Input:focus { background: $primary 30%; }
    FormField Select { width: 1fr; height: auto; }
    FormField Checkbox, FormField Checkbox:focus { width: auto; border: none; padding: 0 1; }
    FormField TextArea { width: 1fr; height: 6; border: none; background: $surface; }
    """

    def __init__(self, question: Question, value: Any = None, *, edits: bool = False) -> None:
        """With `edits`, `value` is what there is, and a change of it is shown."""
        super().__init__()
        self._edits = edits
        self.question = question
        self._start = question.default if value is None else value
        # Held, not looked up: a check may end when the form is gone.
        self.control: Widget
        """The control that holds the answer, once it is composed."""
        self._shown = ""
        self._note = Static(line([(question.description, "")]), classes="note")
        self._fault = Static("", classes="fault", markup=False)
        self._change = Static("", classes="change", markup=False)

    def compose(self) -> ComposeResult:
        """Yield the label and the control in a line, the description and the fault below."""
        with Horizontal():
            star = (" *", "warn") if self.question.required else ("", "")
            yield Static(line([(self.question.words, ""), star]), classes="label")
            self.control = self._control()
            self._shown = self.text()
            yield self.control
        yield self._change
        yield self._note
        yield self._fault

    def on_descendant_focus(self) -> None:
        """Show the description while the question has the focus."""
        self.add_class("-asking")

    def on_descendant_blur(self) -> None:
        """Hide the description."""
        self.remove_class("-asking")

    def _control(self) -> Widget:
        question, start = self.question, self._start
        match question.kind:
            case QuestionKind.CHOICE:
                value = str(start) if str(start) in question.choices else Select.NULL
                blank = start is None or not (question.required or question.mark(Kept))
                return Select(question.choices, value=value, allow_blank=blank, compact=True)
            case QuestionKind.FLAG:
                return Checkbox(value=bool(start), compact=True)
            case QuestionKind.JSON | QuestionKind.LONG:
                from tui.toolkit.text_area import TextArea

                return TextArea(question.write(start), tab_behavior="focus", compact=True)
        path = question.mark(FileRef) or question.mark(LocalFile)
        return Input(
            question.write(start),
            placeholder=self._hint(),
            suggester=PathSuggester() if path else None,
            compact=True,
        )

    def _hint(self) -> str:
        if self.question.mark(FileRef):
            return "path or file id, or ctrl+o to choose"
        if self.question.mark(LocalFile):
            return "path"
        if self.question.mark(ObjectId):
            asked = {QuestionKind.PAIRS: "id=…", QuestionKind.LIST: "ids"}.get(self.question.kind, "id")
            return f"{asked}, or ctrl+o to choose"
        return {QuestionKind.PAIRS: "key=value, …", QuestionKind.LIST: "one, two, …"}.get(self.question.kind, "")

    def answer(self) -> Any:
        """Return the answer, None for nothing. Raises ValueError with a sentence."""
        control = self.control
        if isinstance(control, Select):
            return None if control.value is Select.NULL else control.value
        if isinstance(control, Checkbox):
            return control.value
        if self.text() == self._shown:  # untouched: what it is, not what a control makes of it
            return self.question.answer_of(self._start)
        return self.question.read(self.text())

    def find_change(self) -> tuple[str, str] | None:
        """Return the value before and the value now, each in a few words; None while it is the same."""
        try:
            before, after = self.question.answer_of(self._start), self.answer()
        except ValueError:
            return None
        return None if before == after else (self._format(before), self._format(after))

    def _format(self, value: Any) -> str:
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.question.mark(Cents) and (cents := read_number(value)) is not None:
            return format_amount(cents / 100, "$")
        words = " ".join(self.question.write(value).split()) or "nothing"
        return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"

    def _show_change(self) -> None:
        change = self.find_change() if self._edits else None
        self.set_class(change is not None, "-changed")
        self._change.update(line([(" → ".join(change or ()), "")]))

    # Whatever the control is, it tells so. By name: a TextArea is imported only where one is shown.

    def on_input_changed(self) -> None:
        """Show the change."""
        self._show_change()

    on_select_changed = on_checkbox_changed = on_text_area_changed = on_input_changed

    def text(self) -> str:
        """Return the text of a control that text is typed into."""
        control = self.control
        return str(getattr(control, "value" if isinstance(control, Input) else "text", ""))

    def write(self, text: str) -> None:
        """Put text into a control that text is typed into."""
        control = self.control
        if isinstance(control, Input):
            control.value = text.strip()
        else:
            setattr(control, "text", text)  # noqa: B010 - a TextArea, imported only where one is shown

    def put(self, value: Any) -> None:
        """Answer in the user's place."""
        control = self.control
        if isinstance(control, Input):
            control.value = self.question.write(value)
        elif isinstance(control, Select) and value in self.question.choices:
            control.value = value

    def take(self, id_: str) -> None:
        """Answer with an object that was chosen; where there can be several, with one more."""
        id_ = f"{id_}=" if self.question.kind is QuestionKind.PAIRS else id_
        before = (
            self.text().strip().rstrip(",")
            if self.question.kind in (QuestionKind.LIST, QuestionKind.PAIRS)
            else ""
        )
        self.write(f"{before}, {id_}" if before else id_)

    def fault(self, sentence: str) -> None:
        """Show what is wrong with the answer; "" shows nothing."""
        self.set_class(bool(sentence), "-faulty")
        self._fault.update(line([(sentence, "")]))

    def note(self, parts: Sequence[tuple[str, str]]) -> None:
        """Show a remark on the answer in the place of the description."""
        self.set_class(bool(parts), "-noted")
        self._note.update(line(parts or [(self.question.description, "")]))
