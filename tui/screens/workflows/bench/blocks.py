"""A conversation as blocks of its transcript: what was said, and the answers with what they took."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING

from tui.api.numbers import read_float
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import dump_json
from tui.widgets.text.transcript_rows import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.workflows.generation.answer_parts import AnswerPart
    from tui.workflows.generation.dialects import UserTurn
    from tui.workflows.generation.generation import Answer

_UNLIKELY = 3  # tokens that are named


def build_user_block(said: UserTurn) -> Block:
    """Return what the user or a tool said."""
    label = "you" if said.role == "user" else f"tool result  {said.call_id}"
    shown = "  ".join(f"@{name}" for name, _ in said.files)
    return Block(label, "accent", said.text, f"with {shown}" if shown else "")


def build_answer_blocks(answer: Answer, *, as_json: bool) -> list[Block]:
    """Return the parts of an answer; text is laid out as JSON where that was asked for."""
    blocks = []
    for part in answer.parts:
        more = f"… {pluralize(part.dropped, 'character')} more, not kept" if part.dropped else ""
        match part.kind:
            case "reasoning":
                blocks.append(Block("thinking", "dim", part.text, more))
            case "refusal":
                blocks.append(Block(f"{answer.model}  refuses", "warn", part.text, more))
            case "call":
                blocks.append(_call(part, over=answer.is_over))
            case "other":
                blocks.append(Block(part.name.replace("_", " "), "dim", part.text, more))
            case "text" if part.tokens:
                tokens = [(token, _choose_tone(chance)) for token, chance in part.tokens]
                blocks.append(
                    Block(answer.model, "good", part.text, "", tokens=tokens, facts=_list_unlikely(part.tokens))
                )
            case "text":
                text, is_json = (part.text, False)
                if answer.is_over and as_json:
                    text, is_json = _lay_out_json(part.text)
                blocks.append(Block(answer.model, "good", text, more, json=is_json))
    if answer.is_over:
        last = blocks.pop() if blocks else Block(answer.model, "bad", "")
        note = last.note
        if answer.outcome:
            hint = ". r tries again." if not answer.is_whole else "."
            note = f"{note} ▲ {answer.outcome.rstrip('.')}{hint}".strip()
        facts = " · ".join(filter(None, (last.facts, *_list_facts(answer))))
        blocks.append(last._replace(note=note, facts=facts))
    return blocks


def describe_speed(answer: Answer) -> list[str]:
    """Return how fast an answer came."""
    facts = [] if answer.latency is None else [f"first {answer.latency:.2f} s"]
    if pace := answer.tokens_per_second(time.monotonic()) if answer.is_over else None:
        facts.append(f"{pace:,.0f} tok/s")
    return facts


def _list_facts(answer: Answer) -> list[str]:
    """Return what an answer took, and the name under which the platform knows of the request."""
    facts: list[str] = []
    if usage := answer.usage:
        facts.append(f"{_count(usage.read)} in {_count(usage.written)} out")
        facts += [f"{usage.reasoned:,} reasoning"] if usage.reasoned else []
    return [*facts, *describe_speed(answer), *([answer.request_id] if answer.request_id else [])]


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else f"{tokens:,}"


def _call(part: AnswerPart, *, over: bool) -> Block:
    label = f"calls {part.name}  {part.call_id}"
    if part.custom or not over:
        return Block(label, "key", part.text)
    text, is_json = _lay_out_json(part.text)
    return Block(label, "key", text, "" if is_json else "▲ its arguments are no JSON", json=is_json)


def _lay_out_json(text: str) -> tuple[str, bool]:
    """Return JSON laid out to be read, other text as it is; and whether it is JSON."""
    try:
        return dump_json(json.loads(text, parse_float=read_float), indent=2, ensure_ascii=False), True
    except (ValueError, RecursionError):
        return text, False


def _choose_tone(chance: float) -> str:
    """Return how likely a token was, as a tone."""
    likely = math.exp(min(chance, 0.0))
    return "good" if likely >= 0.9 else "" if likely >= 0.6 else "warn" if likely >= 0.2 else "bad"


def _list_unlikely(tokens: Sequence[tuple[str, float]]) -> str:
    """Return the tokens that were least likely, in words: not everybody sees colours."""
    worst = sorted(tokens, key=lambda each: each[1])[:_UNLIKELY]
    said = (f"{token.strip() or 'space'} {math.exp(min(chance, 0.0)):.0%}" for token, chance in worst)
    return f"least likely: {', '.join(said)}"
