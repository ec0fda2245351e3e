"""The contract: what the API's description says about each request and answer, held against what is sent.

Give a client the hook and no answer of its escapes: `httpx.Client(..., event_hooks={"response": [hook]})`, or, for
the official client, `openai.OpenAI(..., http_client=openai.DefaultHttpxClient(event_hooks=...))`. Events of a
stream are checked one by one with `check_event`. `schemas.json.gz` is written by `excerpt.py`.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

JSON = dict[str, Any]

# Where the description is wrong about the platform. Null in its own examples or by its own text, as are `first_id`
# and `last_id` of every list that is empty:
MAY_BE_NULL = {
    "Batch": (
        *("errors", "output_file_id", "error_file_id", "in_progress_at", "finalizing_at", "completed_at"),
        *("failed_at", "expired_at", "cancelling_at", "cancelled_at"),
    ),
    "EvalRun": ("error", "per_model_usage", "per_testing_criteria_results"),
    "EvalRunOutputItem": ("sample.error",),
    "OpenAIFile": ("expires_at", "status_details"),
    "Response": ("usage",),
    "RunObject": ("instructions",),
}
# What stands here is one of many, by name:
NAMED = {"GraderMulti": "graders"}
# Values that operations of the API take or cause, and that the type of the object lacks:
ALSO = {
    ("ChatCompletionMessageToolCallChunk", "type"): ("custom",),
    ("ChatCompletionResponseMessage", "role"): ("developer", "system", "user", "tool", "function"),
    ("FineTuningJob", "status"): ("pausing", "paused"),
    ("OpenAIFile", "purpose"): ("evals",),
}
# What newer official clients call by another path than the description.
MOVED = {"POST /evals/{eval_id}/runs/{run_id}/cancel": "POST /evals/{eval_id}/runs/{run_id}"}


class Breach(AssertionError):
    """An answer that the API would not give. Its text tells the operation, the place and the rule."""


def check(method: str, path: str, status: int, body: Any) -> None:
    """Hold an answer against the contract. `path` is below /v1. Raises `Breach`."""
    if status >= 400:
        _hold(_validator("ErrorResponse"), body, f"{status} of {method} {path}")
        return
    operation = _operation(method, path)
    if str(status) not in _contract()["answers"][operation]:
        raise Breach(f"{operation} answers {status}, not one of {', '.join(_contract()['answers'][operation])}")
    _hold(_validator("answers", operation, str(status)), body, f"{status} of {operation}")


def check_event(method: str, path: str, event: Any) -> None:
    """Hold one event of a stream, as the description writes it, against the contract. Raises `Breach`."""
    operation = _operation(method, path)
    _hold(_validator("events", operation), event, f"an event of {operation}")


def check_body(method: str, path: str, body: JSON, kind: str = "application/json") -> None:
    """Hold a request's body against the contract; a field that the description does not know is a breach too.

    Of a form (`multipart/form-data`) it holds the fields' values and a text for each file. Raises `Breach`.
    """
    operation = _operation(method, path)
    if kind not in _contract()["bodies"][operation]:
        raise Breach(f"{operation} takes no {kind}")
    _hold(_validator("bodies", operation, kind), body, f"the body of {operation}")
    known = _fields(_contract()["bodies"][operation][kind])
    if strange := sorted(set(body) - known):
        raise Breach(f"the body of {operation}: the API knows no {', '.join(strange)}")


def check_query(method: str, path: str, query: JSON) -> None:
    """Hold the parameters of a query, as texts or values, against the contract. Raises `Breach`.

    `name[]` is one of several values, `name[of]` a part of one.
    """
    operation = _operation(method, path)
    known = _contract()["queries"][operation]
    for written, value in query.items():
        name, _, part = written.removesuffix("]").partition("[")
        name = written if written in known else name
        if name not in known:
            raise Breach(f"{operation} has no parameter {name}")
        worth: Any = {part: 1} if part else [value] if written.endswith("[]") else value
        if isinstance(worth, str) and known[name].get("type") in ("boolean", "integer"):
            worth = json.loads(worth)
        _hold(_validator("queries", operation, name), worth, f"{name} of {operation}")


def _fields(schema: JSON) -> set[str]:
    """The names of the fields that an object of a schema may have, whichever of its alternatives it is."""
    if "$ref" in schema:
        schema = _contract()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    parts = (*schema.get("allOf", ()), *schema.get("anyOf", ()))
    return set(schema.get("properties", ())).union(*map(_fields, parts))


class _Response(Protocol):
    """What the clients of httpx and of its successor have in common."""

    request: Any
    headers: Any
    status_code: int

    def read(self) -> bytes: ...


def hook(response: _Response) -> None:
    """An event hook that checks every JSON answer below /v1, compressed ones apart: those are faults on demand.

    Raises `Breach`.
    """
    path, headers = response.request.url.path, response.headers
    json_ = headers.get("content-type", "").startswith("application/json") and "content-encoding" not in headers
    if json_ and path.startswith("/v1/"):
        check(response.request.method, path.removeprefix("/v1"), response.status_code, json.loads(response.read()))


@functools.cache
def _contract() -> JSON:
    contract: JSON = json.loads(gzip.decompress(Path(__file__).with_name("schemas.json.gz").read_bytes()))
    for (name, field), values in ALSO.items():
        contract["$defs"][name]["properties"][field]["enum"] += values
    for path, described in MOVED.items():
        contract["answers"][path] = contract["answers"][described]
    for name, field in NAMED.items():
        properties = contract["$defs"][name]["properties"]
        properties[field] = {"type": "object", "additionalProperties": properties[field]}
    for name, schema in contract["$defs"].items():
        parts = (schema, *schema.get("allOf", ())[::-1])
        own: JSON = next((part["properties"] for part in parts if "properties" in part), {})
        ends = {"first_id", "last_id"} & set(own) if "has_more" in own else ()
        for field in (*MAY_BE_NULL.get(name, ()), *ends):
            *outer, inner = field.split(".")
            place: JSON = functools.reduce(lambda found, step: found[step]["properties"], outer, own)
            place[inner] = {"anyOf": [place[inner], {"type": "null"}]}
    return contract


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """All operations; of those that a path fits, the one with the most literal steps comes first."""
    ordered = sorted(_contract()["answers"], key=lambda operation: operation.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", operation)), operation) for operation in ordered]


def _operation(method: str, path: str) -> str:
    for pattern, operation in _patterns():
        if pattern.fullmatch(f"{method} {path}"):
            return operation
    raise Breach(f"the API has no operation {method} {path}")


@functools.cache
def _validator(*steps: str) -> Draft202012Validator:
    """The validator of a component, or of what stands at these steps in the contract."""
    schema = _contract()
    for step in steps if len(steps) > 1 else ("$defs", *steps):
        schema = schema[step]
    return Draft202012Validator({**schema, "$defs": _contract()["$defs"]})


def _hold(validator: Draft202012Validator, body: Any, what: str) -> None:
    if error := best_match(validator.iter_errors(body)):
        raise Breach(f"{what}: at {error.json_path} {error.message[:300]}")
