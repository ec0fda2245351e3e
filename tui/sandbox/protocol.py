"""Errors, the base models of queries, forms and bodies, and how they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.responses import Response

from tui.sandbox.world import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Answer = JSON | Response
M = TypeVar("M", bound=BaseModel)


class Problem(Exception):
    """A request the platform refuses, with its error object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": type, "param": param, "code": code}
        self.headers = headers

    def response(self) -> Response:
        """Return the error as a response."""
        return json_response(json.dumps({"error": self.error}), self.status, self.headers)


def json_response(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of ready JSON text."""
    return Response(text.encode(), status, headers, "application/json")


# What requests carry.


class Body(BaseModel):
    """Base of JSON bodies: as strict as the platform."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Fields(BaseModel):
    """Base of queries and forms: everything arrives as text, and strangers are ignored."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True, defer_build=True)


class Listing(Fields):
    """The query of most lists."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class OrderedListing(Listing):
    """The query of lists that can be turned round and read backwards, newest first unless asked otherwise."""

    order: Literal["asc", "desc"] = "desc"
    before: str | None = None


class ExpiresAfter(Body):
    """The life of a file: seconds after its creation."""

    anchor: Literal["created_at"]
    seconds: Annotated[int, Field(ge=3600, le=2_592_000)]


Metadata = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=512)]],
    Field(max_length=16),
]

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_NOUNS = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}


def parse(model: type[M], raw: Any) -> M:
    """Read a body, query or form as `model`. Raises `Problem` with the platform's words for what is wrong."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        # A union reports each branch; the deepest complaint is about the branch that was meant.
        faults = [(_path(raw, fault["loc"], fault["type"]), fault) for fault in error.errors(include_url=False)]
        path, worst = max(faults, key=lambda found: len(found[0]))
        raise _problem(worst["type"], path, worst["input"], worst.get("ctx", {})) from None


def _path(raw: Any, location: Iterable[int | str], kind: str) -> list[int | str]:
    """Return the steps of `location` that exist in the request, or are missing: pydantic adds names of unions."""
    path: list[int | str] = []
    steps = list(location)
    for number, step in enumerate(steps):
        if isinstance(raw, dict) and (step in raw or (kind == "missing" and number == len(steps) - 1)):
            raw = raw.get(step)
        elif isinstance(raw, list) and isinstance(step, int) and step < len(raw):
            raw = raw[step]
        else:
            continue
        path.append(step)
    return path


def _problem(kind: str, path: Sequence[int | str], given: Any, context: Mapping[str, Any]) -> Problem:
    """Return the platform's error for one fault found by pydantic."""
    param = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or None
    got = "null" if given is None else _NOUNS.get(type(given), "an object")
    if kind.startswith("union_tag") and isinstance(given, dict):  # the fault is of the field that tells the branch
        field = str(context["discriminator"]).strip("'")
        return _problem(
            "missing" if field not in given else "literal_error", [*path, field], given.get(field), context
        )
    if kind == "missing":
        return Problem(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")
    if kind == "extra_forbidden":
        return Problem(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")
    if kind == "literal_error" and isinstance(given, str):
        choices = str(context.get("expected") or context.get("expected_tags")).replace(" or ", ", ")
        return Problem(
            f"Invalid value: '{given}'. Supported values are: {choices}.", param=param, code="invalid_value"
        )
    if kind == "string_pattern_mismatch":
        message = f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern "
        return Problem(f"{message}'{context['pattern']}'.", param=param, code="invalid_value")
    if param is None:
        return Problem(f"Invalid request body: expected an object, but got {got} instead.", code="invalid_type")
    if kind in _EXPECTED:
        message = f"Invalid type for '{param}': expected {_EXPECTED[kind]}, but got {got} instead."
        return Problem(message, param=param, code="invalid_type")
    noun = "integer" if isinstance(given, int) or str(given).lstrip("-").isdigit() else "decimal"
    for side, relation, bounds in (("minimum", ">=", ("ge", "gt")), ("maximum", "<=", ("le", "lt"))):
        bound = next((context[name] for name in bounds if name in context), None)
        if bound is not None:
            where, code = ("below", "below_min") if side == "minimum" else ("above", "above_max")
            message = f"Invalid '{param}': {noun} {where} {side} value. "
            message += f"Expected a value {relation} {bound}, but got {given} instead."
            return Problem(message, param=param, code=f"{noun}_{code}_value")
    for side, name, code in (("short", "min_length", "below_min"), ("long", "max_length", "above_max")):
        if name in context:
            what = "string" if isinstance(given, str) else "array" if isinstance(given, list) else "object"
            message = f"Invalid '{param}': {what} too {side}. Expected a {name.replace('_', 'imum ')} of "
            message += f"{context[name]}, but got {len(given)} instead."
            return Problem(message, param=param, code=f"{what}_{code}_length")
    return Problem(f"Invalid type for '{param}': got {got} instead.", param=param, code="invalid_type")
