"""Doing what a resource declares: forms, dialogs, transfers, and one sentence on how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.resources.language.action import Action, Ask, Call, Fetch, Open, Read, Risk
from tui.resources.language.resource import title_of
from tui.screens.actions.target import Target
from tui.screens.actions.toast import show_toast
from tui.screens.navigation.follow import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.routes import OpenWorkflow


class Actor:
    """Performs actions of one resource: asks what must be asked, acts, and says how it went."""

    def __init__(
        self,
        app: App[Any],
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        done: Callable[[dict[str, Any]], None] = lambda _: None,
        workflows: Mapping[str, Callable[[], OpenWorkflow]] | None = None,
    ) -> None:
        """`done` is called with the object that an action has made or changed.

        `workflows` are what an action may open, by name, imported when they are.
        """
        self.app, self.platform, self.resource, self.scope = app, platform, resource, scope
        self._done, self.workflows = done, workflows or {}

    def pass_on(self, raw: dict[str, Any]) -> None:
        """Pass on an object that an action has made or changed."""
        self._done(raw)

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show a sentence for a few seconds; it may come from outside."""
        show_toast(self.app, sentence, bad=bad)

    def tell(self, sentence: str, *, bad: bool = False) -> None:
        """Show what became of something that was done; where several accounts are in use, in which."""
        self.say(f"{self.platform.account}: {sentence}" if self.platform.account else sentence, bad=bad)

    def name(self, record: Record, resource: Resource | None = None) -> str:
        """Return what people call an object, with its id, for a sentence on what was done to it."""
        resource = resource or self.resource
        source = record.read(resource.named_after) if resource.named_after else None
        title = title_of(resource, record) or (self.platform.names.of(str(source)) if source else "")
        return f"{title} ({record.id})" if title and record.id else title or record.id

    async def perform(self, action: Action, records: Sequence[Record]) -> None:
        """Do `action` to `records`: the marked ones or the one under the cursor, as they were at the key press."""
        if not action.operation.reads_only:
            self.platform.client.connection.look_for_closing()
        target = Target(self.platform, action, self.resource, self.scope, records)
        await target.settle()
        if target.refusal:
            self.tell(target.refusal, bad=True)
            return
        try:
            match action.does:
                case Open(workflow=name):
                    await self.workflows[name]()(self, action, *records)
                case Fetch(to="screen"):
                    from tui.screens.actions.content import show_content

                    await show_content(self.app, target, target.able[0])
                case Fetch():
                    from tui.screens.actions.content import save_contents

                    await save_contents(self.app, target)
                case Ask() as ask:
                    await self._ask(target, ask)
                case Read():
                    await self._show(action, await target.act(target.record))
                case Call() as call:
                    await self._call(target, call)
        except ApiError as error:
            self.tell(str(error), bad=True)
        journal = self.platform.client.journal
        if journal and journal.fault and not action.operation.reads_only:
            self.say(f"The journal of writes is not kept: {journal.fault}", bad=True)

    async def _ask(self, target: Target, ask: Ask) -> None:
        """Open the form, and show what became of what it sent."""
        from tui.screens.actions.agreement import agree
        from tui.screens.forms.batch_form import form_of

        action, record = target.action, target.record
        on_object = record is not None and action.on != "list"
        grave = on_object and action.risk in (Risk.STOP, Risk.GRAVE)
        if record and grave and not (await agree(self.app, target, [record])).records:
            return
        form = form_of(action)(self.platform, self.resource, self.scope, action, record)
        answer = await self.app.push_screen_wait(form)
        if answer is None:
            return
        if ask.secret and (secret := take_secret(answer, ask.secret)):
            from tui.screens.dialogs.secret import SecretScreen

            name = str(answer.get("name") or self.resource.singular)
            await self.app.push_screen_wait(SecretScreen(name, secret))
            return
        if ask.show:
            await self._show(action, answer)
            return
        id_ = str(answer.get(self.resource.identify) or "")
        if ask.edit or (record and on_object and id_ in ("", record.id)) or self.resource.single:
            changed = self.resource.record({**record.raw, **answer}) if record else None
            self.tell(f"Changed {self.name(changed) if changed else self.resource.singular}.")
        else:
            made = self.platform.find(id_) or self.resource
            self.tell(f"Created {made.singular} {self.name(made.record(answer), made)}.")
            if made.parent not in ("", self.resource.parent):
                follow(self.app, id_, self.platform.account)  # it stands in another list than this one
        self._done(answer)

    async def _show(self, action: Action, answer: Mapping[str, Any]) -> None:
        """Show what an action that only reads has found."""
        from tui.screens.dialogs.viewer import Viewer
        from tui.widgets.text.json_view import JsonView

        view = JsonView()
        view.show(answer)
        await self.app.push_screen(Viewer(action.label, view))

    async def _call(self, target: Target, call: Call) -> None:
        """Ask, then make the call: for all objects at once, for the one, or for one after the other."""
        from tui.live.writes.answer_checks import describe_call
        from tui.screens.actions.agreement import Agreement, agree, leave_used

        action, records = target.action, target.able
        agreed = Agreement(records)
        if action.risk is not Risk.NONE:
            agreed = await agree(self.app, target, records)
        records = agreed.records
        if len(records) == 1 or call.ids:
            records, used = await leave_used(self.app, target, agreed)
            if used:
                self.tell(used, bad=True)
        if not records:
            return
        ids = [record.id for record in records]
        if call.ids:
            await target.act(None, {call.ids: ids})
            what = self.name(records[0]) if len(ids) == 1 else f"{len(ids):,} {self.resource.name}"
            self.tell(f"{action.past} {what}.")
        elif len(records) == 1:
            answer = await target.act(records[0])
            self.tell(describe_call(action, self.name(records[0]), answer))
            if not action.removes:
                self._done(answer)
        else:
            import asyncio

            from tui.workflows.plan.plan import make_steps
            from tui.workflows.plan.run import begin_each

            steps = await asyncio.to_thread(make_steps, self.platform, self.resource, self.scope, records, action)
            run = begin_each(self.platform, steps, agreed.look)
            if run.state == "waiting":
                self.say(f"It waits for its turn: {run.what}. :tasks shows what is before it.")


def take_secret(answer: dict[str, Any], path: str) -> str:
    """Take the secret at a dotted path out of an answer, which goes on without it; "" when there is none."""
    *parents, last = path.split(".")
    part: Any = answer
    for step in parents:
        part = part.get(step) if isinstance(part, dict) else None
    secret = part.pop(last, None) if isinstance(part, dict) else None
    return secret if isinstance(secret, str) else ""
