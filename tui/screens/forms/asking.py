"""The screen that asks for the values of a request: its fields, and the request as it would be sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Button, Static

from tui.api.errors import ApiError
from tui.resources.language.asking.forms import start_values
from tui.resources.language.asking.inputs import FileRef, LocalFile
from tui.resources.language.asking.questions import Question, QuestionKind, list_questions
from tui.screens.forms.answers import Answers
from tui.screens.forms.changes import build_title, changes_object
from tui.screens.forms.choosing import Choices, choose, describe_chosen, find_choices
from tui.screens.forms.draft import Draft
from tui.screens.forms.estimating import can_be_estimated, show_estimate
from tui.screens.forms.local_files import LocalFiles
from tui.screens.forms.request_pane import RequestPane
from tui.system.paths import BadPath
from tui.toolkit.controls import Select
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, NoticeBar, TitleBar
from tui.widgets.base.tones import build_line
from tui.widgets.input.field_list import FieldList
from tui.widgets.input.form_field import FormField, Topic
from tui.workflows.consequences.consequences import describe_repetition
from tui.workflows.local_files import read_local_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_CHECK_AFTER = 0.4  # seconds without typing
_DRAW_AFTER = 0.15  # seconds in which changes are gathered before the request is drawn
ROOM_FOR_TWO = 120  # cells in which the request has room beside the fields


class AskingScreen(Screen["dict[str, Any] | None"]):
    """Asks for a request's values and shows the request. Subclasses say what becomes of them."""

    OWN_PROMPT = True  # no `:` here: what is typed is an answer

    BINDINGS = [
        # With priority, as fields of text have this key for the end of a line; `end` does that too.
        Binding("ctrl+e", "edit", "edit in $EDITOR", id="form.editor", priority=True),
        Binding("ctrl+r", "preview", "see the request", id="form.preview"),
        Binding("ctrl+o", "choose", "choose from a list", id="form.choose"),
        Binding("ctrl+t", "more", "more or fewer fields", id="form.more"),
        Binding("ctrl+g", "estimate", "count tokens and dollars", id="form.estimate"),
        Binding("ctrl+n", "empty", "without what was copied or kept", id="form.empty"),
        Binding("down", "app.focus_next", "next field", id="form.next", show=False),
        Binding("up", "app.focus_previous", "previous field", id="form.previous", show=False),
    ]

    DEFAULT_CSS = """
    AskingScreen #middle { height: 1fr; }
    AskingScreen FieldList { width: 5fr; }
    AskingScreen RequestPane { width: 3fr; display: none; }
    AskingScreen.-beside RequestPane { display: block; }
    AskingScreen #state { max-height: 50%; }
    AskingScreen #buttons { height: 1; padding: 0 1; }
    AskingScreen #buttons Static { width: auto; }
    AskingScreen Button { margin-right: 2; min-width: 12; }
    """

    VERB: ClassVar[str] = "send"
    SENDS: ClassVar[bool] = True
    """Whether the answers are a request, which can be seen before it is sent."""
    OWN_KEYS: ClassVar[tuple[KeyHint, ...]] = ()
    SHOWN: ClassVar[tuple[str, str]] = ("request", "as it would be sent now")
    """What stands beside the fields, in words."""

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        action: Action,
        record: Record | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> None:
        """`start` are the answers to begin with, by name."""
        super().__init__()
        self._platform, self._resource, self._scope = platform, resource, scope
        self._action, self._record = action, record
        if action.operation.body is None:
            raise TypeError(f"{action.operation.name} has no body to ask for")
        self._model = action.operation.body
        fill = dict(start or start_values(action, record))
        self._is_copy = record is not None and not changes_object(action, record) and any(fill.values())
        self._fields = {
            question.name: FormField(question, fill.get(question.name), edits=changes_object(action, record))
            for question in list_questions(self._model)
            if question.kind is not QuestionKind.FIXED
        }
        self._list = FieldList(self._fields)
        self._answers = Answers(self._model, self._list, fill if action.edits else None)
        self._files = LocalFiles(self, platform, self._fields, self._answers.nest, self.say)
        self._drawing = False
        key = (action.operation.name, record.id if record else "", *scope.values(), repr(start))
        self._draft = Draft(platform.drafts, key, self._fields)

    def compose(self) -> ComposeResult:
        """Yield header, title, questions, buttons, keys."""
        self._give_room(self.app.size.width)
        yield HeaderBar()
        yield TitleBar(id="title")
        with Horizontal(id="middle"):
            yield self._list
            yield RequestPane(*self.SHOWN)
        with Horizontal(id="buttons"):
            yield Button(self.VERB.capitalize(), id="send", variant="primary", compact=True)
            yield Button("Cancel", id="cancel", compact=True)
            questions = [field.question for field in self._fields.values()]
            if any(question.required and not question.is_extra for question in questions):
                yield Static(build_line([("*", "warn"), (" must be given", "dim")]))
        yield NoticeBar(id="state")
        yield FooterBar()

    def on_mount(self) -> None:
        """Show title and keys, and focus the first question."""
        platform = self._platform
        self._show_title(self._record)
        self._end_names = platform.names.subscribe(lambda: self.call_later(self._note_answers))
        if self._draft.take_up():
            self.say("What you typed here before is back. ctrl+n begins anew.")
        self._note_answers()
        start = self._find_start()
        start.ask()  # before the first layout: focus comes after it
        self.set_focus(start.control)
        self._draw_request()

    def _show_title(self, record: Record | None) -> None:
        """Say what is asked for, and of which object, or like which."""
        name = self._platform.names.of(record.id) if record else ""
        parts = build_title(self._resource, self._action, record, name)
        whose = f"  in {self._platform.account}" if self._platform.account else ""
        self.query_one("#title", TitleBar).show([*parts, (whose, "warn")], [(f"{self._endpoint()} ", "dim")])

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._end_names()

    def _find_start(self) -> FormField:
        """Return the field to begin in: of what is made from an object the first that this does not answer."""
        fields = list(self._list.query(FormField))
        edits = changes_object(self._action, self._record)
        is_made = self._record is not None and self._action.on != "list" and not edits
        asked = (each for each in fields if each.display and not each.question.is_extra and not each.has_value)
        return next(asked, fields[0]) if is_made else fields[0]

    def _endpoint(self) -> str:
        """Return the method and the path of the call, with the ids in it that are known."""
        operation = self._action.operation
        path = operation.path
        with suppress(ApiError, KeyError):
            path = path.format_map(self._path())
        return f"{operation.method} {path}"

    def _path(self) -> dict[str, str]:
        """Return the ids in the path of the call. Raises ApiError."""
        target = None if self._action.on == "list" else self._record
        return self._platform.path(self._action.operation, target, self._resource, self._scope)

    def _give_room(self, width: int) -> None:
        self.set_class(self.SENDS and width >= ROOM_FOR_TWO, "-beside")

    def on_resize(self) -> None:
        """Show the request where there is room, and name as many keys as there is room for."""
        self._give_room(self.size.width)
        self._draw_request()
        choosing = [KeyHint("ctrl+o", "list")] if any(map(self._choices_for, self._fields.values())) else []
        folding = [KeyHint("ctrl+t", "more")] if self._list.has_extra else []
        is_kept = self._draft.is_kept
        copied = [KeyHint("ctrl+n", "begin anew" if is_kept else "empty")] if is_kept or self._is_copy else []
        counting = [KeyHint("ctrl+g", "tokens, $")] if any(map(can_be_estimated, self._fields.values())) else []
        seldom = [KeyHint("ctrl+e", "$EDITOR"), KeyHint("tab", "next")]
        self.query_one(FooterBar).show_keys(
            [
                KeyHint("ctrl+s", self.VERB),
                *folding,
                *choosing,
                *copied,
                KeyHint("ctrl+r", "preview"),
                *counting,
                *self.OWN_KEYS,
                *seldom,
                KeyHint("esc", "cancel"),
            ]
        )

    def say(self, sentence: str, tone: str = "") -> None:
        """Show a sentence above the keys, in full."""
        self.query_one("#state", NoticeBar).show([(sentence, tone)])

    # While answers are typed.

    @on(FormField.Answered)
    def _answered(self, event: FormField.Answered) -> None:
        field = event.field
        self._draw_soon()
        if isinstance(field.control, Select):
            self._list.show_asked()
        field.fault("")
        if field.question.mark(FileRef) or field.question.mark(LocalFile):
            field.note(Topic.TOKENS)  # of another file
            field.run_worker(self._check_soon(field), group="check", exclusive=True)  # each field its own
        else:
            self._note_answer(field)

    def _draw_soon(self) -> None:
        """Draw the request once typing pauses."""
        if not self._drawing and self.has_class("-beside"):
            self._drawing = True
            self.set_timer(_DRAW_AFTER, self._draw_request)

    def _draw_request(self) -> None:
        self._drawing = False
        if not self.has_class("-beside"):
            return
        body, faults = self._answers.draft()
        fields = [field for field in self._fields.values() if field.display]
        edits = changes_object(self._action, self._record)
        changes = [
            (field.question.words, *change) for field in fields if edits and (change := field.find_change())
        ]
        needed = [field.question.words for field in fields if field.question.name in faults]
        nothing = edits and not body
        self.query_one(RequestPane).show(
            {} if nothing else self.draw_request(body), changes, needed, nothing=nothing
        )

    async def _check_soon(self, field: FormField) -> None:
        """Check a local file while the user goes on typing."""
        await asyncio.sleep(_CHECK_AFTER)
        try:
            path = read_local_path(str(field.answer() or ""))
        except BadPath:
            path = None
        if path is not None and self.takes_otherwise(field, path):
            return
        if path is None or not path.is_file():
            field.note(Topic.FILE)
            self._note_answer(field)
            return
        field.note(Topic.ANSWER)  # of the object that was named before
        await self._files.examine(field, path)

    def takes_otherwise(self, field: FormField, path: Path) -> bool:  # noqa: ARG002
        """Return whether a path is given for something else than the file to be sent, which is said beside it."""
        return False

    def _note_answers(self) -> None:
        """Say beside all questions what the objects are that their answers name."""
        for field in self._fields.values():
            if field.question.resource and not field.is_faulty:
                self._note_answer(field)

    def _note_answer(self, field: FormField) -> None:
        """Say beside a question what the object is that its answer names, and that its work was done already."""
        question = field.question
        value = self._list.read_typed().get(question.name)
        named = describe_chosen(self._platform, question, value)
        again = describe_repetition(self._platform, self._resource, question, value)
        field.note(Topic.ANSWER, (named, ""), (again, "warn"))

    def read_answers(self) -> dict[Question, Any] | None:
        """Return all answers, or None after showing what is wrong with them."""
        answers, faults = self._answers.read()
        self.show_faults(faults)
        return None if faults else answers

    def request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request's body, made from the answers."""
        return body

    def draw_request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what is shown beside the fields, made from the answers so far."""
        return self.request(body)

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Show what is wrong with the answers, by the names of their questions, and say so above the keys."""
        rest = self._list.show_faults(faults)
        if faults:
            self.say(rest or "Some answers need a change.", "warn")

    def action_preview(self) -> None:
        """Show the request as it would be sent now, also as a command for the shell."""
        from tui.screens.forms.preview import Preview

        answers = self.read_answers()
        if answers is None:
            return
        operation = self._action.operation
        try:
            body, path = self.request(self._answers.build_body(answers)), self._path()
        except ApiError as error:
            self.say(f"{error}", "bad")
            return
        self.app.push_screen(Preview(operation, self._platform.client.connection, path, body))

    @work(group="estimate", exclusive=True)
    async def action_estimate(self) -> None:
        """Count what the file of this machine takes before it is sent."""
        await show_estimate(self._platform, self._fields.values(), self._answers.nest(), self.say)

    def action_empty(self) -> None:
        """Take away what was kept from the last time, else what was copied from another object.

        What was typed stays when what was copied goes.
        """
        if self._draft.is_kept:
            self._draft.undo()
            self.say("")
            self.on_resize()
        elif self._is_copy:
            for field in self._fields.values():
                field.forget_start()
            self._is_copy = False
            self._show_title(None)
            self.on_resize()

    async def action_more(self) -> None:
        """Show or hide what is seldom needed."""
        await self._list.toggle()

    def _find_focused_field(self) -> FormField | None:
        """Return the field that has the focus."""
        around = self.focused.ancestors if self.focused else ()
        return next((node for node in around if isinstance(node, FormField)), None)

    def _choices_for(self, field: FormField) -> Choices | None:
        return find_choices(self._platform, field.question, self._resource, self._scope, self._record)

    @work(group="choose", exclusive=True)
    async def action_choose(self) -> None:
        """Choose what the focused question asks for from a list."""
        field = self._find_focused_field()
        choices = self._choices_for(field) if field else None
        if field and isinstance(field.control, Select):
            field.control.action_show_overlay()
            return
        if field is None or choices is None:
            self.say("There is no list to choose this from.", "warn")
            return
        await choose(self.app, field, choices)

    @on(FormField.ListWanted)
    def _list_wanted(self, event: FormField.ListWanted) -> None:
        self.set_focus(event.field.control)
        self.action_choose()

    def action_edit(self) -> None:
        """Edit the answer of the focused question in $EDITOR."""
        from tui.toolkit.editor import edit

        field = self._find_focused_field()
        if field is None:
            return
        suffix = ".json" if field.question.kind is QuestionKind.JSON else ".txt"
        written = edit(self.app, field.text(), suffix)
        if written is not None:
            field.write(written)
