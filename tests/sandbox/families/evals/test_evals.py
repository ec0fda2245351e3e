"""Evals, their runs and output items: with the official client as an oracle, and case by case."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeVar

import openai
import pytest
from openai.types import EvalCreateResponse, EvalDeleteResponse, EvalListResponse, EvalUpdateResponse
from openai.types.evals import RunCreateResponse, RunDeleteResponse, RunRetrieveResponse
from openai.types.evals.runs import OutputItemListResponse, OutputItemRetrieveResponse
from pydantic import BaseModel
from starlette.responses import Response

from tests.sandbox.conftest import NOW, Steer, get, upload
from tests.sandbox.contract import check, hook
from tui.sandbox.families import KINDS, models
from tui.sandbox.families.evals import runs as eval_runs
from tui.sandbox.families.evals.bodies import CreateEvalRun, ItemQuery, RunQuery
from tui.sandbox.jobs.eval_run import EvalRunFacts, count_done, done_at, plan_run, status_at
from tui.sandbox.protocol import Problem
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tui.sandbox.serving.child import Sandbox

M = TypeVar("M", bound=BaseModel)
CUSTOM: Any = {
    "type": "custom",
    "item_schema": {
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "answer": {"type": "string"},
            "weight": {"type": "integer"},
        },
        "required": ["question", "answer"],
    },
    "include_sample_schema": True,
}
EXACT: Any = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
ALIKE: Any = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "evaluation_metric": "fuzzy_match",
    "pass_threshold": 0.5,
}
LABEL: Any = {
    "type": "label_model",
    "name": "mood",
    "model": "gpt-4.1-mini",
    "input": [{"role": "user", "content": "Mood of {{sample.output_text}}?"}],
    "labels": ["good", "bad"],
    "passing_labels": ["good"],
}
PYTHON: Any = {
    "type": "python",
    "name": "code",
    "source": "def grade(sample, item):\n    return 1.0\n",
    "pass_threshold": 0.0,
}
SCORE: Any = {
    "type": "score_model",
    "name": "stars",
    "model": "gpt-4.1",
    "input": [{"role": "user", "content": "{{sample.output_text}}"}],
    "range": [1, 5],
    "pass_threshold": 1.0,
}
LINES = [
    {"item": {"question": "1+1", "answer": "2"}, "sample": {"output_text": "2"}},
    {"item": {"question": "2+2", "answer": "4"}, "sample": {"output_text": "four"}},
    {"item": {"question": "3+3", "answer": "six"}, "sample": {"output_text": "sixty"}},
]
CONTENT: Any = {"type": "jsonl", "source": {"type": "file_content", "content": LINES}}


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    http = openai.DefaultHttpxClient(event_hooks={"response": [hook]})
    with openai.OpenAI(api_key="sk-test", base_url=sandbox.url, max_retries=0, http_client=http) as official:
        yield official


def sound(kind: type[M], found: BaseModel, *absent: str) -> bool:
    """Whether an object is complete and of the right types, what is null while there is nothing to tell apart."""
    assert isinstance(found, kind)
    told = found.model_dump(by_alias=True)
    filled: dict[str, Any] = {name: {"code": "", "message": ""} if name == "error" else [] for name in absent}
    assert all(told[name] is None for name in absent), told
    return bool(kind.model_validate(told | filled))


def make(client: openai.OpenAI, *criteria: Any) -> str:
    return str(
        client.evals.create(name="test", data_source_config=CUSTOM, testing_criteria=criteria or [EXACT]).id
    )


def of_file(file_id: str) -> Any:
    """The data source of a file."""
    return {"type": "jsonl", "source": {"type": "file_id", "id": file_id}}


# -- the official client


def test_an_eval_lives_and_dies(client: openai.OpenAI) -> None:
    made = client.evals.create(
        name="whole",
        data_source_config=CUSTOM,
        testing_criteria=[EXACT, ALIKE, LABEL, PYTHON, SCORE],
        metadata={"k": "v"},
    )
    assert sound(EvalCreateResponse, made)
    assert [criterion.type for criterion in made.testing_criteria] == [
        *("string_check", "text_similarity", "label_model", "python", "score_model")
    ]
    assert made.data_source_config.type == "custom"
    assert made.data_source_config.schema_["required"] == ["item", "sample"]
    label = made.testing_criteria[2]
    assert label.type == "label_model"
    assert label.input[0].type == "message"
    changed = client.evals.update(made.id, name="renamed", metadata={"k": "w"})
    assert sound(EvalUpdateResponse, changed)
    assert (changed.name, changed.metadata) == ("renamed", {"k": "w"})
    assert client.evals.retrieve(made.id).name == "renamed"
    run = client.evals.runs.create(made.id, data_source=CONTENT)
    assert client.evals.delete(made.id) == EvalDeleteResponse(eval_id=made.id, deleted=True, object="eval.deleted")
    with pytest.raises(openai.NotFoundError):
        client.evals.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        client.evals.runs.retrieve(run.id, eval_id=made.id)


def test_evals_of_what_is_stored(client: openai.OpenAI) -> None:
    made = client.evals.create(
        data_source_config={"type": "logs", "metadata": {"team": "x"}}, testing_criteria=[LABEL]
    )
    assert made.data_source_config.type == "logs"
    assert made.data_source_config.metadata == {"team": "x"}
    assert made.name == ""


def test_lists_begin_with_the_oldest(client: openai.OpenAI, steer: Steer) -> None:
    first, second = make(client), make(client)
    steer("clock", advance=5)
    client.evals.update(first, name="changed last")
    listed = list(client.evals.list(limit=2))
    assert all(sound(EvalListResponse, item) for item in listed)
    ids = [item.id for item in listed]
    assert len(set(ids)) == len(ids) >= 6
    assert ids.index(first) < ids.index(second)
    assert [item.id for item in client.evals.list(order="desc", limit=3)] == ids[::-1]
    assert next(iter(client.evals.list(order_by="updated_at", order="desc"))).id == first
    assert [item.id for item in client.evals.list(order_by="updated_at", limit=1)][-1] == first


def test_a_run_grades_its_items(client: openai.OpenAI, steer: Steer) -> None:
    eval_id = make(client, EXACT, ALIKE)
    run = client.evals.runs.create(eval_id, name="first", data_source=CONTENT, metadata={"k": "v"})
    unknown = ("error", "per_model_usage", "per_testing_criteria_results")
    assert sound(RunCreateResponse, run, *unknown)
    assert (run.status, run.name, run.metadata, run.result_counts.total) == ("queued", "first", {"k": "v"}, 0)
    assert list(client.evals.runs.output_items.list(run.id, eval_id=eval_id)) == []
    steer("clock", advance=3 + 4 * 2 / 3)
    half = client.evals.runs.retrieve(run.id, eval_id=eval_id)
    assert (half.status, half.result_counts.total) == ("in_progress", 2)
    assert len(list(client.evals.runs.output_items.list(run.id, eval_id=eval_id))) == 2
    steer("clock", advance=60)
    whole = client.evals.runs.retrieve(run.id, eval_id=eval_id)
    assert sound(RunRetrieveResponse, whole, "error")
    assert whole.status == "completed"
    counts = whole.result_counts
    assert (counts.total, counts.passed, counts.failed, counts.errored) == (3, 1, 2, 0)
    told = [(part.testing_criteria, part.passed, part.failed) for part in whole.per_testing_criteria_results]
    assert told == [("exact", 1, 2), ("alike", 2, 1)]
    items = list(client.evals.runs.output_items.list(run.id, eval_id=eval_id, limit=1))
    assert all(isinstance(item, OutputItemListResponse) for item in items)
    assert [item.status for item in items] == ["pass", "fail", "fail"]
    assert [item.datasource_item["question"] for item in items] == ["1+1", "2+2", "3+3"]
    assert [(result.name, result.score, result.passed) for result in items[2].results] == [
        ("exact", 0.0, False),
        ("alike", 0.75, True),
    ]
    assert items[2].sample.output[0].content == "sixty"
    failed = list(client.evals.runs.output_items.list(run.id, eval_id=eval_id, status="fail", order="desc"))
    assert [item.id for item in failed] == [items[2].id, items[1].id]
    found = client.evals.runs.output_items.retrieve(items[1].id, eval_id=eval_id, run_id=run.id)
    assert isinstance(found, OutputItemRetrieveResponse)
    assert found.to_dict() == items[1].to_dict()
    assert client.evals.runs.delete(run.id, eval_id=eval_id) == RunDeleteResponse(
        run_id=run.id, deleted=True, object="eval.run.deleted"
    )
    with pytest.raises(openai.NotFoundError):
        client.evals.runs.output_items.list(run.id, eval_id=eval_id)


def test_a_model_answers_what_the_template_asks(client: openai.OpenAI, steer: Steer) -> None:
    words = {**EXACT, "operation": "ilike", "reference": "[simulated]"}
    eval_id = make(client, words, LABEL, SCORE, PYTHON)
    lines = [{"item": line["item"]} for line in LINES]
    source: Any = {
        "type": "completions",
        "model": "gpt-4.1-mini",
        "input_messages": {
            "type": "template",
            "template": [
                {"role": "developer", "content": "Compute."},
                {"role": "user", "content": {"type": "input_text", "text": "What is {{item.question}}?"}},
            ],
        },
        "sampling_params": {"temperature": 0.5, "seed": 7},
        "source": {"type": "file_content", "content": lines},
    }
    run = client.evals.runs.create(eval_id, data_source=source)
    assert (run.name, run.model) == ("gpt-4.1-mini", "gpt-4.1-mini")
    steer("clock", advance=60)
    (usage,) = client.evals.runs.retrieve(run.id, eval_id=eval_id).per_model_usage
    assert usage.run_model_name == "gpt-4.1-mini"
    assert usage.invocation_count == 3
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    item = next(iter(client.evals.runs.output_items.list(run.id, eval_id=eval_id)))
    assert [message.content for message in item.sample.input] == ["Compute.", "What is 1+1?"]
    assert (item.sample.output[0].content or "").startswith("[simulated]")
    assert (item.sample.temperature, item.sample.seed) == (0.5, 7)
    assert item.results[0].passed
    assert item.results[2].score >= 1


def test_items_come_from_a_file(client: openai.OpenAI, api: httpx.Client, steer: Steer) -> None:
    eval_id = make(client)
    content = "".join(json.dumps(line) + "\n" for line in LINES)
    good, broken, foreign = (
        upload(api, text, "evals") for text in (content, content + "{\n", '{"item": {"question": "?"}}\n')
    )
    run_ids = [client.evals.runs.create(eval_id, data_source=of_file(it)).id for it in (good, broken, foreign)]
    steer("clock", advance=60)
    runs = [client.evals.runs.retrieve(run_id, eval_id=eval_id) for run_id in run_ids]
    assert [run.status for run in runs] == ["completed", "failed", "failed"]
    assert runs[0].result_counts.total == 3
    assert runs[1].error.message == "Line 4 is not valid JSON."
    assert runs[2].error.message == "Item 1 does not match the item schema: 'answer' is missing."
    late = client.evals.runs.create(eval_id, data_source=of_file(good))
    client.files.delete(good)
    steer("clock", advance=60)
    assert client.evals.runs.retrieve(late.id, eval_id=eval_id).error.message == f"The file {good} was deleted."


def test_items_come_from_what_is_stored(client: openai.OpenAI, steer: Steer) -> None:
    for number in range(3):
        client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": f"Case {number}"}],
            store=True,
            metadata={"eval": "stored"},
        )
    made = client.evals.create(data_source_config={"type": "stored_completions"}, testing_criteria=[LABEL])
    run = client.evals.runs.create(
        made.id,
        data_source={
            "type": "completions",
            "source": {"type": "stored_completions", "metadata": {"eval": "stored"}, "limit": 2},
        },
    )
    steer("clock", advance=60)
    assert client.evals.runs.retrieve(run.id, eval_id=made.id).result_counts.total == 2
    item = next(iter(client.evals.runs.output_items.list(run.id, eval_id=made.id)))
    assert "Case 0" in str(item.datasource_item["input"])
    assert item.sample.output[0].content


def test_a_model_that_is_gone_is_an_error(client: openai.OpenAI, steer: Steer) -> None:
    eval_id = make(client)
    source: Any = {
        "type": "completions",
        "model": "gpt-none",
        "input_messages": {"type": "item_reference", "item_reference": "item.question"},
        "source": {"type": "file_content", "content": LINES[:1]},
    }
    run = client.evals.runs.create(eval_id, data_source=source)
    steer("clock", advance=60)
    counts = client.evals.runs.retrieve(run.id, eval_id=eval_id).result_counts
    assert (counts.total, counts.errored) == (1, 1)
    (item,) = client.evals.runs.output_items.list(run.id, eval_id=eval_id)
    assert (item.status, item.sample.error.code, item.results) == ("error", "model_not_found", [])


def test_cancelling_and_statuses(client: openai.OpenAI, steer: Steer) -> None:
    eval_id = make(client)
    ended = client.evals.runs.create(eval_id, data_source=CONTENT)
    steer("clock", advance=60)
    started = client.evals.runs.create(eval_id, data_source=CONTENT)
    steer("clock", advance=5)
    waiting = client.evals.runs.create(eval_id, data_source=CONTENT)
    assert [run.id for run in client.evals.runs.list(eval_id, status="in_progress")] == [started.id]
    assert [run.id for run in client.evals.runs.list(eval_id, status="completed")] == [ended.id]
    for run, total in ((started, 1), (waiting, 0)):
        stopped = client.evals.runs.cancel(run.id, eval_id=eval_id)
        assert (stopped.status, stopped.result_counts.total) == ("canceled", total)
        with pytest.raises(openai.BadRequestError, match="'canceled'"):
            client.evals.runs.cancel(run.id, eval_id=eval_id)
    steer("clock", advance=60)
    canceled = list(client.evals.runs.list(eval_id, status="canceled", order="desc", limit=1))
    assert [run.id for run in canceled] == [waiting.id, started.id]
    assert [run.result_counts.total for run in canceled] == [0, 1]
    assert [run.id for run in client.evals.runs.list(eval_id, limit=2)] == [ended.id, started.id, waiting.id]


# -- what is refused


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"testing_criteria": []}, "testing_criteria"),
        ({"testing_criteria": None}, "testing_criteria"),
        ({"surprise": 1}, "surprise"),
        ({"data_source_config": {"type": "dice"}}, "data_source_config.type"),
        ({"data_source_config": {"type": "custom"}}, "data_source_config.item_schema"),
        ({"testing_criteria": [{"type": "vibes"}]}, "testing_criteria[0].type"),
        ({"testing_criteria": [{**EXACT, "operation": "near"}]}, "testing_criteria[0].operation"),
        ({"testing_criteria": [{**EXACT, "input": "{{item.nothing}}"}]}, "testing_criteria[0]"),
        ({"testing_criteria": [EXACT, EXACT]}, "testing_criteria"),
        ({"testing_criteria": [{**LABEL, "passing_labels": ["great"]}]}, "testing_criteria[0].passing_labels"),
        ({"testing_criteria": [{**LABEL, "model": "gpt-none"}]}, "testing_criteria[0].model"),
        ({"testing_criteria": [{**PYTHON, "source": "def grade("}]}, "testing_criteria[0].source"),
        ({"testing_criteria": [{**ALIKE, "pass_threshold": None}]}, "testing_criteria[0].pass_threshold"),
        ({"metadata": {"k": 1}}, "metadata.k"),
    ],
)
def test_evals_are_checked(api: httpx.Client, body: dict[str, Any], param: str) -> None:
    good = {"data_source_config": CUSTOM, "testing_criteria": [EXACT]}
    answer = api.post("/evals", json=good | body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param, answer.text


@pytest.mark.parametrize(
    ("source", "status", "param"),
    [
        (None, 400, "data_source"),
        ({"type": "dice"}, 400, "data_source.type"),
        ({"type": "jsonl", "source": {"type": "file_content", "content": []}}, 400, "data_source.source.content"),
        (
            {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"question": 3}}]}},
            400,
            "data_source.source.content",
        ),
        ({"type": "jsonl", "source": {"type": "file_id", "id": "file-none"}}, 404, "id"),
        ({"type": "completions", "source": CONTENT["source"]}, 400, "data_source.model"),
        (
            {"type": "responses", "model": "gpt-4o", "source": CONTENT["source"]},
            400,
            "data_source.input_messages",
        ),
        ({"type": "jsonl", "source": {"type": "stored_completions"}}, 400, "data_source.source.type"),
    ],
)
def test_runs_are_checked(api: httpx.Client, client: openai.OpenAI, source: Any, status: int, param: str) -> None:
    eval_id = make(client)
    answer = api.post(f"/evals/{eval_id}/runs", json={"data_source": source})
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["param"] == param, answer.text
    assert get(api, f"/evals/{eval_id}/runs")["data"] == []


def test_lone_surrogates_are_text_like_any_other(api: httpx.Client) -> None:
    body = {"data_source_config": CUSTOM, "testing_criteria": [{**EXACT, "name": "\ud800"}], "name": "\ud800"}
    answer = api.post("/evals", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 201, answer.text


def test_strangers_are_not_found(api: httpx.Client, client: openai.OpenAI) -> None:
    one, other = make(client), make(client)
    run = client.evals.runs.create(one, data_source=CONTENT)
    for path in (
        "/evals/eval_none",
        f"/evals/{other}/runs/{run.id}",
        f"/evals/{one}/runs/{run.id}/output_items/x",
    ):
        assert api.get(path).status_code == 404, path


# -- what scenarios begin with


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world in this process, with what a scenario begins with."""
    world = World(tmp_path, kinds=KINDS, now=NOW)
    for part in (models, eval_runs):
        part.family.seed(world, request.param)
    world.settle(math.inf)
    yield world
    world.close()


