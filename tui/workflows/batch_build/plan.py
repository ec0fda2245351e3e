"""What the requests of a batch are made by: a template for the line or its body, ids, a model and a schema."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.resources.language.checks import ENDPOINTS, needs_model
from tui.resources.language.json_lines import BOM, describe_binary, read_strictly
from tui.workflows.batch_build.rows import OF_EVERY_ROW, TEXT
from tui.workflows.batch_build.template import BadTemplate, Template, describe_nameless, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.workflows.batch_build.rows import Rows

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
_LINE = {"custom_id", "method", "url", "body"}
_PROMPTS = (
    "prompt",
    "input",
    TEXT,
    "question",
    "content",
)  # the columns that are asked where no template is given
_SCHEMA_NAME = re.compile(r"[^a-zA-Z0-9_-]+")


def read_json_file(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file, which may be spread over lines. Raises BadTemplate and LocalFileError."""
    try:
        content = path.read_bytes().removeprefix(BOM)
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    if found := describe_binary(content[:4_096]):
        raise BadTemplate(f"{path.name} {found}.")
    value, fault = read_strictly(content)
    if value is None:
        at = _find_line(content) if " at column " in fault else ""
        raise BadTemplate(f"{path.name} {fault.partition(' at column ')[0] if at else fault}{at}.")
    return value


def _find_line(content: bytes) -> str:
    try:
        json.loads(content.rstrip())
    except json.JSONDecodeError as error:
        return f" (line {error.lineno:,}, column {error.colno:,})"
    except ValueError:
        pass  # no UTF-8: there is no line to name
    return ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for on the way from rows to requests."""

    template: Mapping[str, Any] | None = None
    """A request's whole line, or its body; without one each prompt is asked of the model."""
    id: str = ""
    """The template of `custom_id`."""
    model: str = ""
    endpoint: str = ""
    schema: Mapping[str, Any] | None = None
    schema_name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a request is made of a row."""

    endpoint: str
    id: Template
    body: Template
    notes: tuple[str, ...] = ()
    lacks_model: bool = False
    """Whether no request names a model, and each has to."""

    def make(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request of a row. Raises BadValue."""
        custom_id = to_text(self.id.fill(values))
        return {"custom_id": custom_id, "method": "POST", "url": self.endpoint, "body": self.body.fill(values)}


def plan_requests(rows: Rows, wishes: Wishes) -> Plan:
    """Return how requests are made of rows. Raises BadTemplate."""
    line = dict(wishes.template) if wishes.template is not None else {"body": _ask_the_prompt(rows)}
    whole = isinstance(line.get("body"), dict) and not line.keys() & {"messages", "input", "prompt"}
    if whole and (others := line.keys() - _LINE):
        raise BadTemplate(
            f"The template has {', '.join(sorted(others))} beside its body, where a request has "
            "custom_id, method and url."
        )
    body = dict(line["body"] if whole else line)
    if wishes.model:
        body["model"] = wishes.model
    told = line.get("url") if whole else None
    endpoint = _choose_endpoint(body, str(told or ""), wishes.endpoint)
    notes: list[str] = []
    if wishes.schema is not None:
        body |= _structure(endpoint, body, wishes.schema, wishes.schema_name, notes)
    filled = Template(body, rows.columns, doubled=rows.doubled)
    if not filled.named:
        raise BadTemplate(describe_nameless(wishes.template or body, _own_columns(rows)))
    names_id = wishes.id or (str(line.get("custom_id") or "") if whole else "")
    if rows.doubled:
        names = ", ".join(sorted(name or "(no name)" for name in rows.doubled))
        notes.append(f"{rows.name} has more than one column called {names}: none of these is used.")
    default = "{id}" if "id" in rows.columns and "id" not in rows.doubled else "{file}-{row}"
    lacks_model = not body.get("model") and needs_model(endpoint, body)
    named_by = Template(names_id or default, rows.columns, doubled=rows.doubled)
    return Plan(endpoint, named_by, filled, tuple(notes), lacks_model)


def _own_columns(rows: Rows) -> list[str]:
    return [column for column in rows.columns if column not in OF_EVERY_ROW]


