"""Responses: answers of models, kept for 30 days. The API has no list of them: those seen are remembered.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.generation.contents import ITEM_COLUMNS, ITEM_DETAIL, Item
from tui.resources.generation.endpoints import RESPOND, try_it
from tui.resources.generation.tools import ResponseTools
from tui.resources.language.action import Action, Ask
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
from tui.resources.language.cells import (
    age,
    alert_lines,
    count,
    excerpt,
    id_link,
    instant,
    own_id,
    paragraphs,
    status,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Object, Request
from tui.resources.language.parts import (
    META,
    METADATA,
    TOKENS,
    Trouble,
    cancel,
    create,
    delete,
    describe_cut,
    refuse_cancel,
)
from tui.resources.language.resource import Child, Resource
from tui.resources.language.work import TimedWork

if TYPE_CHECKING:
    from collections.abc import Sequence


class Conversation(Object):
    """The conversation it is part of."""


class Response(TimedWork):
    """A response."""

    model: str | None = None
    background: bool | None = None
    error: Trouble | None = None
    incomplete_details: Trouble | None = None
    output: list[Item] | None = None
    previous_response_id: Id = None
    conversation: Conversation | None = None

    @property
    def text(self) -> str:
        """What the model said."""
        return "\n".join(item.text for item in self.output or [] if item.type == "message")


class Reasoning(Request):
    """How hard the model thinks."""

    effort: Effort | None = Input(None, title="reasoning effort", description="Only for models that reason.")


class ResponseInput(Request):
    """What a response is made from."""

    model: Annotated[str, ObjectId("models")] = Input(
        examples=["gpt-5-mini"], description="The model that answers."
    )
    input: Annotated[str | None, LongText()] = Input(None, description="What to say to it.")
    instructions: Annotated[str | None, LongText()] = Input(None, description="How it should act.")
    previous_response_id: Annotated[str | None, ObjectId("responses"), More()] = Input(
        None, description="The response this one goes on from."
    )


class CountTokens(ResponseInput):
    """The request that counts the tokens of an input without answering it."""

    conversation: Annotated[str | None, ObjectId("conversations"), More()] = Input(
        None, description="The conversation it would go on with."
    )
    tools: Annotated[ResponseTools | None, More()] = Input(
        None, description='JSON list, such as [{"type": "web_search"}].'
    )


COUNT_TOKENS = Operation("Getinputtokencounts", "POST", "/responses/input_tokens", body=CountTokens, safe=True)


class CreateResponse(CountTokens):
    """The request that has a model answer."""

    background: bool = Input(False, description="Answer at once and work on; only these can be cancelled.")
    store: bool = Input(True, description="Only what is stored can be read again.")
    max_output_tokens: Longest = Input(None, ge=16)
    temperature: Temperature = None
    top_p: TopP = None
    reasoning: Annotated[Reasoning | None, More()] = None
    service_tier: Annotated[Literal["auto", "default", "flex", "priority"] | None, More()] = Input(
        None, description="flex is slower and cheaper, priority faster and dearer."
    )
    metadata: Pairs = None


class Compact(ResponseInput):
    """The request that shortens a long conversation to what the model needs to go on."""


def _attention(response: Response, _context: CellContext) -> str | None:
    match response.status:
        case "failed":
            return (response.error or Trouble()).words
        case "incomplete":
            return describe_cut(response.incomplete_details)
    return None


def _refuse_cancel(response: Response) -> str | None:
    foreground = None if response.background else "only responses made in the background can be cancelled"
    return refuse_cancel(response) or foreground


def _other_items(response: Response, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    found = (item for item in response.output or [] if item.type != "message")
    return [(item.speaker.replace("_", " "), Cell(" ".join(item.text.split()))) for item in found]


def _follow_up_values(response: Response) -> dict[str, Any]:
    return {"model": response.model, "previous_response_id": response.id}


_CREATE = Operation("createResponse", "POST", "/responses", body=CreateResponse)

RESPONSES: Resource[Response] = Resource(
    name="responses",
    singular="response",
    family="Responses",
    model=Response,
    holds_text=True,
    aliases=("resp", "response"),
    prefixes=("resp_", "resp-"),
    get=Operation("getResponse", "GET", "/responses/{response_id}"),
    columns=(
        Column("STATUS", "status", status, 13),
        Column("MODEL", "model", width=14, drop_order=1),
        Column("TEXT", lambda response: response.text, excerpt, 24, grow=True),
        Column("TOKENS", "usage.total_tokens", count, 7, align="right", drop_order=3, first_sort="down"),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        META,
        Column("ID", "id", own_id, 15, drop_order=2),
    ),
    active=lambda response: response.running,
    attention=_attention,
    detail=(
        Section("", lines=alert_lines(_attention)),
        Section("", lines=lambda response, _: paragraphs(response.text)),
        Section("Also in its output", lines=_other_items),
        Section(
            "Response",
            (
                Field("id", "id", own_id),
                Field("status", "status", status),
                Field("model", "model"),
                Field("background", "background"),
                Field("goes on from", "previous_response_id", id_link),
                Field("conversation", "conversation.id", id_link),
                Field("created", "created_at", instant),
                Field("completed", "completed_at", instant),
            ),
        ),
        TOKENS,
        METADATA,
    ),
    actions=(
        create(_CREATE, "ask a model"),
        Action("go-on", "R", "go on from here", Ask(_CREATE, fill=_follow_up_values)),
        try_it(RESPOND, _follow_up_values),
        cancel(
            Operation("cancelResponse", "POST", "/responses/{response_id}/cancel"),
            "What it has said so far may be lost.",
            _refuse_cancel,
        ),
        delete(
            Operation("deleteResponse", "DELETE", "/responses/{response_id}"),
            "Responses that go on from it lose it. This cannot be undone.",
        ),
        Action(
            "count-tokens",
            "",
            "count tokens",
            Ask(COUNT_TOKENS, show=True),
            on="list",
        ),
        Action(
            "compact",
            "",
            "compact a conversation",
            Ask(
                Operation("Compactconversation", "POST", "/responses/compact", body=Compact),
                fill=_follow_up_values,
                show=True,
            ),
        ),
    ),
    children=(Child("input-items", key="l"),),
    empty="No responses seen from here. The API has no list of them; :response <id> opens one, n makes one.",
)

INPUT_ITEMS: Resource[Item] = Resource(
    name="input-items",
    singular="input item",
    family="Responses",
    model=Item,
    aliases=("ii", "input-item"),
    parent="responses",
    list=Operation("listInputItems", "GET", "/responses/{response_id}/input_items"),
    query={"order": "asc"},
    columns=ITEM_COLUMNS,
    detail=ITEM_DETAIL,
    empty="It was asked nothing.",
)
