"""Talking to an assistant: a message on a thread of its own, and a run that answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.language.resource import title_of
from tui.resources.registry import REGISTRY
from tui.screens.actions.actor import Actor
from tui.screens.dialogs.message import write_until_sent
from tui.screens.workflows.threads.thread import ThreadScreen

if TYPE_CHECKING:
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record

THREADS = REGISTRY["threads"]


async def open_talk(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Write a message to an assistant, run it on a new thread, and go there."""
    if record is None:
        return
    threads: list[str] = []

    async def send(text: str) -> None:
        messages = [{"role": "user", "content": text}]
        body = {"assistant_id": record.id, "thread": {"messages": messages}}
        run = await actor.platform.act(actor.resource, actor.scope, record, action, body)
        threads.append(str(run.get("thread_id") or ""))

    name = title_of(actor.resource, record) or record.id
    title = f"To {name}, on a new thread"
    if await write_until_sent(actor.app, title, "run", send, about=record.id, drafts=actor.platform.drafts):
        thread = await actor.platform.get(THREADS, {}, threads[-1])
        there = Actor(actor.app, actor.platform, THREADS, {}, workflows=actor.workflows)
        await actor.app.push_screen(ThreadScreen(there, thread))
