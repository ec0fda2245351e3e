"""The official client as an oracle: what it sends is understood, what it gets parses as its types."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, TypeVar

import openai
import pytest
from openai.types import Batch, FileDeleted, FileObject, Model, ModelDeleted, Upload
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.checkpoints import PermissionCreateResponse
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint
from openai.types.responses import Response
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Steer
    from tui.sandbox.serving.child import Sandbox

M = TypeVar("M", bound=BaseModel)


@pytest.fixture(scope="module")
def admin(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    # The client sends its project key on checkpoint permissions, though they want an admin key.
    with openai.OpenAI(api_key="sk-admin-test", base_url=sandbox.url, max_retries=0) as official:
        yield official


def sound(kind: type[M], found: BaseModel) -> bool:
    """Whether an object is complete and of the right types: the client itself takes anything."""
    assert isinstance(found, kind)
    return bool(kind.model_validate(found.model_dump(by_alias=True)))


def requests(count: int) -> bytes:
    url = "/v1/responses"
    lines = (
        {"custom_id": str(number), "method": "POST", "url": url, "body": {"model": "gpt-5", "input": "hello"}}
        for number in range(count)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def examples(count: int) -> bytes:
    line = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    return (json.dumps(line) + "\n").encode() * count


def test_lists_page_by_themselves(official: openai.OpenAI) -> None:
    files = list(official.files.list(limit=9))
    # Its enum lacks this purpose, though the platform takes it.
    assert all(sound(FileObject, file) for file in files if str(file.purpose) != "evals")
    assert len({file.id for file in files}) == len(files) > 27
    batches = list(official.batches.list(limit=4))
    assert all(sound(Batch, batch) for batch in batches)
    assert len({batch.id for batch in batches}) == len(batches) > 12
    jobs = list(official.fine_tuning.jobs.list(limit=2))
    assert all(sound(FineTuningJob, job) for job in jobs)
    assert len({job.id for job in jobs}) == len(jobs) == 6
    models = list(official.models.list())
    assert all(sound(Model, model) for model in models)
    assert official.models.retrieve(models[0].id) == models[0]


def test_a_file_lives_and_dies(official: openai.OpenAI) -> None:
    file = official.files.create(
        file=("notes.jsonl", io.BytesIO(b"{}\n")),
        purpose="batch",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert sound(FileObject, file)
    assert (file.filename, file.bytes, file.status) == ("notes.jsonl", 3, "processed")
    assert file.expires_at == file.created_at + 3600
    assert official.files.retrieve(file.id) == file
    assert official.files.content(file.id).read() == b"{}\n"
    assert official.files.delete(file.id) == FileDeleted(id=file.id, deleted=True, object="file")
    with pytest.raises(openai.NotFoundError) as missing:
        official.files.retrieve(file.id)
    assert missing.value.param == "id"
    assert missing.value.request_id


def test_a_big_file_goes_up_in_parts(official: openai.OpenAI) -> None:
    upload = official.uploads.upload_file_chunked(
        file=b"0123456789" * 100,
        filename="big.jsonl",
        bytes=1000,
        mime_type="text/jsonl",
        purpose="batch",
        part_size=300,
    )
    assert sound(Upload, upload)
    assert upload.status == "completed"
    assert upload.file
    assert official.files.content(upload.file.id).read() == b"0123456789" * 100
    begun = official.uploads.create(filename="x.jsonl", bytes=5, mime_type="text/jsonl", purpose="batch")
    assert official.uploads.cancel(begun.id).status == "cancelled"


def test_a_batch_runs(official: openai.OpenAI, steer: Steer) -> None:
    file = official.files.create(file=("in.jsonl", requests(30)), purpose="batch")
    batch = official.batches.create(
        input_file_id=file.id, endpoint="/v1/responses", completion_window="24h", metadata={"k": "v"}
    )
    assert sound(Batch, batch)
    assert (batch.status, batch.metadata) == ("validating", {"k": "v"})
    steer("clock", advance=60)
    batch = official.batches.retrieve(batch.id)
    assert batch.status == "completed"
    assert batch.request_counts
    assert batch.request_counts.completed == 30
    assert batch.usage
    assert batch.usage.total_tokens > 0
    assert batch.output_file_id
    lines = official.files.content(batch.output_file_id).text.splitlines()
    answer = Response.model_validate(json.loads(lines[0])["response"]["body"])
    assert answer.output_text.startswith("[simulated]")
    another = official.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
    assert official.batches.cancel(another.id).status == "cancelling"
    with pytest.raises(openai.ConflictError):
        official.batches.cancel(batch.id)


def test_a_job_trains(official: openai.OpenAI, admin: openai.OpenAI, steer: Steer) -> None:
    file = official.files.create(file=("train.jsonl", examples(20)), purpose="fine-tune")
    job = official.fine_tuning.jobs.create(
        model="gpt-4o-mini",
        training_file=file.id,
        suffix="oracle",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    )
    assert sound(FineTuningJob, job)
    assert job.method
    assert job.method.supervised
    assert job.method.supervised.hyperparameters
    assert job.method.supervised.hyperparameters.n_epochs == 2
    steer("clock", advance=30)
    assert official.fine_tuning.jobs.pause(job.id).status == "pausing"
    assert official.fine_tuning.jobs.resume(job.id).status == "running"
    steer("clock", advance=300)
    job = official.fine_tuning.jobs.retrieve(job.id)
    assert job.status == "succeeded"
    assert job.fine_tuned_model
    assert job.trained_tokens
    events = list(official.fine_tuning.jobs.list_events(job.id, limit=6))
    assert all(sound(FineTuningJobEvent, event) for event in events)
    assert len({event.id for event in events}) == len(events) > 40
    assert events[0].message == "The job has successfully completed"
    points = list(official.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    assert all(sound(FineTuningJobCheckpoint, point) for point in points)
    assert [point.step_number for point in points] == [40, 20]

    name = points[1].fine_tuned_model_checkpoint
    permissions = admin.fine_tuning.checkpoints.permissions
    made = list(permissions.create(name, project_ids=["proj_a", "proj_b"]))
    assert all(sound(PermissionCreateResponse, item) for item in made)
    assert [item.project_id for item in permissions.list(name, order="ascending", limit=1)] == ["proj_a", "proj_b"]
    assert permissions.delete(made[0].id, fine_tuned_model_checkpoint=name).deleted
    assert [item.id for item in permissions.list(name)] == [made[1].id]
    with pytest.raises(openai.PermissionDeniedError):
        official.fine_tuning.checkpoints.permissions.list(name)

    assert official.models.delete(job.fine_tuned_model) == ModelDeleted(
        id=job.fine_tuned_model, deleted=True, object="model"
    )
    another = official.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id)
    assert official.fine_tuning.jobs.cancel(another.id).status == "cancelled"


def test_preferences_and_rewards_are_understood(official: openai.OpenAI) -> None:
    file = official.files.create(file=("train.jsonl", examples(20)), purpose="fine-tune")
    job = official.fine_tuning.jobs.create(
        model="o4-mini",
        training_file=file.id,
        method={
            "type": "reinforcement",
            "reinforcement": {
                "grader": {
                    "type": "string_check",
                    "name": "exact",
                    "input": "{{sample.output_text}}",
                    "reference": "{{item.answer}}",
                    "operation": "eq",
                },
                "hyperparameters": {"reasoning_effort": "low"},
            },
        },
    )
    assert job.method
    assert job.method.reinforcement
    assert job.method.reinforcement.grader.type == "string_check"
    result = official.fine_tuning.alpha.graders.run(
        grader=job.method.reinforcement.grader.to_dict(),
        model_sample="7",
        item={"answer": "7"},
    )
    assert result.reward == 1
    assert result.metadata.errors.formula_parse_error is False


def test_errors_are_of_its_classes(official: openai.OpenAI, sandbox: Sandbox, steer: Steer) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        official.batches.list(limit=0)
    assert (bad.value.code, bad.value.param) == ("integer_below_min_value", "limit")
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
        openai.OpenAI(api_key="wrong-key-altogether", base_url=sandbox.url, max_retries=0).models.list()
    steer("faults", spec="429 x1,503@/models")
    with pytest.raises(openai.RateLimitError):
        official.models.list()
    with pytest.raises(openai.InternalServerError):
        official.models.list()