@pytest.mark.parametrize("world", ["busy"], indirect=True)
def test_busy_runs_are_sound_at_every_stage(world: World) -> None:
    stages = set()
    for eval_row in world.rows("eval"):
        check("GET", f"/evals/{eval_row.id}", 200, json.loads(world.text(eval_row)))
        for row in world.rows("eval_run", parent=eval_row.id):
            run = json.loads(world.text(row))
            stages.add(run["status"])
            path = f"/evals/{eval_row.id}/runs/{row.id}"
            check("GET", path, 200, run)
            page = eval_runs.list_items(world, eval_row.id, row.id, ItemQuery())
            assert isinstance(page, Response)
            items = json.loads(bytes(page.body))
            check("GET", f"{path}/output_items", 200, items)
            assert len(items["data"]) == min(run["result_counts"]["total"], 20)
    assert stages == {"queued", "in_progress", "completed", "canceled", "failed"}


@pytest.mark.parametrize("world", ["nasty"], indirect=True)
def test_odd_evals_are_served(world: World) -> None:
    body = CreateEvalRun.model_validate({"data_source": CONTENT})
    for row in world.rows("eval"):
        assert eval_runs.list_runs(world, row.id, RunQuery(status="completed"))
        for run in world.rows("eval_run", parent=row.id):
            assert eval_runs.list_items(world, row.id, run.id, ItemQuery())
            if run.id.startswith("evalrun_odd"):
                with pytest.raises(Problem, match="Cannot cancel"):
                    eval_runs.cancel_run(world, row.id, run.id)
        if row.id.startswith("eval_odd") and row.id != "eval_odd_name":
            with pytest.raises(Problem):
                eval_runs.create_run(world, row.id, body)


# -- time


def test_counts_only_grow() -> None:
    facts = plan_run(created=NOW, total=30, invalid=False, speed=2.0)
    moments = [NOW + second / 10 for second in range(60)]
    counts = [count_done(facts, at) for at in moments]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 30)
    assert {status_at(facts, at) for at in moments} == {"queued", "in_progress", "completed"}
    assert all(count_done(facts, done_at(facts, number) + 1e-6) == number + 1 for number in range(30))
    stopped = EvalRunFacts(created=NOW, waiting=1, working=10, total=10, canceled=NOW + 6)
    assert (count_done(stopped, NOW + 99), status_at(stopped, NOW + 99)) == (5, "canceled")
