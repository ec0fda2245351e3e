"""The form of a request, made from its model: it asks, checks, uploads local files, and sends once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.widgets import Button

from tui.api.errors import ApiError, OutcomeUnknown
from tui.live.lost_answers import find_answer, find_outcome
from tui.resources.language.asking.forms import FaultyAnswers
from tui.screens.dialogs.transfer import Left
from tui.screens.forms.asking import AskingScreen
from tui.screens.forms.changes import confirm_change
from tui.screens.forms.paid_again import agree_to_pay, agree_to_repeat
from tui.toolkit.controls import Input
from tui.workflows.sending import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_LOOK = 20.0  # seconds in which it is looked for what became of a request that was stopped
Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Form(AskingScreen):
    """Asks for a request's values and sends it. Dismissed with the platform's answer, or None."""

    BUSY: ClassVar[str] = "Sending…"
    BINDINGS = [
        Binding("ctrl+s", "send", "send", id="form.send"),
        Binding("escape", "leave", "cancel", id="form.cancel"),
    ]

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
        super().__init__(platform, resource, scope, action, record, start)
        self._send_by = send
        self.is_sending = False
        """Whether the request is being prepared or sent."""
        self._on_its_way: dict[str, Any] | None = None
        """The request that was sent and is not answered."""
        self._may_have_made: list[str] | None = None
        """What an earlier try may have made, as far as that is known; None where it is known that it has not."""

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
        """Leave without sending, and keep what was typed; a transfer under way is cancelled."""
        if not self.is_sending:
            if self._draft.keep():
                self.notify("What you typed is kept: it is there when you open this form again.", markup=False)
            self.dismiss(None)
            return
        self.workers.cancel_group(self, "send")
        self.is_sending = False
        if self._on_its_way is None:
            self.say("Stopped; the request was not sent.", "warn")
        else:
            self._may_have_made = []
            self._look(self._on_its_way)

    @work(group="look", exclusive=True)
    async def _look(self, body: dict[str, Any]) -> None:
        """Look what became of a request that was stopped on its way, and say so."""
        self.say("Stopped. Looking what became of it…", "warn")
        record = self._record
        found = await find_outcome(
            *(self._platform, self._resource, self._scope, self._action),
            *(record.id if record else "", record, body),
            patience=_LOOK,
        )
        self._may_have_made = None if found.done else found.alike
        known = found.sentence if found.done else f"It is not known whether the request arrived. {found.doubt}"
        self.say(f"Stopped. {known}".rstrip(), "warn")

    @work(group="send", exclusive=True, exit_on_error=False)
    async def _send(self) -> None:
        """Ask what must be asked, upload local files, send the request, and leave with the answer."""
        answers = self.read_answers()
        if answers is None:
            return
        self.is_sending, self._on_its_way = True, None
        try:
            if not await self._agree_to_repeat():
                self.say("Nothing was sent.", "warn")
                return
            fields = [self._fields[each.name] for each in answers if each.name in self._fields]
            if self._send_by is None and not (
                await confirm_change(self.app, self._platform, self._resource, self._action, self._record, fields)
                and await agree_to_pay(self.app, self._platform, self._resource, answers)
            ):
                self.say("Nothing was sent.", "warn")
                return
            if not await self._files.prepare(answers):
                return
            try:
                body = self._answers.build_body(answers)
            except FaultyAnswers as faulty:
                self.show_faults(faulty.faults)
                return
            if self._action.edits and not body:
                self.say("Nothing was changed.", "warn")
                return
            self.say(self.BUSY)
            self._on_its_way = self.request(body)
            answer = await self._submit(self._on_its_way)
        except Left:
            self._draft.drop()
            self.dismiss(None)
        except ApiError as error:
            if isinstance(error, OutcomeUnknown):
                self._may_have_made = error.alike
            self._show_refusal(error)
        else:
            self._draft.drop()
            self.dismiss(answer)
        finally:
            self.is_sending = False

    async def _agree_to_repeat(self) -> bool:
        """Ask before what an earlier try may have done is done twice; a change is the same however often."""
        if self._may_have_made is None or self._action.edits:
            return True
        return await agree_to_repeat(self.app, self._resource, self._may_have_made)

    async def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._send_by:
            return await self._send_by(body)
        about = self._platform, self._resource, self._scope
        try:
            return await send(*about, self._record, self._action, dict(body), self._files.upload_or_leave)
        except OutcomeUnknown as error:
            self.say("The answer was lost. Looking what became of it…")
            return await find_answer(*about, self._action, self._record, body, error)

    def _show_refusal(self, error: ApiError) -> None:
        """Show why, beside the field the platform names, else above the keys."""
        param = str(getattr(error, "param", None) or "")
        if param in self._fields:
            self._list.show_faults({param: error.sentence})
            self.say("The platform did not take it.", "warn")
        else:
            self.say(f"{error}", "bad")
