"""A fine-tuning job through time.

A job works through its phases on a clock of its own, its *work* in seconds, which stands still while it is paused.
Its events and checkpoints are points on that clock, so the list at any moment is the beginning of the final list.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_MAX_METRICS = 600
_MIN_EXAMPLES = 10
_VALID_EVERY = 10
_LINES_PER_STEP = 16  # read in less than a millisecond
_SHAPES: dict[str, tuple[str, ...]] = {
    "supervised": ("messages",),
    "dpo": ("input", "preferred_output", "non_preferred_output"),
    "reinforcement": ("messages",),
    "completion": ("prompt", "completion"),
}


class TuningFault(NamedTuple):
    """The `error` object of a job that fails."""

    code: str
    message: str
    param: str | None


class TrainingData(NamedTuple):
    """A training file, read: number of examples, their tokens, and what is wrong with it."""

    examples: int
    tokens: int
    fault: TuningFault | None


def read_examples(
    content: Iterable[bytes], shape: str, param: str = "training_file"
) -> Generator[None, None, TrainingData]:
    """Read a training file, step by step. `shape` is supervised, dpo, reinforcement, or completion."""
    examples, size = 0, 0
    for number, line in enumerate(content, 1):
        if not line.strip():
            continue
        examples += 1
        size += len(line)
        if examples % _LINES_PER_STEP == 0:
            yield
        wrong = _example_fault(line, shape)
        if wrong:
            message = f"The job failed due to an invalid {param.replace('_', ' ')}. Invalid file format. "
            return TrainingData(
                examples, 0, TuningFault(f"invalid_{param}", f"{message}Example {number}: {wrong}", param)
            )
    if param == "training_file" and examples < _MIN_EXAMPLES:
        message = f"Training file has {examples} example(s), but must have at least {_MIN_EXAMPLES} examples"
        return TrainingData(examples, 0, TuningFault("invalid_n_examples", message, param))
    return TrainingData(examples, size // 5, None)


def _example_fault(line: bytes, shape: str) -> str | None:
    try:
        example = parse_json(line)
    except ValueError:
        return "the line is not valid JSON."
    if not isinstance(example, dict):
        return "expected an object."
    for name in _SHAPES[shape]:
        if name not in example:
            return f"missing required key '{name}'."
    if shape == "dpo":
        return _preference_fault(example)
    return _messages_fault(example["messages"], shape) if "messages" in example else None


def _preference_fault(example: dict[str, Any]) -> str | None:
    asked = example["input"]
    if not isinstance(asked, dict):
        return "'input' must be an object."
    if fault := _messages_fault(asked.get("messages"), "dpo"):
        return fault
    if asked["messages"][-1]["role"] == "assistant":
        return "the last message of the input must not be from the assistant."
    for name in ("preferred_output", "non_preferred_output"):
        if fault := _messages_fault(example[name], "dpo"):
            return f"{name}: {fault}"
        if [message["role"] for message in example[name]] != ["assistant"] or "weight" in example[name][0]:
            return f"'{name}' must hold exactly one message of the assistant, without a weight."
    same = example["preferred_output"] == example["non_preferred_output"]
    return "'preferred_output' and 'non_preferred_output' must differ." if same else None


def _messages_fault(messages: Any, shape: str) -> str | None:
    if not isinstance(messages, list) or not messages:
        return "'messages' must be a non-empty array."
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            return f"messages[{index}] must be an object with a role."
        if "content" not in message and "tool_calls" not in message and "function_call" not in message:
            return f"messages[{index}] has no content."
        content = message.get("content")
        parts = content if isinstance(content, list) else []
        kinds = {str(part.get("type")) for part in parts if isinstance(part, dict)}
        if kinds - {"text", "refusal", "image_url"} or ("image_url" in kinds and message["role"] != "user"):
            return f"messages[{index}] has content of an unsupported type."
    if shape == "supervised" and messages[-1]["role"] != "assistant":
        return "the last message must be from the assistant."
    return None


@dataclass(frozen=True, slots=True)
class TuningFacts:
    """The facts that a job's life follows from. Times are unix seconds, lengths seconds of work.

    `fault` fails it after validation, `late_fault` after training. `halts` are pairs of when it was asked to pause
    and when to resume (None: not yet); pausing itself takes `pausing` seconds.
    """

    created: float
    validating: float
    queued: float
    running: float
    evaluating: float
    pausing: float
    steps: int
    epochs: int
    seed: int
    tokens: int
    validated: bool = False
    rewarded: bool = False
    fault: tuple[str, str, str | None] | None = None
    late_fault: tuple[str, str, str | None] | None = None
    halts: tuple[tuple[float, float | None], ...] = ()
    cancelled: float | None = None

    @property
    def begins(self) -> float:
        """The work, in seconds, after which training starts."""
        return self.validating + self.queued

    @property
    def total(self) -> float:
        """All of the job's work, in seconds."""
        return self.validating if self.fault else self.begins + self.running + self.evaluating


