"""Runs, their steps and messages as objects at a moment, and the events of their stream."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.jobs.assistant_run import ACTIVE, RunFacts, RunMark, arrival_times, past_marks, plan_marks, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui.sandbox.world import JSON, Row

_WHY = {"incomplete": "max_tokens", "cancelled": "run_cancelled", "expired": "run_expired", "failed": "run_failed"}


class Run(NamedTuple):
    """A run: its facts in time, and what it was asked, does and answers.

    `request` holds the fields of the object that do not change. Each of the `steps` has `id`, `usage` and either
    `calls`, as they are when all is done, or `message_id`. `reply` has `type` (text or refusal), the `pieces` it
    comes in and `annotations`.
    """

    id: str
    facts: RunFacts
    request: JSON
    steps: list[JSON]
    reply: JSON
    error: JSON | None
    limit: str | None

    @classmethod
    def of(cls, row: Row) -> Run:
        """Return the run kept in a row."""
        known = row.known
        return cls(row.id, **{**known, "facts": RunFacts(**known["facts"])})

    # Objects.

    def describe(self, now: float) -> JSON:
        """Return the object of the run."""
        happened = [mark for mark in past_marks(self.facts, now) if mark.step is None]
        state = happened[-1].status
        entered = {mark.status: int(mark.moment) for mark in happened}
        started = next((int(mark.moment) for mark in happened if mark.status == "in_progress"), None)
        return {
            "id": self.id,
            "object": "thread.run",
            "created_at": int(self.facts.created),
            **self.request,
            "status": state,
            "started_at": started,
            "expires_at": int(self.facts.expires) if state in ACTIVE else None,
            **{f"{word}_at": entered.get(word) for word in ("cancelled", "failed", "completed")},
            "required_action": self._required_action(now) if state == "requires_action" else None,
            "last_error": self.error if state == "failed" else None,
            "incomplete_details": {"reason": self.limit} if state == "incomplete" else None,
            "usage": None if state in ACTIVE else self._usage(now),
        }

    def _required_action(self, now: float) -> JSON:
        calls = [
            {"id": call["id"], "type": "function", "function": _without_output(call["function"])}
            for call in self.open_calls(now)
        ]
        return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}

    def open_calls(self, now: float) -> list[JSON]:
        """Return the calls of functions whose outputs the run waits for, none when it does not."""
        if status(self.facts, now) != "requires_action":
            return []
        *_, number = (mark.step for mark in past_marks(self.facts, now) if mark.step is not None)
        calls: list[JSON] = self.steps[number]["calls"]
        return calls

    def _usage(self, now: float) -> JSON:
        ended = [mark.step for mark in past_marks(self.facts, now) if mark.step is not None and _ends(mark)]
        names = ("prompt_tokens", "completion_tokens", "total_tokens")
        return {name: sum(self.steps[number]["usage"][name] for number in ended) for name in names}

    def step(self, number: int, now: float) -> JSON:
        """Return the object of a step, which must have begun."""
        begun, *ended = (mark for mark in past_marks(self.facts, now) if mark.step == number)
        step, state = self.steps[number], (ended or [begun])[-1].status
        times: dict[str, int | None] = {
            f"{word}_at": None for word in ("cancelled", "completed", "expired", "failed")
        }
        if ended:
            times[f"{state}_at"] = int(ended[-1].moment)
        if "message_id" in step:
            details = {"type": "message_creation", "message_creation": {"message_id": step["message_id"]}}
        else:
            worked = now >= begun.moment + self.facts.steps[number][1]
            details = {"type": "tool_calls", "tool_calls": step["calls"] if worked else []}
        return {
            "id": step["id"],
            "object": "thread.run.step",
            "created_at": int(begun.moment),
            "run_id": self.id,
            "assistant_id": self.request["assistant_id"],
            "thread_id": self.request["thread_id"],
            "type": details["type"],
            "status": state,
            **times,
            "last_error": self.error if state == "failed" else None,
            "step_details": details,
            "metadata": {},
            "usage": step["usage"] if ended else None,
        }

    def begun_steps(self, now: float) -> list[int]:
        """Return the steps that have begun, oldest first."""
        return [mark.step for mark in past_marks(self.facts, now) if mark.step is not None and not _ends(mark)]

    def message(self, now: float, metadata: JSON | None = None) -> JSON:
        """Return the object of the message the run writes, which must have begun."""
        number = len(self.steps) - 1
        begun, *ended = (mark for mark in past_marks(self.facts, now) if mark.step == number)
        state = ended[-1].status if ended else "in_progress"
        if state == "completed" and self.facts.fate == "incomplete":
            state = "incomplete"
        over = int(ended[-1].moment) if ended else None
        return {
            "id": self.steps[number]["message_id"],
            "object": "thread.message",
            "created_at": int(begun.moment),
            "thread_id": self.request["thread_id"],
            "status": "incomplete" if state in _WHY else state,
            "incomplete_details": {"reason": _WHY[state]} if state in _WHY else None,
            "completed_at": over if state == "completed" else None,
            "incomplete_at": over if state in _WHY else None,
            "role": "assistant",
            "content": self._content(number, now),
            "assistant_id": self.request["assistant_id"],
            "run_id": self.id,
            "attachments": [],
            "metadata": metadata or {},
        }

    def _content(self, number: int, now: float) -> list[JSON]:
        pieces = self.reply["pieces"]
        come = sum(moment <= now for moment in arrival_times(self.facts, number, len(pieces)))
        text = "".join(pieces[:come])
        if not text:
            return []
        if self.reply["type"] == "refusal":
            return [{"type": "refusal", "refusal": text}]
        annotations = [note for note in self.reply["annotations"] if note["end_index"] <= len(text)]
        return [{"type": "text", "text": {"value": text, "annotations": annotations}}]

    # The stream.

    def events(self) -> list[RunEvent]:
        """Return all that its stream tells, in order, also what lies ahead unless somebody acts."""
        return list(self._events())

    def _events(self) -> Iterator[RunEvent]:
        yield RunEvent(self.facts.created, "thread.run.created", partial(self.describe, self.facts.created))
        for moment, number, state in plan_marks(self.facts):
            if number is None:
                yield RunEvent(moment, f"thread.run.{state}", partial(self.describe, moment))
            elif state == "in_progress":
                yield from self._work(moment, number)
            else:
                if "message_id" in self.steps[number]:
                    word = "completed" if (state, self.facts.fate) == ("completed", "completed") else "incomplete"
                    yield RunEvent(moment, f"thread.message.{word}", partial(self.message, moment))
                yield RunEvent(moment, f"thread.run.step.{state}", partial(self.step, number, moment))

    def _work(self, moment: float, number: int) -> Iterator[RunEvent]:
        """Yield the events of a step from its beginning to its end."""
        for word in ("created", "in_progress"):
            yield RunEvent(moment, f"thread.run.step.{word}", partial(self.step, number, moment))
        step = self.steps[number]
        if "message_id" in step:
            for word in ("created", "in_progress"):
                yield RunEvent(moment, f"thread.message.{word}", partial(self.message, moment))
            name, id_, deltas = "thread.message.delta", step["message_id"], list(self._message_deltas())
        else:
            name, id_, deltas = "thread.run.step.delta", step["id"], list(_call_deltas(step["calls"]))
        for at, delta in zip(arrival_times(self.facts, number, len(deltas)), deltas, strict=False):
            yield RunEvent(at, name, partial(dict, id=id_, object=name, delta=delta))

    def _message_deltas(self) -> Iterator[JSON]:
        kind, length = self.reply["type"], 0
        for piece in self.reply["pieces"]:
            part: JSON = {"index": 0, "type": kind, "refusal": piece}
            if kind == "text":
                notes = [
                    {"index": place, **note}
                    for place, note in enumerate(self.reply["annotations"])
                    if length < note["end_index"] <= length + len(piece)
                ]
                part = {"index": 0, "type": "text", "text": {"value": piece, "annotations": notes}}
            length += len(piece)
            yield {"content": [part]}


class RunEvent(NamedTuple):
    """Something the stream tells: when, its name, and what makes its data."""

    moment: float
    name: str
    data: Callable[[], JSON]


def _ends(mark: RunMark) -> bool:
    return mark.status != "in_progress"


def _without_output(function: JSON) -> JSON:
    return {"name": function["name"], "arguments": function["arguments"]}


def _call_deltas(calls: list[JSON]) -> Iterator[JSON]:
    """Yield the pieces in which calls of tools come."""
    for index, call in enumerate(calls):
        at = {"index": index, "type": call["type"]}
        match call:
            case {"type": "function", "function": {"name": name, "arguments": arguments}}:
                parts = [{"name": name, "arguments": "", "output": None}]
                parts += [{"arguments": arguments[start : start + 8]} for start in range(0, len(arguments), 8)]
            case {"type": "code_interpreter", "code_interpreter": {"input": code, "outputs": outputs}}:
                parts = [{"input": code, "outputs": []}]
                parts += [{"outputs": [{"index": place, **output}]} for place, output in enumerate(outputs)]
            case {"type": kind}:
                parts = [call[kind]]
        for place, part in enumerate(parts):
            told = {**at, "id": call["id"]} if place == 0 else at
            yield {"step_details": {"type": "tool_calls", "tool_calls": [{**told, call["type"]: part}]}}
