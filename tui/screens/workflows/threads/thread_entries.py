"""The entries of a thread: messages, runs and their steps as entries of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.generation.contents import describe_call
from tui.resources.language.cells import moment, pluralize, span, status_cell
from tui.widgets.text.conversation import Entry

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_ROLES = {"user": "accent", "assistant": "good"}


def _format_moment(value: Any) -> str:
    return f"  {moment(value)}" if isinstance(value, int | float) else ""


def _status(record: Record) -> tuple[str, str]:
    cell = status_cell(str(record.raw.get("status") or "unknown"))
    return cell.text, cell.tone


def build_message_entry(record: Record, written: str = "") -> Entry:
    """Return who said what and when, with what is attached. `written` is the text as far as it was streamed."""
    message = record.object
    role = message.role or "unknown"
    head = [(role, "strong"), (_format_moment(message.created_at), "dim")]
    if message.status not in (None, "completed"):
        why = f": {message.incomplete_details.reason}" if message.incomplete_details else ""
        words, tone = _status(record)
        head.append((f"  {words}{why}", tone))
    files = [str(each.get("file_id")) for each in message.attachments or [] if each.get("file_id")]
    attached = ((f"attached: {', '.join(files)}", "dim"),) if files else ()
    text = max(message.text, written, key=len)
    marks = (("▌ ", _ROLES.get(role, "warn")), *head)
    return Entry(record.id, marks, ((text, ""), *attached))


def build_run_entry(record: Record, now: float, *, unfolded: bool) -> Entry:
    """Return how a run stands, what it took, and what it waits for."""
    run = record.object
    begun, end = run.started_at or run.created_at, run.ended_at or (now if run.running else None)
    tokens = run.usage.total_tokens if run.usage else None
    facts = [
        run.model,
        span(end - begun) if begun and end and not run.running else "",
        pluralize(tokens, "token") if tokens else "",
    ]
    head = (
        ("▾ " if unfolded else "▸ ", "dim"),
        ("run  ", ""),
        _status(record),
        (f"  {' · '.join(filter(None, facts))}", "dim"),
        (f"  {record.id}", "dim"),
    )
    body = [(run.trouble, "bad")] if run.trouble else []
    body += [(f"waits for {describe_call(call)}", "warn") for call in run.waiting]
    return Entry(record.id, head, tuple(body), space=not unfolded)


def build_step_entry(record: Record) -> Entry:
    """Return what a step did and what came of it."""
    step = record.object
    glyph, tone = _status(record)
    what = "wrote the message" if step.message_id else (step.type or "step").replace("_", " ")
    head = ((f"  {glyph.split()[0]} ", tone), (what, ""), (_format_moment(step.completed_at), "dim"))
    calls = (step.step_details or {}).get("tool_calls")
    body: list[tuple[str, str]] = []
    for call in calls if isinstance(calls, list) else []:
        body.append((describe_call(call), "accent"))
        if output := _output(call):
            body.append((f"→ {output}", "dim"))
    if step.trouble:
        body.append((step.trouble, "bad"))
    return Entry(record.id, head, tuple(body), indent=4, space=False)


def _output(call: Any) -> str:
    """Return what a tool gave, on one line or several; nothing while it has not."""
    kind = call.get("type") if isinstance(call, dict) else None
    inner = call.get(kind) if isinstance(kind, str) else None
    if not isinstance(inner, dict):
        return ""
    output = inner.get("output") or inner.get("outputs") or inner.get("results")
    if isinstance(output, list):
        words = (
            part.get("logs") or part.get("file_name") or part.get("type")
            for part in output
            if isinstance(part, dict)
        )
        return ", ".join(str(word) for word in words if word)
    return str(output) if output else ""
