"""Evals: what is to be tested and by which criteria."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tui.sandbox.families.evals.bodies import CreateEval, CustomSource, EvalQuery, Python, Score, UpdateEval
from tui.sandbox.families.fine_tuning.graders import LabelModel, refuse
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, Problem, json_response

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_SAMPLE: JSON = {
    "type": "object",
    "properties": {"output_text": {"type": "string"}, "output_json": {"type": "object"}},
    "required": ["output_text"],
}


@family.route("GET", "/evals", query=EvalQuery)
def list_evals(world: World, query: EvalQuery) -> Answer:
    """List evals, oldest first unless asked otherwise, by creation or last change."""
    newest = query.order == "desc"
    if query.order_by == "created_at":
        return list_stored(world, "eval", after=query.after, limit=query.limit, newest=newest)
    rows = sorted(
        world.rows("eval"), key=lambda row: (row.known.get("updated", row.created), row.seq), reverse=newest
    )
    return list_computed(
        [row.id for row in rows],
        lambda place: dict(json.loads(world.text(rows[place]))),
        after=query.after,
        limit=query.limit,
    )


@family.route("POST", "/evals", body=CreateEval)
def create_eval(world: World, body: CreateEval) -> Answer:
    """Make an eval."""
    return json_response(json.dumps(add_eval(world, body)), 201)


def add_eval(world: World, body: CreateEval, *, created: float | None = None) -> JSON:
    """Store an eval. Raises `Problem` for criteria that cannot work."""
    _check(world, body)
    created = world.now() if created is None else created
    eval_ = {
        "object": "eval",
        "id": world.new_id("eval_", 32),
        "name": body.name or "",
        "data_source_config": _config(body),
        "testing_criteria": [_write_out(item.model_dump(exclude_none=True)) for item in body.testing_criteria],
        "created_at": int(created),
        "metadata": body.metadata or {},
    }
    world.put("eval", eval_, facts={"updated": created}, created=created)
    return eval_


def _config(body: CreateEval) -> JSON:
    """Return the data source's configuration with the schema that follows from it."""
    config = body.data_source_config
    own = isinstance(config, CustomSource)
    parts = {"item": config.item_schema if isinstance(config, CustomSource) else {"type": "object"}}
    if not isinstance(config, CustomSource) or config.include_sample_schema:
        parts["sample"] = _SAMPLE if own else {"type": "object"}
    schema = {"type": "object", "properties": parts, "required": list(parts)}
    if isinstance(config, CustomSource):
        return {"type": config.type, "schema": schema}
    return {"type": config.type, "metadata": config.metadata or {}, "schema": schema}


def _write_out(criterion: JSON) -> JSON:
    """Return a criterion as the platform shows it, the messages of a label model written in full."""
    if criterion["type"] == "label_model":
        criterion["input"] = [full_message(message) for message in criterion["input"]]
    return criterion


def full_message(message: JSON) -> JSON:
    """Return a message as the platform shows it, its content being an object."""
    content = message.get("content")
    if isinstance(content, str):
        content = {"type": "input_text", "text": content}
    return {"type": "message", "role": message.get("role"), "content": content}


def _check(world: World, body: CreateEval) -> None:
    """Raise `Problem` for what the schema cannot say."""
    names = [criterion.name for criterion in body.testing_criteria]
    if len(set(names)) < len(names):
        raise Problem("The names of testing criteria must be unique.", param="testing_criteria")
    for number, criterion in enumerate(body.testing_criteria):
        param = f"testing_criteria[{number}]"
        if isinstance(criterion, LabelModel) and not set(criterion.passing_labels) <= set(criterion.labels):
            raise Problem("'passing_labels' must be a subset of 'labels'.", param=f"{param}.passing_labels")
        if isinstance(criterion, LabelModel | Score) and not world.find("model", criterion.model):
            message = f"The model '{criterion.model}' does not exist or you do not have access to it."
            raise Problem(message, param=f"{param}.model", code="model_not_found")
        if isinstance(criterion, Python):
            refuse(criterion, param)
        _check_fields(body, json.dumps(criterion.model_dump()), param)


def _check_fields(body: CreateEval, text: str, param: str) -> None:
    """Raise `Problem` for placeholders of fields that the items of a custom eval do not have."""
    config = body.data_source_config
    known: Any = config.item_schema.get("properties") if isinstance(config, CustomSource) else None
    for name in re.findall(r"{{\s*item\.(\w+)", text) if isinstance(known, dict) else ():
        if name not in known:
            raise Problem(f"Template references 'item.{name}', which is not in the item schema.", param=param)


@family.route("GET", "/evals/{eval_id}")
def retrieve_eval(world: World, eval_id: str) -> Answer:
    """Retrieve an eval."""
    return json_response(world.text(find_eval(world, eval_id)))


@family.route("POST", "/evals/{eval_id}", body=UpdateEval)
def update_eval(world: World, eval_id: str, body: UpdateEval) -> Answer:
    """Change an eval's name or metadata."""
    row = find_eval(world, eval_id)
    eval_: JSON = json.loads(world.text(row)) | {
        name: value if value is not None else {"name": "", "metadata": {}}[name]
        for name, value in body.model_dump(exclude_unset=True).items()
    }
    world.finish(row, eval_)
    world.derive(row, {"updated": world.now()}, None)
    return eval_


@family.route("DELETE", "/evals/{eval_id}")
def delete_eval(world: World, eval_id: str) -> Answer:
    """Delete an eval and its runs for good."""
    row = find_eval(world, eval_id)
    for run in world.rows("eval_run", parent=eval_id):
        world.remove_with_content(run)
    world.remove(row)
    return {"object": "eval.deleted", "deleted": True, "eval_id": eval_id}


def find_eval(world: World, eval_id: str) -> Row:
    """Return the eval of this id. Raises `Problem`."""
    row = world.find("eval", eval_id)
    if not row:
        raise Problem(f"Eval not found: {eval_id}", status=404, param="eval_id")
    return row
