"""A thread as the conversation it is: messages, the runs that answer them, what the runs do, as it happens."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.api.errors import ApiError
from tui.resources.generation.contents import content_text
from tui.resources.language.cells import pluralize
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.screens.actions.actor import Actor
from tui.screens.actions.permissions import refusal
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.screens.workflows.thread_entries import message_entry, run_entry, step_entry
from tui.screens.workflows.tool_outputs import ToolOutputs
from tui.toolkit.clipboard import copy
from tui.widgets.base.bars import FooterBar, KeyHint, TitleBar
from tui.widgets.base.freshness import freshness
from tui.widgets.text.conversation import Conversation, Entry
from tui.widgets.text.json_view import JsonView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.app import ComposeResult

    from tui.api.operation import Operation
    from tui.api.streams import ServerEvent
    from tui.live.polling.watch import Watch
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.widgets.text.line_view import LineView

_MESSAGES, _RUNS, _STEPS = (REGISTRY[name] for name in ("messages", "runs", "steps"))
_GATHER = 0.05  # seconds in which changes are gathered before they are drawn

# The key, what it does, and the resource and action that do it.
_ACTIONS = (
    ("n", "message", _MESSAGES, "create"),
    ("R", "run", _RUNS, "create"),
    ("s", "answer tools", _RUNS, "submit"),
    ("ctrl+x", "cancel run", _RUNS, "cancel"),
    ("e", "edit metadata", _MESSAGES, "edit"),
    ("ctrl+d", "delete message", _MESSAGES, "delete"),
)


async def open_thread(actor: Actor, action: Action, record: Record | None = None) -> None:  # noqa: ARG001
    """Open a thread to read it and to go on with it."""
    if record is not None:
        await actor.app.push_screen(ThreadScreen(actor, record))


class ThreadScreen(Screen[None]):
    """Follows a thread's messages and runs. A run begun from here is streamed, others are asked for."""

    BINDINGS: ClassVar = [
        Binding("escape,q", "back", "back", id="thread.back"),
        # With priority, as views of text have n for the next match.
        *(
            Binding(key, f"act('{key}')", label, id=f"thread.{label.replace(' ', '_')}", priority=True)
            for key, label, *_ in _ACTIONS
        ),
        Binding("r,ctrl+r", "refresh", "refresh now", id="thread.refresh"),
        Binding("L", "older", "load all", id="thread.older"),
    ]

    def __init__(self, actor: Actor, thread: Record) -> None:
        super().__init__()
        self._actor, self._thread, self._tasks = actor, thread, actor.tasks
        platform = self._platform = actor.platform
        self._scope = {**actor.scope, "thread_id": thread.id}
        self._messages, self._runs = (platform.watch(each, self._scope) for each in (_MESSAGES, _RUNS))
        self._steps: dict[str, Watch] = {}
        self._folded: dict[str, bool] = {}  # runs whose steps the user has hidden, or wants to see
        self._written: dict[str, str] = {}  # messages as far as the stream has told them
        self._streaming = False
        self._lost = ""
        self._ends: list[Callable[[], None]] = []
        self._visible = self._drawing = self._begun = False

    def compose(self) -> ComposeResult:
        """Title, the conversation, how it stands, keys."""
        yield TitleBar()
        yield Conversation(empty="Loading…")
        yield TitleBar(id="state")
        yield FooterBar()

    # Life.

    def on_mount(self) -> None:
        """Show what is known and hear of what changes."""
        for watch in (self._messages, self._runs):
            self._subscribe(watch)
        self.set_focus(self.query_one(Conversation))
        self._draw()

    def _subscribe(self, watch: Watch) -> None:
        self._ends.append(watch.subscribe(lambda _: self._draw_soon(), lambda _: self._draw_soon()))

    def _watches(self) -> Iterable[Watch]:
        return (self._messages, self._runs, *self._steps.values())

    def on_screen_resume(self) -> None:
        """Watch messages, runs and steps."""
        self._visible = True
        for watch in self._watches():
            watch.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden. A stream goes on."""
        self._visible = False
        for watch in self._watches():
            watch.stop()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        for end in self._ends:
            end()

    def _draw_soon(self) -> None:
        """Draw soon: a stream tells much in a moment."""
        if not self._drawing and self.is_mounted:
            self._drawing = True
            self.set_timer(_GATHER, self._draw)

    # What there is.

    def _in_order(self) -> list[Record]:
        """Messages and runs as they came about."""
        order = {"user": 0, "run": 1, "assistant": 2}

        def key(record: Record) -> tuple[float, int]:
            at = record.read("created_at")
            kind = "run" if record.raw.get("object") == "thread.run" else str(record.raw.get("role"))
            return (at or 0.0, order.get(kind, 1))

        lists = (
            [watch.collection.records[id_] for id_ in reversed(watch.collection.order)] for watch in self._both
        )
        return sorted((record for records in lists for record in records), key=key)

    @property
    def _both(self) -> tuple[Watch, Watch]:
        return self._messages, self._runs

    def _newest(self) -> Record | None:
        runs = self._runs.collection
        return runs.records[runs.order[0]] if runs.order else None

    def _run(self) -> Record | None:
        """The run under the cursor, else the newest."""
        return self._runs.collection.records.get(self.query_one(Conversation).key) or self._newest()

    def _is_unfolded(self, run: Record) -> bool:
        newest = self._newest()
        return not self._folded.get(run.id, newest is None or run.id != newest.id)

    def _steps_of(self, run_id: str) -> Watch:
        """Return what keeps the steps of a run fresh, from now on."""
        if run_id not in self._steps:
            watch = self._platform.watch(_STEPS, {**self._scope, "run_id": run_id})
            self._steps[run_id] = watch
            self._subscribe(watch)
            if self._visible:
                watch.start()
        return self._steps[run_id]

    def _entries(self) -> Iterable[Entry]:
        now = self._platform.now()
        for record in self._in_order():
            if record.raw.get("object") != "thread.run":
                yield message_entry(record, self._written.get(record.id, ""))
                continue
            unfolded = self._is_unfolded(record)
            yield run_entry(record, now, unfolded=unfolded)
            if unfolded:
                steps = self._steps_of(record.id).collection
                shown = [step_entry(steps.records[id_]) for id_ in steps.order]
                yield from shown[:-1]
                yield shown[-1]._replace(space=True) if shown else Entry(f"{record.id} steps", ())

    def _draw(self) -> None:
        self._drawing = False
        view = self.query_one(Conversation)
        entries = list(self._entries())
        loading = self._messages.health.state == "loading"
        view.show(entries, "Loading…" if loading else "No messages yet. Press n to write one.")
        if entries and not self._begun:
            self._begun = True
            view.action_last()
        self._say()

    def _say(self) -> None:
        """Show how the thread and its newest run stand, and the keys."""
        messages, runs = (watch.collection for watch in self._both)
        more = "" if messages.complete else "+"
        amount = f"  {pluralize(len(messages.order), 'message', more)} · {pluralize(len(runs.order), 'run')}"
        health = max((watch.health for watch in self._both), key=lambda health: bool(health.error))
        self.query_one(TitleBar).show(
            [(" thread ", "dim"), (self._thread.id, "strong"), (amount, "")], [*freshness(health), (" ", "")]
        )
        self.query_one("#state", TitleBar).show(self._state(health.error))
        keys = [KeyHint(key, label, self._refusal(key) is None) for key, label, *_ in _ACTIONS]
        self.query_one(FooterBar).show_keys(
            [*keys[:4], KeyHint("enter", "open"), *keys[4:], KeyHint("esc", "back")]
        )

    def _state(self, error: ApiError | None) -> list[tuple[str, str]]:
        run = self._newest()
        if self._lost:
            return [(f" {self._lost}", "warn")]
        if error is not None:
            notice = f" {_MESSAGES.notice}" if getattr(error, "status", None) == 404 else ""
            return [(f" {error}{notice}", "bad")]
        if run is None or not run.object.running:
            return [(" No run under way. R runs an assistant on the thread.", "dim")]
        if waiting := _RUNS.attention(run.object, CellContext(self._platform.now())):
            return [(f" ▲ s answers {run.id}, which {waiting}.", "warn")]
        how = "as it streams" if self._streaming else "asked for now and then"
        return [(f" ◐ {run.id} {run.raw.get('status')}", "accent"), (f", {how}", "dim")]

    # Keys.

    def _action_of(self, key: str) -> tuple[Actor, Action, Record | None]:
        """Return who does what to which object when a key is pressed."""
        resource, name = next((resource, name) for each, _, resource, name in _ACTIONS if each == key)
        action = resource.action(name)
        if action is None:
            raise LookupError(f"{resource.name} has no {name}")
        messages = self._messages.collection.records
        record = self._run() if resource is _RUNS else messages.get(self.query_one(Conversation).key)
        return Actor(self.app, self._platform, resource, self._scope, tasks=self._tasks), action, record

    def _refusal(self, key: str) -> str | None:
        _, action, record = self._action_of(key)
        return refusal(action, record, self._platform)

    @work(group="act", exit_on_error=False)
    async def action_act(self, key: str) -> None:
        """Do what a key stands for; runs are streamed."""
        actor, action, record = self._action_of(key)
        if reason := refusal(action, record, self._platform):
            actor.say(f"Cannot {action.label}: {reason}.", bad=True)
        elif action.name == "submit" and record is not None:
            if not record.object.waiting:
                actor.say("This run does not say which tools it waits for.", bad=True)
                return
            path = {**self._scope, "run_id": record.id}
            await self.app.push_screen_wait(ToolOutputs(actor, action, record, send=self._sender(action, path)))
        elif starts_run(actor, action):
            newest = self._newest()
            start = {"assistant_id": newest.raw.get("assistant_id")} if newest else {}
            send = self._sender(action, self._scope)
            form = Form(self._platform, _RUNS, self._scope, action, start=start, send=send)
            await self.app.push_screen_wait(form)
        else:
            await actor.perform(action, [record] if record else [])

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """Fold or unfold a run; show anything else as it came."""
        run = self._runs.collection.records.get(event.key)
        if run is not None:
            self._folded[run.id] = self._is_unfolded(run)
            self._draw()
            return
        found = (watch.collection.records.get(event.key) for watch in self._watches())
        if record := next(filter(None, found), None):
            view = JsonView()
            view.show(record.raw)
            self.app.push_screen(Viewer(record.id, view))

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line."""
        copy(self.app, event.text)

    @work(group="refresh", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask the server now."""
        self._lost = ""
        await asyncio.gather(*(watch.refresh() for watch in self._watches()))
        self._draw_soon()

    @work(group="older", exclusive=True, exit_on_error=False)
    async def action_older(self) -> None:
        """Load all messages."""
        await self._messages.load_more(all=True)
        self._draw_soon()

    def action_back(self) -> None:
        """Leave. A run under way goes on."""
        self.dismiss(None)

    # Streaming.

    def _sender(self, action: Action, path: Mapping[str, str]) -> Callable[[dict[str, Any]], Any]:
        """Return what sends a form's request and follows the answer; it is done with the first event, or fails."""

        async def send(body: dict[str, Any]) -> dict[str, Any]:
            first: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
            self._stream(action.operation, dict(path), {**body, "stream": True}, first)
            return await first

        return send

    @work(group="stream", exclusive=True, exit_on_error=False)
    async def _stream(
        self,
        operation: Operation,
        path: dict[str, str],
        body: dict[str, Any],
        first: asyncio.Future[dict[str, Any]],
    ) -> None:
        self._streaming, self._lost = True, ""
        try:
            async with aclosing(self._platform.client.events(operation, path, body=body)) as events:
                async for event in events:
                    if not first.done():
                        first.set_result(event.data)
                    self._take(event)
        except ApiError as error:
            if first.done():
                self._lost = f"The stream ended early: {error.sentence} The run itself goes on and is asked for."
            else:
                first.set_exception(error)
        finally:
            if not first.done():
                first.cancel()
            self._streaming = False
            self._written.clear()
            for watch in self._watches():
                if watch.visible:
                    self._platform.scheduler.poke(watch)
            self._draw_soon()

    def _take(self, event: ServerEvent) -> None:
        """Take in one event of a run's stream."""
        data = event.data
        match data.get("object"):
            case "thread.run":
                self._runs.put(data)
            case "thread.run.step":
                self._steps_of(str(data.get("run_id"))).put(data)
            case "thread.message":
                self._messages.put(data)
            case "thread.message.delta" if isinstance(data.get("delta"), dict):
                id_ = str(data.get("id"))
                self._written[id_] = self._written.get(id_, "") + content_text(data["delta"].get("content"))
        self._draw_soon()


def starts_run(actor: Actor, action: Action) -> bool:
    """Return whether an action begins a run."""
    return actor.resource is _RUNS and action.name == "create"
