"""The form of a request, made from its model: it asks, checks, uploads local files, and sends once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Button

from tui.api.errors import ApiError
from tui.resources.language.forms import FaultyAnswers, start_values
from tui.resources.language.inputs import FileRef, LocalFile, Paid
from tui.resources.language.questions import Question, QuestionKind, list_questions
from tui.screens.forms.answers import Answers
from tui.screens.forms.changes import (
    build_title,
    changes_object,
    confirm_change,
    label_of,
)
from tui.screens.forms.local_files import LocalFiles, local_path
from tui.screens.forms.paid_again import agree_to_pay, describe_repetition
from tui.screens.forms.sending import send
from tui.system.paths import BadPath
from tui.toolkit.controls import Input, Select
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, NoticeBar, TitleBar
from tui.widgets.input.field_list import FieldList
from tui.widgets.input.form_field import FormField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_CHECK_AFTER = 0.4  # seconds without typing


class Form(Screen["dict[str, Any] | None"]):
    """Asks for a request's values. Dismissed with the platform's answer, or None."""

    OWN_PROMPT = True  # no `:` here: what is typed is an answer

    BINDINGS = [
        Binding("ctrl+s", "send", "send", id="form.send"),
        Binding("escape", "leave", "cancel", id="form.cancel"),
        # With priority, as fields of text have this key for the end of a line; `end` does that too.
        Binding("ctrl+e", "edit", "edit in $EDITOR", id="form.editor", priority=True),
        Binding("ctrl+r", "preview", "see the request", id="form.preview"),
        Binding("ctrl+o", "choose", "choose from a list", id="form.choose"),
        Binding("ctrl+t", "more", "more or fewer fields", id="form.more"),
        Binding("down", "app.focus_next", "next field", id="form.next", show=False),
        Binding("up", "app.focus_previous", "previous field", id="form.previous", show=False),
    ]

    DEFAULT_CSS = """
    Form #state { max-height: 50%; }
    Form #buttons { height: 1; padding: 0 1; }
    Form Button { margin-right: 2; min-width: 12; }
    """

    VERB: ClassVar[str] = "send"

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        action: Action,
        record: Record | None = None,
        start: Mapping[str, Any] | None = None,
        send: Send | None = None,
    ) -> None:
        """`start` are the answers to begin with, by name; `send` takes the place of the action's own call,
        and asks first where that gives power or money.
        """
        super().__init__()
        self._send_by = send
        self._platform, self._resource, self._scope = platform, resource, scope
        self._action, self._record = action, record
        if action.operation.body is None:
            raise TypeError(f"{action.operation.name} has no body to ask for")
        self._model = action.operation.body
        fill = dict(start or start_values(action, record))
        self._fields = {
            question.name: FormField(question, fill.get(question.name), edits=changes_object(action, record))
            for question in list_questions(self._model)
            if question.kind is not QuestionKind.FIXED
        }
        self._list = FieldList(self._fields)
        self._answers = Answers(self._model, self._list, fill if action.edits else None)
        self._files = LocalFiles(platform.client, self._fields, self._answers.nest, self.say)
        self.is_sending = False
        """Whether the request is being prepared or sent."""
        self._is_on_its_way = False
        self._answer: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """Yield header, title, questions, buttons, keys."""
        yield HeaderBar()
        yield TitleBar(id="title")
        yield self._list
        with Horizontal(id="buttons"):
            yield Button(self.VERB.capitalize(), id="send", variant="primary", compact=True)
            yield Button("Cancel", id="cancel", compact=True)
        yield NoticeBar(id="state")
        yield FooterBar()

    def on_mount(self) -> None:
        """Show title and keys, and focus the first question."""
        platform, operation = self._platform, self._action.operation
        path = operation.path
        with suppress(ApiError, KeyError):
            target = None if self._action.on == "list" else self._record
            path = path.format_map(platform.path(operation, target, self._resource, self._scope))
        name = platform.names.of(self._record.id) if self._record else ""
        self.query_one("#title", TitleBar).show(
            build_title(self._resource, self._action, self._record, name), [(f"{operation.method} {path} ", "dim")]
        )
        for field in self._fields.values():
            if field.question.mark(Paid):
                self._note_repetition(field)
        self.set_focus(self._list.query(FormField).first().control)

    def on_resize(self) -> None:
        """Name as many keys as there is room for."""
        choosing = [KeyHint("ctrl+o", "list")] if any(map(self._listed_resource, self._fields.values())) else []
        folding = [KeyHint("ctrl+t", "more")] if self._list.has_extra else []
        seldom = [KeyHint("ctrl+e", "$EDITOR"), KeyHint("tab", "next")]
        self.query_one(FooterBar).show_keys(
            [
                KeyHint("ctrl+s", self.VERB),
                *folding,
                *choosing,
                KeyHint("ctrl+r", "preview"),
                *seldom,
                KeyHint("esc", "cancel"),
            ]
        )

    def say(self, sentence: str, tone: str = "") -> None:
        """Show a sentence above the keys, in full."""
        self.query_one("#state", NoticeBar).show([(sentence, tone)])

    # While answers are typed.

    @on(Select.Changed)
    def _choice(self) -> None:
        self._list.show_asked()

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        field = next(node for node in event.input.ancestors if isinstance(node, FormField))
        field.fault("")
        if field.question.mark(FileRef) or field.question.mark(LocalFile):
            self._check_soon(field)

    @work(group="check", exclusive=True)
    async def _check_soon(self, field: FormField) -> None:
        """Check a local file while the user goes on typing."""
        await asyncio.sleep(_CHECK_AFTER)
        try:
            path = local_path(str(field.answer() or ""))
        except BadPath:
            path = None
        if path is None or not path.is_file():
            self._note_repetition(field)
            return
        await self._files.examine(field, path)

    def _note_repetition(self, field: FormField) -> None:
        """Say beside a question that the work it asks for was done already."""
        value = self._list.read_typed().get(field.question.name)
        words = describe_repetition(self._platform, self._resource, field.question, value)
        field.note([(words, "warn")] if words else [])

    # Sending.

    def action_send(self) -> None:
        """Check everything and send the request, once."""
        if not self.is_sending:
            self._send()

    @on(Button.Pressed, "#send")
    def _pressed_send(self) -> None:
        self.action_send()

    @on(Button.Pressed, "#cancel")
    @on(Input.Submitted)
    def _pressed(self, event: Button.Pressed | Input.Submitted) -> None:
        if isinstance(event, Button.Pressed):
            self.action_leave()
        else:
            self.focus_next()

    def action_leave(self) -> None:
        """Leave without sending; a transfer under way is cancelled."""
        if not self.is_sending:
            self.dismiss(self._answer)
            return
        self.workers.cancel_group(self, "send")
        self.is_sending = False
        self.say(
            "Stopped. It is not known whether the request arrived."
            if self._is_on_its_way
            else "Stopped; the request was not sent.",
            "warn",
        )

    @work(group="send", exclusive=True, exit_on_error=False)
    async def _send(self) -> None:
        answers = self._read_answers()
        if answers is None:
            return
        self.is_sending, self._is_on_its_way = True, False
        try:
            about = label_of(self._resource, self._action, self._record)
            fields = [self._fields[each.name] for each in answers if each.name in self._fields]
            if self._send_by is None and not (
                await confirm_change(self.app, self._action, about, fields)
                and await agree_to_pay(self.app, self._platform, self._resource, answers)
            ):
                self.say("Nothing was sent.", "warn")
                return
            if not await self._files.prepare(answers):
                return
            try:
                body = self._answers.build_body(answers)
            except FaultyAnswers as faulty:
                self._show_faults(faulty.faults)
                return
            if self._action.edits and not body:
                self.say("Nothing was changed.", "warn")
                return
            self.say("Sending…")
            self._is_on_its_way = True
            answer = await self._submit(self.request(body))
        except ApiError as error:
            self._refused(error)
        else:
            self._close(answer)
        finally:
            self.is_sending = False

    def _close(self, answer: dict[str, Any]) -> None:
        """Leave with the platform's answer, as soon as nothing lies over the form."""
        self._answer = answer
        if self.app.screen is self:
            self.dismiss(answer)

    def on_screen_resume(self) -> None:
        """Leave when the answer came while something lay over the form."""
        if self._answer is not None:
            self.dismiss(self._answer)

    def _read_answers(self) -> dict[Question, Any] | None:
        """Return all answers, or None after showing what is wrong with them."""
        answers, faults = self._answers.read()
        self._show_faults(faults)
        return None if faults else answers

    def request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the request's body, made from the answers."""
        return body

    async def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._send_by:
            return await self._send_by(body)
        return await send(
            self._platform, self._resource, self._scope, self._record, self._action, body, self._files
        )

    def _refused(self, error: ApiError) -> None:
        """Show why, beside the field the platform names, else above the keys."""
        param = str(getattr(error, "param", None) or "")
        if param in self._fields:
            self._list.show_faults({param: error.sentence})
            self.say("The platform did not take it.", "warn")
        else:
            self.say(f"{error}", "bad")

    def _show_faults(self, faults: Mapping[str, str]) -> None:
        rest = self._list.show_faults(faults)
        if faults:
            self.say(rest or "Some answers need a change.", "warn")

    def action_preview(self) -> None:
        """Show the request as it would be sent now, also as a command for the shell."""
        from tui.screens.forms.preview import Preview

        answers = self._read_answers()
        if answers is None:
            return
        operation = self._action.operation
        try:
            body = self.request(self._answers.build_body(answers))
            target = None if self._action.on == "list" else self._record
            path = self._platform.path(operation, target, self._resource, self._scope)
        except ApiError as error:
            self._refused(error)
            return
        self.app.push_screen(Preview(operation, self._platform.client.connection.base_url, path, body))

    def action_more(self) -> None:
        """Show or hide what is seldom needed."""
        self._list.toggle()

    def _focused_field(self) -> FormField | None:
        """Return the field that has the focus."""
        around = self.focused.ancestors if self.focused else ()
        return next((node for node in around if isinstance(node, FormField)), None)

    def _listed_resource(self, field: FormField) -> Resource | None:
        """Return the resource whose id a question wants, where that can be listed from here."""
        wanted = field.question.resource
        resource = self._platform.registry[wanted] if wanted else None
        return resource if resource and set(resource.within) <= set(self._scope) else None

    @work(group="choose", exclusive=True)
    async def action_choose(self) -> None:
        """Choose the id that the focused question asks for from a list."""
        from tui.screens.forms.pick_object import PickObject

        field = self._focused_field()
        resource = self._listed_resource(field) if field else None
        if field is None or resource is None:
            self.say("There is no list to choose this from.", "warn")
            return
        file = field.question.mark(FileRef)
        purpose = file.purpose if file else ""
        if ids := await self.app.push_screen_wait(PickObject(self._platform, resource, self._scope, purpose)):
            field.take(ids[0])

    def action_edit(self) -> None:
        """Edit the answer of the focused question in $EDITOR."""
        from tui.toolkit.editor import edit

        field = self._focused_field()
        if field is None:
            return
        suffix = ".json" if field.question.kind is QuestionKind.JSON else ".txt"
        written = edit(self.app, field.text(), suffix)
        if written is not None:
            field.write(written)
