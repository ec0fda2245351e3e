"""The kinds of files that are sent to be worked on, and what each is checked for before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.fine_tuning.training import check_examples, guess_kind
from tui.resources.language.checks import check_items, check_requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.asking.inputs import Check, Report, Source


def _check_training(method: str, model: str = "") -> Check:
    values = {"method": {"type": method}, "model": model}

    def check(file: Source, _values: Mapping[str, Any]) -> Report:
        return check_examples(file, values)

    return check


CHECKS: Mapping[str, Check] = {
    "batch": check_requests,
    "chat": _check_training("supervised"),
    "dpo": _check_training("dpo"),
    "reinforcement": _check_training("reinforcement"),
    "pairs": _check_training("supervised", "babbage-002"),
    "evals": check_items,
}
"""By kind: requests of a batch, training by chats, preferences, prompts to be graded or prompts with completions,
and the data of an eval.
"""
_BY_PURPOSE = {"batch": "batch", "evals": "evals"}


def find_kind(first: Mapping[str, Any] | None, purpose: str = "") -> str:
    """Return the kind of a file, by its first object and the purpose it was uploaded for, where it was."""
    if kind := _BY_PURPOSE.get(purpose):
        return kind
    line = dict(first or {})
    if purpose != "fine-tune":
        if line.keys() & {"custom_id", "url", "body", "method"} or not line:
            return "batch"
        if isinstance(line.get("item"), dict):
            return "evals"
    kind = guess_kind(line)
    return {"supervised": "chat", "prompt and completion": "pairs"}.get(kind, kind)