def _ask_the_prompt(rows: Rows) -> dict[str, Any]:
    """Return the body for rows without a template. Raises BadTemplate."""
    own = _own_columns(rows)
    column = next((name for name in _PROMPTS if name in own), own[0] if len(own) == 1 else "")
    if not column:
        raise BadTemplate(f"Give a --template: none of the columns {', '.join(own)} is called prompt.")
    return {"input": f"{{{column}}}"}


def _choose_endpoint(body: Mapping[str, Any], told: str, wished: str) -> str:
    """Return the endpoint: as asked for, as the template says or its body's shape tells. Raises BadTemplate."""
    wished = wished if wished.startswith("/") or not wished else f"/{wished}"
    wished = wished if wished.startswith("/v1/") or not wished else f"/v1{wished}"
    for name, found in (("--endpoint", wished), ("The template's url", told)):
        if found and found not in ENDPOINTS:
            raise BadTemplate(f"{name} is {found}; batches take {', '.join(ENDPOINTS)}.")
    if wished and told and wished != told:
        raise BadTemplate(f"The template is for {told}, --endpoint says {wished}.")
    return wished or told or _guess_endpoint(body)


def _guess_endpoint(body: Mapping[str, Any]) -> str:
    model = str(body.get("model") or "")
    if "messages" in body:
        return CHAT
    if "input" in body:
        return EMBEDDINGS if "embedding" in model else "/v1/moderations" if "moderation" in model else RESPONSES
    if isinstance(body.get("prompt"), dict):
        return RESPONSES
    if "prompt" in body:
        return "/v1/images/generations" if "image" in model or "dall-e" in model else "/v1/completions"
    raise BadTemplate("The template has neither input nor messages, so it does not tell its endpoint: --endpoint.")


def _structure(
    endpoint: str, body: Mapping[str, Any], schema: Mapping[str, Any], name: str, notes: list[str]
) -> dict[str, Any]:
    """Return the fields that have the answer keep to a schema, in the endpoint's own form. Raises BadTemplate."""
    if isinstance(schema.get("schema"), dict):  # it came in an envelope already
        form = {key: value for key, value in schema.items() if key in ("name", "description", "strict", "schema")}
    else:
        form = {"schema": dict(schema)}
    shape = form["schema"]
    form["name"] = _SCHEMA_NAME.sub("_", str(form.get("name") or shape.get("title") or name or "answer"))[:64]
    if "strict" not in form:
        form["strict"] = loose = not (found := find_looseness(shape))
        if not loose:
            notes.append(f"The schema is sent without strict, so that answers may differ from it: {found}.")
    form = _escape(form)
    if endpoint == RESPONSES:
        return {"text": {**_read_object(body.get("text")), "format": {"type": "json_schema", **form}}}
    if endpoint == CHAT:
        return {"response_format": {"type": "json_schema", "json_schema": form}}
    raise BadTemplate(f"{endpoint} takes no schema: {RESPONSES} and {CHAT} do.")


def _read_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _escape(value: Any) -> Any:
    """Return a JSON value in which braces are no placeholders."""
    match value:
        case str():
            return value.replace("{", "{{").replace("}", "}}")
        case dict():
            return {name: _escape(inner) for name, inner in value.items()}
        case list():
            return [_escape(inner) for inner in value]
    return value


def find_looseness(schema: Any, at: str = "") -> str:
    """Return why a schema cannot be sent as strict, "" if it can: an object requires all it has and no more."""
    if isinstance(schema, list):
        return next(filter(None, (find_looseness(each, at) for each in schema)), "")
    if not isinstance(schema, dict):
        return ""
    here = at or "it"
    if schema.get("type") == "object" or "properties" in schema:
        names = set(_read_object(schema.get("properties")))
        if schema.get("additionalProperties") is not False:
            return f"{here} lacks additionalProperties: false"
        if missing := names - set(schema.get("required") or ()):
            return f"{here} does not require {', '.join(sorted(missing))}"
    for name, inner in schema.items():
        if name in ("properties", "$defs", "definitions") and isinstance(inner, dict):
            found = next(filter(None, (find_looseness(each, key) for key, each in inner.items())), "")
        else:
            found = find_looseness(inner, at) if name in ("items", "anyOf") else ""
        if found:
            return found
    return ""
