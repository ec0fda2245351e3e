"""The life of a batch as a function of time, and the reading of its input file."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable

MAX_LINES = 50_000
_MAX_ERRORS = 100
_LINES_PER_SECOND = 50
_WOBBLES = 3
_LINES_PER_STEP = 8  # read in less than a millisecond
_WITHOUT_MODEL = ("/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos")


class LineError(NamedTuple):
    """A fault of an input file, as in `errors.data[]` of a batch."""

    code: str
    line: int | None
    message: str
    param: str | None


class BatchRequest(NamedTuple):
    """One line of an input file."""

    custom_id: str
    body: dict[str, Any]


def read_lines(
    content: Iterable[bytes], endpoint: str
) -> Generator[None, None, tuple[list[BatchRequest], list[LineError]]]:
    """Read an input file, step by step. Blank lines do not count.

    Return its requests and what is wrong with its lines.
    """
    requests: list[BatchRequest] = []
    errors: list[LineError] = []
    seen: set[str] = set()
    model: Any = None  # of the first line that names one: all others must ask for it, too
    for number, line in enumerate(content, 1):
        if number % _LINES_PER_STEP == 0:
            yield
        if not line.strip():
            continue
        try:
            found = parse_json(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            message = "This line is not parseable as valid JSON."
            errors.append(LineError("invalid_json_line", number, message, None))
            continue
        error = _line_error(found, endpoint, seen) or _model_error(found["body"], endpoint, model)
        if error:
            code, message, param = error
            errors.append(LineError(code, number, message, param))
            continue
        seen.add(found["custom_id"])
        model = model or found["body"].get("model")
        requests.append(BatchRequest(found["custom_id"], found["body"]))
        if len(requests) > MAX_LINES:
            message = f"The batch input file must not contain more than {MAX_LINES} requests."
            return [], [LineError("too_many_tasks", None, message, None)]
    if not requests and not errors:
        errors.append(LineError("empty_file", None, "The batch input file is empty.", None))
    return requests, errors[:_MAX_ERRORS]


def _line_error(line: dict[str, Any], endpoint: str, seen: Collection[str]) -> tuple[str, str, str] | None:
    """Return code, message and parameter of what is wrong with a parsed line, or None."""
    for name, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if name not in line:
            return "missing_required_parameter", f"Missing required parameter: '{name}'.", name
        if not isinstance(line[name], kind):
            wanted = "an object" if kind is dict else "a string"
            return "invalid_type", f"Invalid type for '{name}': expected {wanted}.", name
    if line["custom_id"] in seen:
        message = f"The custom_id '{line['custom_id']}' was used by an earlier line. It must be unique."
        return "duplicate_custom_id", message, "custom_id"
    if line["method"] != "POST":
        return "invalid_method", f"Invalid method '{line['method']}': only POST is supported.", "method"
    if line["url"] != endpoint:
        message = f"The URL '{line['url']}' does not match the endpoint of the batch, '{endpoint}'."
        return "url_mismatch", message, "url"
    return None


def _model_error(body: dict[str, Any], endpoint: str, model: str | None) -> tuple[str, str, str] | None:
    """Return code, message and parameter of a line's wrong model; `model` is that of the lines before."""
    asked = body.get("model")
    optional = endpoint in _WITHOUT_MODEL or (endpoint == "/v1/responses" and body.get("prompt"))
    if asked is None and not optional:
        return "missing_required_parameter", "Missing required parameter: 'body.model'.", "body.model"
    if asked is not None and not isinstance(asked, str):
        return "invalid_type", "Invalid type for 'body.model': expected a string.", "body.model"
    if model and asked and asked != model:
        message = f"The model '{asked}' does not match the model of the lines before, '{model}'. "
        return "model_mismatch", f"{message}All requests of a batch must be for the same model.", "body.model"
    return None


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """The facts that a batch's life follows from. Times are unix seconds, lengths seconds.

    `bad` of the `total` lines will be answered with an error. An `invalid` batch fails after validation. Of the
    work only the share `ceiling` ever gets done: below 1 the batch stalls until it expires. `total`, `bad`,
    `invalid` and `running` are known once the input file is read, at the end of its validation.
    """

    created: float
    expires: float
    total: int
    bad: int
    validating: float
    running: float
    finalizing: float
    cancelling: float
    invalid: bool = False
    phase: float = 0.0
    ceiling: float = 1.0
    cancelled: float | None = None

    @property
    def started(self) -> float:
        """The time at which validation ends."""
        return self.created + self.validating

    @property
    def worked(self) -> float:
        """The time at which all lines are answered."""
        return self.started + self.running if self.ceiling >= 1 else math.inf

    @property
    def finished(self) -> float:
        """The time at which the batch ends if nobody cancels it."""
        return self.started if self.invalid else min(self.worked + self.finalizing, self.expires)

    @property
    def ends(self) -> float:
        """The time at which the batch reaches its final status."""
        return self.finished if self.cancelled is None else self.cancelled + self.cancelling


