"""Pre-flight checks: a local file read as the platform would read it, before anything is sent.

https://platform.openai.com/docs/guides/batch, https://platform.openai.com/docs/guides/supervised-fine-tuning
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.inputs import Report, json_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
MIN_EXAMPLES = 10


def check_requests(lines: Iterable[bytes], _values: Mapping[str, Any]) -> Report:
    """Check a batch's input as the platform would, naming every faulty line.

    One JSON object a line, `custom_id` unique, POST, one endpoint, at most 50,000 lines and 200 MB.
    """
    report = Report()
    seen: dict[str, int] = {}
    endpoint = ""
    models: dict[str, int] = {}
    size = 0
    for number, line in enumerate(lines, 1):
        size += len(line)
        if not line.strip():
            continue
        report.lines += 1
        request = json_object(line, number, report)
        if request is None:
            continue
        custom_id, url, body = request.get("custom_id"), request.get("url"), request.get("body")
        if not isinstance(custom_id, str) or not custom_id:
            report.fault(number, "has no custom_id")
        elif custom_id in seen:
            report.fault(number, f"repeats the custom_id {custom_id!r} of line {seen[custom_id]}")
        else:
            seen[custom_id] = number
        if request.get("method") != "POST":
            report.fault(number, 'must say "method": "POST"')
        if not isinstance(url, str) or not url:
            report.fault(number, "has no url")
        else:
            endpoint = endpoint or url
            if url != endpoint:
                report.fault(number, f"is for {url}, while the first line is for {endpoint}: one endpoint a batch")
        if not isinstance(body, dict):
            report.fault(number, "has no body")
        elif isinstance(model := body.get("model"), str):
            models[model] = models.get(model, 0) + 1
    if not report.lines:
        report.fault(0, "The file holds no request")
    if report.lines > MAX_REQUESTS:
        report.fault(0, f"{report.lines:,} requests; a batch takes at most {MAX_REQUESTS:,}")
    if size > MAX_BYTES:
        report.fault(0, f"{size / 1e6:,.0f} MB; a batch takes at most {MAX_BYTES // 1_000_000} MB")
    report.facts = {"requests": f"{report.lines:,}", "endpoint": endpoint or "none"}
    report.facts["model" if len(models) == 1 else "models"] = ", ".join(models) or "none"
    if endpoint:
        report.suggested["endpoint"] = endpoint
    return report


def check_examples(lines: Iterable[bytes], values: Mapping[str, Any]) -> Report:
    """Check a training file as the platform would, naming every faulty line.

    One JSON object a line, at least ten of them; `messages` for supervised, and for dpo an `input` with a
    preferred and a non-preferred output.
    """
    method = values.get("method")
    kind = method.get("type", "supervised") if isinstance(method, dict) else "supervised"
    report = Report()
    for number_, line in enumerate(lines, 1):
        if not line.strip():
            continue
        report.lines += 1
        example = json_object(line, number_, report)
        if example is None:
            continue
        if kind == "dpo":
            for part in ("input", "preferred_output", "non_preferred_output"):
                if part not in example:
                    report.fault(number_, f"has no {part}")
        elif problem := _messages_problem(example.get("messages"), answered=kind == "supervised"):
            report.fault(number_, problem)
    if report.lines < MIN_EXAMPLES:
        report.fault(0, f"{report.lines} examples; training takes at least {MIN_EXAMPLES}")
    report.facts = {"examples": f"{report.lines:,}", "format": kind}
    return report


def _messages_problem(messages: Any, *, answered: bool) -> str | None:
    if not isinstance(messages, list) or not messages:
        return "has no messages"
    roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
    if any(not isinstance(role, str) for role in roles):
        return "has a message without a role"
    if answered and "assistant" not in roles:
        return "has no message of the assistant to learn from"
    return None
