"""The work of a batch: reading its input, showing how far it is, writing its output and error files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from tui.sandbox import generate
from tui.sandbox.families.files import add_file, content_of
from tui.sandbox.families.models import known_models
from tui.sandbox.jobs.batch import Facts, LineError, Request, answered, order, plan, read_lines, state
from tui.sandbox.wire import Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tui.sandbox.world import JSON, Row, World

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
    """Begin a batch on a file. `refusal` fails its validation, `fate` replaces some of its `Facts`."""
    requests, errors = _read(world, file_id, endpoint)
    if refusal:
        errors = [refusal]
    created = world.now() if created is None else created
    id_ = world.new_id("batch_", 32)
    bad = _bad_lines(world, requests, endpoint)
    phase = int(hashlib.blake2b(id_.encode(), digest_size=2).hexdigest(), 16) / 10_000
    facts = plan(
        created=created, total=len(requests), bad=len(bad), invalid=bool(errors), speed=world.speed, phase=phase
    )
    facts = dataclasses.replace(facts, **fate)
    asked = requests[0].body.get("model") if requests else None
    model = {"model": asked} if isinstance(asked, str) else {}
    known = {
        "job": dataclasses.asdict(facts),
        "errors": [error._asdict() for error in errors],
        "output_expiry": output_expiry,
        "batch": {"endpoint": endpoint, "input_file_id": file_id, **model, "metadata": metadata},
    }
    return world.put("batch", id=id_, facts=known, created=created, due=facts.ends)


def cancel(world: World, row: Row) -> Row:
    """Stop a batch now."""
    known = row.known
    facts = dataclasses.replace(Facts(**known["job"]), cancelled=world.now())
    return world.derive(row, {**known, "job": dataclasses.asdict(facts)}, facts.ends)


def _read(world: World, file_id: str, endpoint: str) -> tuple[list[Request], list[LineError]]:
    with content_of(world, file_id).open("rb") as content:
        return read_lines(content, endpoint)


def _bad_lines(world: World, requests: list[Request], endpoint: str) -> set[int]:
    """The positions of requests that can only be answered with an error."""
    models, bad = known_models(world), set()
    for position, request in enumerate(requests):
        try:
            generate.check(endpoint, request.body, models)
        except Problem:
            bad.add(position)
    return bad


def show(world: World, row: Row) -> JSON:
    """The object of a batch that is still on its way, or whose results are still being written."""
    known = row.known
    facts = Facts(**known["job"])
    return _described(row.id, known, facts, min(world.now(), math.nextafter(facts.ends, 0)))


def _described(id_: str, known: JSON, facts: Facts, now: float) -> JSON:
    """The object of a batch at a moment, without its files."""
    now_ = state(facts, now)
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
    """Write what the batch answered by its end, and let it rest."""
    known = row.known
    facts = Facts(**known["job"])
    if facts.invalid:
        world.finish(row, _described(row.id, known, facts, facts.ends))
        return
    endpoint = known["batch"]["endpoint"]
    try:
        requests, _ = _read(world, known["batch"]["input_file_id"], endpoint)
    except FileNotFoundError:
        gone = LineError("file_not_found", None, "The input file was deleted.", "input_file_id")
        known["errors"] = [gone._asdict()]
        facts = dataclasses.replace(facts, invalid=True, cancelled=None, validating=facts.ends - facts.created)
        world.finish(row, _described(row.id, known, facts, facts.ends))
        return
    bad = _bad_lines(world, requests, endpoint)
    facts = dataclasses.replace(facts, bad=len(bad))  # models may have come or gone meanwhile
    batch = _described(row.id, known, facts, facts.ends)
    batch |= yield from _write_results(world, row.id, facts, requests, batch, bad, known["output_expiry"])
    world.finish(row, batch)


def _write_results(
    world: World, id_: str, facts: Facts, requests: list[Request], batch: JSON, bad: set[int], expiry: float | None
) -> Generator[None, None, JSON]:
    """Answer the lines the batch got to, in its order. Returns the fields that tell of it."""
    end = facts.ends
    done = answered(facts, end if facts.cancelled is None else facts.cancelled)
    models, read, written = known_models(world), 0, 0
    paths = {"output": world.content(f"{id_}.output"), "error": world.content(f"{id_}.error")}
    with paths["output"].open("w") as output, paths["error"].open("w") as errors:
        for place, position in enumerate(order(facts, bad, f"{world.seed}/{id_}")):
            request = requests[position]
            key = hashlib.blake2b(f"{id_}/{position}".encode(), digest_size=12).hexdigest()
            line: JSON = {"id": f"batch_req_{key}", "custom_id": request.custom_id}
            line |= {"response": None, "error": None}
            if place < done:
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
                expires_after=expiry,
            )
            fields[f"{name}_file_id"] = file["id"]
        else:
            path.unlink()
    return fields