class BatchState(NamedTuple):
    """A batch at one moment: status, lines answered well and with an error, and when it entered each status."""

    status: str
    completed: int
    failed: int
    entered: dict[str, float]


def plan_batch(*, created: float, total: int, bad: int, invalid: bool, speed: float, phase: float) -> BatchFacts:
    """Plan the life of a batch whose input file has `total` lines."""
    return BatchFacts(
        created=created,
        expires=created + 86400,
        total=total,
        bad=bad,
        invalid=invalid,
        phase=phase,
        validating=3 / speed,
        running=min(max(total / _LINES_PER_SECOND, 8), 600) / speed,
        finalizing=4 / speed,
        cancelling=6 / speed,
    )


def state_at(facts: BatchFacts, now: float) -> BatchState:
    """Return the state of a batch at `now`."""
    moment = now if facts.cancelled is None else min(now, facts.cancelled)
    status, at = _course(facts, moment)
    done = 0 if facts.invalid else count_answered(facts, moment)
    failed = count_failed(facts, done)
    if facts.cancelled is not None and now >= facts.cancelled:
        status, at["cancelling"] = "cancelling", facts.cancelled
        if now >= facts.ends:
            status, at["cancelled"] = "cancelled", facts.ends
    return BatchState(status, done - failed, failed, at)


def _course(facts: BatchFacts, moment: float) -> tuple[str, dict[str, float]]:
    """Return status and history at a moment before any cancelling."""
    entered = {"validating": facts.created}
    if facts.invalid:
        if moment >= facts.started:
            entered["failed"] = facts.started
        return list(entered)[-1], entered
    ahead = [("in_progress", facts.started), ("finalizing", facts.worked)]
    ahead.append(("completed" if facts.finished < facts.expires else "expired", facts.finished))
    entered |= {status: time for status, time in ahead if time <= min(moment, facts.finished)}
    return list(entered)[-1], entered


def count_answered(facts: BatchFacts, moment: float) -> int:
    """Count the lines answered at a moment: the count grows unevenly but never falls."""
    share = min(max((min(moment, facts.expires) - facts.started) / facts.running, 0.0), facts.ceiling)
    turns = 2 * math.pi * _WOBBLES
    wobble = 0.6 * (math.sin(turns * share + facts.phase) - math.sin(facts.phase)) / turns
    return facts.total if share >= 1 else min(max(int(facts.total * (share + wobble)), 0), facts.total)


def count_failed(facts: BatchFacts, done: int) -> int:
    """Count the errors among the first `done` answers: bad lines come evenly spread."""
    return done * facts.bad // facts.total if facts.total else 0


def answer_order(facts: BatchFacts, bad: set[int], seed: str) -> list[int]:
    """Return the order in which lines are answered. Its first n hold as many `bad` ones as `count_failed` says."""
    shuffled = random.Random(seed)
    lines = {True: sorted(bad), False: [line for line in range(facts.total) if line not in bad]}
    for group in lines.values():
        shuffled.shuffle(group)
    turns = (count_failed(facts, done + 1) > count_failed(facts, done) for done in range(facts.total))
    return [lines[turn].pop() for turn in turns]
