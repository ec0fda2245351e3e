"""What a model is asked with: the settings of each generating endpoint, and its operations.

The settings are the request without what is said. Where a name is not the API's own, the bench writes it as the
endpoint wants it: `instructions` of a chat become its first message, `json_schema` the format of the answer.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.generation.parameters import (
    ChatParameters,
    CompletionParameters,
    ResponseParameters,
    mark_json_parameters,
)
from tui.resources.language.action import Action, Open
from tui.resources.language.asking.inputs import (
    Effort,
    Longest,
    LongText,
    More,
    ObjectId,
    Pairs,
    Temperature,
    TopP,
)
from tui.resources.language.objects import Request

if TYPE_CHECKING:
    from collections.abc import Callable

ModelId = Annotated[str, ObjectId("models")]
Instructions = Annotated[str | None, LongText(), Input(description="How it should act.")]
Tools = Annotated[
    list[dict[str, Any]] | None,
    Input(
        description='JSON list, such as [{"type": "function", "name": "…", "parameters": {…}}]. You answer calls.'
    ),
]
Schema = Annotated[
    dict[str, Any] | None,
    More(),
    Input(title="schema of the answer", description="A JSON schema that the answer must follow."),
]
Stops = Annotated[
    list[str] | None,
    More(),
    Input(max_length=4, title="end at", description="Up to four texts that end the answer."),
]
Stream = Annotated[bool, More(), Input(description="Show it as it is written, not all at once.")]
ResponseMore = Annotated[dict[str, Any] | None, More(), *mark_json_parameters(ResponseParameters)]
ChatMore = Annotated[dict[str, Any] | None, More(), *mark_json_parameters(ChatParameters)]
CompletionMore = Annotated[dict[str, Any] | None, More(), *mark_json_parameters(CompletionParameters)]


class ResponseSettings(Request):
    """How a response is asked for."""

    model: ModelId = Input(examples=["gpt-5-mini"])
    instructions: Instructions = None
    max_output_tokens: Longest = Input(None, ge=16)
    temperature: Temperature = None
    top_p: TopP = None
    reasoning_effort: Effort | None = Input(None, description="Only for models that reason.")
    json_schema: Schema = None
    tools: Tools = None
    store: Annotated[bool, More()] = Input(True, description="Only what is stored can be read again.")
    background: Annotated[bool, More()] = Input(
        False, description="Goes on when nobody listens; can be cancelled, and taken up again."
    )
    stream: Stream = True
    metadata: Pairs = None
    previous_response_id: Annotated[str | None, ObjectId("responses"), More()] = Input(
        None, description="The response to go on from."
    )
    more: ResponseMore = None


class ChatSettings(Request):
    """How a chat completion is asked for."""

    model: ModelId = Input(examples=["gpt-5-mini"])
    instructions: Instructions = None
    max_completion_tokens: Longest = Input(None, ge=1)
    temperature: Temperature = None
    top_p: TopP = None
    reasoning_effort: Effort | None = Input(None, description="Only for models that reason.")
    seed: Annotated[int | None, More()] = Input(None, description="The same seed gives the same answer, mostly.")
    stop: Stops = None
    json_schema: Schema = None
    tools: Tools = None
    store: Annotated[bool, More()] = Input(
        False, description="Only what is stored can be seen in the list afterwards."
    )
    stream: Stream = True
    metadata: Pairs = None
    more: ChatMore = None


class CompletionSettings(Request):
    """How a legacy completion is asked for."""

    model: ModelId = Input(examples=["gpt-3.5-turbo-instruct"])
    suffix: Annotated[str | None, More()] = Input(None, description="What follows the text to be written.")
    max_tokens: Longest = Input(None, ge=0, description="In tokens; 16 unless said otherwise.")
    temperature: Temperature = None
    top_p: TopP = None
    seed: Annotated[int | None, More()] = None
    stop: Stops = None
    logprobs: Annotated[int | None, More()] = Input(
        None, title="likelihood of tokens", ge=0, le=5, description="Show how likely each token was."
    )
    echo: Annotated[bool, More()] = Input(False, description="Repeat the prompt before what follows it.")
    stream: Stream = True
    more: CompletionMore = None


class EmbeddingSettings(Request):
    """How embeddings are asked for."""

    model: ModelId = Input(examples=["text-embedding-3-small"])
    dimensions: int | None = Input(None, ge=1, description="Shorter vectors; not with ada-002.")
    user: str | None = Input(None, description="Who of your users it is for.")


class ModerationSettings(Request):
    """How a moderation is asked for."""

    model: ModelId = Input(examples=["omni-moderation-latest"])


RESPOND = Operation("createResponse", "POST", "/responses", body=ResponseSettings, stream=True)
RESPONSE = Operation("getResponse", "GET", "/responses/{response_id}", stream=True)
CANCEL = Operation("cancelResponse", "POST", "/responses/{response_id}/cancel")
CHAT = Operation("createChatCompletion", "POST", "/chat/completions", body=ChatSettings, stream=True)
COMPLETE = Operation("createCompletion", "POST", "/completions", body=CompletionSettings, stream=True)
EMBED = Operation("createEmbedding", "POST", "/embeddings", body=EmbeddingSettings)
MODERATE = Operation("createModeration", "POST", "/moderations", body=ModerationSettings, safe=True)


def try_it(
    operation: Operation,
    fill: Callable[[Any], dict[str, Any]],
    refuse: Callable[[Any], str | None] = lambda _: None,
    uses: tuple[Operation, ...] = (),
) -> Action:
    """Return the action that opens the bench of an endpoint with settings from an object."""
    name = f"try-{operation.path[1:].replace('/', '-')}"
    return Action(name, "t", "try it", Open("bench", operation, fill=fill, uses=uses), refuse=refuse)
