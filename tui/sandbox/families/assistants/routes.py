"""Assistants: a model with its instructions and tools. The platform has retired them; here they work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.sandbox.families.assistants.bodies import (
    CreateAssistant,
    ModifyAssistant,
    NewResources,
    NewSearchStores,
    Resources,
)
from tui.sandbox.families.files import find_file
from tui.sandbox.families.vector_stores import work as vector_store_work
from tui.sandbox.families.vector_stores.routes import find_store, sizes_of
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, OrderedListing, Problem, json_response
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.world import JSON, Row, World

family = Family()

_BLANK: JSON = {
    "name": None,
    "description": None,
    "instructions": None,
    "tools": [],
    "tool_resources": {},
    "metadata": {},
    "temperature": 1.0,
    "top_p": 1.0,
    "response_format": "auto",
}


@family.route("GET", "/assistants", query=OrderedListing)
def list_assistants(world: World, query: OrderedListing) -> Answer:
    """List assistants, newest first unless asked otherwise."""
    newest = query.order == "desc"
    return list_stored(
        world, "assistant", after=query.after, before=query.before, limit=query.limit, newest=newest
    )


@family.route("POST", "/assistants", body=CreateAssistant)
def create_assistant(world: World, body: CreateAssistant) -> Answer:
    """Make an assistant."""
    return add_assistant(world, body)


def add_assistant(world: World, body: CreateAssistant, *, created: float | None = None) -> JSON:
    """Store an assistant. Raises `Problem` for what the body names that does not exist."""
    check_model(world, body.model)
    created = world.now() if created is None else created
    assistant = {"id": world.new_id("asst_"), "object": "assistant", "created_at": int(created)} | _BLANK
    world.put("assistant", assistant | _changes(world, body), created=created)
    return assistant | _changes(world, body)


@family.route("GET", "/assistants/{assistant_id}")
def retrieve_assistant(world: World, assistant_id: str) -> Answer:
    """Retrieve an assistant."""
    return json_response(world.text(find_assistant(world, assistant_id)))


@family.route("POST", "/assistants/{assistant_id}", body=ModifyAssistant)
def modify_assistant(world: World, assistant_id: str, body: ModifyAssistant) -> Answer:
    """Change what is given, leave the rest."""
    row = find_assistant(world, assistant_id)
    if body.model is not None:
        check_model(world, body.model)
    assistant: JSON = json.loads(world.text(row)) | _changes(world, body)
    world.finish(row, assistant)
    return assistant


@family.route("DELETE", "/assistants/{assistant_id}")
def delete_assistant(world: World, assistant_id: str) -> Answer:
    """Delete an assistant for good. Its runs stay."""
    world.remove(find_assistant(world, assistant_id))
    return {"id": assistant_id, "object": "assistant.deleted", "deleted": True}


def _changes(world: World, body: ModifyAssistant) -> JSON:
    """Return the fields a body sets; null restores an assistant's default."""
    given = body.model_dump(exclude_unset=True, by_alias=True)
    if given.get("model") is None:
        given.pop("model", None)
    if body.tool_resources:
        given["tool_resources"] = tool_resources(world, body.tool_resources)
    return {name: _BLANK.get(name) if value is None else value for name, value in given.items()}


def tool_resources(world: World, given: Resources) -> JSON:
    """Return the `tool_resources` object; vector stores it asks for are made.

    Raises `Problem` for files and stores that do not exist.
    """
    told: JSON = {}
    if given.code_interpreter:
        told["code_interpreter"] = {"file_ids": given.code_interpreter.file_ids}
        for file_id in given.code_interpreter.file_ids:
            find_file(world, file_id)
    if search := given.file_search:
        new = search.vector_stores if isinstance(search, NewSearchStores) else []
        if new and search.vector_store_ids:
            message = "Only one of 'vector_store_ids' and 'vector_stores' may be given."
            raise Problem(message, param="tool_resources.file_search")
        for store_id in search.vector_store_ids:
            find_store(world, store_id)
        made = [
            make_store(world, store.file_ids, strategy=sizes_of(store.chunking_strategy), metadata=store.metadata)
            for store in new
        ]
        told["file_search"] = {"vector_store_ids": [*search.vector_store_ids, *made]}
    return told


def make_store(
    world: World,
    file_ids: Sequence[str],
    *,
    strategy: JSON | None = None,
    metadata: JSON | None = None,
    expires_after: JSON | None = None,
) -> str:
    """Make a vector store of files and return its id. Raises `Problem` for files that do not exist."""
    for file_id in file_ids:
        find_file(world, file_id)
    row = vector_store_work.make_store(world, metadata=metadata, expires_after=expires_after)
    for file_id in file_ids:
        attached = vector_store_work.attach(world, row.id, file_id, strategy=strategy, seconds=0.0)
        world.settle_now(attached)  # so that a run of the same request finds what they say
    return row.id


