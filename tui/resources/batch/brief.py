"""A line of a batch's file or of training told briefly: whose it is, the model, and what is said."""

from __future__ import annotations

from typing import Any

from tui.resources.batch.answers import body_of, read_answer_text, read_request_text, trouble_of
from tui.resources.language.json_lines import object_of
from tui.text import fit

_MOST = 200_000  # characters of a line that is read for this
_ID, _MODEL = 20, 14  # cells


def tell_briefly(line: str) -> str:
    """Return what tells a line from its neighbours; "" where it is no request, no answer and no training."""
    value = object_of(line.encode(errors="replace")) if line[:1] == "{" and len(line) <= _MOST else None
    if value is None:
        return ""
    if "custom_id" not in value:
        return read_request_text(value) if isinstance(value.get("messages"), list) else ""
    body, words = _read(value)
    model = body.get("model") if isinstance(body, dict) else None
    head = f"{fit(str(value['custom_id']), _ID, middle=True)}  {fit(str(model or '·'), _MODEL, middle=True)}"
    return f"{head}  {words}"


def _read(line: dict[str, Any]) -> tuple[Any, str]:
    """Return the body of a request or an answer, and its words."""
    if "response" not in line and "error" not in line:
        return line.get("body"), read_request_text(line.get("body"))
    body, trouble = body_of(line), trouble_of(line)
    return body, " ".join(filter(None, trouble)) if trouble else read_answer_text(body)
