"""The work of a batch: reading its input, showing how far it is, writing its output and error files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from tui.sandbox.answers import generate
from tui.sandbox.families.files import add_file, content_of
from tui.sandbox.families.models import model_ids
from tui.sandbox.families.organization.limits import batch_queue
from tui.sandbox.jobs.batch import (
    BatchFacts,
    BatchRequest,
    LineError,
    answer_order,
    count_answered,
    plan_batch,
    read_lines,
    state_at,
)
from tui.sandbox.protocol import Problem
from tui.sandbox.world import ERRORS, EXPIRY

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tui.sandbox.world import JSON, Row, World

_CHECKS_PER_STEP = 4
BYTES_PER_TOKEN = 4  # of the input, as the queue counts it
_OVERLOADED = {
    "error": {
        "message": "Rate limit reached for requests. Please try again later.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
}
_NEVER_RAN = {
    "code": "batch_expired",
    "message": "This request could not be executed before the completion window expired.",
}


def begin(
    world: World,
    file_id: str,
    endpoint: str,
    *,
    created: float | None = None,
    metadata: dict[str, str] | None = None,
    output_expiry: float | None = None,
    refusal: LineError | None = None,
    **fate: Any,
) -> Row:
    """Begin a batch on a file, whose lines are read at the end of its validation.

    `refusal` fails its validation, `fate` replaces some of its `Facts`.
    """
    created = world.now() if created is None else created
    id_ = world.new_id("batch_", 32)
    phase = int(hashlib.blake2b(id_.encode(), digest_size=2).hexdigest(), 16) / 10_000
    facts = plan_batch(created=created, total=0, bad=0, invalid=False, speed=world.speed, phase=phase)
    facts = dataclasses.replace(facts, **fate)
    known = {
        "job": dataclasses.asdict(facts),
        "running": fate.get("running"),
        "errors": [refusal._asdict()] if refusal else [],
        "output_expiry": output_expiry,
        "shares": dict(world.shares),
        "batch": {"endpoint": endpoint, "input_file_id": file_id, "metadata": metadata},
        "validated": False,
    }
    return world.put("batch", id=id_, facts=known, created=created, due=_next_change(known, facts))


def _next_change(known: JSON, facts: BatchFacts) -> float:
    """Return when the batch is due: at the end of its validation, then at its own end."""
    cancelled_before = facts.cancelled is not None and facts.cancelled < facts.started
    return facts.ends if known["validated"] or cancelled_before else facts.started


def _store(world: World, row: Row, known: JSON, facts: BatchFacts) -> Row:
    """Give a batch other facts."""
    return world.derive(row, {**known, "job": dataclasses.asdict(facts)}, _next_change(known, facts))


def cancel(world: World, row: Row) -> Row:
    """Stop a batch now."""
    return _store(
        world, row, row.known, dataclasses.replace(BatchFacts(**row.known["job"]), cancelled=world.now())
    )


def _read(
    world: World, file_id: str, endpoint: str
) -> Generator[None, None, tuple[list[BatchRequest], list[LineError]]]:
    with content_of(world, file_id).open("rb") as content:
        return (yield from read_lines(content, endpoint))


def _chance(id_: str, place: object) -> float:
    """Return a number from 0 up to 1 that is always the same for a batch and a place in it."""
    digest = hashlib.blake2b(f"{id_}/{place}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def _fails(id_: str, known: JSON, position: int) -> bool:
    """Return whether a request fails as the sandbox was asked to let some fail, with an error that passes."""
    share = known.get("shares", {}).get(ERRORS, 0.0)
    return bool(share) and _chance(id_, position) < share


def _bad_lines(
    world: World, id_: str, known: JSON, requests: list[BatchRequest]
) -> Generator[None, None, set[int]]:
    """Find the positions of requests that are answered with an error, and keep them in `known`.

    They are found anew only if models came or went since.
    """
    models, bad, endpoint = model_ids(world), set(), known["batch"]["endpoint"]
    of_models = hashlib.blake2b(json.dumps(sorted(models)).encode(), digest_size=8).hexdigest()
    if known.get("bad_with") == of_models:
        return set(known["bad"])
    for position, request in enumerate(requests):
        if position % _CHECKS_PER_STEP == 0:
            yield
        if _fails(id_, known, position):
            bad.add(position)
            continue
        try:
            generate.check(endpoint, request.body, models)
        except Problem:
            bad.add(position)
    known |= {"bad": sorted(bad), "bad_with": of_models}
    return bad


def show(world: World, row: Row) -> JSON:
    """Return the object of a batch that is still on its way, or whose results are still being written."""
    known = row.known
    return _describe(row.id, known, BatchFacts(**known["job"]), world.moment(row))


def _describe(id_: str, known: JSON, facts: BatchFacts, now: float) -> JSON:
    """Return the object of a batch at a moment, without its files."""
    now_ = state_at(facts, now)
    total = 0 if now_.status == "validating" or facts.invalid else facts.total
    errors = {"object": "list", "data": known["errors"]} if now_.status == "failed" else None
    later = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
    times = {f"{status}_at": now_.entered.get(status) for status in later}
    return {
        "id": id_,
        "object": "batch",
        **known["batch"],
        "completion_window": "24h",
        "status": now_.status,
        "errors": errors,
        "output_file_id": None,
        "error_file_id": None,
        "created_at": int(facts.created),
        "expires_at": int(facts.expires),
        **{name: None if time is None else int(time) for name, time in times.items()},
        "request_counts": {"total": total, "completed": now_.completed, "failed": now_.failed},
        "usage": _usage(0, 0),
    }


def _usage(read: int, written: int) -> JSON:
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }


def settle(world: World, row: Row) -> Iterator[None]:
    """Validate the input of a batch once it is time; at its end write its results and store its final JSON."""
    known = row.known
    facts = BatchFacts(**known["job"])
    if facts.invalid or (
        row.due == facts.ends and not known["validated"]
    ):  # failed, or cancelled while validating
        world.finish(row, _describe(row.id, known, facts, facts.ends))
        return
    endpoint = known["batch"]["endpoint"]
    try:
        requests, errors = yield from _read(world, known["batch"]["input_file_id"], endpoint)
    except FileNotFoundError:
        gone = LineError("file_not_found", None, "The input file was deleted.", "input_file_id")
        known["errors"] = [gone._asdict()]
        end = facts.ends if known["validated"] else facts.started
        facts = dataclasses.replace(facts, invalid=True, cancelled=None, validating=end - facts.created)
        world.finish(row, _describe(row.id, known, facts, end))
        return
    bad = yield from _bad_lines(world, row.id, known, requests)
    if not known["validated"]:
        _start(world, row, known, facts, requests, bad, errors)
        return
    facts = dataclasses.replace(facts, bad=len(bad))  # models may have come or gone meanwhile
    batch = _describe(row.id, known, facts, facts.ends)
    batch |= yield from _write_results(world, row.id, known, facts, requests, batch, bad)
    world.finish(row, batch)


def _start(
    world: World,
    row: Row,
    known: JSON,
    facts: BatchFacts,
    requests: list[BatchRequest],
    bad: set[int],
    errors: list[LineError],
) -> None:
    """End the validation of a batch: its size is known from now on, or its errors."""
    known["errors"] = known["errors"] or [error._asdict() for error in errors]
    known["validated"] = True
    if requests and (model := requests[0].body.get("model")):
        known["batch"]["model"] = model
        known["tokens"] = content_of(world, known["batch"]["input_file_id"]).stat().st_size // BYTES_PER_TOKEN
        if not known["errors"] and (refusal := _find_no_room(world, model, known["tokens"])):
            known["errors"] = [refusal._asdict()]
    running = (
        known["running"]
        or plan_batch(
            created=facts.created, total=len(requests), bad=0, invalid=False, speed=world.speed, phase=0
        ).running
    )
    facts = dataclasses.replace(
        facts, total=len(requests), bad=len(bad), invalid=bool(known["errors"]), running=running
    )
    total = len(requests)
    untried = int(total * known.get("shares", {}).get(EXPIRY, 0.0) + _chance(row.id, "expiry"))
    if untried and known.get("shares", {}).get(EXPIRY):  # its window ends before all of it is done
        facts = dataclasses.replace(facts, ceiling=1 - untried / total, expires=facts.started + running)
    _store(world, row, known, facts)


def _find_no_room(world: World, model: str, tokens: int) -> LineError | None:
    """Return why a batch of so many input tokens finds no room in the queue beside those that run, or None."""
    limit = batch_queue(world, model)
    if limit is None:
        return None
    running = (row.known for row in world.rows("batch") if row.text is None)
    queued = sum(
        known.get("tokens", 0)
        for known in running
        if known["validated"] and not known["errors"] and known["batch"].get("model") == model
    )
    if queued + tokens <= limit:
        return None
    message = f"Enqueued token limit reached for {model} in organization acme. Limit: {limit:,} enqueued tokens. "
    rest = "Please try again once some in_progress batches have been completed."
    return LineError("token_limit_exceeded", None, message + rest, None)


def _write_results(
    world: World,
    id_: str,
    known: JSON,
    facts: BatchFacts,
    requests: list[BatchRequest],
    batch: JSON,
    bad: set[int],
) -> Generator[None, None, JSON]:
    """Answer the lines the batch got to, in its order. Return the fields of its results."""
    end = facts.ends
    done = count_answered(facts, end if facts.cancelled is None else facts.cancelled)
    models, read, written = model_ids(world), 0, 0
    paths = {"output": world.content(f"{id_}.output"), "error": world.content(f"{id_}.error")}
    with paths["output"].open("w") as output, paths["error"].open("w") as errors:
        for place, position in enumerate(answer_order(facts, bad, f"{world.seed}/{id_}")):
            request = requests[position]
            key = hashlib.blake2b(f"{id_}/{position}".encode(), digest_size=12).hexdigest()
            line: JSON = {"id": f"batch_req_{key}", "custom_id": request.custom_id}
            line |= {"response": None, "error": None}
            if place < done and _fails(id_, known, position):
                line["response"] = {"status_code": 429, "request_id": f"req_{key}", "body": _OVERLOADED}
                print(json.dumps(line), file=errors)
            elif place < done:
                reply = generate.answer(batch["endpoint"], request.body, models, created=end, seed=world.seed)
                read, written = read + reply.read, written + reply.written
                line["response"] = {"status_code": reply.status, "request_id": f"req_{key}", "body": reply.body}
                print(json.dumps(line), file=output if reply.status == 200 else errors)
            elif batch["status"] == "expired":
                print(json.dumps({**line, "error": _NEVER_RAN}), file=errors)
            yield
    fields: JSON = {"usage": _usage(read, written)}
    for name, path in paths.items():
        if path.stat().st_size:
            file = add_file(
                world,
                filename=f"{id_}_{name}.jsonl",
                purpose="batch_output",
                content=path,
                created=end,
                expires_after=known["output_expiry"],
            )
            fields[f"{name}_file_id"] = file["id"]
        else:
            path.unlink()
    return fields