def check_model(world: World, model: str) -> None:
    """Raise `Problem` for a model that does not exist."""
    if not world.find("model", model):
        message = f"The requested model '{model}' does not exist."
        raise Problem(message, param="model", code="model_not_found")


def find_assistant(world: World, assistant_id: str) -> Row:
    """Return the assistant of this id. Raises `Problem`."""
    row = world.find("assistant", assistant_id)
    if not row:
        raise Problem(f"No assistant found with id '{assistant_id}'.", status=404)
    return row


# What scenarios start with.

_DAY = 86400


def function(name: str, description: str, **parameters: JSON) -> JSON:
    """Return a function tool; each parameter is its JSON schema."""
    shape = {"type": "object", "properties": parameters, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": shape}}


_ORDER: JSON = {"type": "string", "description": "The number of the order"}
_ASSISTANTS: tuple[JSON, ...] = (
    {
        "name": "Support",
        "description": "First answers to customers",
        "model": "gpt-4.1",
        "instructions": "You answer customers of an outdoor shop: friendly, short, never guessing at dates.",
        "tools": [
            function("get_order", "Look up an order", order_id=_ORDER),
            function("refund_order", "Pay an order back", order_id=_ORDER, amount={"type": "number"}),
            {"type": "file_search"},
        ],
        "metadata": {"team": "support"},
    },
    {
        "name": "Analyst",
        "description": "Reads tables and computes",
        "model": "gpt-4.1-mini",
        "instructions": "You compute what is asked from the files at hand and show how.",
        "tools": [{"type": "code_interpreter"}],
        "metadata": {"team": "data"},
    },
    {
        "name": "Translator",
        "model": "gpt-4o-mini",
        "instructions": "You translate into the language the user names, keeping names and numbers.",
        "temperature": 0.3,
        "metadata": {"team": "content"},
    },
    {
        "name": "Contract reader",
        "model": "gpt-5",
        "instructions": "You find clauses in contracts and quote them.",
        "tools": [{"type": "file_search", "file_search": {"max_num_results": 8}}],
        "reasoning_effort": "medium",
        "metadata": {"team": "legal"},
    },
    {
        "name": "Release notes",
        "model": "gpt-4.1-nano",
        "instructions": "You turn commit messages into release notes, as JSON.",
        "response_format": {"type": "json_object"},
    },
    {"name": None, "model": "gpt-4o"},
)


@family.seeds
def _seed(world: World, scenario: str) -> None:
    if scenario == "huge":
        for number in range(300):
            body = CreateAssistant(
                model="gpt-4.1-mini", name=f"Tenant {number:03}", metadata={"tenant": str(number)}
            )
            add_assistant(world, body, created=world.now() - (300 - number) * 3600)
        return
    store = next(iter(world.page(vector_store_work.STORE, limit=1, newest=False)), None)
    for number, assistant in enumerate(reversed(_ASSISTANTS)):
        age = (len(_ASSISTANTS) - number) * 9.5 * _DAY
        body = CreateAssistant.model_validate(assistant)
        if store and body.name == "Support":
            body.tool_resources = NewResources(file_search=NewSearchStores(vector_store_ids=[store.id]))
        add_assistant(world, body, created=world.now() - age)
    if scenario == "nasty":
        _seed_odd(world)


def _seed_odd(world: World) -> None:
    """Start with assistants that do not keep to the schema."""
    now = int(world.now())
    plain: JSON = {"object": "assistant", "created_at": now - 900, "model": "gpt-4o"} | _BLANK
    tool: dict[str, Any] = {"type": "telepathy", "telepathy": {"range": HOSTILE[2]}}
    odd: list[JSON] = [
        {"id": "asst_OddName", **plain, "name": HOSTILE[7], "description": HOSTILE[0], "instructions": HOSTILE[5]},
        {"id": "asst_OddTool", **plain, "name": HOSTILE[9], "tools": [tool, {"type": "function"}, None, "x"]},
        {"id": "asst_OddNulls", **dict.fromkeys(plain)},
        {"id": "asst_OddBare", "object": "assistant"},
        {"id": "asst_OddTypes", **plain, "model": 7, "tools": "none", "metadata": ["x"], "temperature": "warm"},
        {"id": "asst_OddTimes", **plain, "created_at": "yesterday", "tool_resources": [1], "metadata": {"n": 3}},
        {"id": "asst_OddRetired", **plain, "name": "Uses a model that is gone", "model": "gpt-4-32k-0314"},
    ]
    for number, assistant in enumerate(odd):
        world.put("assistant", assistant, created=now - 300 - number)
