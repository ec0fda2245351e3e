"""The work of an eval's runs through time: begun, graded, counted, kept."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Any

from tui.sandbox.families.evals.data import BadData, read_lines
from tui.sandbox.families.evals.grading import Grading, Verdict, criteria
from tui.sandbox.jobs.eval_run import EvalRunFacts, count_done, done_at, plan_run, status_at
from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui.sandbox.world import JSON, Row, World

_WEIGHT = 20  # an item is as much work as so many lines of a batch


def begin(
    world: World,
    eval_: JSON,
    source: JSON,
    *,
    name: str | None = None,
    metadata: dict[str, str] | None = None,
    created: float | None = None,
    **fate: Any,
) -> Row:
    """Begin a run on a data source; `fate` replaces some of its `Facts`.

    Raises `Problem` when items in the request do not fit; items elsewhere fail the run.
    """
    names = [criterion.name for criterion in criteria(eval_)]
    created = world.now() if created is None else created
    error = None
    try:
        total = len(read_lines(world, eval_, source))
    except BadData as bad:
        if source["source"]["type"] == "file_content":
            raise Problem(str(bad), param="data_source.source.content") from None
        total, error = 0, {"code": "invalid_data_source", "message": str(bad)}
    facts = plan_run(created=created, total=total, invalid=bool(error), speed=world.speed)
    facts = dataclasses.replace(facts, **fate)
    model = source.get("model") or ""
    run = {
        "eval_id": eval_["id"],
        "model": model,
        "name": name or model or eval_["name"],
        "data_source": source,
        "metadata": metadata or {},
    }
    known = {"facts": dataclasses.asdict(facts), "run": run, "error": error, "criteria": names, "verdicts": []}
    id_ = world.new_id("evalrun_", 32)
    due = min(facts.started, facts.ends)
    return world.put("eval_run", id=id_, facts=known, parent=eval_["id"], created=created, due=due)


def cancel(world: World, row: Row) -> None:
    """Stop a run now; what is graded by now stays."""
    known = row.known
    facts = dataclasses.replace(EvalRunFacts(**known["facts"]), canceled=world.now())
    row = world.derive(row, known | {"facts": dataclasses.asdict(facts)}, None)
    world.finish(row, show(world, row))


def settle(world: World, row: Row) -> Iterator[None]:
    """Grade all items when the work begins; they show as time passes. Store the final JSON at the end."""
    known, facts = row.known, EvalRunFacts(**row.known["facts"])
    if row.due == facts.ends:
        world.finish(row, _describe(row.id, known, facts, facts.ends))
        return
    eval_ = world.find("eval", row.parent)
    assert eval_, "runs go with their eval"
    try:
        work = list(read_lines(world, json.loads(world.text(eval_)), known["run"]["data_source"]))
    except BadData as bad:
        known["error"] = {"code": "invalid_data_source", "message": str(bad)}
        facts = dataclasses.replace(facts, invalid=True)
        world.derive(row, known | {"facts": dataclasses.asdict(facts)}, facts.ends)
        return
    grading = Grading(world, json.loads(world.text(eval_)), known["run"]["data_source"])
    verdicts = []
    with world.content(row.id).open("w") as output:
        for number, line in enumerate(work[: facts.total]):
            item, verdict = grading.of(line, done_at(facts, number))
            told: JSON = {"object": "eval.run.output_item", "id": item_id(row.id, number), "run_id": row.id}
            told |= {
                "eval_id": row.parent,
                "created_at": int(done_at(facts, number)),
                "datasource_item_id": number,
            }
            print(json.dumps(told | item), file=output)
            verdicts.append(verdict)
            yield from itertools.repeat(None, _WEIGHT)
    world.derive(row, known | {"verdicts": verdicts}, facts.ends)


def item_id(run_id: str, number: int) -> str:
    """Return the id of a run's output item."""
    return "outputitem_" + hashlib.blake2b(f"{run_id}/{number}".encode(), digest_size=16).hexdigest()


def verdicts(row: Row, now: float) -> list[Verdict]:
    """Return the verdicts of the items that are done."""
    return _verdicts_by(row.known, EvalRunFacts(**row.known["facts"]), now)


def _verdicts_by(known: JSON, facts: EvalRunFacts, now: float) -> list[Verdict]:
    return [Verdict(*verdict) for verdict in known["verdicts"][: count_done(facts, now)]]


def show(world: World, row: Row) -> JSON:
    """Return the object of a run as it is now."""
    return _describe(row.id, row.known, EvalRunFacts(**row.known["facts"]), world.moment(row))


def _describe(id_: str, known: JSON, facts: EvalRunFacts, now: float) -> JSON:
    """Return the object of a run at a moment."""
    run, state = known["run"], status_at(facts, now)
    found = _verdicts_by(known, facts, now)
    counts = {name: sum(verdict.status == name for verdict in found) for name in ("pass", "fail", "error")}
    return {
        "object": "eval.run",
        "id": id_,
        "eval_id": run["eval_id"],
        "report_url": f"https://platform.openai.com/evaluations/{run['eval_id']}?run_id={id_}",
        "status": state,
        "model": run["model"],
        "name": run["name"],
        "created_at": int(facts.created),
        "result_counts": {
            "total": len(found),
            "errored": counts["error"],
            "failed": counts["fail"],
            "passed": counts["pass"],
        },
        "per_model_usage": _usage(run["model"], found) if found else None,
        "per_testing_criteria_results": _per_criterion(known["criteria"], found) if found else None,
        "data_source": run["data_source"],
        "error": known["error"] if state == "failed" else None,
        "metadata": run["metadata"],
    }


def _usage(model: str, found: list[Verdict]) -> list[JSON]:
    read, written = sum(verdict.read for verdict in found), sum(verdict.written for verdict in found)
    if not read + written:
        return []
    tokens = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return [{"model_name": model, "invocation_count": len(found), **tokens, "cached_tokens": 0}]


def _per_criterion(names: list[str], found: list[Verdict]) -> list[JSON]:
    graded = [verdict.passed for verdict in found if verdict.passed]  # none where an error came first
    passed = [sum(row[place] for row in graded) for place in range(len(names))]
    return [
        {"testing_criteria": name, "passed": count, "failed": len(graded) - count}
        for name, count in zip(names, passed, strict=True)
    ]


def output_lines(world: World, row: Row) -> Iterable[str]:
    """Return the output items of a run as JSON texts, those that do not show yet among them."""
    path = world.content(row.id)
    return path.read_text().splitlines() if path.exists() else ()