def plan_job(
    *, created: float, examples: int, epochs: int, batch_size: int, speed: float, **more: Any
) -> TuningFacts:
    """Plan the life of a new job: two to three minutes at speed 1."""
    steps = max(1, epochs * math.ceil(examples / batch_size))
    return TuningFacts(
        created=created,
        validating=6 / speed,
        queued=6 / speed,
        running=min(90 + steps * 0.1, 150) / speed,
        evaluating=5 / speed,
        pausing=4 / speed,
        steps=steps,
        epochs=epochs,
        **more,
    )


def _stops(facts: TuningFacts) -> Iterable[tuple[float, float]]:
    """Yield the times between which the job stood still."""
    for asked, resumed in facts.halts:
        until = math.inf if resumed is None else resumed
        if until > asked + facts.pausing:
            yield asked + facts.pausing, until


def time_of_work(facts: TuningFacts, work: float) -> float:
    """Return the time at which the job has done so much work; infinite if it is paused before."""
    time = facts.created + work
    for start, end in _stops(facts):
        if time > start:
            time += end - start
    return time


def work_done(facts: TuningFacts, now: float) -> float:
    """Return the work, in seconds, that the job has done by `now`."""
    now = now if facts.cancelled is None else min(now, facts.cancelled)
    still = sum(min(now, end) - start for start, end in _stops(facts) if start < now)
    return max(now - facts.created - still, 0.0)


def end_of(facts: TuningFacts) -> float:
    """Return the time at which the job reaches its final status; infinite while it is paused."""
    return time_of_work(facts, facts.total) if facts.cancelled is None else facts.cancelled


def status_at(facts: TuningFacts, now: float) -> str:
    """Return the job's status at `now`."""
    if facts.cancelled is not None and now >= facts.cancelled:
        return "cancelled"
    if now >= end_of(facts):
        return "failed" if facts.fault or facts.late_fault else "succeeded"
    for asked, resumed in facts.halts:
        if asked <= now < (math.inf if resumed is None else resumed):
            return "pausing" if now < asked + facts.pausing else "paused"
    done = work_done(facts, now)
    if done < facts.validating:
        return "validating_files"
    return "queued" if done < facts.begins else "running"


# Events, checkpoints and metrics.


class TuningPoint(NamedTuple):
    """Something that happens in a job: when (work, or unix time if `outside`), what, and at which step."""

    at: float
    what: str
    step: int = 0
    outside: bool = False


