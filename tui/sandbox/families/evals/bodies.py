"""Request bodies of evals and their runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.families.fine_tuning.graders import (
    LabelModel,
    PythonGrader,
    ScoreModel,
    StringCheck,
    TextSimilarity,
)
from tui.sandbox.protocol import Body, Listing, Metadata

# Testing criteria.


class Similarity(TextSimilarity):
    """Passes texts that are alike enough."""

    pass_threshold: float


class Python(PythonGrader):
    """Passes what a function scores high enough."""

    pass_threshold: float | None = None


class Score(ScoreModel):
    """Passes what a model scores high enough."""

    pass_threshold: float | None = None


Criterion = Annotated[StringCheck | Similarity | Python | Score | LabelModel, Field(discriminator="type")]


# What an eval is about.


class CustomSource(Body):
    """Items of a shape of one's own."""

    type: Literal["custom"]
    item_schema: dict[str, Any]
    include_sample_schema: bool = False


class Logged(Body):
    """Items out of what was stored."""

    type: Literal["logs", "stored_completions"]
    metadata: dict[str, Any] | None = None


class CreateEval(Body):
    """An eval to make."""

    data_source_config: Annotated[CustomSource | Logged, Field(discriminator="type")]
    testing_criteria: Annotated[list[Criterion], Field(min_length=1)]
    name: str | None = None
    metadata: Metadata | None = None


class UpdateEval(Body):
    """Changes to an eval."""

    name: str | None = None
    metadata: Metadata | None = None


class EvalListing(Listing):
    """The query of lists that begin with the oldest."""

    order: Literal["asc", "desc"] = "asc"


class EvalQuery(EvalListing):
    """The query of the list of evals."""

    order_by: Literal["created_at", "updated_at"] = "created_at"


# What a run reads and asks.


class TextContent(Body):
    """Text in a message."""

    type: Literal["input_text", "output_text", "text"]
    text: str


class ImageContent(Body):
    """An image in a message."""

    type: Literal["input_image"]
    image_url: str
    detail: str | None = None


class AudioContent(Body):
    """Sound in a message."""

    type: Literal["input_audio"]
    input_audio: dict[str, str]


Content = Annotated[TextContent | ImageContent | AudioContent, Field(discriminator="type")]


class Message(Body):
    """A message with placeholders."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | Content | list[Content]
    type: Literal["message"] = "message"


class Template(Body):
    """Messages with placeholders."""

    type: Literal["template"]
    template: Annotated[list[Message], Field(min_length=1)]


class ItemsReference(Body):
    """Messages that stand in the items."""

    type: Literal["item_reference"]
    item_reference: str


class Line(Body):
    """An item, and perhaps what was answered to it."""

    item: dict[str, Any]
    sample: dict[str, Any] | None = None


class FileContent(Body):
    """Items in the request."""

    type: Literal["file_content"]
    content: Annotated[list[Line], Field(min_length=1)]


class FileId(Body):
    """Items in a file, one on each line."""

    type: Literal["file_id"]
    id: str


class StoredCompletions(Body):
    """Items out of stored chat completions."""

    type: Literal["stored_completions"]
    metadata: Metadata | None = None
    model: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


class StoredResponses(Body):
    """Items out of stored responses."""

    type: Literal["responses"]
    metadata: dict[str, Any] | None = None
    model: str | None = None
    instructions_search: str | None = None
    created_after: Annotated[int, Field(ge=0)] | None = None
    created_before: Annotated[int, Field(ge=0)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    temperature: float | None = None
    top_p: float | None = None
    users: list[str] | None = None
    tools: list[str] | None = None


class Sampling(Body):
    """Sampling settings of a model that answers the items."""

    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(ge=0, le=1)] = 1.0
    seed: int = 42
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completions_tokens: Annotated[int, Field(ge=1)] | None = None  # as the platform's own examples spell it
    response_format: dict[str, Any] | None = None
    text: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None


class Jsonl(Body):
    """Items with their answers."""

    type: Literal["jsonl"]
    source: Annotated[FileContent | FileId, Field(discriminator="type")]


class Sampled(Body):
    """Fields that all data sources with a model have."""

    model: str | None = None
    input_messages: Annotated[Template | ItemsReference, Field(discriminator="type")] | None = None
    sampling_params: Sampling | None = None


class Completions(Sampled):
    """Items a model answers as chat completions."""

    type: Literal["completions"]
    source: Annotated[FileContent | FileId | StoredCompletions, Field(discriminator="type")]


class Responses(Sampled):
    """Items a model answers as responses."""

    type: Literal["responses"]
    source: Annotated[FileContent | FileId | StoredResponses, Field(discriminator="type")]


DataSource = Annotated[Jsonl | Completions | Responses, Field(discriminator="type")]


class CreateEvalRun(Body):
    """A run to begin."""

    data_source: DataSource
    name: str | None = None
    metadata: Metadata | None = None


class RunQuery(EvalListing):
    """The query of an eval's runs."""

    status: Literal["queued", "in_progress", "completed", "canceled", "failed"] | None = None


class ItemQuery(EvalListing):
    """The query of a run's output items."""

    status: Literal["fail", "pass"] | None = None
