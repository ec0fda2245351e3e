"""Fine-tuning as a client sees it, on a clock the tests move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import Steer, get, upload

if TYPE_CHECKING:
    import httpx


def examples(count: int) -> str:
    line = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    return (json.dumps(line) + "\n") * count


def tune(api: httpx.Client, training: str, **extra: Any) -> dict[str, Any]:
    file_id = upload(api, training, "fine-tune")
    answer = api.post("/fine_tuning/jobs", json={"model": "gpt-4o-mini", "training_file": file_id, **extra})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def all_events(api: httpx.Client, job_id: str) -> list[dict[str, Any]]:
    """Every event, oldest first, page by page."""
    found: list[dict[str, Any]] = []
    page = get(api, f"/fine_tuning/jobs/{job_id}/events?limit=7")
    while True:
        found += page["data"]
        if not page["has_more"]:
            return found[::-1]
        page = get(api, f"/fine_tuning/jobs/{job_id}/events?limit=7&after={page['data'][-1]['id']}")


def test_a_job_trains_to_a_model(api: httpx.Client, steer: Steer) -> None:
    validation = upload(api, examples(5), "fine-tune")
    job = tune(api, examples(40), validation_file=validation, suffix="unit", seed=3, metadata={"a": "b"})
    assert (job["status"], job["model"]) == ("validating_files", "gpt-4o-mini-2024-07-18")
    assert job["hyperparameters"]["n_epochs"] == "auto"
    told: list[dict[str, Any]] = []
    statuses = []
    while job["status"] in ("validating_files", "queued", "running"):
        steer("clock", advance=5)
        job = get(api, f"/fine_tuning/jobs/{job['id']}")
        statuses.append(job["status"])
        before, told = told, all_events(api, job["id"])
        assert told[: len(before)] == before
        assert len(statuses) < 60, "it does not end"
    assert list(dict.fromkeys(statuses)) == ["validating_files", "queued", "running", "succeeded"]
    assert job["hyperparameters"]["n_epochs"] == 3, "decided once the examples are counted"
    assert len({event["id"] for event in told}) == len(told)
    steps = [event["data"]["step"] for event in told if event["type"] == "metrics"]
    assert steps == list(range(1, 121))
    assert job["fine_tuned_model"].startswith("ft:gpt-4o-mini-2024-07-18:acme:unit:")
    assert get(api, f"/models/{job['fine_tuned_model']}")["owned_by"] == "acme"
    results = api.get(f"/files/{job['result_files'][0]}/content").text.splitlines()
    assert results[0].startswith("step,train_loss")
    assert len(results) == 121
    points = get(api, f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"]
    assert [point["step_number"] for point in points] == [120, 80, 40]
    assert points[0]["fine_tuned_model_checkpoint"] == job["fine_tuned_model"]
    assert points[1]["metrics"]["valid_loss"] > 0
    assert api.delete(f"/models/{job['fine_tuned_model']}").json()["deleted"] is True
    assert api.get(f"/models/{job['fine_tuned_model']}").status_code == 404
    assert api.delete("/models/gpt-5").status_code == 403


def test_a_bad_training_file_fails_the_job(api: httpx.Client, steer: Steer) -> None:
    job = tune(api, examples(12) + '{"messages": "none"}\n')
    steer("clock", advance=10)
    job = get(api, f"/fine_tuning/jobs/{job['id']}")
    assert (job["status"], job["error"]["code"]) == ("failed", "invalid_training_file")
    assert "Example 13" in job["error"]["message"]
    last = all_events(api, job["id"])[-1]
    assert (last["level"], last["message"]) == ("error", job["error"]["message"])


def test_a_paused_job_stands_still_and_goes_on(api: httpx.Client, steer: Steer) -> None:
    job = tune(api, examples(20))
    path = f"/fine_tuning/jobs/{job['id']}"
    assert api.post(f"{path}/pause").status_code == 400, "it does not run yet"
    steer("clock", advance=40)
    assert api.post(f"{path}/pause").json()["status"] == "pausing"
    steer("clock", advance=5)
    before = get(api, path)
    told = all_events(api, job["id"])
    assert (before["status"], before["estimated_finish"]) == ("paused", None)
    steer("clock", advance=10_000)
    assert get(api, path)["status"] == "paused"
    assert all_events(api, job["id"]) == told
    assert api.post(f"{path}/resume").json()["status"] == "running"
    assert api.post(f"{path}/resume").status_code == 400
    steer("clock", advance=300)
    assert get(api, path)["status"] == "succeeded"
    assert all_events(api, job["id"])[: len(told)] == told


def test_a_cancelled_job_ends_at_once(api: httpx.Client, steer: Steer) -> None:
    job = tune(api, examples(20))
    steer("clock", advance=40)
    done = api.post(f"/fine_tuning/jobs/{job['id']}/cancel").json()
    assert (done["status"], done["fine_tuned_model"]) == ("cancelled", None)
    assert all_events(api, job["id"])[-1]["message"].endswith("cancelled")
    assert api.post(f"/fine_tuning/jobs/{job['id']}/cancel").status_code == 400


@pytest.mark.parametrize(
    ("extra", "param"),
    [
        ({"model": "gpt-5"}, "model"),
        ({"training_file": "file-none"}, "training_file"),
        ({"validation_file": "file-none"}, "validation_file"),
        ({"suffix": "s" * 65}, "suffix"),
        ({"seed": -1}, "seed"),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"n_epochs": "many"}}, "hyperparameters.n_epochs"),
        ({"method": {"type": "magic"}}, "method.type"),
        ({"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 3}}}}, "method.dpo.hyperparameters.beta"),
        ({"method": {"type": "reinforcement"}}, "method.reinforcement"),
        ({"integrations": [{"type": "wandb"}]}, "integrations[0].wandb"),
    ],
)
def test_jobs_are_checked(api: httpx.Client, extra: dict[str, Any], param: str) -> None:
    body = {"model": "gpt-4o-mini", "training_file": upload(api, examples(12), "fine-tune"), **extra}
    answer = api.post("/fine_tuning/jobs", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param, answer.text


def test_jobs_are_found_by_metadata(api: httpx.Client) -> None:
    marked = tune(api, examples(12), metadata={"find": "me"})
    plain = tune(api, examples(12))
    assert [job["id"] for job in get(api, "/fine_tuning/jobs?metadata[find]=me")["data"]] == [marked["id"]]
    without = [job["id"] for job in get(api, "/fine_tuning/jobs?metadata=null&limit=100")["data"]]
    assert plain["id"] in without
    assert marked["id"] not in without


def test_graders_run(api: httpx.Client) -> None:
    check = {
        "type": "string_check",
        "name": "exact",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "operation": "ilike",
    }
    alike = {
        "type": "text_similarity",
        "name": "near",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "evaluation_metric": "fuzzy_match",
    }
    parts = {"a": check, "b": alike}
    multi = {"type": "multi", "name": "both", "graders": parts, "calculate_output": "(a + b) / 2"}
    body = {"grader": multi, "model_sample": "Paris", "item": {"answer": "paris"}}
    answer = api.post("/fine_tuning/alpha/graders/run", json=body).json()
    assert answer["sub_rewards"] == {"a": 1.0, "b": pytest.approx(0.8)}
    assert answer["reward"] == pytest.approx(0.9)
    sound = api.post("/fine_tuning/alpha/graders/validate", json={"grader": multi}).json()
    assert sound["grader"] == multi
    for broken, param in (
        ({**multi, "calculate_output": "c"}, "grader.calculate_output"),
        ({**check, "operation": "near"}, "grader.operation"),
        ({"type": "python", "name": "p", "source": "def grade("}, "grader.source"),
        ({"type": "vibes", "name": "v"}, "grader.type"),
    ):
        answer = api.post("/fine_tuning/alpha/graders/validate", json={"grader": broken})
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == param


def test_a_job_whose_file_is_deleted_meanwhile_fails(api: httpx.Client, steer: Steer) -> None:
    job = tune(api, examples(40))
    api.delete(f"/files/{job['training_file']}")
    steer("clock", advance=30)
    job = get(api, f"/fine_tuning/jobs/{job['id']}")
    assert (job["status"], job["error"]["code"]) == ("failed", "file_not_found")
