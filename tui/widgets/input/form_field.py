"""One question of a form: its control, what it is about, and what is wrong with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.resources.language.asking.inputs import FileRef, Kept, LocalFile, ObjectId
from tui.resources.language.asking.questions import Question, QuestionKind
from tui.toolkit.controls import Checkbox, Input, Select
from tui.widgets.base.tones import build_line
from tui.widgets.input.path_suggester import PathSuggester

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.widgets.base.tones import Part


_SHOWN = 48  # characters of a value in the line on what changes


class Topic(Enum):
    """What a remark on an answer is about; in this order they are shown, and one leaves the others alone."""

    ANSWER = auto()
    """What the answer names."""
    FILE = auto()
    """What was found in the file of this machine."""
    TOKENS = auto()
    """What that file takes and costs."""


class ListArrow(Static):
    """The sign at the end of a field that there is a list to choose from; a click opens it."""

    DEFAULT_CSS = """
    ListArrow { width: 3; padding: 0 1; color: $foreground 50%; }
    ListArrow:hover { color: $text; }
    """

    def __init__(self, field: FormField) -> None:
        super().__init__("▾", markup=False)
        self._field = field

    def on_click(self) -> None:
        """Ask for the list."""
        self.post_message(FormField.ListWanted(self._field))


class FormField(Vertical):
    """Asks one question of a request: the label and the control in a line, and below it what there is to say.

    That line is there when it is empty, too: it keeps fields apart, and nothing moves when it is filled.
    """

    DEFAULT_CSS = """
    FormField { height: auto; padding: 0 1; }
    FormField > Horizontal { height: auto; }
    FormField .label { width: 25; padding-right: 1; color: $text-muted; }
    FormField.-asking .label { color: $text; text-style: bold; }
    FormField .below { height: auto; min-height: 1; padding-left: 26; color: $text-muted; }
    FormField Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    FormField Input:focus { background: $primary 30%; }
    FormField Select { width: 1fr; height: auto; }
    FormField Select:focus > SelectCurrent { background: $primary 30%; }
    FormField Checkbox, FormField Checkbox:focus { width: auto; border: none; padding: 0 1; }
    FormField TextArea {
        width: 1fr; height: auto; min-height: 3; max-height: 42vh; border: none; padding: 0;
        background: $surface;
    }
    FormField .box { width: 1fr; height: auto; border-left: vkey $foreground 40%; }
    FormField.-asking .box { border-left: outer $accent; }
    FormField.-close .below { min-height: 0; }
    """

    @dataclass
    class ListWanted(Message):
        """The user wants to choose the answer of `field` from a list."""

        field: FormField

    @dataclass
    class Answered(Message):
        """The answer of `field` has changed."""

        field: FormField

        def can_replace(self, message: Message) -> bool:
            """Let the latest change of a field replace earlier ones."""
            return isinstance(message, FormField.Answered) and message.field is self.field

    def __init__(
        self, question: Question, value: Any = None, *, edits: bool = False, is_close: bool = False
    ) -> None:
        """With `edits`, `value` is what there is, and a change of it is shown.

        One that `is_close` stands close to others, and says below it only what is wrong.
        """
        super().__init__(classes="-close" if is_close else "")
        self._edits, self._is_close = edits, is_close
        self.question = question
        self._start = question.default if value is None else value
        # Held, not looked up: a check may end when the form is gone.
        self.control = self._control()
        """The control that holds the answer, whether it is shown or not."""
        self._shown = self.text()
        self._notes: dict[Topic, list[Part]] = {topic: [] for topic in Topic}
        self._fault = ""
        self._below = Static(classes="below", markup=False)
        self._said: Content | None = None

    def compose(self) -> ComposeResult:
        """Yield the label and the control in a line, and what there is to say below."""
        with Horizontal():
            star = (" *", "warn") if self.question.required else ("", "")
            yield Static(build_line([(self.question.words, ""), star]), classes="label")
            arrow = [ListArrow(self)] if self.question.resource else []
            yield Horizontal(self.control, *arrow, classes="box")
        yield self._below

    def on_mount(self) -> None:
        """Say what there is to say from the start."""
        self._say()

    def on_descendant_focus(self) -> None:
        """Show the description while the question has the focus."""
        self.ask()

    def ask(self) -> None:
        """Show the description, as the question has the focus or is about to get it."""
        self.add_class("-asking")
        self._say()

    def on_descendant_blur(self) -> None:
        """Hide the description."""
        self.remove_class("-asking")
        self._say()

    def _say(self) -> None:
        """Show below the control the fault, the change and the remark; while it is asked, what it is about."""
        change = self.find_change() if self._edits and self.is_attached else None
        lines: list[Sequence[Part]] = [[(self._fault, "bad")], [(" → ".join(change or ()), "warn")]]
        if not self._is_close:
            asking = self.has_class("-asking")
            about = self.question.description if asking and not self._fault else ""
            about = "" if about.rstrip(".").lower() == self.question.words else about  # which stands at the left
            notes = [note for topic in Topic for note in self._notes[topic]]
            lines += [[note] for note in notes or [(about, "")]]
        shown = [content for content in map(build_line, lines) if content.plain]
        said = Content("\n").join(shown)
        if said != self._said:
            self._said = said
            self._below.update(said)

    def _control(self) -> Widget:
        """Return the control that fits the kind of the question."""
        question, start = self.question, self._start
        match question.kind:
            case QuestionKind.CHOICE:
                value = str(start) if str(start) in question.choices else Select.NULL
                blank = start is None or not (question.required or question.mark(Kept))
                prompt = "choose" if question.required else "default"
                return Select(question.choices, value=value, allow_blank=blank, prompt=prompt, compact=True)
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
        if self.question.unit:
            return f"such as {self.question.unit.example}"
        if self.question.mark(FileRef):
            return "path or file id, or ctrl+o to choose"
        if self.question.mark(LocalFile):
            return "path"
        if self.question.resource:
            words = {QuestionKind.PAIRS: "id=…", QuestionKind.LIST: "one, two, …"}
            asked = words.get(self.question.kind, "id" if self.question.mark(ObjectId) else "one of a list")
            return f"{asked}, or ctrl+o to choose"
        return {QuestionKind.PAIRS: "key=value, …", QuestionKind.LIST: "one, two, …"}.get(self.question.kind, "")

    @property
    def has_value(self) -> bool:
        """Whether the question was answered otherwise than is usual, from the start or since."""
        try:
            return bool(self.answer() != self.question.answer_of(None))
        except ValueError:
            return True

    def answer(self) -> Any:
        """Return the answer, None for nothing. Raises ValueError with a sentence."""
        control = self.control
        if isinstance(control, Select):
            return None if control.value is Select.NULL else control.value
        if isinstance(control, Checkbox):
            return control.value
        if self.is_untouched:  # what it is, not what a control makes of it
            return self.question.answer_of(self._start)
        return self.question.read(self.text())

    def find_change(self) -> tuple[str, str] | None:
        """Return the value before and the value now, each in a few words; None while it is the same."""
        try:
            # What a new object copies from another is no less given than what is typed.
            before = self.question.answer_of(self._start if self._edits else None)
            after = self.answer()
        except ValueError:
            return None
        return None if before == after else (self._format(before), self._format(after))

    def _format(self, value: Any) -> str:
        if isinstance(value, bool):
            return "on" if value else "off"
        words = " ".join(self.question.write(value).split()) or "nothing"
        return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"

    # Whatever the control is, it tells so. By name: a TextArea is imported only where one is shown.

    def on_input_changed(self) -> None:
        """Show the change, and tell of it."""
        self._say()
        self.post_message(self.Answered(self))

    on_select_changed = on_checkbox_changed = on_text_area_changed = on_input_changed

    def forget_start(self) -> None:
        """Begin with what is usual, where nothing was answered since."""
        control, usual = self.control, self.question.default
        if isinstance(control, Checkbox):
            if control.value == bool(self._start):
                control.value = bool(usual)
        elif isinstance(control, Select):
            if control.value == str(self._start) and str(usual) in self.question.choices:
                control.value = str(usual)
            elif control.value == str(self._start) and control.may_be_empty:
                control.clear()
        elif self.is_untouched:
            self.write(self.question.write(usual))
            self._shown = self.text()
        self._start = usual

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

    @property
    def held(self) -> Any:
        """What the control holds as it was typed or chosen, be it an answer or not."""
        control = self.control
        return control.value if isinstance(control, (Select, Checkbox)) else self.text()

    def hold(self, held: Any) -> None:
        """Put back what the control has held."""
        control = self.control
        if isinstance(control, (Select, Checkbox)):
            control.value = held
        elif self.text() != held:
            self.write(held)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was typed into it, or the same again."""
        return self.text() == self._shown

    def list_chosen(self) -> list[str] | None:
        """Return the ids or words there are now; None where there can be only one."""
        if self.question.kind not in (QuestionKind.LIST, QuestionKind.PAIRS):
            return None
        try:
            return list(map(str, self.answer() or ()))
        except ValueError:
            return []

    def take(self, chosen: Sequence[str]) -> None:
        """Answer with what was chosen from a list: in JSON it is put where the cursor is."""
        match self.question.kind:
            case QuestionKind.LIST:
                self.write(self.question.write(list(chosen)))
            case QuestionKind.PAIRS:
                before = dict(part.partition("=")[::2] for part in self.text().replace(" ", "").split(",") if part)
                self.write(", ".join(f"{id_}={before.get(id_, '')}" for id_ in chosen))
            case QuestionKind.JSON:
                area: Any = self.control  # a TextArea, see `write`
                row, column = area.cursor_location
                is_quoted = area.document.get_line(row)[:column].endswith('"')
                area.insert(chosen[0] if is_quoted else f'"{chosen[0]}"')
            case _:
                self.write(chosen[0])

    def fault(self, sentence: str) -> None:
        """Show what is wrong with the answer; "" shows nothing."""
        self._fault = sentence
        self._say()

    @property
    def is_faulty(self) -> bool:
        """Whether something is said to be wrong with the answer."""
        return bool(self._fault)

    def note(self, topic: Topic, *parts: Part) -> None:
        """Show remarks on the answer, a line each, for those there were on this topic.

        They stand in the place of the description, which is there again where there are none.
        """
        self._notes[topic] = [part for part in parts if part[0]]
        self._say()