def plan_points(facts: TuningFacts) -> list[TuningPoint]:
    """Yield all that ever happens in a job as it is planned now, in no particular order."""
    found = [TuningPoint(0, "created"), TuningPoint(facts.validating * 0.1, "validating")]
    for asked, resumed in facts.halts:
        found.append(TuningPoint(asked, "pausing", outside=True))
        if resumed is None or resumed > asked + facts.pausing:
            found.append(TuningPoint(asked + facts.pausing, "paused", outside=True))
        if resumed is not None:
            found.append(TuningPoint(resumed, "resumed", outside=True))
    if facts.cancelled is not None:
        found.append(TuningPoint(facts.cancelled, "cancelled", outside=True))
    if facts.fault:
        return [*found, TuningPoint(facts.validating, "failed")]
    found += [TuningPoint(facts.validating, "validated"), TuningPoint(facts.begins, "started")]
    stride = math.ceil(facts.steps / _MAX_METRICS)
    ends_ = set(epoch_ends(facts))
    for step in sorted({*range(stride, facts.steps + 1, stride), *ends_}):
        found.append(TuningPoint(_step_at(facts, step), "metrics", step))
        if step in ends_:
            found.append(TuningPoint(_step_at(facts, step), "checkpoint", step))
    trained = facts.begins + facts.running
    found.append(TuningPoint(trained + facts.evaluating * 0.2, "evaluating"))
    return [*found, TuningPoint(facts.total, "failed" if facts.late_fault else "succeeded")]


def past_points(facts: TuningFacts, now: float) -> list[tuple[float, TuningPoint]]:
    """Return what happened by `now`, oldest first, with its time."""
    now = now if facts.cancelled is None else min(now, facts.cancelled)
    timed = ((point.at if point.outside else time_of_work(facts, point.at), point) for point in plan_points(facts))
    # What comes from outside comes after what was told at the same moment already.
    return sorted((pair for pair in timed if pair[0] <= now), key=lambda pair: (pair[0], pair[1].outside))


def epoch_ends(facts: TuningFacts) -> list[int]:
    """Return the steps at which epochs end."""
    return sorted({math.ceil(facts.steps * epoch / facts.epochs) for epoch in range(1, facts.epochs + 1)})


def _step_at(facts: TuningFacts, step: int) -> float:
    return facts.begins + facts.running * step / facts.steps


def metrics_at(facts: TuningFacts, step: int) -> dict[str, float | int | None]:
    """Return the metrics of a step: losses that fall and settle, accuracies that rise, with noise."""
    noise = random.Random(f"{facts.seed}/{step}")
    share = step / facts.steps
    floor, height = 0.35 + facts.seed % 7 * 0.06, 1.6 + facts.seed % 5 * 0.2
    loss = (floor + height * math.exp(-5 * share)) * (1 + noise.gauss(0, 0.05))
    accuracy = min(0.97 - 0.42 * math.exp(-4 * share) + noise.gauss(0, 0.012), 0.999)
    found: dict[str, float | int | None] = {
        "step": step,
        "train_loss": round(loss, 4),
        "train_mean_token_accuracy": round(accuracy, 4),
        "valid_loss": None,
        "valid_mean_token_accuracy": None,
        "total_steps": facts.steps,
    }
    if facts.validated and (step % _VALID_EVERY == 0 or step in epoch_ends(facts)):
        # Validation follows training, then turns up a little: it overfits.
        overfit = 0.22 * max(share - 0.55, 0)
        loss = floor * 1.12 + height * math.exp(-4.6 * share) + overfit + noise.gauss(0, 0.02)
        found["valid_loss"] = round(loss, 4)
        found["valid_mean_token_accuracy"] = round(accuracy - 0.03 - overfit / 4, 4)
    if facts.rewarded:
        found["train_mean_reward"] = round(min(0.92 - 0.6 * math.exp(-3 * share) + noise.gauss(0, 0.03), 1.0), 4)
    return found


def write_results(facts: TuningFacts) -> str:
    """Write the results file: one CSV line per step with metrics."""
    lines = ["step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"]
    for point in plan_points(facts):
        if point.what == "metrics":
            found = metrics_at(facts, point.step)
            names = ("step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy")
            lines.append(",".join("" if found[name] is None else str(found[name]) for name in names))
    return "\n".join(lines) + "\n"
