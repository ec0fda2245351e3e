"""Answering and grading the items of an eval's run. What needs a model is simulated, the rest computed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.answers import generate
from tui.sandbox.families.evals.bodies import Criterion, Python, Score, Similarity
from tui.sandbox.families.fine_tuning.graders import LabelModel, StringCheck, fill_template, grade
from tui.sandbox.families.models import model_ids
from tui.sandbox.protocol import Body, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.sandbox.world import JSON, World


class Verdict(NamedTuple):
    """The result of an item: pass, fail or error, whether each criterion passed, and the tokens it took."""

    status: str
    passed: list[bool]
    read: int
    written: int


class _Criteria(Body):
    testing_criteria: list[Criterion]


def criteria(eval_: JSON) -> list[Criterion]:
    """Return the testing criteria of an eval. Raises `Problem` for those of an odd one."""
    return parse(_Criteria, {"testing_criteria": eval_.get("testing_criteria")}).testing_criteria


class Grading:
    """Answers and grades the items of one run."""

    def __init__(self, world: World, eval_: JSON, source: JSON) -> None:
        self._seed = world.seed
        self._models = model_ids(world)
        self._source = source
        self._criteria = criteria(eval_)

    def of(self, line: JSON, at: float) -> tuple[JSON, Verdict]:
        """Grade an item. Return it with its verdict."""
        asked = self._build_messages(line["item"])
        sample = self._sample_answer(asked, line.get("sample"), at)
        text = "".join(message["content"] for message in sample["output"])
        context = {"item": line["item"], "sample": {**(line.get("sample") or {}), **_outputs(text)}}
        results = [] if sample["error"] else [_result(criterion, context) for criterion in self._criteria]
        passed = [bool(result["passed"]) for result in results]
        status_ = "error" if sample["error"] else "pass" if all(passed) else "fail"
        usage = sample["usage"]
        verdict = Verdict(status_, passed, usage["prompt_tokens"], usage["completion_tokens"])
        return {"status": status_, "datasource_item": line["item"], "results": results, "sample": sample}, verdict

    def _build_messages(self, item: JSON) -> list[JSON]:
        """Return the messages the model gets for an item."""
        given = self._source.get("input_messages")
        if given is None:
            return []
        if given["type"] == "template":
            return [
                {"role": message["role"], "content": fill_template(_text(message["content"]), {"item": item})}
                for message in given["template"]
            ]
        found: Any = {"item": item}
        for step in given["item_reference"].split("."):
            found = found.get(step) if isinstance(found, dict) else None
        messages = found if isinstance(found, list) else [{"role": "user", "content": str(found or "")}]
        return [
            {"role": message.get("role", "user"), "content": _text(message.get("content"))}
            for message in messages
            if isinstance(message, dict)
        ]

    def _sample_answer(self, asked: list[JSON], given: JSON | None, at: float) -> JSON:
        """Return the answer to an item: the model's if there is one, else that in the item."""
        params = self._source.get("sampling_params") or {}
        most = params.get("max_completion_tokens") or params.get("max_completions_tokens")
        sample: JSON = {
            "input": asked,
            "output": [],
            "finish_reason": "stop",
            "model": self._source.get("model") or (given or {}).get("model") or "",
            "usage": {"total_tokens": 0, "completion_tokens": 0, "prompt_tokens": 0, "cached_tokens": 0},
            "error": None,
            "temperature": params.get("temperature", 1.0),
            "max_completion_tokens": most or 2048,
            "top_p": params.get("top_p", 1.0),
            "seed": params.get("seed", 42),
        }
        if not asked:
            text = _text((given or {}).get("output_text"))
            return sample | {"output": [{"role": "assistant", "content": text}]}
        chosen = ("temperature", "top_p", "seed", "reasoning_effort", "response_format")
        body = {name: params[name] for name in chosen if params.get(name) is not None}
        body |= {"max_completion_tokens": most} if most else {}
        body |= {"model": self._source.get("model"), "messages": asked}
        reply = generate.answer("/v1/chat/completions", body, self._models, created=at, seed=self._seed)
        if reply.status != 200:
            error = reply.body["error"]
            told = {"code": error["code"] or error["type"], "message": error["message"]}
            return sample | {"finish_reason": "error", "error": told}
        choice, usage = reply.body["choices"][0], reply.body["usage"]
        return sample | {
            "output": [{"role": "assistant", "content": choice["message"].get("content") or ""}],
            "finish_reason": choice["finish_reason"],
            "usage": {name: usage.get(name, 0) for name in sample["usage"]},
        }


def _text(content: Any) -> str:
    """Return the text of a message's content, whichever shape it has."""
    if isinstance(content, list):
        return "\n".join(map(_text, content))
    return _text(content.get("text")) if isinstance(content, dict) else content if isinstance(content, str) else ""


def _outputs(text: str) -> JSON:
    try:
        return {"output_text": text, "output_json": json.loads(text)}
    except (ValueError, RecursionError):
        return {"output_text": text}


def _result(criterion: Criterion, context: Mapping[str, Any]) -> JSON:
    """Grade an answer by one criterion."""
    sample: JSON | None = None
    match criterion:
        case LabelModel():
            label, asked = _label(criterion, context)
            score, passed = 1.0, label in criterion.passing_labels
            sample = {"input": asked, "output": [{"role": "assistant", "content": f"[simulated] {label}"}]}
        case StringCheck():
            score, _ = grade(criterion, context)
            passed = score == 1
        case Similarity() | Python() | Score():
            score, _ = grade(criterion, context)
            low, high = (criterion.range or [0.0, 1.0]) if isinstance(criterion, Score) else (0.0, 1.0)
            bar = criterion.pass_threshold
            passed = score >= ((low + high) / 2 if bar is None else bar)
    score = score if not isinstance(criterion, LabelModel) else float(passed)
    return {"name": criterion.name, "type": criterion.type, "score": score, "passed": passed, "sample": sample}


def _label(criterion: LabelModel, context: Mapping[str, Any]) -> tuple[str, list[JSON]]:
    """Choose a label as a simulated model: the one the text names, else one by chance."""
    asked = [
        {"role": message.get("role"), "content": fill_template(_text(message.get("content")), context)}
        for message in criterion.input
    ]
    text = str(asked[-1]["content"]) if asked else ""
    named = [label for label in criterion.labels if label.lower() in text.lower()]
    chance = int(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest(), 16)
    return (named or criterion.labels)[chance % len(named or criterion.labels)], asked
