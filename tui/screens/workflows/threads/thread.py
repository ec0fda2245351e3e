"""A thread as the conversation it is: messages, the runs that answer them, what the runs do, as it happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.resources.language.cells import pluralize
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.screens.actions.actor import Actor
from tui.screens.actions.permissions import find_refusal
from tui.screens.dialogs.message import write_until_sent
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.screens.forms.pick_object import PickObject
from tui.screens.workflows.threads.thread_entries import build_message_entry, build_run_entry, build_step_entry
from tui.screens.workflows.threads.tool_outputs import ToolOutputs
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.base.freshness import describe_freshness
from tui.widgets.text.conversation import Conversation, Entry
from tui.widgets.text.json_view import JsonView
from tui.workflows.generation.live_thread import MESSAGES, RUNS, LiveThread, is_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.app import ComposeResult

    from tui.api.errors import ApiError
    from tui.api.operation import Operation
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.widgets.text.line_view import LineView

_GATHER = 0.05  # seconds in which changes are gathered before they are drawn

# The key, what it does, and the resource and action that do it.
_ACTIONS = (
    ("N", "message without a run", MESSAGES, "create"),
    ("R", "run", RUNS, "create"),
    ("s", "answer tools", RUNS, "submit"),
    ("ctrl+x", "cancel run", RUNS, "cancel"),
    ("e", "edit metadata", MESSAGES, "edit"),
    ("ctrl+d", "delete message", MESSAGES, "delete"),
)


async def open_thread(actor: Actor, action: Action, record: Record | None = None) -> None:  # noqa: ARG001
    """Open a thread to read it and to go on with it."""
    if record is not None:
        await actor.app.push_screen(ThreadScreen(actor, record))


class ThreadScreen(Screen[None]):
    """Follows a thread's messages and runs. A run begun from here is streamed, others are asked for."""

    BINDINGS: ClassVar = [
        Binding("escape,q", "back", "back", id="thread.back"),
        Binding("n", "write", "write a message and run", id="thread.message", priority=True),
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
        self._actor, self._thread, self._workflows = actor, thread, actor.workflows
        self._platform = actor.platform
        self._scope = {**actor.scope, "thread_id": thread.id}
        self._live = LiveThread(actor.platform, self._scope)
        self._folded: dict[str, bool] = {}  # runs whose steps the user has hidden, or wants to see
        self._drawing = self._begun = False

    def compose(self) -> ComposeResult:
        """Yield header, title, the conversation, how it stands, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield Conversation(empty="Loading…")
        yield TitleBar(id="state")
        yield FooterBar()

    # Shown, hidden, gone.

    def on_mount(self) -> None:
        """Show what is known and hear of what changes."""
        self._live.open(self._draw_soon)
        self._end_listening = self._platform.scheduler.listen(self._draw_soon)
        self.set_focus(self.query_one(Conversation))
        self._draw()

    def on_screen_resume(self) -> None:
        """Watch messages, runs and steps."""
        self._live.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden. A stream goes on."""
        self._live.stop()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._end_listening()
        self._live.close()

    def _draw_soon(self) -> None:
        """Draw soon: a stream tells much in a moment."""
        if not self._drawing and self.is_mounted:
            self._drawing = True
            self.set_timer(_GATHER, self._draw)

    # What is shown.

    def _find_run(self) -> Record | None:
        """Return the run under the cursor, else the newest."""
        return self._live.runs.collection.records.get(self.query_one(Conversation).key) or self._live.newest_run

    def _is_unfolded(self, run: Record) -> bool:
        newest = self._live.newest_run
        return not self._folded.get(run.id, newest is None or run.id != newest.id)

    def _entries(self) -> Iterable[Entry]:
        now = self._platform.now()
        for record in self._live.in_order():
            if not is_run(record):
                yield build_message_entry(record, self._live.written.get(record.id, ""))
                continue
            unfolded = self._is_unfolded(record)
            yield build_run_entry(record, now, unfolded=unfolded)
            if unfolded:
                steps = self._live.steps_of(record.id).collection
                shown = [build_step_entry(steps.records[id_]) for id_ in steps.order]
                yield from shown[:-1]
                yield shown[-1]._replace(space=True) if shown else Entry(f"{record.id} steps", ())

    def _draw(self) -> None:
        self._drawing = False
        view = self.query_one(Conversation)
        entries = list(self._entries())
        loading = self._live.messages.health.state == "loading"
        view.show(entries, "Loading…" if loading else "No messages yet. Press n to write one.")
        if entries and not self._begun:
            self._begun = True
            view.action_last()
        self._say()

    def _say(self) -> None:
        """Show how the thread and its newest run stand, and the keys."""
        watches = (self._live.messages, self._live.runs)
        messages, runs = (watch.collection for watch in watches)
        more = "" if messages.complete else "+"
        amount = f"  {pluralize(len(messages.order), 'message', more)} · {pluralize(len(runs.order), 'run')}"
        health = max((watch.health for watch in watches), key=lambda health: bool(health.error))
        self.query_one(TitleBar).show(
            [(" thread ", "dim"), (self._thread.id, "strong"), (amount, "")],
            [*describe_freshness(health, is_silent=self._platform.scheduler.is_silent), (" ", "")],
        )
        self.query_one("#state", TitleBar).show(self._state(health.error))
        write = KeyHint("n", "message", self._refusal("R") is None)
        seldom, *keys = [KeyHint(key, label, self._refusal(key) is None) for key, label, *_ in _ACTIONS]
        self.query_one(FooterBar).show_keys(
            [
                *(write, *keys[:3], KeyHint("enter", "open"), *keys[3:], seldom),
                *(KeyHint(":", "go"), KeyHint("esc", "back")),
            ]
        )

    def _state(self, error: ApiError | None) -> list[tuple[str, str]]:
        run = self._live.newest_run
        if self._live.lost:
            return [(f" {self._live.lost}", "warn")]
        if error is not None:
            notice = f" {MESSAGES.notice}" if getattr(error, "status", None) == 404 else ""
            return [(f" {error}{notice}", "bad")]
        if run is None or not run.object.running:
            return [(" No run under way. n writes a message that an assistant answers.", "dim")]
        if waiting := RUNS.attention(run.object, CellContext(self._platform.now())):
            return [(f" ▲ s answers: the run {waiting}.", "warn")]
        how = "as it streams" if self._live.streaming else "asked for now and then"
        return [(f" ◐ {run.id} {run.raw.get('status')}", "accent"), (f", {how}", "dim")]

    # Keys.

    def _action_of(self, key: str) -> tuple[Actor, Action, Record | None]:
        """Return who does what to which object when a key is pressed."""
        resource, name = next((resource, name) for each, _, resource, name in _ACTIONS if each == key)
        action = resource.action(name)
        if action is None:
            raise LookupError(f"{resource.name} has no {name}")
        messages = self._live.messages.collection.records
        record = self._find_run() if resource is RUNS else messages.get(self.query_one(Conversation).key)
        return Actor(self.app, self._platform, resource, self._scope, workflows=self._workflows), action, record

    def _refusal(self, key: str) -> str | None:
        _, action, record = self._action_of(key)
        return find_refusal(action, record, self._platform)

    @work(group="act", exit_on_error=False)
    async def action_write(self) -> None:
        """Write a message, and run the assistant that answered last on it; a choice where none did."""
        actor, run, _ = self._action_of("R")
        if reason := find_refusal(run, None, self._platform):
            actor.say(f"Cannot {run.verb}: {reason}.", bad=True)
            return
        assistant = await self._choose_assistant()
        if not assistant:
            return
        start = self._sender(run, self._scope)

        async def send(text: str) -> None:
            message = {"role": "user", "content": text}
            await start({"assistant_id": assistant, "additional_messages": [message]})
            await self._live.refresh()

        name = self._platform.names.of(assistant) or assistant
        await write_until_sent(
            self.app, f"To {name}", "run", send, about=self._thread.id, drafts=self._platform.drafts
        )

    async def _choose_assistant(self) -> str:
        """Return the assistant that ran last on the thread, else the one that is chosen, "" for none."""
        newest = self._live.newest_run
        if newest and (last := newest.raw.get("assistant_id")):
            return str(last)
        chosen = await self.app.push_screen_wait(PickObject(self._platform, REGISTRY["assistants"], {}))
        return chosen[0] if chosen else ""

    @work(group="act", exit_on_error=False)
    async def action_act(self, key: str) -> None:
        """Do what a key stands for; runs are streamed."""
        actor, action, record = self._action_of(key)
        if reason := find_refusal(action, record, self._platform):
            actor.say(f"Cannot {action.verb}: {reason}.", bad=True)
        elif action.name == "submit" and record is not None:
            if not record.object.waiting:
                actor.say("This run does not say which tools it waits for.", bad=True)
                return
            path = {**self._scope, "run_id": record.id}
            await self.app.push_screen_wait(ToolOutputs(actor, action, record, send=self._sender(action, path)))
        elif starts_run(actor, action):
            newest = self._live.newest_run
            start = {"assistant_id": newest.raw.get("assistant_id")} if newest else {}
            send = self._sender(action, self._scope)
            form = Form(self._platform, RUNS, self._scope, action, start=start, send=send)
            await self.app.push_screen_wait(form)
        else:
            await actor.perform(action, [record] if record else [])

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """Fold or unfold a run; show anything else as it came."""
        run = self._live.runs.collection.records.get(event.key)
        if run is not None:
            self._folded[run.id] = self._is_unfolded(run)
            self._draw()
            return
        if record := self._live.find(event.key):
            view = JsonView()
            view.show(record.raw)
            self.app.push_screen(Viewer(record.id, view))

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line."""
        copy(self.app, event.text)

    @work(group="refresh", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask the server now."""
        await self._live.refresh()

    @work(group="older", exclusive=True, exit_on_error=False)
    async def action_older(self) -> None:
        """Load all messages."""
        await self._live.load_all()

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
        """Follow the answer to a request; `first` gets its first event, or why there is none."""
        await self._live.follow(operation, path, body, first)


def starts_run(actor: Actor, action: Action) -> bool:
    """Return whether an action begins a run."""
    return actor.resource is RUNS and action.name == "create"
