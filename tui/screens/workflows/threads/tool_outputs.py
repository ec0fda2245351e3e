"""Answering the tool calls a run waits for: a form with a question for each call."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from tui.resources.generation.contents import describe_call
from tui.resources.language.action import Ask
from tui.screens.forms.form import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.screens.forms.form import Send


async def answer_tool_calls(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Ask for the outputs and send them, all at once as the platform wants it."""
    if record is None or not record.object.waiting:
        actor.say("This run does not say which tools it waits for.", bad=True)
    elif await actor.app.push_screen_wait(ToolOutputs(actor, action, record)):
        actor.say(f"Answered the tool calls of {record.id}.")


def build_form_action(action: Action, calls: Sequence[dict[str, Any]]) -> tuple[Action, dict[str, str]]:
    """Return the action with a form that has a question for each call, and the call each question is about."""
    from pydantic import Field, create_model

    from tui.resources.language.asking.inputs import LongText
    from tui.resources.language.objects import Request

    ids: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for number, call in enumerate(calls, 1):
        function = call.get("function")
        name = str(function.get("name") if isinstance(function, dict) else "tool")
        question = f"{re.sub(r'[^a-zA-Z0-9]+', '_', name).strip('_')[:40]}_{number}"
        ids[f"output_{question}"] = str(call.get("id") or "")
        about = Field(description=f"What {describe_call(call)} gives.")
        fields[f"output_{question}"] = (Annotated[str, LongText()], about)
    model = create_model("ToolOutputs", __base__=Request, **fields)
    return replace(action, does=Ask(replace(action.operation, body=model))), ids


class ToolOutputs(Form):
    """Asks for an output for each call a run waits for, and sends them together."""

    def __init__(self, actor: Actor, action: Action, record: Record, send: Send | None = None) -> None:
        asked, self._calls = build_form_action(action, record.object.waiting)
        super().__init__(actor.platform, actor.resource, actor.scope, asked, record, send=send)

    def request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the outputs, each with the call it is for."""
        return {"tool_outputs": [{"tool_call_id": self._calls[name], "output": body[name]} for name in body]}
