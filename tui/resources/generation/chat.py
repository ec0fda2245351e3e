"""Chat completions: those stored can be listed, read, labelled and deleted.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.generation.contents import describe_call, read_content_text
from tui.resources.generation.endpoints import CHAT, try_it
from tui.resources.generation.tools import ChatTools
from tui.resources.language.asking.inputs import (
    EditMetadata,
    Effort,
    Longest,
    More,
    ObjectId,
    Pairs,
    Temperature,
    TopP,
)
from tui.resources.language.cells import NO_VALUE, age, excerpt, instant, metadata, own_id, paragraphs
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Metadata, Object, Request, Time
from tui.resources.language.parts import METADATA, TokenUsage, create, delete, edit, tokens
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Child, Peek, Resource, ServerFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record


class ChatMessage(Object):
    """A message of a chat completion: asked, or answered."""

    role: str | None = None
    content: str | list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """What it says, or which tools it calls."""
        parts = [read_content_text(self.content), self.refusal or "", *map(describe_call, self.tool_calls or [])]
        return "\n".join(filter(None, parts))


class Choice(Object):
    """One of the answers."""

    index: int | None = None
    finish_reason: str | None = None
    message: ChatMessage | None = None


class Completion(Object):
    """A stored chat completion."""

    created: Time = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: TokenUsage | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None
    asked: str | None = None

    @property
    def reply(self) -> str:
        """What was answered, in the first choice."""
        first = self.choices[0] if self.choices else None
        return first.message.text if first and first.message else ""

    @property
    def finish(self) -> str | None:
        """Why it ended."""
        return self.choices[0].finish_reason if self.choices else None


class CreateCompletion(Request):
    """The request that has a model answer, and stores it."""

    model: Annotated[str, ObjectId("models")] = Input(examples=["gpt-5-mini"])
    messages: list[dict[str, Any]] = Input(
        min_length=1,
        examples=[[{"role": "user", "content": "Say hello."}]],
        description="JSON list of messages with role and content.",
    )
    store: bool = Input(examples=[True], description="Only what is stored can be seen here afterwards.")
    metadata: Pairs = None
    temperature: Temperature = None
    top_p: TopP = None
    max_completion_tokens: Longest = Input(None, ge=1)
    reasoning_effort: Annotated[Effort | None, More()] = Input(None, description="Only for models that reason.")
    n: Annotated[int | None, More()] = Input(None, ge=1, le=128, title="answers", description="How many.")
    tools: Annotated[ChatTools | None, More()] = Input(
        None,
        description='JSON list, such as [{"type": "function", "function": {"name": "…", "parameters": {…}}}].',
    )
    response_format: Annotated[dict[str, Any] | None, More()] = Input(
        None, title="form of the answer", description='JSON, such as {"type": "json_object"}.'
    )


def _finish(value: Any, _record: Record, _context: CellContext) -> Cell:
    return Cell(word_of(value), "" if value in ("stop", "tool_calls") else "warn") if value else NO_VALUE


def _answers(completion: Completion, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    choices = completion.choices or []
    return [line for choice in choices if choice.message for line in paragraphs(choice.message.text)]


def _attention(completion: Completion, _context: CellContext) -> str | None:
    match completion.finish:
        case "length":
            return "cut short by its limit of tokens"
        case "content_filter":
            return "cut short by the content filter"
    return None


def _read_asked(messages: Sequence[Any], _more: bool) -> str:
    """Return what was asked last, as far as its row has room for it."""
    asked = [read_content_text(each.get("content")) for each in messages if each.get("role") == "user"]
    return next(filter(None, reversed(asked)), "")[:_EXCERPT]


_EXCERPT = 200  # characters
_ONE = "/chat/completions/{completion_id}"
_MESSAGES = Operation("getChatCompletionMessages", "GET", f"{_ONE}/messages")

COMPLETIONS: Resource[Completion] = Resource(
    name="completions",
    singular="chat completion",
    family="Chat",
    model=Completion,
    holds_text=True,
    aliases=("cc", "completion", "chat-completions"),
    prefixes=("chatcmpl-",),
    list=Operation("listChatCompletions", "GET", "/chat/completions"),
    get=Operation("getChatCompletion", "GET", _ONE),
    query={"order": "desc"},
    filters=(ServerFilter("model"),),
    columns=(
        Column("ASKED", "asked", excerpt, 20, grow=True, drop_order=2, beside="asked"),
        Column("MODEL", "model", width=12),
        Column("REPLY", lambda completion: completion.reply, excerpt, 20, grow=True),
        Column("FINISH", lambda completion: completion.finish, _finish, 10, drop_order=3),
        Column("TOKENS", "usage.total_tokens", tokens, 11, align="right", drop_order=4, first_sort="down"),
        Column("AGE", "created", age, 5, align="right", first_sort="down"),
        Column("META", "metadata", metadata, 14, drop_order=6),
        Column("ID", "id", own_id, 15, drop_order=5),
    ),
    peeks=(Peek("asked", "completion-messages", _read_asked),),
    attention=_attention,
    detail=(
        Section("", lines=_answers),
        Section(
            "Chat completion",
            (
                Field("id", "id", own_id),
                Field("model", "model"),
                Field("created", "created", instant),
                Field("finished", lambda completion: completion.finish, _finish),
                Field("tokens", "usage.total_tokens", tokens),
                Field("tier", "service_tier"),
            ),
        ),
        METADATA,
    ),
    actions=(
        create(
            Operation("createChatCompletion", "POST", "/chat/completions", body=CreateCompletion), "ask a model"
        ),
        edit(Operation("updateChatCompletion", "POST", _ONE, body=EditMetadata), "edit metadata"),
        delete(Operation("deleteChatCompletion", "DELETE", _ONE), "This cannot be undone."),
        try_it(CHAT, lambda completion: {"model": completion.model}, uses=(_MESSAGES,)),
    ),
    children=(Child("completion-messages", key="l"),),
    empty="No stored completions. Only those made with store are kept; zero retention keeps none.",
)

COMPLETION_MESSAGES: Resource[ChatMessage] = Resource(
    name="completion-messages",
    singular="message of a completion",
    family="Chat",
    model=ChatMessage,
    aliases=("ccm",),
    parent="completions",
    list=_MESSAGES,
    columns=(
        Column("ROLE", "role", width=10),
        Column("TEXT", lambda message: message.text, excerpt, 30, grow=True),
        Column("ID", "id", own_id, 15, drop_order=3),
    ),
    detail=(
        Section("", lines=lambda message, _: paragraphs(message.text)),
        Section("Message", (Field("id", "id", own_id), Field("role", "role"))),
    ),
    empty="No messages.",
)
